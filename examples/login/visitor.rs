//! What a session holds, in two versions of the application: the second has a field more.

use sealed_session::SessionData;
use serde::{Deserialize, Serialize};

/// As it was first deployed. `Default` is what every stranger gets: a visitor with no rights.
#[derive(Clone, Default, Deserialize, Serialize)]
pub(crate) struct Visitor {
    user: Option<String>,
    /// For show. Whoever keeps an old cookie can bring an old number back, so nothing may depend on it.
    logins: u32,
}

/// The next version. A field that is appended with `#[serde(default)]` needs nothing else: this version reads the
/// cookies of the first. The first does not read those that this one has written, and never misreads them.
#[derive(Clone, Default, Deserialize, Serialize)]
pub(crate) struct ThemedVisitor {
    user: Option<String>,
    logins: u32,
    #[serde(default)]
    pub(crate) theme: Theme,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    pub(crate) const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// What the pages want of either, because this process can run both. An application has one type, and no such trait.
pub(crate) trait AnyVisitor: SessionData + Clone {
    fn user(&self) -> Option<&str>;
    fn logins(&self) -> u32;
    /// Of what a visitor has had, the count goes on, and nothing that another person may have left.
    fn after_login(&self, user: String) -> Self;
    /// `None` before there was such a field.
    fn theme(&self) -> Option<Theme>;
}

impl AnyVisitor for Visitor {
    fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    fn logins(&self) -> u32 {
        self.logins
    }

    fn after_login(&self, user: String) -> Self {
        Self { user: Some(user), logins: self.logins.saturating_add(1) }
    }

    fn theme(&self) -> Option<Theme> {
        None
    }
}

impl AnyVisitor for ThemedVisitor {
    fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    fn logins(&self) -> u32 {
        self.logins
    }

    fn after_login(&self, user: String) -> Self {
        Self { user: Some(user), logins: self.logins.saturating_add(1), ..Self::default() }
    }

    fn theme(&self) -> Option<Theme> {
        Some(self.theme)
    }
}
