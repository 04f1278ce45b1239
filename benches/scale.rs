//! How the cost of a load and a save grows, and with what it does not: `cargo bench --bench scale`.
//!
//! Nanoseconds; the lower quartile of rounds in which the rows of a table take turns. What others do on the machine
//! makes rounds slower and never faster. Compare rows of one run, not runs.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a benchmark may panic")]

use std::hint::black_box;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use http::{HeaderMap, HeaderValue, header};
use sealed_session::{Key, KeyRing, SaveError, SessionData, Sessions, testing};

const ROUNDS: usize = 300;
const CALLS: u32 = 64;

fn main() {
    sizes();
    keys();
    several();
    others();
    beside();
    threads();
    rejections();
}

/// One row: what it is called, and how long a call takes, in nanoseconds.
struct Row<'a> {
    name: String,
    measure: Vec<Box<dyn FnMut() -> f64 + 'a>>,
}

fn table(head: &str, mut rows: Vec<Row<'_>>) {
    let columns = rows.first().map_or(0, |row| row.measure.len());
    println!("\n{head}\n|---|{}", "---:|".repeat(columns));
    let mut spent: Vec<Vec<Vec<f64>>> =
        rows.iter().map(|row| row.measure.iter().map(|_| Vec::new()).collect()).collect();
    for _ in 0..ROUNDS {
        for (row, spent) in rows.iter_mut().zip(&mut spent) {
            for (measure, spent) in row.measure.iter_mut().zip(spent) {
                spent.push(measure());
            }
        }
    }
    for (row, spent) in rows.iter().zip(&mut spent) {
        let cells: Vec<_> = spent.iter_mut().map(|times| format!("{:.0}", lower_quartile(times))).collect();
        println!("| {} | {} |", row.name, cells.join(" | "));
    }
}

fn lower_quartile(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 4]
}

/// Nanoseconds of a call, after a few that bring it into the caches.
fn nanoseconds(mut call: impl FnMut()) -> f64 {
    (0..CALLS / 4).for_each(|_| call());
    let start = Instant::now();
    (0..CALLS).for_each(|_| call());
    start.elapsed().as_nanos() as f64 / f64::from(CALLS)
}

fn load<'a, T: SessionData>(sessions: &'a Sessions<T>, request: HeaderMap) -> Box<dyn FnMut() -> f64 + 'a> {
    Box::new(move || {
        nanoseconds(|| {
            black_box(sessions.load(black_box(&request)).data());
        })
    })
}

/// Each save is timed by itself, and the session that it takes is not; what reading the clock takes is taken off.
fn save<'a, T: SessionData>(sessions: &'a Sessions<T>, request: HeaderMap) -> Box<dyn FnMut() -> f64 + 'a> {
    let mut response = HeaderMap::with_capacity(8);
    Box::new(move || {
        let (mut spent, mut clock) = (Duration::ZERO, Duration::ZERO);
        for call in 0..CALLS + CALLS / 4 {
            let mut session = sessions.load(&request);
            session.mark_changed();
            let start = Instant::now();
            response.clear();
            let _ = black_box(sessions.save(session, black_box(&mut response)));
            let saved = Instant::now();
            if call >= CALLS / 4 {
                spent += saved - start;
                clock += saved.elapsed();
            }
        }
        spent.saturating_sub(clock).as_nanos() as f64 / f64::from(CALLS)
    })
}

fn sessions<T: SessionData>() -> Sessions<T> {
    Sessions::new(testing::key_ring()).expect("the defaults")
}

fn request<T: SessionData>(sessions: &Sessions<T>, data: T) -> HeaderMap {
    HeaderMap::from_iter([(header::COOKIE, testing::cookie(sessions, data))])
}

/// A text of about the size of a usual session.
fn usual() -> String {
    "s".repeat(230)
}

