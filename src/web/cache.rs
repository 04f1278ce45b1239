//! What a response that a session touched must tell caches (RFC 9111, RFC 9110 §12.5.5).

use http::header::{CACHE_CONTROL, VARY};
use http::{HeaderMap, HeaderValue};

use super::list;

/// What caches may do with a response, from the laxest on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Storage {
    /// The browser may keep it: `private`, unless the application itself decided who may.
    Private,
    /// The browser may keep it, and asks again before it shows it: `private, no-cache`.
    Revalidated,
    /// Nobody keeps it: `private, no-store`.
    None,
}

/// Makes the response at least as strict as this. What the application said stays where it allows no more.
///
/// Adds at most one header; `None` if the map is full.
pub(crate) fn restrict(headers: &mut HeaderMap, storage: Storage) -> Option<()> {
    // Checked when compiled, and not for every response.
    let value = match storage {
        Storage::Private => const { HeaderValue::from_static("private") },
        Storage::Revalidated => const { HeaderValue::from_static("private, no-cache") },
        Storage::None => const { HeaderValue::from_static("private, no-store") },
    };
    if !headers.contains_key(CACHE_CONTROL) {
        // Nearly every response. An entry of the map would be slower.
        return headers.try_append(CACHE_CONTROL, value).ok().map(drop);
    }
    let said = CacheControl::of(headers);
    match storage {
        Storage::Private if said.is_shared || said.is_private || said.is_unstored => Some(()),
        Storage::Private => add(headers, b"private"),
        Storage::Revalidated if said.is_unstored => Some(()),
        Storage::Revalidated if !said.is_shared => match (said.is_private, said.is_revalidated) {
            (true, true) => Some(()),
            (true, false) => add(headers, b"no-cache"),
            (false, true) => add(headers, b"private"),
            (false, false) => add(headers, b"private, no-cache"),
        },
        Storage::None if said.is_private && said.is_unstored && !said.is_shared => Some(()),
        Storage::Revalidated | Storage::None => headers.try_insert(CACHE_CONTROL, value).ok().map(drop),
    }
}

/// Makes sure that nobody keeps a response, the browser included: after a logout its Back button must not show it.
///
/// Adds at most one header, and none if the map is full.
#[cfg(feature = "tower")]
pub(crate) fn require_no_store(headers: &mut HeaderMap) {
    if !CacheControl::of(headers).is_unstored {
        // The map is full. Only the application can fix that, so ignore it here.
        let _ = headers.try_insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// Puts directives in front of those that are there. Behind a quote that is never closed nobody would see them.
fn add(headers: &mut HeaderMap, directives: &'static [u8]) -> Option<()> {
    let first = headers.get_mut(CACHE_CONTROL)?;
    *first = if first.is_empty() {
        HeaderValue::from_bytes(directives).ok()?
    } else {
        HeaderValue::from_maybe_shared([directives, b", ", first.as_bytes()].concat()).ok()?
    };
    Some(())
}

/// Says that the response depends on the visitor's cookies.
///
/// Adds at most one header; `None` if the map is full.
pub(crate) fn vary_by_cookie(headers: &mut HeaderMap) -> Option<()> {
    let cookie = const { HeaderValue::from_static("Cookie") };
    if !headers.contains_key(VARY) {
        return headers.try_append(VARY, cookie).ok().map(drop);
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
    let said = CacheControl::of(headers);
    said.is_shared || said.is_immutable
}

/// What a response says in Cache-Control, over all of its lines.
#[derive(Default)]
struct CacheControl {
    /// `public` or `s-maxage`.
    is_shared: bool,
    is_private: bool,
    is_revalidated: bool,
    /// `no-store` that counts: caches are told to ignore it beside `must-understand` (RFC 9111 §5.2.2.3).
    is_unstored: bool,
    is_immutable: bool,
}

impl CacheControl {
    fn of(headers: &HeaderMap) -> Self {
        let (mut said, mut is_undone) = (Self::default(), false);
        for directive in list::elements(headers, &CACHE_CONTROL) {
            let end = directive.iter().position(|byte| *byte == b'=').unwrap_or(directive.len());
            let (name, argument) = directive.split_at_checked(end).unwrap_or_default();
            let is = |known: &[u8]| name.eq_ignore_ascii_case(known);
            said.is_shared |= is(b"public") || is(b"s-maxage");
            said.is_immutable |= is(b"immutable");
            said.is_unstored |= is(b"no-store");
            is_undone |= is(b"must-understand");
            // With an argument, these two are about the header fields that it names.
            said.is_private |= is(b"private") && argument.is_empty();
            said.is_revalidated |= is(b"no-cache") && argument.is_empty();
        }
        said.is_unstored &= !is_undone;
        said
    }
}
