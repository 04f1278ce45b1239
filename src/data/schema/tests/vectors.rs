//! The vectors of FORMAT §8, which an independent program has written, against types that have these schemas.
//!
//! They are also what keeps a new compiler or serde from changing a schema unseen.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, dead_code)]

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::walked;
use crate::data::schema::{Description, SchemaFingerprint};

macro_rules! types {
    ($($item:item)*) => { $(#[derive(Serialize, Deserialize, Default)] $item)* };
}

types! {
    struct Visitor {
        user: Option<u64>,
        #[serde(default)]
        roles: Vec<String>,
        #[serde(default)]
        flash: HashMap<String, String>,
    }
    enum Role {
        #[default]
        Guest,
        Member(u64),
        Pair(u8, String),
        Staff { team: Option<String>, until: Option<Duration> },
    }
    struct Address { street: String, zip: String }
    struct Place { street: String, zip: Box<str> }
    struct Order { billing: Address, shipping: Option<Place>, others: Vec<Address> }
    struct Tree { children: Vec<Tree>, #[serde(default)] id: u8 }
    struct OldTree { children: Vec<OldTree> }
    struct Menu { items: BTreeMap<String, Menu> }
    struct Nest(Vec<Nest>);
    enum Term { #[default] Nil, Not(Box<Term>), And(Box<Term>, Box<Term>), All { of: Vec<Term> } }
    struct List { value: u8, next: Option<Box<More>> }
    struct More { value: u8, next: Option<Box<More>> }
    struct Here { there: Option<Box<There>>, id: u8 }
    struct There { here: Vec<Here>, id: u16 }
    struct Odd {
        #[serde(rename = "")] a: u8,
        #[serde(rename = "first name")] b: u8,
        #[serde(rename = "a:u8,b")] c: u8,
        #[serde(rename = "größe")] d: u8,
    }
}

/// What serde writes as bytes.
#[derive(Default)]
struct Bytes;

impl Serialize for Bytes {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&[])
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Empty;
        impl serde::de::Visitor<'_> for Empty {
            type Value = Bytes;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("bytes")
            }
            fn visit_bytes<E>(self, _: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes)
            }
        }
        deserializer.deserialize_bytes(Empty)
    }
}

#[track_caller]
fn whole<T: Serialize + DeserializeOwned + Default>() -> (String, SchemaFingerprint) {
    let Description { text, schema, .. } = walked::<T>(&[]).unwrap();
    (text, schema)
}

#[track_caller]
fn first<T: Serialize + DeserializeOwned + Default>(fields: usize) -> (String, SchemaFingerprint) {
    let prefixes = walked::<T>(&[]).unwrap().first_fields;
    let prefix = prefixes.into_iter().find(|prefix| prefix.count == fields).unwrap();
    (prefix.text, prefix.schema)
}

#[test]
fn are_what_the_library_computes() {
    let pinned = "checkout-3";
    let found = [
        ("leaf", whole::<u64>()),
        ("unit", whole::<()>()),
        ("map of texts", whole::<BTreeMap<String, String>>()),
        ("bytes", whole::<Bytes>()),
        ("list of u8", whole::<Vec<u8>>()),
        ("array", whole::<[u8; 32]>()),
        ("array of one", whole::<[u8; 1]>()),
        ("tuple", whole::<(u8, String, Option<Option<bool>>)>()),
        ("visitor", whole::<Visitor>()),
        ("visitor, first two fields", first::<Visitor>(2)),
        ("visitor, first field", first::<Visitor>(1)),
        ("role", whole::<Role>()),
        ("address of the internet", whole::<Option<IpAddr>>()),
        ("struct in three places", whole::<Order>()),
        ("recursive", whole::<Tree>()),
        ("recursive, first field", first::<Tree>(1)),
        ("recursive, an older version", whole::<OldTree>()),
        ("through a map", whole::<Menu>()),
        ("lists of lists", whole::<Nest>()),
        ("recursive enum", whole::<Term>()),
        ("unrolled once", whole::<List>()),
        ("through each other", whole::<Here>()),
        ("names to escape", whole::<Odd>()),
        ("pinned by hand", (pinned.to_owned(), SchemaFingerprint::pinned(pinned))),
    ];
    let found: Vec<String> = found
        .into_iter()
        .map(|(name, (text, schema))| {
            let hex: String = schema.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
            format!("{name}\t{text}\t{hex}")
        })
        .collect();
    let expected = include_str!("../../../../tests/data/vectors/schemas.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'));
    assert_eq!(found, expected.collect::<Vec<_>>());
}
