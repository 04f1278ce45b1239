//! Keys and key rings: made, read from text, rotated, and replaced while requests run.

pub(crate) mod key;
pub(crate) mod key_ring;
#[cfg(feature = "watch")]
pub(crate) mod watcher;

pub use key::{Key, KeyId};
#[cfg(feature = "watch")]
pub use key_ring::SwappableKeyRing;
pub use key_ring::{KeyRing, KeyState, KeyStatus, RingEvent, Rotation};
#[cfg(feature = "watch")]
pub use watcher::{KeyRingWatcher, WatcherBuilder, WatcherStatus};

pub use crate::crypto::aead::Algorithm;
