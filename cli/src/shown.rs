//! How things are shown: nothing that a terminal would obey, times, and spans of time.

use std::time::{Duration, SystemTime};

use sealed_session::inspect::Timestamp;

/// Everything but plain ASCII, escaped: what a client sent must not move the cursor.
pub(crate) fn escaped(text: &str) -> String {
    text.chars().fold(String::new(), |mut shown, c| {
        match c {
            ' '..='~' => shown.push(c),
            _ => shown.extend(c.escape_default()),
        }
        shown
    })
}

pub(crate) fn time(time: SystemTime) -> String {
    Timestamp::from(time).to_string()
}

pub(crate) fn time_or_dash(at: Option<SystemTime>) -> String {
    at.map_or_else(|| "-".into(), time)
}

/// A time and how far away it is: `2026-11-01T00:00:00Z, in 6d 23h`.
pub(crate) fn time_from(at: SystemTime, now: SystemTime) -> String {
    let distance = match (at.duration_since(now), now.duration_since(at)) {
        (Ok(ahead), _) => format!("in {}", span(ahead)),
        (_, Ok(ago)) => format!("{} ago", span(ago)),
        _ => String::new(),
    };
    format!("{}, {distance}", time(at))
}

/// The two largest units of it.
pub(crate) fn span(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let units =
        [(seconds / 86_400, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s")];
    let first = units.iter().position(|(count, _)| *count > 0).unwrap_or(units.len() - 1);
    let parts: Vec<_> = units
        .iter()
        .skip(first)
        .take(2)
        .filter(|(count, _)| *count > 0 || first == units.len() - 1)
        .map(|(count, unit)| format!("{count}{unit}"))
        .collect();
    parts.join(" ")
}
