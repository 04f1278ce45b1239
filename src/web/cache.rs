//! What a response that a session touched must tell caches (RFC 9111, RFC 9110 §12.5.5).

use http::header::{CACHE_CONTROL, Entry, VARY};
use http::{HeaderMap, HeaderValue};

use super::list;

/// Makes sure that no cache keeps a response that sets a cookie. What the application said stays if it is as strict.
///
/// Adds at most one header; `None` if the map is full.
pub(crate) fn require_private_no_store(headers: &mut HeaderMap) -> Option<()> {
    let strict = HeaderValue::from_static("private, no-store");
    if let Entry::Vacant(entry) = headers.try_entry(CACHE_CONTROL).ok()? {
        entry.try_insert(strict).ok()?; // nearly every response, and the map is searched once
    } else if !is_strict(headers) {
        headers.try_insert(CACHE_CONTROL, strict).ok()?;
    }
    Some(())
}

/// Makes sure that nobody keeps a response, the browser included: after a logout its Back button must not show it.
///
/// Adds at most one header, and none if the map is full.
#[cfg(feature = "tower")]
pub(crate) fn require_no_store(headers: &mut HeaderMap) {
    if !says(headers, "no-store") || says(headers, "must-understand") {
        // The map is full. Only the application can fix that, so ignore it here.
        let _ = headers.try_insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// Keeps shared caches from a response of which the application said nothing.
///
/// Adds at most one header; `None` if the map is full.
pub(crate) fn require_private(headers: &mut HeaderMap) -> Option<()> {
    if let Entry::Vacant(entry) = headers.try_entry(CACHE_CONTROL).ok()? {
        entry.try_insert(HeaderValue::from_static("private")).ok()?;
    }
    Some(())
}

/// Says that the response depends on the visitor's cookies.
///
/// Adds at most one header; `None` if the map is full.
pub(crate) fn vary_by_cookie(headers: &mut HeaderMap) -> Option<()> {
    let cookie = HeaderValue::from_static("Cookie");
    if let Entry::Vacant(entry) = headers.try_entry(VARY).ok()? {
        entry.try_insert(cookie).ok()?;
        return Some(());
    }
    if list::elements(headers, &VARY).any(|field| field == b"*" || field.eq_ignore_ascii_case(b"cookie")) {
        return Some(());
    }
    let first = headers.get_mut(VARY)?;
    if first.is_empty() {
        *first = cookie;
    } else {
        let merged = [first.as_bytes(), b", Cookie"].concat();
        *first = HeaderValue::from_maybe_shared(merged).ok()?;
    }
    Some(())
}

/// Whether the application marked the response as one that caches may give to everybody.
pub(crate) fn is_public(headers: &HeaderMap) -> bool {
    ["public", "immutable", "s-maxage"].into_iter().any(|directive| says(headers, directive))
}

/// `no-store`, or `private` without `public` and `s-maxage`. Where `must-understand` stands beside it, caches are told
/// to ignore the `no-store` (RFC 9111 §5.2.2.3).
fn is_strict(headers: &HeaderMap) -> bool {
    // `private="field"` is about that field alone.
    let is_private =
        list::elements(headers, &CACHE_CONTROL).any(|found| found.eq_ignore_ascii_case(b"private"));
    let is_no_store = says(headers, "no-store") && !says(headers, "must-understand");
    is_no_store || is_private && !says(headers, "public") && !says(headers, "s-maxage")
}

/// Whether Cache-Control has a directive, with or without an argument.
fn says(headers: &HeaderMap, name: &str) -> bool {
    list::elements(headers, &CACHE_CONTROL).any(|directive| {
        let end = directive.iter().position(|byte| *byte == b'=').unwrap_or(directive.len());
        directive.get(..end).is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()))
    })
}
