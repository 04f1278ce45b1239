//! Comma-separated lists, as Cache-Control, Vary and Forwarded are (RFC 9110 §5.6.1).

use http::HeaderMap;
use http::HeaderName;

/// The elements of a list over all lines of a header, without the white space around them.
pub(crate) fn elements<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a [u8]> {
    headers.get_all(name).iter().flat_map(|line| split(line.as_bytes(), b',')).map(<[u8]>::trim_ascii)
}

/// Splits at a separator that stands outside quotes. Within them a backslash takes its meaning from the next byte.
pub(crate) fn split(text: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    text.split(move |byte| {
        if !std::mem::take(&mut is_escaped) {
            is_quoted ^= *byte == b'"';
            is_escaped = is_quoted && *byte == b'\\';
        }
        *byte == separator && !is_quoted
    })
}
