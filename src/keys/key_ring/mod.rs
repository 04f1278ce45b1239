//! The keys of an application: which one seals, which ones open, and the look-up by id.

mod event;
mod file;
mod keys;
mod rotate;
mod status;
#[cfg(feature = "watch")]
mod swappable;
mod text;

use std::fmt;
use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::SystemTime;

pub use self::event::RingEvent;
#[cfg(feature = "watch")]
pub(crate) use self::file::{parse as parse_file, read as read_file};
use self::keys::{Entry, Wrong};
pub(crate) use self::keys::{Keys, RingKey};
pub use self::rotate::Rotation;
pub use self::status::{KeyState, KeyStatus};
#[cfg(feature = "watch")]
pub use self::swappable::SwappableKeyRing;
use crate::crypto::secret::Zeroizing;
use crate::error::{KeyError, KeyRingError};
use crate::keys::key::{Key, KeyId};
use crate::time::{Clock, Seconds};

/// The keys of an application. One seals; all of them open.
///
/// Made from keys, from text, or from an environment variable. Cloning is cheap, and the keys are wiped with the last
/// clone.
///
/// ```
/// use sealed_session::{Algorithm, Key, KeyRing};
///
/// let (new, old) = (Key::generate(Algorithm::Xaes256Gcm)?, Key::generate(Algorithm::Xaes256Gcm)?);
/// let text = format!("{}  # since June\n{}  # until July", new.expose_text(), old.expose_text());
///
/// let ring = KeyRing::new(new).accept(old)?;
/// assert_eq!(KeyRing::from_text(&text)?.key_ids().collect::<Vec<_>>(), ring.key_ids().collect::<Vec<_>>());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Such a ring is **plain**: it changes when somebody changes it. A **dated** ring says of each key from when on it
/// seals and until when it opens, and the clock alone decides, so that all processes switch at one moment.
/// [`rotate`](Self::rotate) makes it, and [`guide::rotation`](crate::guide::rotation) says how a fleet lives with it.
#[derive(Clone)]
pub struct KeyRing {
    source: Source,
}

#[derive(Clone)]
enum Source {
    Fixed(Arc<Keys>),
    #[cfg(feature = "watch")]
    Swappable(Arc<swappable::Shared>),
}

impl KeyRing {
    /// How many keys a ring may hold.
    pub const MAX_KEYS: usize = 64;

    /// A plain ring of the one key that seals.
    #[must_use]
    pub fn new(sealing: Key) -> Self {
        Self::fixed(Keys::of_one(Entry::new(sealing)))
    }

    /// The same ring, which also opens what `key` has sealed. For plain rings: a dated one is [rotated](Self::rotate).
    ///
    /// # Errors
    /// If a key of this id is in the ring already, the ring is full, or it is dated. The error counts the sealing key
    /// as entry 1.
    pub fn accept(self, key: Key) -> Result<Self, KeyRingError> {
        let keys = self.keys();
        if keys.len() >= Self::MAX_KEYS {
            return Err(KeyRingError::TooMany { limit: Self::MAX_KEYS });
        }
        let wrong = |(at, error): Wrong| {
            let number = at.saturating_add(1);
            KeyRingError::Entry { number, line: None, error }
        };
        if keys.is_dated {
            return Err(wrong((keys.len(), KeyError::MissingSealsFrom)));
        }
        let mut opening: Vec<_> = keys.in_order().skip(1).cloned().collect();
        opening.push(Entry::new(key));
        Keys::plain(keys.sealed_last().clone(), &opening).map(Self::fixed).map_err(wrong)
    }

    /// Reads a ring from text (FORMAT §3): keys separated by line ends or commas, `#` begins a comment. Of plain keys
    /// the first seals and the others only open; dated ones have `seals-from=` and perhaps `opens-until=` behind each.
    ///
    /// ```
    /// use sealed_session::error::{KeyError, KeyRingError};
    /// use sealed_session::KeyRing;
    ///
    /// let broken = "# our keys\nsealed1_xaes_00…  seals-from=2026-11-01T00:00:00Z";
    /// let error = KeyRing::from_text(broken).unwrap_err();
    /// assert!(error.to_string().starts_with("line 2 of the key ring, entry 1: not a key: expected "));
    /// assert_eq!(error.as_str(), "malformed");
    /// ```
    ///
    /// # Errors
    /// With the line and the number of the entry, and never with its text. A dated ring of which no key may seal yet,
    /// by the system's clock, is refused too.
    pub fn from_text(text: &str) -> Result<Self, KeyRingError> {
        Self::read(text, Clock::System.now(), Key::from_text)
    }

    /// As [`from_text`](Self::from_text), at a time of yours.
    ///
    /// # Errors
    /// The same.
    pub fn from_text_at(text: &str, now: SystemTime) -> Result<Self, KeyRingError> {
        Self::read(text, now.into(), Key::from_text)
    }

