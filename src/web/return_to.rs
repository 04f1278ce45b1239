//! Where a login goes on to: a path of this very site, and nowhere else.

use std::fmt;

use http::{Method, Uri};

/// A page of this site to which a person is sent on after a login.
///
/// Whatever it is made of, it begins with exactly one `/`, the next character is neither `/` nor `\`, it holds no
/// backslash and no control character, and no segment of its path is `.` or `..`, neither as it stands nor
/// percent-decoded. What is anything else becomes `/`: else a link to the login could send people anywhere (an open
/// redirect, CWE-601).
///
/// ```
/// use sealed_session::ReturnTo;
///
/// assert_eq!(ReturnTo::from_text("/admin/?page=2").as_str(), "/admin/?page=2");
/// for elsewhere in ["https://evil.example", "//evil.example", "/\\evil.example", "/%2Fevil.example", "/a%0Ab", "/.//a"] {
///     assert_eq!(ReturnTo::from_text(elsewhere).as_str(), "/");
/// }
/// assert_eq!(ReturnTo::from_text("/admin/").from_login("/login"), "/login?next=%2Fadmin%2F");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnTo(String);

impl ReturnTo {
    /// The longest that is kept, in bytes.
    pub const MAX: usize = 2048;

    /// The target that a request names, for instance in the field `next` of a login form.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        Self(if is_local(text.as_bytes()) { text.into() } else { "/".into() })
    }

    /// What a request asked for, to which its person may be sent back: its path and query if it is a GET or a HEAD, `/`
    /// otherwise.
    ///
    /// In a nested router of axum, give it the URI of `OriginalUri`. Behind a proxy that takes a prefix from the path,
    /// use `SessionSlot::return_to`, which puts the prefix back.
    #[must_use]
    pub fn of_request(method: &Method, uri: &Uri) -> Self {
        let is_page = matches!(*method, Method::GET | Method::HEAD);
        Self::from_text(uri.path_and_query().filter(|_| is_page).map_or("/", |target| target.as_str()))
    }

    /// As text, for a Location header.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The URL of the login page that is to go on to this target: `login`, with the target in the query's `next`. A
    /// fragment of `login` stays at the end.
    #[must_use]
    pub fn from_login(&self, login: &str) -> String {
        if self.0 == "/" {
            return login.into();
        }
        let (page, fragment) = login.split_at(login.find('#').unwrap_or(login.len()));
        let mut url = format!("{page}{}next=", if page.contains('?') { '&' } else { '?' });
        for byte in self.0.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                url.push(byte.into());
            } else {
                url.push_str(&format!("%{byte:02X}"));
            }
        }
        url.push_str(fragment);
        url
    }
}

impl fmt::Display for ReturnTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// As it stands, and percent-decoded: browsers and proxies disagree about which of the two they see.
fn is_local(text: &[u8]) -> bool {
    let is_url = text.len() <= ReturnTo::MAX && text.is_ascii() && !text.contains(&b' ');
    let path = text.split(|byte| matches!(byte, b'?' | b'#')).next().unwrap_or_default();
    is_url
        && [text, &decoded(text)].into_iter().all(is_plain_path)
        && ![path, &decoded(path)].into_iter().any(takes_steps)
}

fn is_plain_path(text: &[u8]) -> bool {
    let begins_well = matches!(text, [b'/', ..]) && !matches!(text, [_, b'/' | b'\\', ..]);
    begins_well && !text.iter().any(|byte| byte.is_ascii_control() || *byte == b'\\')
}

/// What is left of `/.//evil.example` begins with two slashes. No browser sends such a path by itself.
fn takes_steps(path: &[u8]) -> bool {
    path.split(|byte| *byte == b'/').any(|segment| matches!(segment, b"." | b".."))
}

/// Each `%` with two hexadecimal digits as the byte that they say; all else as it is.
fn decoded(text: &[u8]) -> Vec<u8> {
    let mut rest = text;
    let mut bytes = Vec::with_capacity(text.len());
    while let [first, after @ ..] = rest {
        let digit = |digit: &u8| char::from(*digit).to_digit(16);
        let escaped = match after {
            [high, low, ..] if *first == b'%' => digit(high).zip(digit(low)),
            _ => None,
        };
        match escaped.map(|(high, low)| u8::try_from(high * 16 + low)) {
            Some(Ok(byte)) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    bytes
}
