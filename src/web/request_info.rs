//! What the headers of a request cannot say, and the caller may know.

use http::{HeaderMap, header};

use super::list;

/// What headers cannot say about a request: HTTP has no header for the scheme it came by.
///
/// ```
/// # use sealed_session::web::Scheme;
/// # use sealed_session::{RequestInfo, Sessions, testing};
/// # let sessions: Sessions<u64> = Sessions::new(testing::key_ring()).unwrap();
/// # let request = http::HeaderMap::new();
/// // Behind a proxy whose headers this application trusts:
/// let info = RequestInfo::new().scheme(Scheme::from_forwarded(&request));
/// let session = sessions.load_with(&request, info);
/// # session.into_data();
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[must_use]
pub struct RequestInfo {
    pub(crate) scheme: Option<Scheme>,
}

impl RequestInfo {
    /// A request of which nothing more is known.
    pub fn new() -> Self {
        Self::default()
    }

    /// How the browser sent the request. `save` then refuses to send a Secure cookie over plain http, where browsers
    /// drop it in silence.
    pub fn scheme(mut self, scheme: impl Into<Option<Scheme>>) -> Self {
        self.scheme = scheme.into();
        self
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
        let plain = list::elements(headers, &X_FORWARDED_PROTO);
        let standard = list::elements(headers, &header::FORWARDED).flat_map(|element| {
            list::split(element, b';').map(<[u8]>::trim_ascii).filter_map(|parameter| {
                let (name, value) = parameter.split_at_checked(b"proto=".len())?;
                let unquoted = value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\""));
                name.eq_ignore_ascii_case(b"proto=").then_some(unquoted.unwrap_or(value))
            })
        });
        let mut values = plain.chain(standard);
        let first = values.next()?;
        let is_plain = first.eq_ignore_ascii_case(b"http") && values.next().is_none();
        Some(if is_plain { Self::Http } else { Self::Https })
    }
}

static X_FORWARDED_PROTO: header::HeaderName = header::HeaderName::from_static("x-forwarded-proto");
