//! What a hostile Cookie header costs: linear in its length, whatever is in it. `cargo bench --bench hostile`
//!
//! A row for each kind of junk, a column for each length; medians, in nanoseconds for each byte of the header. A cost
//! that grew faster than the header would grow from left to right.

#![allow(clippy::expect_used, reason = "a benchmark may panic")]

use std::hint::black_box;
use std::time::Instant;

use http::{HeaderMap, HeaderValue, header};
use sealed_session::{Sessions, testing};

const LENGTHS: [usize; 4] = [1 << 10, 1 << 13, 1 << 16, 1 << 20];

fn main() {
    let sessions: Sessions<u64> = Sessions::new(testing::key_ring()).expect("the defaults");
    println!(
        "| header of | {} |\n|---|---|---|---|---|",
        LENGTHS.map(|length| format!("{length} bytes")).join(" | ")
    );
    for (what, piece) in [
        ("other cookies", "theme=dark; "),
        ("copies of our name", "__Host-session=x; "),
        ("our name without a value", "__Host-session"),
        ("our name and a blank", "__Host-session "),
        ("tombstones", "__Host-session.out.0011223344556677=1; "),
        ("last-seen cookies", "__Host-session.seen=x; "),
        ("blanks", " "),
        ("separators", ";"),
        ("one long value", "a"),
    ] {
        let times = LENGTHS.map(|length| {
            let line = piece.repeat(length / piece.len() + 1);
            let line = HeaderValue::from_str(line.get(..length).unwrap_or_default()).expect("a line");
            let request = HeaderMap::from_iter([(header::COOKIE, line)]);
            let calls = (1 << 22) / length;
            let mut batches: Vec<f64> = (0..15)
                .map(|_| {
                    let start = Instant::now();
                    for _ in 0..calls {
                        black_box(sessions.load(black_box(&request)).into_data());
                    }
                    start.elapsed().as_nanos() as f64 / (calls * length) as f64
                })
                .collect();
            batches.sort_by(f64::total_cmp);
            format!("{:.2}", batches.get(7).copied().unwrap_or_default())
        });
        println!("| {what} | {} |", times.join(" | "));
    }
}
