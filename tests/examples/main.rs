//! The examples, as browsers and other clients meet them: each a process of its own.
//!
//! `cargo test` builds the examples first; `cargo test --test examples` does not, and then the last build is what is
//! tested.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod browser;
mod demo;
mod hyper;
mod lambda;
#[path = "../../examples/lambda.rs"]
#[allow(dead_code, reason = "its main runs as a process")]
mod lambda_example;
mod process;
mod servers;
mod shared;
mod websocket;
