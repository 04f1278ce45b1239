//! What the tests stand on: the demo as a process, and a browser that clicks through it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on must fail")]

mod audit;
mod browser;
mod demo;
mod webdriver;

pub use browser::{Browser, Look, Row, Tab};
pub use demo::Demo;
