//! Memory that a hostile request takes: never more than its own bytes, however it is made.
//!
//! What a genuine session holds comes on top; here that is a number.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use faults::{request, sessions};
use sealed_session::{Sessions, testing};

struct Counting;

thread_local! {
    static TAKEN: Cell<usize> = const { Cell::new(0) };
}

fn count(bytes: usize) {
    // A thread that ends has no counter any more.
    let _ = TAKEN.try_with(|taken| taken.set(taken.get() + bytes));
}

// SAFETY: the system's allocator does all of it.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size);
        // SAFETY: as the caller promises.
        unsafe { System.realloc(at, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The bytes taken, all together, freed ones too.
fn taken<R>(run: impl FnOnce() -> R) -> usize {
    let before = TAKEN.get();
    let result = run();
    let taken = TAKEN.get() - before;
    drop(result);
    taken
}

fn hostile(sessions: &Sessions<u64>) -> Vec<(&'static str, Vec<u8>)> {
    let name = sessions.name();
    let genuine = testing::cookie(sessions, 7);
    let genuine = genuine.to_str().unwrap().split_once('=').unwrap().1.to_owned();
    let id = &genuine[..6]; // the version and the key id
    let pair = |value: &str| format!("{name}={value}; ");
    let mut all = vec![
        ("nothing", Vec::new()),
        ("a mebibyte of one value", pair(&"A".repeat(1 << 20)).into_bytes()),
        (
            "a mebibyte of noise",
            (0..1 << 20).map(|at: u32| b' ' + (at.wrapping_mul(2_654_435_761) >> 26) as u8).collect(),
        ),
        ("many empty values", pair("").repeat(20_000).into_bytes()),
        ("many short values", pair("AAAA").repeat(20_000).into_bytes()),
        ("only names", name.repeat(50_000).into_bytes()),
        ("many last-seen cookies", format!("{name}.seen=AAAA; ").repeat(20_000).into_bytes()),
        ("many tombstones", format!("{name}.out.0123456789abcdef=1; ").repeat(20_000).into_bytes()),
        ("many genuine ones", pair(&genuine).repeat(100).into_bytes()),
    ];
    for length in [44, 59, 60, 61, 1000, 4000, 4078, 4079, 4080, 5000] {
        let unknown = "A".repeat(length);
        let forged = format!("{id}{}", "A".repeat(length - 6));
        let odd = format!("{}!", "A".repeat(length - 1));
        for value in [unknown, forged, odd] {
            all.push(("four", pair(&value).repeat(4).into_bytes()));
            all.push((
                "with a last-seen cookie",
                [pair(&genuine), format!("{name}.seen={value}")].concat().into_bytes(),
            ));
        }
    }
    all
}

#[test]
fn a_hostile_header_costs_no_more_memory_than_it_has_bytes() {
    let sessions = sessions::<u64>();
    for (what, line) in hostile(&sessions) {
        let request = request(&line);
        let taken = taken(|| testing::load(&sessions, &request));
        assert!(taken <= line.len(), "{what}: {taken} bytes for {}", line.len());
    }
}

#[test]
fn a_hostile_token_costs_no_more_memory_than_it_has_bytes() {
    let tokens = sealed_session::Tokens::new(faults::ring(), "", "label").unwrap();
    let now = std::time::SystemTime::now();
    for length in [0, 1, 44, 60, 1000, 4096, 4097, 1 << 20] {
        for token in ["A".repeat(length), "é".repeat(length / 2), "!".repeat(length)] {
            let taken = taken(|| tokens.open_at(&token, now));
            // What is too long is not even decoded.
            let limit = if token.len() > 4096 { 0 } else { token.len().max(4) };
            assert!(taken <= limit, "{taken} bytes for {}", token.len());
        }
    }
}
