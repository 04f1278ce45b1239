//! Keeps other sites' pages from posting here in a visitor's name (CSRF).
//!
//! `SameSite=Lax` on the session cookie is the first line. It says nothing about the login itself, which needs no
//! cookie, and to it every port of this machine is one site.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::pages;

pub(crate) async fn check(request: Request, next: Next) -> Response {
    if request.method().is_safe() || is_same_origin(request.headers()) {
        next.run(request).await
    } else {
        (StatusCode::FORBIDDEN, pages::other_origin()).into_response()
    }
}

/// Browsers say where a request comes from: the newer ones in `Sec-Fetch-Site`, all of them in `Origin`. What says
/// neither is no browser, and carries nobody's cookies but its own.
fn is_same_origin(headers: &HeaderMap) -> bool {
    let value = |name: &str| headers.get(name).map(HeaderValue::as_bytes);
    match (value("sec-fetch-site"), value("origin"), value("host")) {
        (Some(site), ..) => site == b"same-origin" || site == b"none",
        (None, Some(origin), Some(host)) => origin.strip_prefix(b"http://") == Some(host),
        (None, Some(_), None) => false,
        (None, None, _) => true,
    }
}
