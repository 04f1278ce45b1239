//! Logout wins: the tombstones of IDs that have ended, and what they stop.

use std::time::Duration;

use crate::util::{DAY, NOW, Visitor, logged_in, outcome, respond, sessions, sessions_with, set_cookies};
use http::HeaderMap;
use http::header::COOKIE;
use sealed_session::{CookieConfig, Lifetimes, Saved, Session, Sessions, testing};

/// The name of the tombstone for the session of a request.
fn tombstone_name(sessions: &Sessions<Visitor>, request: &HeaderMap) -> String {
    let id = testing::load(sessions, request).about().id().unwrap().to_string();
    format!("__Host-session.out.{}", &id[..16])
}

/// One Cookie line of these pairs.
fn request(pairs: &[String]) -> HeaderMap {
    crate::util::with_cookie(pairs.join("; "))
}

/// The `name=value` of the session in a request.
fn pair(headers: &HeaderMap) -> String {
    headers[COOKIE].to_str().unwrap().to_owned()
}

/// The attribute Max-Age of a line.
fn max_age(line: &str) -> u64 {
    line.rsplit_once("Max-Age=").unwrap().1.parse().unwrap()
}

#[test]
fn a_logout_leaves_a_tombstone_of_the_id_that_has_ended() {
    let (sessions, _) = sessions();
    let headers = logged_in(&sessions);
    let name = tombstone_name(&sessions, &headers);
    let (saved, response) = respond(&sessions, &headers, Session::destroy);
    assert_eq!(saved, Saved::Removed);
    let lines = set_cookies(&response);
    assert_eq!(lines.len(), 2);
    assert_eq!(
        lines[0],
        format!("{name}={NOW}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={}", DAY + 3660)
    );
}

#[test]
fn a_session_with_a_tombstone_has_ended() {
    let (sessions, _) = sessions();
    let headers = logged_in(&sessions);
    let name = tombstone_name(&sessions, &headers);
    // Presence is the message, whatever the value, and whatever the order.
    for value in ["1", "", "junk", "-1", "99999999999999999999999999", "\"", "\u{e4}"] {
        let tombstone = format!("{name}={value}");
        for pairs in [[pair(&headers), tombstone.clone()], [tombstone.clone(), pair(&headers)]] {
            assert_eq!(outcome(&sessions, &request(&pairs)), "ended", "{value:?}");
        }
    }
    // Tombstones of others are none of ours.
    for other in [
        "__Host-session.out.0000000000000000=1".to_owned(),
        format!("{}=1", name.to_uppercase()),
        format!("{}=1", &name[..name.len() - 1]),
        format!("{name}0=1"),
        format!("x{name}=1"),
        name.replace("session", "other") + "=1",
        name.clone(),
    ] {
        assert_eq!(outcome(&sessions, &request(&[pair(&headers), other.clone()])), "ok", "{other}");
    }
}

#[test]
fn a_response_in_flight_does_not_undo_a_logout() {
    let (sessions, _) = sessions();
    let headers = logged_in(&sessions);
    // Both were sent with the same cookie; the write arrives last.
    let (_, write) = respond(&sessions, &headers, |session| session.name = "late".into());
    let (_, logout) = respond(&sessions, &headers, Session::destroy);
    let tombstone = set_cookies(&logout)[0].split(';').next().unwrap().to_owned();
    let revived = request(&[pair(&testing::next_request(&write)), tombstone]);
    assert_eq!(outcome(&sessions, &revived), "ended");
    // A handler that goes on from there begins a session of its own.
    let (_, response) = respond(&sessions, &revived, |session| session.name = "stranger".into());
    let session = testing::read_back(&sessions, &response);
    assert_eq!((session.user, &*session.name), (None, "stranger"));
}

#[test]
fn login_new_id_and_restart_end_the_old_id_too() {
    let (sessions, _) = sessions();
    let headers = logged_in(&sessions);
    let name = tombstone_name(&sessions, &headers);
    let verbs: [fn(&mut Session<Visitor>); 3] = [Session::mark_authenticated, Session::cycle_id, |session| {
        session.reset();
    }];
    for verb in verbs {
        let (saved, response) = respond(&sessions, &headers, verb);
        assert!(matches!(saved, Saved::Written { .. }));
        let lines = set_cookies(&response);
        assert_eq!(lines.len(), 2);
        assert!(lines[1].starts_with(&name), "the family of the old ID, or all of it");
        assert!(lines[1].contains(&format!("={NOW};")));
        let next = testing::next_request(&response);
        assert_eq!(outcome(&sessions, &next), "ok", "the new id is not touched");
    }
    // Where there was no session, there is nothing to end.
    let (_, response) = respond(&sessions, &HeaderMap::new(), Session::mark_authenticated);
    assert_eq!(set_cookies(&response).len(), 1);
}

