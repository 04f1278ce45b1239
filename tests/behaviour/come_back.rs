//! Values come back as they were, or somebody is told; and a value that is set to what it was sends nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt::{self, Debug};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher, Hash};

use http::HeaderMap;
use indexmap::{IndexMap, IndexSet};
use sealed_session::{Rejection, SaveError, Saved, SessionData, Sessions, testing};
use serde::de::{Error, SeqAccess, Visitor};
use serde::ser::SerializeTuple;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

const REQUESTS: u32 = 1000;

fn sessions<T: SessionData>() -> Sessions<T> {
    Sessions::new(testing::key_ring()).unwrap()
}

/// How many of a thousand requests send nothing, each of which sets the data to what `again` makes.
fn silent<T: SessionData>(data: T, again: impl Fn() -> T) -> u32 {
    let sessions = sessions::<T>();
    let mut request = testing::request(&sessions, |session| drop(session.replace(data)));
    let mut silent = 0;
    for _ in 0..REQUESTS {
        let mut session = sessions.load(&request);
        session.replace(again());
        let mut response = HeaderMap::new();
        match sessions.save(session, &mut response).unwrap() {
            Saved::Unchanged => silent += 1,
            _ => request = testing::next_request(&response),
        }
    }
    silent
}

type Fixed = BuildHasherDefault<DefaultHasher>;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
enum Right {
    Read,
    Write,
    Of(u8),
}

fn set<E: Eq + Hash, S: BuildHasher + Default>(make: impl Fn(u8) -> E, count: u8) -> HashSet<E, S> {
    (0..count).map(make).collect()
}

fn map<K: Eq + Hash, V, S: BuildHasher + Default>(
    make: impl Fn(u8) -> (K, V),
    count: u8,
) -> HashMap<K, V, S> {
    (0..count).map(make).collect()
}

#[test]
fn sets_and_maps_that_are_set_to_what_they_were_send_nothing() {
    for count in [1, 2, 3, 4, 8, 20, 64] {
        let text = |number: u8| format!("permission-{number}");
        let texts = || set::<_, std::hash::RandomState>(text, count);
        assert_eq!(silent(texts(), texts), REQUESTS, "{count} texts");
        let fixed = || set::<_, Fixed>(text, count);
        // Whatever was in it before, and how much room that left.
        let grown = || {
            let mut set = set::<_, Fixed>(text, 200);
            set.retain(|entry| entry["permission-".len()..].parse::<u8>().unwrap() < count);
            set
        };
        assert_eq!(silent(fixed(), grown), REQUESTS, "{count} texts, fixed");
        let numbers =
            || map::<_, _, std::hash::RandomState>(|number| (u64::from(number), text(number)), count);
        assert_eq!(silent(numbers(), numbers), REQUESTS, "{count} numbers");
        let sorted = || (0..count).rev().map(|number| (text(number), number)).collect::<BTreeMap<_, _>>();
        assert_eq!(silent(sorted(), sorted), REQUESTS, "{count}, sorted");
    }
}

#[test]
fn wherever_they_are() {
    #[derive(Clone, Default, Serialize, Deserialize)]
    struct Session {
        user: Option<HashSet<Right>>,
        lists: Vec<HashSet<u64>>,
        state: State,
        by_name: HashMap<String, HashMap<Right, BTreeSet<u64>>>,
        sets: HashSet<Vec<Option<u64>>>,
        last: u64,
    }
    #[derive(Clone, Default, Serialize, Deserialize)]
    enum State {
        #[default]
        None,
        Some {
            flags: HashSet<bool>,
            rest: HashMap<u8, u8, Fixed>,
        },
        Pair(u8, HashSet<(u8, char)>),
    }
    let session = |state: &State| Session {
        user: Some([Right::Write, Right::Of(7), Right::Read, Right::Of(9)].into()),
        lists: vec![set(u64::from, 5), set(u64::from, 1), set(u64::from, 9)],
        state: state.clone(),
        by_name: map(|n| (n.to_string(), map(|m| (Right::Of(m), [7, u64::from(m)].into()), 4)), 4),
        sets: set(|n| vec![Some(n.into()), None], 6),
        last: 7,
    };
    let states = [
        State::Some { flags: [true, false].into(), rest: map(|n| (n, n), 7) },
        State::Pair(1, set(|n| (n, 'x'), 7)),
    ];
    for state in states {
        assert_eq!(silent(session(&state), || session(&state)), REQUESTS);
    }
}

