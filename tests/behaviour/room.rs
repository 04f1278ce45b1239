//! How much a session holds, to the byte.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use crate::util::{NOW, Visitor, respond, sessions_with, set_cookie};
use http::HeaderMap;
use sealed_session::web::Priority;
use sealed_session::{CookieConfig, Lifetimes, SameSite, Saved, testing};

#[test]
fn room_is_what_is_left_to_the_byte() {
    for cookie in [
        CookieConfig::default(),
        CookieConfig::new("a"),
        CookieConfig::new(format!("__Secure-{}", "n".repeat(60)))
            .domain("shop.example")
            .path(format!("/{}", "p".repeat(900))),
        CookieConfig::default()
            .persistent(false)
            .same_site(SameSite::None)
            .partitioned(true)
            .priority(Priority::Medium),
    ] {
        let (sessions, _) = sessions_with::<Visitor>(|builder| builder.cookie(cookie.clone()));
        let fits = |length: usize| {
            let mut session = testing::load(&sessions, &HeaderMap::new());
            session.name = "x".repeat(length);
            (sessions.room(&session), sessions.save(session, &mut HeaderMap::new()).is_ok())
        };
        let (room, _) = fits(200); // a length of two bytes from here on
        assert!(room > 1500, "{room}");
        assert_eq!(fits(200 + room), (0, true), "{cookie:?}");
        assert_eq!(fits(200 + room - 1), (1, true));
        assert!(!fits(200 + room + 1).1);
        assert_eq!(fits(10_000), (0, false));
    }
}

#[test]
fn every_line_that_is_sent_fits_what_browsers_keep_and_front_ends_pass_on() {
    for (cookie, days) in [
        (CookieConfig::default(), 7),
        (CookieConfig::default(), 400),
        (CookieConfig::new("sid").path("/shop").domain("shop.example").priority(Priority::High), 30),
        (CookieConfig::default().persistent(false), 7),
    ] {
        let lifetimes = Lifetimes::default().max_lifetime(Duration::from_secs(days * 86_400));
        let (sessions, _) = sessions_with::<Visitor>(|builder| builder.cookie(cookie).lifetimes(lifetimes));
        let mut session = testing::load(&sessions, &HeaderMap::new());
        session.name = "x".repeat(200);
        let room = sessions.room(&session);
        session.name = "x".repeat(200 + room);
        session.set_lifetime(Duration::from_secs(days * 86_400)); // the longest Max-Age
        let mut response = HeaderMap::new();
        let Saved::Written { bytes, .. } = sessions.save(session, &mut response).unwrap() else { panic!() };
        let line = format!("Set-Cookie: {}", set_cookie(&response));
        let pair = line["Set-Cookie: ".len()..].split(';').next().unwrap();
        assert_eq!(pair.len(), bytes);
        assert!(bytes <= 4093 && line.len() <= 4096, "{bytes} {}", line.len());
        assert!(line.len() > 4096 - 24, "and wastes no more than a block: {}", line.len());
    }
}

/// A clock that is a minute behind makes the Max-Age a digit longer.
#[test]
fn a_line_fits_where_the_clock_is_behind() {
    for length in 1..=64 {
        let (sessions, clock) = sessions_with::<Visitor>(|builder| {
            builder.name("n".repeat(length)).absolute_timeout(Duration::from_secs(999_999))
        });
        let request = testing::request(&sessions, |session| {
            session.name = "x".repeat(200);
            let room = sessions.room(session);
            session.name = "x".repeat(200 + room);
        });
        clock.set(NOW - 60);
        let (_, response) = respond(&sessions, &request, |session| session.name.replace_range(..1, "y"));
        let line = set_cookie(&response);
        assert!(line.ends_with("; Max-Age=1000059"), "{line}");
        assert!("Set-Cookie: ".len() + line.len() <= 4096, "{length}: {}", line.len());
    }
}

#[test]
fn a_test_can_fail_for_a_session_that_is_too_large() {
    let (sessions, _) = sessions_with::<Visitor>(|builder| builder);
    let name = |length: usize| Visitor { name: "x".repeat(length), ..Visitor::default() };
    testing::assert_fits(&sessions, name(2922));
    let failure = std::panic::catch_unwind(AssertUnwindSafe(|| testing::assert_fits(&sessions, name(2923))));
    let failure = failure.unwrap_err();
    let text = failure.downcast_ref::<String>().unwrap();
    assert!(text.contains("4043 bytes does not fit the 4022"), "{text}");
}
