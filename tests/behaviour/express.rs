//! Word for word what docs/EXPRESS.md says to those who come from express-session.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::time::Duration;

use crate::util::{
    DAY, NOW, Visitor, logged_in, outcome, respond, sessions, sessions_of, sessions_with, set_cookie,
    set_cookies,
};
use http::header::{HOST, LOCATION};
use http::{HeaderMap, HeaderValue};
use sealed_session::web::{Priority, Scheme};
use sealed_session::{
    Algorithm, Builder, CookieConfig, Key, KeyRing, Lifetimes, RequestInfo, SameSite, SaveError, Saved,
    Session, SessionData, Sessions, testing,
};

/// A browser at one site: what it was told to keep, for as long as the test lasts.
#[derive(Clone, Default)]
struct Browser(BTreeMap<String, String>);

impl Browser {
    fn logged_in(sessions: &Sessions<Visitor>) -> Self {
        let mut browser = Self::default();
        browser.visit(sessions, |session| {
            session.user = Some(7);
            session.mark_authenticated();
        });
        browser
    }

    fn request(&self) -> HeaderMap {
        let pairs: Vec<_> = self.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if pairs.is_empty() { HeaderMap::new() } else { crate::util::with_cookie(pairs.join("; ")) }
    }

    fn receive(&mut self, response: &HeaderMap) {
        for line in set_cookies(response) {
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            if line.ends_with("; Max-Age=0") {
                self.0.remove(name);
            } else {
                self.0.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    /// A request whose response arrives before the next is sent.
    #[track_caller]
    fn visit<T: SessionData>(
        &mut self,
        sessions: &Sessions<T>,
        handler: impl FnOnce(&mut Session<T>),
    ) -> Saved {
        let (saved, response) = respond(sessions, &self.request(), handler);
        self.receive(&response);
        saved
    }
}

/// A handler that only reads.
fn read(session: &mut Session<Visitor>) {
    let _ = session.data();
}

fn rename(name: &str) -> impl FnOnce(&mut Session<Visitor>) {
    move |session| session.name = name.into()
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// The line that these settings write.
#[track_caller]
fn line_of(settings: impl FnOnce(Builder<Visitor>) -> Builder<Visitor>) -> String {
    let (sessions, _) = sessions_with(settings);
    set_cookie(&respond(&sessions, &HeaderMap::new(), rename("x")).1)
}

/// What is wrong with these settings.
fn refused(settings: impl FnOnce(Builder<Visitor>) -> Builder<Visitor>) -> Option<&'static str> {
    settings(Sessions::builder(testing::key_ring())).build().err().map(|error| error.as_str())
}

fn is_written(saved: Saved) -> bool {
    matches!(saved, Saved::Written { .. })
}

// The page itself.

const PAGE: &str = include_str!("../../docs/EXPRESS.md");

/// The cells of every line of a table, its head left out.
fn rows() -> Vec<[&'static str; 3]> {
    let lines =
        PAGE.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| express-session |"));
    lines
        .map(|line| {
            let inner = line.strip_prefix('|').unwrap().strip_suffix('|').unwrap();
            let cells: Vec<_> = inner.split('|').map(str::trim).collect();
            <[&str; 3]>::try_from(cells).unwrap_or_else(|_| panic!("three cells: {line}"))
        })
        .collect()
}

/// What stands in backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

#[test]
fn every_line_of_the_page_ends_with_its_test_or_says_why_there_is_none() {
    let source = include_str!("express.rs");
    let tests: BTreeSet<_> = source
        .split("#[test]\nfn ")
        .skip(1)
        .map(|rest| rest.split('(').next().unwrap())
        .filter(|name| !name.contains("_the_page_"))
        .collect();
    let rows = rows();
    assert!(rows.len() > 50, "{}", rows.len());
    let mut named = BTreeSet::new();
    for row in rows {
        let test = quoted(row[2]).last().filter(|_| row[2].ends_with('`'));
        assert!(row[2].starts_with("none: ") || test.is_some_and(|test| tests.contains(test)), "{row:?}");
        named.extend(test.filter(|test| tests.contains(test)));
    }
    assert_eq!(tests.difference(&named).collect::<Vec<_>>(), Vec::<&&str>::new(), "on no line of the page");
    // What the prose names exists too: no other word on the page has so many underscores.
    for word in PAGE.lines().flat_map(quoted).filter(|word| word.matches('_').count() > 2) {
        assert!(tests.contains(word), "{word}");
    }
}

#[test]
fn every_word_of_express_session_stands_on_the_page_in_the_first_column() {
    let options = "secret name genid proxy resave rolling saveUninitialized unset store cookie";
    let cookie = "domain expires httpOnly maxAge partitioned path priority sameSite secure";
    let session = "regenerate destroy reload save touch resetMaxAge id cookie cookie.maxAge \
                   cookie.originalMaxAge cookie.expires";
    let store = "all destroy clear length get set touch regenerate load createSession";
    let with = |prefix: &str, words: &str| -> Vec<String> {
        words.split_whitespace().map(|word| format!("{prefix}{word}")).collect()
    };
    let words = [
        with("", options),
        with("cookie.", cookie),
        with("req.session.", session),
        with("store.", store),
        with("", "req.session req.sessionID req.sessionStore MemoryStore DEBUG=express-session"),
    ];
    let first = rows().into_iter().flat_map(|row| quoted(row[0])).collect::<Vec<_>>();
    for word in words.concat() {
        // `store.all(…)` and `resave: true` are about `store.all` and `resave`.
        let is_word = |found: &&str| {
            let rest = found.strip_prefix(word.as_str()).or_else(|| {
                let last = word.strip_prefix("store")?; // `store.regenerate`, `.generate`
                found.strip_prefix(last)
            });
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '(', ' ']))
        };
        assert!(first.iter().any(is_word), "{word}");
    }
}

