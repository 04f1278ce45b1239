//! Load and save of a small and a middling session, and what a login, a renewal and a last-seen cookie add, in
//! nanoseconds: `cargo bench --bench load_save`
//!
//! Lower quartiles of rounds in which all rows take turns, so that a machine that changes its speed changes it for all.
//! Compare rows of one run, not runs. `RUSTFLAGS='--cfg sha2_backend="soft"'` measures XChaCha20-Poly1305 as on a
//! processor without SHA instructions.

#![allow(clippy::expect_used, reason = "a benchmark may panic")]

use std::hint::black_box;
use std::time::{Duration, Instant, SystemTime};

use http::{HeaderMap, HeaderValue, header};
use sealed_session::token::Expires;
use sealed_session::{Algorithm, Key, KeyRing, Saved, Session, SessionData, Sessions, Tokens, testing};
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

fn small() -> Small {
    Small { user: Some(4_711), admin: true, theme: 2 }
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

/// One row: what is done, and how long a call takes, in nanoseconds.
struct Row {
    what: &'static str,
    measure: Box<dyn FnMut() -> f64>,
    rounds: Vec<f64>,
}

impl Row {
    fn new(what: &'static str, measure: Box<dyn FnMut() -> f64>) -> Self {
        Self { what, measure, rounds: Vec::new() }
    }

    fn nanoseconds(&mut self) -> f64 {
        self.rounds.sort_by(f64::total_cmp);
        self.rounds.get(self.rounds.len() / 4).copied().unwrap_or_default()
    }
}

/// A group of rows of one session under one algorithm.
struct Group {
    name: &'static str,
    cookie: usize,
    rows: Vec<Row>,
}

impl Group {
    fn of(&mut self, what: &str) -> f64 {
        self.rows.iter_mut().find(|row| row.what == what).expect("a row of this name").nanoseconds()
    }
}

const LOAD: &str = "load";
const LOAD_SEEN: &str = "load, with a last-seen cookie";
const OPEN: &str = "open a token of 20 bytes: what a sealed last-seen cookie would add to a load";
const SAVE: &str = "save";
const RENEWAL: &str = "a renewal";
const FIRST: &str = "a first save";
const NEW_ID: &str = "a new ID";
const LOGIN: &str = "a login";

fn group<T: SessionData + Clone>(name: &'static str, algorithm: Algorithm, data: &T) -> Group {
    let ring = KeyRing::new(Key::generate(algorithm).expect("random bytes"));
    let sessions: Sessions<T> = Sessions::new(ring.clone()).expect("the defaults");
    let request = testing::request(&sessions, |session| session.log_in(data.clone()));
    let cookie = request.get(header::COOKIE).map_or(0, HeaderValue::len);

    // Sealed three hours ago, and renewed just now.
    let earlier = || SystemTime::now() - Duration::from_secs(3 * 3600);
    let past = Sessions::<T>::builder(ring.clone()).clock(earlier).build().expect("the defaults");
    let old = testing::request(&past, |session| session.log_in(data.clone()));
    let mut response = HeaderMap::new();
    let session = sessions.load(&old);
    black_box(session.data());
    assert_eq!(sessions.save(session, &mut response), Ok(Saved::Renewed));
    let mut seen = old.clone();
    for (_, pair) in &testing::next_request(&response) {
        seen.append(header::COOKIE, pair.clone());
    }

    let tokens = Tokens::new(ring, "", "a label").expect("a label");
    let token = tokens.seal(&[7; 20], Expires::Never).expect("random bytes");
    let stranger = line(&[]);
    let rows = vec![
        Row::new(LOAD, load(&sessions, &with_others(&request))),
        Row::new(LOAD_SEEN, load(&sessions, &with_others(&seen))),
        Row::new(OPEN, Box::new(move || block(|| drop(black_box(tokens.open(&token)))))),
        Row::new(SAVE, save(&sessions, &request, Session::mark_changed, |_, _| ())),
        Row::new(
            RENEWAL,
            save(
                &sessions,
                &old,
                |session| {
                    black_box(session.data());
                },
                |_, _| (),
            ),
        ),
        Row::new(FIRST, save(&sessions, &stranger, first(data), |_, _| ())),
        Row::new(NEW_ID, save(&sessions, &request, Session::cycle_id, |_, _| ())),
        Row::new(
            LOGIN,
            save(&sessions, &request, |_| (), {
                let data = data.clone();
                move |session, spare| session.log_in(spare.pop().unwrap_or_else(|| data.clone()))
            }),
        ),
    ];
    Group { name, cookie, rows }
}

fn first<T: SessionData + Clone>(data: &T) -> impl Fn(&mut Session<T>) + use<T> {
    let data = data.clone();
    move |session| {
        session.replace(data.clone());
        session.mark_changed();
    }
}

/// The headers of a request with three other cookies before these.
fn with_others(request: &HeaderMap) -> HeaderMap {
    let ours: Vec<_> = request.get_all(header::COOKIE).iter().map(HeaderValue::as_bytes).collect();
    line(&ours)
}

fn line(ours: &[&[u8]]) -> HeaderMap {
    let mut line = b"theme=dark; _ga=GA1.1.12345.67890; lang=en-GB".to_vec();
    for pair in ours {
        line.extend_from_slice(b"; ");
        line.extend_from_slice(pair);
    }
    HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_bytes(&line).expect("a cookie line"))])
}

