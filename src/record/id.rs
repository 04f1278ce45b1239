//! The name of a session.

use std::fmt;

use crate::crypto::hex;
use crate::crypto::random;
use crate::error::RandomError;

/// The random name of one session: 11 bytes, for logs, audits and lists of what was revoked.
///
/// It is sealed in the cookie and changes at login ([`mark_authenticated`](crate::Session::mark_authenticated)) and with
/// every change of privilege ([`cycle_id`](crate::Session::cycle_id), which keeps the first eight bytes). It is a name,
/// not a secret: who knows it can open nothing with it. `Display` writes it in hexadecimal.
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

    /// How many bytes, its first ones, name the family: all IDs that a session has from its beginning on share them.
    pub(crate) const FAMILY: usize = 8;

    /// The first ID of a session, or the next one of the family of `last`.
    pub(crate) fn draw(last: Option<Self>) -> Result<Self, RandomError> {
        let mut id = random::bytes().map(Self)?;
        if let Some(last) = last {
            id.0.iter_mut().zip(last.0).take(Self::FAMILY).for_each(|(byte, old)| *byte = old);
            if id == last {
                // Once in 2^24: the tombstone of the last one must not end this one.
                id.0.last_mut().into_iter().for_each(|byte| *byte = !*byte);
            }
        }
        Ok(id)
    }

    /// Whether both are ids of one session.
    #[cfg(feature = "handle")]
    pub(crate) fn is_of_family(self, other: Self) -> bool {
        self.0.iter().zip(other.0).take(Self::FAMILY).all(|(byte, others)| *byte == others)
    }

    /// What stands in a record until an id is drawn.
    pub(crate) const NONE: Self = Self([0; Self::LEN]);

    /// The id of these bytes, for instance from a list of revoked ones.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
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
