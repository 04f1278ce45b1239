//! The walk: real values first, then what they hide.
//!
//! Every attempt decodes the bytes of one whole value, which differ from bytes that were accepted before only where
//! something is hidden. So a type with rules of its own sees real data everywhere else, and a refusal says where it
//! was. The bytes of an accepted attempt are the ground of further ones, until nothing is hidden any more.

use std::any::type_name;
use std::collections::{BTreeSet, VecDeque};
use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::form::Form;
use super::graph::{Graph, Place};
use super::invent::{Fill, Plan, Tags};
use super::payload;
use super::plausible::{MAX_REFUSALS, PAINTS};
use super::read::{Find, Findings, Reader};
use super::read_value::ReadAt;
use super::write::WriteAt;
use crate::error::SchemaError;

/// Walks the whole of a type, beginning with these values of it; without any, with one that is made up.
pub(super) fn walk<T: Serialize + DeserializeOwned>(values: &[&T]) -> Result<Graph, SchemaError> {
    let mut walk =
        Walk::<T> { graph: Graph::new(), grounds: VecDeque::new(), refused: Vec::new(), of: PhantomData };
    if values.is_empty() {
        walk.invent()?;
    }
    for value in values {
        walk.start(value)?;
    }
    walk.dig()?;
    let paths = walk.hidden();
    if paths.is_empty() { Ok(walk.graph) } else { Err(SchemaError::Refused { paths }) }
}

struct Walk<T> {
    graph: Graph,
    /// Accepted values that showed something for the first time.
    grounds: VecDeque<Ground>,
    /// The tags that could not be shown, and the places that refused all probes.
    refused: Vec<((Place, u32), Place)>,
    of: PhantomData<fn() -> T>,
}

struct Ground {
    bytes: Vec<u8>,
    tags: Tags,
    has_new_leaves: bool,
}

enum Attempt {
    Accepted {
        /// Some map or list had several entries.
        has_several: bool,
    },
    /// The enum has only so many variants.
    NoSuchVariant(Place, u32),
    /// The place that refused, and the replaced tag that it is in.
    Refused(Place, Option<(Place, u32)>),
}

impl<T: Serialize + DeserializeOwned> Walk<T> {
    /// Walks a value that the application gave.
    fn start(&mut self, value: &T) -> Result<(), SchemaError> {
        // Before it is read, so that what cannot be written at all is named for what it is.
        self.write(value)?;
        let bytes = self.encode(value)?;
        match self.attempt(&bytes, Plan::Plain)? {
            Attempt::Accepted { has_several } => self.check(value, has_several),
            Attempt::Refused(place, _) | Attempt::NoSuchVariant(place, _) => Err(self.round_trip(place)),
        }
    }

    /// Makes up a first value.
    fn invent(&mut self) -> Result<(), SchemaError> {
        loop {
            match self.attempt(&[], Plan::Invent)? {
                Attempt::Accepted { .. } => return Ok(()),
                Attempt::NoSuchVariant(place, count) => self.graph.node_mut(place).variants = Some(count),
                Attempt::Refused(place, _) if self.try_next(place) => {}
                Attempt::Refused(place, _) => {
                    return Err(SchemaError::Refused { paths: vec![self.graph.path(place)] });
                }
            }
        }
    }

    fn dig(&mut self) -> Result<(), SchemaError> {
        while let Some(ground) = self.grounds.pop_front() {
            self.fill(&ground)?;
            if ground.has_new_leaves {
                self.paint(&ground)?;
            }
        }
        Ok(())
    }

