//! The name of a session.

use std::fmt;

use crate::crypto::hex;
use crate::crypto::random;
use crate::error::RandomError;

/// The random name of one session: 11 bytes, for logs and audits.
///
/// It is sealed in the cookie and changes at a login ([`log_in`](crate::Session::log_in)) and with every change of
/// privilege ([`cycle_id`](crate::Session::cycle_id), which keeps the [family](Self::family)). It is a name, not a
/// secret: nobody can open anything with it. `Display` writes it in hexadecimal.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId([u8; Self::LEN]);

impl SessionId {
    /// How many bytes it has. 88 bits repeat once in 10¹³ sessions (FORMAT §7).
    pub const LEN: usize = 11;

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }

    /// What all IDs share that the session has from its beginning on: the first eight bytes.
    ///
    /// ```
    /// use sealed_session::{FamilyId, SessionId};
    ///
    /// let id = SessionId::from_bytes([7; SessionId::LEN]);
    /// assert_eq!(id.family(), FamilyId::from_bytes([7; FamilyId::LEN]));
    /// ```
    #[must_use]
    pub const fn family(&self) -> FamilyId {
        let [a, b, c, d, e, f, g, h, _, _, _] = self.0;
        FamilyId([a, b, c, d, e, f, g, h])
    }

    /// The first ID of a session, or the next one of the family of `last`.
    pub(crate) fn draw(last: Option<Self>) -> Result<Self, RandomError> {
        random::bytes().map(|drawn| Self::of(drawn, last))
    }

    /// As [`draw`](Self::draw), of random bytes that have been drawn.
    pub(crate) fn of(drawn: [u8; Self::LEN], last: Option<Self>) -> Self {
        let mut id = Self(drawn);
        if let Some(last) = last {
            id.0.iter_mut().zip(last.family().0).for_each(|(byte, old)| *byte = old);
            if id == last {
                // Once in 2^24: the tombstone of the last one must not end this one.
                id.0.last_mut().into_iter().for_each(|byte| *byte = !*byte);
            }
        }
        id
    }

    /// What stands in a record until an id is drawn.
    pub(crate) const NONE: Self = Self([0; Self::LEN]);

    /// The ID of these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }
}

/// What all IDs of a session share from its beginning to its end: eight random bytes.
///
/// Name a session by its family where the name must outlast a change of ID, for instance in a list of revoked sessions:
/// a copy of the cookie that goes through [`cycle_id`](crate::Session::cycle_id) keeps the family. A login begins a new
/// one. `Display` writes it in hexadecimal.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FamilyId([u8; Self::LEN]);

impl FamilyId {
    /// How many bytes it has.
    pub const LEN: usize = 8;

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }

    /// The family of these bytes, for instance from a list of revoked ones.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for FamilyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex::write(&self.0, f)
    }
}

impl fmt::Debug for FamilyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FamilyId({self})")
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex::write(&self.0, f)
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionId({self})")
    }
}
