//! Finds the cookies of one name in a request. The only file that names `memchr`.

use http::{HeaderMap, HeaderValue};
use memchr::memmem;

/// A cookie of ours, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found<'a> {
    /// `<name>`, with its value.
    Session(&'a [u8]),
    /// `<name>.seen`, with its value.
    LastSeen(&'a [u8]),
    /// `<name>.out.<digits>`: the digits of its key, and its value.
    Tombstone(&'a [u8], &'a [u8]),
}

/// Looks for one name, and for those that begin with it, in Cookie header lines.
///
/// It searches for the name and then looks left and right of every hit, which reads a header of thirty other cookies
/// several times faster than to take each of them apart.
#[derive(Clone, Debug)]
pub(crate) struct CookieFinder {
    name: memmem::Finder<'static>,
}

impl CookieFinder {
    pub(crate) fn new(name: &str) -> Self {
        Self { name: memmem::Finder::new(name).into_owned() }
    }

    /// Every cookie of ours, in the order of the headers.
    pub(crate) fn find<'a>(&'a self, headers: &'a HeaderMap) -> impl Iterator<Item = Found<'a>> {
        lines(headers).flat_map(|line| self.find_in_line(line))
    }

    /// Every cookie of ours in one line.
    ///
    /// The time is linear in the line: around a hit it reads white space and a suffix of fixed length, and it goes on
    /// after the value of a hit, within which no name begins.
    pub(crate) fn find_in_line<'a>(&'a self, line: &'a [u8]) -> impl Iterator<Item = Found<'a>> {
        let name = self.name.needle().len();
        let mut from = 0;
        std::iter::from_fn(move || {
            loop {
                let at = from + self.name.find(line.get(from..)?)?;
                let (before, hit) = line.split_at_checked(at)?;
                from = at + name;
                if let Some(found) = hit_of(before, hit.get(name..)?) {
                    let (Found::Session(value) | Found::LastSeen(value) | Found::Tombstone(_, value)) = found;
                    from += value.len();
                    return Some(found);
                }
            }
        })
    }
}

/// The cookie whose name stands between `before` and `after`. A hit is a cookie of ours if the name of its pair begins
/// there and ends in one of our ways: the name is a token, so it can hold neither the separators nor white space, and
/// no two hits overlap at the beginning of a pair.
fn hit_of<'a>(before: &[u8], after: &'a [u8]) -> Option<Found<'a>> {
    if let Some(rest) = after.strip_prefix(b".seen") {
        return value(before, rest).map(Found::LastSeen);
    }
    if let Some(rest) = after.strip_prefix(b".out.") {
        let is_digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let count = rest.iter().take(MAX_DIGITS).take_while(|byte| is_digit(byte)).count();
        let (digits, rest) = rest.split_at_checked(count)?;
        let is_key = matches!(count, FAMILY_DIGITS | MAX_DIGITS);
        return value(before, rest).filter(|_| is_key).map(|value| Found::Tombstone(digits, value));
    }
    value(before, after).map(Found::Session)
}

/// The Cookie lines of a request, of which HTTP/2 makes several.
pub(crate) fn lines(headers: &HeaderMap) -> impl Iterator<Item = &[u8]> {
    headers.get_all(http::header::COOKIE).iter().map(HeaderValue::as_bytes)
}

/// The value of a pair whose name stands between `before` and `after`; `None` if there is more to that name.
fn value<'a>(before: &[u8], after: &'a [u8]) -> Option<&'a [u8]> {
    let value = trim_start(after).strip_prefix(b"=")?;
    if !matches!(trim_end(before).last(), None | Some(b';')) {
        return None;
    }
    let end = memchr::memchr(b';', value).unwrap_or(value.len());
    value.get(..end).map(|value| trim_start(trim_end(value)))
}

// Spaces and tabs, and nothing else that some function may call white space.

fn trim_start(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = bytes {
        bytes = rest;
    }
    bytes
}

