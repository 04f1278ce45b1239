//! What somebody pasted, into cookies: a value, a Cookie header, Set-Cookie headers, or a whole response of curl.

use std::io::{self, Read};

use super::failure::Failure;

/// The name, if there is one, and the value.
pub(crate) struct Cookie<'a> {
    pub(crate) name: Option<&'a str>,
    pub(crate) value: &'a str,
}

/// Where lines are headers, those of cookies count and no others.
pub(crate) fn cookies(text: &str) -> Vec<Cookie<'_>> {
    let headers: Vec<_> = text.lines().filter_map(header).collect();
    if !headers.is_empty() {
        return headers.into_iter().flatten().collect();
    }
    text.lines().map(str::trim).filter(|line| !line.is_empty()).flat_map(pairs).collect()
}

fn header(line: &str) -> Option<Vec<Cookie<'_>>> {
    let (name, content) = line.split_once(':')?;
    match name.trim().trim_start_matches(['<', '>', ' ']) {
        name if name.eq_ignore_ascii_case("cookie") => Some(pairs(content).collect()),
        name if name.eq_ignore_ascii_case("set-cookie") => Some(pairs(content).take(1).collect()),
        _ => None,
    }
}

fn pairs(content: &str) -> impl Iterator<Item = Cookie<'_>> {
    content.split(';').map(|pair| match pair.split_once('=') {
        Some((name, value)) => Cookie { name: Some(name.trim()), value: value.trim() },
        None => Cookie { name: None, value: pair.trim() },
    })
}

/// The text, if it may be one.
pub(crate) fn from_standard_input() -> Result<String, Failure> {
    let mut bytes = Vec::new();
    let read = io::stdin().take(MAX_INPUT + 1).read_to_end(&mut bytes);
    read.map_err(|error| Failure::No(format!("standard input: {error}")))?;
    if bytes.len() as u64 > MAX_INPUT {
        return Err(Failure::No(format!(
            "more than {MAX_INPUT} bytes on standard input: paste the cookie alone"
        )));
    }
    String::from_utf8(bytes).map_err(|_| Failure::No("standard input is not UTF-8".into()))
}

const MAX_INPUT: u64 = 65_536;