// Keys, name and cookie.

#[test]
fn secret_is_a_key_and_no_passphrase() {
    for secret in ["correct horse battery staple", "", "0123456789abcdef0123456789abcdef"] {
        assert!(KeyRing::from_text(secret).is_err(), "{secret:?}");
    }
    let text = Key::generate(Algorithm::Xaes256Gcm).unwrap().expose_text();
    assert!(KeyRing::from_text(&text).is_ok());
    // A cookie of another secret is a stranger's, and reading leaves it where it is.
    let (sessions, clock) = sessions();
    let other = sessions_of(KeyRing::new(testing::key(8)), &clock);
    let mut browser = Browser::logged_in(&sessions);
    assert_eq!(browser.visit(&other, |session| assert_eq!(session.user, None)), Saved::Unchanged);
    browser.visit(&sessions, |session| assert_eq!(session.user, Some(7)));
}

#[test]
fn secret_array_first_seals_all_open() {
    let (sessions, clock) = sessions();
    let (old, new) = (testing::key(7), testing::key(8));
    let both = sessions_of(KeyRing::new(testing::key(8)).accept(testing::key(7)).unwrap(), &clock);
    let only_new = sessions_of(KeyRing::new(testing::key(8)), &clock);
    let mut browser = Browser::logged_in(&sessions);
    browser.visit(&both, |session| {
        assert_eq!(session.user, Some(7));
        assert_eq!(session.about().key_id(), Some(old.id()));
    });
    assert_eq!(outcome(&only_new, &browser.request()), "unknown_key", "a read does not seal again");
    browser.visit(&both, rename("x"));
    browser.visit(&only_new, |session| assert_eq!(session.about().key_id(), Some(new.id())));
    assert_eq!(outcome(&sessions, &browser.request()), "unknown_key", "the old one alone");

    // In the text, too, the first is the one that seals.
    let keys = [(); 2].map(|()| Key::generate(Algorithm::Xaes256Gcm).unwrap());
    let ring = KeyRing::from_text(&format!("{},{}", keys[0].expose_text(), keys[1].expose_text())).unwrap();
    assert_eq!(ring.key_ids().collect::<Vec<_>>(), keys.map(|key| key.id()));
    let (made_here, _) = sessions_with(|_| Sessions::<Visitor>::builder(ring.clone()));
    let request = logged_in(&made_here);
    assert_eq!(testing::load(&made_here, &request).about().key_id(), ring.key_ids().next());
}

#[test]
fn name_keeps_apps_on_one_host_apart() {
    let (unnamed, _) = sessions();
    assert_eq!(unnamed.name(), "__Host-session");
    let named = |name: &'static str| sessions_with::<Visitor>(|builder| builder.name(name)).0;
    let (shop, blog) = (named("__Host-shop"), named("__Host-blog"));
    let mut browser = Browser::logged_in(&shop);
    browser.visit(&blog, |session| {
        assert_eq!(session.user, None);
        session.user = Some(8);
    });
    browser.visit(&shop, |session| assert_eq!(session.user, Some(7)));
    // The cookie of one under the name of the other does not open.
    let moved = crate::util::with_cookie(format!("__Host-blog={}", browser.0["__Host-shop"]));
    assert_eq!(outcome(&blog, &moved), "forged");
    browser.visit(&shop, Session::destroy);
    browser.visit(&blog, |session| assert_eq!(session.user, Some(8)));
}

#[test]
fn domain_asks_for_another_name() {
    assert!(!line_of(|builder| builder).contains("Domain"));
    let of_domain = |name: &str, domain: &str| CookieConfig::new(name).domain(domain);
    let host = of_domain("__Host-shop", "shop.example");
    assert_eq!(refused(|builder| builder.cookie(host)), Some("prefix"));
    let shop = of_domain("__Secure-shop", "shop.example");
    assert!(line_of(|builder| builder.cookie(shop.clone())).contains("; Domain=shop.example;"));
    assert_eq!(refused(|builder| builder.cookie(of_domain("shop", ".shop.example"))), Some("domain"));
    // The cookie is removed from the domain that it was set for.
    let (sessions, _) = sessions_with::<Visitor>(|builder| builder.cookie(shop));
    let (_, response) = respond(&sessions, &logged_in(&sessions), Session::destroy);
    for line in set_cookies(&response) {
        assert!(line.contains("; Domain=shop.example;"), "{line}");
    }
}