fn sizes() {
    let sessions = sessions::<String>();
    let row = |bytes: usize| {
        // A text has one or two bytes of length before it.
        let text = "s".repeat(bytes - if bytes > 128 { 2 } else { 1 });
        let request = request(&sessions, text);
        let line = request[header::COOKIE].len();
        Row {
            name: format!("{bytes} bytes of payload, {line} characters of cookie"),
            measure: vec![load(&sessions, request.clone()), save(&sessions, request)],
        }
    };
    let rows = [16, 64, 256, 1024, 2048, 2900].map(row);
    table("| payload: one text | load | save |", rows.into());
    let mut session = sessions.load(&HeaderMap::new());
    *session = "s".repeat(3072);
    match sessions.save(session, &mut HeaderMap::new()) {
        Err(SaveError::TooLarge { bytes, limit, .. }) => {
            println!("\n3072 bytes are refused: the cookie would have {bytes} bytes of {limit}");
        }
        saved => println!("\n3072 bytes: {saved:?}"),
    }
}

fn keys() {
    let ring = |keys: u8| {
        let ring = KeyRing::new(testing::key(0));
        (1..keys).try_fold(ring, |ring, byte| ring.accept(testing::key(byte))).expect("different keys")
    };
    let rings = [1, 2, 4, 16, 64].map(|keys| {
        let sealing: Sessions<String> = Sessions::new(KeyRing::new(testing::key(keys - 1))).expect("a key");
        let sessions: Sessions<String> = Sessions::new(ring(keys)).expect("the defaults");
        (keys, request(&sealing, usual()), sessions)
    });
    let rows = rings.iter().map(|(keys, request, sessions)| Row {
        name: keys.to_string(),
        measure: vec![load(sessions, request.clone())],
    });
    table("| keys in the ring, the cookie sealed with the last | load |", rows.collect());
}

fn others() {
    let sessions = sessions::<String>();
    let own = testing::cookie(&sessions, usual());
    let rows = [0, 1, 3, 10, 30, 60].map(|count| {
        let mut line = Vec::new();
        (0..count).for_each(|number| line.extend(format!("_ga_{number:02}=GA1.1.12345.67890; ").bytes()));
        line.extend_from_slice(own.as_bytes());
        let line = HeaderValue::from_bytes(&line).expect("a cookie line");
        let request = HeaderMap::from_iter([(header::COOKIE, line)]);
        Row { name: count.to_string(), measure: vec![load(&sessions, request)] }
    });
    table("| other cookies, of 25 characters each, before ours | load |", rows.into());
}

/// One request with several `Sessions` of different names: the time that all of them take together.
fn several() {
    let rows = [1, 2, 4, 8].map(|count| {
        let sessions: Vec<Sessions<String>> = (0..count)
            .map(|number| {
                let builder = Sessions::builder(testing::key_ring()).name(format!("__Host-session-{number}"));
                builder.build().expect("a name")
            })
            .collect();
        let mut line = Vec::new();
        for sessions in &sessions {
            line.extend_from_slice(testing::cookie(sessions, usual()).as_bytes());
            line.extend_from_slice(b"; ");
        }
        let line = HeaderValue::from_bytes(&line).expect("a cookie line");
        let request = HeaderMap::from_iter([(header::COOKIE, line)]);
        let measure = move || {
            nanoseconds(|| {
                for sessions in &sessions {
                    black_box(sessions.load(black_box(&request)).data());
                }
            })
        };
        Row { name: count.to_string(), measure: vec![Box::new(measure) as Box<dyn FnMut() -> f64>] }
    });
    table("| `Sessions` on one request | load, of all |", rows.into());
}

/// What a browser carries beside the session: tombstones of earlier ones, and a last-seen cookie.
fn beside() {
    let earlier = || SystemTime::now() - Duration::from_secs(3 * 3600);
    let builder = Sessions::<String>::builder(testing::key_ring());
    let (past, sessions) = (builder.clock(earlier).build().expect("the defaults"), sessions::<String>());
    let own = testing::cookie(&past, usual());
    let mut response = HeaderMap::new();
    let session = sessions.load(&HeaderMap::from_iter([(header::COOKIE, own.clone())]));
    black_box(session.data());
    sessions.save(session, &mut response).expect("a renewal");
    let seen = testing::next_request(&response)[header::COOKIE].clone();
    let row = |tombstones: usize, has_seen: bool| {
        let mut line: Vec<_> = (0..tombstones)
            .flat_map(|number| format!("__Host-session.out.{number:016x}=1800000000; ").into_bytes())
            .collect();
        line.extend_from_slice(own.as_bytes());
        if has_seen {
            line.extend_from_slice(b"; ");
            line.extend_from_slice(seen.as_bytes());
        }
        let line = HeaderValue::from_bytes(&line).expect("a cookie line");
        let with = if has_seen { ", and a last-seen cookie" } else { "" };
        Row {
            name: format!("{tombstones}{with}"),
            measure: vec![load(&sessions, HeaderMap::from_iter([(header::COOKIE, line)]))],
        }
    };
    let rows = [0, 1, 8].into_iter().flat_map(|count| [row(count, false), row(count, true)]);
    table("| tombstones in the request | load |", rows.collect());
}

