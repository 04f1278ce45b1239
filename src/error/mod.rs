//! The vocabulary of failure, by who can do something about it.
//!
//! [`Rejection`]: what a client sent; expected, never an error response. [`SaveError`]: what the application gave.
//! [`KeyError`], [`KeyRingError`], [`RotateError`]: what the operator configured. [`ConfigError`]: what the developer
//! configured. None of them holds a key, a cookie or data, so all of them may be logged.

mod config;
mod forgery;
mod key;
mod rejection;
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
pub use rotate::RotateError;
pub use save::SaveError;
pub use schema::SchemaError;
pub use token::{TokenOpenError, TokenSealError};

/// The operating system's random generator failed. There is no fallback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RandomError;

impl fmt::Display for RandomError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the operating system's random generator failed")
    }
}

impl Error for RandomError {}
