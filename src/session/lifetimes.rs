//! The five times of a session's life, and the rules between them.

use std::time::{Duration, SystemTime};

use crate::error::{ConfigError, Rule};
use crate::record::lifetime::{Limits, MAX_AGE_LIMIT};
use crate::time::{Seconds, Y2001};

/// How long sessions live, with safe defaults. Whole seconds count.
///
/// It can come from a configuration file, by serde: the keys are the names of the methods. A duration is a number of
/// seconds or a text such as `"30m"`, `"12h"` or `"7d"`; `idle_timeout = "none"` switches it off; `not_before` is a
/// time such as `"2026-11-01T00:00:00Z"`.
///
/// ```
/// use std::time::Duration;
/// use sealed_session::{Lifetimes, Sessions};
///
/// let file = r#"{ "idle_timeout": "30m", "absolute_timeout": "12h", "max_lifetime": "90d" }"#;
/// let lifetimes: Lifetimes = serde_json::from_str(file)?;
/// assert_eq!(
///     lifetimes,
///     Lifetimes::default()
///         .idle_timeout(Duration::from_secs(30 * 60))
///         .absolute_timeout(Duration::from_secs(12 * 3600))
///         .max_lifetime(Duration::from_secs(90 * 86_400))
/// );
/// # let ring = sealed_session::testing::key_ring();
/// let sessions: Sessions<u64> =
///     Sessions::builder(ring).lifetimes(lifetimes).build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// What standards ask of the two timeouts; check the edition that binds you:
///
/// | | idle | absolute |
/// |---|---|---|
/// | the default here | 24 h | 7 days |
/// | NIST SP 800-63B-4, AAL1 | none asked for | 30 days |
/// | NIST SP 800-63B-4, AAL2 | 1 h | 24 h |
/// | NIST SP 800-63B-4, AAL3 | 15 min | 12 h |
/// | OWASP, low risk | 15 to 30 min | 4 to 8 h |
/// | OWASP, high value | 2 to 5 min | 4 to 8 h |
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "times do nothing by themselves"]
pub struct Lifetimes {
    idle: Idle,
    absolute: Duration,
    max_lifetime: Option<Duration>,
    renewal_interval: Option<Duration>,
    not_before: Option<SystemTime>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Idle {
    Default,
    Of(Duration),
    Off,
}

/// An idle timeout of 24 hours, an absolute timeout of 7 days.
impl Default for Lifetimes {
    fn default() -> Self {
        Self {
            idle: Idle::Default,
            absolute: Duration::from_secs(7 * 86_400),
            max_lifetime: None,
            renewal_interval: None,
            not_before: None,
        }
    }
}

impl Lifetimes {
    /// How long a session lives that nobody uses. Default 24 hours, or the absolute timeout if that is shorter. With
    /// `None` a session lives until the absolute timeout, however little it is used.
    pub fn idle_timeout(self, timeout: impl Into<Option<Duration>>) -> Self {
        Self { idle: timeout.into().map_or(Idle::Off, Idle::Of), ..self }
    }

    /// How long a session lives at the most, from its start. Default 7 days.
    pub fn absolute_timeout(self, timeout: Duration) -> Self {
        Self { absolute: timeout, ..self }
    }

    /// The longest lifetime that [`set_lifetime`](crate::Session::set_lifetime) can give. Default: the
    /// absolute timeout, so "remember me" needs this setting too.
    pub fn max_lifetime(self, lifetime: Duration) -> Self {
        Self { max_lifetime: Some(lifetime), ..self }
    }

    /// How old the idle clock must be for a response to renew it, in the last-seen cookie `<name>.seen`. Default a
    /// tenth of the idle timeout, at least a second.
    ///
    /// The idle timeout is exact to −10 % therefore: a person who comes back after nine tenths of it may be too late.
    /// Shorter intervals are more exact and set more cookies.
    pub fn renewal_interval(self, interval: Duration) -> Self {
        Self { renewal_interval: Some(interval), ..self }
    }

    /// Revokes every session that started before this moment, without a change of keys. A moment before 2001 or more
    /// than 60 seconds from now cannot be meant, such as seconds that are milliseconds: the settings are refused.
    pub fn not_before(self, moment: SystemTime) -> Self {
        // A moment within a second counts as the next one: the strict side.
        let moment = moment.checked_add(Duration::from_nanos(999_999_999)).unwrap_or(moment);
        Self { not_before: Some(moment), ..self }
    }

    /// Checks every rule.
    pub(crate) fn check(&self, now: Seconds) -> Result<Limits, ConfigError> {
        let absolute = self.absolute.as_secs();
        let max_lifetime = self.max_lifetime.map_or(absolute, |lifetime| lifetime.as_secs());
        let idle = match self.idle {
            Idle::Default => Some(DEFAULT_IDLE.min(absolute.max(1))),
            Idle::Of(timeout) => Some(timeout.as_secs()),
            Idle::Off => None,
        };
        if idle == Some(0) {
            return Err(Rule::IdleZero.into());
        }
        if absolute == 0 {
            return Err(Rule::AbsoluteZero.into());
        }
        if absolute.max(max_lifetime) > MAX_AGE_LIMIT {
            return Err(Rule::Beyond400Days.into());
        }
        if idle.is_some_and(|idle| idle > absolute) {
            return Err(Rule::IdleBeyondAbsolute.into());
        }
        if max_lifetime < absolute {
            return Err(Rule::MaxLifetimeBelowAbsolute.into());
        }
        let tenth = idle.unwrap_or(absolute) / 10;
        let renewal_interval = self.renewal_interval.map_or(tenth.max(1), |interval| interval.as_secs());
        // One as long as the idle timeout would never be due in time.
        if renewal_interval == 0 || idle.is_some_and(|idle| renewal_interval >= idle.max(2)) {
            return Err(Rule::RenewalInterval.into());
        }
        let not_before = self.not_before.map(Seconds::from);
        if not_before.is_some_and(|moment| moment < Y2001 || Limits::is_from_the_future(moment, now)) {
            return Err(Rule::NotBefore.into());
        }
        Ok(Limits { idle, absolute, max_lifetime, renewal_interval, not_before })
    }
}

const DEFAULT_IDLE: u64 = 24 * 3600;
