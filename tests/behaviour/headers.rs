//! What `save` does to the response headers, and what it leaves alone.

use crate::util::{DAY, Visitor, logged_in, respond, sessions, sessions_with, set_cookies};
use http::header::{CACHE_CONTROL, HeaderName, SET_COOKIE, VARY};
use http::{HeaderMap, HeaderValue};
use sealed_session::web::Scheme;
use sealed_session::{
    Builder, Caching, CookieConfig, RequestInfo, SameSite, SaveError, Saved, Session, Sessions, testing,
};

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
    for before in [
        "",
        "public, max-age=60",
        "max-age=60",
        "no-cache",
        "PRIVATE",
        "max-age=0,private",
        "private, no-cache",
        "private, s-maxage=60",
        "private, public",
        "private=\"x-field\"",
        "private=\"x-field\", no-store",
        "ext=\"no-store\"",
        "ext=\"a, private, no-store, b\"",
        "no-storeish, privately",
        "no-store",
        "public, No-Store",
        "private, no-store, s-maxage=60",
        "must-understand, no-store, public, max-age=600",
        "must-understand, private, no-store",
    ] {
        let after = after(&[(CACHE_CONTROL, before)], true, true, CACHE_CONTROL);
        assert_eq!(after, ["private, no-store"], "{before:?}");
    }
    assert_eq!(after(&[], true, true, CACHE_CONTROL), ["private, no-store"]);
    // What says so already stays as it is.
    for before in ["private, no-store", "No-Store, max-age=0, Private"] {
        assert_eq!(after(&[(CACHE_CONTROL, before)], true, true, CACHE_CONTROL), [before]);
    }
    let lines = [(CACHE_CONTROL, "private, max-age=60"), (CACHE_CONTROL, "no-store")];
    let over_all_lines = after(&lines, true, true, CACHE_CONTROL);
    assert_eq!(over_all_lines, ["private, max-age=60", "no-store"]);
    let lines = [(CACHE_CONTROL, "max-age=60"), (CACHE_CONTROL, "public")];
    assert_eq!(after(&lines, true, true, CACHE_CONTROL), ["private, no-store"]);
}

#[test]
fn a_removal_and_a_renewal_are_kept_by_no_cache_either() {
    let (sessions, clock) = sessions();
    let request = logged_in(&sessions);
    let cache_control = |act: fn(&mut Session<Visitor>)| {
        let mut session = sessions.load(&request);
        act(&mut session);
        let mut response = HeaderMap::from_iter([(CACHE_CONTROL, HeaderValue::from_static("max-age=60"))]);
        sessions.save(session, &mut response).unwrap();
        assert!(response.contains_key(SET_COOKIE));
        response[CACHE_CONTROL].clone()
    };
    assert_eq!(cache_control(Session::destroy), "private, no-store");
    clock.advance(std::time::Duration::from_secs(DAY / 2));
    assert_eq!(cache_control(|session| assert_eq!(session.user, Some(7))), "private, no-store");
}

/// Several CDNs do not heed `Vary: Cookie`, so a lifetime alone does not keep a personal page from being shared.
#[test]
fn a_response_that_looked_is_private_unless_the_application_decided_that() {
    assert_eq!(after(&[], false, true, CACHE_CONTROL), ["private"]);
    for (before, expected) in [
        ("max-age=300", "private, max-age=300"),
        ("no-cache", "private, no-cache"),
        ("max-age=31536000, immutable", "private, max-age=31536000, immutable"),
        ("private=\"x-field\"", "private, private=\"x-field\""),
        ("ext=\"public\"", "private, ext=\"public\""),
        ("ext=\"not closed", "private, ext=\"not closed"),
        ("publicly", "private, publicly"),
        ("must-understand, no-store, max-age=60", "private, must-understand, no-store, max-age=60"),
        ("", "private"),
        // Decided by the application.
        ("public", "public"),
        ("Public, max-age=60", "Public, max-age=60"),
        ("s-maxage=60", "s-maxage=60"),
        ("S-MaxAge=60, max-age=0", "S-MaxAge=60, max-age=0"),
        ("private, max-age=60", "private, max-age=60"),
        ("no-store", "no-store"),
    ] {
        assert_eq!(after(&[(CACHE_CONTROL, before)], false, true, CACHE_CONTROL), [expected], "{before:?}");
    }
    let lines = [(CACHE_CONTROL, "max-age=60"), (CACHE_CONTROL, "must-revalidate")];
    assert_eq!(after(&lines, false, true, CACHE_CONTROL), ["private, max-age=60", "must-revalidate"]);
    let lines = [(CACHE_CONTROL, "max-age=60"), (CACHE_CONTROL, "public")];
    assert_eq!(after(&lines, false, true, CACHE_CONTROL), ["max-age=60", "public"]);
}

