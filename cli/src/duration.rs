//! A span of time as an argument: `90s`, `30m`, `1h`, `7d`, `52w`.

use std::time::Duration;

pub(crate) fn parse(text: &str) -> Result<Duration, &'static str> {
    let number = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let unit = match text.get(number.len()..) {
        Some("s") => 1,
        Some("m") => 60,
        Some("h") => 3600,
        Some("d") => 86_400,
        Some("w") => 7 * 86_400,
        _ => return Err(EXPECTED),
    };
    let is_number = !number.is_empty() && number.bytes().all(|c| c.is_ascii_digit());
    let number: u64 = number.parse().ok().filter(|_| is_number).ok_or(EXPECTED)?;
    number.checked_mul(unit).map(Duration::from_secs).ok_or(EXPECTED)
}

const EXPECTED: &str = "expected a number and s, m, h, d or w, such as 7d";
