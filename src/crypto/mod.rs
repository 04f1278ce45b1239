//! What is taken from other crates: ciphers, random bytes, wiped memory, encodings. The only folder that names
//! cryptographic crates.

pub(crate) mod aead;
pub(crate) mod base64url;
pub(crate) mod hex;
pub(crate) mod mac;
pub(crate) mod random;
pub(crate) mod secret;
pub(crate) mod sha256;