/// A phone that shows a form of days ago sends a token that has expired.
#[test]
fn a_page_with_a_csrf_token_is_asked_for_again_before_it_is_shown() {
    let (sessions, _) = sessions();
    let request = logged_in(&sessions);
    let form = |before: &'static str| {
        let mut session = sessions.load(&request);
        sessions.csrf_token(&mut session).unwrap();
        let mut response = HeaderMap::from_iter([(CACHE_CONTROL, HeaderValue::from_static(before))]);
        assert_eq!(sessions.save(session, &mut response), Ok(Saved::Unchanged));
        assert_eq!(response[VARY], "Cookie");
        response[CACHE_CONTROL].to_str().unwrap().to_owned()
    };
    for (before, expected) in [
        ("", "private, no-cache"),
        ("max-age=60", "private, no-cache, max-age=60"),
        ("private, max-age=60", "no-cache, private, max-age=60"),
        ("no-cache", "private, no-cache"),
        ("no-cache=\"set-cookie\"", "private, no-cache, no-cache=\"set-cookie\""),
        ("public, max-age=60", "private, no-cache"),
        ("no-cache, s-maxage=60", "private, no-cache"),
        // As strict already, or stricter.
        ("private, No-Cache, max-age=0", "private, No-Cache, max-age=0"),
        ("no-store", "no-store"),
        ("private, no-store", "private, no-store"),
    ] {
        assert_eq!(form(before), expected, "{before:?}");
    }
    let mut response = HeaderMap::new();
    let mut session = sessions.load(&HeaderMap::new());
    sessions.csrf_token(&mut session).unwrap();
    sessions.save(session, &mut response).unwrap();
    assert_eq!(response[CACHE_CONTROL], "private, no-store", "a stranger gets a session with the token");
}

#[test]
fn a_response_that_looked_varies() {
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

/// What one `Sessions` of several does to a response.
type Use = fn(&Sessions<Visitor>, &mut Session<Visitor>);

#[test]
fn of_several_sessions_on_one_response_the_strictest_counts_in_any_order() {
    let names = ["__Host-a", "__Host-b", "__Host-c"];
    let all = names.map(|name| sessions_with::<Visitor>(|builder| builder.name(name)).0);
    let uses: [(&str, Use); 4] = [
        ("", |_, _| ()),
        ("private", |_, session| assert_eq!(session.user, Some(7))),
        ("no-cache", |sessions, session| assert!(sessions.csrf_token(session).is_ok())),
        ("no-store", |_, session| session.name = "x".into()),
    ];
    for said in ["", "max-age=60", "public, max-age=60", "s-maxage=60", "no-cache", "private", "no-store"] {
        for first in 0..4 {
            for second in 0..4 {
                for third in 0..4 {
                    let chosen = [first, second, third];
                    let strictest = chosen.iter().copied().max().unwrap();
                    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
                        let mut response = HeaderMap::new();
                        if !said.is_empty() {
                            response.insert(CACHE_CONTROL, HeaderValue::from_static(said));
                        }
                        for at in order {
                            let mut session = all[at].load(&logged_in(&all[at]));
                            uses[chosen[at]].1(&all[at], &mut session);
                            all[at].save(session, &mut response).unwrap();
                        }
                        let found = directives(&response);
                        let case = format!("{said:?}, {chosen:?} in the order {order:?}: {found:?}");
                        let expects = |directive: &str| found.contains(&directive.to_owned());
                        match uses[strictest].0 {
                            "no-store" => assert_eq!(found, ["no-store", "private"], "{case}"),
                            "no-cache" => {
                                let is_private = expects("private") && expects("no-cache");
                                assert!(is_private && !expects("public") || expects("no-store"), "{case}");
                            }
                            "private" => {
                                let decided = ["public", "s-maxage=60", "no-store", "private"];
                                assert!(decided.into_iter().any(expects), "{case}");
                            }
                            _ => assert_eq!(response.contains_key(CACHE_CONTROL), !said.is_empty(), "{case}"),
                        }
                        if strictest > 0 {
                            assert_eq!(response[VARY], "Cookie", "{case}");
                        }
                    }
                }
            }
        }
    }
}

