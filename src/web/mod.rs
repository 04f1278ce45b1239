//! HTTP: cookies, caching headers, and what a request says of the page that made it.

pub(crate) mod cache;
mod caching;
pub(crate) mod cookie;
pub(crate) mod cross_origin;
pub(crate) mod list;
pub(crate) mod request_info;
pub(crate) mod response;
pub(crate) mod return_to;
pub(crate) mod settings_file;

pub use caching::Caching;
pub use cookie::{CookieConfig, Priority, SameSite};
pub use cross_origin::{RequestOrigin, TrustedOrigins, may_change_something};
pub use request_info::{RequestInfo, Scheme};
pub use return_to::ReturnTo;
