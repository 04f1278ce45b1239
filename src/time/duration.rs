//! A span of time as text: `90s`, `30m`, `12h`, `7d`, `52w`.

use std::time::Duration;

/// Reads a number with its unit: `s`, `m`, `h`, `d` or `w`.
///
/// # Errors
/// What was expected, if the text is anything else.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_and_a_unit() {
        for (text, seconds) in
            [("90s", 90), ("30m", 1800), ("12h", 43_200), ("7d", 604_800), ("2w", 1_209_600)]
        {
            assert_eq!(parse(text), Ok(Duration::from_secs(seconds)));
        }
        for text in
            ["", "7", "d", "7 d", "7D", "7ms", "-7d", "+7d", "7.5d", "1h30m", "999999999999999999999d", "7d "]
        {
            assert_eq!(parse(text), Err(EXPECTED), "{text}");
        }
    }
}
