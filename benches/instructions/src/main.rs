//! Loads or saves a session so many times, for callgrind to count: `sealed-session-instructions load S 100`. Or loads
//! it with a last-seen cookie (`seen`), renews it (`renew`), saves it for the first time (`first`), under a new ID
//! (`cycle`) or by a login (`login`).
//!
//! Two counts of different numbers of calls, subtracted, leave the calls alone: see .ci/steps/instructions.

#[path = "../../compare/src/data.rs"]
#[allow(dead_code, reason = "nothing is changed here")]
mod data;

use std::hint::black_box;
use std::time::Duration;

use data::Data;
use http::HeaderMap;
use http::header::COOKIE;
use sealed_session::{Saved, Sessions, testing};

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [verb, size, calls] = &arguments[..] else { panic!("what, S or M or L, a number") };
    let (verb, calls) = (Verb::of(verb), calls.parse().expect("a number"));
    match size.as_str() {
        "S" => run(verb, &data::small(), calls),
        "M" => run(verb, &data::middling(), calls),
        "L" => run(verb, &data::large(), calls),
        _ => panic!("S or M or L"),
    }
}

/// What is counted: a load, or a save and what comes before it.
#[derive(Clone, Copy, PartialEq)]
enum Verb {
    Load,
    /// With a last-seen cookie in the request.
    Seen,
    Save,
    Renew,
    First,
    Cycle,
    LogIn,
}

impl Verb {
    fn of(name: &str) -> Self {
        match name {
            "load" => Self::Load,
            "seen" => Self::Seen,
            "save" => Self::Save,
            "renew" => Self::Renew,
            "first" => Self::First,
            "cycle" => Self::Cycle,
            "login" => Self::LogIn,
            _ => panic!("load, seen, save, renew, first, cycle or login"),
        }
    }
}

fn run<T: Data>(verb: Verb, data: &T, calls: usize) {
    // The clock stands still, so that the count does not depend on when it is taken.
    let clock = testing::Clock::at(1_800_000_000);
    let sessions: Sessions<T> =
        Sessions::builder(testing::key_ring()).clock(clock.reader()).build().expect("the defaults");
    let mut line = b"theme=dark; _ga=GA1.1.12345.67890; lang=en-GB".to_vec();
    let mut add = |pair: &[u8]| {
        line.extend_from_slice(b"; ");
        line.extend_from_slice(pair);
    };
    let cookie = testing::cookie(&sessions, data.clone());
    if verb != Verb::First {
        add(cookie.as_bytes());
    }
    if matches!(verb, Verb::Seen | Verb::Renew) {
        clock.advance(Duration::from_secs(3 * 3600));
    }
    if verb == Verb::Seen {
        let session = sessions.load(&HeaderMap::from_iter([(COOKIE, cookie)]));
        black_box(session.data());
        let mut response = HeaderMap::new();
        assert_eq!(sessions.save(session, &mut response), Ok(Saved::Renewed));
        testing::next_request(&response).values().for_each(|pair| add(pair.as_bytes()));
    }
    let line = http::HeaderValue::from_bytes(&line).expect("a cookie line");
    let request = HeaderMap::from_iter([(COOKIE, line)]);
    let load = || sessions.load(black_box(&request));
    if matches!(verb, Verb::Load | Verb::Seen) {
        (0..calls).for_each(|_| drop(black_box(load().into_data())));
        return;
    }
    let mut response = HeaderMap::with_capacity(8);
    // As many sessions are loaded for every number of calls.
    let mut loaded: Vec<_> = (0..MOST).map(|_| load()).collect();
    for _ in 0..calls.min(MOST) {
        let mut session = loaded.pop().expect("one for each call");
        match verb {
            Verb::Load | Verb::Seen | Verb::Save => session.mark_changed(),
            Verb::Renew => _ = black_box(session.data()),
            Verb::First => _ = session.replace(data.clone()),
            Verb::Cycle => session.cycle_id(),
            Verb::LogIn => session.log_in(data.clone()),
        }
        response.clear();
        sessions.save(session, black_box(&mut response)).expect("it fits");
    }
}

const MOST: usize = 400;
