//! What else of a request is read: where it wants to go on to, whether a page of another origin made it, and what its
//! proxy says of the scheme. Each against a reading of its own, and with what must never come out.

use http::header::{FORWARDED, HOST, HeaderName, ORIGIN, UPGRADE};
use http::{HeaderMap, HeaderValue, Method, Uri};
use sealed_session::ReturnTo;
use sealed_session::web::{RequestOrigin, Scheme};

use super::input::Input;

pub(crate) fn check(data: &[u8]) {
    let mut input = Input(data);
    match input.below(3) {
        0 => target(&pieces(&mut input, URLS)),
        1 => origin(&mut input),
        _ => scheme(&mut input),
    }
}

const URLS: &[&str] = &[
    "/",
    "\\",
    ".",
    "..",
    "?",
    "#",
    "@",
    ":",
    "%",
    "%2F",
    "%2f",
    "%5C",
    "%5c",
    "%25",
    "%0A",
    "%00",
    " ",
    "\t",
    "\n",
    "\r",
    "\u{0}",
    "\u{7f}",
    "é",
    "\u{2044}",
    "a",
    "next=",
    "&",
    "https:",
    "javascript:",
    "evil.example",
    "\u{feff}",
    "%c0%af",
];

/// One piece for each byte, and the byte itself where there is no such piece.
fn pieces(input: &mut Input<'_>, choices: &[&str]) -> String {
    let mut text = String::new();
    while !input.is_empty() {
        let byte = input.byte();
        match choices.get(usize::from(byte)) {
            Some(piece) => text.push_str(piece),
            None => text.push(char::from(byte)),
        }
    }
    text
}

fn target(text: &str) {
    let target = ReturnTo::from_text(text);
    let kept = target.as_str();
    assert!(kept == text || kept == "/", "{text:?}");
    assert_eq!(ReturnTo::from_text(kept), target, "{text:?}");
    // Also what has been decoded once on the way stays here.
    for seen in [kept.to_owned(), decoded(kept)] {
        assert!(is_here(&seen), "{text:?} became {kept:?}, which may be read as {seen:?}");
    }
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/?#=&.@:-".contains(&byte);
    if text.starts_with('/')
        && !text.starts_with("//")
        && text.len() <= ReturnTo::MAX
        && text.bytes().all(is_plain)
        && !has_steps(text)
    {
        assert_eq!(kept, text);
    }
    // The login page gets it whole.
    let login = target.from_login("/login?a=b");
    match login.strip_prefix("/login?a=b&next=") {
        Some(next) => assert_eq!(decoded(next), kept),
        None => assert_eq!((login.as_str(), kept), ("/login?a=b", "/")),
    }
    if let Ok(uri) = text.parse::<Uri>() {
        for method in [Method::GET, Method::POST] {
            let target = ReturnTo::of_request(&method, &uri);
            assert!(is_here(target.as_str()), "{uri}");
            assert!(method == Method::GET || target.as_str() == "/");
        }
    }
}

/// Whether a browser that reads this as a Location stays at the host that sent it (WHATWG URL): blanks at the ends and
/// line breaks within are dropped, a backslash is a slash, and after a second slash comes a host. It takes no steps,
/// which could leave two slashes at the beginning for whoever sends the path on.
fn is_here(text: &str) -> bool {
    let is_header = !text.contains(['\r', '\n', '\0']);
    let trimmed =
        text.trim_matches(|character| character <= ' ').replace(['\t', '\n', '\r'], "").replace('\\', "/");
    is_header && trimmed.starts_with('/') && !trimmed.starts_with("//") && !has_steps(&trimmed)
}

/// Whether a segment of the path is one or two dots.
fn has_steps(text: &str) -> bool {
    let path = text.split(['?', '#']).next().unwrap_or_default();
    path.split('/').any(|segment| matches!(segment, "." | ".."))
}

/// Percent-decoded; what is no UTF-8 then is looked at byte by byte.
fn decoded(text: &str) -> String {
    let mut rest = text;
    let mut decoded = String::new();
    while let Some(first) = rest.chars().next() {
        let digits = rest.strip_prefix('%').and_then(|rest| rest.get(..2));
        let escaped = digits.filter(|digits| digits.chars().all(|digit| digit.is_ascii_hexdigit()));
        let byte = escaped.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        decoded.push(byte.map_or(first, char::from));
        rest = &rest[byte.map_or(first.len_utf8(), |_| 3)..];
    }
    decoded
}

