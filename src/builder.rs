//! The settings of `Sessions`. Every rule that two settings share is checked here, once, when they are built.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use crate::about::MAX_FORMER;
use crate::companion;
use crate::cookie::name;
use crate::cookie::read::CookieFinder;
use crate::cookie::respond::TellCaches;
use crate::cookie::write::{Attributes, CookieTemplate, Priority, SameSite};
use crate::error::ConfigError;
use crate::key_ring::KeyRing;
use crate::lifetime::{Limits, MAX_AGE_LIMIT};
use crate::payload::{OlderData, SessionData};
use crate::readers::{Reader, Readers};
use crate::record::Padding;
use crate::sessions::{Former, Inner, Sessions, Tenants};
use crate::tenant::Tenant;
use crate::time::{Clock, Seconds};
use crate::token::{Context, Kind};

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
    ring: KeyRing,
    attributes: Attributes,
    purpose: String,
    idle: Idle,
    absolute: Duration,
    max_lifetime: Option<Duration>,
    renewal_interval: Option<Duration>,
    max_notes: usize,
    not_before: Option<SystemTime>,
    keep_unreadable: bool,
    tell_caches: TellCaches,
    padding: Padding,
    clock: Clock,
    samples: Vec<T>,
    pinned: Option<String>,
    accepted: Vec<Result<Reader<T>, ConfigError>>,
    former: Vec<(String, String, Option<String>)>,
    tenants: Vec<(String, Tenant)>,
}

impl<T: SessionData> Sessions<T> {
    /// Sessions with the safe defaults, which the README lists with their reasons.
    ///
    /// # Errors
    /// If `T` cannot be walked to its end, or does not come back from postcard as it was: see [`ShapeError`](crate::ShapeError).
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
            max_notes: 8,
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

    /// The path below which the cookie is sent. Default `/`.
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

    /// Lets the cookie end with the browser. Default: it stays for what is left of its lifetime. Either way the timeouts
    /// inside the seal decide, and browsers that restore their tabs restore such cookies too. A remembered session
    /// ([`lifetime`](crate::Session::lifetime)) stays.
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

    /// How long a session with a [`lifetime`](crate::Session::lifetime) of its own lives at the most. Default the
    /// absolute timeout, so that "remember me" has to be wanted here too.
    pub fn max_lifetime(mut self, lifetime: Duration) -> Self {
        self.max_lifetime = Some(lifetime);
        self
    }

    /// How old the idle clock must be for a response to renew it, in the companion cookie `<name>.seen`. Default a tenth of
    /// the idle timeout, which is therefore exact to −10 %: whoever comes back after nine tenths of it may be too late.
    /// At least a second. Shorter intervals are more exact and set more cookies.
    pub fn renewal_interval(mut self, interval: Duration) -> Self {
        self.renewal_interval = Some(interval);
        self
    }

    /// How many notes of ended sessions, `<name>.out.…`, a browser keeps before the oldest makes room. Default 8. Each
    /// lives as long as a response that was on its way could bring its session back, and takes some sixty octets of every
    /// request.
    pub fn max_notes(mut self, notes: usize) -> Self {
        self.max_notes = notes;
        self
    }

    /// Revokes every session that started before this moment, without a change of keys.
    pub fn not_before(mut self, moment: SystemTime) -> Self {
        self.not_before = Some(moment);
        self
    }

    /// Withholds writes that would replace a cookie which this process cannot read but another may: one of an unknown
    /// key or another shape. For the time of a deploy. A login is written all the same.
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

    /// Leaves `Vary` to the application: every response that depends on the session must then say `Vary: Cookie` itself,
    /// or a cache may give one visitor's page to another.
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

    /// A value of `T` from which its [shape](Sessions::shape) is found, beside the default and those made up: for types
    /// that refuse what can be made up. Any number of them.
    pub fn sample(mut self, value: T) -> Self {
        self.samples.push(value);
        self
    }

    /// Pins the shape by hand, in place of the one that is computed. Then it is for you to change this text whenever the
    /// names, the order or the types in `T` change: what is not changed is misread.
    pub fn shape(mut self, text: impl Into<String>) -> Self {
        self.pinned = Some(text.into());
        self
    }

