//! Which lists and maps keep the order of their entries.
#![allow(clippy::unwrap_used, dead_code)]

use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, VecDeque};
use std::hash::{BuildHasherDefault, DefaultHasher};

use indexmap::{IndexMap, IndexSet};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::data::schema::Description;

type Fixed = BuildHasherDefault<DefaultHasher>;

#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Kind {
    One,
    Two,
    Three,
}

#[derive(Serialize, Deserialize, Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Key {
    kind: Option<Kind>,
    name: String,
}

/// The type's lists and maps that lose the order of their entries.
fn unordered<T: Serialize + DeserializeOwned>() -> Vec<String> {
    Description::walk::<T>(&[]).unwrap().unordered()
}

macro_rules! orders {
    ($($name:ident: $type:ty => $paths:expr;)*) => {$(
        #[test]
        fn $name() {
            let expected: &[&str] = &$paths;
            for _ in 0..4 {
                assert_eq!(unordered::<$type>(), expected);
            }
        }
    )*};
}

orders! {
    lists: Vec<u64> => [];
    lists_of_flags: (Vec<bool>, VecDeque<Kind>) => [];
    lists_of_texts: Vec<String> => [];
    lists_of_nothing: Vec<()> => [];
    lists_in_lists: Vec<Vec<Option<Vec<u8>>>> => [];
    index_maps: IndexMap<String, IndexSet<u64>> => [];
    index_sets_of_two: IndexSet<bool> => [];
    index_sets_of_three: IndexSet<Kind> => [];
    hash_sets: HashSet<String> => ["(payload)"];
    hash_sets_of_two: HashSet<bool> => ["(payload)"];
    hash_sets_of_three: HashSet<Kind> => ["(payload)"];
    hash_sets_of_options: HashSet<Option<u8>> => ["(payload)"];
    hash_maps: HashMap<Key, Vec<u64>> => ["(payload)"];
    hash_maps_of_sets: HashMap<u64, HashSet<Key>> => ["(payload)", "{value}"];
    fixed_hashers: (HashSet<u64, Fixed>, HashMap<Kind, u8, Fixed>) => ["0", "1"];
    sorted: (BTreeMap<String, Vec<u8>>, BTreeSet<u64>) => ["0", "1"];
    heaps: BinaryHeap<u64> => ["(payload)"];
    within_variants: Option<Result<HashSet<u64>, Vec<(u8, HashSet<Kind>)>>> => ["::Ok", "::Err[].1"];
}

#[test]
fn lists_whose_elements_have_rules() {
    ruled!(
        #[derive(Debug, PartialEq, Eq, Hash)]
        Day,
        String,
        |text| {
            text.len() == 10
                && text.starts_with("20")
                && !text.ends_with("00")
                && text.bytes().filter(|b| *b == b'-').count() == 2
        }
    );
    assert_eq!(unordered::<Vec<Day>>(), [""; 0]);
    assert_eq!(unordered::<HashSet<Day>>(), ["(payload)"]);
}

/// What comes back in another spelling is another value, and not in another order.
#[test]
fn lists_whose_elements_are_normalized() {
    #[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Hash)]
    #[serde(from = "String", into = "String")]
    struct Lower(String);
    impl From<Lower> for String {
        fn from(lower: Lower) -> Self {
            lower.0
        }
    }
    impl From<String> for Lower {
        fn from(text: String) -> Self {
            Self(format!("{}/", text.trim_end_matches('/')))
        }
    }
    assert_eq!(unordered::<Vec<Lower>>(), [""; 0]);
    assert_eq!(unordered::<HashSet<Lower>>(), ["(payload)"]);
}

#[test]
fn wherever_they_are() {
    #[derive(Serialize, Deserialize)]
    struct Session {
        user: Option<HashSet<Key>>,
        lists: Vec<HashSet<u64>>,
        state: State,
        by_name: HashMap<String, HashMap<Kind, BTreeSet<u64>>>,
        sets: HashSet<Vec<Option<u64>>>,
        last: u64,
    }
    #[derive(Serialize, Deserialize)]
    enum State {
        None,
        Some { flags: HashSet<bool>, rest: HashMap<u8, u8, Fixed> },
        Pair(u8, HashSet<(u8, char)>),
    }
    let mut found = unordered::<Session>();
    found.sort_unstable();
    let expected = [
        "by_name",
        "by_name{value}",
        "by_name{value}{value}",
        "lists[]",
        "sets",
        "state::Pair.1",
        "state::Some.flags",
        "state::Some.rest",
        "user",
    ];
    assert_eq!(found, expected);
}

#[test]
fn types_within_themselves() {
    #[derive(Serialize, Deserialize, PartialEq, Eq)]
    struct Tree {
        name: String,
        by_name: HashMap<String, Tree>,
        list: Vec<Tree>,
    }
    assert_eq!(unordered::<Tree>(), ["by_name"]);
    // Full ones, too.
    let leaf = |name: u8| Tree { name: name.to_string(), by_name: HashMap::new(), list: Vec::new() };
    let tree = |name: u8| Tree {
        by_name: (0..9).map(|n| (n.to_string(), leaf(n))).collect(),
        list: (0..9).map(leaf).collect(),
        name: name.to_string(),
    };
    let full = Tree {
        by_name: (0..9).map(|n| (n.to_string(), tree(n))).collect(),
        list: (0..9).map(tree).collect(),
        name: String::new(),
    };
    for _ in 0..4 {
        assert_eq!(Description::walk(&[&full]).unwrap().unordered(), ["by_name"]);
    }
}

