//! The three sessions: small, middling, large.

use std::fmt::Debug;

use sealed_session::SessionData;
use serde::{Deserialize, Serialize};

pub trait Data: SessionData + Clone + Debug + PartialEq {
    /// What a handler does.
    fn change(&mut self);
}

impl Data for Small {
    fn change(&mut self) {
        self.theme ^= 1;
    }
}

impl Data for Middling {
    fn change(&mut self) {
        self.theme ^= 1;
    }
}

impl Data for Large {
    fn change(&mut self) {
        self.iter_mut().for_each(Data::change);
    }
}

/// An id, a flag, a byte: 6 bytes of postcard.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Small {
    user_id: u64,
    is_admin: bool,
    theme: u8,
}

/// A user, eight permissions, a CSRF token: about 350 bytes of JSON.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Middling {
    user_id: u64,
    name: String,
    email: String,
    permissions: Vec<String>,
    csrf_token: String,
    signed_up: u64,
    language: String,
    theme: u8,
}

/// Eight of those: about 2.8 kB of JSON.
pub type Large = Vec<Middling>;

impl Middling {
    /// The same for another user.
    pub fn of_user(self, user_id: u64) -> Self {
        Self { user_id, ..self }
    }

    pub fn user(&self) -> u64 {
        self.user_id
    }
}

pub fn small() -> Small {
    Small { user_id: 123_456_789, is_admin: true, theme: 2 }
}

pub fn middling() -> Middling {
    Middling {
        user_id: 123_456_789,
        name: "Ada Lovelace".into(),
        email: "ada.lovelace@analytical-engine.example".into(),
        permissions: ["read", "write", "invite", "export", "billing", "audit", "support", "deploy"]
            .map(|permission| format!("projects:{permission}"))
            .into(),
        csrf_token: "0123456789abcdef0123456789abcdef".into(),
        signed_up: 1_700_000_000,
        language: "en-GB".into(),
        theme: 2,
    }
}

pub fn large() -> Large {
    vec![middling(); 8]
}
