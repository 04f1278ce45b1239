//! Cookie lines made of pieces that matter, against a naive splitter: the same session is found, and it is never
//! hidden.

use std::sync::LazyLock;

use http::{HeaderMap, HeaderValue, header};
use sealed_session::{Sessions, testing};

struct Sealed {
    sessions: Sessions<u8>,
    value: Vec<u8>,
    tombstone: Vec<u8>,
}

static SEALED: LazyLock<Sealed> = LazyLock::new(|| {
    let sessions: Sessions<u8> = Sessions::builder(testing::key_ring()).name("ss").build().unwrap();
    let cookie = testing::cookie(&sessions, 7);
    let request = HeaderMap::from_iter([(header::COOKIE, cookie.clone())]);
    let id = testing::load(&sessions, &request).about().id().unwrap().to_string();
    let value = cookie.as_bytes().strip_prefix(b"ss=").unwrap().to_vec();
    Sealed { sessions, value, tombstone: format!("ss.out.{}", &id[..16]).into_bytes() }
});

/// One piece for each byte of the input: names, separators, blanks, values that open, and what could be in between.
fn line(data: &[u8]) -> Vec<u8> {
    let mut line = Vec::new();
    for byte in data {
        match byte % 16 {
            0..=2 => line.extend_from_slice(b"ss"),
            3..=5 => line.extend_from_slice(b"="),
            6 | 7 => line.extend_from_slice(b"; "),
            8 => line.extend_from_slice(b";"),
            9 => line.extend_from_slice(b" "),
            10 => line.extend_from_slice(b"\t"),
            11 | 12 => line.extend_from_slice(&SEALED.value),
            13 => line.extend_from_slice(&SEALED.tombstone),
            14 => line.extend_from_slice(b".seen"),
            // What some parsers take for a separator, a quote or a part of a name.
            _ => line.push(b",\"\\'$: x-_.%(/\x80\xff"[usize::from(*byte >> 4)]),
        }
    }
    line
}

/// What a reader of FORMAT §6.1 would write down first: split, trim, compare.
fn is_found(line: &[u8]) -> bool {
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let trim = |text: &[u8]| -> Vec<u8> {
        let start = text.iter().position(|byte| !blank(byte)).unwrap_or(text.len());
        let end = text.iter().rposition(|byte| !blank(byte)).map_or(start, |at| at + 1);
        text[start..end].to_vec()
    };
    let pairs: Vec<(Vec<u8>, Vec<u8>)> = line
        .split(|byte| *byte == b';')
        .filter_map(|pair| {
            let at = pair.iter().position(|byte| *byte == b'=')?;
            Some((trim(&pair[..at]), trim(&pair[at + 1..])))
        })
        .collect();
    let is_ended = pairs.iter().any(|(name, _)| *name == SEALED.tombstone);
    // The first four that differ are tried.
    let mut ours: Vec<&Vec<u8>> = Vec::new();
    for (_, value) in pairs.iter().filter(|(name, _)| name == b"ss") {
        if ours.len() < 4 && !ours.contains(&value) {
            ours.push(value);
        }
    }
    !is_ended && ours.contains(&&SEALED.value)
}

pub(crate) fn check(data: &[u8]) {
    let line = line(data);
    let Ok(value) = HeaderValue::from_bytes(&line) else { return };
    let request = HeaderMap::from_iter([(header::COOKIE, value)]);
    let session = testing::load(&SEALED.sessions, &request);
    assert_eq!(session.about().rejection().is_none(), is_found(&line), "{}", String::from_utf8_lossy(&line));
}
