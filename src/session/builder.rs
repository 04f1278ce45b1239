//! The settings of `Sessions`, one method each, and the rules between them.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use super::lifetimes::Lifetimes;
use super::loaded::MAX_LEFTOVERS;
#[cfg(feature = "revocation")]
use super::revocation::Revocations;
use super::revoking::Revoking;
use super::sessions::{Inner, Leftover, Sessions};
use crate::data::decoders::{Decoder, Decoders};
use crate::data::{OlderData, SessionData};
use crate::error::{ConfigError, Rule};
use crate::keys::{KeyRing, RingEvent};
#[cfg(feature = "revocation")]
use crate::record::entry::SubjectId;
use crate::record::{header, last_seen};
use crate::time::Clock;
use crate::token::{self, Context, Kind};
use crate::web::Caching;
use crate::web::cookie::{CookieConfig, CookieFinder, CookieTemplate};

/// The settings of [`Sessions`], each with a safe default.
///
/// ```
/// use std::time::Duration;
/// # use sealed_session::{Sessions, testing};
/// # let ring = testing::key_ring();
/// let sessions: Sessions<u64> = Sessions::builder(ring)
///     .name("__Host-cart")
///     .purpose("shop.example")
///     .idle_timeout(Duration::from_secs(30 * 60))
///     .absolute_timeout(Duration::from_secs(12 * 3600))
///     .build()?;
/// # Ok::<(), sealed_session::ConfigError>(())
/// ```
#[must_use = "settings do nothing until they are built"]
pub struct Builder<T> {
    ring: KeyRing,
    cookie: CookieConfig,
    is_insecure: bool,
    purpose: String,
    lifetimes: Lifetimes,
    caching: Caching,
    clock: Clock,
    samples: Vec<T>,
    pinned_schema: Option<String>,
    accepted: Vec<Result<Decoder<T>, ConfigError>>,
    leftovers: Vec<CookieConfig>,
    keep_unreadable: bool,
    verify_writes: bool,
    revoking: Revoking<T>,
}

impl<T: SessionData> Sessions<T> {
    /// Sessions with the safe defaults, which the README lists with their reasons.
    ///
    /// ```
    /// use sealed_session::{Algorithm, Key, KeyRing, Sessions};
    ///
    /// let ring = KeyRing::new(Key::generate(Algorithm::Xaes256Gcm)?);
    /// let sessions: Sessions<Option<u64>> = Sessions::new(ring)?;
    /// assert_eq!(sessions.name(), "__Host-session");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If `T` cannot be walked to its end, or does not come back from postcard as it was: see
    /// [`SchemaError`](crate::error::SchemaError).
    pub fn new(ring: KeyRing) -> Result<Self, ConfigError> {
        Self::builder(ring).build()
    }

    /// Sessions with other settings: see [`Builder`].
    ///
    /// Building many `Sessions` of one type is cheap, for instance one for each tenant: the type is walked once. Give
    /// each tenant a different [`purpose`](Builder::purpose): with the same one, they open each other's cookies.
    ///
    /// ```
    /// # use sealed_session::{Sessions, testing};
    /// # let ring = testing::key_ring();
    /// let sessions: Sessions<u64> = Sessions::builder(ring).idle_timeout(None).build()?;
    /// # Ok::<(), sealed_session::ConfigError>(())
    /// ```
    pub fn builder(ring: KeyRing) -> Builder<T> {
        Builder {
            ring,
            cookie: CookieConfig::default(),
            is_insecure: false,
            purpose: String::new(),
            lifetimes: Lifetimes::default(),
            caching: Caching::default(),
            clock: Clock::System,
            samples: Vec::new(),
            pinned_schema: None,
            accepted: Vec::new(),
            leftovers: Vec::new(),
            keep_unreadable: false,
            verify_writes: cfg!(debug_assertions),
            revoking: Revoking::default(),
        }
    }
}

