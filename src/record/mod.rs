//! What the plaintext of a session says about the session: its ID, its times, and the two small cookies that go with
//! it.

#[cfg(feature = "revocation")]
pub(crate) mod entry;
pub(crate) mod header;
pub(crate) mod id;
pub(crate) mod last_seen;
pub(crate) mod lifetime;
pub(crate) mod tombstone;
