//! The walk: real values first, then what they hide.
//!
//! Every attempt decodes the bytes of one whole value, which differ from bytes that were accepted before only where
//! something is hidden. So a type with rules of its own sees real data everywhere else, and a refusal says where it
//! was. The bytes of an accepted attempt are the ground of further ones, until nothing is hidden any more.

use std::any::type_name;
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::marker::PhantomData;
use std::rc::Rc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::form::Form;
use super::graph::{Extent, Graph, Place};
use super::invent::{Fill, Plan, Tags};
use super::payload;
use super::plausible::{MAX_REFUSALS, PAINTS};
use super::read::{Find, Findings, Reader};
use super::read_value::ReadAt;
use super::vary::Samples;
use super::write::WriteAt;
use crate::error::SchemaError;

/// Walks the whole of a type, beginning with these values of it; without any, with one that is made up.
///
/// What is small is walked at every place. For what is too large for that, every type within is walked once.
pub(super) fn walk<T: Serialize + DeserializeOwned>(values: &[&T]) -> Result<Graph, SchemaError> {
    match Walk::over(values, Extent::EveryPlace) {
        Err(SchemaError::TooComplex { .. }) => Walk::over(values, Extent::EveryType),
        done => done,
    }
}

pub(super) struct Walk<T> {
    pub(super) graph: Graph,
    /// Accepted values that showed something for the first time, in the order in which they did.
    pub(super) grounds: Vec<Rc<Ground>>,
    /// One accepted value for each tag at each place.
    pub(super) samples: Samples,
    /// The tags that could not be shown, and the places that refused all probes.
    refused: Vec<((Place, u32), Place)>,
    of: PhantomData<fn() -> T>,
}

pub(super) struct Ground {
    pub(super) bytes: Vec<u8>,
    tags: Tags,
    places: BTreeSet<Place>,
    has_new_leaves: bool,
}

pub(super) enum Attempt {
    Accepted,
    /// The enum has only so many variants.
    NoSuchVariant(Place, u32),
    /// The place that refused, and the replaced tag that it is in.
    Refused(Place, Option<(Place, u32)>),
}

impl<T: Serialize + DeserializeOwned> Walk<T> {
    pub(super) fn over(values: &[&T], extent: Extent) -> Result<Graph, SchemaError> {
        let mut walk = Self {
            graph: Graph::new(extent),
            grounds: Vec::new(),
            samples: Samples::new(),
            refused: Vec::new(),
            of: PhantomData,
        };
        match walk.run(values) {
            Ok(()) => Ok(walk.graph),
            Err(failure) => Err(walk.graph.explained(failure)),
        }
    }

    fn run(&mut self, values: &[&T]) -> Result<(), SchemaError> {
        if values.is_empty() {
            self.invent()?;
        }
        for value in values {
            self.start(value)?;
        }
        self.dig()?;
        let paths = self.hidden();
        if !paths.is_empty() {
            return Err(SchemaError::Refused { paths });
        }
        self.find_orders()
    }

    /// Walks a value that the application gave.
    fn start(&mut self, value: &T) -> Result<(), SchemaError> {
        // Before it is read, so that what cannot be written at all is named for what it is.
        self.write(value)?;
        let bytes = self.encode(value)?;
        match self.attempt(&bytes, Plan::Plain)? {
            Attempt::Accepted => self.check(value),
            Attempt::Refused(place, _) | Attempt::NoSuchVariant(place, _) => Err(self.round_trip(place)),
        }
    }

    /// Makes up a first value.
    fn invent(&mut self) -> Result<(), SchemaError> {
        loop {
            match self.attempt(&[], Plan::Invent)? {
                Attempt::Accepted => return Ok(()),
                Attempt::NoSuchVariant(place, count) => self.graph.node_mut(place).variants = Some(count),
                Attempt::Refused(place, _) if self.try_next(place) => {}
                Attempt::Refused(place, _) => {
                    return Err(SchemaError::Refused { paths: vec![self.graph.path(place)] });
                }
            }
        }
    }

    fn dig(&mut self) -> Result<(), SchemaError> {
        let (mut dug, mut varied) = (0, BTreeSet::new());
        loop {
            while let Some(ground) = self.grounds.get(dug).cloned() {
                dug += 1;
                self.fill(&ground)?;
                if ground.has_new_leaves {
                    self.paint(&ground)?;
                }
            }
            // The smallest of those that show most.
            let shown = |ground: &Rc<Ground>| ground.places.difference(&varied).count();
            let best = self.grounds.iter().max_by_key(|ground| (shown(ground), Reverse(ground.bytes.len())));
            let Some(ground) = best.filter(|ground| shown(ground) > 0).cloned() else { return Ok(()) };
            varied.extend(&ground.places);
            self.vary(&ground.bytes)?;
        }
    }

