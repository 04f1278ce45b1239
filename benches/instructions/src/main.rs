//! Loads or saves a session so many times, for callgrind to count: `sealed-session-instructions load S 100`
//!
//! Two counts of different numbers of calls, subtracted, leave the calls alone: see .ci/steps/instructions.

#[path = "../../compare/src/data.rs"]
#[allow(dead_code, reason = "nothing is changed here")]
mod data;

use std::hint::black_box;

use data::Data;
use http::HeaderMap;
use sealed_session::{Sessions, testing};

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [verb, size, calls] = &arguments[..] else { panic!("load or save, S or M or L, a number") };
    let calls = calls.parse().expect("a number");
    match size.as_str() {
        "S" => run(verb, data::small(), calls),
        "M" => run(verb, data::middling(), calls),
        "L" => run(verb, data::large(), calls),
        _ => panic!("S or M or L"),
    }
}

fn run<T: Data>(verb: &str, data: T, calls: usize) {
    // The clock stands still, so that the count does not depend on when it is taken.
    let clock = testing::Clock::at(1_800_000_000);
    let sessions: Sessions<T> =
        Sessions::builder(testing::key_ring()).clock(clock.reader()).build().expect("the defaults");
    let mut line = b"theme=dark; _ga=GA1.1.12345.67890; lang=en-GB; ".to_vec();
    line.extend_from_slice(testing::cookie(&sessions, data).as_bytes());
    let line = http::HeaderValue::from_bytes(&line).expect("a cookie line");
    let request = HeaderMap::from_iter([(http::header::COOKIE, line)]);
    let load = || sessions.load(black_box(&request));
    match verb {
        "load" => (0..calls).for_each(|_| drop(black_box(load().into_data()))),
        "save" => {
            let mut response = HeaderMap::with_capacity(8);
            // As many sessions are loaded for every number of calls.
            let mut loaded: Vec<_> = (0..MOST).map(|_| load()).collect();
            for _ in 0..calls.min(MOST) {
                let mut session = loaded.pop().expect("one for each call");
                session.mark_changed();
                response.clear();
                sessions.save(session, black_box(&mut response)).expect("it fits");
            }
        }
        _ => panic!("load or save"),
    }
}

const MOST: usize = 400;
