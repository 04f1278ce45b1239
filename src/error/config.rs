//! What the developer configured: settings that do not go together.

use std::error::Error;
use std::fmt;

use super::SchemaError;

/// Why [`build`](crate::Builder::build) refused a configuration. Each names the setting and the remedy.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// `name`: empty, longer than 128 bytes, or not a token of RFC 9110.
    Name,
    /// `name`: ends like a last-seen cookie or a tombstone of another session.
    NameReserved,
    /// `name`: its prefix asks for something that other settings take away.
    Prefix(&'static str),
    /// `path`: does not begin with `/`, or holds a `;`, a space, a control character, something outside ASCII, or more
    /// than 1024 bytes.
    Path,
    /// `domain`: empty, longer than 253 bytes, or with characters that are none of a host name.
    Domain,
    /// `same_site`: `None` without Secure.
    SameSiteNone,
    /// `partitioned`: without Secure.
    Partitioned,
    /// `purpose`, or the name of a tenant: longer than 255 bytes, or with a NUL.
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
    /// `renewal_interval`: under a second, or not shorter than the idle timeout.
    RenewalInterval,
    /// `padding`: a block of less than 2 or more than 1024 bytes.
    Padding,
    /// `formerly`: more than four places, or the one of today.
    Former,
    /// `tenant`: declared twice, or with the name and purpose of another.
    TenantTwice,
    /// `max_tombstones`: zero.
    MaxTombstones,
    /// The session type has no schema that can be told, or does not come back as it was written.
    Schema(SchemaError),
    /// The same of a type given to `accept`.
    AcceptedSchema(SchemaError),
    /// `accept`: two of the types, or one and the session's own, have the same schema.
    AcceptedTwice,
    /// `label`: longer than 255 bytes, or empty.
    Label,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name => "name: must be 1 to 128 letters, digits or !#$%&'*+-.^_`|~",
            Self::NameReserved => "name: must not end in .seen, and must not contain .out.: choose another",
            Self::Prefix(what) => return write!(f, "name: {what}: change that, or take a name without the prefix"),
            Self::Path => "path: must begin with / and hold visible ASCII characters without ; in at most 1024 bytes",
            Self::Domain => "domain: must be a host name of two labels or more, of letters, digits and -, and no address",
            Self::SameSiteNone => "same_site: None needs Secure: take Lax with insecure_for_localhost()",
            Self::Partitioned => {
                "partitioned: needs Secure: leave it out together with insecure_for_localhost()"
            }
            Self::Purpose => "purpose: must have at most 255 bytes and no NUL, a tenant's name included",
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
                "renewal_interval: must be at least a second and shorter than idle_timeout"
            }
            Self::Padding => "padding: a block must have 2 to 1024 bytes",
            Self::Schema(error) => return write!(f, "session type: {error}"),
            Self::AcceptedSchema(error) => return write!(f, "accepted type: {error}"),
            Self::AcceptedTwice => {
                "accept: two types of the same schema, or one of the session's own: leave one of them out"
            }
            Self::Former => "formerly: at most four places, and none that is the one of today",
            Self::TenantTwice => "tenant: each must have a name of its own, and a purpose of its own",
            Self::MaxTombstones => "max_tombstones: must be at least 1, or a logout could be undone by a slow response",
            Self::Label => "label: must have 1 to 255 bytes",
        })
    }
}

impl Error for ConfigError {}