/// What a change of the order sends, and what comes back of it.
#[track_caller]
fn keeps_order<T: SessionData + Clone + Debug + PartialEq>(one: &T, other: &T) {
    let sessions = sessions::<T>();
    let request = testing::request(&sessions, |session| drop(session.replace(one.clone())));
    let mut session = sessions.load(&request);
    assert_eq!(*session, *one);
    session.replace(other.clone());
    let mut response = HeaderMap::new();
    assert!(matches!(sessions.save(session, &mut response), Ok(Saved::Written { .. })));
    assert_eq!(*testing::read_back(&sessions, &response), *other);
}

#[test]
fn an_order_that_counts_is_a_change_and_comes_back() {
    fn turned<C: Clone + IntoIterator + FromIterator<C::Item>>(list: &C) -> C
    where
        C::IntoIter: DoubleEndedIterator,
    {
        list.clone().into_iter().rev().collect()
    }
    let words = || ["b", "a", "c", "b"].map(str::to_owned);
    let list: Vec<String> = words().into();
    keeps_order(&list, &turned(&list));
    let flags = vec![true, false, false];
    keeps_order(&flags, &turned(&flags));
    keeps_order(&vec![(Right::Read, 1), (Right::Of(2), 2)], &vec![(Right::Of(2), 2), (Right::Read, 1)]);
    // An IndexMap equals one of another order, so its entries are compared as a list.
    #[derive(Clone, Debug, Default, Serialize, Deserialize)]
    struct Ordered(IndexMap<String, IndexSet<bool>>);
    impl PartialEq for Ordered {
        fn eq(&self, other: &Self) -> bool {
            let entries = |of: &Self| -> Vec<(String, Vec<bool>)> {
                of.0.iter().map(|(key, set)| (key.clone(), set.iter().copied().collect())).collect()
            };
            entries(self) == entries(other)
        }
    }
    let sets = [[true, false].into_iter().collect(), [false, true].into_iter().collect()];
    let one = Ordered(words().into_iter().take(2).zip(sets).collect());
    keeps_order(&one, &Ordered(turned(&one.0)));
    let other = Ordered(one.0.iter().map(|(key, set)| (key.clone(), turned(set))).collect());
    keeps_order(&one, &other);
}

/// A change in a set, and one next to a set, are changes.
#[test]
fn what_does_change_is_sent() {
    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Session {
        rights: HashSet<String>,
        count: u64,
        list: Vec<HashSet<u8>>,
    }
    let rights = || set(|number| number.to_string(), 8);
    let one = Session { rights: rights(), count: 0, list: vec![[1].into(), [2].into()] };
    let mut fewer = rights();
    fewer.remove("3");
    keeps_order(&one, &Session { rights: fewer, ..one.clone() });
    keeps_order(&one, &Session { count: 1, ..one.clone() });
    keeps_order(&one, &Session { list: vec![[2].into(), [1].into()], ..one.clone() });
}

/// Two sets side by side, of which a change in one must not hide in the other.
#[test]
fn two_values_in_each_others_place_are_a_change() {
    type Session = (HashSet<u8>, HashSet<u8>);
    let one: Session = ([1, 2].into(), [3].into());
    keeps_order(&one, &(one.1.clone(), one.0.clone()));
}

