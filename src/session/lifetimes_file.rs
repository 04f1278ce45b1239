//! [`Lifetimes`] from a configuration file, by serde and without its derive.

use std::fmt;
use std::time::{Duration, SystemTime};

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

use super::lifetimes::Lifetimes;
use crate::time::timestamp::Timestamp;
use crate::time::{Seconds, duration};
use crate::web::settings_file::Settings;

impl<'de> Deserialize<'de> for Lifetimes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_struct("Lifetimes", KEYS, LifetimesVisitor)
    }
}

struct LifetimesVisitor;

impl<'de> Visitor<'de> for LifetimesVisitor {
    type Value = Lifetimes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the times of a session")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Lifetimes, A::Error> {
        let mut settings = Settings::new(map, KEYS, &[]);
        let mut lifetimes = Lifetimes::default();
        while let Some(name) = settings.next_name()? {
            let value = settings.value::<TextOrSeconds>()?;
            let wrong = |expected| A::Error::custom(format_args!("{name}: expected {expected}"));
            lifetimes = match name {
                "idle_timeout" if value.is("none") => lifetimes.idle_timeout(None),
                "idle_timeout" => lifetimes.idle_timeout(value.span().ok_or_else(|| wrong(SPAN_OR_NONE))?),
                "absolute_timeout" => lifetimes.absolute_timeout(value.span().ok_or_else(|| wrong(SPAN))?),
                "max_lifetime" => lifetimes.max_lifetime(value.span().ok_or_else(|| wrong(SPAN))?),
                "renewal_interval" => lifetimes.renewal_interval(value.span().ok_or_else(|| wrong(SPAN))?),
                _ => lifetimes.not_before(value.moment().ok_or_else(|| wrong(MOMENT))?),
            };
        }
        Ok(lifetimes)
    }
}

/// What a file gives for a time.
enum TextOrSeconds {
    Text(String),
    Seconds(u64),
}

impl TextOrSeconds {
    fn is(&self, word: &str) -> bool {
        matches!(self, Self::Text(text) if text == word)
    }

    fn span(&self) -> Option<Duration> {
        match self {
            Self::Text(text) => duration::parse(text).ok(),
            Self::Seconds(seconds) => Some(Duration::from_secs(*seconds)),
        }
    }

    fn moment(&self) -> Option<SystemTime> {
        match self {
            Self::Text(text) => Timestamp::parse(text).map(SystemTime::from),
            Self::Seconds(seconds) => Some(Seconds::new(*seconds).to_system()),
        }
    }
}

impl<'de> Deserialize<'de> for TextOrSeconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextOrSecondsVisitor)
    }
}

struct TextOrSecondsVisitor;

impl Visitor<'_> for TextOrSecondsVisitor {
    type Value = TextOrSeconds;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or whole seconds")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<TextOrSeconds, E> {
        Ok(TextOrSeconds::Text(text.to_owned()))
    }

    fn visit_u64<E: Error>(self, seconds: u64) -> Result<TextOrSeconds, E> {
        Ok(TextOrSeconds::Seconds(seconds))
    }

    /// Formats such as TOML have signed integers alone.
    fn visit_i64<E: Error>(self, seconds: i64) -> Result<TextOrSeconds, E> {
        u64::try_from(seconds)
            .map(TextOrSeconds::Seconds)
            .map_err(|_| E::custom("a time must not be negative"))
    }
}

const SPAN: &str = "whole seconds, or a text such as 30m, 12h or 7d";
const SPAN_OR_NONE: &str = "whole seconds, a text such as 30m, 12h or 7d, or none";
const MOMENT: &str = "a time such as 2026-11-01T00:00:00Z, or whole seconds since 1970";
const KEYS: &[&str] = &["idle_timeout", "absolute_timeout", "max_lifetime", "renewal_interval", "not_before"];
