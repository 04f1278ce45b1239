//! What a client sent: expected, and never an error response.

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
    /// Sealed by a version of the application whose session type was another.
    SchemaMismatch,
    /// Sealed more than 60 seconds after now: some clock is wrong.
    FromTheFuture,
    /// The idle timeout has passed.
    Idle,
    /// The absolute timeout, or the lifetime that a handler set, has passed.
    Absolute,
    /// The browser carries a tombstone of this session: it has ended.
    Ended,
    /// The session is bound to a device, and this application does not check that.
    Unbound,
    /// The record or the application's data in it cannot be decoded.
    Payload,
    /// The application's conversion from an older type refused it.
    Refused,
    /// The application has revoked it, for instance with [`not_before`](crate::Lifetimes::not_before).
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
            Self::SchemaMismatch => "schema_mismatch",
            Self::FromTheFuture => "from_the_future",
            Self::Idle => "idle",
            Self::Absolute => "absolute",
            Self::Ended => "ended",
            Self::Unbound => "unbound",
            Self::Payload => "payload",
            Self::Refused => "refused",
            Self::Revoked => "revoked",
        }
    }

    /// Whether another process, or this one after a rollback, may be able to read the cookie.
    pub(crate) const fn is_unreadable(self) -> bool {
        matches!(self, Self::UnknownKey | Self::SchemaMismatch | Self::Unbound)
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
