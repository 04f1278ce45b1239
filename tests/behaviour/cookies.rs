//! Cookie headers as browsers, proxies and attackers send them.

use std::time::Duration;

use crate::util::{DAY, Visitor, logged_in, outcome, sessions, value, with_cookie};
use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};
use sealed_session::{Sessions, testing};

/// A valid value for user `user`, sealed at the clock's time.
fn sealed(sessions: &Sessions<Visitor>, user: u64) -> String {
    value(&testing::request(sessions, |session| session.user = Some(user)))
}

#[track_caller]
fn user(sessions: &Sessions<Visitor>, line: &str) -> Option<u64> {
    sessions.load(&with_cookie(line)).into_data().user
}

#[test]
fn of_several_the_one_sealed_last_wins_whatever_the_order() {
    let (sessions, clock) = sessions();
    let old = sealed(&sessions, 1);
    clock.advance(Duration::from_secs(1));
    let new = sealed(&sessions, 2);
    let n = "__Host-session";
    assert_eq!(user(&sessions, &format!("{n}={old}; {n}={new}")), Some(2));
    assert_eq!(user(&sessions, &format!("{n}={new}; {n}={old}")), Some(2));
    assert_eq!(user(&sessions, &format!("{n}=junk; {n}={old}; {n}=; {n}={new}")), Some(2));
    // Of two sealed in the same second, the first.
    let twin = sealed(&sessions, 3);
    assert_eq!(user(&sessions, &format!("{n}={new}; {n}={twin}")), Some(2));
    assert_eq!(user(&sessions, &format!("{n}={twin}; {n}={new}")), Some(3));
}

#[test]
fn an_expired_one_does_not_hide_a_good_one() {
    let (sessions, clock) = sessions();
    let short = value(&testing::request(&sessions, |session| {
        session.user = Some(1);
        session.set_lifetime(Duration::from_secs(10));
    }));
    clock.set(clock_seconds(&clock) - 5);
    let good = sealed(&sessions, 2);
    clock.advance(Duration::from_secs(20));
    let n = "__Host-session";
    assert_eq!(user(&sessions, &format!("{n}={short}; {n}={good}")), Some(2));
    assert_eq!(user(&sessions, &format!("{n}={good}; {n}={short}")), Some(2));
}

fn clock_seconds(clock: &testing::Clock) -> u64 {
    clock.now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

#[test]
fn the_first_four_that_differ_are_tried() {
    let (sessions, _) = sessions();
    let good = sealed(&sessions, 1);
    let junk = |count| (0..count).map(|i| format!("__Host-session=junk{i}; ")).collect::<String>();
    let line = |count| format!("{}__Host-session={good}", junk(count));
    assert_eq!(user(&sessions, &line(3)), Some(1));
    assert_eq!(user(&sessions, &line(4)), None);
    // What a proxy or a client doubles takes no place of its own.
    let repeated = "__Host-session=junk; ".repeat(99);
    assert_eq!(user(&sessions, &format!("{repeated}__Host-session={good}")), Some(1));
    assert_eq!(outcome(&sessions, &with_cookie(line(4096))), "malformed");
}

#[test]
fn the_rejection_that_got_furthest_is_reported() {
    let (sessions, clock) = sessions();
    let expired = sealed(&sessions, 1);
    let forged = format!("{}AAAA", sealed(&sessions, 1));
    clock.advance(Duration::from_secs(DAY));
    let n = "__Host-session";
    for (line, expected) in [
        (String::new(), "absent"),
        (format!("{n}="), "malformed"),
        (format!("{n}=junk; {n}={}", "A".repeat(5000)), "malformed"),
        (format!("{n}=junk; {n}={forged}"), "forged"),
        (format!("{n}={expired}; {n}={forged}; {n}=junk"), "idle"),
    ] {
        assert_eq!(outcome(&sessions, &with_cookie(&line)), expected, "{line:.60}");
    }
}

#[test]
fn any_number_of_cookie_lines() {
    let (sessions, _) = sessions();
    let mut request = with_cookie("a=1");
    request
        .append(COOKIE, HeaderValue::from_str(&format!("__Host-session={}", sealed(&sessions, 1))).unwrap());
    request.append(COOKIE, HeaderValue::from_static("b=2"));
    assert_eq!(outcome(&sessions, &request), "ok");
}

#[test]
fn others_broken_cookies_do_not_hurt() {
    let (sessions, _) = sessions();
    let good = format!("__Host-session={}", sealed(&sessions, 1));
    for junk in [
        &b"\xff\xfe=\x80"[..],
        b";;;",
        b"=",
        b"a=\"; b",
        b"$Version=1",
        b"__Host-session",
        b"x=__Host-session=y",
    ] {
        for line in [[junk, b"; ", good.as_bytes()].concat(), [good.as_bytes(), b"; ", junk].concat()] {
            assert_eq!(outcome(&sessions, &with_cookie(&line)), "ok", "{}", String::from_utf8_lossy(&line));
        }
    }
}

#[test]
fn only_the_exact_name_is_ours() {
    let (sessions, _) = sessions();
    let good = sealed(&sessions, 1);
    for name in [
        "=__Host-session",
        "__host-session",
        "__Host-Session",
        "__Host-session2",
        "x__Host-session",
        "\"__Host-session\"",
        "$__Host-session",
        "__Host-session.seen",
        "a __Host-session",
    ] {
        assert_eq!(outcome(&sessions, &with_cookie(format!("{name}={good}"))), "absent", "{name}");
    }
    for around in [format!("\t__Host-session \t= {good} \t"), format!(" ;__Host-session={good};")] {
        assert_eq!(outcome(&sessions, &with_cookie(&around)), "ok", "{around:?}");
    }
    for quoted in [format!("\"{good}\""), format!("{good},"), format!("{good} {good}"), format!("={good}")] {
        let expected =
            if quoted.len() > 2 * good.len() { "malformed" } else { outcome_of(&sessions, &quoted) };
        assert_ne!(expected, "ok", "{quoted:?}");
    }
}

fn outcome_of(sessions: &Sessions<Visitor>, value: &str) -> &'static str {
    outcome(sessions, &with_cookie(format!("__Host-session={value}")))
}

#[test]
fn hostile_headers_are_bounded_and_defined() {
    let (sessions, _) = sessions();
    let good = format!("; __Host-session={}", sealed(&sessions, 1));
    for junk in [
        "a".repeat(1_000_000),
        "a=b; ".repeat(200_000),
        " ".repeat(1_000_000),
        "__Host-session".repeat(70_000),
        "__Host-session ".repeat(60_000),
        ";".repeat(1_000_000),
    ] {
        assert_eq!(outcome(&sessions, &with_cookie(&junk)), "absent");
        assert_eq!(outcome(&sessions, &with_cookie(junk + &good)), "ok");
    }
    let many = "__Host-session=x; ".repeat(60_000);
    assert_eq!(outcome(&sessions, &with_cookie(many)), "malformed");
}

#[test]
fn a_request_without_cookies_is_a_fresh_session() {
    let (sessions, _) = sessions();
    assert_eq!(outcome(&sessions, &HeaderMap::new()), "absent");
    assert_eq!(outcome(&sessions, &logged_in(&sessions)), "ok");
    for request in [HeaderMap::new(), with_cookie("__Host-session=x"), with_cookie("theme=dark")] {
        let session = testing::load(&sessions, &request);
        assert_eq!(*session, Visitor::default());
        assert!(session.about().is_new() && session.about().id().is_none());
        assert_eq!(session.about().authenticated_at(), None);
    }
}
