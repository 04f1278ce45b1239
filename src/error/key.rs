//! What the operator configured: keys and rings.

use std::error::Error;
use std::fmt;
use std::io::ErrorKind;

use super::fmt_debug;

/// Why a text is not a key that may be used, or why an entry of a key ring is refused (FORMAT §2 and §3).
///
/// [`Key::from_text`](crate::Key::from_text) has the first four reasons alone.
#[derive(Clone, Copy, PartialEq, Eq)]
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

impl fmt::Debug for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_debug(self, self.as_str(), f)
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

/// Why a text, a variable or a file is not a key ring. Lines and entries are counted from 1.
#[derive(Clone, PartialEq, Eq)]
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
    /// The text in an environment variable is not a ring.
    InVariable {
        /// The name of the variable.
        name: String,
        /// Why.
        error: Box<Self>,
    },
    /// The text in a file is not a ring.
    InFile {
        /// Where the file is.
        path: String,
        /// Why.
        error: Box<Self>,
    },
    /// The thread that watches the file cannot be started.
    NoThread,
    /// A clock that was given to the watcher panicked.
    ClockPanicked,
}

impl KeyRingError {
    /// The stable label, such as `too_many`; for an entry, that of its [`KeyError`], wherever the text came from.
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
            Self::InVariable { error, .. } | Self::InFile { error, .. } => error.as_str(),
            Self::NoThread => "no_thread",
            Self::ClockPanicked => "clock_panicked",
        }
    }

    pub(crate) fn in_variable(self, name: String) -> Self {
        Self::InVariable { name, error: Box::new(self) }
    }

    pub(crate) fn in_file(self, path: String) -> Self {
        Self::InFile { path, error: Box::new(self) }
    }

    /// The sentence for a ring whose text came from this place.
    fn write(&self, place: Place<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "no key in {place}: {}", place.how_to_begin()),
            Self::TooMany { limit } => {
                write!(f, "more than {limit} keys in {place}: take out those whose cookies have expired")
            }
            Self::TooLong { limit } => {
                write!(f, "{place} is longer than {limit} bytes: {}", place.how_to_shorten())
            }
            Self::ByteOrderMark => {
                write!(f, "{place} begins with a byte order mark: {} without one", place.how_to_save())
            }
            Self::Nul { line } => {
                write!(f, "line {line} of {place} holds a NUL: save it as UTF-8, or write it anew")
            }
            Self::Entry { number, line: Some(line), error } => {
                write!(f, "line {line} of {place}, entry {number}: {error}")
            }
            Self::Entry { number, line: None, error } => write!(f, "entry {number} of {place}: {error}"),
            Self::MissingVariable { name } => {
                write!(f, "{} is not set: {MAKE_A_KEY}", Place::Variable(name))
            }
            Self::VariableNotText { name } => write!(
                f,
                "{} is not UTF-8: set it to the text of a key or of a key ring",
                Place::Variable(name)
            ),
            Self::CannotRead { path, kind: ErrorKind::NotFound } => {
                write!(f, "{} does not exist: put it there, or {}", Place::File(path), Rotate(path))
            }
            Self::CannotRead { path, kind: kind @ ErrorKind::PermissionDenied } => {
                write!(f, "{} cannot be read: {kind}: let the user of this process read it", Place::File(path))
            }
            Self::CannotRead { path, kind } => {
                write!(f, "{} cannot be read: {kind}: check its path, disk and mount", Place::File(path))
            }
            Self::NotAFile { path } => write!(f, "the key ring {path:?} is not a file: name the file itself"),
            Self::WritableByOthers { path } => {
                write!(f, "{} can be written by others than its owner: chmod go-w", Place::File(path))
            }
            Self::FileNotText { path } => {
                write!(f, "{} is not UTF-8: save it as UTF-8, or name another file", Place::File(path))
            }
            Self::InVariable { name, error } => error.write(Place::Variable(name), f),
            Self::InFile { path, error } => error.write(Place::File(path), f),
            Self::NoThread => f.write_str(
                "the thread that watches the key ring file cannot be started: allow this process more threads",
            ),
            Self::ClockPanicked => {
                f.write_str("the clock of the watcher panicked: fix the function that was given as its clock")
            }
        }
    }
}

impl fmt::Debug for KeyRingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_debug(self, self.as_str(), f)
    }
}

impl fmt::Display for KeyRingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(Place::Text, f)
    }
}

impl Error for KeyRingError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Entry { error, .. } => Some(error),
            Self::InVariable { error, .. } | Self::InFile { error, .. } => (**error).source(),
            _ => None,
        }
    }
}

/// Where the text of a ring came from, which decides what helps.
#[derive(Clone, Copy)]
enum Place<'a> {
    Text,
    Variable(&'a str),
    File(&'a str),
}

impl Place<'_> {
    fn how_to_begin(self) -> String {
        match self {
            Self::Text | Self::Variable(_) => MAKE_A_KEY.to_owned(),
            Self::File(path) => {
                format!("put back the keys that it held, or remove it and {}", Rotate(path))
            }
        }
    }

    const fn how_to_shorten(self) -> &'static str {
        match self {
            Self::Text | Self::Variable(_) => "take out old keys and comments",
            Self::File(_) => "name another file, or take out old keys and comments",
        }
    }

    const fn how_to_save(self) -> &'static str {
        match self {
            Self::Text | Self::File(_) => "save it as UTF-8",
            Self::Variable(_) => "set it",
        }
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text => f.write_str("the key ring"),
            Self::Variable(name) => write!(f, "the environment variable {name:?}"),
            Self::File(path) => write!(f, "the key ring file {path:?}"),
        }
    }
}

/// How a file gets its first key.
struct Rotate<'a>(&'a str);

impl fmt::Display for Rotate<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "make it with `sealed-session rotate {:?} --longest-lifetime 7d`", self.0)
    }
}

const MAKE_A_KEY: &str = "make a key with `sealed-session keygen`";