/// Headers of the names, each with a value made of the pieces; none that HTTP would not carry.
fn headers(input: &mut Input<'_>, names: &[HeaderName], values: &[&str]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for _ in 0..input.below(6) {
        let name = input.one_of(&(0..names.len()).collect::<Vec<_>>());
        let value: String = (0..input.below(6)).map(|_| input.one_of(values)).collect();
        headers.append(&names[name], HeaderValue::from_str(&value).unwrap());
    }
    headers
}

fn lines<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Vec<&'a str> {
    headers.get_all(name).iter().map(|line| line.to_str().unwrap()).collect()
}

fn origin(input: &mut Input<'_>) {
    let site = HeaderName::from_static("sec-fetch-site");
    let names = [site.clone(), ORIGIN, HOST, UPGRADE];
    let values = [
        "same-origin",
        "none",
        "cross-site",
        "same-site",
        "https://",
        "http://",
        "a.example",
        "A.example",
        ":80",
        "null",
    ];
    let headers = headers(input, &names, &values);
    let uri = Uri::from_static(input.one_of(&["/", "https://a.example/", "http://b.example:80/"]));

    let lower = |text: &str| text.to_ascii_lowercase();
    let host = match uri.authority() {
        Some(host) => Some(lower(host.as_str())),
        None => lines(&headers, &HOST).first().map(|host| lower(host)),
    };
    // Without the port that a browser leaves out.
    let bare = |host: &str, port: &str| host.strip_suffix(port).unwrap_or(host).to_owned();
    let is_own = |origin: &str| {
        let (scheme, rest) = origin.split_once("://").unwrap_or_default();
        let is_plain = |part: &str| !part.is_empty() && !part.contains(['/', ':']);
        let (rest, host) = (lower(rest), host.clone().unwrap_or_default());
        match scheme {
            "http" => bare(&rest, ":80") == bare(&host, ":80") && is_plain(&bare(&host, ":80")),
            "https" => {
                rest == bare(&host, ":80") && is_plain(&rest) || rest == host && is_plain(&bare(&rest, ":80"))
            }
            _ => false,
        }
    };
    let (sites, origins) = (lines(&headers, &site), lines(&headers, &ORIGIN));
    let expected = if sites.iter().all(|site| ["same-origin", "none"].contains(site)) && !sites.is_empty() {
        RequestOrigin::Same
    } else if !sites.is_empty() || origins.iter().any(|origin| *origin != "null" && !is_own(origin)) {
        RequestOrigin::Other
    } else if origins.is_empty() || origins.contains(&"null") {
        RequestOrigin::Unknown
    } else {
        RequestOrigin::Same
    };
    assert_eq!(RequestOrigin::of(&uri, &headers), expected, "{uri} {headers:?}");
}

fn scheme(input: &mut Input<'_>) {
    let plain = HeaderName::from_static("x-forwarded-proto");
    let values = ["http", "https", "HTTP", ",", ";", "\"", " ", "\t", "proto=", "for=", "a", "="];
    let headers = headers(input, &[plain.clone(), FORWARDED], &values);
    let (plain, standard) = (lines(&headers, &plain), lines(&headers, &FORWARDED));
    let found = Scheme::from_forwarded(&headers);
    if !plain.is_empty() {
        assert_ne!(found, None, "{headers:?}");
    }
    let all = [&plain[..], &standard[..]].concat().concat().to_ascii_lowercase();
    assert!(found != Some(Scheme::Http) || all.contains("http"), "{headers:?}");
    if all.contains('"') {
        return; // what stands in quotes is for the tests of the list
    }
    let said = standard.iter().flat_map(|line| line.split([',', ';'])).filter_map(|parameter| {
        let (name, value) = parameter.trim().split_once('=')?;
        name.eq_ignore_ascii_case("proto").then_some(value)
    });
    let said: Vec<_> = plain.iter().flat_map(|line| line.split(',')).map(str::trim).chain(said).collect();
    let expected = match *said {
        [] => None,
        [one] if one.eq_ignore_ascii_case("http") => Some(Scheme::Http),
        // A list, or anything unknown, loosens nothing.
        _ => Some(Scheme::Https),
    };
    assert_eq!(found, expected, "{headers:?}");
}
