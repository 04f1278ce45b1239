//! The command line, as transcripts: what is typed, and what comes back.
//!
//! In a transcript `$ ` stands before what is typed, `! ` before what came on standard error, and `? ` before an exit
//! code other than 0. Keys, key ids, ids and times are drawn anew every time, so words stand in their places.

#![cfg(unix)]
#![allow(
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may panic"
)]

mod bad_use;
mod folder;
mod inspect;
mod keygen;
mod killed;
mod revoke;
mod rotate;
mod status;
mod transcript;
