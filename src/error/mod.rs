//! The vocabulary of failure, by who can do something about it.
//!
//! [`Rejection`]: what a client sent; expected, never an error response. [`SaveError`]: what the application gave.
//! [`KeyError`], [`KeyRingError`], [`RotateError`]: what the operator configured. [`ConfigError`]: what the developer
//! configured. None of them holds a key, a cookie or data, so all of them may be logged.

mod config;
mod forgery;
mod key;
mod rejection;
#[cfg(feature = "revocation")]
mod revoke;
mod rotate;
mod save;
mod schema;
mod token;

use std::error::Error;
use std::fmt;

pub use config::ConfigError;
pub(crate) use config::Rule;
pub use forgery::ForgeryError;
pub use key::{KeyError, KeyRingError};
pub use rejection::Rejection;
#[cfg(all(feature = "revocation", feature = "watch"))]
pub use revoke::RevocationFileError;
#[cfg(feature = "revocation")]
pub use revoke::RevokeError;
pub use rotate::RotateError;
pub use save::SaveError;
pub use schema::SchemaError;
pub use token::{TokenOpenError, TokenSealError};

/// `Debug` of every error: its sentence, with its label behind it where that is not the sentence. A `main` that returns
/// an error prints its `Debug`, and so does `unwrap`.
pub(crate) fn fmt_debug(sentence: &dyn fmt::Display, label: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let sentence = sentence.to_string();
    f.write_str(&sentence)?;
    if sentence == label { Ok(()) } else { write!(f, " ({label})") }
}

/// The operating system's random generator failed. There is no fallback.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RandomError;

impl fmt::Debug for RandomError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_debug(self, "random", f)
    }
}

impl fmt::Display for RandomError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the operating system's random generator failed")
    }
}

impl Error for RandomError {}
