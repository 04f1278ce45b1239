//! The layer by itself: when it saves, when it does not, and what it answers then.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may panic"
)]

mod check;
mod client;
mod failures;
mod guard;
mod late;
mod nested;
mod panics;
mod types;
#[path = "../util/mod.rs"]
mod util;
