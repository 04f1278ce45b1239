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
