//! The name of a session.

use std::fmt;

use crate::error::RandomError;
use crate::hex;
use crate::random;

/// The random name of one session: 11 octets, for logs, audits and lists of what was revoked.
///
/// It is sealed in the cookie and changes at login ([`authenticated`](crate::Session::authenticated)) and with every
/// change of privilege ([`renew_id`](crate::Session::renew_id)). It is a name, not a secret: who knows it can
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

    pub(crate) fn draw() -> Result<Self, RandomError> {
        random::octets().map(Self)
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
