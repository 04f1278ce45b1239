//! Whether a browser says that a request was made by a page of another origin (Fetch Metadata, RFC 6454).

use http::{HeaderMap, Method, Uri, header};

/// Whether a request that may change something was made by a page of another origin: refuse it then, with 403.
///
/// `Sec-Fetch-Site`, which every browser of today sends over https and to this machine, decides where it is there: it
/// has to be `same-origin`, or `none` for what a person typed or a bookmark held. Where it is not, the host of `Origin`
/// has to be that of the request (its URI's, else its Host header's). A request with neither header passes: a
/// program's, or that of a browser which sends neither. GET, HEAD and OPTIONS pass always: they must not change
/// anything; but a GET that asks for another protocol is asked like a POST, since a WebSocket sends what it likes later
/// (CWE-1385).
///
/// It needs no state and no token, so it is the first thing to ask; [`check_csrf`](crate::Sessions::check_csrf) is for
/// the browsers that send neither header. Behind a proxy that changes the Host header, let the proxy keep it.
///
/// ```
/// use http::{HeaderMap, HeaderValue, Method, Uri};
/// use sealed_session::web::is_cross_origin;
///
/// let (uri, mut headers) = (Uri::from_static("/logout"), HeaderMap::new());
/// headers.insert("sec-fetch-site", HeaderValue::from_static("cross-site"));
/// assert!(is_cross_origin(&Method::POST, &uri, &headers));
/// assert!(!is_cross_origin(&Method::GET, &uri, &headers));
/// ```
#[must_use]
pub fn is_cross_origin(method: &Method, uri: &Uri, headers: &HeaderMap) -> bool {
    let is_safe = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    if is_safe && !headers.contains_key(header::UPGRADE) {
        return false;
    }
    let mut sites = headers.get_all(&SEC_FETCH_SITE).iter().peekable();
    if sites.peek().is_some() {
        return !sites.all(|site| site == "same-origin" || site == "none");
    }
    let hosts = uri.authority().map(|authority| authority.as_str().as_bytes());
    let host = hosts.or_else(|| headers.get(header::HOST).map(|host| host.as_bytes()));
    headers.get_all(header::ORIGIN).iter().any(|origin| !is_origin_of(origin.as_bytes(), host))
}

/// Schemes are not compared: behind a proxy that ends TLS nobody here knows one's own. HSTS keeps plain pages from
/// being forged.
fn is_origin_of(origin: &[u8], host: Option<&[u8]>) -> bool {
    let after = |scheme: &[u8]| origin.strip_prefix(scheme);
    match (after(b"https://").or_else(|| after(b"http://")), host) {
        (Some(said), Some(host)) => said.eq_ignore_ascii_case(host),
        _ => false,
    }
}

static SEC_FETCH_SITE: header::HeaderName = header::HeaderName::from_static("sec-fetch-site");
