//! [`CookieConfig`] from a configuration file, by serde and without its derive.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

use super::Settings;
use super::{CookieConfig, Priority, SameSite};

impl<'de> Deserialize<'de> for CookieConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_struct("CookieConfig", KEYS, CookieVisitor)
    }
}

struct CookieVisitor;

impl<'de> Visitor<'de> for CookieVisitor {
    type Value = CookieConfig;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the settings of a cookie")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<CookieConfig, A::Error> {
        let mut settings = Settings::new(map, KEYS, &["secure", "http_only"]);
        let mut cookie = CookieConfig::default();
        while let Some(name) = settings.next_name()? {
            cookie = match name {
                "name" => cookie.name(settings.value::<String>()?),
                "path" => cookie.path(settings.value::<String>()?),
                "domain" => cookie.domain(settings.value::<String>()?),
                "same_site" => cookie.same_site(same_site(&settings.value::<String>()?)?),
                "partitioned" => cookie.partitioned(settings.value()?),
                "priority" => cookie.priority(priority(&settings.value::<String>()?)?),
                _ => cookie.persistent(settings.value()?),
            };
        }
        Ok(cookie)
    }
}

fn same_site<E: Error>(text: &str) -> Result<SameSite, E> {
    let known = [("strict", SameSite::Strict), ("lax", SameSite::Lax), ("none", SameSite::None)];
    word(&known, text).ok_or_else(|| E::custom("same_site: expected strict, lax or none"))
}

fn priority<E: Error>(text: &str) -> Result<Priority, E> {
    let known = [("low", Priority::Low), ("medium", Priority::Medium), ("high", Priority::High)];
    word(&known, text).ok_or_else(|| E::custom("priority: expected low, medium or high"))
}

/// In any letter case, since the attribute itself is written with a capital.
fn word<V: Copy>(known: &[(&str, V)], text: &str) -> Option<V> {
    known.iter().find(|(word, _)| word.eq_ignore_ascii_case(text)).map(|(_, value)| *value)
}

const KEYS: &[&str] = &["name", "path", "domain", "same_site", "partitioned", "priority", "persistent"];
