//! One description of a cookie: its name, its attributes, and the rules between them.

use super::name;
use crate::error::{ConfigError, Rule};

/// A cookie: its name and its attributes, with safe defaults.
///
/// It describes the session's cookie ([`Builder::cookie`](crate::Builder::cookie)), the leftovers of an earlier
/// configuration ([`Builder::remove_leftovers`](crate::Builder::remove_leftovers)), and each tenant's cookie where an
/// application has several. It can come from a configuration file, by serde: the keys are the names of the methods,
/// except that only code can switch off `secure` and `http_only`.
///
/// ```
/// use sealed_session::{CookieConfig, SameSite, Sessions};
///
/// let cookie = CookieConfig::new("__Host-admin").same_site(SameSite::Strict).persistent(false);
/// # let ring = sealed_session::testing::key_ring();
/// let sessions: Sessions<u64> = Sessions::builder(ring).cookie(cookie).build()?;
/// assert_eq!(sessions.name(), "__Host-admin");
///
/// let file = r#"{ "name": "__Secure-shop", "path": "/shop", "same_site": "strict" }"#;
/// let cookie: CookieConfig = serde_json::from_str(file)?;
/// assert!(serde_json::from_str::<CookieConfig>(r#"{ "secure": false }"#).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a description does nothing by itself"]
pub struct CookieConfig {
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) domain: Option<String>,
    pub(crate) same_site: SameSite,
    pub(crate) secure: bool,
    pub(crate) http_only: bool,
    pub(crate) partitioned: bool,
    pub(crate) priority: Option<Priority>,
    pub(crate) persistent: bool,
}

/// `__Host-session` for the path `/`, Secure, HttpOnly, SameSite=Lax.
impl Default for CookieConfig {
    fn default() -> Self {
        Self {
            name: "__Host-session".into(),
            path: "/".into(),
            domain: None,
            same_site: SameSite::Lax,
            secure: true,
            http_only: true,
            partitioned: false,
            priority: None,
            persistent: true,
        }
    }
}

impl CookieConfig {
    /// A cookie of this name, with the defaults for everything else.
    pub fn new(name: impl Into<String>) -> Self {
        Self::default().name(name)
    }

    /// The cookie's name, prefix included. Default `__Host-session`, which no other host of the domain can set.
    pub fn name(self, name: impl Into<String>) -> Self {
        Self { name: name.into(), ..self }
    }

    /// The path below which browsers send the cookie, as requests write it: percent-encoded. Default `/`.
    pub fn path(self, path: impl Into<String>) -> Self {
        Self { path: path.into(), ..self }
    }

    /// The domain whose hosts all receive the cookie. Default none: only the host that set it.
    ///
    /// It needs a name without `__Host-`, and gives every host of the domain the power to place a cookie before yours.
    pub fn domain(self, domain: impl Into<String>) -> Self {
        Self { domain: Some(domain.into()), ..self }
    }

    /// Which requests from other sites carry the cookie. Default [`SameSite::Lax`]; `Strict` breaks logins that come
    /// back from another site.
    pub fn same_site(self, same_site: SameSite) -> Self {
        Self { same_site, ..self }
    }

    /// Whether browsers send the cookie over TLS only. Default true. For development on a machine without TLS, use
    /// [`insecure_for_localhost`](crate::Builder::insecure_for_localhost), which also shortens the name.
    pub fn secure(self, secure: bool) -> Self {
        Self { secure, ..self }
    }

    /// Whether browsers hide the cookie from scripts. Default true. Its content is sealed either way, but a script that
    /// sees it can send it elsewhere.
    pub fn http_only(self, http_only: bool) -> Self {
        Self { http_only, ..self }
    }

    /// Whether browsers keep the cookie apart for each site that embeds this one (CHIPS). Default false. Only with
    /// [`SameSite::None`] do they send it to such a frame at all. Browsers give such cookies less room.
    pub fn partitioned(self, partitioned: bool) -> Self {
        Self { partitioned, ..self }
    }

    /// What Chromium evicts first when a site has more than 180 cookies. Default: no such attribute. Firefox evicts
    /// without regard to it.
    pub fn priority(self, priority: Priority) -> Self {
        Self { priority: Some(priority), ..self }
    }

