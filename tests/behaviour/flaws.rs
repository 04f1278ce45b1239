//! The known flaws of others that no other file of tests would have caught: SECURITY.md says what went wrong there.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use crate::util::{
    DAY, NOW, Visitor, logged_in, outcome, respond, sessions, sessions_with, set_cookies, value, with_cookie,
};
use http::header::{CACHE_CONTROL, SET_COOKIE, VARY};
use http::{HeaderMap, HeaderValue};
use sealed_session::token::Expires;
use sealed_session::{Builder, CookieConfig, KeyRing, Lifetimes, Session, Sessions, Tokens, testing};

/// CVE-2024-31999, CVE-2025-46344: what was sealed opened for ever.
#[test]
fn no_setting_lets_a_cookie_open_for_ever() {
    let settings: [fn(Builder<Visitor>) -> Builder<Visitor>; 4] = [
        |builder| builder,
        |builder| builder.idle_timeout(None),
        |builder| builder.cookie(CookieConfig::default().persistent(false)),
        |builder| {
            let longest = Duration::from_secs(400 * DAY);
            builder.lifetimes(Lifetimes::default().idle_timeout(None).max_lifetime(longest))
        },
    ];
    for (number, settings) in settings.into_iter().enumerate() {
        let (sessions, clock) = sessions_with(settings);
        for lifetime in [None, Some(Duration::from_secs(1)), Some(Duration::MAX)] {
            clock.set(NOW);
            let request = testing::request(&sessions, |session| {
                session.user = Some(7);
                lifetime.into_iter().for_each(|lifetime| session.set_lifetime(lifetime));
            });
            assert_eq!(outcome(&sessions, &request), "ok");
            // A thief's copy is not removed, whatever the browser was told.
            let (_, logout) = respond(&sessions, &request, Session::destroy);
            assert!(set_cookies(&logout).iter().any(|line| line.contains("Max-Age=0")));
            for later in [400 * DAY, 4000 * DAY, u64::from(u32::MAX) - NOW, 1 << 40] {
                clock.set(NOW + later);
                assert_ne!(
                    outcome(&sessions, &request),
                    "ok",
                    "settings {number}, {lifetime:?}, {later} s later"
                );
            }
        }
    }
    let forever = Builder::<Visitor>::absolute_timeout(Sessions::builder(testing::key_ring()), Duration::MAX);
    assert!(forever.build().is_err());
}

/// CVE-2024-35220: what the cookie said of its age took the place of what had been kept.
#[test]
fn nothing_beside_the_seal_makes_a_session_younger() {
    let (sessions, clock) = sessions();
    let sealed = value(&logged_in(&sessions));
    clock.advance(Duration::from_secs(DAY));
    for attributes in
        ["", "; Max-Age=99999999", "; Expires=Fri, 31 Dec 9999 23:59:59 GMT", "; $Version=1; $Path=/"]
    {
        let line = format!("__Host-session={sealed}{attributes}");
        assert_eq!(outcome(&sessions, &with_cookie(line)), "idle", "{attributes}");
    }
}

/// What a handler does with a session.
type Use = fn(&mut Session<Visitor>);

/// CVE-2023-30861, CVE-2026-27205: of some ways to use the session caches were told nothing. CVE-2025-48947,
/// CVE-2025-64762: a Set-Cookie went out that caches could keep.
#[test]
fn every_use_of_a_session_is_told_to_caches() {
    let cookie = HeaderValue::from_static("Cookie");
    let uses: [(&str, bool, Use); 16] = [
        ("read", false, |session| assert_eq!(session.user, Some(7))),
        ("id", false, |session| assert!(session.about().id().is_some())),
        ("is new", false, |session| assert!(!session.about().is_new())),
        ("rejection", false, |session| assert_eq!(session.about().rejection(), None)),
        ("started", false, |session| assert!(session.about().started() < session.about().expires_at())),
        ("debug, which shows the id", false, |session| assert!(format!("{session:?}").contains("id: Some("))),
        ("id, or a new one", false, |session| assert!(session.ensure_id().is_ok())),
        ("borrow", false, |session| drop(std::mem::take(&mut session.name))),
        ("write", true, |session| session.name = "Ada".into()),
        ("mark", true, Session::mark_changed),
        ("login", true, Session::mark_authenticated),
        ("new id", true, Session::cycle_id),
        ("restart", true, |session| drop(session.reset())),
        ("replace", true, |session| drop(session.replace(Visitor::default()))),
        ("lifetime", true, |session| session.set_lifetime(Duration::from_secs(60))),
        ("logout", true, Session::destroy),
    ];
    for (name, sets, how) in uses {
        let (sessions, _) = sessions();
        let (_, response) = respond(&sessions, &logged_in(&sessions), how);
        assert_eq!(response.contains_key(SET_COOKIE), sets, "{name}");
        assert_eq!(response[VARY], "Cookie", "{name}");
        assert_eq!(response[CACHE_CONTROL], if sets { "private, no-store" } else { "private" }, "{name}");
    }
    // Of a form's token too, which takes the session's id.
    let (forms, _) = sessions();
    let (_, response) = respond(&forms, &logged_in(&forms), |session| {
        assert!(forms.csrf_token(session).is_ok());
    });
    let asked_again = HeaderValue::from_static("private, no-cache");
    assert_eq!((&response[VARY], &response[CACHE_CONTROL]), (&cookie, &asked_again));
    // And where there is no session: what is shown to a stranger is not for those who are logged in.
    for request in [HeaderMap::new(), with_cookie("theme=dark"), with_cookie("__Host-session=x")] {
        for (name, look) in [
            ("read", (|session| assert_eq!(session.user, None)) as Use),
            ("rejection", |session| assert!(session.about().rejection().is_some())),
        ] {
            let (_, response) = respond(&forms, &request, look);
            assert_eq!(response[VARY], "Cookie", "{name} {request:?}");
            assert_eq!(response[CACHE_CONTROL], "private", "{name} {request:?}");
        }
    }
    // And of a renewal, which nobody asked for.
    let (sessions, clock) = sessions();
    let request = logged_in(&sessions);
    clock.advance(Duration::from_secs(DAY / 2));
    let (_, response) = respond(&sessions, &request, |session| assert_eq!(session.user, Some(7)));
    assert!(set_cookies(&response)[0].starts_with("__Host-session.seen="));
    assert_eq!(
        (&response[VARY], &response[CACHE_CONTROL]),
        (&cookie, &HeaderValue::from_static("private, no-store"))
    );
}