/// Every thread loads the same request of the same `Sessions`: what they share is only read.
fn threads() {
    let sessions = sessions::<String>();
    let request = request(&sessions, usual());
    let together = |threads: usize| {
        let barrier = Barrier::new(threads);
        let work = || {
            barrier.wait();
            nanoseconds(|| {
                for _ in 0..16 {
                    black_box(sessions.load(black_box(&request)).data());
                }
            }) / 16.0
        };
        thread::scope(|scope| {
            let all: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            all.into_iter().map(|thread| thread.join().expect("a time")).fold(0.0, f64::max)
        })
    };
    let most = thread::available_parallelism().map_or(1, usize::from);
    let counts = [1, 2, 4, 8, 16].into_iter().filter(|count| *count <= most);
    let rows = counts.map(|count| Row {
        name: count.to_string(),
        measure: vec![Box::new(move || together(count)) as Box<dyn FnMut() -> f64>],
    });
    table("| threads, of which the slowest counts | load, in each |", rows.collect());
}

fn rejections() {
    let ours = sessions::<String>();
    let good = testing::cookie(&ours, usual());
    let good = good.to_str().expect("text");
    let with_clock = |hours: i64| -> Sessions<String> {
        let clock = move || {
            let apart = Duration::from_secs(hours.unsigned_abs() * 3600);
            if hours < 0 { SystemTime::now() - apart } else { SystemTime::now() + apart }
        };
        Sessions::builder(testing::key_ring()).clock(clock).build().expect("the defaults")
    };
    let stranger: Sessions<String> = Sessions::new(KeyRing::new(key_of_others())).expect("the defaults");
    let schema_mismatch = testing::cookie(&sessions::<(String, bool)>(), (usual(), true));
    let line =
        |line: &str| HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_str(line).expect("a line"))]);
    // In the middle of the ciphertext; and a byte that base64 does not have, at the end.
    let middle = good.len() / 2;
    let other = if good.as_bytes()[middle] == b'A' { 'B' } else { 'A' };
    let forged = format!("{}{other}{}", &good[..middle], &good[middle + 1..]);
    let different =
        |count: usize| -> Vec<String> { (0..count).map(|number| format!("{forged}{number:04}")).collect() };
    let malformed = format!("{}!", &good[..good.len() - 1]);
    let cases = [
        (HeaderMap::new(), "no Cookie header"),
        (line("theme=dark; lang=en-GB"), "other cookies alone"),
        (line(&format!("{good}{}", "A".repeat(4096))), ""),
        (line(&malformed), ""),
        (request(&stranger, usual()), ""),
        (line(&forged), ""),
        (request(&with_clock(2), usual()), ""),
        (request(&with_clock(-30), usual()), ""),
        (HeaderMap::from_iter([(header::COOKIE, schema_mismatch)]), ""),
        (line(&[&*forged; 100].join("; ")), "the same a hundred times"),
        (line(&different(4).join("; ")), "four that differ"),
        (line(&different(100).join("; ")), "a hundred that differ"),
        (line(good), "a good cookie"),
    ];
    let rows = cases.map(|(request, what)| {
        let rejection = ours.load(&request).about().rejection();
        let label = rejection.map_or("none", |rejection| rejection.as_str());
        let name = if what.is_empty() { label.to_owned() } else { format!("{label}: {what}") };
        Row { name, measure: vec![load(&ours, request)] }
    });
    table("| rejection | load |", rows.into());
}

fn key_of_others() -> Key {
    testing::key(200)
}
