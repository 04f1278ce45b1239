//! Puts into the response headers what is due: all of it or nothing.

use http::header::SET_COOKIE;

use super::{HeaderMap, HeaderValue, cache};

/// The Set-Cookie lines of a response, at most one of each name. Nearly always there is one, so they are kept without an
/// allocation.
#[derive(Debug, Default)]
pub(crate) struct Lines([Option<HeaderValue>; Self::MOST]);

impl Lines {
    /// The session, its companion, a note for each cookie that was tried, the removal that makes room for them, and two
    /// removals for each former place.
    const MOST: usize = 15;

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

/// Which headers for caches are set.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TellCaches {
    pub(crate) cache_control: bool,
    pub(crate) vary: bool,
}

/// Appends our Set-Cookie lines and tells caches what they must know of a response whose handler looked at the session.
///
/// `None`: the map had no room, and is as it was.
pub(crate) fn respond(headers: &mut HeaderMap, lines: Lines, looked: bool, tell: TellCaches) -> Option<()> {
    let tell = TellCaches { cache_control: tell.cache_control && looked, vary: tell.vary && looked };
    if headers.keys_len() <= ROOMY {
        return put(headers, lines, tell);
    }
    // So many headers that one of ours may not fit any more: try on a copy.
    let mut copy = headers.clone();
    put(&mut copy, lines, tell)?;
    *headers = copy;
    Some(())
}

/// `None`: the map had no room, and may hold some of it.
fn put(headers: &mut HeaderMap, lines: Lines, tell: TellCaches) -> Option<()> {
    let sets_cookie = !lines.is_empty();
    for line in lines.0.into_iter().flatten() {
        headers.try_append(SET_COOKIE, line).ok()?;
    }
    if tell.cache_control && sets_cookie {
        cache::forbid_storing(headers)?;
    } else if tell.cache_control {
        cache::forbid_sharing(headers)?;
    }
    if tell.vary {
        cache::vary_by_cookie(headers)?;
    }
    Some(())
}

/// Far below the 24 576 names that a header map can hold, so that our three always find room.
const ROOMY: usize = 4096;
