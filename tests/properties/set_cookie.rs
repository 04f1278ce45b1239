//! Any settings: what is written is read back by a parser of its own, with the attributes that were asked for.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue};
use sealed_session::web::Priority;
use sealed_session::{CookieConfig, SameSite, Sessions, testing};

use super::input::Input;

/// How many settings were not refused: else all of the corpus could be, unnoticed.
pub(crate) static BUILT: AtomicUsize = AtomicUsize::new(0);

/// What was asked for.
#[derive(Debug)]
struct Asked {
    name: String,
    path: String,
    domain: Option<String>,
    same_site: SameSite,
    secure: bool,
    http_only: bool,
    partitioned: bool,
    priority: Option<Priority>,
    persistent: bool,
}

impl Asked {
    fn of(input: &mut Input<'_>) -> Self {
        let name = match input.below(4) {
            0 => input.text(),
            1 => {
                input.one_of(&["__Host-", "__Secure-", "__Http-", "__Host-Http-", "__hOST-"]).to_owned()
                    + &input.text()
            }
            _ => input.one_of(&["s", "__Host-session", "__Host-Http-s", "a.seen", "a.out.b"]).to_owned(),
        };
        let path = if input.flag() { "/".to_owned() } else { input.text() };
        let domain = match input.below(3) {
            0 => None,
            1 => Some(input.one_of(&["example.com", ".example.com", "EXAMPLE.com", "a;b", ""]).to_owned()),
            _ => Some(input.text()),
        };
        Self {
            name,
            path,
            domain,
            same_site: input.one_of(&[SameSite::Lax, SameSite::Strict, SameSite::None]),
            secure: !input.flag(),
            http_only: !input.flag(),
            partitioned: input.flag(),
            priority: input.one_of(&[
                None,
                Some(Priority::Low),
                Some(Priority::Medium),
                Some(Priority::High),
            ]),
            persistent: !input.flag(),
        }
    }

    /// In the order in which nothing depends: attributes are a set.
    fn attributes(&self) -> Vec<(String, String)> {
        let mut attributes = vec![("path".to_owned(), self.path.clone())];
        let mut add = |name: &str, value: &str| attributes.push((name.to_owned(), value.to_owned()));
        if let Some(domain) = &self.domain {
            add("domain", domain);
        }
        for (is_set, name) in
            [(self.secure, "secure"), (self.http_only, "httponly"), (self.partitioned, "partitioned")]
        {
            if is_set {
                add(name, "");
            }
        }
        add("samesite", &format!("{:?}", self.same_site));
        if let Some(priority) = self.priority {
            add("priority", &format!("{priority:?}"));
        }
        attributes.sort();
        attributes
    }
}

pub(crate) fn check(data: &[u8]) {
    let mut input = Input(data);
    let asked = Asked::of(&mut input);
    let lifetime = 1 + input.number() % (500 * 86_400);
    let content = input.text();
    let clock = testing::Clock::at(1_800_000_000);
    let mut cookie = CookieConfig::new(asked.name.as_str())
        .path(asked.path.as_str())
        .same_site(asked.same_site)
        .http_only(asked.http_only)
        .partitioned(asked.partitioned)
        .persistent(asked.persistent);
    if let Some(domain) = &asked.domain {
        cookie = cookie.domain(domain.as_str());
    }
    if let Some(priority) = asked.priority {
        cookie = cookie.priority(priority);
    }
    let mut builder = Sessions::<String>::builder(testing::key_ring())
        .cookie(cookie)
        .absolute_timeout(Duration::from_secs(lifetime))
        .idle_timeout(None)
        .schema("pinned, for it takes time to find one")
        .clock(clock.reader());
    if !asked.secure {
        builder = builder.insecure_for_localhost();
    }
    let Ok(sessions) = builder.build() else { return };
    BUILT.fetch_add(1, Ordering::Relaxed);
    let prefixes = ["__Host-Http-", "__Host-", "__Http-", "__Secure-"];
    let bare = prefixes.into_iter().find_map(|prefix| asked.name.strip_prefix(prefix)).unwrap_or(&asked.name);
    let name = if asked.secure { asked.name.as_str() } else { bare };
    assert!(
        !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_graphic() && !br#"()<>@,;:\"/[]?={}"#.contains(&byte))
    );

    let mut session = sessions.load(&HeaderMap::new());
    session.replace(content.clone());
    session.mark_changed();
    let mut response = HeaderMap::new();
    sessions.save(session, &mut response).unwrap();
    let (value, mut attributes) = parsed(&response, name);
    let age = attributes.iter().position(|(name, _)| name == "max-age").map(|at| attributes.remove(at).1);
    assert_eq!(age, asked.persistent.then(|| lifetime.to_string()));
    assert_eq!(attributes, asked.attributes());
    assert!(lifetime <= 400 * 86_400, "longer than browsers keep it");

    let cookie = HeaderValue::from_str(&format!("{name}={value}")).unwrap();
    let request = HeaderMap::from_iter([(COOKIE, cookie)]);
    let mut session = sessions.load(&request);
    assert_eq!(*session, content);

    // The removal is of the same cookie.
    session.destroy();
    let mut response = HeaderMap::new();
    sessions.save(session, &mut response).unwrap();
    let (value, mut removal) = parsed(&response, name);
    removal.retain(|(name, value)| (name.as_str(), value.as_str()) != ("max-age", "0"));
    assert_eq!((value.as_str(), removal), ("", attributes));
}

/// The one Set-Cookie line of this name, by the words of RFC 6265bis §5.6.
fn parsed(response: &HeaderMap, name: &str) -> (String, Vec<(String, String)>) {
    let lines = response.get_all(SET_COOKIE).iter().map(|line| line.to_str().unwrap());
    let of_name = |line: &str| line.split(['=', ';']).next().unwrap().trim_matches([' ', '\t']) == name;
    let [line] = <[&str; 1]>::try_from(lines.filter(|line| of_name(line)).collect::<Vec<_>>()).unwrap();
    assert!(line.bytes().all(|byte| (0x20..0x7f).contains(&byte)), "{line:?}");
    let (pair, rest) = line.split_once(';').unwrap_or((line, ""));
    let (found, value) = pair.split_once('=').unwrap();
    assert_eq!(found, name);
    assert!(pair.len() <= 4096 && !value.contains(['"', ' ', ',', '\\']));
    let attributes = rest.split(';').map(|part| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let trim = |text: &str| text.trim_matches([' ', '\t']).to_owned();
        (trim(name).to_ascii_lowercase(), trim(value))
    });
    let mut attributes: Vec<_> = attributes.collect();
    attributes.sort();
    (value.to_owned(), attributes)
}
