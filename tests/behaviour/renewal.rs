//! The idle clock: what renews it, what does not, and that the data never moves with it.

use std::time::Duration;

use crate::util::{DAY, NOW, Visitor, logged_in, outcome, respond, sessions, sessions_with, set_cookie};
use http::header::{CACHE_CONTROL, COOKIE};
use http::{HeaderMap, HeaderValue};
use sealed_session::web::Scheme;
use sealed_session::{Lifetimes, RequestInfo, Saved, Sessions, testing};

const TENTH: u64 = DAY / 10;

/// The request with the cookies of a response beside its own.
fn and(request: &HeaderMap, response: &HeaderMap) -> HeaderMap {
    let mut both = request.clone();
    both.extend(testing::next_request(response).into_iter().map(|(_, line)| (COOKIE, line)));
    both
}

/// A read at `moment`.
fn read_at(
    sessions: &Sessions<Visitor>,
    clock: &testing::Clock,
    moment: u64,
    request: &HeaderMap,
) -> (Saved, HeaderMap) {
    clock.set(moment);
    respond(sessions, request, |session| assert_eq!(session.user, Some(7)))
}

#[test]
fn a_read_renews_the_idle_clock_once_in_a_tenth_of_it() {
    let (sessions, clock) = sessions();
    let request = logged_in(&sessions);
    let (saved, _) = read_at(&sessions, &clock, NOW + TENTH - 1, &request);
    assert_eq!(saved, Saved::Unchanged);
    let (saved, response) = read_at(&sessions, &clock, NOW + TENTH, &request);
    assert_eq!(saved, Saved::Renewed);
    let line = set_cookie(&response);
    assert!(line.starts_with("__Host-session.seen="), "{line}");
    assert!(line.ends_with("; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=86400"), "{line}");
    assert!(response["set-cookie"].is_sensitive());
    assert_eq!(response[CACHE_CONTROL], "private, no-store");

    let request = and(&request, &response);
    let (saved, _) = read_at(&sessions, &clock, NOW + 2 * TENTH - 1, &request);
    assert_eq!(saved, Saved::Unchanged);
    let (saved, _) = read_at(&sessions, &clock, NOW + 2 * TENTH, &request);
    assert_eq!(saved, Saved::Renewed);
}

#[test]
fn a_renewed_session_lives_on_to_the_second_and_no_longer() {
    let (sessions, clock) = sessions();
    let request = logged_in(&sessions);
    let (_, response) = read_at(&sessions, &clock, NOW + DAY - 1, &request);
    let renewed = and(&request, &response);
    for (moment, expected) in [(NOW + DAY, "ok"), (NOW + 2 * DAY - 2, "ok"), (NOW + 2 * DAY - 1, "idle")] {
        clock.set(moment);
        assert_eq!(outcome(&sessions, &renewed), expected, "{}", moment - NOW);
        assert_ne!(outcome(&sessions, &request), "ok", "without its last-seen cookie");
    }
}

#[test]
fn renewals_do_not_outlive_the_absolute_timeout() {
    let (sessions, clock) = sessions();
    let (mut request, mut moment) = (logged_in(&sessions), NOW);
    let first = request.clone();
    while moment + DAY / 2 < NOW + 7 * DAY {
        moment += DAY / 2;
        let (saved, response) = read_at(&sessions, &clock, moment, &request);
        assert_eq!(saved, Saved::Renewed);
        request = and(&first, &response);
    }
    clock.set(NOW + 7 * DAY - 1);
    assert_eq!(outcome(&sessions, &request), "ok");
    let (_, response) = respond(&sessions, &request, |session| assert_eq!(session.user, Some(7)));
    assert!(set_cookie(&response).ends_with("; Max-Age=1"), "no longer than the session");
    clock.set(NOW + 7 * DAY);
    assert_eq!(outcome(&sessions, &and(&first, &response)), "absolute");
}

#[test]
fn a_last_seen_cookie_is_good_for_the_one_cookie_that_it_renews() {
    let (sessions, clock) = sessions();
    let (one, other) = (logged_in(&sessions), logged_in(&sessions));
    let (_, seen) = read_at(&sessions, &clock, NOW + DAY / 2, &one);
    clock.set(NOW + DAY);
    assert_eq!(outcome(&sessions, &and(&one, &seen)), "ok");
    assert_eq!(outcome(&sessions, &and(&other, &seen)), "idle");
    // Nor does it renew an older copy of the same session.
    clock.set(NOW + 1);
    let (_, written) = respond(&sessions, &one, |session| session.name = "new".into());
    let newer = testing::next_request(&written);
    let (_, seen) = read_at(&sessions, &clock, NOW + DAY / 2, &newer);
    clock.set(NOW + DAY + 1);
    assert_eq!(outcome(&sessions, &and(&newer, &seen)), "ok");
    assert_eq!(outcome(&sessions, &and(&one, &seen)), "idle");
}

