//! Puts into the response headers what is due: all of it or nothing.

use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderValue};

use super::Caching;
use super::cache::{self, Storage};
use super::cookie::SetCookieLine;

/// The Set-Cookie lines of a response, at most one of each name. Nearly always there is one, and at a login there are
/// two, which are kept without an allocation.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    first: Option<HeaderValue>,
    second: Option<HeaderValue>,
    others: Vec<HeaderValue>,
}

impl Lines {
    pub(crate) fn push(&mut self, line: HeaderValue) {
        match (&self.first, &self.second) {
            (None, _) => self.first = Some(line),
            (_, None) => self.second = Some(line),
            _ => self.others.push(line),
        }
    }
}

/// Appends our Set-Cookie lines and tells caches what they must know of a response whose handler `used` the session;
/// `None` if it did not.
///
/// `None`: the map had no room, and is as it was.
pub(crate) fn respond(
    headers: &mut HeaderMap,
    lines: Lines,
    used: Option<Storage>,
    caching: Caching,
) -> Option<()> {
    if headers.keys_len() <= ROOMY {
        return put(headers, lines, used, caching);
    }
    // So many headers that one of ours may not fit any more: try on a copy.
    let mut copy = headers.clone();
    put(&mut copy, lines, used, caching)?;
    *headers = copy;
    Some(())
}

/// `None`: the map had no room, and may hold some of it.
fn put(headers: &mut HeaderMap, lines: Lines, used: Option<Storage>, caching: Caching) -> Option<()> {
    let storage = if lines.first.is_some() { Some(Storage::None) } else { used };
    append(headers, lines)?;
    let Some(storage) = storage else { return Some(()) };
    if caching.cache_control {
        cache::restrict(headers, storage)?;
    }
    if caching.vary {
        cache::vary_by_cookie(headers)?;
    }
    Some(())
}

/// Appends our lines in place of earlier ones of the same cookies, which another save left there: a browser would keep
/// the last one of each.
fn append(headers: &mut HeaderMap, lines: Lines) -> Option<()> {
    let Some(first) = lines.first else { return Some(()) };
    let had_others = headers.try_append(SET_COOKIE, first).ok()?; // nearly never
    if had_others {
        let mut all: Vec<_> = headers.get_all(SET_COOKIE).iter().cloned().collect();
        let first = all.pop()?;
        put_back(headers, all);
        let first = replacing(headers, first);
        headers.try_append(SET_COOKIE, first).ok()?;
    }
    for line in lines.second.into_iter().chain(lines.others) {
        let line = if had_others { replacing(headers, line) } else { line };
        headers.try_append(SET_COOKIE, line).ok()?;
    }
    Some(())
}

/// Removes the earlier lines of this cookie, and returns the line that takes their place.
#[cold]
fn replacing(headers: &mut HeaderMap, mut line: HeaderValue) -> HeaderValue {
    let mut others: Vec<_> = headers.get_all(SET_COOKIE).iter().cloned().collect();
    others.retain(|earlier| {
        let (theirs, ours) = (SetCookieLine::of(earlier), SetCookieLine::of(&line));
        let (is_same, is_longer) = (theirs.is_same_cookie(&ours), theirs.outlives(&ours));
        if is_longer {
            line = earlier.clone();
        }
        !is_same
    });
    put_back(headers, others);
    line
}

fn put_back(headers: &mut HeaderMap, lines: Vec<HeaderValue>) {
    headers.remove(SET_COOKIE);
    for line in lines {
        headers.append(SET_COOKIE, line); // there was room for it
    }
}

/// Far below the 24 576 names that a header map can hold, so that our three always find room.
const ROOMY: usize = 4096;
