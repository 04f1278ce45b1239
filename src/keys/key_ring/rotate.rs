//! Rotation as a function: a ring and a new key become the ring that announces it.

use std::time::{Duration, SystemTime};

use super::Key;
use super::KeyRing;
use super::keys::{Entry, Keys};
use crate::error::{KeyError, RotateError};
use crate::time::timestamp::Timestamp;
use crate::time::{Seconds, Y2001, whole_seconds};

/// The times of a rotation. Fractions of a second count as a whole one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// The longest lifetime of anything that is sealed with the ring: the absolute timeout, the maximal lifetime of
    /// remembered sessions, the expiry of the application's own tokens.
    pub longest_lifetime: Duration,
    /// How long the new key is announced: until every process has read it.
    pub announce: Duration,
    /// The time.
    pub now: SystemTime,
}

impl KeyRing {
    /// A dated ring of one key, which seals from this moment on: what a first rotation begins with.
    ///
    /// A process whose clock is up to 60 seconds behind reads it too.
    #[must_use]
    pub fn dated(key: Key, seals_from: SystemTime) -> Self {
        let Timestamp(seals_from) = Timestamp::from(seals_from);
        Self::fixed(Keys::of_one(Entry { seals_from: Some(seals_from), ..Entry::new(key) }))
    }

    /// The ring that announces `key`, which seals after the time to announce it. The key that seals now stops opening
    /// when no token of it can be valid any more: at that moment plus the longest lifetime plus the time to announce,
    /// since a process that reads late goes on sealing with it. Keys that stopped opening more than a day ago are
    /// dropped.
    ///
    /// A plain ring becomes a dated one. Its keys are taken to have sealed since 1970, as it does not say.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    /// use sealed_session::keys::{KeyState, Rotation};
    /// use sealed_session::{Algorithm, Key, KeyRing};
    ///
    /// let now = SystemTime::now();
    /// let ring = KeyRing::dated(Key::generate(Algorithm::Xaes256Gcm)?, now);
    /// let (longest_lifetime, announce) = (Duration::from_secs(7 * 86_400), Duration::from_secs(3600));
    /// let ring = ring.rotate(Key::generate(Algorithm::Xaes256Gcm)?, Rotation { longest_lifetime, announce, now })?;
    ///
    /// let states = |moment| ring.status(moment).into_iter().map(|key| key.state).collect::<Vec<_>>();
    /// assert_eq!(states(now), [KeyState::Sealing, KeyState::Announced]);
    /// assert_eq!(states(now + announce), [KeyState::Opening, KeyState::Sealing]);
    /// assert_eq!(states(now + announce * 2 + longest_lifetime), [KeyState::Expired, KeyState::Sealing]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If a key is announced already, no key seals yet by this clock, the new one is in the ring, the ring is full, the
    /// longest lifetime is zero, the time lies before 2001, or a time lies beyond the year 9999.
    pub fn rotate(&self, key: Key, rotation: Rotation) -> Result<Self, RotateError> {
        let Rotation { longest_lifetime, announce, now } = rotation;
        let (now, announce) = (Seconds::from(now), whole_seconds(announce));
        let switch = now.plus(announce);
        let end = switch.plus(whole_seconds(longest_lifetime)).plus(announce);
        if longest_lifetime.is_zero() {
            return Err(RotateError::LifetimeZero);
        }
        if end > Timestamp::LAST {
            return Err(RotateError::TooFar);
        }
        if now < Y2001 {
            return Err(RotateError::TooEarly);
        }
        let mut entries = self.dated_entries();
        let seals = |entry: &Entry| entry.seals_from <= Some(now);
        if !entries.iter().all(seals) {
            let is_behind = !entries.iter().any(seals);
            return Err(if is_behind { RotateError::NotYet } else { RotateError::Announced });
        }
        for entry in &mut entries {
            entry.opens_until.get_or_insert(end);
        }
        entries.retain(|entry| entry.opens_until.is_none_or(|until| now.since(until) <= GRACE));
        if entries.len() >= Self::MAX_KEYS {
            return Err(RotateError::TooMany { limit: Self::MAX_KEYS });
        }
        let new = Entry { seals_from: Some(switch), ..Entry::new(key) };
        let ring = Keys::new(new, &entries, now).map_err(|(_, error)| match error {
            KeyError::Repeated => RotateError::Repeated,
            _ => RotateError::SameTime, // the other rules hold by the lines above
        });
        ring.map(Self::fixed)
    }

    /// The entries of a plain ring get times in the order in which they may have sealed.
    fn dated_entries(&self) -> Vec<Entry> {
        let keys = self.keys();
        let mut entries: Vec<_> = keys.in_order().cloned().collect();
        if !keys.is_dated {
            for (second, entry) in (0..).zip(entries.iter_mut().rev()) {
                entry.seals_from = Some(Seconds::new(second));
            }
        }
        entries
    }
}

/// How long a key is kept after it stopped opening: a clock that is wrong by hours must not destroy keys.
const GRACE: u64 = 86_400;
