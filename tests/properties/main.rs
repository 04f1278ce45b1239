//! The properties that the fuzzer tries, over the corpus that is committed: on stable, without the fuzzer.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may panic"
)]

#[path = "mod.rs"]
mod properties;

use std::path::Path;

/// Checks every file of a corpus, and names the one that fails.
fn over(corpus: &str, check: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/corpus").join(corpus);
    let mut count = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        assert!(std::panic::catch_unwind(|| check(&bytes)).is_ok(), "{}", path.display());
        count += 1;
    }
    assert!(count > 9, "the corpus is there");
}

#[test]
fn open_any() {
    over("open_any", properties::open_any::check);
}

#[test]
fn cookie_header() {
    over("cookie_header", properties::cookie_header::check);
}

#[test]
fn mutate() {
    over("mutate", properties::mutate::check);
}

#[test]
fn roundtrip() {
    over("roundtrip", properties::roundtrip::check);
}

#[test]
fn key_ring_text() {
    over("key_ring_text", properties::key_ring_text::check);
}

#[test]
fn request() {
    over("request", properties::request::check);
}

#[test]
fn schema() {
    over("schema", properties::schema::check);
}

#[test]
fn set_cookie() {
    over("set_cookie", properties::set_cookie::check);
    assert!(properties::set_cookie::BUILT.load(std::sync::atomic::Ordering::Relaxed) > 9);
}

#[test]
fn values() {
    over("values", properties::values::check);
}

#[test]
fn revocation() {
    over("revocation", properties::revocation::check);
}
