//! Where each key of a ring stands at a moment: for people, monitoring, and the command line.

use std::fmt;
use std::time::SystemTime;

use super::KeyId;
use super::keys::{Entry, Keys};
use crate::crypto::aead::Algorithm;
use crate::time::Seconds;

/// Where a key stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyState {
    /// It opens, and does not seal yet.
    Announced,
    /// It seals.
    Sealing,
    /// It has sealed, and only opens.
    Opening,
    /// It opens no longer.
    Expired,
}

impl KeyState {
    /// The word, such as `announced`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Announced => "announced",
            Self::Sealing => "sealing",
            Self::Opening => "opening",
            Self::Expired => "expired",
        }
    }
}

impl fmt::Display for KeyState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Where one key of a ring stands at a moment. See [`KeyRing::status`](crate::KeyRing::status).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyStatus {
    /// Its id.
    pub id: KeyId,
    /// The algorithm that it is bound to.
    pub algorithm: Algorithm,
    /// What it does at this moment.
    pub state: KeyState,
    /// Since when it does that, where the ring says so.
    pub since: Option<SystemTime>,
    /// Until when it does that, where the ring says so.
    pub until: Option<SystemTime>,
    /// When it begins to seal, or began to; `None` in a plain ring.
    pub seals_from: Option<SystemTime>,
    /// When it stops opening: from then on it may be dropped. `None` where the ring does not say.
    pub opens_until: Option<SystemTime>,
}

pub(super) fn status(keys: &Keys, now: Seconds) -> Vec<KeyStatus> {
    let sealing = keys.would_seal(now).id();
    let entries: Vec<_> = keys.in_order().collect();
    let mut has_sealed = keys.is_dated;
    let with_state = entries.iter().enumerate().map(|(at, entry)| {
        let next = entries.get(at.saturating_add(1)).and_then(|next| next.seals_from);
        let state = if entry.id() == sealing {
            has_sealed = false; // those that follow seal later
            KeyState::Sealing
        } else if entry.opens_until.is_some_and(|until| until <= now) {
            KeyState::Expired
        } else if has_sealed || !keys.is_dated {
            KeyState::Opening
        } else {
            KeyState::Announced
        };
        key_status(entry, state, next)
    });
    with_state.collect()
}

/// `next` is when another key takes over.
fn key_status(entry: &Entry, state: KeyState, next: Option<Seconds>) -> KeyStatus {
    let Entry { key, seals_from, opens_until } = entry;
    let (since, until) = match state {
        KeyState::Announced => (None, *seals_from),
        KeyState::Sealing => (*seals_from, next),
        KeyState::Opening => (next, *opens_until),
        KeyState::Expired => (*opens_until, None),
    };
    let time = |seconds: Option<Seconds>| seconds.map(Seconds::to_system);
    KeyStatus {
        id: key.id(),
        algorithm: key.algorithm(),
        state,
        since: time(since),
        until: time(until),
        seals_from: time(*seals_from),
        opens_until: time(*opens_until),
    }
}
