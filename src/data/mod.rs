//! The application's data: its bytes, the fingerprint of its type, and the types that a session is read from.

pub(crate) mod decoders;
pub(crate) mod payload;
pub(crate) mod schema;

pub use payload::{OlderData, SessionData};
pub use schema::SchemaFingerprint;
