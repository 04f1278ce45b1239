//! What a cookie tells without being opened (FORMAT §4), and times as people say them.

use std::time::{Duration, SystemTime};

use axum::http::{HeaderMap, header};
use sealed_session::inspect::Envelope;

/// The session cookie of a request, as it was sent.
pub(crate) struct Cookie<'a> {
    name: &'a str,
    token: &'a str,
}

impl<'a> Cookie<'a> {
    /// The first one of this name. `load` looks at up to four, but a browser that knows this demo alone has one.
    pub(crate) fn find(headers: &'a HeaderMap, name: &'a str) -> Option<Self> {
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(';'))
            .find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
            .map(|token| Self { name, token })
    }

    pub(crate) fn name(&self) -> &'a str {
        self.name
    }

    pub(crate) fn token(&self) -> &'a str {
        self.token
    }

    /// What browsers count of it: `name=value`.
    pub(crate) fn bytes(&self) -> usize {
        self.name.len().saturating_add(1).saturating_add(self.token.len())
    }

    /// The characters of base64url.
    pub(crate) fn characters(&self) -> usize {
        self.token.len()
    }

    /// The parts of the envelope in their order, with their bytes.
    pub(crate) fn parts(&self) -> [(&'static str, usize); 5] {
        let record = Envelope::parse(self.token).map_or(0, |envelope| envelope.plaintext);
        [("version", 1), ("key id", 4), ("nonce", 24), ("record", record), ("tag", 16)]
    }

    /// The algorithm that the envelope names.
    pub(crate) fn algorithm(&self) -> &'static str {
        Envelope::parse(self.token).map_or("unknown", |envelope| envelope.algorithm.as_str())
    }
}

/// Never below zero.
pub(crate) fn seconds_left(until: SystemTime) -> u64 {
    until.duration_since(SystemTime::now()).unwrap_or(Duration::ZERO).as_secs()
}

/// Such as "6 days 23 h"; never below zero.
pub(crate) fn time_left(until: SystemTime) -> String {
    let seconds = seconds_left(until);
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min"),
        (0, _, _) => format!("{hours} h {minutes} min"),
        (1, _, _) => format!("1 day {hours} h"),
        _ => format!("{days} days {hours} h"),
    }
}