#[test]
fn expires_is_a_lifetime_until_then() {
    let (sessions, clock) = sessions();
    let then = NOW + 1000;
    let mut browser = Browser::default();
    browser.visit(&sessions, |session| {
        session.user = Some(7);
        session.set_lifetime(testing::Clock::at(then).now().duration_since(clock.now()).unwrap());
    });
    // Nothing moves it, neither use nor writes.
    for moment in [NOW + 100, NOW + 500, then - 1] {
        clock.set(moment);
        assert!(is_written(browser.visit(&sessions, |session| session.name.push('x'))));
        assert_eq!(
            testing::load(&sessions, &browser.request()).about().expires_at(),
            testing::Clock::at(then).now()
        );
    }
    clock.set(then);
    assert_eq!(outcome(&sessions, &browser.request()), "absolute");
}

#[test]
fn http_only_unless_switched_off() {
    assert!(line_of(|builder| builder).contains("; HttpOnly;"));
    assert!(
        !line_of(|builder| builder.cookie(CookieConfig::default().http_only(false))).contains("HttpOnly")
    );
}

#[test]
fn max_age_is_the_idle_timeout() {
    let settings = |builder: Builder<Visitor>| {
        let lifetimes = Lifetimes::default().idle_timeout(seconds(60)).absolute_timeout(seconds(300));
        builder.lifetimes(lifetimes.renewal_interval(seconds(1)))
    };
    // The server keeps the time, whatever the browser does with its cookie.
    let (sessions, clock) = sessions_with(settings);
    let request = logged_in(&sessions);
    for (after, expected) in [(59, "ok"), (60, "idle")] {
        clock.set(NOW + after);
        assert_eq!(outcome(&sessions, &request), expected, "{after}");
    }
    // Use keeps the session alive, but not for ever.
    clock.set(NOW);
    let mut browser = Browser::logged_in(&sessions);
    for after in (50..300).step_by(50) {
        clock.set(NOW + after);
        browser.visit(&sessions, |session| assert_eq!(session.user, Some(7)));
    }
    clock.set(NOW + 299);
    assert_eq!(outcome(&sessions, &browser.request()), "ok");
    clock.set(NOW + 300);
    assert_eq!(outcome(&sessions, &browser.request()), "absolute");
    // Unsaid, a day and a week. The browser is told what is left of the week.
    let (unsaid, _) = crate::util::sessions();
    let (_, response) = respond(&unsaid, &HeaderMap::new(), Session::mark_authenticated);
    assert!(set_cookie(&response).ends_with("; Max-Age=604800"));
    let session = testing::read_back(&unsaid, &response);
    assert_eq!(session.about().idle_expires_at(), Some(testing::Clock::at(NOW + DAY).now()));
}

#[test]
fn max_age_null_is_not_persistent() {
    assert!(line_of(|builder| builder).contains("Max-Age"));
    let of_the_browser = CookieConfig::default().persistent(false);
    assert!(!line_of(|builder| builder.cookie(of_the_browser.clone())).contains("Max-Age"));
    // A shorter lifetime ends with the browser too. Who asked to be remembered is.
    let line = |lifetime| {
        let lifetimes = Lifetimes::default().max_lifetime(seconds(30 * DAY));
        let (sessions, _) =
            sessions_with::<Visitor>(|builder| builder.cookie(of_the_browser.clone()).lifetimes(lifetimes));
        set_cookie(&respond(&sessions, &HeaderMap::new(), |session| session.set_lifetime(lifetime)).1)
    };
    assert!(!line(seconds(600)).contains("Max-Age"));
    assert!(line(seconds(30 * DAY)).contains("; Max-Age=2592000"));
    // A browser that never closes keeps nobody logged in.
    let (sessions, clock) = sessions_with::<Visitor>(|builder| builder.cookie(of_the_browser));
    let mut browser = Browser::logged_in(&sessions);
    clock.set(NOW + DAY / 2);
    assert_eq!(browser.visit(&sessions, read), Saved::Renewed);
    clock.set(NOW + DAY + DAY / 2);
    assert_eq!(outcome(&sessions, &browser.request()), "idle");
}

#[test]
fn partitioned_asks_for_secure_and_same_site_none() {
    assert!(!line_of(|builder| builder).contains("Partitioned"));
    assert!(
        line_of(|builder| {
            builder.cookie(CookieConfig::default().same_site(SameSite::None).partitioned(true))
        })
        .contains("; Partitioned;")
    );
    let lax = refused(|builder| builder.cookie(CookieConfig::default().partitioned(true)));
    assert_eq!(lax, Some("partitioned_same_site"));
    let insecure =
        refused(|builder| builder.cookie(CookieConfig::default().partitioned(true)).insecure_for_localhost());
    assert_eq!(insecure, Some("partitioned"));
}

#[test]
fn path_asks_for_another_name() {
    assert!(line_of(|builder| builder).contains("; Path=/;"));
    let of_path = |name: &str, path: &str| CookieConfig::new(name).path(path);
    assert_eq!(refused(|builder| builder.cookie(of_path("__Host-admin", "/admin"))), Some("prefix"));
    let line = line_of(|builder| builder.cookie(of_path("__Secure-admin", "/admin")));
    assert!(line.contains("; Path=/admin;"));
    assert_eq!(refused(|builder| builder.cookie(of_path("__Secure-admin", "admin"))), Some("path"));
}

