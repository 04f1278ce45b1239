//! The settings of `Sessions`, one method each. What they must have in common is checked in `build`.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::data::decoders::Reader;
use crate::data::payload::{OlderData, SessionData};
use crate::error::ConfigError;
use crate::keys::key_ring::KeyRing;
use crate::record::header::Padding;
use crate::session::sessions::Sessions;
use crate::session::tenant::Tenant;
use crate::time::Clock;
use crate::web::cookie::{Attributes, Priority, SameSite};
use crate::web::respond::TellCaches;

/// The settings of [`Sessions`], each with a safe default.
///
/// ```
/// use std::time::Duration;
/// # use sealed_session::{testing, Sessions};
/// # let ring = testing::key_ring();
/// let sessions: Sessions<u64> = Sessions::builder(ring)
///     .name("__Host-cart")
///     .purpose("shop.example")
///     .idle_timeout(Duration::from_secs(30 * 60))
///     .absolute_timeout(Duration::from_secs(12 * 3600))
///     .build()?;
/// # Ok::<(), sealed_session::ConfigError>(())
/// ```
///
/// What standards ask of the two timeouts, to be checked against the edition that binds you:
///
/// | | idle | absolute |
/// |---|---|---|
/// | the default here | 24 h | 7 days |
/// | NIST SP 800-63B-4, AAL1 | none asked for | 30 days |
/// | NIST SP 800-63B-4, AAL2 | 1 h | 24 h |
/// | NIST SP 800-63B-4, AAL3 | 15 min | 12 h |
/// | OWASP, low risk | 15 to 30 min | 4 to 8 h |
/// | OWASP, high value | 2 to 5 min | 4 to 8 h |
#[must_use = "settings do nothing until they are built"]
pub struct Builder<T> {
    pub(crate) ring: KeyRing,
    pub(crate) attributes: Attributes,
    pub(crate) purpose: String,
    pub(crate) idle: Idle,
    pub(crate) absolute: Duration,
    pub(crate) max_lifetime: Option<Duration>,
    pub(crate) renewal_interval: Option<Duration>,
    pub(crate) max_tombstones: usize,
    pub(crate) not_before: Option<SystemTime>,
    pub(crate) keep_unreadable: bool,
    pub(crate) tell_caches: TellCaches,
    pub(crate) padding: Padding,
    pub(crate) clock: Clock,
    pub(crate) samples: Vec<T>,
    pub(crate) pinned: Option<String>,
    pub(crate) accepted: Vec<Result<Reader<T>, ConfigError>>,
    pub(crate) former: Vec<(String, String, Option<String>)>,
    pub(crate) tenants: Vec<(String, Tenant)>,
}

impl<T: SessionData> Sessions<T> {
    /// Sessions with the safe defaults, which the README lists with their reasons.
    ///
    /// # Errors
    /// If `T` cannot be walked to its end, or does not come back from postcard as it was: see
    /// [`SchemaError`](crate::SchemaError).
    pub fn new(ring: KeyRing) -> Result<Self, ConfigError> {
        Self::builder(ring).build()
    }

    /// Sessions with other settings.
    pub fn builder(ring: KeyRing) -> Builder<T> {
        Builder::new(ring)
    }
}

impl<T: SessionData> Builder<T> {
    pub(crate) fn new(ring: KeyRing) -> Self {
        let attributes = Attributes {
            name: "__Host-session".into(),
            path: "/".into(),
            domain: None,
            same_site: SameSite::Lax,
            secure: true,
            http_only: true,
            partitioned: false,
            priority: None,
            persistent: true,
        };
        Self {
            ring,
            attributes,
            purpose: String::new(),
            idle: Idle::Default,
            absolute: Duration::from_secs(7 * 24 * 3600),
            max_lifetime: None,
            renewal_interval: None,
            max_tombstones: 8,
            not_before: None,
            keep_unreadable: false,
            tell_caches: TellCaches { cache_control: true, vary: true },
            padding: Padding::None,
            clock: Clock::System,
            samples: Vec::new(),
            pinned: None,
            accepted: Vec::new(),
            former: Vec::new(),
            tenants: Vec::new(),
        }
    }

