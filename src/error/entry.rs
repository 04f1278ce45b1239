//! What is wrong with one entry of a key ring.

use std::error::Error;
use std::fmt;

use super::KeyError;

/// Why an entry of a key ring is refused (FORMAT §3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EntryError {
    /// It does not begin with a key.
    Key(KeyError),
    /// It, or another key of the same id, stands in the ring already.
    Repeated,
    /// A word behind the key that is neither `seals-from=` nor `opens-until=`.
    UnknownWord,
    /// `seals-from=` or `opens-until=` twice.
    RepeatedWord,
    /// A time that is not of the form `2026-11-01T00:00:00Z`, or is no time.
    Time,
    /// Without `seals-from=`, where this or another entry has a time.
    MissingSealsFrom,
    /// `opens-until` is not after `seals-from`.
    EndsBeforeItSeals,
    /// `seals-from` is that of another entry.
    SameTime,
    /// `opens-until` comes before another key seals.
    EndsWhileSealing,
    /// No key may seal now: of all the keys this is the first to, and its `seals-from` is yet to come.
    NotYet,
}

impl EntryError {
    /// The stable label, such as `same_time`; for a key, that of its [`KeyError`].
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Key(error) => error.as_str(),
            Self::Repeated => "repeated",
            Self::UnknownWord => "unknown_word",
            Self::RepeatedWord => "repeated_word",
            Self::Time => "time",
            Self::MissingSealsFrom => "missing_seals_from",
            Self::EndsBeforeItSeals => "ends_before_it_seals",
            Self::SameTime => "same_time",
            Self::EndsWhileSealing => "ends_while_sealing",
            Self::NotYet => "not_yet",
        }
    }
}

impl fmt::Display for EntryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Key(error) => return error.fmt(f),
            Self::Repeated => "has the id of an earlier one: take one of them out",
            Self::UnknownWord => {
                "a word that is neither seals-from= nor opens-until=: put a comma or a line end between keys, and # \
                 before a comment"
            }
            Self::RepeatedWord => "says seals-from= or opens-until= twice: take one of them out",
            Self::Time => "not a time: expected the form 2026-11-01T00:00:00Z",
            Self::MissingSealsFrom => {
                "seals-from= is missing: either every key of a ring has it, or none has a time"
            }
            Self::EndsBeforeItSeals => "opens-until is not after seals-from: set it later",
            Self::SameTime => "has the seals-from of another key: change one of them",
            Self::EndsWhileSealing => {
                "stops opening while it is still the key that seals: set opens-until later than the seals-from of the \
                 next key, or, where this is the newest key, take it off"
            }
            Self::NotYet => {
                "no key may seal yet: this is the first to, and its seals-from is still to come: set it earlier, or set \
                 the clock"
            }
        })
    }
}

impl Error for EntryError {}
