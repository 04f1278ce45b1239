//! Puts into the response headers what is due: all of it or nothing.

use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderValue};

use super::{Caching, cache};

/// The Set-Cookie lines of a response, at most one of each name. Nearly always there is one, which is kept without an
/// allocation.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    first: Option<HeaderValue>,
    others: Vec<HeaderValue>,
}

impl Lines {
    pub(crate) fn push(&mut self, line: HeaderValue) {
        if self.first.is_none() {
            self.first = Some(line);
        } else {
            self.others.push(line);
        }
    }
}

/// Appends our Set-Cookie lines and tells caches what they must know of a response whose handler accessed the session.
///
/// `None`: the map had no room, and is as it was.
pub(crate) fn respond(headers: &mut HeaderMap, lines: Lines, accessed: bool, caching: Caching) -> Option<()> {
    let caching =
        Caching { cache_control: caching.cache_control && accessed, vary: caching.vary && accessed };
    if headers.keys_len() <= ROOMY {
        return put(headers, lines, caching);
    }
    // So many headers that one of ours may not fit any more: try on a copy.
    let mut copy = headers.clone();
    put(&mut copy, lines, caching)?;
    *headers = copy;
    Some(())
}

/// `None`: the map had no room, and may hold some of it.
fn put(headers: &mut HeaderMap, lines: Lines, caching: Caching) -> Option<()> {
    let sets_cookie = lines.first.is_some();
    for line in lines.first.into_iter().chain(lines.others) {
        headers.try_append(SET_COOKIE, line).ok()?;
    }
    if caching.cache_control && sets_cookie {
        cache::require_private_no_store(headers)?;
    } else if caching.cache_control {
        cache::require_private(headers)?;
    }
    if caching.vary {
        cache::vary_by_cookie(headers)?;
    }
    Some(())
}

/// Far below the 24 576 names that a header map can hold, so that our three always find room.
const ROOMY: usize = 4096;
