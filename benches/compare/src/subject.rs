//! What is measured, and how a block of calls is timed.

use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use http::{HeaderMap, HeaderValue, header};

/// Calls that bring a subject's code and data into the caches, which the one before it had.
const WARMING: u32 = 16;

/// Calls that count: few enough that the blocks of all subjects take turns.
const TIMED: u32 = 32;

/// What one call took.
#[derive(Clone, Copy, Default)]
pub struct Spent {
    pub nanoseconds: f64,
    pub allocations: f64,
}

/// Runs one block.
pub type Measure = Box<dyn FnMut() -> Spent>;

/// A library with one of the sessions.
pub struct Subject {
    pub name: String,
    /// Characters of the cookie's value.
    pub value: usize,
    pub load: Option<Timed>,
    pub save: Option<Timed>,
}

/// A measurement and what has to be taken off it: the same call without the library.
pub struct Timed {
    pub with: Measure,
    pub without: Option<Measure>,
}

impl From<Measure> for Timed {
    fn from(with: Measure) -> Self {
        Self { with, without: None }
    }
}

/// Times a block of calls.
pub fn block(mut call: impl FnMut()) -> Spent {
    (0..WARMING).for_each(|_| call());
    let allocations = crate::count::allocations();
    let start = Instant::now();
    (0..TIMED).for_each(|_| call());
    let nanoseconds = start.elapsed().as_nanos() as f64;
    let allocations = (crate::count::allocations() - allocations) as f64;
    Spent { nanoseconds: nanoseconds / f64::from(TIMED), allocations: allocations / f64::from(TIMED) }
}

/// Times each call of a block by itself, and not what prepares it; what reading the clock takes is taken off.
pub fn prepared<R>(mut prepare: impl FnMut() -> R, mut call: impl FnMut(R)) -> Spent {
    (0..WARMING).for_each(|_| call(prepare()));
    let (mut spent, mut clock, mut allocations) = (Duration::ZERO, Duration::ZERO, 0);
    for _ in 0..TIMED {
        let prepared = prepare();
        let before = crate::count::allocations();
        let start = Instant::now();
        call(prepared);
        spent += start.elapsed();
        allocations += crate::count::allocations() - before;
        let start = Instant::now();
        clock += start.elapsed();
    }
    let nanoseconds = spent.saturating_sub(clock).as_nanos() as f64 / f64::from(TIMED);
    Spent { nanoseconds, allocations: allocations as f64 / f64::from(TIMED) }
}

/// The name of the cookie, for everyone.
pub const NAME: &str = "__Host-session";

/// The headers of a request: three other cookies, then these.
pub fn request(cookies: &str) -> HeaderMap {
    let line = format!("theme=dark; _ga=GA1.1.12345.67890; lang=en-GB; {cookies}");
    HeaderMap::from_iter([(header::COOKIE, HeaderValue::try_from(line).expect("a cookie line"))])
}

/// The `name=value` of the first cookie that a response sets.
pub fn pair(response: &HeaderMap) -> String {
    let line = response.get(header::SET_COOKIE).expect("a Set-Cookie").to_str().expect("text");
    line.split(';').next().unwrap_or_default().to_owned()
}

/// How long the value of a pair is.
pub fn value_length(pair: &str) -> usize {
    pair.len() - NAME.len() - 1
}

/// Runs a future that has nothing to wait for.
pub fn at_once<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("nothing here waits"),
    }
}
