//! Parts that come back in each other's place: refused, however far apart they are and whatever is around them.
#![allow(clippy::panic, clippy::unwrap_used, dead_code)]

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt;
use std::marker::PhantomData;
use std::net::IpAddr;
use std::num::NonZeroU64;

use serde::de::{DeserializeOwned, Deserializer, SeqAccess, Visitor};
use serde::ser::{SerializeTuple, Serializer};
use serde::{Deserialize, Serialize};

use super::walked;
use crate::data::schema::graph::Extent;
use crate::data::schema::walk::Walk;
use crate::data::schema::{Description, SchemaError};

const COUNT: usize = 20;

thread_local! {
    /// Which two elements of a `Row` change places when it is read.
    static SWAPPED: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
}

/// Elements that a `visit_seq` by hand reads, two of them into each other's place.
#[derive(Clone, Debug)]
struct Row<T>(Vec<T>);

impl<T: Serialize> Serialize for Row<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut tuple = serializer.serialize_tuple(COUNT)?;
        self.0.iter().try_for_each(|element| tuple.serialize_element(element))?;
        tuple.end()
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Row<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Elements<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Elements<T> {
            type Value = Row<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a row")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Row<T>, A::Error> {
                let mut row = Vec::new();
                while let Some(element) = seq.next_element()? {
                    row.push(element);
                }
                let (one, other) = SWAPPED.get();
                row.swap(one, other);
                Ok(Row(row))
            }
        }
        deserializer.deserialize_tuple(COUNT, Elements(PhantomData))
    }
}

/// A row within a session that holds other things as well.
#[derive(Serialize, Deserialize, Clone, Debug)]
struct Around<T> {
    before: Option<u64>,
    entries: HashMap<u64, u64>,
    row: Row<T>,
    list: Vec<u64>,
    after: BTreeSet<String>,
}

#[derive(Serialize, Deserialize, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
enum Kind {
    #[default]
    One,
    Two,
    Three,
}

#[derive(Serialize, Deserialize, Clone, Debug)]
enum Role {
    Guest,
    Member(u64),
    Staff { team: String },
}

#[derive(Serialize, Deserialize, Clone, Debug)]
struct Money {
    cents: u64,
    currency: Kind,
}

#[derive(Serialize, Deserialize, Clone, Debug)]
struct Home {
    street: Option<String>,
    tags: Vec<Kind>,
}

