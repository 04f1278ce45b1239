//! Calls in every order within one request: what a session says of itself before the save is what the next request
//! finds.

use std::time::{Duration, SystemTime};

use crate::util::{DAY, NOW, Visitor, sessions_with, set_cookies, with_cookie};
use http::HeaderMap;
use http::header::COOKIE;
use sealed_session::{About, Lifetimes, Saved, Session, Sessions, testing};

type Step = (&'static str, fn(&mut Session<Visitor>));

const STARTS: [Step; 4] = [
    ("anonymous", |session| session.name = "cart".into()),
    ("logged in", |session| session.log_in(user(7))),
    ("remembered", |session| {
        session.log_in(user(7));
        session.set_lifetime(Duration::from_secs(25 * DAY));
    }),
    ("anonymous and remembered", |session| {
        session.name = "cart".into();
        session.set_lifetime(Duration::from_secs(25 * DAY));
    }),
];

const STEPS: [Step; 11] = [
    ("log in", |session| session.log_in(user(8))),
    ("mark", Session::mark_authenticated),
    ("prove", Session::reauthenticate),
    ("cycle", Session::cycle_id),
    ("reset", |session| drop(session.reset())),
    ("log out", Session::destroy),
    ("revoke", Session::revoke),
    ("shorten", |session| session.set_lifetime(Duration::from_secs(2 * DAY))),
    ("remember", |session| session.set_lifetime(Duration::from_secs(20 * DAY))),
    ("poll", Session::skip_renewal),
    ("write", |session| session.name.push('x')),
];

fn user(user: u64) -> Visitor {
    Visitor { user: Some(user), ..Visitor::default() }
}

fn facts(about: About<'_>) -> (bool, Option<SystemTime>, SystemTime, SystemTime) {
    (about.is_remembered(), about.authenticated_at(), about.started(), about.expires_at())
}

#[test]
fn what_a_session_says_of_itself_is_what_the_next_request_finds() {
    let lifetimes = Lifetimes::default().max_lifetime(Duration::from_secs(30 * DAY));
    let (sessions, clock) = sessions_with::<Visitor>(|builder| builder.lifetimes(lifetimes));
    let carried = STARTS.map(|(start, handler)| (start, testing::request(&sessions, handler)));
    clock.set(NOW + DAY / 2);
    for (start, request) in carried.into_iter().chain([("stranger", HeaderMap::new())]) {
        for first in STEPS {
            for second in STEPS {
                for third in STEPS {
                    holds(&sessions, start, &request, [first, second, third]);
                }
            }
        }
    }
}

fn holds(sessions: &Sessions<Visitor>, start: &str, request: &HeaderMap, steps: [Step; 3]) {
    let names = steps.map(|(name, _)| name);
    let how = format!("{start}: {names:?}");
    let mut session = sessions.load(request);
    let id_before = session.about().id();
    steps.iter().for_each(|(_, step)| step(&mut session));
    let (said, data) = (facts(session.about()), session.data().clone());
    let (family, idle_end) = (session.about().family(), session.about().idle_expires_at());

    let mut response = HeaderMap::new();
    let saved = sessions.save(session, &mut response).unwrap();
    let lines = set_cookies(&response);
    let name_of = |line: &str| line.split('=').next().unwrap().to_owned();
    for (at, line) in lines.iter().enumerate() {
        assert!(lines[..at].iter().all(|other| name_of(other) != name_of(line)), "{how}: {lines:?}");
    }
    if !matches!(saved, Saved::Written { .. }) {
        return;
    }
    let after = testing::read_back(sessions, &response);
    assert_eq!((facts(after.about()), &*after), (said, &data), "{how}");
    assert!(family.is_none() || after.about().family() == family, "{how}");
    assert!(!names.contains(&"poll") || after.about().idle_expires_at() == idle_end, "{how}");

    // A slow response brings the earlier cookie back: it opens only if the session goes on under its ID.
    let Some(earlier) = request.get(COOKIE).filter(|_| !names.contains(&"revoke")) else { return };
    let mut line = earlier.to_str().unwrap().to_owned();
    for tombstone in lines.iter().filter(|line| line.contains(".out.")) {
        line += &format!("; {}", tombstone.split(';').next().unwrap());
    }
    let is_back = testing::load(sessions, &with_cookie(line)).about().rejection().is_none();
    assert_eq!(is_back, after.about().id() == id_before, "{how}");
}
