//! The keys of an application: which one seals, which ones open, and the look-up by id.

use std::fmt;
use std::sync::Arc;

use crate::aead::{Algorithm, Cipher};
use crate::error::{KeyError, KeyRingError};
use crate::key::{Key, KeyId};
use crate::secret::Zeroizing;

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
/// To rotate without logging anyone out: [`accept`](Self::accept) the new key everywhere, then let it seal and accept the
/// old one, then leave the old one out when its last cookie has expired.
#[derive(Clone)]
pub struct KeyRing {
    keys: Arc<Keys>,
}

impl KeyRing {
    /// How many keys a ring may hold.
    pub const MAX_KEYS: usize = 64;

    /// A ring of the one key that seals.
    #[must_use]
    pub fn new(sealing: Key) -> Self {
        Self { keys: Arc::new(Keys { sealing: Arc::new(RingKey::new(sealing)), opening: Vec::new() }) }
    }

    /// The same ring, which also opens what `key` has sealed.
    ///
    /// # Errors
    /// If a key of this id is in the ring already, or the ring is full. The error counts the sealing key as entry 1.
    pub fn accept(self, key: Key) -> Result<Self, KeyRingError> {
        let number = self.keys.opening.len().saturating_add(2);
        if number > Self::MAX_KEYS {
            return Err(KeyRingError::TooMany { limit: Self::MAX_KEYS });
        }
        if self.find(key.id()).is_some() {
            return Err(KeyRingError::Repeated { number });
        }
        let mut keys = Arc::unwrap_or_clone(self.keys);
        keys.opening.push(Arc::new(RingKey::new(key)));
        keys.opening.sort_unstable_by_key(|key| key.id());
        Ok(Self { keys: Arc::new(keys) })
    }

    /// Reads a ring from text: key texts separated by line ends or commas, `#` begins a comment. The first key seals,
    /// the others only open (FORMAT §3).
    ///
    /// # Errors
    /// With the number of the entry, and never with its text.
    pub fn from_text(text: &str) -> Result<Self, KeyRingError> {
        Self::read(text, Key::from_text)
    }

    /// Reads a ring from an environment variable, in the form of [`from_text`](Self::from_text).
    ///
    /// # Errors
    /// If the variable is not set, or not a ring.
    pub fn from_env(name: &str) -> Result<Self, KeyRingError> {
        match std::env::var(name) {
            Ok(text) => Self::from_text(&Zeroizing::new(text)),
            // Somebody may have given the key itself, which must not stand in an error.
            Err(_) if name.contains("sealed1_") => Err(KeyRingError::MissingVariable { name: "…".into() }),
            Err(std::env::VarError::NotPresent) => Err(KeyRingError::MissingVariable { name: name.into() }),
            Err(std::env::VarError::NotUnicode(_)) => {
                Err(KeyRingError::VariableNotText { name: name.into() })
            }
        }
    }

    /// The ids of its keys, the sealing one first.
    pub fn key_ids(&self) -> impl Iterator<Item = KeyId> {
        std::iter::once(&self.keys.sealing).chain(&self.keys.opening).map(|key| key.id())
    }

    pub(crate) fn sealing(&self) -> &RingKey {
        &self.keys.sealing
    }

    pub(crate) fn find(&self, id: KeyId) -> Option<&RingKey> {
        let Keys { sealing, opening } = &*self.keys;
        if sealing.id() == id {
            return Some(sealing); // nearly every cookie
        }
        opening
            .binary_search_by_key(&id, |key| key.id())
            .ok()
            .and_then(|at| opening.get(at))
            .map(|key| &**key)
    }

    /// `read_key` is [`Key::from_text`], or the way around the rule against trivial keys that tests take.
    pub(crate) fn read(
        text: &str,
        read_key: impl Fn(&str) -> Result<Key, KeyError>,
    ) -> Result<Self, KeyRingError> {
        let entries = text
            .lines()
            .filter_map(|line| line.split('#').next())
            .flat_map(|line| line.split(','))
            .map(|entry| entry.trim_matches(|c: char| c.is_ascii_whitespace()))
            .filter(|entry| !entry.is_empty());
        let mut ring: Option<Self> = None;
        for (number, entry) in (1..).zip(entries) {
            let key = read_key(entry).map_err(|error| KeyRingError::Entry { number, error })?;
            ring = Some(match ring {
                None => Self::new(key),
                Some(ring) => ring.accept(key)?,
            });
        }
        ring.ok_or(KeyRingError::Empty)
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.key_ids()).finish()
    }
}

#[derive(Clone)]
struct Keys {
    sealing: Arc<RingKey>,
    // Sorted by id: a client names the id that is looked up, and the time must not grow with the number of keys. Behind
    // pointers: a list that grows or is sorted would leave copies of the keys behind.
    opening: Vec<Arc<RingKey>>,
}

/// A key with its cipher, expanded once.
pub(crate) struct RingKey {
    key: Key,
    cipher: Cipher,
}

impl RingKey {
    fn new(key: Key) -> Self {
        Self { cipher: key.cipher(), key }
    }

    pub(crate) fn id(&self) -> KeyId {
        self.key.id()
    }

    pub(crate) fn algorithm(&self) -> Algorithm {
        self.key.algorithm()
    }

    pub(crate) fn cipher(&self) -> &Cipher {
        &self.cipher
    }
}
