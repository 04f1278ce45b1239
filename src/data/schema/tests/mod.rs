//! What the walk finds, and what it refuses.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Description;
use crate::error::SchemaError;

/// What a walk finds that begins with the default and these values.
fn walked<T: Serialize + DeserializeOwned + Default>(samples: &[T]) -> Result<Description, SchemaError> {
    let default = T::default();
    let values: Vec<&T> = std::iter::once(&default).chain(samples).collect();
    Description::walk(&values)
}

/// A type that is read through another, with a rule of its own.
macro_rules! ruled {
    ($(#[$attribute:meta])* $name:ident, $through:ty, $rule:expr) => {
        $(#[$attribute])*
        #[derive(Serialize, Deserialize, Clone)]
        #[serde(try_from = "Through", into = "Through")]
        pub(super) struct $name($through);
        type Through = $through;
        impl From<$name> for Through {
            fn from(ruled: $name) -> Self {
                ruled.0
            }
        }
        impl TryFrom<Through> for $name {
            type Error = &'static str;
            fn try_from(value: Through) -> Result<Self, Self::Error> {
                let rule: fn(&Through) -> bool = $rule;
                if rule(&value) { Ok(Self(value)) } else { Err("against the rule") }
            }
        }
    };
}

mod changes;
mod checkout;
mod first_fields;
mod guesses;
mod large;
mod order;
mod property;
mod refused;
mod swapped;
mod vectors;