fn load<T: SessionData>(sessions: &Sessions<T>, request: &HeaderMap) -> Box<dyn FnMut() -> f64> {
    let (sessions, request) = (sessions.clone(), request.clone());
    Box::new(move || {
        block(|| {
            black_box(sessions.load(black_box(&request)).into_data());
        })
    })
}

/// Each save is timed by itself; what reading the clock takes is taken off. `before` is what has happened to the session
/// when the time begins, and `within` what happens in it, with data that was made before.
fn save<T: SessionData + Clone>(
    sessions: &Sessions<T>,
    request: &HeaderMap,
    before: impl Fn(&mut Session<T>) + 'static,
    within: impl Fn(&mut Session<T>, &mut Vec<T>) + 'static,
) -> Box<dyn FnMut() -> f64> {
    let (sessions, request) = (sessions.clone(), request.clone());
    let mut response = HeaderMap::with_capacity(8);
    Box::new(move || {
        let (mut spent, mut clock) = (Duration::ZERO, Duration::ZERO);
        for call in 0..WARMING + CALLS {
            let mut session = sessions.load(&request);
            let mut spare = vec![session.data().clone()];
            before(&mut session);
            let start = Instant::now();
            response.clear();
            within(&mut session, &mut spare);
            black_box(sessions.save(session, black_box(&mut response)).expect("it fits"));
            let saved = Instant::now();
            if call >= WARMING {
                spent += saved - start;
                clock += saved.elapsed();
            }
        }
        spent.saturating_sub(clock).as_nanos() as f64 / f64::from(CALLS)
    })
}

fn block(mut call: impl FnMut()) -> f64 {
    (0..WARMING).for_each(|_| call());
    let start = Instant::now();
    (0..CALLS).for_each(|_| call());
    start.elapsed().as_nanos() as f64 / f64::from(CALLS)
}

fn main() {
    let (xaes, xchacha) = (Algorithm::Xaes256Gcm, Algorithm::XChaCha20Poly1305);
    let mut groups = [
        group("small, XAES-256-GCM", xaes, &small()),
        group("middling, XAES-256-GCM", xaes, &middling()),
        group("small, XChaCha20-Poly1305", xchacha, &small()),
        group("middling, XChaCha20-Poly1305", xchacha, &middling()),
    ];
    for _ in 0..ROUNDS {
        for row in groups.iter_mut().flat_map(|group| &mut group.rows) {
            row.rounds.push((row.measure)());
        }
    }
    for group in &mut groups {
        println!("\n{}: {} characters of cookie\n\n| | ns |\n|---|---:|", group.name, group.cookie);
        for row in &mut group.rows {
            let nanoseconds = row.nanoseconds();
            println!("| {} | {nanoseconds:.0} |", row.what);
        }
    }
    println!("\n| ratio | goal |{}", groups.each_ref().map(|group| format!(" {} |", group.name)).concat());
    println!("|---|---:|{}", "---:|".repeat(groups.len()));
    type Ratio = fn(&mut Group) -> f64;
    let ratios: [(&str, &str, Ratio); 5] = [
        ("what a last-seen cookie adds, to opening a sealed one", "0.60", |group| {
            (group.of(LOAD_SEEN) - group.of(LOAD)) / group.of(OPEN)
        }),
        ("a renewal, to a save", "0.45 of small", |group| group.of(RENEWAL) / group.of(SAVE)),
        ("a first save, to a save", "1.12", |group| group.of(FIRST) / group.of(SAVE)),
        ("a new ID, to a save", "1.25", |group| group.of(NEW_ID) / group.of(SAVE)),
        ("a login, to a save", "1.35", |group| group.of(LOGIN) / group.of(SAVE)),
    ];
    for (what, goal, ratio) in ratios {
        let found = groups.each_mut().map(|group| format!(" {:.2} |", ratio(group)));
        println!("| {what} | {goal} |{}", found.concat());
    }
}

const ROUNDS: u32 = 500;
const CALLS: u32 = 64;
const WARMING: u32 = 16;
