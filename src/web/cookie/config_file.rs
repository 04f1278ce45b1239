//! [`CookieConfig`] from a configuration file, by serde and without its derive.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

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

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<CookieConfig, A::Error> {
        let mut cookie = CookieConfig::default();
        let mut seen = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            cookie = match key.as_str() {
                "name" => cookie.name(map.next_value::<String>()?),
                "path" => cookie.path(map.next_value::<String>()?),
                "domain" => cookie.domain(map.next_value::<String>()?),
                "same_site" => cookie.same_site(same_site(&map.next_value::<String>()?)?),
                "partitioned" => cookie.partitioned(map.next_value()?),
                "priority" => cookie.priority(priority(&map.next_value::<String>()?)?),
                "persistent" => cookie.persistent(map.next_value()?),
                "secure" | "http_only" => {
                    return Err(A::Error::custom(format_args!("{key}: only code can switch it off")));
                }
                _ => return Err(A::Error::unknown_field(&key, KEYS)),
            };
            if seen.contains(&key) {
                return Err(A::Error::custom(format_args!("{key}: given twice")));
            }
            seen.push(key);
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
