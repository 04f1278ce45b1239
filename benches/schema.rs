//! What the schema of a type costs: once when sessions are built, and nothing per request. `cargo bench --bench schema`
//!
//! Medians of interleaved batches. A build walks the type only if no earlier build did, from the same values. The last
//! two rows load the same session, once with a schema that was computed and once with a pinned one.

#![allow(clippy::expect_used, reason = "a benchmark may panic")]

#[path = "../src/data/schema/tests/checkout.rs"]
mod checkout;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use checkout::{Checkout, Country};
use sealed_session::{Algorithm, Key, KeyRing, SessionData, Sessions, testing};
use serde::{Deserialize, Serialize};

#[derive(Clone, Default, Serialize, Deserialize)]
enum Role {
    #[default]
    Guest,
    Member(u64),
    Staff {
        team: String,
        until: Option<u64>,
    },
}

macro_rules! wide {
    ($($number:ident $text:ident $list:ident $role:ident $place:ident)*) => {
        /// Fifty fields of mixed types.
        #[derive(Clone, Default, Serialize, Deserialize)]
        struct Wide {
            $($number: u64, $text: String, $list: Vec<Option<String>>, $role: Role, $place: Option<IpAddr>,)*
        }
    };
}
wide! {
    a0 b0 c0 d0 e0  a1 b1 c1 d1 e1  a2 b2 c2 d2 e2  a3 b3 c3 d3 e3  a4 b4 c4 d4 e4
    a5 b5 c5 d5 e5  a6 b6 c6 d6 e6  a7 b7 c7 d7 e7  a8 b8 c8 d8 e8  a9 b9 c9 d9 e9
}

macro_rules! sixty {
    ($($field:ident)*) => {
        /// Sixty fields of one large enum.
        #[derive(Clone, Default, Serialize, Deserialize)]
        struct Sixty { number: u64, $($field: Country,)* }
    };
}
sixty! {
    a0 a1 a2 a3 a4 a5 a6 a7 a8 a9 b0 b1 b2 b3 b4 b5 b6 b7 b8 b9 c0 c1 c2 c3 c4 c5 c6 c7 c8 c9
    d0 d1 d2 d3 d4 d5 d6 d7 d8 d9 e0 e1 e2 e3 e4 e5 e6 e7 e8 e9 f0 f1 f2 f3 f4 f5 f6 f7 f8 f9
}

/// Refused, after as much work as the walk may be.
#[derive(Clone, Serialize, Deserialize)]
struct Refused(Vec<u64>);

impl Default for Refused {
    fn default() -> Self {
        Self(vec![0; 1_000_000])
    }
}

/// One for all: a ring with a published key would be reported.
fn ring() -> KeyRing {
    static RING: LazyLock<KeyRing> =
        LazyLock::new(|| KeyRing::new(Key::generate(Algorithm::Xaes256Gcm).expect("random bytes")));
    RING.clone()
}

fn build<T: SessionData>(pinned: bool) -> Sessions<T> {
    let builder = Sessions::builder(ring());
    if pinned { builder.schema("pinned") } else { builder }.build().expect("a schema")
}

/// With another sample each time, so that no earlier build has walked from it.
fn build_first<T: SessionData>(sample: T) -> Sessions<T> {
    Sessions::builder(ring()).sample(sample).build().expect("a schema")
}

fn main() {
    let count = AtomicU64::new(0);
    let next = move || count.fetch_add(1, Ordering::Relaxed);
    let count = AtomicU64::new(0);
    let next_text = move || count.fetch_add(1, Ordering::Relaxed).to_string();
    let count = AtomicU64::new(0);
    let next_user = move || count.fetch_add(1, Ordering::Relaxed);
    let count = AtomicU64::new(0);
    let next_number = move || count.fetch_add(1, Ordering::Relaxed);
    let computed = build::<Wide>(false);
    let pinned = build::<Wide>(true);
    let request = |sessions: &Sessions<Wide>| testing::request(sessions, |session| session.a0 = 7);
    let (of_computed, of_pinned) = (request(&computed), request(&pinned));
    let row = |what, calls, work| Row { what, calls, work, times: Vec::new() };
    let mut rows = [
        row(
            "first build, BTreeMap<String, String>",
            20,
            Box::new(move || drop(build_first(BTreeMap::from([(next_text(), String::new())]))))
                as Box<dyn Fn()>,
        ),
        row(
            "first build, fifty fields",
            5,
            Box::new(move || drop(build_first(Wide { a0: next(), ..Wide::default() }))),
        ),
        row(
            "first build, checkout: an enum of 249 behind many paths",
            1,
            Box::new(move || drop(build_first(Checkout { user: Some(next_user()), steps: Vec::new() }))),
        ),
        row(
            "first build, sixty fields of an enum of 249",
            1,
            Box::new(move || drop(build_first(Sixty { number: next_number(), ..Sixty::default() }))),
        ),
        row(
            "a refusal, of a type that takes too long",
            1,
            Box::new(|| drop(Sessions::<Refused>::new(ring()))),
        ),
        row(
            "1000 more builds, fifty fields",
            1,
            Box::new(|| (0..1000).for_each(|_| drop(build::<Wide>(false)))),
        ),
        row("build, fifty fields, pinned", 20, Box::new(|| drop(build::<Wide>(true)))),
        row("load, fifty fields", 500, Box::new(move || drop(computed.load(&of_computed).into_data()))),
        row("load, fifty fields, pinned", 500, Box::new(move || drop(pinned.load(&of_pinned).into_data()))),
    ];
    for _ in 0..41 {
        for Row { calls, work, times, .. } in &mut rows {
            let start = Instant::now();
            (0..*calls).for_each(|_| work());
            times.push(start.elapsed().as_secs_f64() * 1e6 / f64::from(*calls));
        }
    }
    println!("| what | µs |\n|---|---|");
    for Row { what, times, .. } in &mut rows {
        times.sort_by(f64::total_cmp);
        println!("| {what} | {:.2} |", times.get(times.len() / 2).copied().unwrap_or_default());
    }
}

struct Row {
    what: &'static str,
    calls: u32,
    work: Box<dyn Fn()>,
    times: Vec<f64>,
}