    /// Reads cookies of an older type too, and converts it: `impl From<Old> for T`, or `TryFrom`, whose refusal is the
    /// rejection [`Refused`](crate::Rejection::Refused). Id, start and lifetimes go on; the next save of a changed session
    /// writes the new shape. Any number of generations, each converted straight to `T`.
    ///
    /// A field appended with `#[serde(default)]` needs none of this. Take the `accept` out again one absolute timeout after
    /// the last process of the old kind. A new field that guards something must begin on the strict side.
    pub fn accept<Old: OlderData>(mut self) -> Self
    where
        T: TryFrom<Old>,
    {
        self.accepted.push(Reader::of::<Old>(None));
        self
    }

    /// As [`accept`](Self::accept), for an older type whose shape was pinned with this text.
    pub fn accept_pinned<Old: OlderData>(mut self, text: &str) -> Self
    where
        T: TryFrom<Old>,
    {
        self.accepted.push(Reader::of::<Old>(Some(text)));
        self
    }

    /// Where the cookie was before its name, path or domain changed; up to four such places. Until they are gone, leftovers
    /// there may stand beside the cookie of today and shadow it, so each write and each logout removes them.
    pub fn formerly(mut self, name: &str, path: &str, domain: Option<&str>) -> Self {
        self.former.push((name.to_owned(), path.to_owned(), domain.map(str::to_owned)));
        self
    }

    /// Declares a tenant, whose requests [`load_at`](Sessions::load_at) is told of by
    /// [`Place::tenant`](crate::Place::tenant): the cookie's name, path, domain and purpose may be its own. No tenant's
    /// cookie opens at another.
    pub fn tenant(mut self, name: impl Into<String>, tenant: Tenant) -> Self {
        self.tenants.push((name.into(), tenant));
        self
    }

    /// Checks the settings and puts the sessions together.
    ///
    /// # Errors
    /// The first rule that a setting breaks, with the name of the setting and the remedy.
    pub fn build(mut self) -> Result<Sessions<T>, ConfigError> {
        let accepted = std::mem::take(&mut self.accepted).into_iter().collect::<Result<_, _>>()?;
        let limits = self.limits()?;
        let readers = Arc::new(Readers::new(&self.samples, self.pinned.as_deref(), accepted)?);
        let mut inner = self.assemble(self.attributes.clone(), &self.purpose, limits, &readers)?;
        let mut bounds = vec![(inner.name.clone(), self.purpose.clone())];
        for (name, tenant) in &self.tenants {
            let own = &self.attributes;
            let attributes = Attributes {
                name: tenant.name.as_ref().unwrap_or(&own.name).clone(),
                path: tenant.path.as_ref().unwrap_or(&own.path).clone(),
                domain: tenant.domain.as_ref().or(own.domain.as_ref()).cloned(),
                partitioned: tenant.partitioned.unwrap_or(own.partitioned),
                ..*own
            };
            let purpose = tenant.purpose.clone().unwrap_or_else(|| format!("{}/{name}", self.purpose));
            let built = self.assemble(attributes, &purpose, limits, &readers)?;
            let bound = (built.name.clone(), purpose);
            if bounds.contains(&bound) || !inner.tenants.add(name, built) {
                return Err(ConfigError::TenantTwice);
            }
            bounds.push(bound);
        }
        Ok(Sessions { inner: Arc::new(inner) })
    }

    /// The sessions of these attributes and this purpose.
    fn assemble(
        &self,
        mut attributes: Attributes,
        purpose: &str,
        limits: Limits,
        readers: &Arc<Readers<T>>,
    ) -> Result<Inner<T>, ConfigError> {
        if !attributes.secure {
            attributes.name = name::without_prefix(&attributes.name).to_owned();
        }
        self.check_attributes(&attributes)?;
        let name = attributes.name.clone();
        let context = |kind| Context::new(kind, &name, purpose).ok_or(ConfigError::Purpose);
        let template = CookieTemplate::new(&attributes);
        Ok(Inner {
            family: FAMILIES.fetch_add(1, Ordering::Relaxed),
            ring: self.ring.clone(),
            context: context(Kind::Session)?,
            companion_context: context(Kind::Companion)?,
            readers: Arc::clone(readers),
            finder: CookieFinder::new(&name),
            companion_template: template.with_suffix(companion::SUFFIX),
            template,
            max_notes: self.max_notes,
            secure: attributes.secure,
            tell_caches: self.tell_caches,
            padding: self.padding,
            limits,
            not_before: self.not_before.map(Seconds::from),
            keep_unreadable: self.keep_unreadable,
            clock: self.clock.clone(),
            former: self.former_of(&attributes)?,
            tenants: Tenants::new(),
            name,
        })
    }

