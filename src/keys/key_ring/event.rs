//! What happens to a ring that an operator should know of.

use std::fmt;
use std::time::Duration;

use super::KeyId;
use super::keys::Keys;
#[cfg(feature = "watch")]
use crate::error::KeyRingError;
use crate::events;
use crate::time::Seconds;

/// Something about a ring that an operator should know. `Display` says it in a line, without any secret.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RingEvent {
    /// A key stops opening before the last session that it sealed may end.
    #[non_exhaustive]
    KeyEndsTooSoon {
        /// Which key.
        key: KeyId,
        /// By how much.
        by: Duration,
    },
    /// A key that anybody can know, such as that of `testing::key_ring()`. Reported in release builds alone.
    #[non_exhaustive]
    PublishedKey {
        /// Which key.
        key: KeyId,
    },
    /// Other keys are in use now.
    #[cfg(feature = "watch")]
    #[non_exhaustive]
    Replaced {
        /// The key that seals.
        sealing: KeyId,
        /// How many there are.
        keys: usize,
    },
    /// A key is gone, or has been made to expire, whose cookies may still be out there.
    #[cfg(feature = "watch")]
    #[non_exhaustive]
    KeyLost {
        /// Which key.
        key: KeyId,
    },
    /// A key seals at once that was not announced: processes that have not read it yet cannot open what it seals.
    #[cfg(feature = "watch")]
    #[non_exhaustive]
    NotAnnounced {
        /// Which key.
        key: KeyId,
    },
    /// The file cannot be taken as it is: the ring in use stays.
    #[cfg(feature = "watch")]
    NotReplaced(KeyRingError),
    /// The file is good again, and holds the ring in use.
    #[cfg(feature = "watch")]
    Recovered,
    /// The watcher was dropped while its ring is in use: its keys stay, and are not replaced any more.
    #[cfg(feature = "watch")]
    Stopped,
}

impl RingEvent {
    /// The stable label, such as `key_lost`.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::KeyEndsTooSoon { .. } => "key_ends_too_soon",
            Self::PublishedKey { .. } => "published_key",
            #[cfg(feature = "watch")]
            Self::Replaced { .. } => "replaced",
            #[cfg(feature = "watch")]
            Self::KeyLost { .. } => "key_lost",
            #[cfg(feature = "watch")]
            Self::NotAnnounced { .. } => "not_announced",
            #[cfg(feature = "watch")]
            Self::NotReplaced(_) => "not_replaced",
            #[cfg(feature = "watch")]
            Self::Recovered => "recovered",
            #[cfg(feature = "watch")]
            Self::Stopped => "stopped",
        }
    }

    /// Writes it to the operator's log.
    pub(crate) fn report(&self) {
        events::ring(self.as_str(), self.is_problem(), self);
    }

    /// Whether somebody should do something about it.
    #[must_use]
    pub const fn is_problem(&self) -> bool {
        match self {
            Self::KeyEndsTooSoon { .. } | Self::PublishedKey { .. } => true,
            #[cfg(feature = "watch")]
            Self::KeyLost { .. } | Self::NotAnnounced { .. } | Self::NotReplaced(_) | Self::Stopped => true,
            #[cfg(feature = "watch")]
            Self::Replaced { .. } | Self::Recovered => false,
        }
    }
}

