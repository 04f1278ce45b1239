//! What holds for every input, one file a property: for the fuzzer, and on stable over the corpus.
//!
//! Each takes bytes, makes of them what it needs, and panics where the property does not hold.

#![allow(dead_code, reason = "no program uses all of them")]

pub(crate) mod cookie_header;
pub(crate) mod input;
pub(crate) mod key_ring_text;
pub(crate) mod mutate;
pub(crate) mod open_any;
pub(crate) mod request;
pub(crate) mod revocation;
pub(crate) mod roundtrip;
pub(crate) mod schema;
pub(crate) mod set_cookie;
mod types;
pub(crate) mod values;
