//! Why a rotation is refused.

use std::error::Error;
use std::fmt;

use super::fmt_debug;

/// Why [`rotate`](crate::KeyRing::rotate) refused. The ring is as it was.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RotateError {
    /// A key is announced already.
    Announced,
    /// By this clock no key of the ring seals yet.
    NotYet,
    /// The longest lifetime is zero.
    LifetimeZero,
    /// The time lies before 2001: no clock that is set shows it.
    TooEarly,
    /// A time lies beyond the year 9999.
    TooFar,
    /// There are too many keys in the ring.
    TooMany {
        /// How many fit.
        limit: usize,
    },
    /// The new key is in the ring already.
    Repeated,
    /// A key seals from this very second on.
    SameTime,
}

impl RotateError {
    /// The stable label, such as `announced`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Announced => "announced",
            Self::NotYet => "not_yet",
            Self::LifetimeZero => "lifetime_zero",
            Self::TooEarly => "too_early",
            Self::TooFar => "too_far",
            Self::TooMany { .. } => "too_many",
            Self::Repeated => "repeated",
            Self::SameTime => "same_time",
        }
    }
}

impl fmt::Debug for RotateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_debug(self, self.as_str(), f)
    }
}

impl fmt::Display for RotateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Announced => {
                "a key is announced already and does not seal yet: rotate again when it does, or take it out first"
            }
            Self::NotYet => "by this clock no key of the ring seals yet: set the clock",
            Self::LifetimeZero => {
                "the longest lifetime is zero: give that of the longest session or token that the ring seals"
            }
            Self::TooEarly => {
                "the time of the rotation lies before 2001, so the old key would stop opening at once: set the clock"
            }
            Self::TooFar => "a time of the rotation lies beyond the year 9999: shorten it, or set the clock",
            Self::TooMany { limit } => {
                return write!(
                    f,
                    "the key ring has {limit} keys already: rotate less often than a lifetime passes"
                );
            }
            Self::Repeated => "the new key is in the key ring already: make another",
            Self::SameTime => "another key seals from this very second on: try again in a second",
        })
    }
}

impl Error for RotateError {}
