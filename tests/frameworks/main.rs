//! One application over bare functions, a tower layer and axum: all of them answer alike. actix-web is in `actix/`.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may panic"
)]

mod axum_application;
mod functions;
mod layer;
mod suite;
mod tower_application;
#[path = "../util/mod.rs"]
mod util;
