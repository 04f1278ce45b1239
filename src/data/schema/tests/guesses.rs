//! What is made up until a type accepts it: the next value, another length, the other variant.
#![allow(clippy::unwrap_used, dead_code)]

use serde::{Deserialize, Serialize};

use super::walked;
use crate::data::schema::Description;

/// A type with a rule, somewhere within a session of which there is only the default, or no value at all.
macro_rules! guesses {
    ($($name:ident { $($field:ident: $type:ty),* } $rule:expr => $text:literal;)*) => {$(
        #[test]
        fn $name() {
            #[derive(Serialize, Deserialize, Clone)]
            struct Raw { $($field: $type),* }
            ruled!(Ruled, Raw, $rule);
            #[derive(Serialize, Deserialize, Default)]
            struct Session {
                ruled: Option<Ruled>,
            }
            assert_eq!(Description::walk::<Ruled>(&[]).unwrap().text, $text);
            assert_eq!(walked::<Session>(&[]).unwrap().text, concat!("{ruled:?", $text, "}"));
        }
    )*};
}

#[derive(Serialize, Deserialize, Clone)]
enum Kind {
    One,
    Two,
}

guesses! {
    a_later_value { day: String } |raw| raw.day == "2000-01-01" => "{day:str}";
    an_option_that_must_be { maybe: Option<u8> } |raw| raw.maybe.is_some() => "{maybe:?u8}";
    a_later_variant { kind: Kind, number: u8 }
        |raw| matches!(raw.kind, Kind::Two) || raw.number == 0 => "{kind:<One|Two>,number:u8}";
}

#[test]
fn a_longer_list() {
    ruled!(Digest, Vec<u8>, |bytes| bytes.len() == 64);
    assert_eq!(Description::walk::<Digest>(&[]).unwrap().text, "[u8]");
    assert_eq!(walked::<Option<Digest>>(&[]).unwrap().text, "?[u8]");
}

#[test]
fn a_list_that_is_empty_or_long() {
    ruled!(Digest, Vec<u8>, |bytes| matches!(bytes.len(), 0 | 64));
    assert_eq!(walked(&[Digest(Vec::new())].map(Some)).unwrap().text, "?[u8]");
}