impl<T: SessionData> Builder<T> {
    /// The cookie's name, prefix included. Default `__Host-session`.
    ///
    /// Chromium, Firefox and Safari let no other host of the domain set a cookie whose name begins with `__Host-`.
    /// WebKitGTK does not enforce that with a libsoup before 3.3, such as Debian 12 has. There, and under every other
    /// name, a host of the domain can plant a session of its own.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.cookie.name = name.into();
        self
    }

    /// The cookie: its name and attributes, in place of all that was set before.
    pub fn cookie(mut self, cookie: CookieConfig) -> Self {
        self.cookie = cookie;
        self
    }

    /// How long sessions live, in place of all that was set before.
    pub fn lifetimes(mut self, lifetimes: Lifetimes) -> Self {
        self.lifetimes = lifetimes;
        self
    }

    /// How long a session lives that nobody uses: [`Lifetimes::idle_timeout`]. Default 24 hours.
    pub fn idle_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.lifetimes = self.lifetimes.idle_timeout(timeout);
        self
    }

    /// How long a session lives at the most: [`Lifetimes::absolute_timeout`]. Default 7 days.
    pub fn absolute_timeout(mut self, timeout: Duration) -> Self {
        self.lifetimes = self.lifetimes.absolute_timeout(timeout);
        self
    }

    /// A text that tells this application from others that hold the same keys, such as `shop.example/production`.
    /// Neither opens a cookie of the other. Default empty, which is right where the keys are this application's alone.
    pub fn purpose(mut self, purpose: impl Into<String>) -> Self {
        self.purpose = purpose.into();
        self
    }

    /// Allows plain http, for development on a machine without TLS: the cookie loses Secure, and its name a prefix that
    /// asks for it. Never use it where users are.
    pub fn insecure_for_localhost(mut self) -> Self {
        self.is_insecure = true;
        self
    }

    /// Which caching headers [`save`](Sessions::save) sets. Default `Cache-Control` and `Vary`.
    pub fn caching(mut self, caching: Caching) -> Self {
        self.caching = caching;
        self
    }

    /// Where the time comes from. Default the system's clock.
    pub fn clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Clock::Given(Arc::new(clock));
        self
    }

    /// A value of `T` from which its [schema](Sessions::schema_description) is found, beside the default and made-up
    /// values. For types that refuse what can be made up. Any number of them.
    ///
    /// Use made-up values, never data of a person: neither they nor the bytes that they are encoded to are wiped.
    pub fn sample(mut self, value: T) -> Self {
        self.samples.push(value);
        self
    }

    /// Pins the schema by hand, in place of the one that is computed. You must then change this text whenever the
    /// names, the order or the types in `T` change, or old cookies are misread.
    pub fn schema(mut self, text: impl Into<String>) -> Self {
        self.pinned_schema = Some(text.into());
        self
    }

    /// Reads cookies of an older type too, and converts it: `impl From<Old> for T`, or `TryFrom`, whose refusal is the
    /// rejection [`Refused`](crate::Rejection::Refused). Id, start and lifetimes go on; the next save of a changed
    /// session writes the new schema. Any number of generations, each converted straight to `T`.
    ///
    /// A field appended with `#[serde(default)]` needs none of this. Remove the `accept` one absolute timeout after the
    /// last process of the old kind has ended. A new field that guards something must begin on the strict side.
    pub fn accept<Old: OlderData>(mut self) -> Self
    where
        T: TryFrom<Old>,
    {
        self.accepted.push(Decoder::of::<Old>());
        self
    }

    /// The session's cookies of an earlier configuration, with another name, path, domain or partition; up to four.
    /// Such a leftover can shadow the cookie of today, so each write and each logout removes it. Describe every
    /// attribute as it was, because a browser takes the removal for another cookie otherwise, or refuses it. The same
    /// reaches a cookie that another host of the domain has planted: give its name, that of today too, and its domain.
    ///
    /// ```
    /// # use sealed_session::{CookieConfig, SameSite, Sessions, testing};
    /// # let ring = testing::key_ring();
    /// // The application was embedded in other sites, below /app.
    /// let before = CookieConfig::new("sid").path("/app").same_site(SameSite::None);
    /// let sessions: Sessions<u64> = Sessions::builder(ring).remove_leftovers([before]).build()?;
    /// # Ok::<(), sealed_session::ConfigError>(())
    /// ```
    pub fn remove_leftovers(mut self, cookies: impl IntoIterator<Item = CookieConfig>) -> Self {
        self.leftovers.extend(cookies);
        self
    }

    /// Withholds writes that would replace a cookie which this process cannot read but another may: one of an unknown
    /// key or another schema. For the time of a deploy. A login is written all the same.
    pub fn keep_unreadable(mut self) -> Self {
        self.keep_unreadable = true;
        self
    }

    /// Has [`save`](Sessions::save) decode what it has encoded and compare. Data that does not come back as it was is
    /// [`SaveError::RoundTrip`](crate::SaveError::RoundTrip), with its path. Builds with debug assertions always do it.
    ///
    /// It finds what a value can do wrong that [`build`](Self::build) did not see in the type: a rule that rejects data
    /// which a handler made, or a `Serialize` and a `Deserialize` that disagree for some values. The comparison is of
    /// encoded bytes. A `Serialize` that truncates a number writes the same bytes for both, so it is not found.
    ///
    /// ```
    /// # use sealed_session::{SaveError, Sessions, testing};
    /// # #[derive(Clone, Default, serde::Serialize, serde::Deserialize)]
    /// #[serde(try_from = "String", into = "String")]
    /// struct Name(String);
    /// # impl From<Name> for String {
    /// #     fn from(name: Name) -> String {
    /// #         name.0
    /// #     }
    /// # }
    /// impl TryFrom<String> for Name {
    ///     type Error = &'static str;
    ///     fn try_from(name: String) -> Result<Self, Self::Error> {
    ///         if name.len() < 32 { Ok(Self(name)) } else { Err("too long") }
    ///     }
    /// }
    ///
    /// # let ring = sealed_session::testing::key_ring();
    /// let sessions: Sessions<Name> = Sessions::builder(ring).verify_writes().build()?;
    /// let mut session = sessions.load(&http::HeaderMap::new());
    /// session.0 = "x".repeat(32); // no load would accept it
    /// let saved = sessions.save(session, &mut http::HeaderMap::new());
    /// assert!(matches!(saved, Err(SaveError::RoundTrip { .. })));
    /// # Ok::<(), sealed_session::ConfigError>(())
    /// ```
    pub fn verify_writes(mut self) -> Self {
        self.verify_writes = true;
        self
    }

    /// Which sessions the server has ended. Clones of one [`Revocations`] may serve several `Sessions` of one name and
    /// purpose, for instance in tests that start two servers.
    ///
    /// ```
    /// # use sealed_session::revocation::Revocations;
    /// # use sealed_session::{Sessions, testing};
    /// # let ring = testing::key_ring();
    /// let revocations = Revocations::new(); // kept by the application, which revokes with it
    /// let sessions: Sessions<u64> = Sessions::builder(ring).revocations(&revocations).build()?;
    /// # Ok::<(), sealed_session::ConfigError>(())
    /// ```
    #[cfg(feature = "revocation")]
    #[cfg_attr(docsrs, doc(cfg(feature = "revocation")))]
    pub fn revocations(mut self, revocations: &Revocations) -> Self {
        self.revoking.revocations = Some(revocations.clone());
        self
    }

    /// Who the person is, such as the bytes of their user id; `None` if nobody is logged in. For
    /// [`revoke_subject`](Revocations::revoke_subject) and [`log_out_others`](crate::Session::log_out_others).
    ///
    /// Two people must not have the same subject. `load` calls the closure if somebody was logged out everywhere after
    /// this session began, and `save` for a session that begins.
    ///
    /// ```
    /// # use sealed_session::{Sessions, testing};
    /// # let ring = testing::key_ring();
    /// # #[derive(Default, serde::Serialize, serde::Deserialize)]
    /// # struct Visitor { user: Option<String> }
    /// let builder = Sessions::builder(ring).subject(|visitor: &Visitor| visitor.user.clone());
    /// # builder.build()?;
    /// # Ok::<(), sealed_session::ConfigError>(())
    /// ```
    #[cfg(feature = "revocation")]
    #[cfg_attr(docsrs, doc(cfg(feature = "revocation")))]
    pub fn subject<S: AsRef<[u8]>>(
        mut self,
        subject: impl Fn(&T) -> Option<S> + Send + Sync + 'static,
    ) -> Self {
        let subject = move |data: &T| subject(data).map(|subject| SubjectId::of(subject.as_ref()));
        self.revoking.subject = Some(Arc::new(subject));
        self
    }

    /// Checks the settings and puts the sessions together.
    ///
    /// # Errors
    /// The first rule that a setting breaks, with the name of the setting and the remedy.
    pub fn build(self) -> Result<Sessions<T>, ConfigError> {
        let sessions = self.put_together()?;
        sessions.tell_ring().iter().for_each(RingEvent::report);
        Ok(sessions)
    }

    /// Without a word about the ring.
    pub(crate) fn put_together(mut self) -> Result<Sessions<T>, ConfigError> {
        let accepted = std::mem::take(&mut self.accepted).into_iter().collect::<Result<_, _>>()?;
        let limits = self.lifetimes.check(self.clock.now())?;
        let decoders = Decoders::new(&self.samples, self.pinned_schema.as_deref(), accepted)?
            .verifying(self.verify_writes);
        let cookie = if self.is_insecure { self.cookie.insecure() } else { self.cookie };
        cookie.check()?;
        cookie.check_partition()?;
        let context = |kind| Context::new(kind, &cookie.name, &self.purpose).ok_or(Rule::Purpose);
        let template = CookieTemplate::new(&cookie);
        let inner = Inner {
            id: BUILT.fetch_add(1, Ordering::Relaxed),
            context: context(Kind::Session)?,
            last_seen_context: context(Kind::LastSeen)?,
            csrf_context: context(Kind::Form)?,
            ring: self.ring,
            decoders,
            finder: CookieFinder::new(&cookie.name),
            last_seen_template: template.with_suffix(last_seen::SUFFIX),
            secure: cookie.secure,
            caching: self.caching,
            record_room: record_room(&template, limits.longest_max_age()),
            template,
            limits,
            revoking: self.revoking,
            keep_unreadable: self.keep_unreadable,
            clock: self.clock,
            leftovers: leftovers(self.leftovers, &cookie, self.is_insecure, &self.purpose)?,
            name: cookie.name,
        };
        // Last: settings that are refused leave no trace in what several `Sessions` share.
        #[cfg(feature = "revocation")]
        if let Some(revocations) = &inner.revoking.revocations {
            let context = Context::new(Kind::Revocation, &inner.name, &self.purpose).ok_or(Rule::Purpose)?;
            if !revocations.bind(&inner.ring, context, &inner.clock, inner.limits.max_lifetime) {
                return Err(Rule::Revocations.into());
            }
        }
        Ok(Sessions { inner: Arc::new(inner) })
    }
}

