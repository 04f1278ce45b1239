//! Load and save of a small and a middling session, in nanoseconds: `cargo bench --bench load_save`.
//!
//! Medians of interleaved batches, so that a machine that changes its speed changes it for all rows. Compare rows of
//! one run, not runs.

#![allow(clippy::expect_used, reason = "a benchmark may panic")]

use std::hint::black_box;
use std::time::Instant;

use http::{HeaderMap, HeaderValue, header};
use sealed_session::{Algorithm, Key, KeyRing, SessionData, Sessions, testing};
use serde::{Deserialize, Serialize};

#[derive(Clone, Default, Serialize, Deserialize)]
struct Small {
    user: Option<u64>,
    admin: bool,
    theme: u8,
}

#[derive(Clone, Default, Serialize, Deserialize)]
struct Middling {
    user: u64,
    name: String,
    email: String,
    permissions: Vec<String>,
    csrf: String,
    theme: u8,
}

fn middling() -> Middling {
    Middling {
        user: 4_711,
        name: "Ada Lovelace".into(),
        email: "ada@analytical.example".into(),
        permissions: ["read", "write", "invite", "export", "billing", "audit", "support", "deploy"]
            .map(|permission| format!("project:{permission}"))
            .into(),
        csrf: "0123456789abcdef0123456789abcdef".into(),
        theme: 2,
    }
}

struct Row {
    name: &'static str,
    bytes: usize,
    load: Vec<f64>,
    save: Vec<f64>,
    measure: Box<dyn Fn() -> (f64, f64)>,
}

fn row<T: SessionData + Clone>(name: &'static str, algorithm: Algorithm, data: T) -> Row {
    let ring = KeyRing::new(Key::generate(algorithm).expect("random bytes"));
    let sessions: Sessions<T> = Sessions::new(ring).expect("the defaults");
    let cookie = testing::cookie(&sessions, data.clone());
    let bytes = cookie.len();
    let mut line = b"theme=dark; _ga=GA1.1.12345.67890; lang=en-GB; ".to_vec();
    line.extend_from_slice(cookie.as_bytes());
    let line = HeaderValue::from_bytes(&line).expect("a cookie line");
    let request = HeaderMap::from_iter([(header::COOKIE, line)]);
    let measure = Box::new(move || {
        let load = nanoseconds(|| {
            black_box(sessions.load(black_box(&request)).into_data());
        });
        // Sessions that are marked changed: no snapshot, one write each.
        let mut changed: Vec<_> = (0..CALLS)
            .map(|_| {
                let mut session = sessions.load(&request);
                session.mark_changed();
                session
            })
            .collect();
        let mut response = HeaderMap::with_capacity(8);
        let save = nanoseconds(|| {
            let session = changed.pop().expect("one for each call");
            response.clear();
            black_box(sessions.save(session, &mut response).expect("it fits"));
        });
        (load, save)
    });
    Row { name, bytes, load: Vec::new(), save: Vec::new(), measure }
}

fn nanoseconds(mut work: impl FnMut()) -> f64 {
    let start = Instant::now();
    for _ in 0..CALLS {
        work();
    }
    start.elapsed().as_nanos() as f64 / f64::from(CALLS)
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

fn main() {
    let (xaes, xchacha) = (Algorithm::Xaes256Gcm, Algorithm::XChaCha20Poly1305);
    let small = Small { user: Some(4_711), admin: true, theme: 2 };
    let mut rows = [
        row("small, XAES-256-GCM", xaes, small.clone()),
        row("middling, XAES-256-GCM", xaes, middling()),
        row("small, XChaCha20-Poly1305", xchacha, small),
        row("middling, XChaCha20-Poly1305", xchacha, middling()),
    ];
    for _ in 0..BATCHES {
        for row in &mut rows {
            let (load, save) = (row.measure)();
            row.load.push(load);
            row.save.push(save);
        }
    }
    println!("| session | cookie, bytes | load, ns | save, ns |\n|---|---|---|---|");
    for Row { name, bytes, load, save, .. } in &mut rows {
        println!("| {name} | {bytes} | {:.0} | {:.0} |", median(load), median(save));
    }
}

const BATCHES: u32 = 41;
const CALLS: u32 = 2_000;
