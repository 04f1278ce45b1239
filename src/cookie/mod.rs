//! The cookie, as headers carry it: its name, reading it, writing it, and what that asks of caches.
//!
//! The only module that names `http`.

pub(crate) mod cache;
pub(crate) mod list;
pub(crate) mod name;
pub(crate) mod read;
pub(crate) mod respond;
pub(crate) mod write;

pub(crate) use http::{HeaderMap, HeaderValue, header};
