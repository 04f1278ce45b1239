//! A map of settings in a configuration file, read by serde without its derive: each name is known, and given once.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

/// Reads the names one after the other.
pub(crate) struct Settings<A> {
    map: A,
    known: &'static [&'static str],
    /// What only code can switch off.
    code_only: &'static [&'static str],
    seen: Vec<&'static str>,
}

impl<'de, A: MapAccess<'de>> Settings<A> {
    pub(crate) const fn new(
        map: A,
        known: &'static [&'static str],
        code_only: &'static [&'static str],
    ) -> Self {
        Self { map, known, code_only, seen: Vec::new() }
    }

    /// The next name; `None` at the end.
    pub(crate) fn next_name(&mut self) -> Result<Option<&'static str>, A::Error> {
        let Some(Name(name)) = self.map.next_key()? else { return Ok(None) };
        if self.code_only.contains(&name.as_str()) {
            return Err(A::Error::custom(format_args!("{name}: only code can switch it off")));
        }
        let Some(known) = self.known.iter().find(|known| **known == name) else {
            return Err(A::Error::unknown_field(&name, self.known));
        };
        if self.seen.contains(known) {
            return Err(A::Error::custom(format_args!("{known}: given twice")));
        }
        self.seen.push(known);
        Ok(Some(known))
    }

    /// The value of that name.
    pub(crate) fn value<V: Deserialize<'de>>(&mut self) -> Result<V, A::Error> {
        self.map.next_value()
    }
}

/// The name of a field, which some formats write without quotes.
struct Name(String);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameVisitor;

        impl Visitor<'_> for NameVisitor {
            type Value = Name;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a setting")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Name, E> {
                Ok(Name(name.to_owned()))
            }
        }

        deserializer.deserialize_identifier(NameVisitor)
    }
}
