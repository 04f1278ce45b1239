//! The requests of a visitor, and the parts of an answer that it checks.

use std::io;
use std::time::Duration;

use harness::http::Answer;

/// Gets the page, or posts the form.
pub fn exchange(port: u16, path: &str, cookies: &str, form: Option<&str>) -> io::Result<Answer> {
    let mut headers = String::from("Connection: close\r\n");
    if !cookies.is_empty() {
        headers += &format!("Cookie: {cookies}\r\n");
    }
    if form.is_some() {
        headers += &format!(
            "Origin: http://127.0.0.1:{port}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        );
    }
    let method = if form.is_some() { "POST" } else { "GET" };
    harness::http::exchange(port, &format!("{method} {path}"), &headers, form.unwrap_or_default(), PATIENCE)
}

pub fn redirects_to(answer: &Answer, start: &str) -> bool {
    answer.status == 303 && answer.all("location").any(|place| place.starts_with(start))
}

/// The CSRF token of the forms on this page.
pub fn token(answer: &Answer) -> Option<String> {
    let (_, rest) = answer.body.split_once(r#"name="csrf" value=""#)?;
    Some(rest.split_once('"')?.0.to_owned())
}

/// No load makes an answer take so long: a visitor that waits longer has found a failure.
const PATIENCE: Duration = Duration::from_secs(20);
