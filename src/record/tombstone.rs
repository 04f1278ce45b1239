//! Notes: short-lived marks in the browser that an id has ended (FORMAT §10).
//!
//! A response that was in flight during a logout may bring the session's cookie back. The note says that it is over. Each
//! ended id has a note of its own, so that two responses cannot overwrite each other's: a set that only grows.
//!
//! A logout ends the whole line of ids that a session has had since it began, so that a renewal of the id which was in
//! flight beside it does not outlive it; a renewal of the id ends that one id alone.

use crate::crypto::hex;
use crate::record::header::Head;
use crate::record::id::SessionId;
use crate::record::lifetime::{Limits, MAX_AGE_LIMIT};
use crate::time::{SKEW, Seconds};

/// What a note is named by: the octets that all ids of a line share, or all octets of one id, in hexadecimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    digits: [u8; ID_DIGITS],
    length: usize,
}

impl Slot {
    /// The slot of an id, or of its line.
    pub(crate) fn of(id: SessionId, ends: Ends) -> Self {
        let mut digits = [0; ID_DIGITS];
        digits.iter_mut().zip(hex::digits(id.as_bytes())).for_each(|(place, digit)| *place = digit);
        Self { digits, length: if ends == Ends::Line { LINE_DIGITS } else { ID_DIGITS } }
    }

    /// The slot of a note that a request carried.
    pub(crate) fn from_digits(said: &[u8]) -> Option<Self> {
        let length = said.len();
        let mut digits = [0; ID_DIGITS];
        digits.get_mut(..length)?.copy_from_slice(said);
        matches!(length, LINE_DIGITS | ID_DIGITS).then_some(Self { digits, length })
    }

    /// What a note of this slot says of an id.
    pub(crate) fn ends(&self, id: SessionId) -> Ends {
        if !self.digits().iter().copied().eq(hex::digits(id.as_bytes()).take(self.length)) {
            return Ends::None;
        }
        if self.length == LINE_DIGITS { Ends::Line } else { Ends::Id }
    }

    /// What follows the name of the session's cookie.
    pub(crate) fn suffix(&self) -> String {
        let mut suffix = INFIX.to_owned();
        suffix.extend(self.digits().iter().copied().map(char::from));
        suffix
    }

    fn digits(&self) -> &[u8] {
        self.digits.get(..self.length).unwrap_or_default()
    }
}

/// Which ids of a session a response ends, or have ended by the notes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Ends {
    None,
    /// One, and the session goes on under another.
    Id,
    /// All that the session has had.
    Line,
}

/// An id that a request carried, and until when a cookie of it could be valid at the most.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ending {
    pub(crate) id: SessionId,
    /// What notes that it carried say.
    pub(crate) ended: Ends,
    pub(crate) deadline: Seconds,
    pub(crate) remembered: bool,
}

impl Ending {
    pub(crate) const fn of(head: &Head, ended: Ends) -> Self {
        Self { id: head.id, ended, deadline: head.deadline, remembered: head.remembered }
    }

    /// How long the note must live: as long as a cookie of this id, sealed by a request that is still in flight, could be
    /// valid, by whichever clock.
    pub(crate) fn note_lasts(&self, limits: &Limits, now: Seconds) -> u64 {
        let left = self.deadline.since(now);
        let valid = if self.remembered { left } else { limits.idle.map_or(left, |idle| idle.min(left)) };
        valid.saturating_add(IN_FLIGHT).saturating_add(SKEW).min(MAX_AGE_LIMIT)
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
    pub(crate) fn add(&mut self, digits: &[u8], value: &[u8]) {
        let Some(slot) = Slot::from_digits(digits) else { return };
        let number = std::str::from_utf8(value).ok().filter(|text| text.bytes().all(|c| c.is_ascii_digit()));
        let value = number.and_then(|number| number.parse().ok()).unwrap_or(0);
        self.count = self.count.saturating_add(1);
        if self.oldest.is_none_or(|(_, oldest)| value < oldest) {
            self.oldest = Some((slot, value));
        }
    }
}

const ID_DIGITS: usize = 2 * SessionId::OCTETS;
const LINE_DIGITS: usize = 2 * SessionId::LINE;

/// Stands between the name of the session's cookie and the digits of the slot.
pub(crate) const INFIX: &str = ".out.";

/// How long a response may be on its way, in seconds.
const IN_FLIGHT: u64 = 3600;
