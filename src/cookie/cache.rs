//! What a response that a session touched must tell caches (DESIGN §5.8, RFC 9111, RFC 9110 §12.5.5).

use http::header::{CACHE_CONTROL, Entry, VARY};

use super::{HeaderMap, HeaderValue};

/// Makes sure that no cache keeps a response that sets a cookie. What the application said stays if it is as strict.
///
/// Adds at most one header; `None` if the map is full.
pub(crate) fn keep_from_caches(headers: &mut HeaderMap) -> Option<()> {
    if !is_strict(headers) {
        let value = HeaderValue::from_static("private, no-store");
        headers.try_insert(CACHE_CONTROL, value).ok()?;
    }
    Some(())
}

/// Makes sure that no shared cache gives one visitor's response to another.
///
/// Adds at most two headers; `None` if the map is full.
pub(crate) fn keep_from_shared_caches(headers: &mut HeaderMap) -> Option<()> {
    if let Entry::Vacant(entry) = headers.try_entry(CACHE_CONTROL).ok()? {
        entry.try_insert(HeaderValue::from_static("private")).ok()?;
    }
    if directives(headers, &VARY).any(|field| field == b"*" || field.eq_ignore_ascii_case(b"cookie")) {
        return Some(());
    }
    let cookie = HeaderValue::from_static("Cookie");
    match headers.try_entry(VARY).ok()? {
        Entry::Vacant(entry) => {
            entry.try_insert(cookie).ok()?;
        }
        Entry::Occupied(mut entry) if entry.get().is_empty() => *entry.get_mut() = cookie,
        Entry::Occupied(mut entry) => {
            let merged = [entry.get().as_bytes(), b", Cookie"].concat();
            *entry.get_mut() = HeaderValue::from_maybe_shared(merged).ok()?;
        }
    }
    Some(())
}

/// Whether the application marked the response as one that caches may give to everybody.
pub(crate) fn is_for_everybody(headers: &HeaderMap) -> bool {
    ["public", "immutable", "s-maxage"].into_iter().any(|directive| says(headers, directive))
}

/// `no-store`, or `private` without `public` and `s-maxage`.
fn is_strict(headers: &HeaderMap) -> bool {
    // `private="field"` is about that field alone.
    let is_private = directives(headers, &CACHE_CONTROL).any(|found| found.eq_ignore_ascii_case(b"private"));
    says(headers, "no-store") || is_private && !says(headers, "public") && !says(headers, "s-maxage")
}

/// Whether Cache-Control has a directive, with or without an argument.
fn says(headers: &HeaderMap, name: &str) -> bool {
    directives(headers, &CACHE_CONTROL).any(|directive| {
        let end = directive.iter().position(|octet| *octet == b'=').unwrap_or(directive.len());
        directive.get(..end).is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()))
    })
}

/// The elements of a comma-separated list over all its lines. Commas in quotes separate nothing.
fn directives<'a>(headers: &'a HeaderMap, name: &http::HeaderName) -> impl Iterator<Item = &'a [u8]> {
    headers.get_all(name).iter().flat_map(|line| {
        let mut is_quoted = false;
        line.as_bytes()
            .split(move |octet| {
                is_quoted ^= *octet == b'"';
                *octet == b',' && !is_quoted
            })
            .map(<[u8]>::trim_ascii)
    })
}
