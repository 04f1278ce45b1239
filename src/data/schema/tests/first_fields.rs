//! Fields appended with `#[serde(default)]`: which older schemas a struct can be read from, and what then comes of it.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, dead_code)]

use std::collections::BTreeMap;
use std::fmt::Debug;

use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer, Serialize};

use super::walked;
use crate::data::payload::{PayloadError, decode_first_fields, to_vec};
use crate::data::schema::Description;

#[track_caller]
fn prefixes<T: Serialize + DeserializeOwned + Default>() -> Vec<(usize, String)> {
    let description = walked::<T>(&[]).unwrap_or_else(|error| panic!("{error}"));
    description.first_fields.into_iter().map(|prefix| (prefix.count, prefix.text)).collect()
}

#[track_caller]
fn none<T: Serialize + DeserializeOwned + Default>() {
    assert_eq!(prefixes::<T>(), []);
}

/// What was sealed as an `Old` is found by schema and read as a `New`.
#[track_caller]
fn upgrades<Old, New>(old: &Old, new: &New)
where
    Old: Serialize + DeserializeOwned + Default,
    New: Serialize + DeserializeOwned + Default + PartialEq + Debug,
{
    let sealed = walked::<Old>(&[]).unwrap().schema;
    let description = walked::<New>(&[]).unwrap();
    let prefix = description.first_fields.iter().find(|prefix| prefix.schema == sealed).expect("a prefix");
    assert_eq!(decode_first_fields::<New>(&to_vec(old).unwrap(), prefix.count).as_ref(), Ok(new));
}

#[derive(Serialize, Deserialize, Default, PartialEq, Debug)]
struct V1 {
    user: u64,
    name: String,
}

#[derive(Serialize, Deserialize, Default, PartialEq, Debug)]
struct V2 {
    user: u64,
    name: String,
    #[serde(default)]
    tags: Vec<String>,
}

#[derive(Serialize, Deserialize, Default, PartialEq, Debug)]
struct V3 {
    user: u64,
    name: String,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default = "strict")]
    must_reset: bool,
    #[serde(skip)]
    cache: Option<u8>,
    #[serde(default)]
    theme: BTreeMap<String, Option<u8>>,
}

fn strict() -> bool {
    true
}

#[test]
fn every_version_that_only_appended_is_read() {
    let (user, name) = (7, "Ada".to_owned());
    let old = V1 { user, name: name.clone() };
    let expected = V3 { user, name: name.clone(), must_reset: true, ..V3::default() };
    upgrades(&old, &V2 { user, name: name.clone(), tags: vec![] });
    upgrades(&old, &expected);
    let tags = vec!["a".to_owned(), "b".to_owned()];
    upgrades(&V2 { user, name, tags: tags.clone() }, &V3 { tags, ..expected });
    assert_eq!(
        prefixes::<V3>(),
        [
            (4, "{user:u64,name:str,tags:[str],must_reset:bool}".to_owned()),
            (3, "{user:u64,name:str,tags:[str]}".to_owned()),
            (2, "{user:u64,name:str}".to_owned()),
        ],
    );
}

#[test]
fn a_default_of_the_container_counts_and_leaves_one_field() {
    #[derive(Serialize, Deserialize, Default, PartialEq, Debug)]
    #[serde(default)]
    struct All {
        a: u8,
        b: u16,
        c: u32,
    }
    assert_eq!(prefixes::<All>(), [(2, "{a:u8,b:u16}".to_owned()), (1, "{a:u8}".to_owned())]);
    assert_eq!(decode_first_fields(&[9], 1), Ok(All { a: 9, b: 0, c: 0 }));
}

#[test]
fn a_newtype_around_the_struct_does_not_matter() {
    #[derive(Serialize, Deserialize, Default, PartialEq, Debug)]
    struct Session(V2);
    assert_eq!(prefixes::<Session>(), [(2, "{user:u64,name:str}".to_owned())]);
    assert_eq!(decode_first_fields::<Session>(&[7, 0], 2), Ok(Session(V2 { user: 7, ..V2::default() })));
}

#[test]
fn a_struct_that_is_written_for_humans_in_another_form_is_read_in_that_of_machines() {
    #[derive(Serialize, Default, PartialEq, Debug)]
    #[serde(transparent)]
    struct Session(V2);
    impl<'de> Deserialize<'de> for Session {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            if deserializer.is_human_readable() {
                return Err(D::Error::custom("a text, for humans"));
            }
            V2::deserialize(deserializer).map(Self)
        }
    }
    upgrades(&V1 { user: 7, name: String::new() }, &Session(V2 { user: 7, ..V2::default() }));
}

