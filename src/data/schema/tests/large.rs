//! Types that have many paths to one type: what is walked once, and what must not be.
#![allow(clippy::panic, clippy::unwrap_used, dead_code)]

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::checkout::{Checkout, Country};
use super::walked;
use crate::data::schema::graph::{Extent, Graph};
use crate::data::schema::walk::Walk;
use crate::data::schema::{Description, SchemaError, text};

#[track_caller]
fn walked_in<T: Serialize + DeserializeOwned + Default>(extent: Extent) -> Graph {
    Walk::over(&[&T::default()], extent).unwrap_or_else(|error| panic!("{error}"))
}

/// The enum is said once, and with it how much work it was: not a multiple of its variants for every path to it.
#[test]
fn a_type_behind_many_paths_is_walked_once() {
    let graph = walked_in::<Checkout>(Extent::EveryType);
    assert!(graph.steps() < 60_000, "{} steps", graph.steps());
    let found = walked::<Checkout>(&[]).unwrap();
    assert_eq!(found.text.matches("|AE|AF|").count(), 1, "{}", found.text);
    assert_eq!(found.text.matches("country:").count(), 1, "{}", found.text);
}

/// What is found does not depend on how much is walked.
#[test]
fn every_place_and_every_type_say_the_same() {
    macro_rules! same {
        ($($type:ty)*) => {$(
            let [places, types] = [Extent::EveryPlace, Extent::EveryType].map(|extent| {
                let graph = walked_in::<$type>(extent);
                (text::describe(&graph, None).unwrap(), graph.unordered().count() > 0)
            });
            assert_eq!(places, types);
        )*};
    }
    same! {
        Letter
        Vec<(Letter, Option<Letter>)>
        (Option<Result<Letter, Vec<Letter>>>, Vec<Result<u64, String>>)
        (Vec<Option<String>>, Option<Vec<String>>, std::collections::HashSet<u64>)
        std::collections::BTreeMap<String, Option<Box<(Letter, [Letter; 3])>>>
    }
}

#[test]
fn sixty_fields_of_one_enum() {
    macro_rules! fields {
        ($($field:ident)*) => {
            #[derive(Serialize, Deserialize, Default)]
            struct Many { $($field: Country),* }
        };
    }
    fields! {
        a0 a1 a2 a3 a4 a5 a6 a7 a8 a9 b0 b1 b2 b3 b4 b5 b6 b7 b8 b9 c0 c1 c2 c3 c4 c5 c6 c7 c8 c9
        d0 d1 d2 d3 d4 d5 d6 d7 d8 d9 e0 e1 e2 e3 e4 e5 e6 e7 e8 e9 f0 f1 f2 f3 f4 f5 f6 f7 f8 f9
    }
    let graph = walked_in::<Many>(Extent::EveryType);
    assert!(graph.steps() < 30_000, "{} steps", graph.steps());
    assert_eq!(walked::<Many>(&[]).unwrap().text.matches("a0:").count(), 1);
}

#[derive(Serialize, Deserialize, Default, Clone, Copy)]
enum Letter {
    #[default]
    A,
    B,
    C,
    D,
}

fn good<S: Serializer>(letter: &Letter, serializer: S) -> Result<S::Ok, S::Error> {
    letter.serialize(serializer)
}

fn bad<S: Serializer>(letter: &Letter, serializer: S) -> Result<S::Ok, S::Error> {
    match letter {
        Letter::D => serializer.serialize_u8(3),
        _ => letter.serialize(serializer),
    }
}

fn turned<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Letter, D::Error> {
    Ok(match Letter::deserialize(deserializer)? {
        Letter::C => Letter::D,
        Letter::D => Letter::C,
        other => other,
    })
}

/// All wrappers that serde's derive makes for `with` within one impl have the same name.
#[test]
fn what_has_the_same_name_and_other_code_is_no_twin() {
    #[derive(Serialize, Deserialize, Default)]
    struct Plain {
        one: Letter,
        #[serde(serialize_with = "bad")]
        other: Letter,
    }
    #[derive(Serialize, Deserialize, Default)]
    struct Both {
        #[serde(serialize_with = "good")]
        one: Letter,
        #[serde(serialize_with = "bad")]
        other: Letter,
    }
    #[derive(Serialize, Deserialize, Default)]
    enum Variants {
        #[default]
        None,
        One {
            #[serde(serialize_with = "good")]
            of: Letter,
        },
        Other {
            #[serde(serialize_with = "bad")]
            of: Letter,
        },
    }
    #[derive(Serialize, Deserialize, Default)]
    struct Read {
        one: Letter,
        #[serde(deserialize_with = "turned")]
        other: Letter,
    }
    for extent in [Extent::EveryPlace, Extent::EveryType] {
        let unlike = |path: &str, found: Result<Graph, SchemaError>| match found {
            Err(SchemaError::Unlike { path: found, .. } | SchemaError::RoundTrip { path: found }) => {
                assert_eq!(found, path, "{extent:?}");
            }
            other => panic!("{extent:?}: {other:?}"),
        };
        unlike("other", Walk::over(&[&Plain::default()], extent));
        unlike("other", Walk::over(&[&Both::default()], extent));
        unlike("::Other.of", Walk::over(&[&Variants::default()], extent));
        unlike("other", Walk::over(&[&Read::default()], extent));
    }
}

/// Sixty-four paths double with each level. Nobody needs to wait for what cannot be walked.
#[test]
fn what_is_refused_is_refused_soon() {
    #[derive(Serialize, Deserialize)]
    struct Wide([Option<u64>; 32], Vec<Wide>, [Option<Box<Wide>>; 16]);
    let steps = match Walk::<Wide>::over(&[], Extent::EveryType) {
        Ok(graph) => graph.steps(),
        Err(SchemaError::TooComplex { .. }) => 0,
        Err(error) => panic!("{error}"),
    };
    assert!(steps <= 400_000, "{steps} steps");
    assert!(Description::walk::<Wide>(&[]).is_ok_and(|found| found.text == "((?u64;32),[#0],(?#0;16))"));
}