/// CVE-2010-3332, CVE-2016-0736: the answer told whether the padding was right.
#[test]
fn no_answer_tells_which_check_failed() {
    let mut answers = BTreeSet::new();
    let mut expected = BTreeSet::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/vectors/cases");
    for file in std::fs::read_dir(folder).unwrap() {
        let case = std::fs::read(file.unwrap().path()).unwrap();
        let split = case.windows(2).position(|pair| pair == b"\n\n").unwrap();
        let headers = std::str::from_utf8(&case[..split]).unwrap();
        let header = |name: &str| {
            headers.lines().find_map(|line| line.strip_prefix(&format!("{name}:"))).map(str::trim)
        };
        if header("kind") != Some("session") || header("not-before").is_some() {
            continue;
        }
        let seconds = |name| header(name).map(|seconds| Duration::from_secs(seconds.parse().unwrap()));
        let now = std::time::UNIX_EPOCH + seconds("now").unwrap();
        let ring = testing::key_ring_from_text(&header("keys").unwrap().replace(' ', ",")).unwrap();
        let mut builder = Sessions::<Visitor>::builder(ring)
            .name(header("name").unwrap())
            .purpose(header("purpose").unwrap())
            .clock(move || now)
            .absolute_timeout(seconds("absolute").unwrap_or(Duration::from_secs(7 * DAY)));
        if let Some(idle) = seconds("idle").filter(|idle| !idle.is_zero()) {
            builder = builder.idle_timeout(idle);
        }
        let sessions = builder.build().unwrap();
        let request = with_cookie(&case[split + 2..]);
        let mut session = sessions.load(&request);
        let Some(rejection) = session.about().rejection() else {
            session.into_data();
            continue;
        };
        expected.insert(rejection.as_str());
        assert_eq!(*session, Visitor::default());
        assert!(session.about().is_new());
        // A handler that looks, finds nobody, and says so.
        session.name = String::new();
        let mut response = HeaderMap::new();
        let saved = sessions.save(session, &mut response).unwrap();
        answers.insert(format!("{saved:?} {response:?}"));
    }
    assert!(expected.len() >= 10, "{expected:?}");
    assert_eq!(answers.len(), 1, "{answers:?}");
}

/// CVE-2013-0263: the comparison of the tag told how much of a guess was right. Here the time is not measured: tags are
/// compared by the crates of the ciphers alone, and the answer is one.
#[test]
fn a_forgery_does_not_tell_how_much_of_it_was_right() {
    let tokens = Tokens::new(testing::key_ring(), "", "label").unwrap();
    let genuine = tokens.seal(b"message", Expires::Never).unwrap();
    let (sessions, _) = sessions();
    let cookie = value(&logged_in(&sessions));
    for right in 0..21 {
        // Of the last 22 characters, which hold the tag, the first few are right.
        let guess = |text: &str| {
            let (head, tag) = text.split_at(text.len() - 22);
            let wrong: String = tag[right..].chars().map(|c| if c == 'A' { 'Q' } else { 'A' }).collect();
            format!("{head}{}{wrong}", &tag[..right])
        };
        assert_eq!(
            tokens.open_at(&guess(&genuine), testing::Clock::at(NOW).now()).unwrap_err().as_str(),
            "forged"
        );
        assert_eq!(outcome(&sessions, &with_cookie(format!("__Host-session={}", guess(&cookie)))), "forged");
    }
    let lines = |file: &str| -> Vec<String> {
        let text =
            std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(file)).unwrap();
        let code =
            text.split("#[cfg(test)]").next().unwrap().lines().map(|line| line.split("//").next().unwrap());
        code.map(|line| line.trim().to_owned()).collect()
    };
    // What the cipher is given goes to the crate and nowhere else.
    let mut of_the_tag = lines("crypto/aead.rs");
    of_the_tag.retain(|line| line.contains("tag"));
    assert_eq!(
        of_the_tag,
        [
            "tag: &[u8; TAG],",
            "cipher.decrypt_inout_detached(nonce.into(), associated, text, tag.into())",
            "cipher.decrypt_inout_detached(nonce.into(), associated, text, tag.into())",
        ]
    );
    // Others may compare the tag of a cookie that has opened, which is no secret any more.
    for file in
        ["token/mod.rs", "token/application.rs", "session/load.rs", "session/csrf.rs", "crypto/base64url.rs"]
    {
        let compares = |line: &String| line.contains("tag ==") && !line.contains("tag == session.tag()");
        assert_eq!(lines(file).into_iter().find(compares), None, "{file}");
    }
}

