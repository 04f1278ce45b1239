//! Requests that no person caused: they keep no session alive, also where they write.

use std::time::Duration;

use crate::util::{DAY, NOW, Visitor, logged_in, outcome, respond, sessions, sessions_with};
use http::HeaderMap;
use http::header::COOKIE;
use sealed_session::{Lifetimes, Saved, Session, testing};

const HOUR: u64 = 3600;

fn poll(session: &mut Session<Visitor>) {
    session.skip_renewal();
    session.name.push('x');
}

/// The cookies of both, as a browser keeps them: the later of one name.
fn browser(jar: &mut HeaderMap, response: &HeaderMap) {
    let mut kept: Vec<(String, String)> = Vec::new();
    let next = testing::next_request(response);
    for line in jar.get_all(COOKIE).iter().chain(next.get_all(COOKIE)) {
        for pair in line.to_str().unwrap().split("; ") {
            let (name, value) = pair.split_once('=').unwrap();
            kept.retain(|(known, _)| known != name);
            kept.push((name.to_owned(), value.to_owned()));
        }
    }
    let line = kept.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
    *jar = crate::util::with_cookie(line);
}

#[test]
fn a_poll_that_writes_keeps_nothing_alive() {
    let (sessions, clock) = sessions();
    let mut jar = logged_in(&sessions);
    for hour in 1..24 {
        clock.set(NOW + hour * HOUR);
        let (saved, response) = respond(&sessions, &jar, poll);
        assert!(matches!(saved, Saved::Written { .. }), "hour {hour}: {saved:?}");
        browser(&mut jar, &response);
        let session = testing::load(&sessions, &jar);
        assert_eq!(session.about().idle_expires_at(), Some(testing::Clock::at(NOW + DAY).now()));
    }
    clock.set(NOW + DAY - 1);
    assert_eq!(outcome(&sessions, &jar), "ok");
    clock.set(NOW + DAY);
    assert_eq!(outcome(&sessions, &jar), "idle");
}

#[test]
fn a_person_between_polls_keeps_it_alive() {
    let (sessions, clock) = sessions();
    let mut jar = logged_in(&sessions);
    for hour in 1..=48 {
        clock.set(NOW + hour * HOUR);
        let (_, response) = respond(&sessions, &jar, poll);
        browser(&mut jar, &response);
        if hour % 12 == 0 {
            // Though the poll has just written, the idle clock is twelve hours old.
            let (saved, response) = respond(&sessions, &jar, |session| assert_eq!(session.user, Some(7)));
            assert_eq!(saved, Saved::Renewed, "hour {hour}");
            browser(&mut jar, &response);
            // And the next poll seals what the last-seen cookie says: without it the write would undo the renewal.
            let (_, response) = respond(&sessions, &jar, poll);
            let mut alone = testing::next_request(&response);
            alone.remove("set-cookie");
            let since = testing::load(&sessions, &alone).about().idle_expires_at();
            assert_eq!(since, Some(clock.now() + Duration::from_secs(DAY)), "hour {hour}");
        }
    }
    clock.set(NOW + 2 * DAY + DAY - 1);
    assert_eq!(outcome(&sessions, &jar), "ok");
}

#[test]
fn whether_it_expired_meanwhile_is_judged_by_the_idle_clock() {
    let (sessions, clock) = sessions();
    let request = logged_in(&sessions);
    // One second is left, and the handler takes two.
    let slowly = |handler: fn(&mut Session<Visitor>)| {
        clock.set(NOW + DAY - 1);
        let (saved, response) = respond(&sessions, &request, |session| {
            handler(session);
            clock.set(NOW + DAY + 1);
        });
        (matches!(saved, Saved::Written { .. }), response.contains_key("set-cookie"))
    };
    assert_eq!(slowly(poll), (false, false), "no activity: it has expired");
    assert_eq!(slowly(|session| session.name.push('x')), (true, true), "the request was activity");
}

#[test]
fn what_a_poll_may_do_beside_its_data() {
    let (sessions, clock) = sessions();
    let request = logged_in(&sessions);
    clock.set(NOW + 12 * HOUR);
    let idle_end = |handler: fn(&mut Session<Visitor>)| {
        let (_, response) = respond(&sessions, &request, |session| {
            session.skip_renewal();
            handler(session);
        });
        testing::read_back(&sessions, &response).about().idle_expires_at()
    };
    let (as_before, begun) =
        (testing::Clock::at(NOW + DAY).now(), testing::Clock::at(NOW + DAY + 12 * HOUR).now());
    assert_eq!(idle_end(Session::cycle_id), Some(as_before));
    assert_eq!(idle_end(Session::mark_changed), Some(as_before));
    assert_eq!(idle_end(Session::mark_authenticated), Some(begun), "a login is a person");
    assert_eq!(idle_end(|session| drop(session.reset())), Some(begun));
    assert_eq!(idle_end(Session::reauthenticate), Some(as_before));
    // A stranger's session begins when it is written.
    let (_, response) = respond(&sessions, &HeaderMap::new(), poll);
    assert_eq!(testing::read_back(&sessions, &response).about().idle_expires_at(), Some(begun));
}

#[test]
fn where_there_is_no_idle_clock_a_poll_is_a_write() {
    let month = Duration::from_secs(30 * DAY);
    let (sessions, clock) =
        sessions_with::<Visitor>(|builder| builder.lifetimes(Lifetimes::default().max_lifetime(month)));
    let mut jar = testing::request(&sessions, |session| session.set_lifetime(Duration::from_secs(20 * DAY)));
    for day in 1..20 {
        clock.set(NOW + day * DAY);
        let (saved, response) = respond(&sessions, &jar, poll);
        assert!(matches!(saved, Saved::Written { .. }), "day {day}");
        browser(&mut jar, &response);
    }
    assert_eq!(testing::load(&sessions, &jar).about().idle_expires_at(), None);
}
