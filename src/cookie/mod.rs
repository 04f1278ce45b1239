//! The cookie, as headers carry it: its name, reading it, writing it, and what that asks of caches.
//!
//! The only module that names `http`.

pub(crate) mod cache;
pub(crate) mod list;
pub(crate) mod name;
pub(crate) mod read;
pub(crate) mod respond;
pub(crate) mod write;

#[cfg(feature = "tower")]
pub(crate) use http::request::Parts;
#[cfg(feature = "handle")]
pub(crate) use http::uri::PathAndQuery;
pub(crate) use http::{HeaderMap, HeaderValue, Method, Uri, header};
#[cfg(feature = "tower")]
pub(crate) use http::{Request, Response, StatusCode};
