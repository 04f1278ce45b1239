//! What the application knows about a request, and its headers do not tell.

use http::{HeaderMap, header};

use super::list;

/// What the application knows about a request, and its headers do not tell: how the browser sent it, and to which
/// address.
///
/// ```
/// # use sealed_session::{RequestInfo, Sessions, testing};
/// # let sessions: Sessions<u64> = Sessions::new(testing::key_ring()).unwrap();
/// # let request = http::HeaderMap::new();
/// // Behind a proxy whose headers this application trusts:
/// let info = RequestInfo::from_forwarded(&request);
/// let session = sessions.load_with(&request, info);
/// # session.into_data();
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct RequestInfo {
    pub(crate) scheme: Option<Scheme>,
    pub(crate) host: Option<String>,
    pub(crate) path_prefix: Option<String>,
}

impl RequestInfo {
    /// A request of which nothing more is known.
    pub fn new() -> Self {
        Self::default()
    }

    /// What a proxy tells: the [scheme](Scheme::from_forwarded), the host in `X-Forwarded-Host` or in `Forwarded` (RFC
    /// 7239), and the path prefix in `X-Forwarded-Prefix`. If there are two hosts or two prefixes, it takes none.
    ///
    /// For applications that trust their peer: anybody can send these headers. Let the proxy replace them, and not
    /// append to them.
    ///
    /// ```
    /// use http::{HeaderMap, HeaderValue, Uri};
    /// use sealed_session::RequestInfo;
    /// use sealed_session::web::{RequestOrigin, TrustedOrigins};
    ///
    /// let mut request = HeaderMap::new();
    /// for (name, value) in [
    ///     ("host", "10.0.0.7:3000"),
    ///     ("x-forwarded-host", "shop.example"),
    ///     ("x-forwarded-proto", "https"),
    ///     ("origin", "https://shop.example"),
    /// ] {
    ///     request.insert(name, HeaderValue::from_static(value));
    /// }
    /// let info = RequestInfo::from_forwarded(&request);
    /// let origin = TrustedOrigins::new().origin_of(&Uri::from_static("/"), &request, &info);
    /// assert_eq!(origin, RequestOrigin::Same);
    /// ```
    pub fn from_forwarded(headers: &HeaderMap) -> Self {
        Self {
            scheme: Scheme::from_forwarded(headers),
            host: only(list::elements(headers, &X_FORWARDED_HOST).chain(forwarded(headers, b"host="))),
            path_prefix: only(list::elements(headers, &X_FORWARDED_PREFIX)),
        }
    }

    /// How the browser sent the request. `save` then refuses to send a Secure cookie over plain http, where browsers
    /// drop it in silence.
    pub fn scheme(mut self, scheme: impl Into<Option<Scheme>>) -> Self {
        self.scheme = scheme.into();
        self
    }

    /// The host to which the browser sent the request, with the port if it is not the default. A
    /// [request's origin](super::RequestOrigin) is compared with it, in place of the Host header.
    ///
    /// ```
    /// use http::{HeaderMap, HeaderValue, Uri};
    /// use sealed_session::RequestInfo;
    /// use sealed_session::web::{RequestOrigin, TrustedOrigins};
    ///
    /// let mut request = HeaderMap::new();
    /// request.insert("host", HeaderValue::from_static("10.0.0.7:3000"));
    /// request.insert("origin", HeaderValue::from_static("https://shop.example"));
    /// let info = RequestInfo::new().host("shop.example");
    /// let origin = TrustedOrigins::new().origin_of(&Uri::from_static("/"), &request, &info);
    /// assert_eq!(origin, RequestOrigin::Same);
    /// ```
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.host = Some(host.into());
        self
    }

    /// The path below which the browser finds this application, such as `/shop`, where a proxy takes it away. A
    /// guard puts it back in front of the page to which the login sends the visitor.
    ///
    /// ```
    /// # use http::HeaderMap;
    /// # use sealed_session::handle::Policy;
    /// # use sealed_session::{RequestInfo, Sessions, testing};
    /// # let sessions: Sessions<u64> = Sessions::new(testing::key_ring())?;
    /// # let policy: Policy<u64, HeaderMap> = Policy::new(sessions);
    /// let policy = policy.request_info(|_| RequestInfo::new().path_prefix("/shop"));
    /// # let request = HeaderMap::new();
    /// let asked_for = http::uri::PathAndQuery::from_static("/page");
    /// let slot = policy.slot(&request, &request, Some(asked_for), None); // a layer does this
    /// assert_eq!(slot.return_to().as_str(), "/shop/page");
    /// # Ok::<(), sealed_session::ConfigError>(())
    /// ```
    pub fn path_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.path_prefix = Some(prefix.into());
        self
    }

    /// Adds what somebody else knows, such as a layer further in. It counts where nothing was known; plain http counts
    /// if either knows of it.
    ///
    /// ```
    /// # use sealed_session::RequestInfo;
    /// let mut info = RequestInfo::new().host("shop.example");
    /// info.add(&RequestInfo::new().path_prefix("/shop"));
    /// ```
    pub fn add(&mut self, inner: &Self) {
        if self.scheme.is_none() || inner.scheme == Some(Scheme::Http) {
            self.scheme = inner.scheme;
        }
        self.host = self.host.take().or_else(|| inner.host.clone());
        self.path_prefix = self.path_prefix.take().or_else(|| inner.path_prefix.clone());
    }
}

/// How the browser sent a request: to the proxy, where there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Plain.
    Http,
    /// Over TLS.
    Https,
}

impl Scheme {
    /// What a proxy says of the scheme, in `X-Forwarded-Proto` or in `Forwarded` (RFC 7239). `None` if it says nothing.
    ///
    /// For applications that trust their peer: anybody can send these headers. Where there is more than one value, or
    /// one that is neither `http` nor `https`, the answer is https, since that is the one which loosens nothing.
    #[must_use]
    pub fn from_forwarded(headers: &HeaderMap) -> Option<Self> {
        let mut values = list::elements(headers, &X_FORWARDED_PROTO).chain(forwarded(headers, b"proto="));
        let first = values.next()?;
        let is_plain = first.eq_ignore_ascii_case(b"http") && values.next().is_none();
        Some(if is_plain { Self::Http } else { Self::Https })
    }
}

/// The values of a parameter of `Forwarded`, without their quotes.
fn forwarded<'a>(headers: &'a HeaderMap, parameter: &'static [u8]) -> impl Iterator<Item = &'a [u8]> {
    let parameters =
        list::elements(headers, &header::FORWARDED).flat_map(|element| list::split(element, b';'));
    parameters.map(<[u8]>::trim_ascii).filter_map(move |found| {
        let (name, value) = found.split_at_checked(parameter.len())?;
        let unquoted = value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\""));
        name.eq_ignore_ascii_case(parameter).then_some(unquoted.unwrap_or(value))
    })
}

/// The value, if there is one alone.
fn only<'a>(mut values: impl Iterator<Item = &'a [u8]>) -> Option<String> {
    let value = values.next().filter(|value| !value.is_empty())?;
    let text = std::str::from_utf8(value).ok()?;
    values.next().is_none().then(|| text.to_owned())
}

static X_FORWARDED_HOST: header::HeaderName = header::HeaderName::from_static("x-forwarded-host");
static X_FORWARDED_PREFIX: header::HeaderName = header::HeaderName::from_static("x-forwarded-prefix");
static X_FORWARDED_PROTO: header::HeaderName = header::HeaderName::from_static("x-forwarded-proto");