    /// Reads a ring from an environment variable, in the form of [`from_text`](Self::from_text).
    ///
    /// # Errors
    /// If the variable is not set, or not a ring.
    pub fn from_env(name: &str) -> Result<Self, KeyRingError> {
        let shown = || if Key::may_be_in(name) { "…".into() } else { name.to_owned() };
        match std::env::var(name) {
            Ok(text) => Self::from_text(&Zeroizing::new(text)).map_err(|error| error.in_variable(shown())),
            Err(std::env::VarError::NotPresent) => Err(KeyRingError::MissingVariable { name: shown() }),
            Err(std::env::VarError::NotUnicode(_)) => Err(KeyRingError::VariableNotText { name: shown() }),
        }
    }

    /// Reads a ring from a file, in the form of [`from_text`](Self::from_text).
    ///
    /// # Errors
    /// If the file cannot be read, can be written by its group or others (on Unix), or is not a ring.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, KeyRingError> {
        let path = path.as_ref();
        file::parse(&file::read(path)?, path, Clock::System.now().to_system())
    }

    /// The ring's text, which is all of its secrets: for the place where keys are kept, and nowhere else. A line a key,
    /// in the order in which they seal, without comments.
    #[must_use]
    pub fn expose_text(&self) -> String {
        text::write(&self.keys())
    }

    /// The ids of its keys: first the one that seals, or sealed last as far as this process knows.
    pub fn key_ids(&self) -> impl Iterator<Item = KeyId> + use<> {
        let keys = self.keys();
        let sealing = keys.sealed_last().id();
        let others = keys.ids().filter(|id| *id != sealing);
        std::iter::once(sealing).chain(others).collect::<Vec<_>>().into_iter()
    }

    /// Where each of its keys stands at this moment, in the order in which they seal.
    ///
    /// Of a plain ring the first one is sealing and the others are opening: which of them are announced it does not
    /// say.
    #[must_use]
    pub fn status(&self, now: SystemTime) -> Vec<KeyStatus> {
        status::status(&self.keys(), now.into())
    }

    /// The keys of this moment. Two calls may return different keys.
    pub(crate) fn keys(&self) -> KeysRef<'_> {
        match &self.source {
            Source::Fixed(keys) => KeysRef::Fixed(keys),
            #[cfg(feature = "watch")]
            Source::Swappable(shared) => KeysRef::Swapped(shared.keys()),
        }
    }

    /// Takes note that sessions live for so many seconds which were built with this ring. Returns which keys end too
    /// soon for that, unless it was returned before: an application may build thousands of `Sessions` with one ring.
    pub(crate) fn must_open_for(&self, longest: u64, now: Seconds) -> Vec<RingEvent> {
        #[cfg(feature = "watch")]
        if let Source::Swappable(shared) = &self.source {
            shared.must_open_for(longest);
        }
        if self.keys().reported_for.fetch_max(longest, Ordering::Relaxed) >= longest {
            return Vec::new();
        }
        self.ending_too_soon(longest, now)
    }

    pub(crate) fn ending_too_soon(&self, longest: u64, now: Seconds) -> Vec<RingEvent> {
        event::ending_too_soon(&self.keys(), longest, now)
    }

    /// Which keys anybody can know, once for each ring. Empty in debug builds, where tests use such keys on purpose.
    pub(crate) fn published(&self) -> Vec<RingEvent> {
        let keys = self.keys();
        if cfg!(debug_assertions) || keys.reported_published.swap(true, Ordering::Relaxed) {
            return Vec::new();
        }
        event::published(&keys)
    }

    #[cfg(feature = "watch")]
    fn into_keys(self) -> Arc<Keys> {
        match self.source {
            Source::Fixed(keys) => keys,
            Source::Swappable(shared) => shared.all(),
        }
    }

    /// `read_key` is [`Key::from_text`], or the way around the rule against trivial keys that tests take.
    pub(crate) fn read(
        text: &str,
        now: Seconds,
        read_key: impl Fn(&str) -> Result<Key, KeyError>,
    ) -> Result<Self, KeyRingError> {
        text::read(text, now, read_key).map(Self::fixed)
    }

    fn fixed(keys: Keys) -> Self {
        Self { source: Source::Fixed(Arc::new(keys)) }
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.key_ids()).finish()
    }
}

/// The keys of a moment, for as long as they are looked at.
pub(crate) enum KeysRef<'a> {
    Fixed(&'a Keys),
    #[cfg(feature = "watch")]
    Swapped(swappable::SwappedKeys),
}

impl Deref for KeysRef<'_> {
    type Target = Keys;

    fn deref(&self) -> &Keys {
        match self {
            Self::Fixed(keys) => keys,
            #[cfg(feature = "watch")]
            Self::Swapped(keys) => keys,
        }
    }
}
