//! Whole seconds, and the clock that tells them. Time is an input: nothing else in the crate reads a clock.

pub(crate) mod duration;
pub(crate) mod timestamp;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Whole seconds since 1970 (FORMAT §1). All arithmetic saturates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Seconds(u64);

impl Seconds {
    pub(crate) const fn new(since_1970: u64) -> Self {
        Self(since_1970)
    }

    pub(crate) const fn get(self) -> u64 {
        self.0
    }

    pub(crate) const fn plus(self, seconds: u64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// How long after `earlier`; zero if it is not after it.
    pub(crate) const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The time for the application; the last one that a `SystemTime` can say if this is later.
    pub(crate) fn to_system(self) -> SystemTime {
        // Below 2^62 seconds every platform can add; beyond it there is nothing worth telling apart.
        UNIX_EPOCH.checked_add(Duration::from_secs(self.0)).unwrap_or(UNIX_EPOCH + Duration::from_secs(FAR))
    }
}

/// Before 1970 is 1970.
impl From<SystemTime> for Seconds {
    fn from(time: SystemTime) -> Self {
        Self(time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()))
    }
}

/// A span of time in seconds. A fraction of one counts as a whole one.
pub(crate) fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs().saturating_add(u64::from(duration.subsec_nanos() > 0))
}

/// Where `load` and `save` take the time from.
#[derive(Clone, Default)]
pub(crate) enum Clock {
    #[default]
    System,
    Given(Arc<dyn Fn() -> SystemTime + Send + Sync>),
}

impl Clock {
    pub(crate) fn now(&self) -> Seconds {
        match self {
            Self::System => SystemTime::now(),
            Self::Given(clock) => clock(),
        }
        .into()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::System => "System",
            Self::Given(_) => "Given",
        })
    }
}

/// No session and no ring is older. Seconds given where milliseconds are expected make a moment in 1970, and so does a
/// machine whose clock was never set.
pub(crate) const Y2001: Seconds = Seconds::new(978_307_200);

/// How far apart the clocks of a fleet may be, in seconds.
pub(crate) const SKEW: u64 = 60;

// The end of the year 9999, the last that common date formats can say.
const FAR: u64 = 253_402_300_799;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_at_the_limits_saturate() {
        assert_eq!(Seconds::from(UNIX_EPOCH - Duration::from_secs(1)), Seconds::new(0));
        assert_eq!(Seconds::new(u64::MAX).plus(1), Seconds::new(u64::MAX));
        assert_eq!(Seconds::new(1).since(Seconds::new(2)), 0);
        assert_eq!(Seconds::new(u64::MAX).to_system(), UNIX_EPOCH + Duration::from_secs(FAR));
        assert_eq!(Seconds::from(Seconds::new(1_800_000_000).to_system()), Seconds::new(1_800_000_000));
    }
}