    /// The former places, each different from that of today.
    fn former_of(&self, attributes: &Attributes) -> Result<Vec<Former>, ConfigError> {
        if self.former.len() > MAX_FORMER {
            return Err(ConfigError::Former);
        }
        let former = self.former.iter().map(|(name, path, domain)| {
            let place = (name.clone(), path.clone(), domain.clone());
            let old = Attributes { name: place.0, path: place.1, domain: place.2, ..*attributes };
            let is_today = (&old.name, &old.path, &old.domain)
                == (&attributes.name, &attributes.path, &attributes.domain);
            if is_today {
                return Err(ConfigError::Former);
            }
            self.check_attributes(&old)?;
            let template = CookieTemplate::new(&old);
            let finder = (old.name != attributes.name).then(|| CookieFinder::new(&old.name));
            Ok(Former { finder, companion_template: template.with_suffix(companion::SUFFIX), template })
        });
        former.collect()
    }

    fn check_attributes(&self, attributes: &Attributes) -> Result<(), ConfigError> {
        let Attributes { name, path, domain, same_site, secure, http_only, partitioned, .. } = attributes;
        let is_path_octet = |octet: u8| matches!(octet, b' '..=b'~') && octet != b';';
        if !path.starts_with('/') || path.len() > MAX_ATTRIBUTE || !path.bytes().all(is_path_octet) {
            return Err(ConfigError::Path);
        }
        let is_host_octet = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.');
        let is_host = |host: &String| {
            (1..=MAX_HOST).contains(&host.len())
                && !host.starts_with('.')
                && !host.ends_with('.')
                && host.bytes().all(is_host_octet)
        };
        if domain.as_ref().is_some_and(|domain| !is_host(domain)) {
            return Err(ConfigError::Domain);
        }
        let (has_domain, secure, http_only) = (domain.is_some(), *secure, *http_only);
        name::check(name, name::Attributes { path, has_domain, secure, http_only })?;
        if *same_site == SameSite::None && !secure {
            return Err(ConfigError::SameSiteNone);
        }
        if *partitioned && !secure {
            return Err(ConfigError::Partitioned);
        }
        if matches!(self.padding, Padding::Block(block) if !(2..=MAX_BLOCK).contains(&block)) {
            return Err(ConfigError::Padding);
        }
        Ok(())
    }

    fn limits(&self) -> Result<Limits, ConfigError> {
        let absolute = self.absolute.as_secs();
        let max_lifetime = self.max_lifetime.map_or(absolute, |lifetime| lifetime.as_secs());
        let idle = match self.idle {
            Idle::Default => Some(DEFAULT_IDLE.min(absolute.max(1))),
            Idle::Of(timeout) => Some(timeout.as_secs()),
            Idle::Off => None,
        };
        if idle == Some(0) {
            return Err(ConfigError::IdleZero);
        }
        if absolute == 0 {
            return Err(ConfigError::AbsoluteZero);
        }
        if absolute.max(max_lifetime) > MAX_AGE_LIMIT {
            return Err(ConfigError::Beyond400Days);
        }
        if idle.is_some_and(|idle| idle > absolute) {
            return Err(ConfigError::IdleBeyondAbsolute);
        }
        if max_lifetime < absolute {
            return Err(ConfigError::MaxLifetimeBelowAbsolute);
        }
        if self.max_notes == 0 {
            return Err(ConfigError::MaxNotes);
        }
        let tenth = idle.unwrap_or(absolute) / 10;
        let renewal_interval = self.renewal_interval.map_or(tenth.max(1), |interval| interval.as_secs());
        if renewal_interval == 0 || idle.is_some_and(|idle| renewal_interval > idle) {
            return Err(ConfigError::RenewalInterval);
        }
        Ok(Limits { idle, absolute, max_lifetime, renewal_interval })
    }
}

#[derive(Clone, Copy, Debug)]
enum Idle {
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

/// How many sessions have been built, in this process.
static FAMILIES: AtomicU64 = AtomicU64::new(0);

// Browsers ignore an attribute whose value is longer (RFC 6265bis §5.6).
const MAX_ATTRIBUTE: usize = 1024;
const MAX_HOST: usize = 253;
const MAX_BLOCK: usize = 1024;
const DEFAULT_IDLE: u64 = 24 * 3600;
