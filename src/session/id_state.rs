//! What became of a session's ID since the load.

use crate::error::RandomError;
use crate::record::id::{FamilyId, SessionId};
use crate::record::tombstone::Scope;

/// What became of the ID. A session has none until one is drawn, which `save` does at the latest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IdState {
    /// The session goes on, or is a fresh one.
    Unchanged(NextId),
    /// The session goes on under another ID of the same family.
    Cycled(NextId),
    /// The session goes on in another family.
    Moved(NextId),
    /// A login or a reset began the session anew.
    Begun { id: NextId, authenticated: bool },
    /// A logout ended the session. What the handler holds is a fresh one.
    Destroyed { id: NextId, authenticated: bool },
}

/// The ID under which the session is going to be saved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct NextId {
    /// `None` until it is drawn.
    drawn: Option<SessionId>,
    /// The ID whose family it is going to have; `None` for a new family.
    last: Option<SessionId>,
}

impl NextId {
    /// Another one of the same family.
    const fn cycled(self) -> Self {
        Self { drawn: None, last: if self.drawn.is_some() { self.drawn } else { self.last } }
    }
}

impl IdState {
    /// A session was loaded with this ID, or a fresh one has none yet.
    pub(crate) const fn loaded(id: Option<SessionId>) -> Self {
        Self::Unchanged(NextId { drawn: id, last: None })
    }

    const fn next(self) -> NextId {
        match self {
            Self::Unchanged(id)
            | Self::Cycled(id)
            | Self::Moved(id)
            | Self::Begun { id, .. }
            | Self::Destroyed { id, .. } => id,
        }
    }

    /// The ID under which the session is going to be saved, if it has been drawn.
    pub(crate) const fn id(self) -> Option<SessionId> {
        self.next().drawn
    }

    /// The ID, drawn now if there is none.
    pub(crate) fn ensure(&mut self) -> Result<SessionId, RandomError> {
        let id = self.next_mut();
        match id.drawn {
            Some(drawn) => Ok(drawn),
            None => Ok(*id.drawn.insert(SessionId::draw(id.last)?)),
        }
    }

    /// The ID, of these random bytes if there is none.
    pub(crate) fn ensure_of(&mut self, random: [u8; SessionId::LEN]) -> SessionId {
        let id = self.next_mut();
        *id.drawn.get_or_insert_with(|| SessionId::of(random, id.last))
    }

    const fn next_mut(&mut self) -> &mut NextId {
        match self {
            Self::Unchanged(id)
            | Self::Cycled(id)
            | Self::Moved(id)
            | Self::Begun { id, .. }
            | Self::Destroyed { id, .. } => id,
        }
    }

    /// The session goes on under another ID.
    pub(crate) const fn cycle(&mut self) {
        *self = match *self {
            Self::Unchanged(id) | Self::Cycled(id) => Self::Cycled(id.cycled()),
            Self::Moved(id) => Self::Moved(id.cycled()),
            Self::Begun { id, authenticated } => Self::Begun { id: id.cycled(), authenticated },
            Self::Destroyed { id, authenticated } => Self::Destroyed { id: id.cycled(), authenticated },
        };
    }

    /// The session goes on in a new family. One that begins has a new family anyway.
    #[cfg(feature = "revocation")]
    pub(crate) fn move_on(&mut self) {
        if let Self::Unchanged(_) | Self::Cycled(_) = self {
            *self = Self::Moved(NextId::default());
        }
    }

    /// The session begins anew, by a login if it is `authenticated`.
    pub(crate) fn begin(&mut self, authenticated: bool) {
        let id = NextId::default();
        *self = match self {
            Self::Destroyed { .. } => Self::Destroyed { id, authenticated },
            _ => Self::Begun { id, authenticated },
        };
    }

    pub(crate) fn destroy(&mut self) {
        *self = Self::Destroyed { id: NextId::default(), authenticated: false };
    }

    /// The family, if it has been drawn.
    pub(crate) const fn family(self) -> Option<FamilyId> {
        match self.next() {
            NextId { drawn: Some(id), .. } | NextId { drawn: None, last: Some(id) } => Some(id.family()),
            NextId { drawn: None, last: None } => None,
        }
    }

