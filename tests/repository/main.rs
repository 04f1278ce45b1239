//! What holds of the files of this repository: which layer uses which, and where what a document names is to be found.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may panic"
)]

mod claims;
mod examples;
mod files;
mod layering;
mod links;
mod published;
mod references;
mod vocabulary;
mod width;
