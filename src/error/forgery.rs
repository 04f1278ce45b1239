//! Requests that another site may have made.

use std::error::Error;
use std::fmt;

use super::{TokenOpenError, fmt_debug};

/// Why a request may have been forged. For the log: tell the person only to load the page again.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ForgeryError {
    /// A page of another origin made the request.
    OtherOrigin,
    /// The browser does not tell who made the request, and it has no token.
    NoToken,
    /// The browser does not tell who made the request, and its token is not one of this session.
    Token(TokenOpenError),
}

impl ForgeryError {
    /// The stable label, such as `other_origin`. For a token it is that of the [`TokenOpenError`].
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OtherOrigin => "other_origin",
            Self::NoToken => "no_token",
            Self::Token(error) => error.as_str(),
        }
    }
}

impl fmt::Display for ForgeryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherOrigin => {
                f.write_str("a page of another origin made the request: trust that origin if it is one of your own")
            }
            Self::NoToken => f.write_str(
                "the browser does not tell which page made the request, and it has no token: put one into the form",
            ),
            Self::Token(error) => error.fmt(f),
        }
    }
}

impl fmt::Debug for ForgeryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_debug(self, self.as_str(), f)
    }
}

impl Error for ForgeryError {}