/// Types with rules of their own, each in a module for itself.
macro_rules! ruled_types {
    ($($module:ident $name:ident, $through:ty, $rule:expr;)*) => {$(
        mod $module {
            use serde::{Deserialize, Serialize};
            ruled!(#[derive(Debug)] $name, $through, $rule);
            pub(super) fn ruled(value: $through) -> $name {
                $name(value)
            }
        }
    )*};
}

ruled_types! {
    day Day, String, |text| {
        text.len() == 10 && text.starts_with("20") && text.bytes().filter(|byte| *byte == b'-').count() == 2
    };
    member Member, String, |text| {
        text.strip_prefix("member-").is_some_and(|number| number.parse::<u8>().is_ok())
    };
    year Year, u16, |year| (1900..2100).contains(year);
    key Key, Vec<u8>, |bytes| bytes.len() == 16;
}

/// Whether a round trip is what it is refused for.
#[track_caller]
fn is_refused<T: Serialize + DeserializeOwned>(value: &T) -> bool {
    match Description::walk(&[value]) {
        Ok(_) => false,
        Err(SchemaError::RoundTrip { .. }) => true,
        Err(error) => panic!("{error}"),
    }
}

/// All pairs of a row alone; some of one that has neighbours.
fn every_pair_is_told_apart<T: Serialize + DeserializeOwned + Clone + fmt::Debug>(value: T) {
    let row = Row(vec![value; COUNT]);
    let around = Around {
        before: Some(0),
        entries: HashMap::from([(1, 2), (3, 4), (5, 6)]),
        row: row.clone(),
        list: vec![7, 8, 7],
        after: ["a".to_owned(), "b".to_owned()].into(),
    };
    assert!(!is_refused(&row) && !is_refused(&around), "{row:?} is sound");
    for other in 1..COUNT {
        for one in 0..other {
            SWAPPED.set((one, other));
            assert!(is_refused(&row), "{one} and {other} of {row:?}");
            if one == other / 2 {
                assert!(is_refused(&around), "{one} and {other} of {around:?}");
            }
        }
    }
    SWAPPED.set((0, 0));
}

macro_rules! pairs {
    ($($name:ident: $value:expr;)*) => {$(
        #[test]
        fn $name() {
            every_pair_is_told_apart($value);
        }
    )*};
}

pairs! {
    numbers: 0_u64;
    small_numbers: -1_i8;
    flags: true;
    fractions: 0.5_f64;
    texts: String::new();
    characters: 'x';
    options: None::<u8>;
    options_of_nothing: Some(());
    lists: vec![1_u8, 2];
    lists_of_nothing: Vec::<()>::new();
    maps: BTreeMap::from([(1_u8, true), (2, false)]);
    sets: HashSet::from(["a".to_owned(), "b".to_owned()]);
    sets_that_are_empty: HashSet::<Kind>::new();
    variants_without_content: Kind::Two;
    variants: Role::Guest;
    variants_with_content: Role::Staff { team: "a".to_owned() };
    structs: Money { cents: 0, currency: Kind::One };
    structs_that_hide_all_that_is_in_them: Home { street: None, tags: Vec::new() };
    addresses: IpAddr::from([127, 0, 0, 1]);
    numbers_that_are_not_zero: NonZeroU64::MIN;
    numbers_within_a_range: year::ruled(2000);
    days: day::ruled("2000-01-01".to_owned());
    texts_that_nothing_made_up_is_like: member::ruled("member-7".to_owned());
    lists_of_one_length: key::ruled(vec![0; 16]);
}

/// Three that change places in turn.
#[test]
fn a_cycle_is_told_apart_too() {
    #[derive(Serialize, Deserialize, Default, Clone)]
    #[serde(from = "In", into = "Out")]
    struct Session([bool; 9]);
    #[derive(Serialize)]
    struct Out([bool; 9]);
    #[derive(Deserialize)]
    struct In([bool; 9]);
    impl From<Session> for Out {
        fn from(session: Session) -> Self {
            Self(session.0)
        }
    }
    impl From<In> for Session {
        fn from(In([a, b, c, d, e, f, g, h, i]): In) -> Self {
            Self([a, e, c, d, i, f, g, h, b])
        }
    }
    assert!(is_refused(&Session::default()));
}

/// Types whose parts are turned by a conversion: the one that writes and the one that reads name their fields alike.
macro_rules! conversions {
    ($($name:ident { $($field:ident: $type:ty),* } $one:ident $other:ident = $default:expr;)*) => {$(
        #[test]
        fn $name() {
            #[derive(Clone)]
            struct Data { $($field: $type),* }
            #[derive(Serialize, Deserialize, Clone)]
            #[serde(from = "In", into = "Out")]
            struct Session(Data);
            #[derive(Serialize)]
            struct Out { $($field: $type),* }
            #[derive(Deserialize)]
            struct In { $($field: $type),* }
            impl From<Session> for Out {
                fn from(session: Session) -> Self {
                    let Data { $($field),* } = session.0;
                    Self { $($field),* }
                }
            }
            impl From<In> for Session {
                fn from(read: In) -> Self {
                    let In { $($field),* } = read;
                    let ($one, $other) = ($other, $one);
                    Self(Data { $($field),* })
                }
            }
            impl Default for Session {
                fn default() -> Self {
                    let Out { $($field),* } = $default;
                    Self(Data { $($field),* })
                }
            }
            let found = walked::<Session>(&[]).map(|description| description.text);
            assert!(matches!(found, Err(SchemaError::RoundTrip { .. })), "{found:?}");
        }
    )*};
}

conversions! {
    flags_an_even_distance_apart { is_admin: bool, user: u64, is_locked: bool } is_admin is_locked
        = Out { is_admin: false, user: 0, is_locked: false };
    numbers_six_leaves_apart { user: u64, a: u8, b: u8, c: u8, d: u8, e: u8, tenant: u64 } user tenant
        = Out { user: 0, a: 0, b: 0, c: 0, d: 0, e: 0, tenant: 0 };
    numbers_beside_a_list_of_two_entries { user: u64, tenant: u64, list: Vec<u64> } user tenant
        = Out { user: 0, tenant: 0, list: vec![1, 2] };
    numbers_beside_a_map_of_two_entries { user: u64, map: HashMap<u64, u64>, tenant: u64 } user tenant
        = Out { user: 0, map: HashMap::from([(1, 2), (2, 1)]), tenant: 0 };
    a_list_and_another { one: Vec<u64>, other: Vec<u64> } one other
        = Out { one: vec![1, 2], other: vec![2, 1] };
    a_set_and_another { one: HashSet<Kind>, other: HashSet<Kind> } one other
        = Out { one: HashSet::new(), other: HashSet::new() };
    options_that_are_absent { one: Option<Kind>, other: Option<Kind> } one other
        = Out { one: None, other: None };
    // A rule over both, so not every value will do.
    a_range { from: u64, after: Vec<String>, until: u64 } from until
        = Out { from: 0, after: vec![], until: 0 };
}

/// What holds for one value of a pair and not for the other makes a round over both useless; each alone shows it.
#[test]
fn parts_under_a_rule_that_spoils_the_rounds() {
    #[derive(Serialize, Deserialize, Clone, Default)]
    struct Raw {
        from: u64,
        until: u64,
        owner: u64,
        tenant: u64,
    }
    #[derive(Serialize, Deserialize, Clone, Default)]
    #[serde(try_from = "Raw", into = "Raw")]
    struct Session(Raw);
    impl From<Session> for Raw {
        fn from(session: Session) -> Self {
            session.0
        }
    }
    impl TryFrom<Raw> for Session {
        type Error = &'static str;
        fn try_from(raw: Raw) -> Result<Self, Self::Error> {
            if raw.from > raw.until {
                return Err("ends before it begins");
            }
            Ok(Self(Raw { owner: raw.tenant, tenant: raw.owner, ..raw }))
        }
    }
    assert!(is_refused(&Session::default()));
}

/// An order that is turned around is not that of a set.
#[test]
fn a_list_that_comes_back_in_reverse() {
    #[derive(Serialize, Deserialize, Clone, Default)]
    #[serde(from = "Vec<u64>", into = "Vec<u64>")]
    struct Reversed(Vec<u64>);
    impl From<Reversed> for Vec<u64> {
        fn from(list: Reversed) -> Self {
            list.0
        }
    }
    impl From<Vec<u64>> for Reversed {
        fn from(mut list: Vec<u64>) -> Self {
            list.reverse();
            Self(list)
        }
    }
    assert!(is_refused(&(1_u8, Reversed::default())));
    assert!(is_refused(&(1_u8, Reversed(vec![1, 2, 3]))));
}

/// What is walked once in a large type is found at all of its places.
#[test]
fn twins_that_change_places() {
    #[derive(Serialize, Clone, Default)]
    struct Pair<P> {
        one: P,
        other: P,
    }
    impl<'de, P: Deserialize<'de>> Deserialize<'de> for Pair<P> {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            #[derive(Deserialize)]
            struct Pair<P> {
                one: P,
                other: P,
            }
            let Pair { one, other } = Pair::deserialize(deserializer)?;
            Ok(Self { one: other, other: one })
        }
    }
    #[derive(Serialize, Deserialize, Clone, Default)]
    struct Session<P, R> {
        user: u64,
        own: P,
        kind: Kind,
        steps: Vec<Step<P, R>>,
    }
    #[derive(Serialize, Deserialize, Clone, Default)]
    enum Step<P, R> {
        #[default]
        Begin,
        Of(P),
        Named {
            one: P,
            kind: Kind,
        },
        Review(R),
    }
    #[derive(Serialize, Deserialize, Clone, Default)]
    struct Person {
        name: String,
        number: u64,
        kind: Kind,
    }
    fn is_found<P, R>() -> bool
    where
        P: Serialize + DeserializeOwned + Default,
        R: Serialize + DeserializeOwned + Default,
    {
        let walk = |extent| Walk::over(&[&Session::<P, R>::default()], extent).map(|_| ());
        let found = [Extent::EveryPlace, Extent::EveryType].map(walk);
        found.iter().all(|found| matches!(found, Err(SchemaError::RoundTrip { .. })))
    }
    assert!(!is_found::<Person, (Person, Person)>());
    assert!(is_found::<Person, Pair<Person>>());
    assert!(is_found::<u64, Pair<u64>>());
    assert!(is_found::<Kind, Pair<Kind>>());
    assert!(is_found::<Option<Person>, Pair<Option<Person>>>());
    assert!(is_found::<Vec<Person>, Pair<(Vec<Person>, u8)>>());
    assert!(is_found::<Person, Vec<Pair<(Person, u64)>>>());
}