impl fmt::Display for RingEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KeyEndsTooSoon { key, by } => write!(
                f,
                "key {key} stops opening {} s before the last session that it sealed may end: set its opens-until later, \
                 and rotate with a longer lifetime",
                by.as_secs()
            ),
            Self::PublishedKey { key } => write!(
                f,
                "key {key} is published or trivial, so anybody can forge its cookies: make one with `sealed-session \
                 keygen`, and keep sealed_session::testing to tests"
            ),
            #[cfg(feature = "watch")]
            Self::Replaced { sealing, keys } => {
                write!(f, "the key ring was replaced: key {sealing} seals, {keys} in all")
            }
            #[cfg(feature = "watch")]
            Self::KeyLost { key } => write!(
                f,
                "key {key} opens no longer, and its cookies may still be alive: put it back, unless it has leaked"
            ),
            #[cfg(feature = "watch")]
            Self::NotAnnounced { key } => write!(
                f,
                "key {key} seals at once and was not announced: processes that have not read it yet refuse its cookies"
            ),
            #[cfg(feature = "watch")]
            Self::NotReplaced(error) => write!(f, "the key ring in use stays: {error}"),
            #[cfg(feature = "watch")]
            Self::Recovered => f.write_str("the key ring file is good again, with the ring in use"),
            #[cfg(feature = "watch")]
            Self::Stopped => f.write_str(
                "the watcher was dropped while its key ring is in use: keep it for as long as the sessions",
            ),
        }
    }
}

/// Keys that stop opening before what they sealed may end, if that lives this many seconds at the longest.
pub(super) fn ending_too_soon(keys: &Keys, longest: u64, now: Seconds) -> Vec<RingEvent> {
    let entries: Vec<_> = keys.in_order().collect();
    let pairs = entries.windows(2).filter_map(|pair| {
        let [entry, next] = pair else { return None };
        let until = entry.opens_until.filter(|until| *until > now)?;
        let by = next.seals_from?.plus(longest).since(until);
        (by > 0).then(|| RingEvent::KeyEndsTooSoon { key: entry.id(), by: Duration::from_secs(by) })
    });
    pairs.collect()
}

/// Keys that anybody can know.
pub(super) fn published(keys: &Keys) -> Vec<RingEvent> {
    let published = keys.in_order().filter(|entry| entry.key.key().is_weak());
    published.map(|entry| RingEvent::PublishedKey { key: entry.id() }).collect()
}

/// What it means that `new` takes the place of `old`.
#[cfg(feature = "watch")]
pub(super) fn differences(old: &Keys, new: &Keys, longest: u64, now: Seconds) -> Vec<RingEvent> {
    use super::status::{KeyState, status};
    use super::text::write;
    use crate::crypto::secret::Zeroizing;

    if Zeroizing::new(write(old)) == Zeroizing::new(write(new)) {
        return Vec::new();
    }
    let sealing = new.would_seal(now).id();
    let mut events = vec![RingEvent::Replaced { sealing, keys: new.len() }];
    let may_be_in_use =
        status(old, now).into_iter().filter(|key| matches!(key.state, KeyState::Sealing | KeyState::Opening));
    let lost = may_be_in_use.filter(|key| new.find(key.id, now).is_none());
    events.extend(lost.map(|key| RingEvent::KeyLost { key: key.id }));
    if old.entry(sealing).is_none() {
        events.push(RingEvent::NotAnnounced { key: sealing });
    }
    events.extend(ending_too_soon(new, longest, now)); // none if no sessions ask: a key opens until the next seals
    events
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{Algorithm, Key, KeyRing};

    #[test]
    fn published_keys_are_found_wherever_they_are_in_the_ring() {
        let key = || Key::generate(Algorithm::Xaes256Gcm).unwrap();
        let weak = |byte| Key::from_bytes(Algorithm::XChaCha20Poly1305, [byte; 32].into());
        let found =
            |ring: KeyRing| published(&ring.keys()).iter().map(RingEvent::to_string).collect::<Vec<_>>();
        let says = |key: &Key| {
            format!(
                "key {} is published or trivial, so anybody can forge its cookies: make one with `sealed-session \
                 keygen`, and keep sealed_session::testing to tests",
                key.id()
            )
        };
        assert_eq!(found(KeyRing::new(key()).accept(key()).unwrap()), [] as [&str; 0]);
        assert_eq!(found(KeyRing::new(weak(1))), [says(&weak(1))]);
        let ring = KeyRing::new(key()).accept(weak(0)).unwrap().accept(key()).unwrap();
        assert_eq!(found(ring), [says(&weak(0))]);
    }
}