    /// Shows all tags that have not been seen at the places of this ground, as many at once as there are.
    fn fill(&mut self, ground: &Ground) -> Result<(), SchemaError> {
        let mut given_up = BTreeSet::new();
        let (mut only, mut around) = (None, None);
        while let Some(place) = self.next_hidden(ground, &given_up) {
            only = only.map(|_| place);
            let plan = Plan::Fill(Fill { tags: &ground.tags, only, given_up: &given_up });
            match self.attempt(&ground.bytes, plan)? {
                Attempt::Accepted { .. } => self.settle_down(&mut around),
                Attempt::NoSuchVariant(place, count) => self.graph.node_mut(place).variants = Some(count),
                // Something around the holes refuses, so it is looked at one by one which of them it does not like.
                Attempt::Refused(_, None) if only.is_none() => only = Some(place),
                Attempt::Refused(refused, hole) => {
                    if hole.is_none() {
                        around = Some(refused);
                    }
                    let wanted = self.graph.wanted(place, &given_up).map(|tag| (place, tag));
                    let Some(hole) = hole.or(wanted) else { break };
                    // Absence and emptiness hide nothing, so a type may refuse them.
                    let is_optional = hole.1 == 0 && self.graph.node(hole.0).form != Some(Form::Enum);
                    if is_optional || !self.try_next(refused) {
                        given_up.insert(hole);
                    }
                    if given_up.contains(&hole) {
                        self.settle_down(&mut around);
                        if !is_optional {
                            self.refused.push((hole, refused));
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn next_hidden(&self, ground: &Ground, given_up: &BTreeSet<(Place, u32)>) -> Option<Place> {
        let mut places = ground.tags.values().map(|&(place, _)| place);
        places.find(|&place| self.graph.wanted(place, given_up).is_some())
    }

    /// Whether there is another value to be tried.
    fn try_next(&mut self, refused: Place) -> bool {
        let node = self.graph.node_mut(refused);
        node.refusals += 1;
        node.refusals <= MAX_REFUSALS
    }

    /// What refused for the sake of one hole has all its probes again for the next.
    fn settle_down(&mut self, around: &mut Option<Place>) {
        if let Some(place) = around.take() {
            self.graph.node_mut(place).refusals = 0;
        }
    }

    /// What is hidden still. Another value may have shown what was given up.
    fn hidden(&self) -> Vec<String> {
        let mut paths = Vec::new();
        for &((place, tag), refused) in &self.refused {
            let path = self.graph.path(refused);
            if !self.graph.has_shown(place, tag) && !paths.contains(&path) {
                paths.push(path);
            }
        }
        paths
    }

    /// Puts other leaves in the place of all leaves, so that those show themselves that are not written always, or not
    /// as they were read. What has rules of its own is spared.
    fn paint(&mut self, ground: &Ground) -> Result<(), SchemaError> {
        for rank in 0..PAINTS {
            let mut spared = BTreeSet::new();
            while let Attempt::Refused(place, _) = self.attempt(&ground.bytes, Plan::Paint(rank, &spared))? {
                if !spared.insert(place) {
                    break;
                }
            }
        }
        Ok(())
    }

    fn attempt(&mut self, ground: &[u8], plan: Plan<'_>) -> Result<Attempt, SchemaError> {
        let mut reader = Reader::new(&mut self.graph, ground, plan);
        let value = T::deserialize(ReadAt { reader: &mut reader, place: Graph::ROOT });
        let is_done = reader.is_done();
        let findings = reader.findings;
        if let Some(failure) = self.graph.failure.take() {
            return Err(failure);
        }
        match value {
            Ok(value) if is_done => {
                let has_several = findings.has_several;
                self.check(&value, has_several)?;
                self.accept(findings);
                Ok(Attempt::Accepted { has_several })
            }
            _ => {
                let place = self.graph.resolve(findings.refused.unwrap_or(Graph::ROOT));
                match findings.no_such_variant {
                    Some(count) if count > 0 => Ok(Attempt::NoSuchVariant(place, count)),
                    _ => Ok(Attempt::Refused(place, findings.hole)),
                }
            }
        }
    }

    fn accept(&mut self, findings: Findings) {
        let (mut tags, mut has_new_tags, mut has_new_leaves) = (Tags::new(), false, false);
        for Find { place, start, end, tag } in findings.finds {
            let is_new = self.graph.show(place, tag.unwrap_or(0));
            if tag.is_some() {
                tags.insert(start, (place, end));
                has_new_tags |= is_new;
            } else {
                has_new_leaves |= is_new;
            }
        }
        if has_new_tags || has_new_leaves {
            self.grounds.push_back(Ground { bytes: findings.bytes, tags, has_new_leaves });
        }
    }

    /// The round trip: what is written must be read, and be the same when it is written again.
    ///
    /// A made-up value is not asked to come back as it was made up: `http://example.com` may well return with a slash.
    fn check(&mut self, value: &T, has_several: bool) -> Result<(), SchemaError> {
        self.write(value)?;
        let bytes = self.encode(value)?;
        let Ok(back) = payload::decode::<T>(&bytes) else { return Err(self.blame(&bytes, &[])) };
        let again = self.encode(&back)?;
        if bytes == again || (has_several && sorted(&bytes) == sorted(&again)) {
            return Ok(());
        }
        Err(self.blame(&bytes, &again))
    }

    fn write(&mut self, value: &T) -> Result<(), SchemaError> {
        let written =
            value.serialize(WriteAt { graph: &mut self.graph, place: Graph::ROOT, of: type_name::<T>() });
        match (written, self.graph.failure.take()) {
            (_, Some(failure)) => Err(failure),
            (Err(_), None) => Err(self.round_trip(Graph::ROOT)),
            (Ok(()), None) => Ok(()),
        }
    }

    fn encode(&mut self, value: &T) -> Result<Vec<u8>, SchemaError> {
        payload::to_vec(value).map_err(|_| self.round_trip(Graph::ROOT))
    }

    /// The place of the first byte that differs, or if none does, the place that refuses.
    fn blame(&mut self, bytes: &[u8], again: &[u8]) -> SchemaError {
        let same = bytes.iter().zip(again).take_while(|(one, other)| one == other).count();
        let watch = if again.is_empty() { usize::MAX } else { same };
        let mut reader = Reader::new(&mut self.graph, bytes, Plan::Plain).watching(watch);
        let _: Result<T, _> = T::deserialize(ReadAt { reader: &mut reader, place: Graph::ROOT });
        let Findings { watched, refused, .. } = reader.findings;
        self.round_trip(watched.or(refused).unwrap_or(Graph::ROOT))
    }

    fn round_trip(&self, place: Place) -> SchemaError {
        SchemaError::RoundTrip { path: self.graph.path(place) }
    }
}

// Hash maps and sets have an order of their own each time, which moves bytes and changes none.
fn sorted(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes.sort_unstable();
    bytes
}