fn cookies(line: &str) -> HeaderMap {
    HeaderMap::from_iter([(COOKIE, line.try_into().unwrap())])
}

/// The cookie of a session whose id a request renews while another logs out.
fn renewed(sessions: &Sessions<Visitor>, request: &HeaderMap) -> String {
    let (_, response) = respond(sessions, request, Session::cycle_id);
    let lines = set_cookies(&response);
    assert_eq!(lines.len(), 2);
    lines[0].split(';').next().unwrap().to_owned()
}

#[test]
fn a_logout_ends_an_id_that_is_drawn_at_the_same_time() {
    let (sessions, _) = sessions();
    let request = logged_in(&sessions);
    let new = renewed(&sessions, &request);
    for verb in [Session::destroy, Session::mark_authenticated] as [fn(&mut Session<Visitor>); 2] {
        let (_, response) = respond(&sessions, &request, verb);
        let line = set_cookies(&response).into_iter().find(|line| line.contains(".out.")).unwrap();
        let tombstone = line.split(';').next().unwrap();
        assert_eq!(outcome(&sessions, &cookies(&format!("{new}; {tombstone}"))), "ended");
        // And one that is drawn after the next.
        let next = renewed(&sessions, &cookies(&new));
        assert_eq!(outcome(&sessions, &cookies(&format!("{next}; {tombstone}"))), "ended");
    }
}

#[test]
fn a_logout_ends_the_line_though_its_id_had_ended_before() {
    let (sessions, _) = sessions();
    let request = logged_in(&sessions);
    let old = request[COOKIE].to_str().unwrap();
    let (_, response) = respond(&sessions, &request, Session::cycle_id);
    let new = renewed(&sessions, &request);
    // A write under the old id arrives after the renewal, then comes a login, then another renewal.
    let tombstone = set_cookies(&response)[1].split(';').next().unwrap().to_owned();
    let stale = cookies(&format!("{old}; {tombstone}"));
    assert_eq!(outcome(&sessions, &stale), "ended");
    let (_, response) = respond(&sessions, &stale, Session::mark_authenticated);
    let line = set_cookies(&response).into_iter().find(|line| line.contains(".out.")).unwrap();
    let line = line.split(';').next().unwrap();
    assert_eq!(line.find('='), Some("__Host-session.out.".len() + 16), "a tombstone of the family");
    assert_eq!(outcome(&sessions, &cookies(&format!("{new}; {tombstone}; {line}"))), "ended");
}

#[test]
fn a_tombstone_lives_as_long_as_a_cookie_of_its_id_could() {
    let tombstone_age = |sessions: &Sessions<Visitor>, headers: &HeaderMap| {
        let (_, response) = respond(sessions, headers, Session::destroy);
        max_age(&set_cookies(&response)[0])
    };
    let (sessions, clock) = sessions();
    let headers = logged_in(&sessions);
    assert_eq!(tombstone_age(&sessions, &headers), DAY + 3660);
    // Near the deadline, what is left of it.
    let mut last = headers;
    for days in 1..7 {
        clock.set(NOW + days * (DAY - 1));
        last = testing::next_request(&respond(&sessions, &last, |session| session.name.push('x')).1);
    }
    clock.set(NOW + 7 * DAY - 100);
    assert_eq!(tombstone_age(&sessions, &last), 3660 + 100);

    let (off, clock) = sessions_with::<Visitor>(|builder| builder.idle_timeout(None));
    let headers = logged_in(&off);
    clock.set(NOW + DAY);
    assert_eq!(tombstone_age(&off, &headers), 6 * DAY + 3660);

    let (long, _) = sessions_with::<Visitor>(|builder| {
        builder.lifetimes(Lifetimes::default().max_lifetime(Duration::from_secs(30 * DAY)))
    });
    let remembered = testing::request(&long, |session| session.set_lifetime(Duration::from_secs(30 * DAY)));
    assert_eq!(tombstone_age(&long, &remembered), 30 * DAY + 3660);

    // No longer than browsers keep any cookie.
    let longest = Duration::from_secs(400 * DAY);
    let (longest_of_all, _) =
        sessions_with::<Visitor>(|builder| builder.lifetimes(Lifetimes::default().max_lifetime(longest)));
    let remembered = testing::request(&longest_of_all, |session| session.set_lifetime(longest));
    assert_eq!(tombstone_age(&longest_of_all, &remembered), 400 * DAY);
}

