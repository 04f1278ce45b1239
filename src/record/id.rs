//! The name of a session.

use std::fmt;

use crate::crypto::hex;
use crate::crypto::random;
use crate::error::RandomError;

/// The random name of one session: 11 octets, for logs, audits and lists of what was revoked.
///
/// It is sealed in the cookie and changes at login ([`authenticated`](crate::Session::authenticated)) and with every
/// change of privilege ([`renew_id`](crate::Session::renew_id), which keeps the first eight octets). It is a name, not a secret: who knows it can
/// open nothing with it. `Display` writes it in hexadecimal.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId([u8; Self::OCTETS]);

impl SessionId {
    /// How many octets it has. 88 bits repeat once in 10¹³ sessions (FORMAT §7).
    pub const OCTETS: usize = 11;

    /// Its octets.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::OCTETS] {
        &self.0
    }

    /// The octets, its first, which all ids of a session have in common from its beginning on.
    pub(crate) const LINE: usize = 8;

    /// The first id of a session, or the next one of the line of `last`.
    pub(crate) fn draw(last: Option<Self>) -> Result<Self, RandomError> {
        let mut id = random::octets().map(Self)?;
        if let Some(last) = last {
            id.0.iter_mut().zip(last.0).take(Self::LINE).for_each(|(octet, old)| *octet = old);
            if id == last {
                // Once in 2^24: the note of the last one must not end this one.
                id.0.last_mut().into_iter().for_each(|octet| *octet = !*octet);
            }
        }
        Ok(id)
    }

    /// Whether both are ids of one session.
    #[cfg(feature = "handle")]
    pub(crate) fn is_of_line(self, other: Self) -> bool {
        self.0.iter().zip(other.0).take(Self::LINE).all(|(octet, others)| *octet == others)
    }

    /// What stands in a record until an id is drawn.
    pub(crate) const NONE: Self = Self([0; Self::OCTETS]);

    /// The id of these octets, for instance from a list of revoked ones.
    #[must_use]
    pub const fn from_bytes(octets: [u8; Self::OCTETS]) -> Self {
        Self(octets)
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