#[test]
fn priority_is_said_if_set() {
    assert!(!line_of(|builder| builder).contains("Priority"));
    let values = [(Priority::Low, "Low"), (Priority::Medium, "Medium"), (Priority::High, "High")];
    for (priority, said) in values {
        let line = line_of(|builder| builder.cookie(CookieConfig::default().priority(priority)));
        assert!(line.contains(&format!("; Priority={said};")), "{line}");
    }
}

#[test]
fn same_site_is_always_said() {
    assert!(line_of(|builder| builder).contains("; SameSite=Lax;"));
    for (same_site, said) in [(SameSite::Strict, "Strict"), (SameSite::Lax, "Lax"), (SameSite::None, "None")]
    {
        let line = line_of(|builder| builder.cookie(CookieConfig::default().same_site(same_site)));
        assert!(line.contains(&format!("; SameSite={said};")), "{line}");
    }
    let insecure = refused(|builder| {
        builder.cookie(CookieConfig::default().same_site(SameSite::None)).insecure_for_localhost()
    });
    assert_eq!(insecure, Some("same_site_none"));
}

#[test]
fn secure_unless_on_localhost() {
    assert!(line_of(|builder| builder).contains("; Secure;"));
    let line = line_of(|builder| builder.insecure_for_localhost());
    assert!(line.starts_with("session=") && !line.contains("Secure"), "{line}");
    let (sessions, _) = sessions();
    let (development, _) = sessions_with::<Visitor>(|builder| builder.insecure_for_localhost());
    assert_eq!(outcome(&sessions, &logged_in(&development)), "absent", "its cookies are none of users");

    // A Secure cookie that a browser would drop is an error, where the application knows the scheme.
    let write_over = |sessions: &Sessions<Visitor>, scheme| {
        let mut session = sessions.load_with(&HeaderMap::new(), RequestInfo::new().scheme(scheme));
        session.user = Some(7);
        let mut response = HeaderMap::new();
        (sessions.save(session, &mut response), response.len())
    };
    assert_eq!(write_over(&sessions, Scheme::Http), (Err(SaveError::PlainHttp), 0));
    assert!(write_over(&sessions, Scheme::Https).0.is_ok());
    assert!(write_over(&development, Scheme::Http).0.is_ok());
}

#[test]
fn cookie_function_is_several_sessions() {
    let (shop, _) = sessions_with::<Visitor>(|builder| builder.name("__Host-shop"));
    let (admin, _) = sessions_with::<Visitor>(|builder| {
        builder.cookie(CookieConfig::new("__Secure-admin").path("/admin").same_site(SameSite::Strict))
    });
    let mut browser = Browser::default();
    for (sessions, user, attributes) in [
        (&shop, 7, "; Path=/; Secure; HttpOnly; SameSite=Lax;"),
        (&admin, 8, "; Path=/admin; Secure; HttpOnly; SameSite=Strict;"),
    ] {
        let (_, response) = respond(sessions, &browser.request(), |session| {
            assert_eq!(session.user, None);
            session.user = Some(user);
        });
        assert!(set_cookie(&response).contains(attributes));
        browser.receive(&response);
    }
    for (sessions, user) in [(&shop, 7), (&admin, 8)] {
        browser.visit(sessions, |session| assert_eq!(session.user, Some(user)));
    }
    // A cookie of one tenant does not open at another, though name and keys are the same.
    let tenant = |purpose: &'static str| sessions_with::<Visitor>(|builder| builder.purpose(purpose)).0;
    assert_eq!(outcome(&tenant("tenant b"), &logged_in(&tenant("tenant a"))), "forged");
}

// The other options.

#[test]
fn genid_is_drawn_and_an_own_one_is_data() {
    let (sessions, _) = sessions();
    let id = |request: &HeaderMap| testing::load(&sessions, request).about().id().unwrap();
    let ids: HashSet<_> = (0..100).map(|_| id(&logged_in(&sessions))).collect();
    assert_eq!(ids.len(), 100);
    // An id of the application's own stays when the session's changes.
    let mut browser = Browser::default();
    browser.visit(&sessions, rename("order-17"));
    let before = id(&browser.request());
    browser.visit(&sessions, Session::mark_authenticated);
    assert_ne!(id(&browser.request()), before);
    browser.visit(&sessions, |session| assert_eq!(session.name, "order-17"));
}

#[test]
fn proxy_is_nothing_to_set() {
    let (sessions, _) = sessions();
    let attributes = |proto: Option<&'static str>| {
        let mut request = HeaderMap::from_iter([(HOST, HeaderValue::from_static("shop.example"))]);
        if let Some(proto) = proto {
            request.insert("x-forwarded-proto", HeaderValue::from_static(proto));
        }
        let line = set_cookie(&respond(&sessions, &request, rename("x")).1);
        line.split_once(';').unwrap().1.to_owned()
    };
    for proto in [None, Some("https"), Some("http"), Some("http, https"), Some("")] {
        assert_eq!(attributes(proto), " Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=604800", "{proto:?}");
    }
}

