//! What the developer configured: settings that do not go together.

use std::error::Error;
use std::fmt;

use super::{SchemaError, fmt_debug};

/// Why [`build`](crate::Builder::build) refused a configuration. `Display` names the setting and the remedy.
///
/// ```
/// # use sealed_session::{Sessions, testing};
/// # let ring = sealed_session::testing::key_ring();
/// let error = Sessions::<u64>::builder(ring).name("sid.seen").build().unwrap_err();
/// assert_eq!((error.setting(), error.as_str()), ("name", "name_reserved"));
/// assert_eq!(
///     error.to_string(),
///     "name: must not end in .seen, and must not contain .out.: choose another"
/// );
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ConfigError(Rule);

/// The rule that a configuration breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    Name,
    NameReserved,
    /// What the prefix of the name asks for, or does not allow.
    Prefix(&'static str),
    Path,
    Domain,
    SameSiteNone,
    Partitioned,
    PartitionedSameSite,
    Purpose,
    IdleZero,
    AbsoluteZero,
    IdleBeyondAbsolute,
    Beyond400Days,
    MaxLifetimeBelowAbsolute,
    RenewalInterval,
    NotBefore,
    Leftovers,
    /// A rule that one of the leftovers breaks.
    Leftover(Box<Rule>),
    Schema(SchemaError),
    AcceptedSchema(SchemaError),
    AcceptedTwice,
    Label,
    Origin,
    #[cfg(feature = "revocation")]
    Revocations,
}

impl ConfigError {
    /// The setting that breaks a rule, such as `idle_timeout`.
    #[must_use]
    pub const fn setting(&self) -> &'static str {
        match self.0 {
            Rule::Name | Rule::NameReserved | Rule::Prefix(_) => "name",
            Rule::Path => "path",
            Rule::Domain => "domain",
            Rule::SameSiteNone => "same_site",
            Rule::Partitioned | Rule::PartitionedSameSite => "partitioned",
            Rule::Purpose => "purpose",
            Rule::IdleZero | Rule::IdleBeyondAbsolute => "idle_timeout",
            Rule::AbsoluteZero => "absolute_timeout",
            Rule::Beyond400Days => "absolute_timeout and max_lifetime",
            Rule::MaxLifetimeBelowAbsolute => "max_lifetime",
            Rule::RenewalInterval => "renewal_interval",
            Rule::NotBefore => "not_before",
            Rule::Leftovers | Rule::Leftover(_) => "remove_leftovers",
            Rule::Schema(_) => "session type",
            Rule::AcceptedSchema(_) => "accepted type",
            Rule::AcceptedTwice => "accept",
            Rule::Label => "label",
            Rule::Origin => "trusted origin",
            #[cfg(feature = "revocation")]
            Rule::Revocations => "revocations",
        }
    }

    /// The stable label of the rule, such as `idle_beyond_absolute`.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self.0 {
            Rule::Name => "name",
            Rule::NameReserved => "name_reserved",
            Rule::Prefix(_) => "prefix",
            Rule::Path => "path",
            Rule::Domain => "domain",
            Rule::SameSiteNone => "same_site_none",
            Rule::Partitioned => "partitioned",
            Rule::PartitionedSameSite => "partitioned_same_site",
            Rule::Purpose => "purpose",
            Rule::IdleZero => "idle_zero",
            Rule::AbsoluteZero => "absolute_zero",
            Rule::IdleBeyondAbsolute => "idle_beyond_absolute",
            Rule::Beyond400Days => "beyond_400_days",
            Rule::MaxLifetimeBelowAbsolute => "max_lifetime_below_absolute",
            Rule::RenewalInterval => "renewal_interval",
            Rule::NotBefore => "not_before",
            Rule::Leftovers | Rule::Leftover(_) => "leftovers",
            Rule::Schema(_) => "schema",
            Rule::AcceptedSchema(_) => "accepted_schema",
            Rule::AcceptedTwice => "accepted_twice",
            Rule::Label => "label",
            Rule::Origin => "origin",
            #[cfg(feature = "revocation")]
            Rule::Revocations => "revocations",
        }
    }

    /// What is wrong with the session type, or with an accepted one; `None` for any other rule.
    #[must_use]
    pub const fn schema_error(&self) -> Option<&SchemaError> {
        match &self.0 {
            Rule::Schema(error) | Rule::AcceptedSchema(error) => Some(error),
            _ => None,
        }
    }
}

impl ConfigError {
    /// That this is wrong with one of the leftovers, and not with the cookie of today.
    pub(crate) fn of_leftover(self) -> Self {
        Self(Rule::Leftover(Box::new(self.0)))
    }
}

impl From<Rule> for ConfigError {
    fn from(rule: Rule) -> Self {
        Self(rule)
    }
}

impl fmt::Debug for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_debug(self, self.as_str(), f)
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.setting())?;
        f.write_str(match &self.0 {
            Rule::Name => "must be 1 to 128 letters, digits or !#$%&'*+-.^_`|~",
            Rule::NameReserved => "must not end in .seen, and must not contain .out.: choose another",
            Rule::Prefix(what) => {
                return write!(f, "{what}: change that, or take a name without the prefix");
            }
            Rule::Path => {
                "must begin with / and hold visible ASCII characters without ; in at most 1024 bytes"
            }
            Rule::Domain => {
                "must be a host name of two labels or more, of letters, digits and -, and no address"
            }
            Rule::SameSiteNone => {
                "None needs Secure: take Lax with insecure_for_localhost() or secure(false)"
            }
            Rule::Partitioned => {
                "needs Secure: leave it out together with insecure_for_localhost() or secure(false)"
            }
            Rule::PartitionedSameSite => {
                "needs SameSite=None, or no frame of another site gets it: add same_site(SameSite::None)"
            }
            Rule::Leftover(rule) => return Self(Rule::clone(rule)).fmt(f),
            Rule::Purpose => "must have at most 255 bytes",
            Rule::IdleZero => "must be at least a second: use None to switch it off",
            Rule::AbsoluteZero => "must be at least a second",
            Rule::IdleBeyondAbsolute => {
                "must not be longer than absolute_timeout: shorten it, or lengthen absolute_timeout"
            }
            Rule::Beyond400Days => "must be at most the 400 days that browsers keep a cookie",
            Rule::MaxLifetimeBelowAbsolute => "must not be shorter than absolute_timeout",
            Rule::RenewalInterval => "must be at least a second and shorter than idle_timeout",
            Rule::NotBefore => "must be after 2000 and not in the future: are its seconds milliseconds?",
            Rule::Schema(error) | Rule::AcceptedSchema(error) => return error.fmt(f),
            Rule::AcceptedTwice => {
                "two types of the same schema, or one of the session's own: leave one of them out"
            }
            Rule::Leftovers => "at most four cookies, and none that is the one of today",
            Rule::Label => "must have 1 to 255 bytes",
            #[cfg(feature = "revocation")]
            Rule::Revocations => {
                "other Sessions use these with another name or purpose: give each its own Revocations"
            }
            Rule::Origin => {
                "must be http:// or https://, a host, and a port if it is not the default, and nothing else"
            }
        })
    }
}

impl Error for ConfigError {}