/// The leftovers, each in another place than the cookie of today.
fn leftovers(
    old: Vec<CookieConfig>,
    today: &CookieConfig,
    is_insecure: bool,
    purpose: &str,
) -> Result<Vec<Leftover>, ConfigError> {
    if old.len() > MAX_LEFTOVERS {
        return Err(Rule::Leftovers.into());
    }
    let (mut leftovers, mut places) = (Vec::new(), Vec::<CookieConfig>::new());
    for old in old {
        old.check_leftover().map_err(ConfigError::of_leftover)?;
        let old = if is_insecure { old.insecure_leftover() } else { old };
        if old.is_same_place(today) {
            if is_insecure {
                continue; // without TLS, names that differ in their prefix alone become one
            }
            return Err(Rule::Leftovers.into());
        }
        if places.iter().any(|earlier| old.is_same_place(earlier)) {
            continue; // one removal is enough
        }
        let template = CookieTemplate::new(&old);
        let context = Context::new(Kind::Session, &old.name, purpose).ok_or(Rule::Purpose)?;
        let of_other_name = (old.name != today.name).then(|| (CookieFinder::new(&old.name), context));
        leftovers.push(Leftover {
            of_other_name,
            is_everywhere: old.path == "/",
            last_seen_template: template.with_suffix(last_seen::SUFFIX),
            template,
        });
        places.push(old);
    }
    Ok(leftovers)
}

/// How many bytes the longest record has whose cookie every browser keeps and every front end passes on (FORMAT §13).
fn record_room(template: &CookieTemplate, max_age: u64) -> usize {
    let envelope = template.room(max_age) * 3 / 4;
    envelope.saturating_sub(token::OVERHEAD) / header::BLOCK * header::BLOCK
}

/// How many sessions have been built in this process.
static BUILT: AtomicU64 = AtomicU64::new(0);

impl<T> fmt::Debug for Builder<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("ring", &self.ring)
            .field("cookie", &self.cookie)
            .field("purpose", &self.purpose)
            .field("lifetimes", &self.lifetimes)
            .finish_non_exhaustive()
    }
}