/// Entries whose hashes say nothing, by a hasher of the application's or a `Hash` of its own.
mod collisions {
    use std::hash::{Hash, Hasher};

    use super::*;

    #[derive(Clone, Copy, Default)]
    struct Always<const HASH: u64>;

    impl<const HASH: u64> Hasher for Always<HASH> {
        fn write(&mut self, _: &[u8]) {}
        fn finish(&self) -> u64 {
            HASH
        }
    }

    #[derive(Clone, Copy, Default)]
    struct Itself(u64);

    impl Hasher for Itself {
        fn write(&mut self, bytes: &[u8]) {
            bytes.iter().rev().for_each(|byte| self.0 = self.0 << 8 | u64::from(*byte));
        }
        fn finish(&self) -> u64 {
            self.0
        }
    }

    #[derive(Serialize, Deserialize, PartialEq, Eq)]
    struct Account(u64, Option<String>);

    impl Hash for Account {
        fn hash<H: Hasher>(&self, _: &mut H) {}
    }

    type By<H> = BuildHasherDefault<H>;

    #[test]
    fn are_unordered_like_others() {
        for _ in 0..100 {
            assert_eq!(unordered::<HashSet<Account>>(), ["(payload)"]);
        }
        assert_eq!(unordered::<HashSet<u64, By<Itself>>>(), ["(payload)"]);
        assert_eq!(unordered::<HashSet<String, By<Itself>>>(), ["(payload)"]);
        assert_eq!(unordered::<HashSet<u64, By<Always<0>>>>(), ["(payload)"]);
        assert_eq!(unordered::<HashSet<String, By<Always<7>>>>(), ["(payload)"]);
        assert_eq!(unordered::<HashMap<u64, u8, By<Always<7>>>>(), ["(payload)"]);
        assert_eq!(unordered::<HashMap<Account, u8, By<Always<{ u64::MAX }>>>>(), ["(payload)"]);
        assert_eq!(unordered::<IndexMap<Account, u8>>(), [""; 0]);
        assert_eq!(unordered::<IndexSet<Option<String>, By<Always<7>>>>(), [""; 0]);
    }
}

/// A map that is written as a list of keys and a list of values.
mod columns {
    use super::*;

    #[derive(Serialize, Deserialize)]
    struct Columns {
        keys: Vec<String>,
        values: Vec<u64>,
    }

    macro_rules! written_as_columns {
        ($name:ident, $map:ident, $more:expr) => {
            #[derive(Serialize, Deserialize, Clone)]
            #[serde(from = "Columns", into = "Columns")]
            struct $name($map<String, u64>);

            impl From<$name> for Columns {
                fn from(map: $name) -> Self {
                    let (keys, values) = map.0.into_iter().unzip();
                    Self { keys, values }
                }
            }

            impl From<Columns> for $name {
                fn from(columns: Columns) -> Self {
                    Self(columns.keys.into_iter().zip(columns.values.into_iter().chain($more)).collect())
                }
            }
        };
    }
    written_as_columns!(Hashed, HashMap, None);
    written_as_columns!(Sorted, BTreeMap, None);
    written_as_columns!(Filled, HashMap, std::iter::repeat(0));

    /// Were one of them sorted alone, keys would have the values of others.
    #[test]
    fn are_not_sorted_alone() {
        let entries = || (0..9).map(|number| (number.to_string(), number));
        let found = |found: Result<Description, _>| found.unwrap().unordered();
        for _ in 0..4 {
            assert_eq!(found(Description::walk(&[&Hashed(entries().collect())])), [""; 0]);
            assert_eq!(found(Description::walk(&[&Sorted(entries().collect())])), [""; 0]);
            assert_eq!(unordered::<Filled>(), [""; 0]);
        }
        // A set that happens to stand beside another of its size is sorted all the same.
        let sets = || (entries().collect::<HashMap<_, _>>(), entries().collect::<HashSet<_>>());
        assert_eq!(found(Description::walk(&[&sets()])), ["0", "1"]);
    }
}

/// At most three, or as many as there are.
#[test]
fn sets_of_a_limited_number() {
    macro_rules! limited {
        ($name:ident, $is_right:expr) => {
            #[derive(Serialize, Deserialize, Clone)]
            #[serde(try_from = "HashSet<String>", into = "HashSet<String>")]
            struct $name(HashSet<String>);
            impl From<$name> for HashSet<String> {
                fn from(set: $name) -> Self {
                    set.0
                }
            }
            impl TryFrom<HashSet<String>> for $name {
                type Error = &'static str;
                fn try_from(set: HashSet<String>) -> Result<Self, Self::Error> {
                    let is_right: fn(usize) -> bool = $is_right;
                    if is_right(set.len()) { Ok(Self(set)) } else { Err("another number") }
                }
            }
        };
    }
    limited!(AtMostThree, |count| count <= 3);
    limited!(Ten, |count| count == 10);
    assert_eq!(unordered::<AtMostThree>(), ["(payload)"]);
    let ten = Ten((0..10).map(|number| format!("code-{number}")).collect());
    assert_eq!(Description::walk(&[&ten]).unwrap().unordered(), ["(payload)"]);
}
