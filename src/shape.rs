//! The fingerprint of a session type, which stands at the start of every record (FORMAT §8).

/// Five octets that stand for the type of the payload; zero for every type as yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape([u8; Self::OCTETS]);

impl Shape {
    pub(crate) const OCTETS: usize = 5;
    pub(crate) const UNKNOWN: Self = Self([0; Self::OCTETS]);

    pub(crate) const fn as_bytes(&self) -> &[u8; Self::OCTETS] {
        &self.0
    }

    pub(crate) const fn from_bytes(octets: [u8; Self::OCTETS]) -> Self {
        Self(octets)
    }
}