#[test]
fn a_pinned_schema_says_nothing_of_the_order() {
    let builder = Sessions::<HashSet<String>>::builder(testing::key_ring()).schema("pinned");
    let sessions = builder.verify_writes().build().unwrap();
    let texts: HashSet<String> = set(|number| number.to_string(), 8);
    let request = testing::request(&sessions, |session| drop(session.replace(texts.clone())));
    assert_eq!(*sessions.load(&request), texts);
}

fn saved<T: SessionData>(sessions: &Sessions<T>, data: T) -> Result<Saved, SaveError> {
    let mut session = sessions.load(&HeaderMap::new());
    session.replace(data);
    sessions.save(session, &mut HeaderMap::new())
}

/// The path of what does not come back, with and without a walk.
#[track_caller]
fn does_not_come_back<T: SessionData>(path: &str, data: impl Fn() -> T) {
    let builder = || Sessions::<T>::builder(testing::key_ring()).verify_writes();
    for sessions in [builder().build(), builder().schema("pinned").build()] {
        let error = saved(&sessions.unwrap(), data()).unwrap_err();
        assert_eq!(error, SaveError::RoundTrip { path: path.into() });
        assert!(error.to_string().starts_with(&format!("{path}: ")), "{error}");
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
struct Short(String);

impl From<Short> for String {
    fn from(short: Short) -> Self {
        short.0
    }
}

impl TryFrom<String> for Short {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.len() < 80 { Ok(Self(text)) } else { Err("too long") }
    }
}

#[test]
fn what_would_be_refused_by_a_reader_is_not_saved() {
    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Session {
        user: u64,
        #[serde(default)]
        names: Vec<Option<Short>>,
        rights: HashSet<u64>,
    }
    let names = |length| vec![None, Some(Short("x".repeat(length)))];
    let rights = || set(u64::from, 9);
    does_not_come_back("names[]", || Session { user: 7, names: names(80), rights: rights() });
    let sound = Session { user: 7, names: names(79), rights: rights() };
    assert!(matches!(saved(&sessions(), sound), Ok(Saved::Written { .. })));
}

/// `with` functions that agree for what the walk makes up, and not for what comes later.
mod cents {
    use super::*;

    pub(super) fn serialize<S: Serializer>(cents: &u64, serializer: S) -> Result<S::Ok, S::Error> {
        (cents / 100, cents % 100).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
        let (euros, cents) = <(u64, u64)>::deserialize(deserializer)?;
        Ok(euros.min(1 << 40) * 100 + cents)
    }
}

#[test]
fn what_would_be_read_as_something_else_is_not_saved() {
    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Session {
        paid: BTreeMap<String, Price>,
        user: u64,
    }
    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    enum Price {
        #[default]
        Free,
        Of {
            #[serde(with = "cents")]
            cents: u64,
        },
    }
    let session = |cents| Session { paid: [("a".into(), Price::Of { cents })].into(), user: 7 };
    does_not_come_back("paid{value}::Of.cents.0", || session(u64::MAX));
    assert!(matches!(saved(&sessions(), session(12_345)), Ok(Saved::Written { .. })));
}

#[test]
fn a_variant_that_serde_skips_is_named_when_it_is_saved() {
    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    enum Role {
        #[default]
        Guest,
        #[serde(skip)]
        Root,
    }
    let sessions = sessions::<(u8, Vec<Role>)>();
    let error = saved(&sessions, (0, vec![Role::Guest, Role::Root])).unwrap_err();
    assert_eq!(error, SaveError::SkippedVariant { path: "1[]::Root".into() });
    assert_eq!(error.as_str(), "skipped_variant");
    assert!(error.to_string().contains("#[serde(skip)]"), "{error}");
}

/// So many bytes, with nothing between them.
struct Raw<const N: usize>([u8; N]);

impl<const N: usize> Default for Raw<N> {
    fn default() -> Self {
        Self([0; N])
    }
}

impl<const N: usize> Serialize for Raw<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut tuple = serializer.serialize_tuple(N)?;
        self.0.iter().try_for_each(|byte| tuple.serialize_element(byte))?;
        tuple.end()
    }
}

