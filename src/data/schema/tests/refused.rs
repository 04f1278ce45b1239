//! Types that have no schema: what is refused, where, and with which words.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    dead_code,
    clippy::trivially_copy_pass_by_ref
)]

use std::collections::{BTreeMap, HashMap};
use std::marker::PhantomData;

use serde::de::{self, DeserializeOwned};
use serde::ser::SerializeStructVariant;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::walked;
use crate::data::schema::{Description, SchemaError};

#[track_caller]
fn refused<T: Serialize + DeserializeOwned + Default>() -> SchemaError {
    match walked::<T>(&[]) {
        Ok(description) => panic!("has a schema: {}", description.text),
        Err(error) => error,
    }
}

/// One refusal a row: a type by its items, and what is said of it.
macro_rules! refusals {
    ($($name:ident { $($item:item)* } => $message:expr;)*) => {$(
        #[test]
        fn $name() {
            $(#[derive(Serialize, Deserialize, Default, Clone)] $item)*
            let found = refused::<Session>().to_string();
            assert!(found.starts_with($message), "{found}");
            assert!(!found.ends_with('.'), "{found}");
        }
    )*};
}

// Fields that are left out.
refusals! {
    skipped_by_default { struct Session { #[serde(skip_serializing_if = "Option::is_none")] user: Option<u64>, age: u8 } }
        => "user: is left out of some values, and what follows would be misread: take skip_serializing_if out";
    skipped_at_the_end { struct Session { age: u8, #[serde(default, skip_serializing_if = "Vec::is_empty")] tags: Vec<u8> } }
        => "tags: is left out";
    skipped_when_present { struct Session { #[serde(skip_serializing_if = "Option::is_some")] user: Option<u64>, age: u8 } }
        => "user: is left out";
    skipped_when_one { struct Session { #[serde(skip_serializing_if = "is_one")] count: u64, age: u8 } }
        => "count: is left out";
    skipped_when_filled { struct Session { #[serde(skip_serializing_if = "not_empty")] tags: Vec<String>, age: u8 } }
        => "tags: is left out";
    skipped_when_true { struct Session { age: u8, #[serde(skip_serializing_if = "Clone::clone")] fresh: bool } }
        => "fresh: is left out";
    skipped_when_hidden {
        struct Session { age: u8, home: Option<Home> }
        struct Home { #[serde(skip_serializing_if = "String::is_empty")] street: String, number: u8 }
    } => "home.street: is left out";
    skipped_in_a_list_in_a_map {
        struct Session { homes: BTreeMap<String, Vec<Home>> }
        struct Home { number: u8, #[serde(skip_serializing_if = "Option::is_none")] street: Option<String> }
    } => "homes{value}[].street: is left out";
    skipped_in_a_variant {
        struct Session { role: Role }
        enum Role { #[default] Guest, Staff { #[serde(skip_serializing_if = "is_zero")] level: u8 } }
    } => "role::Staff.level: is left out";
    skipped_in_a_recursive_type {
        struct Session { children: Vec<Session>, #[serde(skip_serializing_if = "is_zero")] level: u8 }
    } => "level: is left out";
    skipped_where_a_type_is_within_itself {
        struct Session(Option<Box<There>>);
        struct There { here: Vec<Here> }
        struct Here { #[serde(skip_serializing_if = "Option::is_some")] there: Option<Box<There>>, id: u8 }
    } => "here[].there: is left out";
    skipped_on_the_second_of_two_like_fields {
        struct Session { a: Option<u64>, #[serde(skip_serializing_if = "Option::is_some")] b: Option<u64>, c: Option<u64> }
    } => "b: is left out";
    skipped_in_the_second_of_two_like_types {
        struct Session { a: Option<Vec<Option<u8>>>, #[serde(skip_serializing_if = "holds_a_value")] b: Option<Vec<Option<u8>>> }
    } => "b: is left out";
}

#[test]
fn skipped_when_the_default_is_not() {
    #[derive(Serialize, Deserialize)]
    struct Session {
        #[serde(skip_serializing_if = "is_zero")]
        level: u8,
        #[serde(skip_serializing_if = "String::is_empty")]
        name: String,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        tags: Vec<u8>,
        user: Option<u8>,
    }
    impl Default for Session {
        fn default() -> Self {
            Self { level: 7, name: "x".into(), tags: vec![1], user: Some(3) }
        }
    }
    assert!(matches!(refused::<Session>(), SchemaError::SkipsField { .. }));

    #[derive(Serialize, Deserialize)]
    struct Full {
        #[serde(skip_serializing_if = "Option::is_none")]
        user: Option<u8>,
    }
    impl Default for Full {
        fn default() -> Self {
            Self { user: Some(3) }
        }
    }
    assert_eq!(refused::<Full>(), SchemaError::SkipsField { path: "user".into() });
}

// Fields that one side alone knows of.
refusals! {
    not_written { struct Session { a: u8, #[serde(skip_serializing)] b: u8, c: u8 } }
        => "(payload): is written as 2 fields but read as 3 fields: make Serialize and Deserialize agree";
    not_read { struct Session { a: u8, #[serde(skip_deserializing)] b: u8, c: u8 } }
        => "(payload): is written as 3 fields but read as 2 fields";
    // serde counts the skipped variant when it writes and does not when it reads.
    variant_skipped_before_others { enum Session { #[default] A, #[serde(skip)] B, C(u64) } }
        => "::C: the variant, or one before it, has serde's attribute skip";
    variant_skipped_before_others_of_other_types {
        struct Session { role: Option<Role>, next: u8 }
        enum Role { A, #[serde(skip)] #[default] B, #[serde(alias = "c")] C(u64), D(String), E { e: bool } }
    } => "role::C: the variant, or one before it, has serde's attribute skip";
    variant_skipped_that_is_the_default { struct Session { role: Role } enum Role { A, #[default] #[serde(skip)] B } }
        => "role::B: the variant, or one before it, has serde's attribute skip, so that it is written under another";
    variant_skipped_at_the_root { enum Session { A, #[default] #[serde(skip_serializing)] B } }
        => "::B: the variant";
    variant_skipped_for_writing { struct Session { roles: Vec<Role> } enum Role { #[default] A, #[serde(skip_serializing)] B(u8) } }
        => "roles[]::B: the variant";
}

// Types that ask the data.
refusals! {
    any_value { struct Session { user: u64, data: serde_json::Value } }
        => "data: asks the data for its type (serde's untagged, tag or flatten";
    any_value_hidden { struct Session { user: u64, data: Option<BTreeMap<String, serde_json::Value>> } }
        => "data{value}: asks";
    untagged {
        struct Session { user: u64, role: Role }
        #[serde(untagged)] enum Role { #[default] Guest, Member(u64) }
    } => "role: asks";
    untagged_hidden {
        struct Session { roles: Vec<Role> }
        #[serde(untagged)] enum Role { #[default] Guest, Member(u64) }
    } => "roles[]: asks";
    internally_tagged {
        struct Session { user: u64, role: Role }
        #[serde(tag = "kind")] enum Role { #[default] Guest, Member { id: u64 } }
    } => "role: asks";
    internally_tagged_hidden {
        struct Session { user: u64, role: Option<Role> }
        #[serde(tag = "kind")] enum Role { #[default] Guest, Member { id: u64 } }
    } => "role: asks";
    adjacently_tagged {
        struct Session { role: Role, next: u8 }
        #[serde(tag = "kind", content = "of")] enum Role { #[default] Guest, Member(u64), Staff(String) }
    } => "role: asks";
    adjacently_tagged_with_lists {
        struct Session { role: Option<Role>, next: u8 }
        #[serde(tag = "kind", content = "of")] enum Role { Member(Vec<u8>), #[default] #[serde(skip)] None, Staff(Vec<u16>) }
    } => "role: asks";
    flattened {
        struct Session { user: u64, #[serde(flatten)] more: More }
        struct More { age: u8 }
    } => "(payload): is written without its length, as serde's flatten does: make it a field of its own";
    flattened_hidden {
        struct Session { user: u64, homes: Vec<Home> }
        struct Home { number: u8, #[serde(flatten)] rest: HashMap<String, String> }
    } => "homes[]: asks";
}

// Sides that do not agree.
refusals! {
    written_as_text { struct Session { a: u8, #[serde(serialize_with = "as_text")] at: u64 } }
        => "at: is written as str but read as u64: make Serialize and Deserialize agree, for every value";
    read_as_text { struct Session { a: u8, #[serde(deserialize_with = "from_text")] at: u64 } }
        => "at: is written as u64 but read as str";
    written_as_text_hidden {
        struct Session { a: Option<At> }
        struct At { #[serde(serialize_with = "as_text")] at: u64 }
    } => "a.at: is written as str but read as u64";
    written_as_text_if_present { struct Session { a: Option<u64>, #[serde(serialize_with = "as_text_inside")] b: Option<u64> } }
        => "b: is written as str but read as u64";
    other_width { struct Session { #[serde(serialize_with = "as_u32")] at: u64 } }
        => "at: is written as u32 but read as u64";
    other_unit { struct Session { a: u8, #[serde(serialize_with = "as_seconds")] at: u64 } }
        => "at: does not come back as it was written: make Serialize and Deserialize agree";
    other_unit_hidden { struct Session { a: u8, home: Option<Home> } struct Home { #[serde(serialize_with = "as_seconds")] at: u64 } }
        => "home.at: does not come back";
    length_not_told { struct Session { a: u8, #[serde(serialize_with = "without_length")] list: Vec<u8> } }
        => "list: is written without its length";
    bytes_and_list { struct Session { #[serde(serialize_with = "as_bytes")] list: Vec<u8> } }
        => "list: is written as bytes but read as a list";
    never_written { struct Session { a: u8, #[serde(serialize_with = "never")] b: u8 } }
        => "b: does not come back";
    always_the_same { struct Session { a: u8, #[serde(deserialize_with = "seven")] b: u8 } }
        => "b: does not come back";
    lost { struct Session { a: u8, #[serde(serialize_with = "nothing")] b: u8 } }
        => "b: is written as a tuple but read as u8";
}

/// Accepts one number alone, which nobody guesses.
#[derive(Clone, Debug, PartialEq)]
struct Secret(u32);

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u32::deserialize(deserializer)? {
            0xCAFE => Ok(Self(0xCAFE)),
            _ => Err(de::Error::custom("not the secret")),
        }
    }
}

#[derive(Serialize, Deserialize, Default, Clone)]
struct Guarded {
    home: Option<Home>,
    keys: Vec<Secret>,
    after: Option<Vec<u8>>,
    map: BTreeMap<String, Secret>,
}

#[derive(Serialize, Deserialize, Clone)]
struct Home {
    name: String,
    url: Secret,
    street: Option<String>,
}

#[test]
fn all_that_refuse_are_named_and_the_remedies() {
    assert_eq!(
        refused::<Guarded>().to_string(),
        "home.url, keys[], map{value}: refused every probe: give a value that has it with .sample(value), or pin the \
         schema by hand with .schema(\"name-1\")",
    );
}

#[test]
fn samples_show_what_no_probe_does() {
    let home = Home { name: String::new(), url: Secret(0xCAFE), street: None };
    let one = Guarded { home: Some(home), keys: vec![Secret(0xCAFE)], ..Guarded::default() };
    let found = walked(std::slice::from_ref(&one)).unwrap_err();
    assert_eq!(found, SchemaError::Refused { paths: vec!["map{value}".into()] });
    let other = Guarded { map: BTreeMap::from([("a".into(), Secret(0xCAFE))]), ..Guarded::default() };
    let expected = "{home:?{name:str,url:u32,street:?str},keys:[u32],after:?[u8],map:[str:u32]}";
    assert_eq!(walked(&[one.clone(), other.clone()]).unwrap().text, expected);
    assert_eq!(walked(&[other, one]).unwrap().text, expected);
}

#[test]
fn variants_that_refuse_are_named() {
    #[derive(Serialize, Deserialize, Default)]
    enum Role {
        #[default]
        Guest,
        Member(Secret),
        Staff {
            level: u8,
            pass: Secret,
        },
        Pair(u8, Secret),
    }
    assert_eq!(
        refused::<Role>(),
        SchemaError::Refused { paths: ["::Member", "::Staff.pass", "::Pair.1"].map(String::from).to_vec() },
    );
}

/// Types with a rule over all of their fields, which spoils what is tried all at once.
macro_rules! rules {
    ($($name:ident { $($field:ident: $type:ty),* } $rule:expr => $text:literal;)*) => {$(
        #[test]
        fn $name() {
            #[derive(Serialize, Deserialize, Default, Clone)]
            struct Raw { $($field: $type),* }
            ruled!(#[derive(Default)] Session, Raw, $rule);
            assert_eq!(walked::<Session>(&[]).unwrap().text, $text);
        }
    )*};
}

rules! {
    not_both { user: Option<u64>, guest: Option<String>, tags: Vec<u8> }
        |raw| raw.user.is_none() || raw.guest.is_none()
        => "{user:?u64,guest:?str,tags:[u8]}";
    picky_and_alone { a: Option<u64>, b: Option<u64>, c: Option<u64>, d: Option<u64>, e: Option<u64>, f: Option<u64>,
            g: Option<u64>, h: Option<u64>, i: Option<u64>, j: Option<u64>, k: Option<u64>, l: Option<u64>,
            m: Option<u64>, n: Option<u64> }
        |raw| {
            let one = [raw.a, raw.c, raw.e, raw.g, raw.i, raw.k, raw.m];
            let other = [raw.b, raw.d, raw.f, raw.h, raw.j, raw.l, raw.n];
            let wanted = one.iter().all(|it| it.is_none_or(|it| it == 2000));
            let present = one.iter().chain(&other).flatten().count();
            wanted && other.iter().all(|it| it.is_none_or(|it| it == 1_000_000)) && present < 2
        } => "{a:?u64,b:?u64,c:?u64,d:?u64,e:?u64,f:?u64,g:?u64,h:?u64,i:?u64,j:?u64,k:?u64,l:?u64,m:?u64,n:?u64}";
    one_needs_another { a: Option<u8>, b: Option<u16>, c: Option<u32> }
        |raw| (raw.b.is_none() || raw.c.is_some()) && (raw.a.is_none() || raw.c.is_none())
        => "{a:?u8,b:?u16,c:?u32}";
}

#[test]
fn a_rule_over_a_type_within_itself() {
    #[derive(Serialize, Deserialize, Clone)]
    struct Raw {
        next: Option<Chain>,
        id: u64,
    }
    #[derive(Serialize, Deserialize, Clone)]
    #[serde(try_from = "Box<Raw>", into = "Box<Raw>")]
    struct Chain(Box<Raw>);
    impl From<Chain> for Box<Raw> {
        fn from(chain: Chain) -> Self {
            chain.0
        }
    }
    impl TryFrom<Box<Raw>> for Chain {
        type Error = &'static str;
        fn try_from(raw: Box<Raw>) -> Result<Self, Self::Error> {
            if raw.id == 2000 { Ok(Self(raw)) } else { Err("not 2000") }
        }
    }
    assert_eq!(walked::<Vec<Chain>>(&[]).unwrap().text, "[{next:?#1,id:u64}]");
}

#[test]
fn what_has_rules_of_its_own_does_not_hide_its_neighbours() {
    #[derive(Serialize, Deserialize)]
    struct Session {
        key: Secret,
        #[serde(skip_serializing_if = "is_one")]
        count: u64,
    }
    impl Default for Session {
        fn default() -> Self {
            Self { key: Secret(0xCAFE), count: 0 }
        }
    }
    assert_eq!(refused::<Session>(), SchemaError::SkipsField { path: "count".into() });
}

#[test]
fn what_must_not_be_empty_need_not() {
    #[derive(Serialize, Deserialize, Clone)]
    #[serde(try_from = "Vec<u16>", into = "Vec<u16>")]
    struct NotEmpty(Vec<u16>);
    impl From<NotEmpty> for Vec<u16> {
        fn from(list: NotEmpty) -> Self {
            list.0
        }
    }
    impl TryFrom<Vec<u16>> for NotEmpty {
        type Error = &'static str;
        fn try_from(list: Vec<u16>) -> Result<Self, Self::Error> {
            if list.is_empty() { Err("empty") } else { Ok(Self(list)) }
        }
    }
    impl Default for NotEmpty {
        fn default() -> Self {
            Self(vec![7])
        }
    }
    type Session = (NotEmpty, Option<NotEmpty>, Option<u8>);
    assert_eq!(walked::<Session>(&[]).unwrap().text, "([u16],?[u16],?u8)");
}

#[test]
fn fields_that_are_written_in_another_order() {
    #[derive(Deserialize, Default)]
    struct Pair {
        x: u64,
        y: u64,
    }
    impl Serialize for Pair {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            Turned { x: self.y, y: self.x }.serialize(serializer)
        }
    }
    assert_eq!(refused::<(u8, Option<Pair>)>(), SchemaError::RoundTrip { path: "1.x".into() });
}

#[test]
fn a_value_that_cannot_be_read_is_no_ground() {
    #[derive(Serialize, Deserialize)]
    struct Session {
        a: u8,
        key: Secret,
    }
    impl Default for Session {
        fn default() -> Self {
            Self { a: 0, key: Secret(7) }
        }
    }
    assert_eq!(refused::<Session>(), SchemaError::RoundTrip { path: "key".into() });
}

#[test]
fn an_error_that_a_type_swallows_is_found_all_the_same() {
    #[derive(Serialize, Deserialize, Default)]
    struct Session {
        #[serde(deserialize_with = "or_default")]
        data: serde_json::Value,
    }
    fn or_default<'de, D: Deserializer<'de>>(deserializer: D) -> Result<serde_json::Value, D::Error> {
        Ok(serde_json::Value::deserialize(deserializer).unwrap_or_default())
    }
    assert_eq!(refused::<Session>(), SchemaError::DecodesAny { path: "data".into() });
}

#[test]
fn values_and_types_that_nest_too_deep_are_refused() {
    #[derive(Serialize, Deserialize, Default)]
    struct List {
        next: Option<Box<List>>,
    }
    let chain = |length| (0..length).fold(List::default(), |next, _| List { next: Some(Box::new(next)) });
    assert!(walked(&[chain(50)]).is_ok());
    assert!(matches!(walked(&[chain(100)]), Err(SchemaError::TooComplex { .. })));
    assert!(matches!(walked(&[chain(5000)]), Err(SchemaError::TooComplex { .. })));

    #[derive(Serialize, Deserialize, Default)]
    struct Session {
        never: Vec<Endless>,
    }
    #[derive(Serialize, Deserialize)]
    struct Endless(Box<Endless>);
    assert_eq!(refused::<Session>(), SchemaError::TooComplex { path: "never[]".into() });
}

/// Its second part is of one type or another, as its first part says.
#[test]
fn a_type_that_depends_on_a_value_is_refused() {
    #[derive(Clone, Debug, PartialEq)]
    enum Session {
        Bytes(Vec<u8>),
        Words(Vec<u16>),
    }
    impl Default for Session {
        fn default() -> Self {
            Self::Bytes(vec![1])
        }
    }
    impl Serialize for Session {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            match self {
                Self::Bytes(list) => (false, list).serialize(serializer),
                Self::Words(list) => (true, list).serialize(serializer),
            }
        }
    }
    impl<'de> Deserialize<'de> for Session {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct Pair;
            impl<'de> de::Visitor<'de> for Pair {
                type Value = Session;
                fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.write_str("a pair")
                }
                fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<Session, A::Error> {
                    let short = || de::Error::custom("too short");
                    if seq.next_element()?.ok_or_else(short)? {
                        seq.next_element()?.map(Session::Words).ok_or_else(short)
                    } else {
                        seq.next_element()?.map(Session::Bytes).ok_or_else(short)
                    }
                }
            }
            deserializer.deserialize_tuple(2, Pair)
        }
    }
    let (written, read) = ("one type".to_owned(), "another type".to_owned());
    assert_eq!(refused::<Session>(), SchemaError::Unlike { path: "1".into(), written, read });
}

#[test]
fn what_is_left_unread_is_blamed_on_who_left_it() {
    #[derive(Serialize, Deserialize, Clone)]
    struct Session {
        #[serde(deserialize_with = "first_only")]
        list: Vec<u8>,
        #[serde(deserialize_with = "first_entry_only")]
        map: BTreeMap<u8, u8>,
        after: u8,
    }
    let sound = Session { list: vec![1], map: BTreeMap::from([(1, 1)]), after: 0 };
    let list = Session { list: vec![1, 2, 3], ..sound.clone() };
    let map = Session { map: BTreeMap::from([(1, 1), (2, 2), (3, 3)]), ..sound.clone() };
    let round_trip = |path: &str| Err(SchemaError::RoundTrip { path: path.into() });
    assert_eq!(Description::walk(&[&sound, &list]), round_trip("list"));
    assert_eq!(Description::walk(&[&sound, &map]), round_trip("map"));
}

fn first_only<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    struct First;
    impl<'de> de::Visitor<'de> for First {
        type Value = Vec<u8>;
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a list")
        }
        fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<u8>, A::Error> {
            Ok(seq.next_element()?.into_iter().collect())
        }
    }
    deserializer.deserialize_seq(First)
}

fn first_entry_only<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<u8, u8>, D::Error> {
    struct First;
    impl<'de> de::Visitor<'de> for First {
        type Value = BTreeMap<u8, u8>;
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a map")
        }
        fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<BTreeMap<u8, u8>, A::Error> {
            Ok(map.next_entry()?.into_iter().collect())
        }
    }
    deserializer.deserialize_map(First)
}

#[test]
fn types_without_an_end_are_refused() {
    // Each level is a type of its own, so no name ever repeats.
    #[derive(Default)]
    struct Level<const DEPTH: usize>;
    macro_rules! levels {
        ($($depth:literal $next:literal)*) => {$(
            impl Serialize for Level<$depth> {
                fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    (None::<Level<$next>>, 7u8, None::<Level<$next>>).serialize(serializer)
                }
            }
            impl<'de> Deserialize<'de> for Level<$depth> {
                fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    <(Option<Level<$next>>, u8, Option<Level<$next>>)>::deserialize(deserializer).map(|_| Self)
                }
            }
        )*};
    }
    levels! { 0 1 1 2 2 3 3 4 4 5 5 6 6 7 7 8 8 9 9 10 10 11 11 12 12 13 13 14 14 15 15 16 16 17 17 18 18 19 19 20
    20 21 21 22 22 23 23 24 24 25 25 26 26 27 27 28 28 29 29 30 30 0 }
    assert!(matches!(refused::<Level<0>>(), SchemaError::TooComplex { .. }));
}

#[test]
fn a_variant_index_makes_no_more_room_than_it_may() {
    struct Far;
    impl Serialize for Far {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_unit_variant("Far", u32::MAX, "Far")
        }
    }
    impl<'de> Deserialize<'de> for Far {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct Any;
            impl<'de> de::Visitor<'de> for Any {
                type Value = Far;
                fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.write_str("far")
                }
                fn visit_enum<A: de::EnumAccess<'de>>(self, access: A) -> Result<Far, A::Error> {
                    let (_, variant) = access.variant::<u32>()?;
                    de::VariantAccess::unit_variant(variant)?;
                    Ok(Far)
                }
            }
            deserializer.deserialize_enum("Far", &["Far"], Any)
        }
    }
    impl Default for Far {
        fn default() -> Self {
            Self
        }
    }
    assert!(matches!(refused::<Far>(), SchemaError::TooComplex { .. }));
}

#[test]
fn the_errors_of_no_value_at_all() {
    #[derive(Serialize, Deserialize)]
    struct Session {
        key: Secret,
        _more: PhantomData<u8>,
    }
    let found = Description::walk::<Session>(&[]).unwrap_err();
    assert_eq!(found, SchemaError::Refused { paths: vec!["key".into()] });
}

/// Written as one thing and read as another that has the same bytes.
#[test]
fn what_is_written_as_something_else_of_the_same_bytes() {
    #[derive(Deserialize, Default)]
    struct Byte(u8);
    impl Serialize for Byte {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_none()
        }
    }
    #[derive(Deserialize, Default)]
    struct Fieldless {}
    impl Serialize for Fieldless {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_unit_struct("Fieldless")
        }
    }
    #[derive(Deserialize, Default)]
    enum Variant {
        #[default]
        Unit,
    }
    impl Serialize for Variant {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_struct_variant("Variant", 0, "Unit", 0)?.end()
        }
    }
    for error in [refused::<Byte>(), refused::<Fieldless>(), refused::<Variant>()] {
        assert!(matches!(error, SchemaError::Unlike { .. }), "{error:?}");
    }
}

#[test]
fn a_list_that_loses_an_element_is_not_taken_for_one_in_another_order() {
    #[derive(Serialize, Deserialize, Default, Clone)]
    #[serde(from = "Vec<u8>", into = "Vec<u8>")]
    struct Lossy(Vec<u8>);
    impl From<Lossy> for Vec<u8> {
        fn from(list: Lossy) -> Self {
            list.0
        }
    }
    impl From<Vec<u8>> for Lossy {
        fn from(mut list: Vec<u8>) -> Self {
            list.iter_mut().skip(1).for_each(|element| *element = 0);
            Self(list)
        }
    }
    let found = walked(&[Lossy(vec![1, 2])]).unwrap_err();
    assert!(matches!(found, SchemaError::RoundTrip { .. }), "{found:?}");
}

#[test]
fn a_sample_of_a_million_elements_is_too_complex() {
    let found = walked(&[vec![0_u8; 1_000_000]]).unwrap_err();
    assert!(matches!(found, SchemaError::TooComplex { .. }), "{found:?}");
}

#[test]
fn the_key_of_a_map_is_named() {
    #[derive(Serialize, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
    struct Key {
        #[serde(skip_serializing_if = "Option::is_none")]
        street: Option<String>,
        number: u8,
    }
    assert_eq!(refused::<BTreeMap<Key, u8>>(), SchemaError::SkipsField { path: "{key}.street".into() });
}

#[test]
fn an_enum_without_a_variant_is_refused() {
    #[derive(Serialize, Deserialize)]
    enum Never {}
    assert_eq!(refused::<Option<Never>>(), SchemaError::Refused { paths: vec!["(payload)".into()] });
}

fn is_one(count: &u64) -> bool {
    *count == 1
}

fn is_zero<T: Clone + Into<Number>>(number: &T) -> bool {
    number.clone().into().0 == 0
}

struct Number(u8);

impl From<u8> for Number {
    fn from(number: u8) -> Self {
        Self(number)
    }
}

fn not_empty(list: &[String]) -> bool {
    !list.is_empty()
}

fn holds_a_value(list: &Option<Vec<Option<u8>>>) -> bool {
    list.as_ref().is_some_and(|list| list.iter().any(Option::is_some))
}

fn as_text<S: Serializer>(number: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(number)
}

fn as_text_inside<S: Serializer>(number: &Option<u64>, serializer: S) -> Result<S::Ok, S::Error> {
    number.map(|number| number.to_string()).serialize(serializer)
}

fn from_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
}

fn as_u32<S: Serializer>(number: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    u32::try_from(*number).unwrap_or(0).serialize(serializer)
}

fn as_seconds<S: Serializer>(millis: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    (millis / 1000).serialize(serializer)
}

fn as_bytes<S: Serializer>(list: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bytes(list)
}

fn without_length<S: Serializer>(list: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    use serde::ser::SerializeSeq;
    let mut seq = serializer.serialize_seq(None)?;
    list.iter().try_for_each(|byte| seq.serialize_element(byte))?;
    seq.end()
}

fn never<S: Serializer>(_: &u8, _: S) -> Result<S::Ok, S::Error> {
    Err(serde::ser::Error::custom("never"))
}

fn nothing<S: Serializer>(_: &u8, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_unit()
}

#[derive(Serialize)]
struct Turned {
    x: u64,
    y: u64,
}

fn seven<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
    u8::deserialize(deserializer).map(|_| 7)
}