/// The directives of Cache-Control, sorted.
fn directives(response: &HeaderMap) -> Vec<String> {
    let lines = response.get_all(CACHE_CONTROL).iter().map(|line| line.to_str().unwrap());
    let mut found: Vec<_> =
        lines.flat_map(|line| line.split(',')).map(|directive| directive.trim().to_owned()).collect();
    found.sort();
    found
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
    // A page with a token, too.
    let (sessions, _) =
        sessions_with::<Visitor>(|builder| builder.caching(Caching::default().cache_control(false)));
    let (_, response) = respond(&sessions, &logged_in(&sessions), |session| {
        assert!(sessions.csrf_token(session).is_ok());
    });
    assert!(!response.contains_key(CACHE_CONTROL) && response.contains_key(VARY));
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
    let save_at = |sessions: &Sessions<Visitor>, scheme, change: bool| {
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

/// The pairs of the Set-Cookie lines, without their attributes.
fn names(response: &HeaderMap) -> Vec<String> {
    set_cookies(response).iter().map(|line| line.split('=').next().unwrap().to_owned()).collect()
}

#[test]
fn two_saves_into_one_response_leave_one_line_of_each_cookie() {
    let (sessions, clock) = sessions();
    let request = logged_in(&sessions);
    let save = |response: &mut HeaderMap, act: fn(&mut Session<Visitor>)| {
        let mut session = sessions.load(&request);
        act(&mut session);
        sessions.save(session, response).unwrap();
    };
    let mut response = HeaderMap::new();
    for line in ["theme=dark; Path=/", "__Host-session.theme=dark; Path=/; Secure", "theme=dark"] {
        response.append(SET_COOKIE, HeaderValue::from_static(line));
    }
    save(&mut response, |session| session.name = "first".into());
    save(&mut response, |session| session.name = "second".into());
    let own = ["theme", "__Host-session.theme", "theme"];
    assert_eq!(names(&response), [&own[..], &["__Host-session"]].concat());
    assert_eq!(testing::read_back(&sessions, &response).name, "second", "the last one, as browsers have it");

    // A logout wins over a write, whichever is saved first: the tombstone stays.
    let id = testing::load(&sessions, &request).about().id().unwrap().to_string();
    let tombstone = format!("__Host-session.out.{}", &id[..16]);
    let write: fn(&mut Session<Visitor>) = |session| session.name = "x".into();
    let log_out: fn(&mut Session<Visitor>) = Session::destroy;
    for (first, second) in [(write, log_out), (log_out, write), (log_out, log_out)] {
        let mut response = HeaderMap::new();
        save(&mut response, first);
        save(&mut response, second);
        let mut found = names(&response);
        found.sort();
        assert_eq!(found, ["__Host-session", &tombstone]);
        let next = testing::read_back(&sessions, &response);
        assert!(next.user.is_none(), "{:?}", next.about().rejection());
    }
    // Renewals, too.
    clock.advance(std::time::Duration::from_secs(DAY / 2));
    let mut response = HeaderMap::new();
    for _ in 0..2 {
        save(&mut response, |session| assert_eq!(session.user, Some(7)));
    }
    assert_eq!(names(&response), ["__Host-session.seen"]);
}

#[test]
fn of_two_tombstones_the_longer_life_counts_in_either_order() {
    let (long, _) = sessions();
    let (short, _) =
        sessions_with::<Visitor>(|builder| builder.idle_timeout(std::time::Duration::from_secs(600)));
    let request = logged_in(&long);
    for order in [[&long, &short], [&short, &long]] {
        let mut response = HeaderMap::new();
        for sessions in order {
            let mut session = sessions.load(&request);
            session.destroy();
            sessions.save(session, &mut response).unwrap();
        }
        let lines = set_cookies(&response);
        let tombstones: Vec<_> = lines.iter().filter(|line| line.contains(".out.")).collect();
        assert_eq!(tombstones.len(), 1, "{lines:?}");
        assert!(tombstones[0].ends_with("; Max-Age=90060"), "{lines:?}");
    }
}

/// Path, Domain and Partitioned belong to what a browser takes for one cookie.
#[test]
fn a_cookie_of_another_place_keeps_its_line() {
    let place = |cookie: CookieConfig| sessions_with::<Visitor>(|builder| builder.cookie(cookie)).0;
    let cookie = || CookieConfig::new("__Secure-session");
    let all = [
        place(cookie()),
        place(cookie().path("/shop")),
        place(cookie().domain("shop.example")),
        place(cookie().same_site(SameSite::None).partitioned(true)),
    ];
    let mut response = HeaderMap::new();
    for _ in 0..2 {
        for sessions in &all {
            let mut session = sessions.load(&HeaderMap::new());
            session.user = Some(7);
            sessions.save(session, &mut response).unwrap();
        }
    }
    assert_eq!(names(&response), ["__Secure-session"; 4]);
    // The leftover that a write removes has the name of the cookie that it sets.
    let (sessions, _) = sessions_with::<Visitor>(|builder| {
        builder.cookie(cookie()).remove_leftovers([cookie().path("/shop")])
    });
    let request = testing::request(&sessions, |session| session.user = Some(7));
    let (_, response) = respond(&sessions, &request, |session| session.name = "x".into());
    assert_eq!(names(&response)[..2], ["__Secure-session"; 2]);
}
