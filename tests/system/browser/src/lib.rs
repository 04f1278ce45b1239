//! The demo as a process, and a browser that clicks through it.

mod audit;
mod browser;
mod demo;

pub use browser::{Browser, Look, Row};
pub use demo::Demo;