    /// Whether the cookie outlives the browser. Default true: it stays for what is left of its lifetime.
    ///
    /// Either way the timeouts inside the seal decide, and browsers that restore their tabs restore such cookies too. A
    /// remembered session ([`set_lifetime`](crate::Session::set_lifetime)) always outlives the browser.
    pub fn persistent(self, persistent: bool) -> Self {
        Self { persistent, ..self }
    }

    /// For plain http: without Secure, and without a prefix that asks for it.
    pub(crate) fn insecure(self) -> Self {
        let name = name::without_prefix(&self.name).to_owned();
        Self { name, secure: false, ..self }
    }

    /// A leftover of this description over plain http, where no cookie is for other sites.
    pub(crate) fn insecure_leftover(self) -> Self {
        let same_site = if self.same_site == SameSite::None { SameSite::Lax } else { self.same_site };
        Self { same_site, partitioned: false, ..self.insecure() }
    }

    /// Whether one of the two would overwrite the other in a browser (RFC 6265bis §5.7), for which the letters of a
    /// domain have no case.
    pub(crate) fn is_same_place(&self, other: &Self) -> bool {
        let domain = |cookie: &Self| cookie.domain.as_deref().map(str::to_ascii_lowercase);
        (&self.name, &self.path, domain(self), self.partitioned)
            == (&other.name, &other.path, domain(other), other.partitioned)
    }

    /// Checks the rules of browsers, so that they drop nothing in silence.
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        if !is_path(&self.path) {
            return Err(Rule::Path.into());
        }
        if self.domain.as_ref().is_some_and(|domain| !is_host(domain)) {
            return Err(Rule::Domain.into());
        }
        name::check(self)?;
        if self.same_site == SameSite::None && !self.secure {
            return Err(Rule::SameSiteNone.into());
        }
        if self.partitioned && !self.secure {
            return Err(Rule::Partitioned.into());
        }
        Ok(())
    }

    /// Checks that a partitioned cookie goes to the frames that it is made for. No rule of browsers: a leftover may
    /// break it.
    pub(crate) fn check_partition(&self) -> Result<(), ConfigError> {
        if self.partitioned && self.same_site != SameSite::None {
            return Err(Rule::PartitionedSameSite.into());
        }
        Ok(())
    }

    /// The rules for a leftover, which may be in a place that its prefix forbids: where a browser does not enforce
    /// `__Host-`, a sibling host may have planted it. Elsewhere the removal is refused, and does no harm.
    pub(crate) fn check_leftover(&self) -> Result<(), ConfigError> {
        Self { path: "/".into(), domain: None, ..self.clone() }.check()?;
        Self { name: "leftover".into(), ..self.clone() }.check()
    }
}

/// No request's path holds a space, and browsers cut one off at the end, so the cookie would have another path.
fn is_path(path: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_graphic() && byte != b';';
    path.starts_with('/') && path.len() <= MAX_ATTRIBUTE && path.bytes().all(is_allowed)
}

/// Browsers take no Domain of a single label, nor an address. Which others are public suffixes is not known here.
fn is_host(host: &str) -> bool {
    let is_label = |label: &str| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-');
    let last = host.rsplit('.').next().unwrap_or_default();
    host.len() <= MAX_HOST
        && host.contains('.')
        && host.split('.').all(is_label)
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
        && !last.bytes().all(|byte| byte.is_ascii_digit())
}

/// The SameSite attribute (RFC 6265bis §5.6.7). The library always writes it: browsers allow a cookie without it on
/// cross-site POST requests for two minutes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SameSite {
    /// Never sent on a request that another site caused, not even a link.
    Strict,
    /// Sent with links from other sites, but not with their forms, frames or scripts.
    #[default]
    Lax,
    /// Always sent. Needs Secure.
    None,
}

/// The Priority attribute, by which Chromium chooses what to evict from a site with too many cookies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Priority {
    /// Evicted first.
    Low,
    /// What a cookie without the attribute has.
    Medium,
    /// Evicted last.
    High,
}

// Browsers ignore an attribute whose value is longer (RFC 6265bis §5.6).
const MAX_ATTRIBUTE: usize = 1024;
const MAX_HOST: usize = 253;
