//! Notes: short-lived marks in the browser that an id has ended (FORMAT §10).
//!
//! A response that was in flight during a logout may bring the session's cookie back. The note says that it is over. Each
//! ended id has a note of its own, so that two responses cannot overwrite each other's: a set that only grows.

use crate::hex;
use crate::id::SessionId;
use crate::lifetime::{Limits, SKEW};
use crate::record::Head;
use crate::time::Seconds;

/// What a note is named by: the first eight octets of the id, in hexadecimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot([u8; Self::DIGITS]);

impl Slot {
    pub(crate) const DIGITS: usize = 16;

    pub(crate) fn of(id: SessionId) -> Self {
        let mut digits = [0; Self::DIGITS];
        digits.iter_mut().zip(hex::digits(id.as_bytes())).for_each(|(place, digit)| *place = digit);
        Self(digits)
    }

    /// The slot of a note that a request carried.
    pub(crate) const fn from_digits(digits: [u8; Self::DIGITS]) -> Self {
        Self(digits)
    }

    /// What follows the name of the session's cookie.
    pub(crate) fn suffix(self) -> String {
        let mut suffix = INFIX.to_owned();
        suffix.extend(self.0.iter().copied().map(char::from));
        suffix
    }
}

/// An id that a request carried, and until when a cookie of it could be valid at the most.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ending {
    pub(crate) id: SessionId,
    pub(crate) deadline: Seconds,
    pub(crate) remembered: bool,
}

impl Ending {
    pub(crate) const fn of(head: &Head) -> Self {
        Self { id: head.id, deadline: head.deadline, remembered: head.remembered }
    }

    /// How long the note must live: as long as a cookie of this id, sealed by a request that is still in flight, could be
    /// valid, by whichever clock.
    pub(crate) fn note_lasts(&self, limits: &Limits, now: Seconds) -> u64 {
        let left = self.deadline.since(now);
        let valid = if self.remembered { left } else { limits.idle.map_or(left, |idle| idle.min(left)) };
        valid.saturating_add(IN_FLIGHT).saturating_add(SKEW)
    }
}

/// The notes that a request carried.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Notes {
    pub(crate) count: usize,
    /// The one with the smallest value, which makes room for a new one where there are too many.
    pub(crate) oldest: Option<(Slot, u64)>,
}

impl Notes {
    /// A value that is no number counts as the oldest.
    pub(crate) fn add(&mut self, slot: Slot, value: &[u8]) {
        let digits = std::str::from_utf8(value).ok().filter(|text| text.bytes().all(|c| c.is_ascii_digit()));
        let value = digits.and_then(|digits| digits.parse().ok()).unwrap_or(0);
        self.count = self.count.saturating_add(1);
        if self.oldest.is_none_or(|(_, oldest)| value < oldest) {
            self.oldest = Some((slot, value));
        }
    }
}

/// Stands between the name of the session's cookie and the digits of the slot.
pub(crate) const INFIX: &str = ".out.";

/// How long a response may be on its way, in seconds.
const IN_FLIGHT: u64 = 3600;