    /// The application revoked the session: what the handler holds is a fresh one, and no tombstone says that the old
    /// one ended. A logout is not forgotten.
    pub(crate) fn revoke(&mut self) {
        match self {
            Self::Destroyed { .. } => self.destroy(),
            _ => *self = Self::loaded(None),
        }
    }

    pub(crate) const fn is_destroyed(self) -> bool {
        matches!(self, Self::Destroyed { .. })
    }

    /// What the tombstones of this response end.
    pub(crate) const fn ends(self) -> Option<Scope> {
        match self {
            Self::Unchanged(_) => None,
            Self::Cycled(_) => Some(Scope::Id),
            Self::Moved(_) | Self::Begun { .. } | Self::Destroyed { .. } => Some(Scope::Family),
        }
    }

    /// Whether a login has begun the session anew; `None` if it goes on from where it was loaded.
    pub(crate) const fn begins(self) -> Option<bool> {
        match self {
            Self::Unchanged(_) | Self::Cycled(_) | Self::Moved(_) => None,
            Self::Begun { authenticated, .. } | Self::Destroyed { authenticated, .. } => Some(authenticated),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOADED: SessionId = SessionId::from_bytes([7; SessionId::LEN]);

    /// What is left of these steps: what the tombstones end, whether a login began it, and whether the ID is the loaded
    /// one, one of its family, or of another.
    fn after(steps: &[&str]) -> (Option<Scope>, Option<bool>, &'static str) {
        let mut state = IdState::loaded(Some(LOADED));
        for step in steps {
            match *step {
                "cycle" => state.cycle(),
                "log in" => state.begin(true),
                "reset" => state.begin(false),
                "log out" => state.destroy(),
                "revoke" => state.revoke(),
                "draw" => drop(state.ensure().unwrap()),
                other => panic!("{other}"),
            }
        }
        let id = state.ensure().unwrap();
        assert_eq!(state.id(), Some(id));
        let which = match id {
            LOADED => "the same",
            id if id.family() == LOADED.family() => "of the family",
            _ => "new",
        };
        (state.ends(), state.begins(), which)
    }

    #[test]
    fn the_strongest_of_several_steps_counts() {
        let (id, family) = (Some(Scope::Id), Some(Scope::Family));
        for (steps, expected) in [
            (&[][..], (None, None, "the same")),
            (&["cycle"], (id, None, "of the family")),
            (&["cycle", "cycle"], (id, None, "of the family")),
            (&["cycle", "draw", "cycle"], (id, None, "of the family")),
            (&["log in"], (family, Some(true), "new")),
            (&["cycle", "log in"], (family, Some(true), "new")),
            (&["log in", "cycle"], (family, Some(true), "new")),
            (&["log in", "reset"], (family, Some(false), "new")),
            (&["log out"], (family, Some(false), "new")),
            (&["log in", "log out"], (family, Some(false), "new")),
            (&["log out", "log in"], (family, Some(true), "new")),
            (&["log out", "cycle"], (family, Some(false), "new")),
            (&["log out", "log in", "reset"], (family, Some(false), "new")),
            (&["revoke"], (None, None, "new")),
            (&["cycle", "draw", "revoke"], (None, None, "new")),
            (&["revoke", "log in"], (family, Some(true), "new")),
            (&["log out", "revoke"], (family, Some(false), "new")),
        ] {
            assert_eq!(after(steps), expected, "{steps:?}");
        }
    }

    #[test]
    fn a_new_id_keeps_the_family_wherever_it_comes_from() {
        for begin in [IdState::destroy, |state: &mut IdState| state.begin(true), |_: &mut IdState| ()] {
            let mut state = IdState::loaded(None);
            begin(&mut state);
            let first = state.ensure().unwrap();
            state.cycle();
            let second = state.ensure().unwrap();
            assert!(first != second && first.family() == second.family(), "{state:?}");
            let is_destroyed = state.is_destroyed();
            state.begin(true);
            assert_eq!(state.is_destroyed(), is_destroyed, "a logout is not forgotten");
            assert_ne!(state.ensure().unwrap().family(), second.family());
        }
    }

    #[test]
    fn the_family_goes_on_until_a_session_begins_or_ends() {
        let mut state = IdState::loaded(Some(LOADED));
        assert_eq!(state.family(), Some(LOADED.family()));
        state.cycle();
        assert_eq!(state.family(), Some(LOADED.family()), "before the next one is drawn, too");
        state.begin(true);
        assert_eq!(state.family(), None);
    }
}