#[test]
fn tombstones_outlive_the_browser_even_where_the_session_does_not() {
    let (sessions, _) =
        sessions_with::<Visitor>(|builder| builder.cookie(CookieConfig::default().persistent(false)));
    let (_, response) = respond(&sessions, &logged_in(&sessions), Session::destroy);
    assert_eq!(max_age(&set_cookies(&response)[0]), DAY + 3660);
}

#[test]
fn every_copy_that_the_request_carried_ends() {
    // A leftover of another path cannot be removed from here; its tombstone ends it.
    let (sessions, clock) = sessions();
    let leftover = logged_in(&sessions);
    clock.advance(Duration::from_secs(1));
    let current = logged_in(&sessions);
    let both = request(&[pair(&leftover), pair(&current)]);
    let (_, response) = respond(&sessions, &both, Session::destroy);
    let lines = set_cookies(&response);
    assert_eq!(lines.len(), 3);
    let mut pairs: Vec<_> =
        lines[..2].iter().map(|line| line.split(';').next().unwrap().to_owned()).collect();
    pairs.push(pair(&leftover));
    assert_eq!(outcome(&sessions, &request(&pairs)), "ended");
    // Copies of one session get one tombstone: at most one line of a name.
    let copies = request(&[pair(&current), pair(&current), pair(&current), pair(&current)]);
    let (_, response) = respond(&sessions, &copies, Session::destroy);
    assert_eq!(set_cookies(&response).len(), 2);
}

