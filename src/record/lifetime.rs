//! Idle and absolute timeouts: pure arithmetic on a record's times.

use crate::error::Rejection;
use crate::record::header::RecordHeader;
use crate::time::{SKEW, Seconds};

/// The configured timeouts, in seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// `None`: switched off.
    pub(crate) idle: Option<u64>,
    pub(crate) absolute: u64,
    /// For sessions with a lifetime of their own; at least `absolute`.
    pub(crate) max_lifetime: u64,
    /// How old the idle clock must be to be renewed.
    pub(crate) renewal_interval: u64,
    /// Sessions that started earlier are revoked.
    pub(crate) not_before: Option<Seconds>,
}

impl Limits {
    /// Step 10 of FORMAT §6.3, which is asked of records and of last-seen cookies.
    pub(crate) fn is_from_the_future(moment: Seconds, now: Seconds) -> bool {
        moment.since(now) > SKEW
    }

    /// Steps 10 to 12 of FORMAT §6.3. The idle clock last began at `idle_since`.
    pub(crate) fn check(
        &self,
        head: &RecordHeader,
        idle_since: Seconds,
        now: Seconds,
    ) -> Result<(), Rejection> {
        if Self::is_from_the_future(head.written, now) {
            return Err(Rejection::FromTheFuture);
        }
        if self.is_idle(head.remembered, idle_since, now) {
            return Err(Rejection::Idle);
        }
        if now >= self.deadline(head.started, head.deadline, head.remembered) {
            return Err(Rejection::Absolute);
        }
        Ok(())
    }

    /// Whether the idle timeout has passed; it does not apply to remembered sessions.
    pub(crate) fn is_idle(&self, remembered: bool, idle_since: Seconds, now: Seconds) -> bool {
        !remembered && self.idle.is_some_and(|idle| now.since(idle_since) >= idle)
    }

    /// Whether the idle clock is old enough to be renewed, and to look for a last-seen cookie that has renewed it.
    pub(crate) fn is_renewal_due(&self, remembered: bool, idle_since: Seconds, now: Seconds) -> bool {
        !remembered && self.idle.is_some() && now.since(idle_since) >= self.renewal_interval
    }

    /// The deadline that holds now: a stricter configuration applies at once, a laxer one extends nothing.
    pub(crate) fn deadline(&self, started: Seconds, sealed: Seconds, remembered: bool) -> Seconds {
        sealed.min(started.plus(if remembered { self.max_lifetime } else { self.absolute }))
    }

    /// The longest Max-Age of a session's cookie, where another clock is ahead. One that was set back while the handler
    /// ran must not make it longer.
    pub(crate) fn longest_max_age(&self) -> u64 {
        self.max_lifetime.saturating_add(SKEW).min(MAX_AGE_LIMIT)
    }

    /// The lifetime of a session that begins: how long, and whether that makes it a remembered one.
    pub(crate) fn of_new(&self, own: Option<u64>) -> (u64, bool) {
        let lifetime = own.unwrap_or(self.absolute).clamp(1, self.max_lifetime);
        (lifetime, lifetime > self.absolute)
    }
}

/// The longest that browsers keep a cookie (RFC 6265bis), in seconds.
pub(crate) const MAX_AGE_LIMIT: u64 = 400 * 86_400;
