//! The session's cookie: its description, finding it in a request, and the Set-Cookie line.

mod config;
mod config_file;
mod finder;
mod name;
mod place;
mod set_cookie;

pub use config::{CookieConfig, Priority, SameSite};
pub(crate) use finder::{CookieFinder, Found, lines};
pub(crate) use place::SetCookieLine;
pub(crate) use set_cookie::{CookieTemplate, MAX_COOKIE};

use crate::web::settings_file::Settings;
