//! What the public API promises, one file a subject.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may panic"
)]

mod allocations;
mod builder;
mod clock;
mod come_back;
mod config_file;
mod cookies;
mod cross_origin;
mod csrf;
mod errors;
mod express;
mod flaws;
mod forgotten;
mod format;
mod headers;
mod keys;
mod leftovers;
mod login;
mod logout;
mod orders;
mod polls;
mod promise;
mod proxy;
mod renewal;
mod return_to;
mod revocation;
mod revocation_file;
mod revoked;
mod rings;
mod room;
mod schema;
mod secrets;
mod session;
mod tamper;
mod tenants;
mod tokens;
mod unheard;
#[path = "../util/mod.rs"]
mod util;
mod vectors;
#[cfg(feature = "watch")]
mod watch;