/// RUSTSEC-2017-0005, RUSTSEC-2020-0075: a number or a text that was not expected, and the process ended.
#[test]
fn no_number_and_no_text_panics() {
    let longest = |days| {
        let lifetimes = Lifetimes::default().max_lifetime(Duration::from_secs(days * DAY));
        Sessions::<Visitor>::builder(testing::key_ring()).lifetimes(lifetimes)
    };
    assert_eq!(longest(401).build().unwrap_err().as_str(), "beyond_400_days");
    let (sessions, clock) = sessions_with::<Visitor>(|builder| {
        builder.lifetimes(Lifetimes::default().max_lifetime(Duration::from_secs(400 * DAY)))
    });
    for seconds in [0, 1, NOW, u64::from(u32::MAX), 1 << 33, i64::MAX as u64, u64::MAX] {
        let request = logged_in(&sessions);
        let tombstone = format!(
            "{}; __Host-session.out.0123456789abcdef={seconds}9999",
            request["cookie"].to_str().unwrap()
        );
        if seconds < 1 << 50 {
            clock.set(seconds);
        }
        let (_, ended) = respond(&sessions, &with_cookie(tombstone), |session| {
            session.set_lifetime(Duration::from_secs(seconds));
            session.destroy();
        });
        clock.set(NOW);
        // A session that begins now can be as long as it likes.
        let (_, lasting) = respond(&sessions, &request, |session| {
            session.mark_authenticated();
            session.set_lifetime(Duration::from_secs(seconds));
        });
        let (_, ended_later) = respond(&sessions, &testing::next_request(&lasting), Session::destroy);
        for line in [&ended, &lasting, &ended_later].into_iter().flat_map(set_cookies) {
            let (_, age) = line.rsplit_once("Max-Age=").unwrap();
            assert!(age.parse::<u64>().unwrap() <= 400 * DAY, "{line}");
        }
    }
    let tokens = Tokens::new(testing::key_ring(), "", "label").unwrap();
    let token = tokens.seal(b"message", Expires::Never).unwrap();
    for junk in ["\u{0}", "é", "\u{10ffff}", "𝔸𝔸𝔸𝔸", "-", "__", "====", "A\n", " "] {
        for text in [junk.to_owned(), junk.repeat(60), format!("{token}{junk}"), format!("{junk}{token}")] {
            assert!(tokens.open_at(&text, clock.now()).is_err(), "{text:?}");
            assert!(KeyRing::from_text(&text).is_err());
        }
    }
}

/// RUSTSEC-2023-0096, RUSTSEC-2026-0097, RUSTSEC-2023-0089: in crates like those beneath this one.
#[test]
fn no_crate_beneath_is_one_with_a_known_flaw() {
    let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock");
    let lock = std::fs::read_to_string(lock).unwrap();
    let versions = |name: &str| -> Vec<Vec<u32>> {
        let head = format!("name = \"{name}\"\nversion = \"");
        let number = |text: &str| {
            text.split_once('"').unwrap().0.split('.').map(|part| part.parse().unwrap()).collect()
        };
        lock.split(&head).skip(1).map(number).collect()
    };
    // From the first good one of each line on; a line that is not named is bad.
    let has = |name: &str, good: &[[u32; 3]]| {
        let found = versions(name);
        let is_good = |version: &Vec<u32>| {
            good.iter().any(|from| version[..2] == from[..2] && *version >= from.to_vec())
                || version[..] > good[0][..]
        };
        !found.is_empty() && found.iter().all(is_good)
    };
    assert!(has("aes-gcm", &[[0, 10, 3]]), "gave out plaintext though the tag was wrong");
    assert!(has("rand", &[[0, 10, 1], [0, 9, 3], [0, 8, 6]]), "unsound with a logger that draws");
    assert!(versions("atomic-polyfill").is_empty(), "comes with postcard's default features");
    // No application has this Cargo.lock, but what Cargo.toml asks for binds it too.
    let read = |name| std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name));
    let manifest = read("Cargo.toml.orig").or_else(|_| read("Cargo.toml")).unwrap();
    let asks = |line: &str| manifest.lines().any(|found| found.starts_with(line));
    assert!(asks("aes-gcm = { version = \"0.11\","));
    assert!(asks("rand = { version = \"0.10.1\","));
    assert!(asks("postcard = { version = \"1.1\", default-features = false,"));
}
