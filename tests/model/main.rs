//! A model of one browser and a server that remembers nothing: every order in which requests are sent, served and
//! arrive.
//!
//! The browser has a real jar of cookies and up to four requests in flight. The server is `load`, a handler and `save`,
//! on nodes that may differ. Time passes, and cookies, last-seen cookies and tombstones expire. `rules` says what must
//! hold, `sights` what breaks no rule and is worth counting. Everything within small bounds is explored, and long walks
//! beyond them.
//!
//! Not modelled: a user who puts old cookies back, several cookies of our name at a time, a browser that evicts
//! cookies, clocks that jump, other settings of the timeouts, and requests that are in flight for longer than an
//! hour. A tab that is closed is one whose responses are lost.
//!
//! `cargo test --test model -- --nocapture` shows the counts. The larger bounds take minutes:
//! `cargo test --release --test model -- --include-ignored --nocapture`.

#![allow(
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may panic"
)]

mod browser;
mod canon;
mod defects;
mod explore;
mod fleet;
mod fuzzed;
mod handler;
mod itself;
mod meaning;
mod node;
mod proof;
mod response;
mod revocation;
mod rules;
mod scenario;
mod sights;
mod story;
mod tombstones;
mod visible;
mod walk;
mod world;