impl<'de, const N: usize> Deserialize<'de> for Raw<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes<const N: usize>;
        impl<'de, const N: usize> Visitor<'de> for Bytes<N> {
            type Value = Raw<N>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Raw<N>, A::Error> {
                let mut raw = Raw::default();
                for byte in &mut raw.0 {
                    *byte = seq.next_element()?.ok_or_else(|| A::Error::custom("too short"))?;
                }
                Ok(raw)
            }
        }
        deserializer.deserialize_tuple(N, Bytes)
    }
}

/// How these bytes are read as a `T`, sealed under its own schema by an application that knows no better.
fn read<T: SessionData, const N: usize>(bytes: [u8; N]) -> Option<Rejection> {
    let builder = Sessions::<T>::builder(testing::key_ring());
    let writer = Sessions::<Raw<N>>::builder(testing::key_ring()).schema("any").build().unwrap();
    let reader = builder.schema("any").build().unwrap();
    let request = testing::request(&writer, |session| session.0 = bytes);
    reader.load(&request).about().rejection()
}

/// A type within itself, in all ways.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
enum Tree {
    #[default]
    Leaf,
    Not(Box<Tree>),
    Named {
        of: Box<Tree>,
    },
    Any(Vec<Tree>),
    Maybe(Option<Box<Tree>>),
    Map(BTreeMap<u8, Tree>),
}

#[test]
fn a_payload_that_nests_too_deep_is_refused_by_readers() {
    let nested = |levels: usize, level: &[u8]| {
        let mut bytes = [0_u8; 2900];
        bytes
            .iter_mut()
            .zip(level.iter().cycle())
            .take(levels * level.len())
            .for_each(|(byte, of)| *byte = *of);
        bytes
    };
    for (level, wrap) in [
        (&[1_u8][..], (|tree| Tree::Not(Box::new(tree))) as fn(Tree) -> Tree),
        (&[2], |tree| Tree::Named { of: Box::new(tree) }),
        (&[3, 1], |tree| Tree::Any(vec![tree])),
        (&[4, 1], |tree| Tree::Maybe(Some(Box::new(tree)))),
        (&[5, 1, 0], |tree| Tree::Map([(0, tree)].into())),
    ] {
        assert_eq!(read::<Tree, 2900>(nested(2899 / level.len(), level)), Some(Rejection::Payload));
        // Exactly what `save` writes is read.
        let most = if level.len() == 1 { 128 } else { 64 };
        let tree = |levels| (0..levels).fold(Tree::Leaf, |tree, _| wrap(tree));
        let sessions = sessions::<Tree>();
        let request = testing::request(&sessions, |session| drop(session.replace(tree(most))));
        assert_eq!(*sessions.load(&request), tree(most));
        assert_eq!(saved(&sessions, tree(most + 1)), Err(SaveError::TooDeep));
    }
}

#[test]
fn elements_without_bytes_are_refused_in_numbers() {
    // 2⁴⁰, in six bytes.
    let many = [0x80, 0x80, 0x80, 0x80, 0x80, 0x20];
    assert_eq!(read::<Vec<()>, 6>(many), Some(Rejection::Payload));
    assert_eq!(read::<HashSet<()>, 6>(many), Some(Rejection::Payload));
    assert_eq!(read::<BTreeMap<(), ()>, 6>(many), Some(Rejection::Payload));
    assert_eq!(
        read::<Vec<(u64, Vec<[(); 3]>)>, 8>([1, 0, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20]),
        Some(Rejection::Payload)
    );
    assert_eq!(read::<Option<Vec<()>>, 7>([1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20]), Some(Rejection::Payload));
    assert_eq!(read::<Vec<()>, 1>([7]), None);

    let sessions = sessions::<Vec<()>>();
    assert!(matches!(saved(&sessions, vec![(); 4096]), Ok(Saved::Written { .. })));
    let error = saved(&sessions, vec![(); 4097]).unwrap_err();
    assert_eq!(error, SaveError::RoundTrip { path: "(payload)".into() });
}
