//! The vocabulary of failure, by who can do something about it.
//!
//! [`Rejection`]: what a client sent; expected, never an error response. [`SaveError`]: what the application gave.
//! [`KeyError`], [`KeyRingError`]: what the operator configured. [`ConfigError`]: what the developer configured.
//! None of them holds a key, a cookie or data, so all of them may be logged.

use std::error::Error;
use std::fmt;

/// Why a cookie did not become a session, in the order of the checks (FORMAT §6).
///
/// The client learns only that there is no session; the operator reads this one. [`as_str`](Self::as_str) is the label
/// for logs and metrics and will not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Rejection {
    /// The request carries no cookie of this name.
    Absent,
    /// The cookie is longer than any that is ever written.
    TooLong,
    /// Not canonical base64url, too short, or of an unknown version or algorithm.
    Malformed,
    /// The key ring has no key of this id: it has been retired, or this process has not read it yet.
    UnknownKey,
    /// The seal does not hold: an edited cookie, or one of another name, purpose or kind.
    Forged,
    /// Sealed more than 60 seconds after now: some clock is wrong.
    FromTheFuture,
    /// The idle timeout has passed.
    Idle,
    /// The absolute timeout, or the lifetime of its own, has passed.
    Absolute,
    /// The browser carries a note that this session has ended.
    Ended,
    /// Sealed by a version of the application whose session type was another.
    OtherShape,
    /// The record or the application's data in it cannot be decoded.
    Payload,
    /// The application's conversion from an older type refused it.
    Refused,
    /// The application has revoked it, for instance with [`not_before`](crate::Builder::not_before).
    Revoked,
}

impl Rejection {
    /// The stable label, such as `unknown_key`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::TooLong => "too_long",
            Self::Malformed => "malformed",
            Self::UnknownKey => "unknown_key",
            Self::Forged => "forged",
            Self::FromTheFuture => "from_the_future",
            Self::Idle => "idle",
            Self::Absolute => "absolute",
            Self::Ended => "ended",
            Self::OtherShape => "other_shape",
            Self::Payload => "payload",
            Self::Refused => "refused",
            Self::Revoked => "revoked",
        }
    }

    /// Whether another process, or this one after a rollback, may be able to read the cookie.
    pub(crate) const fn is_unreadable(self) -> bool {
        matches!(self, Self::UnknownKey | Self::OtherShape)
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why [`save`](crate::Sessions::save) wrote nothing. The response headers are as they were before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SaveError {
    /// The operating system's random generator failed.
    Random,
    /// The session's data does not serialize.
    Serialize,
    /// The cookie would be larger than browsers keep.
    TooLarge {
        /// The octets of `name=value`; as far as it can be told, since nothing beyond the limit was sealed.
        octets: usize,
        /// The octets that fit.
        limit: usize,
    },
    /// The response already carries as many headers as a header map can hold.
    HeadersFull,
    /// A Secure cookie on a response that goes out over plain http, which a browser would drop in silence.
    PlainHttp,
    /// The clock shows a time that the format cannot say, which is one after 2106-02-07.
    Clock,
}

impl SaveError {
    /// The stable label, such as `too_large`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Random => "random",
            Self::Serialize => "serialize",
            Self::TooLarge { .. } => "too_large",
            Self::HeadersFull => "headers_full",
            Self::PlainHttp => "plain_http",
            Self::Clock => "clock",
        }
    }
}

impl fmt::Display for SaveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Random => RandomError.fmt(f),
            Self::Serialize => f.write_str("the session's data does not serialize with postcard"),
            Self::TooLarge { octets, limit } => write!(
                f,
                "session cookie of {octets} octets does not fit the {limit} that browsers keep: store less in the \
                 session, or an id of what is stored elsewhere"
            ),
            Self::HeadersFull => f.write_str("the response has no room for another header"),
            Self::PlainHttp => f.write_str(
                "a Secure cookie would go out over plain http, where browsers drop it: serve https, or build the \
                 sessions with insecure_for_localhost() while developing",
            ),
            Self::Clock => f.write_str("the clock shows a time after 2106-02-07: set the clock"),
        }
    }
}

impl Error for SaveError {}

impl From<RandomError> for SaveError {
    fn from(_: RandomError) -> Self {
        Self::Random
    }
}

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
    /// Its octets are all equal or count up or down, like those of every published example.
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

/// Why a text or a variable is not a key ring. Entries are counted from 1.
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
    /// An entry is not a key.
    Entry {
        /// Which one.
        number: usize,
        /// Why.
        error: KeyError,
    },
    /// A key, or one of the same id, stands in it twice.
    Repeated {
        /// Which entry repeats an earlier one.
        number: usize,
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
}

