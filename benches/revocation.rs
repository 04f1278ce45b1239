//! What revocations cost a load, what it takes to add one, and their memory: `cargo bench --bench revocation`.
//!
//! The rows of the first table take turns over 64 sessions of different families; nanoseconds, lower quartiles. Compare
//! rows of one run.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a benchmark may panic")]

use std::hint::black_box;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use http::{HeaderMap, header};
use sealed_session::revocation::Revocations;
use sealed_session::{Algorithm, FamilyId, Key, KeyRing, Sessions, testing};

const ROUNDS: usize = 400;
const VISITORS: usize = 64;
/// About the size of a usual session, with the user in front.
type Visitor = (u64, String);

fn main() {
    loads();
    additions();
    memory();
}

/// Fills in what has been revoked.
type Fill = dyn Fn(&Revocations);

fn loads() {
    let nothing = |_: &Revocations| ();
    let rows: [(&str, Option<&Fill>); 5] = [
        ("without `Revocations`", None),
        ("nothing revoked", Some(&nothing)),
        ("100 000 families revoked", Some(&|revocations| families(revocations, 0..100_000))),
        ("1 000 000 families revoked", Some(&|revocations| families(revocations, 0..1_000_000))),
        ("100 000 people logged out since this one logged in", Some(&people)),
    ];
    let mut nodes: Vec<_> = rows.map(|(name, fill)| Node::new(name, fill)).into_iter().collect();
    for _ in 0..ROUNDS {
        nodes.iter_mut().for_each(Node::round);
    }
    println!("| a load | ns | more than without |\n|---|---:|---:|");
    let mut first = None;
    for node in &mut nodes {
        node.spent.sort_by(f64::total_cmp);
        let spent = node.spent[node.spent.len() / 4];
        println!("| {} | {spent:.0} | {:.0} |", node.name, spent - *first.get_or_insert(spent));
    }
}

struct Node {
    name: &'static str,
    sessions: Sessions<Visitor>,
    requests: Vec<HeaderMap>,
    spent: Vec<f64>,
}

impl Node {
    fn new(name: &'static str, fill: Option<&Fill>) -> Self {
        let revocations = Revocations::new();
        let mut builder = Sessions::<Visitor>::builder(ring());
        if fill.is_some() {
            builder = builder.revocations(&revocations).subject(|visitor| Some(visitor.0.to_be_bytes()));
        }
        let sessions = builder.build().expect("the defaults");
        let request = |user| {
            let visitor = (1 << 40 | user as u64, "s".repeat(220));
            HeaderMap::from_iter([(header::COOKIE, testing::cookie(&sessions, visitor))])
        };
        let requests = (0..VISITORS).map(request).collect();
        if let Some(fill) = fill {
            fill(&revocations);
        }
        Self { name, sessions, requests, spent: Vec::new() }
    }

    fn round(&mut self) {
        let load = |request: &HeaderMap| {
            black_box(self.sessions.load(black_box(request)).data());
        };
        self.requests.iter().take(VISITORS / 4).for_each(load);
        let start = Instant::now();
        self.requests.iter().for_each(load);
        self.spent.push(start.elapsed().as_nanos() as f64 / VISITORS as f64);
    }
}

/// The same one everywhere: what one process seals, another one opens.
fn ring() -> KeyRing {
    static RING: LazyLock<KeyRing> =
        LazyLock::new(|| KeyRing::new(Key::generate(Algorithm::Xaes256Gcm).expect("random bytes")));
    RING.clone()
}

fn family(number: u64) -> FamilyId {
    // The finalizer of SplitMix64: as spread as random families are.
    let mixed =
        (number ^ number >> 30).wrapping_add(0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    FamilyId::from_bytes(((mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb)).to_le_bytes())
}

fn families(revocations: &Revocations, numbers: std::ops::Range<u64>) {
    for number in numbers {
        revocations.revoke_family(family(number)).expect("built");
    }
}

fn people(revocations: &Revocations) {
    for number in 0..100_000_u64 {
        revocations.revoke_subject(number.to_be_bytes()).expect("built");
    }
}

fn prepared() -> (Revocations, Sessions<Visitor>) {
    let revocations = Revocations::new();
    let builder = Sessions::<Visitor>::builder(ring()).revocations(&revocations);
    let sessions = builder.build().expect("the defaults");
    (revocations, sessions)
}

/// One at a time, as they are made; and as a process that starts reads them.
fn additions() {
    let (revocations, _sessions) = prepared();
    families(&revocations, 0..100_000);
    let start = Instant::now();
    families(&revocations, 100_000..110_000);
    let one = start.elapsed() / 10_000;
    let lines = revocations.changes(&mut Default::default()).expect("random bytes").join("\n");
    let (starting, _sessions) = prepared();
    let start = Instant::now();
    let (merged, _) = starting.sync(&lines).expect("built");
    let all: Duration = start.elapsed() / 110_000;
    assert_eq!(merged.added, 110_000);
    println!("\n| to add | µs |\n|---|---:|");
    println!("| one to 100 000, as a burst of 10 000 calls | {:.1} |", one.as_nanos() as f64 / 1000.0);
    println!("| one of 110 000 that a process reads at its start | {:.1} |", all.as_nanos() as f64 / 1000.0);
}

fn memory() {
    println!("\n| revoked | bytes for each |\n|---|---:|");
    for count in [1_000, 100_000, 1_000_000] {
        let (revocations, _sessions) = prepared();
        let used = allocation_counter::measure(|| families(&revocations, 0..count));
        println!("| {count} | {} |", used.bytes_current / count as i64);
    }
}
