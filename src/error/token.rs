//! Tokens of the application's own.

use std::error::Error;
use std::fmt;

use super::{RandomError, Rejection, fmt_debug};

/// Why an application token was not sealed.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenSealError {
    /// The operating system's random generator failed.
    Random,
    /// The message is longer than [`Tokens::MAX_MESSAGE`](crate::Tokens::MAX_MESSAGE).
    TooLong,
}

impl TokenSealError {
    /// The stable label, such as `too_long`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Random => "random",
            Self::TooLong => "too_long",
        }
    }
}

impl fmt::Debug for TokenSealError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_debug(self, self.as_str(), f)
    }
}

impl fmt::Display for TokenSealError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Random => RandomError.fmt(f),
            Self::TooLong => f.write_str("the message is longer than a token can hold: send less"),
        }
    }
}

impl Error for TokenSealError {}

impl From<RandomError> for TokenSealError {
    fn from(_: RandomError) -> Self {
        Self::Random
    }
}

/// Why a token of the application, or one for its forms, did not open, in the order of the checks (FORMAT §6.2, §11).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum TokenOpenError {
    /// Longer than any that is ever made.
    TooLong,
    /// Not a token.
    Malformed,
    /// The key ring has no key of this id.
    UnknownKey,
    /// The seal does not hold: edited, or of another label, cookie, purpose or kind.
    Forged,
    /// Its time has passed.
    Expired,
    /// It is a token for the forms of another session.
    OtherSession,
}

impl TokenOpenError {
    /// The stable label, such as `expired`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TooLong => "too_long",
            Self::Malformed => "malformed",
            Self::UnknownKey => "unknown_key",
            Self::Forged => "forged",
            Self::Expired => "expired",
            Self::OtherSession => "other_session",
        }
    }
}

impl fmt::Debug for TokenOpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_debug(self, self.as_str(), f)
    }
}

impl fmt::Display for TokenOpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Error for TokenOpenError {}

impl TokenOpenError {
    /// What the opening of a token was rejected for.
    pub(crate) const fn of(rejection: Rejection) -> Self {
        match rejection {
            Rejection::TooLong => Self::TooLong,
            Rejection::UnknownKey => Self::UnknownKey,
            Rejection::Forged => Self::Forged,
            _ => Self::Malformed,
        }
    }
}
