//! `Sessions<T>`: everything that `load` and `save` need, put together once and shared.

use std::fmt;
use std::sync::Arc;

use super::revoking::Revoking;
use crate::data::SchemaFingerprint;
use crate::data::decoders::Decoders;
use crate::keys::{KeyRing, RingEvent};
use crate::record::lifetime::Limits;
use crate::time::Clock;
use crate::token::Context;
use crate::web::Caching;
use crate::web::cookie::{CookieFinder, CookieTemplate};

/// The sessions of an application: one value, made at start and shared by all of its threads. Cloning copies a pointer.
///
/// [`load`](Self::load) and [`save`](Self::save) are the library. Both are synchronous and touch nothing but their
/// arguments, the clock and, for a write, the system's random generator.
///
/// An application may have several: the login in one, the shopping cart in another. Each then has a
/// [`name`](crate::Builder::name) of its own.
pub struct Sessions<T> {
    pub(crate) inner: Arc<Inner<T>>,
}

pub(crate) struct Inner<T> {
    /// A session is saved where it was loaded. Clones share the number.
    pub(crate) id: u64,
    pub(crate) ring: KeyRing,
    pub(crate) context: Context,
    pub(crate) last_seen_context: Context,
    pub(crate) csrf_context: Context,
    pub(crate) decoders: Decoders<T>,
    pub(crate) finder: CookieFinder,
    pub(crate) template: CookieTemplate,
    pub(crate) last_seen_template: CookieTemplate,
    pub(crate) secure: bool,
    pub(crate) caching: Caching,
    /// How many bytes the longest record has that fits, padding included.
    pub(crate) record_room: usize,
    pub(crate) limits: Limits,
    pub(crate) revoking: Revoking<T>,
    pub(crate) keep_unreadable: bool,
    pub(crate) clock: Clock,
    pub(crate) name: String,
    pub(crate) leftovers: Vec<Leftover>,
}

/// The session's cookie in an earlier place, where it may shadow the one of today.
pub(crate) struct Leftover {
    /// How it is found and opened if it has another name than the cookie of today.
    pub(crate) of_other_name: Option<(CookieFinder, Context)>,
    /// Whether every request carries it, as far as its path goes.
    pub(crate) is_everywhere: bool,
    pub(crate) template: CookieTemplate,
    pub(crate) last_seen_template: CookieTemplate,
}

impl<T> Sessions<T> {
    /// The keys of the ring that stop opening before the last session that they sealed may end. Those sessions are lost
    /// before their time.
    ///
    /// Empty for a plain ring, and for one that was rotated with a longest lifetime as long as these sessions may live.
    /// `build` asks it too, and reports what it finds. A ring that is replaced later is asked again then.
    ///
    /// ```
    /// # use std::time::{Duration, SystemTime};
    /// # use sealed_session::keys::Rotation;
    /// # use sealed_session::{Algorithm, Key, KeyRing, Sessions};
    /// # let now = SystemTime::now();
    /// # let key = || Key::generate(Algorithm::Xaes256Gcm).unwrap();
    /// let (announce, longest_lifetime) = (Duration::from_secs(3600), Duration::from_secs(86_400));
    /// let rotation = Rotation { longest_lifetime, announce, now };
    /// let ring = KeyRing::dated(key(), now).rotate(key(), rotation)?;
    ///
    /// let sessions: Sessions<u64> = Sessions::new(ring)?; // they live for seven days, the key for one
    /// assert_eq!(sessions.keys_ending_too_soon()[0].as_str(), "key_ends_too_soon");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn keys_ending_too_soon(&self) -> Vec<RingEvent> {
        self.inner.ring.ending_too_soon(self.inner.limits.max_lifetime, self.inner.clock.now())
    }

    /// Tells the ring how long its keys have to open; returns what is wrong with its keys.
    pub(crate) fn tell_ring(&self) -> Vec<RingEvent> {
        let ring = &self.inner.ring;
        let mut events = ring.published();
        events.extend(ring.must_open_for(self.inner.limits.max_lifetime, self.inner.clock.now()));
        events
    }

    /// The fingerprint of `T`, which every cookie carries. It is the same on every machine and for every compiler, so a
    /// test of the application can pin it, to see when a change would log users out.
    ///
    /// ```
    /// # use sealed_session::{Sessions, testing};
    /// # let sessions: Sessions<Option<u64>> = Sessions::new(testing::key_ring())?;
    /// assert_eq!(sessions.schema_fingerprint().to_string(), "3fac7dbeb2");
    /// # Ok::<(), sealed_session::ConfigError>(())
    /// ```
    #[must_use]
    pub fn schema_fingerprint(&self) -> SchemaFingerprint {
        self.inner.decoders.own
    }

    /// The text that the schema is the hash of (FORMAT §8), such as `{user:?u64,roles:[str]}`; `None` if the schema is
    /// pinned.
    ///
    /// ```
    /// # use sealed_session::{Sessions, testing};
    /// # let sessions: Sessions<Option<u64>> = Sessions::new(testing::key_ring())?;
    /// assert_eq!(sessions.schema_description(), Some("?u64"));
    /// # Ok::<(), sealed_session::ConfigError>(())
    /// ```
    #[must_use]
    pub fn schema_description(&self) -> Option<&str> {
        self.inner.decoders.description()
    }

    /// The name of the cookie.
    ///
    /// ```
    /// # use sealed_session::{Sessions, testing};
    /// # let ring = sealed_session::testing::key_ring();
    /// let builder = Sessions::<u64>::builder(ring).insecure_for_localhost();
    /// assert_eq!(builder.build()?.name(), "session"); // without Secure, no prefix
    /// # Ok::<(), sealed_session::ConfigError>(())
    /// ```
    #[must_use]
    pub fn name(&self) -> &str {
        &self.inner.name
    }
}

#[cfg(feature = "handle")]
impl<T> Sessions<T> {
    /// Whether a session that one of the two loaded can be saved by the other.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.inner.id == other.inner.id
    }

    /// Whether nobody can say that a session has not been revoked.
    pub(crate) fn revocations_are_silent(&self) -> bool {
        self.inner.revoking.is_silent()
    }
}

impl<T> Clone for Sessions<T> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner) }
    }
}

impl<T> fmt::Debug for Sessions<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions")
            .field("name", &self.inner.name)
            .field("ring", &self.inner.ring)
            .field("limits", &self.inner.limits)
            .finish_non_exhaustive()
    }
}
