//! What the operator configured: keys and rings.

use std::error::Error;
use std::fmt;
use std::io::ErrorKind;

/// Why a text is not a key that may be used, or why an entry of a key ring is refused (FORMAT §2 and §3).
///
/// [`Key::from_text`](crate::Key::from_text) has the first four reasons alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyError {
    /// It is not of the form `sealed1_…`.
    Malformed,
    /// It names an algorithm that this version does not know.
    UnknownAlgorithm,
    /// The last eight digits are not those that belong to the key.
    Checksum,
    /// Its bytes are all equal or count up or down, like those of every published example.
    Weak,
    /// A key of the same ID is in the ring already.
    Repeated,
    /// A word after the key that is neither `seals-from=` nor `opens-until=`.
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
    /// No key may seal yet: this is the first that will, and its `seals-from` is still to come.
    NotYet,
}

impl KeyError {
    /// The stable label, such as `checksum`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::UnknownAlgorithm => "unknown_algorithm",
            Self::Checksum => "checksum",
            Self::Weak => "weak",
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

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => {
                "not a key: expected sealed1_xaes_ or sealed1_xchacha_ and 72 lower-case hexadecimal digits"
            }
            Self::UnknownAlgorithm => {
                "a key of an unknown algorithm: expected sealed1_xaes_ or sealed1_xchacha_"
            }
            Self::Checksum => "the checksum of the key is wrong: it was mistyped or cut off",
            Self::Weak => "a key that is published or trivial: make one of your own",
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

impl Error for KeyError {}

/// Why a text or a variable is not a key ring. Lines and entries are counted from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyRingError {
    /// There is no key in it.
    Empty,
    /// There are too many keys in it.
    TooMany {
        /// How many fit.
        limit: usize,
    },
    /// It is too long to be one.
    TooLong {
        /// How many bytes it may have.
        limit: usize,
    },
    /// It begins with a byte order mark.
    ByteOrderMark,
    /// It holds a NUL.
    Nul {
        /// In which line.
        line: usize,
    },
    /// An entry is refused.
    Entry {
        /// Which one.
        number: usize,
        /// In which line; `None` where the ring was not made of text.
        line: Option<usize>,
        /// Why.
        error: KeyError,
    },
    /// The environment variable is not set.
    MissingVariable {
        /// Its name.
        name: String,
    },
    /// The environment variable is not UTF-8.
    VariableNotText {
        /// Its name.
        name: String,
    },
    /// The file cannot be read.
    CannotRead {
        /// Where it was looked for.
        path: String,
        /// Why.
        kind: ErrorKind,
    },
    /// What is there is no file: a folder, a pipe.
    NotAFile {
        /// Where.
        path: String,
    },
    /// Others than its owner may write the file.
    WritableByOthers {
        /// Where it is.
        path: String,
    },
    /// The file is not UTF-8.
    FileNotText {
        /// Where it is.
        path: String,
    },
    /// The thread that watches the file cannot be started.
    NoThread,
    /// A clock that was given to the watcher panicked.
    ClockPanicked,
}

impl KeyRingError {
    /// The stable label, such as `too_many`; for an entry, that of its [`KeyError`].
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooMany { .. } => "too_many",
            Self::Entry { error, .. } => error.as_str(),
            Self::TooLong { .. } => "too_long",
            Self::ByteOrderMark => "byte_order_mark",
            Self::Nul { .. } => "nul",
            Self::MissingVariable { .. } => "missing_variable",
            Self::VariableNotText { .. } => "variable_not_text",
            Self::CannotRead { .. } => "cannot_read",
            Self::NotAFile { .. } => "not_a_file",
            Self::WritableByOthers { .. } => "writable_by_others",
            Self::FileNotText { .. } => "file_not_text",
            Self::NoThread => "no_thread",
            Self::ClockPanicked => "clock_panicked",
        }
    }
}

impl fmt::Display for KeyRingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "no key in the key ring: {MAKE_A_KEY}"),
            Self::TooMany { limit } => {
                write!(f, "more than {limit} keys in the key ring: take out those whose cookies have expired")
            }
            Self::TooLong { limit } => {
                write!(
                    f,
                    "the key ring is longer than {limit} bytes: it is another file, or take out old keys"
                )
            }
            Self::ByteOrderMark => {
                f.write_str("the key ring begins with a byte order mark: save it as UTF-8 without one")
            }
            Self::Nul { line } => {
                write!(f, "line {line} of the key ring: holds a NUL: save it as UTF-8, or write it anew")
            }
            Self::Entry { number, line: Some(line), error } => {
                write!(f, "line {line} of the key ring, entry {number}: {error}")
            }
            Self::Entry { number, line: None, error } => {
                write!(f, "entry {number} of the key ring: {error}")
            }
            Self::MissingVariable { name } => {
                write!(f, "the environment variable {name:?} is not set: {MAKE_A_KEY}")
            }
            Self::VariableNotText { name } => write!(f, "the environment variable {name:?} is not UTF-8"),
            Self::CannotRead { path, kind } => write!(f, "the key ring file {path:?} cannot be read: {kind}"),
            Self::NotAFile { path } => write!(f, "the key ring {path:?} is not a file"),
            Self::WritableByOthers { path } => {
                write!(f, "the key ring file {path:?} can be written by others than its owner: chmod go-w")
            }
            Self::FileNotText { path } => write!(f, "the key ring file {path:?} is not UTF-8"),
            Self::NoThread => f.write_str(
                "the thread that watches the key ring file cannot be started: allow this process more threads",
            ),
            Self::ClockPanicked => {
                f.write_str("the clock of the watcher panicked: fix the function that was given as its clock")
            }
        }
    }
}

impl Error for KeyRingError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Entry { error, .. } => Some(error),
            _ => None,
        }
    }
}

const MAKE_A_KEY: &str = "make a key with `sealed-session keygen`";
