//! What became of a session's ID since the load.

use crate::error::RandomError;
use crate::record::id::SessionId;
use crate::record::tombstone::Scope;

/// What became of the ID. A session has none until one is drawn, which `save` does at the latest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IdState {
    /// The session goes on, or is a fresh one.
    Unchanged(Option<SessionId>),
    /// The session goes on under another ID of the same family.
    Cycled { last: Option<SessionId>, next: Option<SessionId> },
    /// A login or a reset began the session anew.
    Begun { id: Option<SessionId>, authenticated: bool },
    /// A logout ended the session. What the handler holds is a fresh one.
    Destroyed { id: Option<SessionId>, authenticated: bool },
}

impl IdState {
    /// The ID under which the session is going to be saved, if it has been drawn.
    pub(crate) const fn id(self) -> Option<SessionId> {
        match self {
            Self::Unchanged(id)
            | Self::Cycled { next: id, .. }
            | Self::Begun { id, .. }
            | Self::Destroyed { id, .. } => id,
        }
    }

    /// The ID, drawn now if there is none.
    pub(crate) fn ensure(&mut self) -> Result<SessionId, RandomError> {
        let last = if let Self::Cycled { last, .. } = self { *last } else { None };
        let (Self::Unchanged(id)
        | Self::Cycled { next: id, .. }
        | Self::Begun { id, .. }
        | Self::Destroyed { id, .. }) = self;
        match id {
            Some(id) => Ok(*id),
            None => Ok(*id.insert(SessionId::draw(last)?)),
        }
    }

    /// The session goes on under another ID.
    pub(crate) fn cycle(&mut self) {
        match self {
            Self::Unchanged(id) => *self = Self::Cycled { last: *id, next: None },
            Self::Cycled { last, next } => *last = next.take().or(*last),
            Self::Begun { id, .. } | Self::Destroyed { id, .. } => *id = None,
        }
    }

    /// The session begins anew, by a login if it is `authenticated`.
    pub(crate) fn begin(&mut self, authenticated: bool) {
        *self = match self {
            Self::Destroyed { .. } => Self::Destroyed { id: None, authenticated },
            _ => Self::Begun { id: None, authenticated },
        };
    }

    pub(crate) fn destroy(&mut self) {
        *self = Self::Destroyed { id: None, authenticated: false };
    }

    /// Whether the session still goes on under an ID of this family.
    #[cfg(feature = "handle")]
    pub(crate) fn is_of_family(self, id: SessionId) -> bool {
        let last = if let Self::Cycled { last, .. } = self { last } else { None };
        self.id().or(last).is_some_and(|own| own.is_of_family(id))
    }

    pub(crate) const fn is_destroyed(self) -> bool {
        matches!(self, Self::Destroyed { .. })
    }

    /// What the tombstones of this response end.
    pub(crate) const fn ends(self) -> Option<Scope> {
        match self {
            Self::Unchanged(_) => None,
            Self::Cycled { .. } => Some(Scope::Id),
            Self::Begun { .. } | Self::Destroyed { .. } => Some(Scope::Family),
        }
    }

    /// Whether a login has begun the session anew; `None` if it goes on from where it was loaded.
    pub(crate) const fn begins(self) -> Option<bool> {
        match self {
            Self::Unchanged(_) | Self::Cycled { .. } => None,
            Self::Begun { authenticated, .. } | Self::Destroyed { authenticated, .. } => Some(authenticated),
        }
    }
}
