//! Puts into the response headers what is due: all of it or nothing.

use http::header::SET_COOKIE;

use super::{HeaderMap, HeaderValue, cache};

/// Appends our Set-Cookie, if there is one, and tells caches what they must know.
///
/// `None`: the map had no room, and is as it was.
pub(crate) fn respond(
    headers: &mut HeaderMap,
    set_cookie: Option<HeaderValue>,
    tell_caches: bool,
) -> Option<()> {
    if headers.keys_len() <= ROOMY {
        return put(headers, set_cookie, tell_caches);
    }
    // So many headers that one of ours may not fit any more: try on a copy.
    let mut copy = headers.clone();
    put(&mut copy, set_cookie, tell_caches)?;
    *headers = copy;
    Some(())
}

/// `None`: the map had no room, and may hold some of it.
fn put(headers: &mut HeaderMap, set_cookie: Option<HeaderValue>, tell_caches: bool) -> Option<()> {
    let sets_cookie = set_cookie.is_some();
    if let Some(line) = set_cookie {
        headers.try_append(SET_COOKIE, line).ok()?;
    }
    if tell_caches {
        if sets_cookie {
            cache::keep_from_caches(headers)?;
        }
        cache::keep_from_shared_caches(headers)?;
    }
    Some(())
}

/// Far below the 24 576 names that a header map can hold, so that our three always find room.
const ROOMY: usize = 4096;
