//! Why a handler has no session, or a change came too late.

use std::error::Error;
use std::fmt;

use http::StatusCode;

use crate::error::fmt_debug;

/// Why a handler cannot have the session of its request. The log tells more.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum OpenError {
    /// The application's [`Check`](super::Check) could not answer, or the channel of revocations has been silent for too
    /// long, so nobody may see the session: 503.
    Check,
    /// The layer chooses its sessions by the request, and chose none for this one: 404.
    NoSessions,
}

impl OpenError {
    /// The stable label, such as `check`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::NoSessions => "no_sessions",
        }
    }

    /// The status of the response that the request gets.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::Check => StatusCode::SERVICE_UNAVAILABLE,
            Self::NoSessions => StatusCode::NOT_FOUND,
        }
    }
}

impl fmt::Debug for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_debug(self, self.as_str(), f)
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Check => "whether the session may be used could not be found out",
            Self::NoSessions => "the layer chose no sessions for this request",
        })
    }
}

impl Error for OpenError {}

/// A change came after the response's headers had been sent, which is where the cookie would have stood.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResponseGoneError;

impl fmt::Debug for ResponseGoneError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_debug(self, "response_gone", f)
    }
}

impl fmt::Display for ResponseGoneError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the response's headers have been sent: change the session before the handler answers")
    }
}

impl Error for ResponseGoneError {}
