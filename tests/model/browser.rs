//! A browser's jar of cookies, by the rules of RFC 6265bis §5: which lines it takes, for how long, and what it sends.

use std::rc::Rc;

/// Where a request goes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Url {
    pub(crate) secure: bool,
    pub(crate) host: &'static str,
    pub(crate) path: &'static str,
}

/// A Set-Cookie line that a browser takes.
#[derive(Debug)]
pub(crate) struct SetCookie {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) max_age: Option<u64>,
    domain: String,
    host_only: bool,
    path: String,
    secure: bool,
}

impl SetCookie {
    /// `None` for a line that a browser drops.
    pub(crate) fn parse(line: &str, from: Url) -> Option<Self> {
        let mut parts = line.split(';').map(str::trim);
        let (name, value) = parts.next()?.split_once('=')?;
        if name.is_empty() || name.len() + value.len() > MAX_PAIR {
            return None;
        }
        let (mut domain, mut path, mut max_age, mut secure) = (None, None, None, false);
        for part in parts {
            let (attribute, value) = part.split_once('=').unwrap_or((part, ""));
            match attribute.to_ascii_lowercase().as_str() {
                _ if value.len() > MAX_ATTRIBUTE => {}
                "domain" if !value.is_empty() => {
                    domain = Some(value.trim_start_matches('.').to_ascii_lowercase());
                }
                "max-age" => max_age = seconds(value).or(max_age),
                "path" => path = value.starts_with('/').then(|| value.to_owned()),
                "secure" => secure = true,
                _ => {}
            }
        }
        let is_foreign = domain.as_ref().is_some_and(|domain| !is_within(from.host, domain));
        let asks = |prefix: &str| name.get(..prefix.len()).is_some_and(|of| of.eq_ignore_ascii_case(prefix));
        let for_host = asks("__Host-");
        let breaks_prefix = (for_host || asks("__Secure-")) && !secure
            || for_host && (domain.is_some() || path.as_deref() != Some("/"));
        if is_foreign || breaks_prefix || secure && !from.secure {
            return None;
        }
        Some(Self {
            name: name.to_owned(),
            value: value.to_owned(),
            max_age: max_age.map(|age| age.min(MAX_AGE)),
            host_only: domain.is_none(),
            domain: domain.unwrap_or_else(|| from.host.to_owned()),
            path: path.unwrap_or_else(|| default_path(from.path).to_owned()),
            secure,
        })
    }

    fn is_same(&self, other: &Self) -> bool {
        (&self.name, &self.domain, &self.path, self.host_only)
            == (&other.name, &other.domain, &other.path, other.host_only)
    }

    fn goes_to(&self, target: Url) -> bool {
        let is_host =
            if self.host_only { target.host == self.domain } else { is_within(target.host, &self.domain) };
        let rest = target.path.strip_prefix(self.path.as_str());
        let is_path =
            rest.is_some_and(|rest| rest.is_empty() || self.path.ends_with('/') || rest.starts_with('/'));
        is_host && is_path && (target.secure || !self.secure)
    }
}

/// The cookies of one browser, the oldest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Jar(Vec<Kept>);

/// A cookie in the jar.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) cookie: Rc<SetCookie>,
    /// `None`: it ends with the browser.
    pub(crate) expires: Option<u64>,
}

impl Jar {
    /// A line of a response arrives. A cookie that is there already keeps its place (§5.7, step 23).
    pub(crate) fn take(&mut self, cookie: &Rc<SetCookie>, now: u64) {
        let at = self.0.iter().position(|kept| kept.cookie.is_same(cookie));
        let kept = Kept { cookie: Rc::clone(cookie), expires: cookie.max_age.map(|age| now + age) };
        match at {
            _ if cookie.max_age == Some(0) => self.0.retain(|kept| !kept.cookie.is_same(cookie)),
            Some(at) => self.0[at] = kept,
            None => self.0.push(kept),
        }
    }

    /// Time has passed: what has expired is gone. Whether there was any.
    pub(crate) fn expire(&mut self, now: u64) -> bool {
        let before = self.0.len();
        self.0.retain(|kept| kept.expires.is_none_or(|expires| now < expires));
        self.0.len() < before
    }

    /// What a request carries: longer paths first, then older ones (§5.8.3).
    pub(crate) fn carried(&self, to: Url) -> Vec<&Kept> {
        let mut carried: Vec<_> = self.0.iter().filter(|kept| kept.cookie.goes_to(to)).collect();
        carried.sort_by_key(|kept| std::cmp::Reverse(kept.cookie.path.len()));
        carried
    }
}

/// Whether a host is a domain or lies below it.
fn is_within(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Up to the last slash, and not that one (§5.1.4).
fn default_path(path: &str) -> &str {
    match path.rfind('/') {
        None | Some(0) => "/",
        Some(at) => &path[..at],
    }
}

/// Of a Max-Age; a moment that has passed is 0.
fn seconds(value: &str) -> Option<u64> {
    let digits = value.strip_prefix('-').unwrap_or(value);
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    Some(if digits.len() < value.len() { 0 } else { digits.parse().unwrap_or(u64::MAX) })
}

const MAX_PAIR: usize = 4096;
const MAX_ATTRIBUTE: usize = 1024;
const MAX_AGE: u64 = 400 * 86_400;

#[test]
fn the_jar_keeps_the_rules() {
    let at = |path| Url { secure: true, host: "www.example.com", path };
    let sent = |lines: &[&str], to: Url| {
        let mut jar = Jar::default();
        for line in lines {
            SetCookie::parse(line, at("/app/x")).map(Rc::new).inspect(|cookie| jar.take(cookie, 100));
        }
        jar.expire(109);
        jar.carried(to)
            .iter()
            .map(|kept| format!("{}={}", kept.cookie.name, kept.cookie.value))
            .collect::<Vec<_>>()
            .join("; ")
    };
    for (lines, to, expected) in [
        (&["a=1", "b=2; Path=/", "a=3"][..], at("/app"), "a=3; b=2"),
        (&["a=1"], at("/apple"), ""),
        (&["a=1; Path=/app/", "b=1; Path=/other"], at("/app/y"), "a=1"),
        (
            &["a=1; Domain=example.com; Path=/", "b=2; Path=/"],
            Url { host: "api.example.com", ..at("/") },
            "a=1",
        ),
        (&["a=1; Domain=ample.com", "b=1; Domain=other.com"], at("/app"), ""),
        (&["a=1; Secure; Path=/", "b=1; Path=/"], Url { secure: false, ..at("/") }, "b=1"),
        (&["a=1; Max-Age=9", "b=1; Max-Age=10", "c=1; Max-Age=x", "d=1; Max-Age=-5"], at("/app"), "b=1; c=1"),
        (&["a=1", "a=; Max-Age=0"], at("/app"), ""),
        (&["a=1; Path=/", "a=; Max-Age=0"], at("/app"), "a=1"),
        (
            &["__Host-a=1; Secure", "__host-b=1; Path=/", "__Host-c=1; Secure; Path=/; Domain=example.com"],
            at("/app"),
            "",
        ),
        (&["__Host-a=1; Secure; Path=/", "__Secure-b=1"], at("/app"), "__Host-a=1"),
    ] {
        assert_eq!(sent(lines, to), expected, "{lines:?}");
    }
}
