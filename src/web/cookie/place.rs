//! Which cookie a Set-Cookie line is about: browsers tell cookies apart by name, domain, path and partition (RFC
//! 6265bis §5.7).

use http::HeaderValue;

/// A Set-Cookie line, taken apart as far as two lines can be about one cookie.
pub(crate) struct SetCookieLine<'a> {
    place: Place<'a>,
    max_age: Option<u64>,
}

#[derive(PartialEq, Eq)]
struct Place<'a> {
    name: &'a [u8],
    domain: &'a [u8],
    path: &'a [u8],
    is_partitioned: bool,
}

impl<'a> SetCookieLine<'a> {
    pub(crate) fn of(line: &'a HeaderValue) -> Self {
        let mut pairs = line.as_bytes().split(|byte| *byte == b';').map(split);
        let (name, _) = pairs.next().unwrap_or_default();
        let mut place = Place { name, domain: b"", path: b"", is_partitioned: false };
        let mut max_age = None;
        for (attribute, value) in pairs {
            let is = |known: &[u8]| attribute.eq_ignore_ascii_case(known);
            if is(b"domain") {
                place.domain = value;
            } else if is(b"path") {
                place.path = value;
            } else if is(b"partitioned") {
                place.is_partitioned = true;
            } else if is(b"max-age") {
                max_age = std::str::from_utf8(value).ok().and_then(|value| value.parse().ok());
            }
        }
        Self { place, max_age }
    }

    /// Whether a browser that gets both lines keeps the later one alone.
    pub(crate) fn is_same_cookie(&self, other: &Self) -> bool {
        self.place == other.place
    }

    /// Whether both are tombstones of one ID, and this one stays for longer.
    pub(crate) fn outlives(&self, other: &Self) -> bool {
        let is_tombstone = self.place.name.windows(TOMBSTONE.len()).any(|part| part == TOMBSTONE);
        is_tombstone && self.is_same_cookie(other) && self.max_age > other.max_age
    }
}

/// Name and value, without the blanks around them.
fn split(pair: &[u8]) -> (&[u8], &[u8]) {
    let end = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
    let (name, value) = pair.split_at_checked(end).unwrap_or_default();
    (name.trim_ascii(), value.get(1..).unwrap_or_default().trim_ascii())
}

/// What the name of a tombstone contains, and no other name of ours (FORMAT §10).
const TOMBSTONE: &[u8] = b".out.";