#[test]
fn there_are_no_others() {
    #[derive(Serialize, Deserialize, Default)]
    struct NoDefault {
        a: u8,
        b: u8,
    }
    #[derive(Serialize, Deserialize, Default)]
    struct OptionIsNoDefault {
        a: u8,
        b: Option<u8>,
    }
    #[derive(Serialize, Deserialize, Default)]
    struct NotTheLast {
        a: u8,
        #[serde(default)]
        b: u8,
        c: u8,
    }
    #[derive(Serialize, Deserialize, Default)]
    struct OneField {
        #[serde(default)]
        a: u8,
    }
    #[derive(Serialize, Deserialize, Default)]
    struct Unnamed(u8, #[serde(default)] u8);
    #[derive(Serialize, Deserialize, Default)]
    struct Inside {
        a: V2,
    }
    #[derive(Serialize, Deserialize, Default)]
    enum Variant {
        #[default]
        A,
        B {
            a: u8,
            #[serde(default)]
            b: u8,
        },
    }
    none::<NoDefault>();
    none::<OptionIsNoDefault>();
    none::<NotTheLast>();
    none::<OneField>();
    none::<Unnamed>();
    none::<Inside>();
    none::<Variant>();
    none::<Vec<V2>>();
    none::<Option<V2>>();
    none::<BTreeMap<String, String>>();
    none::<()>();
}

/// A schema of the first fields alone would also be that of older versions, whose nested values lack the new field too.
#[test]
fn a_recursive_struct_is_not_taken_for_its_older_self() {
    #[derive(Serialize, Deserialize, Default, PartialEq, Debug)]
    struct Old {
        children: Vec<Old>,
    }
    #[derive(Serialize, Deserialize, Default, PartialEq, Debug)]
    struct New {
        children: Vec<New>,
        #[serde(default)]
        id: u8,
    }
    let old = walked::<Old>(&[]).unwrap();
    assert_eq!(old.text, "{children:[#0]}");
    let prefixes = prefixes::<New>();
    assert_eq!(prefixes, [(1, "{children:[{children:#1,id:u8}]}".to_owned())]);
    assert!(walked::<New>(&[]).unwrap().first_fields.iter().all(|prefix| prefix.schema != old.schema));
}

#[test]
fn a_sample_may_show_that_a_prefix_is_none() {
    #[derive(Serialize, Deserialize, Default)]
    #[serde(try_from = "Raw")]
    struct Session {
        a: u8,
        b: u8,
    }
    #[derive(Serialize, Deserialize, Default)]
    struct Raw {
        a: u8,
        #[serde(default)]
        b: u8,
    }
    impl TryFrom<Raw> for Session {
        type Error = &'static str;
        fn try_from(Raw { a, b }: Raw) -> Result<Self, Self::Error> {
            if a > 100 && b == 0 { Err("b is missing") } else { Ok(Self { a, b }) }
        }
    }
    assert_eq!(walked::<Session>(&[]).unwrap().first_fields.len(), 1);
    assert_eq!(walked(&[Session { a: 101, b: 1 }]).unwrap().first_fields, []);
}

#[test]
fn without_a_value_nothing_shows_that_the_first_fields_would_do() {
    assert_eq!(Description::walk(&[&V3::default()]).unwrap().first_fields.len(), 3);
    assert_eq!(Description::walk::<V3>(&[]).unwrap().first_fields, []);
}

#[test]
fn all_bytes_and_no_more_must_be_there() {
    for (bytes, fields) in [
        (&[][..], 0),
        (&[], 1),
        (&[], 2),
        (&[7], 1),
        (&[7], 2),
        (&[7, 1], 2),
        (&[7, 0, 0], 2),
        (&[7, 0], 3),
        (&[7, 0, 0, 0], 3),
        (&[7, 0, 0, 0], 4),
        (&[7, 1, 0xff], 2),
        (&[7, 0xff, 0xff, 0xff, 0xff, 0x0f], 2),
    ] {
        assert_eq!(decode_first_fields::<V2>(bytes, fields), Err(PayloadError), "{bytes:?} {fields}");
    }
    assert_eq!(decode_first_fields::<V2>(&[7, 0], 2), Ok(V2 { user: 7, ..V2::default() }));
    assert_eq!(decode_first_fields::<V2>(&[7, 0, 0], 3), Ok(V2 { user: 7, ..V2::default() }));
    assert_eq!(decode_first_fields::<V2>(&[7, 0, 0], usize::MAX), Ok(V2 { user: 7, ..V2::default() }));
    assert_eq!(decode_first_fields::<(u8, u8)>(&[7], 1), Err(PayloadError));
    assert_eq!(decode_first_fields::<Vec<u8>>(&[0], 1), Err(PayloadError));
}
