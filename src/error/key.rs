//! What the operator configured: keys and rings.

use std::error::Error;
use std::fmt;
use std::io::ErrorKind;

use super::EntryError;

/// Why a text is not a key that may be used.
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
        error: EntryError,
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
}

impl KeyRingError {
    /// The stable label, such as `too_many`; for an entry, that of its [`EntryError`].
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
            Self::NoThread => f.write_str("the thread that watches the key ring file cannot be started"),
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