fn trim_end(mut bytes: &[u8]) -> &[u8] {
    while let [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}

/// A tombstone names eight bytes of an id, or all eleven (FORMAT §10).
const FAMILY_DIGITS: usize = 16;
const MAX_DIGITS: usize = 22;

#[cfg(test)]
mod tests {
    use super::*;

    /// The naive twin: takes every pair apart.
    fn naive<'a>(name: &str, line: &'a [u8]) -> Vec<Found<'a>> {
        line.split(|byte| *byte == b';')
            .filter_map(|pair| {
                let equals = pair.iter().position(|byte| *byte == b'=')?;
                let value = trim_start(trim_end(&pair[equals + 1..]));
                match trim_start(trim_end(&pair[..equals])).strip_prefix(name.as_bytes())? {
                    b"" => Some(Found::Session(value)),
                    b".seen" => Some(Found::LastSeen(value)),
                    suffix => {
                        let digits = suffix.strip_prefix(b".out.")?;
                        let is_key = digits.iter().all(|digit| b"0123456789abcdef".contains(digit));
                        (is_key && [16, 22].contains(&digits.len()))
                            .then_some(Found::Tombstone(digits, value))
                    }
                }
            })
            .collect()
    }

    #[track_caller]
    fn finds(line: &str, expected: &[&str]) {
        let finder = CookieFinder::new("sid");
        let found: Vec<_> = finder.find_in_line(line.as_bytes()).collect();
        let expected: Vec<_> = expected.iter().map(|value| Found::Session(value.as_bytes())).collect();
        assert_eq!(found, expected, "{line:?}");
        assert_eq!(naive("sid", line.as_bytes()), found, "{line:?}");
    }

    #[test]
    fn finds_last_seen_cookies_and_tombstones() {
        let finder = CookieFinder::new("sid");
        let line = b"sid.out.0011223344556677=9; sid=a;sid.seen = b ;sid.out.0123456789abcdef012345=";
        let found: Vec<_> = finder.find_in_line(line).collect();
        let tombstones: [&[u8]; 2] = [b"0011223344556677", b"0123456789abcdef012345"];
        let expected = [
            Found::Tombstone(tombstones[0], b"9"),
            Found::Session(b"a"),
            Found::LastSeen(b"b"),
            Found::Tombstone(tombstones[1], b""),
        ];
        assert_eq!(found, expected);
        assert_eq!(naive("sid", line), expected);
        for line in [
            "sid.out.001122334455667=9",
            "sid.out.00112233445566778=9",
            "sid.out.001122334455667788990=9",
            "sid.out.00112233445566778899001=9",
            "sid.out.0011223344556677889900112233=9",
            "sid.out.001122334455667G=9",
            "sid.out.001122334455667A=9",
            "sid.out. 011223344556677=9",
            "sid.out.=9",
            "sid.seen2=a",
            "sid.see=a",
            "sid.Seen=a",
            "xsid.seen=a",
            "sid .seen=a",
        ] {
            finds(line, &[]);
        }
    }

    #[test]
    fn finds_the_exact_name_and_trims_blanks() {
        finds("sid=a", &["a"]);
        finds("x=1; sid=a; y=2", &["a"]);
        finds("sid=a;sid=b; sid=c", &["a", "b", "c"]);
        finds(" \tsid \t= a\t ;x", &["a"]);
        finds("sid==a=", &["=a="]);
        finds("sid=", &[""]);
        finds("x=sid;sid=a", &["a"]);
        finds("sid=\"a\"", &["\"a\""]);
    }

    #[test]
    fn nothing_else_is_ours() {
        let others = ["", "sid", "sid;", "Sid=a", "SID=a", "xsid=a", "sidx=a", "=sid=a", "x=sid=a"];
        let odd =
            ["; =sid=a", "x sid=a", "\"sid\"=a", "\u{a0}sid=a", "sid\0=a", "\x0bsid=a", "$Version=1, sid=a"];
        for line in others.into_iter().chain(odd) {
            finds(line, &[]);
        }
    }

    #[test]
    fn agrees_with_the_naive_twin_on_every_short_line() {
        // Every line of up to seven of these pieces.
        let pieces: [&[u8]; 7] = [b"ss", b"s", b"=", b";", b" ", b".seen", b"x"];
        let finder = CookieFinder::new("ss");
        let mut lines = vec![Vec::new()];
        for _ in 0..6 {
            lines = lines
                .iter()
                .flat_map(|line| pieces.iter().map(move |piece| [line, *piece].concat()))
                .collect();
            for line in &lines {
                assert_eq!(finder.find_in_line(line).collect::<Vec<_>>(), naive("ss", line), "{line:?}");
            }
        }
    }
}
