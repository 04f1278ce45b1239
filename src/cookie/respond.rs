//! Puts into the response headers what is due: all of it or nothing.

use http::header::SET_COOKIE;

use super::{HeaderMap, HeaderValue, cache};

/// The Set-Cookie lines of a response, at most one of each name. Nearly always there is one, so they are kept without an
/// allocation.
#[derive(Debug, Default)]
pub(crate) struct Lines([Option<HeaderValue>; Self::MOST]);

impl Lines {
    /// The session, its companion, a note for each cookie that was tried, and the removal that makes room for them.
    const MOST: usize = 7;

    pub(crate) fn push(&mut self, line: HeaderValue) {
        let free = self.0.iter_mut().find(|slot| slot.is_none());
        debug_assert!(free.is_some(), "room for all that can be due");
        if let Some(slot) = free {
            *slot = Some(line);
        }
    }

    fn is_empty(&self) -> bool {
        self.0.iter().all(Option::is_none)
    }
}

/// Appends our Set-Cookie lines and tells caches what they must know.
///
/// `None`: the map had no room, and is as it was.
pub(crate) fn respond(headers: &mut HeaderMap, lines: Lines, tell_caches: bool) -> Option<()> {
    if headers.keys_len() <= ROOMY {
        return put(headers, lines, tell_caches);
    }
    // So many headers that one of ours may not fit any more: try on a copy.
    let mut copy = headers.clone();
    put(&mut copy, lines, tell_caches)?;
    *headers = copy;
    Some(())
}

/// `None`: the map had no room, and may hold some of it.
fn put(headers: &mut HeaderMap, lines: Lines, tell_caches: bool) -> Option<()> {
    let sets_cookie = !lines.is_empty();
    for line in lines.0.into_iter().flatten() {
        headers.try_append(SET_COOKIE, line).ok()?;
    }
    if tell_caches && sets_cookie {
        cache::keep_from_caches(headers)?;
    }
    if tell_caches {
        cache::keep_from_shared_caches(headers)?;
    }
    Some(())
}

/// Far below the 24 576 names that a header map can hold, so that our three always find room.
const ROOMY: usize = 4096;
