//! Waiting for another process or a page.

use std::thread;
use std::time::{Duration, Instant};

/// Asks until there is an answer, and fails after 30 seconds without one.
#[track_caller]
pub fn until<A>(what: &str, mut ask: impl FnMut() -> Option<A>) -> A {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < deadline, "waited 30 seconds in vain: {what}");
        thread::sleep(Duration::from_millis(10));
    }
}
