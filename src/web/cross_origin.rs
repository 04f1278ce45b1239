//! Whether a page of this site made a request, as far as the browser tells (Fetch Metadata, RFC 6454).

use http::{HeaderMap, HeaderName, Method, Uri, header};

use super::{RequestInfo, Scheme};
use crate::error::{ConfigError, Rule};

/// Who made a request, as far as the browser tells.
///
/// Ask it of every request that may change something, the login included: another site's page can send such a request,
/// and the browser adds the cookie. [`Sessions::check_request`](crate::Sessions::check_request) takes the answer and a
/// form's token together. An application without tokens accepts `Same` alone.
///
/// ```
/// use http::{HeaderMap, HeaderValue, Uri};
/// use sealed_session::web::RequestOrigin;
///
/// let (uri, mut headers) = (Uri::from_static("/logout"), HeaderMap::new());
/// assert_eq!(RequestOrigin::of(&uri, &headers), RequestOrigin::Unknown); // curl
/// headers.insert("sec-fetch-site", HeaderValue::from_static("cross-site"));
/// assert_eq!(RequestOrigin::of(&uri, &headers), RequestOrigin::Other);
/// headers.insert("sec-fetch-site", HeaderValue::from_static("same-origin"));
/// assert_eq!(RequestOrigin::of(&uri, &headers), RequestOrigin::Same);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RequestOrigin {
    /// A page of this very origin, one of an origin that is [trusted](TrustedOrigins), or the person, with a bookmark
    /// or the address bar.
    Same,
    /// The browser does not tell. It is no browser, an old one, or a page that hides its origin (`Origin: null`) and
    /// came by plain http. A token decides.
    Unknown,
    /// A page of another origin. Refuse the request, with 403.
    Other,
}

impl RequestOrigin {
    /// Who made a request with this URI and these headers, where no other origin is trusted and no proxy changes the
    /// host. [`TrustedOrigins::origin_of`] has the rules.
    #[must_use]
    pub fn of(uri: &Uri, headers: &HeaderMap) -> Self {
        TrustedOrigins::new().origin_of(uri, headers, &RequestInfo::new())
    }

    /// The stable label: `same`, `unknown` or `other`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Unknown => "unknown",
            Self::Other => "other",
        }
    }

    /// Of several answers the worst counts.
    fn or_worse(self, other: Self) -> Self {
        match (self, other) {
            (Self::Other, _) | (_, Self::Other) => Self::Other,
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            (Self::Same, Self::Same) => Self::Same,
        }
    }
}

/// The other origins whose pages may send requests that change something: for instance that of a single-page
/// application on a separate host.
///
/// ```
/// use http::{HeaderMap, HeaderValue, Uri};
/// use sealed_session::RequestInfo;
/// use sealed_session::web::{RequestOrigin, TrustedOrigins};
///
/// let trusted = TrustedOrigins::new().trust("https://app.shop.example")?;
///
/// let mut headers = HeaderMap::new();
/// headers.insert("host", HeaderValue::from_static("api.shop.example"));
/// headers.insert("sec-fetch-site", HeaderValue::from_static("same-site"));
/// headers.insert("origin", HeaderValue::from_static("https://app.shop.example"));
/// let origin = trusted.origin_of(&Uri::from_static("/"), &headers, &RequestInfo::new());
/// assert_eq!(origin, RequestOrigin::Same);
/// # Ok::<(), sealed_session::ConfigError>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct TrustedOrigins {
    origins: Vec<String>,
}

impl TrustedOrigins {
    /// None but the request's own.
    pub fn new() -> Self {
        Self::default()
    }

    /// Trusts this origin too: a scheme, a host, and a port if it is not the default, such as
    /// `https://app.shop.example`.
    ///
    /// # Errors
    /// If it is no origin. A path, a wildcard and `null` are not allowed.
    pub fn trust(mut self, origin: impl Into<String>) -> Result<Self, ConfigError> {
        let origin = origin.into();
        if Origin::parse(origin.as_bytes()).is_none() {
            return Err(Rule::Origin.into());
        }
        self.origins.push(origin);
        Ok(self)
    }

    /// Who made a request with this URI and these headers. `info` is what the application knows of it beyond that.
    ///
    /// `Sec-Fetch-Site`, which every browser of today sends over https and to this machine, decides if it is there:
    /// `same-origin`, and `none` for what the person asked for, are `Same`; another value is `Other`, unless `Origin`
    /// is trusted. Without it, the `Origin` header is compared with the address of the request: the host of `info`,
    /// else of the URI, else of the Host header. A default port may be left out on either side. If `info` tells the
    /// scheme, it is compared too, else either one fits. `Origin: null` without `Sec-Fetch-Site` is `Unknown`.
    ///
    /// Behind a proxy that changes the Host header, `info` needs the host.
    #[must_use]
    pub fn origin_of(&self, uri: &Uri, headers: &HeaderMap, info: &RequestInfo) -> RequestOrigin {
        let origins = || headers.get_all(header::ORIGIN).iter().map(|origin| origin.as_bytes());
        let mut sites = headers.get_all(&SEC_FETCH_SITE).iter().peekable();
        if sites.peek().is_some() {
            let is_own = sites.all(|site| site == "same-origin" || site == "none");
            let is_trusted = || origins().next().is_some() && origins().all(|origin| self.trusts(origin));
            return if is_own || is_trusted() { RequestOrigin::Same } else { RequestOrigin::Other };
        }
        let address = Address::of(uri, headers, info);
        let judge = |origin: &[u8]| {
            let is_own =
                || Origin::parse(origin).zip(address.as_ref()).is_some_and(|(from, to)| to.is_of(&from));
            match origin {
                b"null" => RequestOrigin::Unknown,
                _ if is_own() || self.trusts(origin) => RequestOrigin::Same,
                _ => RequestOrigin::Other,
            }
        };
        origins().map(judge).reduce(RequestOrigin::or_worse).unwrap_or(RequestOrigin::Unknown)
    }

