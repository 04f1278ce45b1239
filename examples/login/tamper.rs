//! A damaged cookie: what a visitor would send who edits it in the browser's developer tools.

use std::time::SystemTime;

use axum::http::HeaderValue;

use crate::inside::{Cookie, seconds_left};

/// Sets the cookie as it is but for one character, with the attributes that it had. `Cookie` takes its name and token
/// out of a request's headers, so they can stand in a response's.
pub(crate) fn set_cookie(cookie: &Cookie<'_>, expires: SystemTime) -> Option<HeaderValue> {
    let (before, after) = cookie.token().split_at_checked(cookie.token().len() / 2)?;
    let mut after = after.chars();
    let other = if after.next()? == 'A' { 'B' } else { 'A' };
    let left = seconds_left(expires);
    let line = format!(
        "{}={before}{other}{}; Path=/; Max-Age={left}; HttpOnly; SameSite=Lax",
        cookie.name(),
        after.as_str()
    );
    HeaderValue::try_from(line).ok()
}
