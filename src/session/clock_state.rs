//! Where the absolute clock of a session stands.

use super::id_state::IdState;
use super::loaded::Loaded;
use crate::record::header::RecordHeader;
use crate::time::Seconds;

/// The absolute clock.
#[derive(Clone, Copy)]
pub(crate) enum ClockState<'a> {
    /// Begins when the session is saved.
    Begins { authenticated: bool },
    /// Began in an earlier request.
    GoesOn(&'a RecordHeader),
}

impl<'a> ClockState<'a> {
    pub(crate) fn of(loaded: &'a Loaded, id: IdState) -> Self {
        match (id.begins(), &loaded.cookie) {
            (Some(authenticated), _) => Self::Begins { authenticated },
            (None, Ok(cookie)) => Self::GoesOn(&cookie.header),
            (None, Err(_)) => Self::Begins { authenticated: false },
        }
    }

    /// When the absolute clock runs out, for a session that was given this lifetime. A clock that begins does so
    /// `now`.
    pub(crate) fn deadline(&self, loaded: &Loaded, now: Seconds, lifetime: Option<u64>) -> Seconds {
        let limits = &loaded.limits;
        match self {
            Self::Begins { .. } => now.plus(limits.of_new(lifetime).0),
            Self::GoesOn(header) => {
                let sealed =
                    lifetime.map_or(header.deadline, |own| header.deadline.min(header.started.plus(own)));
                limits.deadline(header.started, sealed, header.remembered)
            }
        }
    }

    /// When the session started; `now` if it begins.
    pub(crate) fn started(&self, now: Seconds) -> Seconds {
        match self {
            Self::Begins { .. } => now,
            Self::GoesOn(header) => header.started,
        }
    }

    /// When the person last proved who they are, if anybody did; `now` if it begins with a login.
    pub(crate) fn authenticated_at(&self, now: Seconds) -> Option<Seconds> {
        match self {
            Self::Begins { authenticated } => authenticated.then_some(now),
            Self::GoesOn(header) => header.authenticated_at,
        }
    }

    /// Whether the session may outlive the absolute timeout.
    pub(crate) fn is_remembered(&self, loaded: &Loaded, lifetime: Option<u64>) -> bool {
        match self {
            Self::Begins { .. } => loaded.limits.of_new(lifetime).1,
            Self::GoesOn(header) => header.remembered,
        }
    }
}
