//! Whether a request comes from a page of this very origin, by what the browser says of it (CSRF).
//!
//! `SameSite=Lax` on the session cookie is the first line. It says nothing about a login, which needs no cookie, and
//! to it every port of a machine, and every subdomain, is one site.

use http::{HeaderMap, HeaderValue};

/// For forms. Browsers say where a request comes from: the newer ones in `Sec-Fetch-Site`, all of them in `Origin`.
/// What says neither is no browser, and carries nobody's cookies but its own.
pub(crate) fn is_same_origin(headers: &HeaderMap, scheme: &str) -> bool {
    match headers.get("sec-fetch-site").map(HeaderValue::as_bytes) {
        Some(site) => site == b"same-origin",
        None => !headers.contains_key("origin") || is_own_origin(headers, scheme),
    }
}

/// Whether `Origin` is there, and is this one: `scheme` is what stands before the host, such as `https://`.
pub(crate) fn is_own_origin(headers: &HeaderMap, scheme: &str) -> bool {
    let value = |name: &str| headers.get(name).map(HeaderValue::as_bytes);
    match (value("origin"), value("host")) {
        (Some(origin), Some(host)) => origin.strip_prefix(scheme.as_bytes()) == Some(host),
        _ => false,
    }
}