#[test]
fn proxy_true_is_from_forwarded() {
    let (sessions, _) = sessions();
    let write = |proto: Option<&'static str>| {
        let mut request = HeaderMap::new();
        if let Some(proto) = proto {
            request.insert("x-forwarded-proto", HeaderValue::from_static(proto));
        }
        let place = RequestInfo::new().scheme(Scheme::from_forwarded(&request));
        let mut session = sessions.load_with(&request, place);
        session.user = Some(7);
        sessions.save(session, &mut HeaderMap::new())
    };
    assert_eq!(write(Some("http")), Err(SaveError::PlainHttp));
    for proto in [None, Some("https"), Some("HTTPS"), Some("http, https"), Some("https, http")] {
        assert!(write(proto).is_ok(), "{proto:?}");
    }
}

#[test]
fn resave_false_a_read_sends_nothing() {
    let (sessions, _) = sessions();
    let mut browser = Browser::logged_in(&sessions);
    let (saved, response) = respond(&sessions, &browser.request(), read);
    assert_eq!((saved, set_cookies(&response).len()), (Saved::Unchanged, 0));
    // Nor does an assignment that changes nothing.
    assert_eq!(browser.visit(&sessions, |session| session.user = Some(7)), Saved::Unchanged);
    assert!(is_written(browser.visit(&sessions, |session| session.user = Some(8))));

    // A read that began before a write and ends after it brings nothing back.
    let early = browser.request();
    assert!(is_written(browser.visit(&sessions, rename("new"))));
    let (_, late) = respond(&sessions, &early, |session| assert_eq!(session.name, ""));
    browser.receive(&late);
    browser.visit(&sessions, |session| assert_eq!(session.name, "new"));
}

#[test]
fn resave_true_is_mark_changed() {
    let (sessions, _) = sessions();
    let mut browser = Browser::logged_in(&sessions);
    let before = browser.0.clone();
    assert!(is_written(browser.visit(&sessions, Session::mark_changed)));
    assert_ne!(browser.0, before);
    assert_eq!(
        browser.visit(&sessions, |session| assert_eq!(session.user, Some(7))),
        Saved::Unchanged,
        "once"
    );
}

#[test]
fn rolling_renews_the_idle_clock_in_a_last_seen() {
    let (sessions, clock) = sessions_with::<Visitor>(|builder| builder.idle_timeout(seconds(1000)));
    let mut browser = Browser::logged_in(&sessions);
    let alone = browser.clone();
    clock.set(NOW + 99);
    assert_eq!(browser.visit(&sessions, read), Saved::Unchanged, "at most once in a tenth");
    clock.set(NOW + 100);
    let (saved, response) = respond(&sessions, &browser.request(), read);
    assert_eq!(saved, Saved::Renewed);
    assert!(set_cookie(&response).starts_with("__Host-session.seen="), "the session itself is not sent");
    browser.receive(&response);
    assert_eq!(browser.visit(&sessions, read), Saved::Unchanged, "nor twice");
    for (after, with, without) in [(999, "ok", "ok"), (1000, "ok", "idle"), (1100, "idle", "idle")] {
        clock.set(NOW + after);
        assert_eq!(outcome(&sessions, &browser.request()), with, "{after}");
        assert_eq!(outcome(&sessions, &alone.request()), without, "{after}");
    }
    // A renewal that began before a write and ends after it brings nothing back.
    clock.set(NOW);
    let mut browser = Browser::logged_in(&sessions);
    clock.set(NOW + 500);
    let (saved, late) = respond(&sessions, &browser.request(), read);
    assert_eq!(saved, Saved::Renewed);
    browser.visit(&sessions, rename("new"));
    browser.receive(&late);
    browser.visit(&sessions, |session| assert_eq!(session.name, "new"));
    // A stranger has no clock to renew.
    assert_eq!(Browser::default().visit(&sessions, read), Saved::Unchanged);
}

#[test]
fn rolling_false_is_without_renewal() {
    let (sessions, clock) = sessions();
    let mut browser = Browser::logged_in(&sessions);
    for hour in 1..24 {
        clock.set(NOW + hour * 3600);
        let saved = browser.visit(&sessions, |session| {
            assert_eq!(session.user, Some(7));
            session.skip_renewal();
        });
        assert_eq!(saved, Saved::Unchanged);
    }
    clock.set(NOW + DAY);
    assert_eq!(outcome(&sessions, &browser.request()), "idle");
    // It is about the clock alone: a change is written.
    clock.set(NOW);
    let saved = browser.visit(&sessions, |session| {
        session.skip_renewal();
        session.name = "x".into();
    });
    assert!(is_written(saved));
}

#[test]
fn save_uninitialized_false_a_stranger_gets_no_cookie() {
    let (sessions, _) = sessions();
    let mut stranger = Browser::default();
    let (saved, response) = respond(&sessions, &stranger.request(), read);
    assert_eq!((saved, set_cookies(&response).len()), (Saved::Unchanged, 0));
    let saved = stranger.visit(&sessions, |session| session.replace(Visitor::default()).roles.clear());
    assert_eq!(saved, Saved::Unchanged, "the default is no data");
    assert!(stranger.0.is_empty());
    assert!(is_written(stranger.visit(&sessions, rename("x"))));
}

#[test]
fn save_uninitialized_true_is_ensure_id() {
    let (sessions, _) = sessions();
    let mut stranger = Browser::default();
    let mut id = None;
    assert!(is_written(stranger.visit(&sessions, |session| id = session.ensure_id().ok())));
    stranger.visit(&sessions, |session| {
        assert_eq!((session.about().id(), session.about().is_new()), (id, false));
        assert_eq!(*session.data(), Visitor::default());
    });
}

