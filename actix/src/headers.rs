//! Between the types of actix-web and those of `http` 1: Cookie lines in, what is due out, and statuses.

use actix_web::http::header::{
    CACHE_CONTROL, COOKIE, HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN, SET_COOKIE, VARY,
};
use actix_web::http::{StatusCode, Uri};

/// The Cookie lines of a request, which are all that a session is loaded from.
pub(crate) fn cookies(request: &HeaderMap) -> http::HeaderMap {
    carried(request, &[(COOKIE, http::header::COOKIE)])
}

/// What a request says of the page that made it.
pub(crate) fn origin(request: &HeaderMap) -> http::HeaderMap {
    const SEC_FETCH_SITE: (HeaderName, http::HeaderName) =
        (HeaderName::from_static("sec-fetch-site"), http::HeaderName::from_static("sec-fetch-site"));
    carried(request, &[SEC_FETCH_SITE, (ORIGIN, http::header::ORIGIN), (HOST, http::header::HOST)])
}

/// The URI of a request; one without an address if it is not a URI to `http` 1.
pub(crate) fn address(uri: &Uri) -> http::Uri {
    uri.to_string().parse().unwrap_or_default()
}

/// The status of a response; both crates have the same numbers.
pub(crate) fn status(status: StatusCode) -> http::StatusCode {
    http::StatusCode::from_u16(status.as_u16()).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR)
}

/// The status for a response.
pub(crate) fn status_of(status: http::StatusCode) -> StatusCode {
    StatusCode::from_u16(status.as_u16()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// What the application said to caches, and the cookies that it and other sessions set: all that a session's own
/// headers depend on.
pub(crate) fn before_save(response: &HeaderMap) -> http::HeaderMap {
    carried(response, &CHANGED)
}

/// The headers that a save changes.
const CHANGED: [(HeaderName, http::HeaderName); 3] = [
    (CACHE_CONTROL, http::header::CACHE_CONTROL),
    (VARY, http::header::VARY),
    (SET_COOKIE, http::header::SET_COOKIE),
];

fn carried(headers: &HeaderMap, names: &[(HeaderName, http::HeaderName)]) -> http::HeaderMap {
    let mut carried = http::HeaderMap::new();
    for (name, theirs) in names {
        for value in headers.get_all(name) {
            // Both take the same bytes.
            if let Ok(mut line) = http::HeaderValue::from_bytes(value.as_bytes()) {
                line.set_sensitive(value.is_sensitive());
                carried.append(theirs, line);
            }
        }
    }
    carried
}

/// Puts back what [`before_save`] took and a session was saved into.
pub(crate) fn put(saved: &http::HeaderMap, response: &mut HeaderMap) {
    for (name, theirs) in CHANGED {
        response.remove(&name);
        append(saved, &theirs, response, &name);
    }
}

fn append(saved: &http::HeaderMap, theirs: &http::HeaderName, response: &mut HeaderMap, name: &HeaderName) {
    for value in saved.get_all(theirs) {
        if let Ok(mut line) = HeaderValue::from_bytes(value.as_bytes()) {
            line.set_sensitive(value.is_sensitive());
            response.append(name.clone(), line);
        }
    }
}
