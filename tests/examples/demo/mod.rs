//! The demo, as a browser meets it: examples/login over plain HTTP, in a process of its own.
//!
//! `cargo test` builds the examples first; `cargo test --test demo` does not, and then the last build is what is
//! tested.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

#[path = "../util/browser.rs"]
mod browser;
mod configuration;
mod field;
mod forms;
mod login;
#[path = "../util/process.rs"]
mod process;
mod reading;
mod rotation;
mod tampering;
mod visitor;
mod watched;
