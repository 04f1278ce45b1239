//! For tools: what a token says of itself, and what is in one, without the type of the session.
//!
//! The command line (`sealed-session-cli`) is built on it. An application has no use for it:
//! [`Sessions`](crate::Sessions) opens with all checks, the schema's among them, and returns typed data.

mod cookie;
mod envelope;
#[cfg(feature = "revocation")]
mod revocation;
mod text;

pub use cookie::{Inspected, Inspection, Record};
pub use envelope::Envelope;
#[cfg(feature = "revocation")]
#[cfg_attr(docsrs, doc(cfg(feature = "revocation")))]
pub use revocation::{InspectedRevocation, Revoked, SubjectDigest};
pub use text::may_hold_a_key;

pub use crate::time::timestamp::Timestamp;
