//! What somebody pasted, into cookies: a value, a Cookie header, Set-Cookie headers, or a whole response of curl.

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