#[test]
fn unset_keep_is_into_data() {
    let (sessions, _) = sessions();
    let mut browser = Browser::logged_in(&sessions);
    let mut session = sessions.load(&browser.request());
    session.user = Some(8);
    assert_eq!(session.into_data().user, Some(8));
    browser.visit(&sessions, |session| assert_eq!(session.user, Some(7)));
}

#[test]
fn unset_destroy_is_destroy() {
    let (sessions, _) = sessions();
    let mut browser = Browser::logged_in(&sessions);
    let saved = browser.visit(&sessions, |session| {
        session.user = Some(8);
        session.destroy();
    });
    assert_eq!(saved, Saved::Removed, "changes before it end with the session");
    browser.visit(&sessions, |session| assert_eq!(session.user, None));
}

#[test]
fn debug_is_the_rejection() {
    let (sessions, clock) = sessions();
    let request = logged_in(&sessions);
    assert_eq!(outcome(&sessions, &request), "ok");
    assert_eq!(outcome(&sessions, &HeaderMap::new()), "absent");
    assert_eq!(outcome(&sessions, &crate::util::with_cookie("__Host-session=s:id.signature")), "malformed");
    let other = sessions_of(KeyRing::new(testing::key(8)), &clock);
    assert_eq!(outcome(&other, &request), "unknown_key");
    clock.advance(seconds(DAY));
    assert_eq!(outcome(&sessions, &request), "idle");
}

// req.session.

#[test]
fn req_session_is_the_data_itself() {
    let (sessions, _) = sessions();
    let mut browser = Browser::default();
    browser.visit(&sessions, |session| {
        assert_eq!(*session.data(), Visitor::default(), "never absent");
        session.roles.push("editor".into());
        session.data_mut().name = "Ada".into();
    });
    browser.visit(&sessions, |session| {
        assert_eq!((session.roles.as_slice(), session.name.as_str()), (&["editor".to_owned()][..], "Ada"));
    });
    // What is more than a cookie holds is an error, and the browser keeps what it had.
    let mut session = sessions.load(&browser.request());
    session.name = "x".repeat(4093);
    let mut response = HeaderMap::new();
    assert!(matches!(sessions.save(session, &mut response), Err(SaveError::TooLarge { .. })));
    assert!(response.is_empty());
}

#[test]
fn regenerate_is_reset() {
    let (sessions, clock) = sessions();
    let mut browser = Browser::logged_in(&sessions);
    let stolen = browser.request();
    let id = testing::load(&sessions, &stolen).about().id();
    clock.advance(seconds(60));
    browser.visit(&sessions, |session| assert_eq!(session.reset().user, Some(7)));
    browser.visit(&sessions, |session| {
        assert_eq!(*session.data(), Visitor::default());
        assert!(!session.about().is_new() && session.about().id() != id);
        assert_eq!(session.about().started(), clock.now());
    });
    // In this browser the old session does not come back.
    let mut back = browser.clone();
    back.0.insert("__Host-session".into(), crate::util::value(&stolen));
    assert_eq!(outcome(&sessions, &back.request()), "ended");
    // Elsewhere a copy does: that takes a store.
    assert_eq!(outcome(&sessions, &stolen), "ok");
    // A stranger gets a session, as there.
    let mut stranger = Browser::default();
    assert!(is_written(stranger.visit(&sessions, |session| drop(session.reset()))));
    assert!(testing::load(&sessions, &stranger.request()).about().id().is_some());
}

#[test]
fn regenerate_at_login_is_log_in() {
    let (sessions, clock) = sessions();
    let mut browser = Browser::default();
    browser.visit(&sessions, |session| session.roles.push("in the cart".into()));
    let before = browser.clone();
    let about = |browser: &Browser| {
        let session = testing::load(&sessions, &browser.request());
        let about = session.about();
        (about.id(), about.started(), about.authenticated_at())
    };
    clock.advance(seconds(60));
    browser.visit(&sessions, |session| {
        let roles = std::mem::take(&mut session.roles);
        session.log_in(Visitor { user: Some(7), roles, ..Visitor::default() });
    });
    browser.visit(&sessions, |session| {
        assert_eq!((session.user, session.roles.len()), (Some(7), 1), "what goes on is what was named");
        assert!(session.about().authenticated_within(seconds(1)));
    });
    assert_ne!(about(&browser).0, about(&before).0);
    assert_eq!(about(&browser).2, Some(clock.now()));
    // The id from before the login is worth nothing, here where it was fixed.
    let mut fixed = browser.clone();
    fixed.0.extend(before.0);
    assert_eq!(outcome(&sessions, &fixed.request()), "ended");

    // Without a login: another id, the same start.
    let login = about(&browser);
    clock.advance(seconds(60));
    browser.visit(&sessions, Session::cycle_id);
    assert_ne!(about(&browser).0, login.0);
    assert_eq!((about(&browser).1, about(&browser).2), (login.1, login.2));
}

