//! A ring that is replaced while requests run: the one file that names `arc_swap`.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use arc_swap::ArcSwap;

use super::event::{RingEvent, differences};
use super::keys::Keys;
use super::{KeyRing, Source};
use crate::time::Seconds;

/// The owner of a ring that can be replaced while requests run. All clones of [`ring`](Self::ring), in any number of
/// [`Sessions`](crate::Sessions) and [`Tokens`](crate::Tokens), follow at once and without a lock.
///
/// For rings that come from a configuration store, or a button. For one in a file there is
/// [`KeyRingWatcher`](crate::keys::KeyRingWatcher).
///
/// ```
/// use std::time::SystemTime;
/// use sealed_session::keys::SwappableKeyRing;
/// use sealed_session::{Algorithm, Key, KeyRing, Sessions};
///
/// let swappable = SwappableKeyRing::new(KeyRing::new(Key::generate(Algorithm::Xaes256Gcm)?));
/// let sessions: Sessions<u64> = Sessions::new(swappable.ring())?;
///
/// let new = Key::generate(Algorithm::Xaes256Gcm)?;
/// let id = new.id();
/// let events = swappable.replace(&KeyRing::new(new), SystemTime::now());
/// assert_eq!(swappable.ring().key_ids().next(), Some(id)); // and the sessions seal with it
/// assert!(events.iter().any(|event| event.as_str() == "key_lost")); // everybody is out
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct SwappableKeyRing(KeyRing);

impl SwappableKeyRing {
    /// A ring that begins with these keys.
    #[must_use]
    pub fn new(ring: KeyRing) -> Self {
        Self(KeyRing { source: Source::Swappable(Arc::new(Shared::new(ring.into_keys()))) })
    }

    /// The ring, which follows every [`replace`](Self::replace).
    #[must_use]
    pub fn ring(&self) -> KeyRing {
        self.0.clone()
    }

    /// Replaces the keys by those that `ring` holds now. Says what that means for the sessions that are out there;
    /// nothing at all if the keys are the same.
    #[must_use = "it says whether sessions were lost"]
    pub fn replace(&self, ring: &KeyRing, now: SystemTime) -> Vec<RingEvent> {
        match &self.0.source {
            Source::Swappable(shared) => {
                let mut events = shared.replace(ring.clone().into_keys(), now.into());
                events.extend(ring.published());
                events
            }
            Source::Fixed(_) => Vec::new(), // `new` makes none
        }
    }

    /// Whether anybody else holds the ring.
    pub(crate) fn is_in_use(&self) -> bool {
        matches!(&self.0.source, Source::Swappable(shared) if Arc::strong_count(shared) > 1)
    }
}

pub(super) struct Shared {
    keys: ArcSwap<Keys>,
    /// The longest lifetime, in seconds, of sessions that were built with this ring; 0 if there are none.
    longest: AtomicU64,
}

impl Shared {
    fn new(keys: Arc<Keys>) -> Self {
        Self { keys: ArcSwap::new(keys), longest: AtomicU64::new(0) }
    }

    pub(super) fn keys(&self) -> SwappedKeys {
        SwappedKeys(self.keys.load())
    }

    pub(super) fn all(&self) -> Arc<Keys> {
        self.keys.load_full()
    }

    pub(super) fn must_open_for(&self, longest: u64) {
        self.longest.fetch_max(longest, Ordering::Relaxed);
    }

    fn replace(&self, new: Arc<Keys>, now: Seconds) -> Vec<RingEvent> {
        let old = self.keys.swap(Arc::clone(&new));
        differences(&old, &new, self.longest.load(Ordering::Relaxed), now)
    }
}

/// Keeps the keys for as long as it is looked at.
pub(crate) struct SwappedKeys(arc_swap::Guard<Arc<Keys>>);

impl std::ops::Deref for SwappedKeys {
    type Target = Keys;

    fn deref(&self) -> &Keys {
        &self.0
    }
}
