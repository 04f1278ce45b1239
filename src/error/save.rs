//! What the application gave: why `save` wrote nothing.

use std::error::Error;
use std::fmt;

use super::{RandomError, fmt_debug};

/// Why [`save`](crate::Sessions::save) wrote nothing. The response headers are as they were before.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SaveError {
    /// The operating system's random generator failed.
    Random,
    /// The session's data does not serialize.
    Serialize,
    /// The session's data would be read back as something else: a field of it was left out (`skip_serializing_if`), it
    /// has another number of parts than it says, or [verification](crate::Builder::verify_writes) found a difference.
    RoundTrip {
        /// Where, as far as it can be told. Written like the paths of [`SchemaError`](super::SchemaError).
        path: Box<str>,
    },
    /// The session's data holds an enum variant with serde's attribute `skip`.
    SkippedVariant {
        /// Where, the variant included.
        path: Box<str>,
    },
    /// The session's data nests more than 128 levels deep.
    TooDeep,
    /// The cookie would be larger than browsers keep.
    TooLarge {
        /// The bytes of `name=value`; as far as it can be told, since nothing beyond the limit was sealed.
        bytes: usize,
        /// The bytes that fit.
        limit: usize,
    },
    /// The response already carries as many headers as a header map can hold.
    HeadersFull,
    /// A Secure cookie on a response that goes out over plain http, which a browser would drop in silence.
    PlainHttp,
    /// The session was loaded by other `Sessions`: it would be sealed under another cookie's name.
    OtherSessions,
    /// The clock shows a time that the format cannot say, which is one after 2106-02-07.
    Clock,
    /// [`log_out_others`](crate::Session::log_out_others) was called for a session of nobody, or of `Sessions` that
    /// were not told who a person is.
    #[cfg(feature = "revocation")]
    NoSubject,
}

impl SaveError {
    /// The stable label, such as `too_large`.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Random => "random",
            Self::Serialize => "serialize",
            Self::RoundTrip { .. } => "round_trip",
            Self::SkippedVariant { .. } => "skipped_variant",
            Self::TooDeep => "too_deep",
            Self::TooLarge { .. } => "too_large",
            Self::HeadersFull => "headers_full",
            Self::PlainHttp => "plain_http",
            Self::OtherSessions => "other_sessions",
            Self::Clock => "clock",
            #[cfg(feature = "revocation")]
            Self::NoSubject => "no_subject",
        }
    }
}

impl fmt::Debug for SaveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_debug(self, self.as_str(), f)
    }
}

impl fmt::Display for SaveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Random => RandomError.fmt(f),
            Self::Serialize => f.write_str("the session's data does not serialize with postcard"),
            Self::RoundTrip { path } => write!(
                f,
                "{path}: the session's data would not come back as it is: take skip_serializing_if out, and let \
                 Serialize and Deserialize agree for every value"
            ),
            Self::SkippedVariant { path } => write!(
                f,
                "{path}: the variant is not serialized: take the attribute #[serde(skip)] out, or keep the variant \
                 out of the session"
            ),
            Self::TooDeep => f.write_str(
                "the session's data nests more than 128 levels deep: bound what a client can make it nest",
            ),
            Self::TooLarge { bytes, limit } => write!(
                f,
                "session cookie of {bytes} bytes does not fit the {limit} that browsers keep: store less in the \
                 session, or an id of what is stored elsewhere"
            ),
            Self::HeadersFull => f.write_str("the response has no room for another header"),
            Self::PlainHttp => f.write_str(
                "a Secure cookie would go out over plain http, where browsers drop it: serve https, or build the \
                 sessions with insecure_for_localhost() while developing",
            ),
            Self::OtherSessions => {
                f.write_str("the session was loaded by other Sessions: save it with those that loaded it")
            }
            Self::Clock => f.write_str("the clock shows a time after 2106-02-07: set the clock"),
            #[cfg(feature = "revocation")]
            Self::NoSubject => f.write_str(
                "log_out_others needs to know whose session it is: call Builder::revocations and Builder::subject, and \
                 log in first",
            ),
        }
    }
}

impl Error for SaveError {}

impl From<RandomError> for SaveError {
    fn from(_: RandomError) -> Self {
        Self::Random
    }
}
