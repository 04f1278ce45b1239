//! Any value of a type that leaves fields out and holds itself: it is refused for what an independent look at it finds,
//! and else it comes back as it was.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use http::HeaderMap;
use sealed_session::{SaveError, Sessions, testing};
use serde::{Deserialize, Serialize};

use super::input::Input;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
enum Tree {
    #[default]
    Leaf,
    Number(u64),
    Pair(#[serde(skip_serializing_if = "is_usual")] u8, u64),
    Named {
        #[serde(skip_serializing_if = "is_usual")]
        port: u8,
        next: Box<Tree>,
    },
    Couple(Couple),
    Wrapped(Wrapper),
    Maybe(Option<Box<Tree>>),
    List(Vec<Tree>),
    Map(BTreeMap<u8, Tree>),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Couple(#[serde(skip_serializing_if = "is_usual")] u8, Box<Tree>);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Wrapper(Box<Tree>);

fn is_usual(port: &u8) -> bool {
    *port == 80
}

impl Tree {
    fn of(input: &mut Input<'_>, room: usize) -> Self {
        let Some(room) = room.checked_sub(1) else { return Self::Leaf };
        let port = |input: &mut Input<'_>| if input.flag() { 80 } else { input.byte() };
        let next = |input: &mut Input<'_>| Box::new(Self::of(input, room));
        match input.below(9) {
            0 => Self::Leaf,
            1 => Self::Number(input.number()),
            2 => Self::Pair(port(input), input.number()),
            3 => Self::Named { port: port(input), next: next(input) },
            4 => Self::Couple(Couple(port(input), next(input))),
            5 => Self::Wrapped(Wrapper(next(input))),
            6 => Self::Maybe(input.flag().then(|| next(input))),
            7 => Self::List((0..input.below(4)).map(|_| Self::of(input, room)).collect()),
            _ => Self::Map((0..input.below(4)).map(|_| (input.byte(), Self::of(input, room))).collect()),
        }
    }

    fn inside(&self) -> Vec<&Self> {
        match self {
            Self::Leaf | Self::Number(_) | Self::Pair(..) | Self::Maybe(None) => Vec::new(),
            Self::Named { next, .. }
            | Self::Couple(Couple(_, next))
            | Self::Wrapped(Wrapper(next))
            | Self::Maybe(Some(next)) => vec![next],
            Self::List(list) => list.iter().collect(),
            Self::Map(map) => map.values().collect(),
        }
    }

    fn leaves_out(&self) -> bool {
        match self {
            Self::Pair(port, _) | Self::Named { port, .. } | Self::Couple(Couple(port, _))
                if is_usual(port) =>
            {
                true
            }
            _ => self.inside().into_iter().any(Self::leaves_out),
        }
    }

    /// How many values the innermost one is in.
    fn depth(&self) -> usize {
        let own = match self {
            Self::Leaf => 0,
            Self::Number(_) | Self::Pair(..) | Self::Named { .. } | Self::Wrapped(_) | Self::Maybe(None) => 1,
            Self::Couple(_) | Self::Maybe(Some(_)) | Self::List(_) | Self::Map(_) => 2,
        };
        own + self.inside().into_iter().map(Self::depth).max().unwrap_or(0)
    }
}

pub(crate) fn check(data: &[u8]) {
    static SESSIONS: LazyLock<Sessions<Tree>> =
        LazyLock::new(|| Sessions::new(testing::key_ring()).expect("a type that can be walked"));
    let tree = Tree::of(&mut Input(data), 160);
    let mut session = SESSIONS.load(&HeaderMap::new());
    session.replace(tree.clone());
    let mut response = HeaderMap::new();
    let saved = SESSIONS.save(session, &mut response);
    let (leaves_out, is_deep) = (tree.leaves_out(), tree.depth() > 128);
    match &saved {
        Err(SaveError::RoundTrip { .. }) => assert!(leaves_out),
        Err(SaveError::TooDeep) => assert!(is_deep),
        Err(SaveError::TooLarge { .. }) => assert!(!leaves_out && !is_deep),
        Err(error) => panic!("{error}"),
        Ok(_) => {
            assert!(!leaves_out && !is_deep, "{tree:?}");
            let session = testing::read_back(&SESSIONS, &response);
            assert_eq!(session.into_data(), tree);
        }
    }
    assert_eq!(response.is_empty(), saved.is_err());
}