#[test]
fn a_name_gets_one_tombstone_and_the_longest_life_counts() {
    // Two cookies of one family, with lifetimes that differ: a login that is remembered, and a later one for an hour.
    let long = Lifetimes::default().max_lifetime(Duration::from_secs(80 * DAY));
    let (sessions, clock) = sessions_with::<Visitor>(|builder| builder.lifetimes(long));
    let remembered = testing::request(&sessions, |session| {
        session.log_in(Visitor { user: Some(7), ..Visitor::default() });
        session.set_lifetime(Duration::from_secs(80 * DAY));
    });
    clock.advance(Duration::from_secs(60));
    let (_, response) = respond(&sessions, &remembered, |session| {
        session.cycle_id();
        session.set_lifetime(Duration::from_secs(3600));
    });
    let short = crate::util::value(&testing::next_request(&response));
    let short = format!("__Host-session={short}").split("; ").next().unwrap().to_owned();
    for pairs in [[pair(&remembered), short.clone()], [short.clone(), pair(&remembered)]] {
        let (_, response) = respond(&sessions, &request(&pairs), Session::destroy);
        let lines = set_cookies(&response);
        let mut names: Vec<_> = lines.iter().map(|line| line.split('=').next().unwrap()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!((names.len(), lines.len()), (2, 2), "each name once: {lines:?}");
        assert_eq!(max_age(&lines[0]), 80 * DAY - 60 + 3660, "{lines:?}");
    }
}

#[test]
fn any_number_of_equal_copies_ends_and_four_that_differ() {
    let (sessions, clock) = sessions();
    let mut others = Vec::new();
    for _ in 0..5 {
        clock.advance(Duration::from_secs(1));
        others.push(pair(&logged_in(&sessions)));
    }
    let equal = vec![others[0].clone(); 9];
    for (carried, ended) in [(&equal, 1), (&others, 4)] {
        let (_, response) = respond(&sessions, &request(carried), Session::destroy);
        let tombstones: Vec<_> = set_cookies(&response)
            .iter()
            .filter(|line| line.contains(".out."))
            .map(|line| line.split(';').next().unwrap().to_owned())
            .collect();
        assert_eq!(tombstones.len(), ended);
        for (at, copy) in carried.iter().enumerate() {
            let mut pairs = tombstones.clone();
            pairs.push(copy.clone());
            let expected = if carried == &equal || at < 4 { "ended" } else { "ok" };
            assert_eq!(outcome(&sessions, &request(&pairs)), expected, "{at}");
        }
    }
}

#[test]
fn what_has_a_tombstone_or_is_over_gets_no_other() {
    let (sessions, clock) = sessions();
    let headers = logged_in(&sessions);
    let marked = request(&[pair(&headers), format!("{}=1", tombstone_name(&sessions, &headers))]);
    let (saved, response) = respond(&sessions, &marked, Session::destroy);
    assert_eq!((saved, set_cookies(&response).len()), (Saved::Removed, 1));
    clock.set(NOW + 7 * DAY);
    let (saved, response) = respond(&sessions, &headers, Session::destroy);
    assert_eq!((saved, set_cookies(&response).len()), (Saved::Removed, 1));
    // Idle is not over: a response in flight may still write it.
    clock.set(NOW + DAY);
    let (_, response) = respond(&sessions, &headers, Session::destroy);
    assert_eq!(set_cookies(&response).len(), 2);
}

#[test]
fn an_unreadable_cookie_is_removed_without_a_tombstone() {
    let (sessions, clock) = sessions();
    let other = crate::util::sessions_of(sealed_session::KeyRing::new(testing::key(8)), &clock);
    let (saved, response) = respond(&other, &logged_in(&sessions), Session::destroy);
    assert_eq!((saved, set_cookies(&response).len()), (Saved::Removed, 1));
}

#[test]
fn a_logout_removes_the_last_seen_too() {
    let (sessions, _) = sessions();
    let with_last_seen = request(&[pair(&logged_in(&sessions)), "__Host-session.seen=x".to_owned()]);
    let (_, response) = respond(&sessions, &with_last_seen, Session::destroy);
    let lines = set_cookies(&response);
    assert!(
        lines.iter().any(|line| line.starts_with("__Host-session.seen=; ") && line.ends_with("Max-Age=0"))
    );
    assert_eq!(lines.len(), 3);
}

#[test]
fn the_ninth_tombstone_makes_room_and_reads_remove_none() {
    let (sessions, _) = sessions();
    let tombstone = |at: usize, value: &str| format!("__Host-session.out.{at:016x}={value}");
    let headers = logged_in(&sessions);
    for (count, removed) in [(7, None), (8, Some(3)), (9, Some(3)), (60, Some(3))] {
        let mut pairs: Vec<_> =
            (0..count).map(|at| tombstone(at, if at == 3 { "5" } else { "1800000000" })).collect();
        pairs.push(pair(&headers));
        let request = request(&pairs);
        let (saved, response) = respond(&sessions, &request, |session| assert_eq!(session.user, Some(7)));
        assert_eq!((saved, set_cookies(&response).len()), (Saved::Unchanged, 0));
        let (_, response) = respond(&sessions, &request, Session::destroy);
        let removals: Vec<_> = set_cookies(&response)
            .into_iter()
            .filter(|line| line.contains(".out.") && line.ends_with("Max-Age=0"))
            .collect();
        let expected: Vec<_> = removed
            .map(|at| format!("{}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0", tombstone(at, "")))
            .into_iter()
            .collect();
        assert_eq!(removals, expected, "{count}");
    }
    // A value that is no number is the smallest.
    let mut pairs: Vec<_> = (0..8).map(|at| tombstone(at, if at == 6 { "junk" } else { "1" })).collect();
    pairs.push(pair(&headers));
    let (_, response) = respond(&sessions, &request(&pairs), Session::destroy);
    assert!(set_cookies(&response).iter().any(|line| line.starts_with(&tombstone(6, ""))));
    // Of equals it is the first.
    let mut pairs: Vec<_> = (0..8).map(|at| tombstone(at, "7")).collect();
    pairs.push(pair(&headers));
    let (_, response) = respond(&sessions, &request(&pairs), Session::destroy);
    assert!(set_cookies(&response).iter().any(|line| line.starts_with(&tombstone(0, ""))));
}

#[test]
fn a_thousand_tombstones_are_defined() {
    let (sessions, _) = sessions();
    let headers = logged_in(&sessions);
    let mut pairs: Vec<_> = (0..1000).map(|at| format!("__Host-session.out.{at:016x}={at}")).collect();
    pairs.push(pair(&headers));
    assert_eq!(outcome(&sessions, &request(&pairs)), "ok");
    pairs.push(format!("{}=1", tombstone_name(&sessions, &headers)));
    assert_eq!(outcome(&sessions, &request(&pairs)), "ended");
}