    /// The cookie's name, prefix included. Default `__Host-session`, which no other host of the domain can set.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.attributes.name = name.into();
        self
    }

    /// The path below which the cookie is sent, as requests write it: percent-encoded. Default `/`.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.attributes.path = path.into();
        self
    }

    /// The domain whose hosts all receive the cookie. Default none: only the host that set it. Needs a name without
    /// `__Host-`, and gives every host of the domain the power to place a cookie before yours.
    pub fn domain(mut self, domain: impl Into<String>) -> Self {
        self.attributes.domain = Some(domain.into());
        self
    }

    /// On which requests from other sites the cookie is sent. Default [`SameSite::Lax`]; `Strict` breaks logins that
    /// come back from another site.
    pub fn same_site(mut self, same_site: SameSite) -> Self {
        self.attributes.same_site = same_site;
        self
    }

    /// Whether scripts are kept from the cookie. Default true; what they could read is sealed anyway, but they could
    /// send it elsewhere.
    pub fn http_only(mut self, http_only: bool) -> Self {
        self.attributes.http_only = http_only;
        self
    }

    /// Whether the cookie is kept apart for each site that embeds this one (CHIPS). Default false. Browsers give such
    /// cookies less room.
    pub fn partitioned(mut self, partitioned: bool) -> Self {
        self.attributes.partitioned = partitioned;
        self
    }

    /// What Chromium evicts first when a site has too many cookies. Default not said.
    pub fn priority(mut self, priority: Priority) -> Self {
        self.attributes.priority = Some(priority);
        self
    }

    /// Lets the cookie end with the browser. Default: it stays for what is left of its lifetime. Either way the
    /// timeouts inside the seal decide, and browsers that restore their tabs restore such cookies too. A remembered
    /// session ([`set_lifetime`](crate::Session::set_lifetime)) stays.
    pub fn browser_session(mut self) -> Self {
        self.attributes.persistent = false;
        self
    }

    /// Allows plain http, for development on a machine without TLS: the cookie loses Secure, and its name a prefix that
    /// asks for it. Never where users are.
    pub fn insecure_for_localhost(mut self) -> Self {
        self.attributes.secure = false;
        self
    }

    /// Tells this application from others that hold the same keys, such as `shop.example/production`: neither opens a
    /// cookie of the other. Default empty, which is right where the keys are this application's alone.
    pub fn purpose(mut self, purpose: impl Into<String>) -> Self {
        self.purpose = purpose.into();
        self
    }

    /// How long a session lives that nobody uses. Default 24 hours, or the absolute timeout if that is shorter. Whole
    /// seconds count.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle = Idle::Of(timeout);
        self
    }

    /// Lets sessions live until the absolute timeout, however little they are used.
    pub fn no_idle_timeout(mut self) -> Self {
        self.idle = Idle::Off;
        self
    }

    /// How long a session lives at the most, from its start. Default 7 days. Whole seconds count.
    pub fn absolute_timeout(mut self, timeout: Duration) -> Self {
        self.absolute = timeout;
        self
    }

    /// How long a session with a [`set_lifetime`](crate::Session::set_lifetime) of its own lives at the most. Default
    /// the absolute timeout, so that "remember me" has to be wanted here too.
    pub fn max_lifetime(mut self, lifetime: Duration) -> Self {
        self.max_lifetime = Some(lifetime);
        self
    }

    /// How old the idle clock must be for a response to renew it, in the last-seen cookie `<name>.seen`. Default a
    /// tenth of the idle timeout, which is therefore exact to −10 %: whoever comes back after nine tenths of it may be
    /// too late. At least a second. Shorter intervals are more exact and set more cookies.
    pub fn renewal_interval(mut self, interval: Duration) -> Self {
        self.renewal_interval = Some(interval);
        self
    }

    /// How many tombstones of ended sessions, `<name>.out.…`, a browser keeps before each response that adds some
    /// removes the oldest. Default 8. Each lives as long as a response that was on its way could bring its session
    /// back, and takes some sixty bytes of every request.
    pub fn max_tombstones(mut self, tombstones: usize) -> Self {
        self.max_tombstones = tombstones;
        self
    }

    /// Revokes every session that started before this moment, without a change of keys.
    pub fn not_before(mut self, moment: SystemTime) -> Self {
        // A moment within a second counts as the next one: the strict side.
        self.not_before = Some(moment.checked_add(Duration::from_nanos(999_999_999)).unwrap_or(moment));
        self
    }

    /// Withholds writes that would replace a cookie which this process cannot read but another may: one of an unknown
    /// key or another schema. For the time of a deploy. A login is written all the same.
    pub fn keep_unreadable(mut self) -> Self {
        self.keep_unreadable = true;
        self
    }

    /// Leaves `Cache-Control` to the application: on every response that sets the cookie it must then say `no-store`
    /// itself, or a cache may give one visitor's session to another.
    pub fn without_cache_control(mut self) -> Self {
        self.tell_caches.cache_control = false;
        self
    }

    /// Leaves `Vary` to the application: every response that depends on the session must then say `Vary: Cookie`
    /// itself, or a cache may give one visitor's page to another.
    pub fn without_vary(mut self) -> Self {
        self.tell_caches.vary = false;
        self
    }

    /// Makes cookies longer, so that their length tells less about their content. Default [`Padding::None`].
    pub fn padding(mut self, padding: Padding) -> Self {
        self.padding = padding;
        self
    }

    /// Where the time comes from. Default the system's clock.
    pub fn clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Clock::Given(Arc::new(clock));
        self
    }

    /// A value of `T` from which its [schema](Sessions::schema_fingerprint) is found, beside the default and those made
    /// up: for types that refuse what can be made up. Any number of them.
    pub fn sample(mut self, value: T) -> Self {
        self.samples.push(value);
        self
    }

    /// Pins the schema by hand, in place of the one that is computed. Then it is for you to change this text whenever
    /// the names, the order or the types in `T` change: what is not changed is misread.
    pub fn schema(mut self, text: impl Into<String>) -> Self {
        self.pinned = Some(text.into());
        self
    }

    /// Reads cookies of an older type too, and converts it: `impl From<Old> for T`, or `TryFrom`, whose refusal is the
    /// rejection [`Refused`](crate::Rejection::Refused). Id, start and lifetimes go on; the next save of a changed
    /// session writes the new schema. Any number of generations, each converted straight to `T`.
    ///
    /// A field appended with `#[serde(default)]` needs none of this. Take the `accept` out again one absolute timeout
    /// after the last process of the old kind. A new field that guards something must begin on the strict side.
    pub fn accept<Old: OlderData>(mut self) -> Self
    where
        T: TryFrom<Old>,
    {
        self.accepted.push(Reader::of::<Old>(None));
        self
    }

    /// As [`accept`](Self::accept), for an older type whose schema was pinned with this text.
    pub fn accept_pinned<Old: OlderData>(mut self, text: &str) -> Self
    where
        T: TryFrom<Old>,
    {
        self.accepted.push(Reader::of::<Old>(Some(text)));
        self
    }

    /// Where the cookie was before its name, path or domain changed; up to four such places. Until they are gone,
    /// leftovers there may stand beside the cookie of today and shadow it, so each write and each logout removes them.
    pub fn formerly(mut self, name: &str, path: &str, domain: Option<&str>) -> Self {
        self.former.push((name.to_owned(), path.to_owned(), domain.map(str::to_owned)));
        self
    }

    /// Declares a tenant, whose requests [`load_with`](Sessions::load_with) is told of by
    /// [`RequestInfo::tenant`](crate::RequestInfo::tenant): the cookie's name, path, domain and purpose may be its own.
    /// No tenant's cookie opens at another.
    pub fn tenant(mut self, name: impl Into<String>, tenant: Tenant) -> Self {
        self.tenants.push((name.into(), tenant));
        self
    }
}

/// The idle timeout as it was set.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Idle {
    Default,
    Of(Duration),
    Off,
}

impl<T> fmt::Debug for Builder<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("ring", &self.ring)
            .field("attributes", &self.attributes)
            .field("purpose", &self.purpose)
            .field("idle", &self.idle)
            .field("absolute", &self.absolute)
            .field("max_lifetime", &self.max_lifetime)
            .finish_non_exhaustive()
    }
}
