//! A moment as text: `2026-11-01T00:00:00Z`, and no other form (FORMAT §3.1).

use std::fmt;
use std::time::SystemTime;

use crate::time::Seconds;

/// A moment in whole seconds, written as `2026-11-01T00:00:00Z`: the form that ring texts use.
///
/// ```
/// use std::time::{Duration, UNIX_EPOCH};
/// use sealed_session::inspect::Timestamp;
///
/// let moment = UNIX_EPOCH + Duration::from_millis(1_793_491_200_999);
/// assert_eq!(Timestamp::from(moment).to_string(), "2026-11-01T00:00:00Z");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(pub(crate) Seconds);

impl Timestamp {
    /// The last moment that the text can say.
    pub(crate) const LAST: Seconds = Seconds::new(253_402_300_799);

    /// From 1970 on, and only as it would be written: no day 31 of February, no second 60, no other digits.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let number = |from: usize, to: usize| {
            bytes.get(from..to)?.iter().try_fold(0_u64, |number, byte| {
                byte.is_ascii_digit().then(|| number * 10 + u64::from(byte - b'0'))
            })
        };
        let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
        let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
        let days = days_until(year, month, day)?;
        let timestamp = Self(Seconds::new(((days * 24 + hour) * 60 + minute) * 60 + second));
        // One test for every rule of the form and of the calendar.
        (timestamp.to_string() == text).then_some(timestamp)
    }
}

/// Cut to whole seconds. What the text cannot say becomes the nearest that it can.
impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        Self(Seconds::from(time).min(Self::LAST))
    }
}

impl From<Timestamp> for SystemTime {
    fn from(timestamp: Timestamp) -> Self {
        timestamp.0.to_system()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.min(Self::LAST).get();
        let (year, month, day) = date_of(seconds / 86_400);
        let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

// Years are counted from March, so that the leap day is the last of its year, and in eras of 400 years, after which the
// Gregorian calendar repeats itself.

fn days_until(year: u64, month: u64, day: u64) -> Option<u64> {
    let year = if month <= 2 { year.checked_sub(1)? } else { year };
    let (era, of_era) = (year / 400, year % 400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day;
    (era * ERA + of_era * 365 + of_era / 4 - of_era / 100 + of_year).checked_sub(BEFORE_1970 + 1)
}

fn date_of(days_since_1970: u64) -> (u64, u64, u64) {
    let days = days_since_1970 + BEFORE_1970;
    let (era, of_era) = (days / ERA, days % ERA);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / (ERA - 1)) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + u64::from(month <= 2), month, day)
}

/// Days in 400 years.
const ERA: u64 = 146_097;
/// Days from 0000-03-01 to 1970-01-01.
const BEFORE_1970: u64 = 719_468;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_calendar_is_gregorian() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_709_251_199, "2024-02-29T23:59:59Z"),
            (1_709_251_200, "2024-03-01T00:00:00Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(Timestamp(Seconds::new(seconds)).to_string(), text);
            assert_eq!(Timestamp::parse(text), Some(Timestamp(Seconds::new(seconds))));
        }
        assert_eq!(Timestamp(Seconds::new(u64::MAX)).to_string(), "9999-12-31T23:59:59Z");
    }

    #[test]
    fn every_day_is_the_one_after_the_day_before() {
        let mut before = String::new();
        for day in 0..=Timestamp::LAST.get() / 86_400 {
            let text = Timestamp(Seconds::new(day * 86_400)).to_string();
            assert!(text > before, "{before} {text}");
            before = text;
        }
        assert_eq!(before, "9999-12-31T00:00:00Z");
    }

    #[test]
    fn other_forms_are_refused() {
        for text in [
            "",
            "2026-11-01",
            "2026-11-01T00:00:00",
            "2026-11-01T00:00:00z",
            "2026-11-01 00:00:00Z",
            "2026-11-01T00:00:00+00:00",
            "2026-11-01T00:00:00.0Z",
            "2026-11-01T00:00:60Z",
            "2026-11-01T24:00:00Z",
            "2026-11-01T00:60:00Z",
            "2026-11-31T00:00:00Z",
            "2026-02-29T00:00:00Z",
            "2100-02-29T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-11-00T00:00:00Z",
            "2026-99-99T99:99:99Z",
            "0000-01-01T00:00:00Z",
            "1969-12-31T23:59:59Z",
            "12026-11-01T00:00:00Z",
            "2026-11-01T00:00:0\u{661}Z",
            "+026-11-01T00:00:00Z",
            "2026-11-01T00:00:00ZZ",
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }
}