#[test]
fn destroy_wins_over_slow_responses() {
    let (sessions, clock) = sessions();
    let mut browser = Browser::logged_in(&sessions);
    let before = browser.clone();
    clock.set(NOW + DAY / 2);
    // All of them were sent with the session; the logout's response is the first to arrive.
    let (_, write) = respond(&sessions, &before.request(), rename("late"));
    let (saved, renewal) = respond(&sessions, &before.request(), read);
    assert_eq!(saved, Saved::Renewed);
    let (_, read) = respond(&sessions, &before.request(), |session| assert_eq!(session.user, Some(7)));
    let saved = browser.visit(&sessions, |session| {
        session.destroy();
        assert_eq!(*session.data(), Visitor::default(), "a fresh session, not none");
    });
    assert_eq!(saved, Saved::Removed);
    assert!(!browser.0.contains_key("__Host-session"), "the cookie goes too");
    for late in [write, renewal, read] {
        browser.receive(&late);
        browser.visit(&sessions, |session| assert_eq!(session.user, None));
    }
    assert_eq!(outcome(&sessions, &browser.request()), "ended");
    // Who logs in again is logged in.
    browser.visit(&sessions, |session| {
        session.user = Some(8);
        session.mark_authenticated();
    });
    browser.visit(&sessions, |session| assert_eq!(session.user, Some(8)));
    // A copy elsewhere is not reached: that takes a store.
    assert_eq!(outcome(&sessions, &before.request()), "ok");
}

#[test]
fn reload_is_another_load() {
    let (sessions, _) = sessions();
    let mut browser = Browser::logged_in(&sessions);
    let request = browser.request();
    let mut session = sessions.load(&request);
    session.user = Some(8);
    // Another request writes meanwhile.
    browser.visit(&sessions, rename("meanwhile"));
    session.into_data();
    let session = sessions.load(&request);
    assert_eq!((session.user, session.name.as_str()), (Some(7), ""), "what this request carried");
    let mut response = HeaderMap::new();
    assert_eq!(sessions.save(session, &mut response), Ok(Saved::Unchanged));
    assert!(!response.contains_key("set-cookie"));
    assert_eq!(response["vary"], "Cookie");
}

#[test]
fn save_goes_with_the_response() {
    let (sessions, _) = sessions();
    // A redirect carries the session itself: the next request cannot be faster.
    let mut session = sessions.load(&HeaderMap::new());
    session.user = Some(7);
    let mut redirect = HeaderMap::from_iter([(LOCATION, HeaderValue::from_static("/account"))]);
    assert!(is_written(sessions.save(session, &mut redirect).unwrap()));
    assert_eq!(redirect["location"], "/account");
    assert_eq!(testing::read_back(&sessions, &redirect).user, Some(7));
    // Nobody else saves: what is not saved is not sent.
    let mut browser = Browser::logged_in(&sessions);
    let mut session = sessions.load(&browser.request());
    session.user = Some(8);
    let _ = session.into_data();
    browser.visit(&sessions, |session| assert_eq!(session.user, Some(7)));
}

#[test]
fn touch_is_done_by_save() {
    let (sessions, clock) = sessions();
    let mut browser = Browser::logged_in(&sessions);
    clock.set(NOW + DAY - 1);
    assert_eq!(browser.visit(&sessions, read), Saved::Renewed);
    clock.set(NOW + 2 * DAY - 2);
    assert_eq!(outcome(&sessions, &browser.request()), "ok");
    clock.set(NOW + 2 * DAY - 1);
    assert_eq!(outcome(&sessions, &browser.request()), "idle");

    // Sooner than after a tenth, by a write.
    for (touch, lasts) in [(true, "ok"), (false, "idle")] {
        clock.set(NOW);
        let mut browser = Browser::logged_in(&sessions);
        clock.set(NOW + 1);
        let saved = browser.visit(&sessions, if touch { Session::mark_changed } else { read });
        assert_eq!(is_written(saved), touch);
        clock.set(NOW + DAY);
        assert_eq!(outcome(&sessions, &browser.request()), lasts);
        clock.set(NOW + DAY + 1);
        assert_eq!(outcome(&sessions, &browser.request()), "idle");
    }
    // A request that never looks at its session uses it for nothing.
    clock.set(NOW);
    let mut browser = Browser::logged_in(&sessions);
    clock.set(NOW + DAY / 2);
    assert_eq!(browser.visit(&sessions, |_| ()), Saved::Unchanged);
}

#[test]
fn id_is_a_name_and_no_secret() {
    let (sessions, _) = sessions();
    let mut browser = Browser::default();
    browser.visit(&sessions, |session| {
        assert_eq!(session.about().id(), None, "until it is saved");
        session.user = Some(7);
    });
    let id = testing::load(&sessions, &browser.request()).about().id().unwrap();
    browser.visit(&sessions, rename("x"));
    browser.visit(&sessions, |session| assert_eq!(session.about().id(), Some(id), "through writes"));
    // Whoever knows it has nothing: it is no cookie, and it does not show in one.
    assert_eq!(outcome(&sessions, &crate::util::with_cookie(format!("__Host-session={id}"))), "malformed");
    assert!(!browser.0["__Host-session"].contains(&id.to_string()));
}

