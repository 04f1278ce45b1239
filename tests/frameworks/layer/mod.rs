//! The layer by itself: when it saves, when it does not, and what it answers then.

mod check;
mod client;
mod failures;
mod guard;
mod late;
mod nested;
mod order;
mod origin;
mod panics;
mod reentry;
mod revocation;
mod stacked;
mod types;
