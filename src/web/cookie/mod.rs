//! The session's cookie: its attributes, finding it in a request, and the Set-Cookie line.

mod finder;
mod name;
mod set_cookie;

pub(crate) use finder::{CookieFinder, Found, lines};
pub(crate) use name::{Attributes as PrefixAttributes, check as check_name, without_prefix};
pub(crate) use set_cookie::{Attributes, CookieTemplate, MAX_COOKIE};
pub use set_cookie::{Priority, SameSite};