#[test]
fn whatever_is_wrong_with_a_last_seen_it_is_as_if_there_were_none() {
    let (sessions, clock) = sessions();
    let request = logged_in(&sessions);
    let (_, seen) = read_at(&sessions, &clock, NOW + DAY / 2, &request);
    let good = crate::util::value(&testing::next_request(&seen));
    let session = crate::util::value(&request);
    let mut flipped = good.clone();
    flipped.replace_range(20..21, if &good[20..21] == "A" { "B" } else { "A" });
    clock.set(NOW + DAY);
    for last_seen in ["", "junk", &flipped, &session, &good[..33], &format!("{good}AAAA"), &"A".repeat(5000)]
    {
        let line = format!("__Host-session={session}; __Host-session.seen={last_seen}");
        assert_eq!(outcome(&sessions, &crate::util::with_cookie(&line)), "idle", "{last_seen:.90}");
        clock.set(NOW + DAY - 1);
        assert_eq!(outcome(&sessions, &crate::util::with_cookie(&line)), "ok", "{last_seen:.90}");
        clock.set(NOW + DAY);
    }
    // A last-seen cookie is no session.
    assert_eq!(outcome(&sessions, &crate::util::with_cookie(format!("__Host-session={good}"))), "malformed");
    // Junk beside it, as a sibling domain can plant it, changes nothing; of four values that differ it is found.
    for (junk, expected) in [(3, "ok"), (4, "idle")] {
        let junk: String = (0..junk).map(|i| format!("__Host-session.seen=junk{i}; ")).collect();
        let line = format!("{}{junk}__Host-session={session}; __Host-session.seen={good}", junk.repeat(9));
        assert_eq!(outcome(&sessions, &crate::util::with_cookie(line)), expected);
    }
}

#[test]
fn a_last_seen_cookie_is_sealed_with_the_key_of_its_session() {
    // A node that has not read the newest key can open both.
    let (old, clock) = sessions();
    let request = logged_in(&old);
    let both = sealed_session::KeyRing::new(testing::key(8)).accept(testing::key(7)).unwrap();
    let (_, seen) = read_at(&crate::util::sessions_of(both, &clock), &clock, NOW + DAY / 2, &request);
    clock.set(NOW + DAY);
    assert_eq!(outcome(&old, &and(&request, &seen)), "ok");
}

#[test]
fn a_last_seen_cookie_from_the_future_is_ignored() {
    let (sessions, clock) = sessions();
    let request = logged_in(&sessions);
    let (_, seen) = read_at(&sessions, &clock, NOW + DAY - 1, &request);
    let renewed = and(&request, &seen);
    // The idle timeout of this one has passed long before the last-seen cookie was made.
    let quick = |clock: &testing::Clock| {
        let builder = Sessions::<Visitor>::builder(testing::key_ring()).clock(clock.reader());
        builder.idle_timeout(Duration::from_secs(1000)).build().unwrap()
    };
    clock.set(NOW + DAY - 1 - 60);
    assert_eq!(outcome(&quick(&clock), &renewed), "ok");
    clock.set(NOW + DAY - 1 - 61);
    assert_eq!(outcome(&quick(&clock), &renewed), "idle");
}

#[test]
fn what_does_not_count_as_activity_renews_nothing() {
    let (sessions, clock) = sessions();
    let request = logged_in(&sessions);
    clock.set(NOW + DAY / 2);
    let (saved, _) = respond(&sessions, &request, |session| {
        assert_eq!(session.user, Some(7));
        session.skip_renewal();
    });
    assert_eq!(saved, Saved::Unchanged, "polling");
    let (saved, response) = respond(&sessions, &request, |_| ());
    assert_eq!((saved, response.is_empty()), (Saved::Unchanged, true), "not looked at");
    for public in ["public", "max-age=60, immutable", "s-maxage=5", "PUBLIC, max-age=1"] {
        let session = sessions.load(&request);
        assert_eq!(session.user, Some(7));
        let mut response = HeaderMap::from_iter([(CACHE_CONTROL, HeaderValue::from_static(public))]);
        assert_eq!(sessions.save(session, &mut response), Ok(Saved::Unchanged), "{public}");
        assert!(!response.contains_key("set-cookie"));
    }
    let session = sessions.load_with(&request, RequestInfo::new().scheme(Scheme::Http));
    assert_eq!(session.user, Some(7));
    assert_eq!(sessions.save(session, &mut HeaderMap::new()), Ok(Saved::Unchanged), "plain http");
}

#[test]
fn without_an_idle_timeout_there_is_no_last_seen() {
    let (sessions, clock) = sessions_with::<Visitor>(|builder| builder.idle_timeout(None));
    let request = logged_in(&sessions);
    let (saved, _) = read_at(&sessions, &clock, NOW + 5 * DAY, &request);
    assert_eq!(saved, Saved::Unchanged);

    let (sessions, clock) = sessions_with::<Visitor>(|builder| {
        builder.lifetimes(Lifetimes::default().max_lifetime(Duration::from_secs(30 * DAY)))
    });
    let remembered = testing::request(&sessions, |session| {
        session.user = Some(7);
        session.set_lifetime(Duration::from_secs(30 * DAY));
    });
    let (saved, _) = read_at(&sessions, &clock, NOW + 20 * DAY, &remembered);
    assert_eq!(saved, Saved::Unchanged);
}