    /// Shows all tags that have not been seen at the places of this ground, as many at once as there are.
    fn fill(&mut self, ground: &Ground) -> Result<(), SchemaError> {
        let mut given_up = BTreeSet::new();
        let (mut only, mut around) = (None, None);
        while let Some(place) = self.next_hidden(ground, &given_up) {
            only = only.map(|_| place);
            let plan = Plan::Fill(Fill { tags: &ground.tags, only, given_up: &given_up });
            match self.attempt(&ground.bytes, plan)? {
                Attempt::Accepted => self.settle_down(&mut around),
                Attempt::NoSuchVariant(place, count) => self.graph.node_mut(place).variants = Some(count),
                // Something around the holes refuses, so it is looked at one by one which of them it does not like.
                Attempt::Refused(_, None) if only.is_none() => only = Some(place),
                Attempt::Refused(refused, hole) => {
                    if hole.is_none() {
                        around = Some(refused);
                    }
                    let wanted = self.wanted(place, &given_up).map(|tag| (place, tag));
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
        places.find(|&place| self.wanted(place, given_up).is_some())
    }

    fn wanted(&self, place: Place, given_up: &BTreeSet<(Place, u32)>) -> Option<u32> {
        self.graph.wanted(place, |tag| !given_up.contains(&(place, tag)))
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

    pub(super) fn attempt(&mut self, ground: &[u8], plan: Plan<'_>) -> Result<Attempt, SchemaError> {
        let mut reader = Reader::new(&mut self.graph, ground, plan);
        let value = T::deserialize(ReadAt { reader: &mut reader, place: Graph::ROOT });
        let is_done = reader.is_done();
        let findings = reader.findings;
        if let Some(failure) = self.graph.failure.take() {
            return Err(failure);
        }
        match value {
            Ok(value) if is_done => {
                self.check(&value)?;
                self.accept(findings);
                Ok(Attempt::Accepted)
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
        let (mut has_new_tags, mut has_new_leaves) = (false, false);
        for &Find { place, start, end, tag } in &findings.finds {
            if !self.graph.show(place, tag.unwrap_or(0)) {
                continue;
            }
            match tag {
                Some(tag) => {
                    let sample = findings.bytes.get(start..end).unwrap_or_default().to_vec();
                    self.samples.insert((self.graph.shows(place), tag), sample);
                    has_new_tags = true;
                }
                None => has_new_leaves = true,
            }
        }
        if has_new_tags || has_new_leaves {
            let finds = || findings.finds.iter();
            let places = finds().map(|find| find.place).collect();
            let tags =
                finds().filter(|find| find.tag.is_some()).map(|find| (find.start, (find.place, find.end)));
            let tags = tags.collect();
            self.grounds.push(Rc::new(Ground { bytes: findings.bytes, tags, places, has_new_leaves }));
        }
    }

    /// The round trip: what is written must be read, and be the same when it is written again.
    ///
    /// A made-up value is not asked to come back as it was made up: `http://example.com` may well return with a slash.
    fn check(&mut self, value: &T) -> Result<(), SchemaError> {
        self.write(value)?;
        let bytes = self.encode(value)?;
        let Ok(back) = payload::decode::<T>(&bytes) else { return Err(self.blame_reader(&bytes)) };
        let again = self.encode(&back)?;
        if bytes == again {
            return Ok(());
        }
        // A hash map has another order each time. Only its own entries may change places.
        let place = match (self.graph.in_one_order(&bytes, true), self.graph.in_one_order(&again, true)) {
            (Some(one), Some(other)) if one == other => return Ok(()),
            (Some(one), Some(other)) => self.graph.first_difference(&one, &other),
            _ => self.graph.first_difference(&bytes, &again),
        };
        Err(self.round_trip(place))
    }

    fn write(&mut self, value: &T) -> Result<(), SchemaError> {
        let written =
            value.serialize(WriteAt { graph: &mut self.graph, place: Graph::ROOT, of: type_name::<T>() });
        match (written, self.graph.failure.take()) {
            (_, Some(failure)) => Err(failure),
            (Err(stop), None) => Err(self.graph.not_written(Graph::ROOT, &stop)),
            (Ok(()), None) => Ok(()),
        }
    }

    fn encode(&mut self, value: &T) -> Result<Vec<u8>, SchemaError> {
        payload::to_vec(value).map_err(|_| self.round_trip(Graph::ROOT))
    }

    /// The place that refuses what was written.
    fn blame_reader(&mut self, bytes: &[u8]) -> SchemaError {
        let refused = self.graph.refuses::<T>(bytes);
        self.round_trip(refused.unwrap_or(Graph::ROOT))
    }

    pub(super) fn round_trip(&self, place: Place) -> SchemaError {
        SchemaError::RoundTrip { path: self.graph.path(place) }
    }
}
