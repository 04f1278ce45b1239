//! Why nothing was revoked.

use std::error::Error;
use std::fmt;

use super::{RandomError, fmt_debug};

/// Why a [revocation](crate::revocation::Revocations) was not made, or not sealed for a channel.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RevokeError {
    /// No `Sessions` has been built with the revocations, so their keys are not known.
    NoSessions,
    /// The clock shows a time that the format cannot say, which is one after 2106-02-07.
    Clock,
    /// The operating system's random generator failed.
    Random,
}

impl RevokeError {
    /// The stable label, such as `no_sessions`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoSessions => "no_sessions",
            Self::Clock => "clock",
            Self::Random => "random",
        }
    }
}

impl fmt::Debug for RevokeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_debug(self, self.as_str(), f)
    }
}

impl fmt::Display for RevokeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSessions => {
                f.write_str("no Sessions use these revocations: give them to a builder, and build")
            }
            Self::Clock => f.write_str("the clock shows a time after 2106-02-07: set the clock"),
            Self::Random => RandomError.fmt(f),
        }
    }
}

impl Error for RevokeError {}

/// What is wrong with a [file of revocations](crate::revocation::RevocationWatcher).
#[cfg(feature = "watch")]
#[derive(Clone, PartialEq, Eq)]
pub struct RevocationFileError {
    path: String,
    why: String,
}

#[cfg(feature = "watch")]
impl RevocationFileError {
    pub(crate) fn new(path: &std::path::Path, why: impl fmt::Display) -> Self {
        Self { path: path.to_string_lossy().into_owned(), why: why.to_string() }
    }
}

#[cfg(feature = "watch")]
impl fmt::Debug for RevocationFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_debug(self, "revocation_file", f)
    }
}

#[cfg(feature = "watch")]
impl fmt::Display for RevocationFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "revocation file {:?}: {}", self.path, self.why)
    }
}

#[cfg(feature = "watch")]
impl Error for RevocationFileError {}