#[test]
fn a_write_needs_no_renewal_beside_it() {
    let (sessions, clock) = sessions();
    let request = logged_in(&sessions);
    clock.set(NOW + DAY / 2);
    let (saved, response) = respond(&sessions, &request, |session| session.name = "x".into());
    assert!(matches!(saved, Saved::Written { .. }));
    assert!(set_cookie(&response).starts_with("__Host-session="));
    clock.set(NOW + DAY + DAY / 2 - 1);
    assert_eq!(outcome(&sessions, &testing::next_request(&response)), "ok");
}

#[test]
fn how_often_is_a_setting() {
    let (sessions, clock) = sessions_with::<Visitor>(|builder| {
        builder.lifetimes(Lifetimes::default().renewal_interval(Duration::from_secs(5)))
    });
    let request = logged_in(&sessions);
    assert_eq!(read_at(&sessions, &clock, NOW + 4, &request).0, Saved::Unchanged);
    assert_eq!(read_at(&sessions, &clock, NOW + 5, &request).0, Saved::Renewed);
    let (every_second, clock) =
        sessions_with::<Visitor>(|builder| builder.idle_timeout(Duration::from_secs(3)));
    let request = logged_in(&every_second);
    assert_eq!(
        read_at(&every_second, &clock, NOW + 1, &request).0,
        Saved::Renewed,
        "a tenth, but a second at least"
    );
}

#[test]
fn what_is_left_can_be_asked() {
    let (sessions, clock) = sessions();
    let request = logged_in(&sessions);
    let at = |seconds| Some(testing::Clock::at(seconds).now());
    let idle_end = |request: &HeaderMap| testing::load(&sessions, request).about().idle_expires_at();
    assert_eq!(idle_end(&request), at(NOW + DAY));
    let (_, seen) = read_at(&sessions, &clock, NOW + DAY / 2, &request);
    assert_eq!(idle_end(&and(&request, &seen)), at(NOW + DAY / 2 + DAY));
    clock.set(NOW + DAY - 1);
    let fresh = testing::load(&sessions, &HeaderMap::new());
    assert_eq!(fresh.about().idle_expires_at(), at(NOW + DAY - 1 + DAY));
    let (off, _) = sessions_with::<Visitor>(|builder| builder.idle_timeout(None));
    assert_eq!(testing::load(&off, &request).about().idle_expires_at(), None);
    // Never later than the session itself.
    let (short, _) =
        sessions_with::<Visitor>(|builder| builder.absolute_timeout(Duration::from_secs(DAY + 10)));
    let request = logged_in(&short);
    let session = testing::load(&short, &request);
    assert_eq!(session.about().idle_expires_at(), at(NOW + DAY));
}

#[test]
fn a_fresh_login_can_be_asked_for() {
    let (sessions, clock) = sessions();
    let request = logged_in(&sessions);
    let ten = Duration::from_secs(600);
    for (moment, expected) in [(NOW, true), (NOW + 599, true), (NOW + 600, false), (NOW - 10, true)] {
        clock.set(moment);
        assert_eq!(
            testing::load(&sessions, &request).about().authenticated_within(ten),
            expected,
            "{moment}"
        );
    }
    let anonymous = testing::request(&sessions, |session| session.user = Some(1));
    assert!(!testing::load(&sessions, &anonymous).about().authenticated_within(Duration::MAX));
    assert!(!testing::load(&sessions, &HeaderMap::new()).about().authenticated_within(Duration::MAX));
}

#[test]
fn the_clock_may_jump_back() {
    let (sessions, clock) = sessions();
    let request = logged_in(&sessions);
    let (_, seen) = read_at(&sessions, &clock, NOW + DAY / 2, &request);
    let renewed = and(&request, &seen);
    for moment in [NOW + DAY / 2 - 60, NOW + 60, NOW, NOW - 60] {
        clock.set(moment);
        assert_eq!(outcome(&sessions, &renewed), "ok", "{moment}");
        let (saved, _) = respond(&sessions, &renewed, |session| assert_eq!(session.user, Some(7)));
        assert_eq!(saved, Saved::Unchanged);
    }
    clock.set(0);
    assert_eq!(outcome(&sessions, &renewed), "from_the_future");
}

#[test]
fn what_a_request_carries() {
    let (sessions, clock) = sessions();
    let request = logged_in(&sessions);
    // One line, as HTTP/1.1 sends it.
    let bytes = |request: &HeaderMap| {
        let lines: Vec<_> = request.get_all(COOKIE).iter().map(|line| line.to_str().unwrap()).collect();
        lines.join("; ").len()
    };
    assert_eq!(bytes(&request), 118, "in the first minutes: the session of a user and two empty fields");
    let (_, response) = read_at(&sessions, &clock, NOW + DAY / 2, &request);
    assert_eq!(bytes(&and(&request, &response)), 118 + 2 + 54, "after a renewal: and its last-seen cookie");
    let (_, response) = respond(&sessions, &request, |session| session.destroy());
    assert_eq!(
        bytes(&testing::next_request(&response)),
        46,
        "after a logout: a tombstone, for a day and an hour and a minute"
    );
}
