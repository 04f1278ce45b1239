//! Tombstones: short-lived cookies that mark a session ID as ended (FORMAT §10).
//!
//! A response that was in flight during a logout can bring the session's cookie back. The tombstone makes the server
//! reject that cookie. Each ended ID has a tombstone of its own, so two responses cannot overwrite each other's: the
//! set only grows.
//!
//! A logout ends the family, which is every ID that the session has had since it began. So an ID that `cycle_id` draws
//! at the same time does not outlive it. `cycle_id` itself ends one ID.

use crate::crypto::hex;
use crate::record::header::RecordHeader;
use crate::record::id::{FamilyId, SessionId};
use crate::record::lifetime::{Limits, MAX_AGE_LIMIT};
use crate::time::{SKEW, Seconds};

/// What a tombstone ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scope {
    /// One ID. The session goes on under another.
    Id,
    /// Every ID that the session has had.
    Family,
}

impl Scope {
    /// How many bytes of an ID it names.
    const fn length(self) -> usize {
        match self {
            Self::Id => SessionId::LEN,
            Self::Family => FamilyId::LEN,
        }
    }
}

/// What a tombstone names: one ID, or a family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TombstoneKey {
    scope: Scope,
    // Invariant: zeros beyond the length of the scope.
    bytes: [u8; SessionId::LEN],
}

impl TombstoneKey {
    pub(crate) fn of(id: SessionId, scope: Scope) -> Self {
        let mut bytes = [0; SessionId::LEN];
        bytes.iter_mut().zip(id.as_bytes()).take(scope.length()).for_each(|(place, byte)| *place = *byte);
        Self { scope, bytes }
    }

    /// The key of a tombstone that a request carried.
    pub(crate) fn from_digits(digits: &[u8]) -> Option<Self> {
        let scope =
            [Scope::Id, Scope::Family].into_iter().find(|scope| 2 * scope.length() == digits.len())?;
        let mut bytes = [0; SessionId::LEN];
        hex::decode(digits, bytes.get_mut(..scope.length())?)?;
        Some(Self { scope, bytes })
    }

    /// The scope in which the tombstone ends this ID, if it does.
    pub(crate) fn ends(&self, id: SessionId) -> Option<Scope> {
        (Self::of(id, self.scope) == *self).then_some(self.scope)
    }

    /// What follows the name of the session's cookie.
    pub(crate) fn suffix(&self) -> Suffix {
        let mut text = *b".out.0000000000000000000000";
        text.split_at_mut_checked(INFIX.len())
            .into_iter()
            .for_each(|(_, digits)| hex::encode(&self.bytes, digits));
        Suffix { text, length: INFIX.len().saturating_add(2 * self.scope.length()) }
    }
}

/// `.out.` and digits, on the stack.
pub(crate) struct Suffix {
    text: [u8; MAX_SUFFIX],
    length: usize,
}

impl Suffix {
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.text.get(..self.length).unwrap_or_default()
    }
}

/// An ID that a request carried, and until when a cookie of it could be valid at the most.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EndedId {
    pub(crate) id: SessionId,
    /// What the tombstones of the request have ended already.
    pub(crate) ended: Option<Scope>,
    pub(crate) deadline: Seconds,
    pub(crate) remembered: bool,
}

impl EndedId {
    pub(crate) const fn of(header: &RecordHeader, ended: Option<Scope>) -> Self {
        Self { id: header.id, ended, deadline: header.deadline, remembered: header.remembered }
    }

    /// How long the tombstone must live: as long as a cookie of this ID, sealed by a request that is still in flight,
    /// could be valid, by whichever clock.
    pub(crate) fn tombstone_lifetime(&self, limits: &Limits, now: Seconds) -> u64 {
        let left = self.deadline.since(now);
        let valid = if self.remembered { left } else { limits.idle.map_or(left, |idle| idle.min(left)) };
        valid.saturating_add(IN_FLIGHT).saturating_add(SKEW).min(MAX_AGE_LIMIT)
    }
}

/// The tombstones that a request carried.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tombstones {
    pub(crate) count: usize,
    /// The one with the smallest value. It makes room for a new one where there are too many.
    pub(crate) oldest: Option<(TombstoneKey, u64)>,
}

impl Tombstones {
    /// A value that is no number counts as the oldest.
    pub(crate) fn add(&mut self, key: TombstoneKey, value: &[u8]) {
        let number = std::str::from_utf8(value).ok().filter(|text| text.bytes().all(|c| c.is_ascii_digit()));
        let value = number.and_then(|number| number.parse().ok()).unwrap_or(0);
        self.count = self.count.saturating_add(1);
        if self.oldest.is_none_or(|(_, oldest)| value < oldest) {
            self.oldest = Some((key, value));
        }
    }
}

/// Stands between the name of the session's cookie and the digits of the key.
pub(crate) const INFIX: &str = ".out.";

const MAX_SUFFIX: usize = INFIX.len() + 2 * SessionId::LEN;

/// How many tombstones a browser keeps. A response that would make them more removes the oldest.
pub(crate) const MAX_TOMBSTONES: usize = 8;

/// How long a response may be in flight, in seconds.
const IN_FLIGHT: u64 = 3600;
