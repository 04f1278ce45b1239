//! `Sessions<T>`: everything that `load` and `save` need, put together once and shared.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use crate::data::decoders::Readers;
use crate::data::payload::SessionData;
use crate::data::schema::SchemaFingerprint;
use crate::keys::key_ring::{KeyRing, RingEvent};
use crate::record::header::Padding;
use crate::record::lifetime::Limits;
use crate::time::{Clock, Seconds};
use crate::token::Context;
use crate::web::cookie::CookieFinder;
use crate::web::cookie::CookieTemplate;
use crate::web::respond::TellCaches;

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
    /// Shared by clones and by those with another ring: a session is saved where it was loaded.
    pub(crate) family: u64,
    pub(crate) ring: KeyRing,
    pub(crate) context: Context,
    pub(crate) last_seen_context: Context,
    pub(crate) csrf_context: Context,
    pub(crate) readers: Arc<Readers<T>>,
    pub(crate) finder: CookieFinder,
    pub(crate) template: CookieTemplate,
    pub(crate) last_seen_template: CookieTemplate,
    pub(crate) max_tombstones: usize,
    pub(crate) secure: bool,
    pub(crate) tell_caches: TellCaches,
    pub(crate) padding: Padding,
    pub(crate) limits: Limits,
    pub(crate) not_before: Option<Seconds>,
    pub(crate) keep_unreadable: bool,
    pub(crate) clock: Clock,
    pub(crate) name: String,
    pub(crate) former: Vec<Former>,
    pub(crate) tenants: Tenants<T>,
}

/// A place where the cookie was before, and may still shadow the one of today.
#[derive(Clone)]
pub(crate) struct Former {
    /// `None`: the name is the same.
    pub(crate) finder: Option<CookieFinder>,
    pub(crate) template: CookieTemplate,
    pub(crate) last_seen_template: CookieTemplate,
}

/// The tenants by their names, and by the family that their sessions remember.
pub(crate) struct Tenants<T> {
    by_name: HashMap<String, u64>,
    by_id: HashMap<u64, Arc<Inner<T>>>,
}

impl<T> Tenants<T> {
    pub(crate) fn new() -> Self {
        Self { by_name: HashMap::new(), by_id: HashMap::new() }
    }

    /// Whether the name was free.
    pub(crate) fn add(&mut self, name: &str, tenant: Inner<T>) -> bool {
        let family = tenant.family;
        self.by_id.insert(family, Arc::new(tenant));
        self.by_name.insert(name.to_owned(), family).is_none()
    }
}

impl<T> Inner<T> {
    pub(crate) fn of_tenant(&self, name: &str) -> Option<&Self> {
        self.tenants.by_name.get(name).and_then(|family| self.with_id(*family))
    }

    /// These sessions, or those of the tenant, that a session was loaded by.
    pub(crate) fn with_id(&self, family: u64) -> Option<&Self> {
        if family == self.family {
            Some(self)
        } else {
            self.tenants.by_id.get(&family).map(|tenant| &**tenant)
        }
    }

    fn with_key_ring(&self, ring: &KeyRing) -> Self {
        let with_ring =
            |(family, tenant): (&u64, &Arc<Self>)| (*family, Arc::new(tenant.with_key_ring(ring)));
        let tenants = Tenants {
            by_name: self.tenants.by_name.clone(),
            by_id: self.tenants.by_id.iter().map(with_ring).collect(),
        };
        Self {
            ring: ring.clone(),
            context: self.context.clone(),
            last_seen_context: self.last_seen_context.clone(),
            csrf_context: self.csrf_context.clone(),
            readers: Arc::clone(&self.readers),
            finder: self.finder.clone(),
            template: self.template.clone(),
            last_seen_template: self.last_seen_template.clone(),
            clock: self.clock.clone(),
            name: self.name.clone(),
            former: self.former.clone(),
            tenants,
            ..*self
        }
    }
}

impl<T: SessionData> Sessions<T> {
    /// The same sessions with another key ring, for as long as this value and its clones are used.
    #[must_use]
    pub fn with_key_ring(&self, ring: KeyRing) -> Self {
        let sessions = Self { inner: Arc::new(self.inner.with_key_ring(&ring)) };
        sessions.tell_ring().iter().for_each(RingEvent::report);
        sessions
    }
}

impl<T> Sessions<T> {
    /// The keys of the ring that stop opening before the last session that they sealed may end: those sessions are lost
    /// before their time. Empty for a ring that was rotated with a longest lifetime as long as these sessions may live,
    /// and for a plain one.
    ///
    /// `build` asks it too, and says what it finds on standard error. A ring that is exchanged later is asked again
    /// then.
    #[must_use]
    pub fn keys_ending_too_soon(&self) -> Vec<RingEvent> {
        self.inner.ring.ending_too_soon(self.inner.limits.max_lifetime, self.inner.clock.now())
    }

    /// Tells the ring how long its keys have to open; returns what it says against it.
    pub(crate) fn tell_ring(&self) -> Vec<RingEvent> {
        self.inner.ring.must_open_for(self.inner.limits.max_lifetime, self.inner.clock.now())
    }

    /// The fingerprint of `T`, which every cookie carries. It is the same on every machine and for every compiler, so a
    /// test of the application's can hold it down, to see when a change would have users logged out.
    #[must_use]
    pub fn schema_fingerprint(&self) -> SchemaFingerprint {
        self.inner.readers.own
    }

    /// The text that the schema is the hash of (FORMAT §8), such as `{user:?u64,roles:[str]}`; `None` if the schema is
    /// pinned.
    #[must_use]
    pub fn schema_description(&self) -> Option<&str> {
        self.inner.readers.description.as_deref()
    }

    /// The name of the cookie.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// The sessions that loaded a session of this family; these, for one of a tenant that nobody declared.
    pub(crate) fn loader(&self, family: u64) -> &Inner<T> {
        self.inner.with_id(family).unwrap_or(&self.inner)
    }

    /// The name of the cookie at a tenant's.
    #[cfg(feature = "handle")]
    pub(crate) fn name_at(&self, tenant: Option<&str>) -> &str {
        tenant.and_then(|tenant| self.inner.of_tenant(tenant)).map_or(self.name(), |inner| &inner.name)
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