#[test]
fn cookie_max_age_can_be_asked() {
    let (sessions, clock) = sessions();
    let mut browser = Browser::logged_in(&sessions);
    clock.advance(seconds(3600));
    browser.visit(&sessions, |session| {
        let left = session.about().idle_expires_at().unwrap().duration_since(clock.now()).unwrap();
        assert_eq!(left, seconds(DAY - 3600));
    });
    // Where no idle timeout applies, there is the end alone.
    let (without, clock) = sessions_with::<Visitor>(|builder| builder.idle_timeout(None));
    let session = testing::load(&without, &logged_in(&without));
    assert_eq!(session.about().idle_expires_at(), None);
    assert_eq!(session.about().expires_at().duration_since(clock.now()).unwrap(), seconds(7 * DAY));
}

#[test]
fn original_max_age_can_be_asked() {
    let (sessions, clock) = sessions();
    let request = testing::request(&sessions, |session| session.set_lifetime(seconds(600)));
    clock.advance(seconds(100));
    let session = testing::load(&sessions, &request);
    let about = session.about();
    assert_eq!(about.expires_at().duration_since(about.started()).unwrap(), seconds(600));
    assert_eq!(about.expires_at().duration_since(clock.now()).unwrap(), seconds(500), "what is left");
}

#[test]
fn cookie_max_age_is_a_lifetime() {
    let (sessions, clock) = sessions_with::<Visitor>(|builder| {
        builder.lifetimes(Lifetimes::default().max_lifetime(seconds(30 * DAY)))
    });
    let log_in_for = |lifetime: Option<u64>| {
        let mut browser = Browser::default();
        browser.visit(&sessions, |session| {
            session.mark_authenticated();
            session.user = Some(7);
            if let Some(lifetime) = lifetime {
                session.set_lifetime(seconds(lifetime));
            }
        });
        browser
    };
    let (mut short, mut usual, long) = (log_in_for(Some(600)), log_in_for(None), log_in_for(Some(30 * DAY)));
    for (after, expected) in [
        (599, ["ok", "ok", "ok"]),
        (600, ["absolute", "ok", "ok"]),
        (DAY, ["idle", "idle", "ok"]),
        (30 * DAY - 1, ["idle", "idle", "ok"]),
        (30 * DAY, ["idle", "idle", "absolute"]),
    ] {
        clock.set(NOW + after);
        let found = [&short, &usual, &long].map(|browser| outcome(&sessions, &browser.request()));
        assert_eq!(found, expected, "{after}");
    }
    // Longer is for a login alone; shorter is for any request.
    let end = |browser: &Browser| testing::load(&sessions, &browser.request()).about().expires_at();
    clock.set(NOW);
    for (browser, sealed) in [(&mut short, 600), (&mut usual, 7 * DAY)] {
        browser.visit(&sessions, |session| session.set_lifetime(seconds(30 * DAY)));
        assert_eq!(end(browser), testing::Clock::at(NOW + sealed).now());
    }
    usual.visit(&sessions, |session| session.set_lifetime(seconds(60)));
    assert_eq!(end(&usual), testing::Clock::at(NOW + 60).now());
}

// The store.

#[test]
fn store_destroy_asks_a_list_of_your_own() {
    let (sessions, _) = sessions();
    let (mut ended, mut other) = (Browser::logged_in(&sessions), Browser::logged_in(&sessions));
    let family = testing::load(&sessions, &ended.request()).about().family().unwrap();
    let list = HashSet::from([family.to_string()]);
    let guard = |session: &mut Session<Visitor>| {
        if session.about().family().is_some_and(|family| list.contains(&family.to_string())) {
            session.destroy();
        }
    };
    ended.visit(&sessions, Session::cycle_id);
    assert_eq!(ended.visit(&sessions, guard), Saved::Removed);
    assert_eq!(other.visit(&sessions, guard), Saved::Unchanged);
    other.visit(&sessions, |session| assert_eq!(session.user, Some(7)));
}

#[test]
fn logout_everywhere_asks_a_moment() {
    let (sessions, clock) = sessions();
    let mut browsers = [(); 3].map(|()| Browser::logged_in(&sessions));
    clock.advance(seconds(1));
    let valid_from = clock.now();
    let guard = |session: &mut Session<Visitor>| {
        if session.about().started() < valid_from {
            session.destroy();
        }
    };
    let mut later = Browser::logged_in(&sessions);
    for browser in &mut browsers {
        assert_eq!(browser.visit(&sessions, guard), Saved::Removed);
    }
    assert_eq!(later.visit(&sessions, guard), Saved::Unchanged, "a login in the same second");
    assert_eq!(Browser::default().visit(&sessions, guard), Saved::Unchanged);
}

#[test]
fn store_clear_is_not_before() {
    let (sessions, clock) = sessions();
    let mut browser = Browser::logged_in(&sessions);
    clock.advance(seconds(1));
    let moment = clock.now();
    let cleared = Sessions::<Visitor>::builder(testing::key_ring())
        .clock(clock.reader())
        .lifetimes(Lifetimes::default().not_before(moment))
        .build()
        .unwrap();
    assert_eq!(outcome(&sessions, &browser.request()), "ok");
    assert_eq!(outcome(&cleared, &browser.request()), "revoked");
    browser.visit(&cleared, |session| {
        assert_eq!(session.user, None);
        session.user = Some(8);
        session.mark_authenticated();
    });
    browser.visit(&cleared, |session| assert_eq!(session.user, Some(8)));
}
