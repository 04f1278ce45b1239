//! What `save` does to the response headers, and what it leaves alone.

use crate::util::{Visitor, logged_in, respond, sessions, sessions_with};
use http::header::{CACHE_CONTROL, HeaderName, SET_COOKIE, VARY};
use http::{HeaderMap, HeaderValue};
use sealed_session::web::Scheme;
use sealed_session::{Builder, Caching, RequestInfo, SaveError, Saved, testing};

/// The lines of a header after a save into a response that had `before`.
fn after(before: &[(HeaderName, &'static str)], change: bool, look: bool, name: HeaderName) -> Vec<String> {
    let (sessions, _) = sessions();
    let mut session = sessions.load(&logged_in(&sessions));
    if change {
        session.name = "x".into();
    }
    if look {
        assert_eq!(session.user, Some(7));
    }
    let mut response = HeaderMap::new();
    for (name, value) in before {
        response.append(name, HeaderValue::from_static(value));
    }
    sessions.save(session, &mut response).unwrap();
    response.get_all(name).iter().map(|line| line.to_str().unwrap().to_owned()).collect()
}

#[test]
fn set_cookie_is_appended_and_others_stay() {
    let lines = after(&[(SET_COOKIE, "a=1"), (SET_COOKIE, "b=2")], true, true, SET_COOKIE);
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[..2], ["a=1", "b=2"]);
    assert!(lines[2].starts_with("__Host-session="));
}

#[test]
fn a_response_that_sets_the_cookie_is_kept_by_no_cache() {
    for (before, expected) in [
        ("", "private, no-store"),
        ("public, max-age=60", "private, no-store"),
        ("max-age=60", "private, no-store"),
        ("no-cache", "private, no-store"),
        ("private, s-maxage=60", "private, no-store"),
        ("private, public", "private, no-store"),
        ("private=\"x-field\"", "private, no-store"),
        ("ext=\"no-store\"", "private, no-store"),
        ("ext=\"a, no-store, b\"", "private, no-store"),
        ("no-storeish", "private, no-store"),
        ("must-understand, no-store, public, max-age=600", "private, no-store"),
        // As strict already.
        ("no-store", "no-store"),
        ("public, No-Store", "public, No-Store"),
        ("PRIVATE", "PRIVATE"),
        ("max-age=0,private", "max-age=0,private"),
    ] {
        assert_eq!(after(&[(CACHE_CONTROL, before)], true, true, CACHE_CONTROL), [expected], "{before:?}");
    }
    assert_eq!(after(&[], true, true, CACHE_CONTROL), ["private, no-store"]);
    let lines = [(CACHE_CONTROL, "max-age=60"), (CACHE_CONTROL, "no-store")];
    assert_eq!(after(&lines, true, true, CACHE_CONTROL), ["max-age=60", "no-store"], "over all its lines");
}

#[test]
fn a_response_that_looked_is_private_and_varies() {
    assert_eq!(after(&[], false, true, CACHE_CONTROL), ["private"]);
    for said in ["public", "max-age=60", "no-store"] {
        assert_eq!(
            after(&[(CACHE_CONTROL, said)], false, true, CACHE_CONTROL),
            [said],
            "the application's own"
        );
    }
    assert_eq!(after(&[], false, true, VARY), ["Cookie"]);
    assert_eq!(after(&[], true, true, VARY), ["Cookie"]);
    for (before, expected) in [
        ("Accept-Encoding", "Accept-Encoding, Cookie"),
        ("accept, COOKIE", "accept, COOKIE"),
        ("*", "*"),
        ("Cookie2", "Cookie2, Cookie"),
        ("", "Cookie"),
    ] {
        assert_eq!(after(&[(VARY, before)], false, true, VARY), [expected], "{before:?}");
    }
    let lines = [(VARY, "Accept"), (VARY, "cookie")];
    assert_eq!(after(&lines, false, true, VARY), ["Accept", "cookie"]);
    let lines = [(VARY, ""), (VARY, "Origin")];
    assert_eq!(after(&lines, false, true, VARY), ["Cookie", "Origin"]);
    let lines = [(VARY, "Accept"), (VARY, "Origin")];
    assert_eq!(after(&lines, false, true, VARY), ["Accept, Cookie", "Origin"]);
}

#[test]
fn a_response_that_did_not_look_says_nothing() {
    assert!(after(&[], false, false, CACHE_CONTROL).is_empty());
    assert!(after(&[], false, false, VARY).is_empty());
}

#[test]
fn each_header_for_caches_can_be_left_to_the_application() {
    let saved = |settings: fn(Builder<Visitor>) -> Builder<Visitor>| {
        let (sessions, _) = sessions_with(settings);
        let (_, response) = respond(&sessions, &HeaderMap::new(), |session| session.user = Some(1));
        (response.contains_key(CACHE_CONTROL), response.contains_key(VARY))
    };
    assert_eq!(saved(|builder| builder), (true, true));
    assert_eq!(saved(|builder| builder.caching(Caching::default().cache_control(false))), (false, true));
    assert_eq!(saved(|builder| builder.caching(Caching::default().vary(false))), (true, false));
}

/// A map with `names` headers beside what `save` adds.
fn crowded(names: usize) -> HeaderMap {
    (0..names)
        .map(|at| {
            (HeaderName::from_bytes(format!("x-{at}").as_bytes()).unwrap(), HeaderValue::from_static(""))
        })
        .collect()
}

#[test]
fn a_full_header_map_is_an_error_and_stays_as_it_was() {
    let (sessions, _) = sessions();
    let request = logged_in(&sessions);
    // 24 576 is what a map holds; three of ours come on top.
    for (names, fits) in [(4095, true), (4097, true), (24_573, true), (24_574, false), (24_576, false)] {
        let mut response = crowded(names);
        let mut session = sessions.load(&request);
        session.name = "x".into();
        let saved = sessions.save(session, &mut response);
        assert_eq!(saved.is_ok(), fits, "{names}: {saved:?}");
        if !fits {
            assert_eq!(saved, Err(SaveError::HeadersFull));
            assert_eq!(response, crowded(names));
        }
    }
}

#[test]
fn a_secure_cookie_does_not_go_out_over_plain_http() {
    let (sessions, _) = sessions();
    let save_at = |sessions: &sealed_session::Sessions<Visitor>, scheme, change: bool| {
        let mut session = sessions.load_with(&HeaderMap::new(), RequestInfo::new().scheme(scheme));
        session.user = change.then_some(1);
        let mut response = HeaderMap::new();
        let saved = sessions.save(session, &mut response);
        assert!(saved.is_ok() || response.is_empty());
        saved
    };
    assert_eq!(save_at(&sessions, Scheme::Http, true), Err(SaveError::PlainHttp));
    assert_eq!(save_at(&sessions, Scheme::Http, false), Ok(Saved::Unchanged));
    assert!(save_at(&sessions, Scheme::Https, true).is_ok());
    let (insecure, _) = sessions_with::<Visitor>(|builder| builder.insecure_for_localhost());
    assert!(save_at(&insecure, Scheme::Http, true).is_ok());
}

#[test]
fn no_debug_shows_the_cookie_or_the_data() {
    let (sessions, _) = sessions();
    let mut session = sessions.load(&HeaderMap::new());
    session.name = "secret".into();
    let shown = format!("{session:?} {:?}", session.about());
    assert!(!shown.contains("secret"), "{shown}");
    let mut response = HeaderMap::new();
    sessions.save(session, &mut response).unwrap();
    let shown = format!("{response:?}");
    assert!(shown.contains("Sensitive") && !shown.contains("__Host-session"), "{shown}");
    assert_eq!(testing::read_back(&sessions, &response).name, "secret");
}