impl KeyRingError {
    /// The stable label, such as `repeated`; for an entry, that of its [`KeyError`].
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooMany { .. } => "too_many",
            Self::Entry { error, .. } => error.as_str(),
            Self::Repeated { .. } => "repeated",
            Self::MissingVariable { .. } => "missing_variable",
            Self::VariableNotText { .. } => "variable_not_text",
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
            Self::Entry { number, error } => write!(f, "entry {number} of the key ring: {error}"),
            Self::Repeated { number } => {
                write!(f, "entry {number} of the key ring has the id of an earlier one: take one of them out")
            }
            Self::MissingVariable { name } => {
                write!(f, "the environment variable {name:?} is not set: {MAKE_A_KEY}")
            }
            Self::VariableNotText { name } => write!(f, "the environment variable {name:?} is not UTF-8"),
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

const MAKE_A_KEY: &str = "make a key with `cargo run --example keygen`";

/// Why [`build`](crate::Builder::build) refused a configuration. Each names the setting and the remedy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// `name`: empty, longer than 128 octets, or not a token of RFC 9110.
    Name,
    /// `name`: ends like a companion or a note of another session.
    NameReserved,
    /// `name`: its prefix asks for something that other settings take away.
    Prefix(&'static str),
    /// `path`: does not begin with `/`, or holds a `;`, a control character, or more than 1024 octets.
    Path,
    /// `domain`: empty, longer than 253 octets, or with characters that are none of a host name.
    Domain,
    /// `same_site`: `None` without Secure.
    SameSiteNone,
    /// `partitioned`: without Secure.
    Partitioned,
    /// `purpose`: longer than 255 octets.
    Purpose,
    /// `idle_timeout`: under a second.
    IdleZero,
    /// `absolute_timeout`: under a second.
    AbsoluteZero,
    /// `idle_timeout`: longer than `absolute_timeout`.
    IdleBeyondAbsolute,
    /// `absolute_timeout` or `max_lifetime`: longer than the 400 days that browsers keep a cookie.
    Beyond400Days,
    /// `max_lifetime`: shorter than `absolute_timeout`.
    MaxLifetimeBelowAbsolute,
    /// `renewal_interval`: under a second, or longer than the idle timeout.
    RenewalInterval,
    /// `max_notes`: zero.
    MaxNotes,
    /// `label`: longer than 255 octets, or empty.
    Label,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name => "name: must be 1 to 128 letters, digits or !#$%&'*+-.^_`|~",
            Self::NameReserved => "name: must not end in .seen, and must not contain .out.: choose another",
            Self::Prefix(what) => return write!(f, "name: {what}: change that, or take a name without the prefix"),
            Self::Path => "path: must begin with / and hold no ; and no control character, in at most 1024 octets",
            Self::Domain => "domain: must be a host name of letters, digits, - and ., without a dot at either end",
            Self::SameSiteNone => "same_site: None needs Secure: take Lax with insecure_for_localhost()",
            Self::Partitioned => {
                "partitioned: needs Secure: leave it out together with insecure_for_localhost()"
            }
            Self::Purpose => "purpose: must have at most 255 octets",
            Self::IdleZero => "idle_timeout: must be at least a second: use no_idle_timeout() to switch it off",
            Self::AbsoluteZero => "absolute_timeout: must be at least a second",
            Self::IdleBeyondAbsolute => {
                "idle_timeout: must not be longer than absolute_timeout: shorten it, or lengthen absolute_timeout"
            }
            Self::Beyond400Days => {
                "absolute_timeout and max_lifetime: must be at most the 400 days that browsers keep a cookie"
            }
            Self::MaxLifetimeBelowAbsolute => "max_lifetime: must not be shorter than absolute_timeout",
            Self::RenewalInterval => {
                "renewal_interval: must be at least a second and not longer than idle_timeout"
            }
            Self::MaxNotes => "max_notes: must be at least 1, or a logout could be undone by a slow response",
            Self::Label => "label: must have 1 to 255 octets",
        })
    }
}

impl Error for ConfigError {}

/// Why an application token was not sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// Why an application token did not open, in the order of the checks (FORMAT §6.2, §11).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum TokenOpenError {
    /// Longer than any that is ever made.
    TooLong,
    /// Not a token.
    Malformed,
    /// The key ring has no key of this id.
    UnknownKey,
    /// The seal does not hold: edited, or of another label, purpose or kind.
    Forged,
    /// Its time has passed.
    Expired,
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
        }
    }
}

impl fmt::Display for TokenOpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Error for TokenOpenError {}