    fn trusts(&self, origin: &[u8]) -> bool {
        let Some(origin) = Origin::parse(origin) else { return false };
        self.origins.iter().filter_map(|trusted| Origin::parse(trusted.as_bytes())).any(|trusted| {
            trusted.scheme == origin.scheme
                && trusted.port == origin.port
                && trusted.host.eq_ignore_ascii_case(origin.host)
        })
    }
}

/// Whether a request may change something: a middleware asks for the [origin](RequestOrigin) of such requests alone.
///
/// GET, HEAD and OPTIONS must not change anything, and a link of another site may lead to them. A GET that asks for
/// another protocol may: a WebSocket sends what it likes later (CWE-1385).
///
/// ```
/// use http::{HeaderMap, HeaderValue, Method};
/// use sealed_session::web::may_change_something;
///
/// let mut headers = HeaderMap::new();
/// assert!(may_change_something(&Method::POST, &headers));
/// assert!(!may_change_something(&Method::GET, &headers));
/// headers.insert("upgrade", HeaderValue::from_static("websocket"));
/// assert!(may_change_something(&Method::GET, &headers));
/// ```
#[must_use]
pub fn may_change_something(method: &Method, headers: &HeaderMap) -> bool {
    let is_safe = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    !is_safe || headers.contains_key(header::UPGRADE)
}

/// An origin as browsers write it (RFC 6454 §6.2).
struct Origin<'a> {
    scheme: Scheme,
    host: &'a [u8],
    port: u16,
}

impl<'a> Origin<'a> {
    fn parse(text: &'a [u8]) -> Option<Self> {
        let plain = || Some((Scheme::Http, text.strip_prefix(b"http://")?));
        let (scheme, authority) =
            text.strip_prefix(b"https://").map(|rest| (Scheme::Https, rest)).or_else(plain)?;
        let (host, port) = host_and_port(authority)?;
        Some(Self { scheme, host, port: port.unwrap_or(default_port(scheme)) })
    }
}

/// Where a browser sent a request.
struct Address<'a> {
    scheme: Option<Scheme>,
    host: &'a [u8],
    port: Option<u16>,
}

impl<'a> Address<'a> {
    fn of(uri: &'a Uri, headers: &'a HeaderMap, info: &'a RequestInfo) -> Option<Self> {
        let authority = || uri.authority().map(|authority| authority.as_str().as_bytes());
        let host = || headers.get(header::HOST).map(|host| host.as_bytes());
        let text = info.host.as_deref().map(str::as_bytes).or_else(authority).or_else(host)?;
        let (host, port) = host_and_port(text)?;
        Some(Self { scheme: info.scheme, host, port })
    }

    /// Whether it is an address of this origin.
    fn is_of(&self, origin: &Origin<'_>) -> bool {
        let is_port = match (self.scheme, self.port) {
            (Some(scheme), port) => {
                scheme == origin.scheme && port.unwrap_or(default_port(scheme)) == origin.port
            }
            // Where a proxy ends TLS nobody here knows the scheme, nor which of the default ports is meant.
            (None, None | Some(80 | 443)) if origin.port == default_port(origin.scheme) => true,
            (None, port) => port == Some(origin.port),
        };
        is_port && self.host.eq_ignore_ascii_case(origin.host)
    }
}

const fn default_port(scheme: Scheme) -> u16 {
    match scheme {
        Scheme::Http => 80,
        Scheme::Https => 443,
    }
}

/// A host, and its port if there is one (RFC 3986 §3.2). `None` for what no browser sends, such as user information.
fn host_and_port(text: &[u8]) -> Option<(&[u8], Option<u16>)> {
    let is_address = text.first() == Some(&b'[');
    let end = if is_address {
        text.iter().position(|byte| *byte == b']')?.checked_add(1)?
    } else {
        text.iter().position(|byte| *byte == b':').unwrap_or(text.len())
    };
    let (host, rest) = text.split_at_checked(end)?;
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._".contains(byte);
    let is_host = !host.is_empty() && (is_address || host.iter().all(is_part));
    let port = match rest {
        [] | [b':'] => None,
        [b':', digits @ ..] if digits.iter().all(u8::is_ascii_digit) => {
            Some(std::str::from_utf8(digits).ok()?.parse().ok()?)
        }
        _ => return None,
    };
    is_host.then_some((host, port))
}

static SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
