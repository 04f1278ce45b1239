//! Parts that come back in each other's place.
//!
//! Each part of a value has a number. There is a round for each binary digit, in which the parts whose numbers have
//! that digit take another value. Two parts that were alike differ in the round of a digit in which their numbers
//! differ, so if a type puts one in the place of the other, the bytes show it. Leaves go first, then the tags, those on
//! one level at a time: a tag that changes takes with it what hangs on it.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::graph::{Graph, Place};
use super::invent::Plan;
use super::neighbor::neighbor;
use super::parts::{self, Part, PartKind};
use super::payload;
use super::walk::{Attempt, Walk};
use crate::error::SchemaError;

/// Bytes that have been accepted with a tag at a place.
pub(super) type Samples = BTreeMap<(Place, u32), Vec<u8>>;

/// A part, and the values that it can take instead; those that were refused are gone.
struct Variable {
    place: Place,
    start: usize,
    end: usize,
    others: Vec<Vec<u8>>,
}

impl<T: Serialize + DeserializeOwned> Walk<T> {
    /// Goes through all rounds of an accepted value.
    pub(super) fn vary(&mut self, bytes: &[u8]) -> Result<(), SchemaError> {
        let parts = parts::parts(&self.graph, bytes).filter(|parts| parts.len() <= MAX_PARTS);
        let Some(parts) = parts else { return Ok(()) };
        let mut rounds: BTreeMap<Option<usize>, Vec<Variable>> = BTreeMap::new();
        for part in parts {
            let level = if let PartKind::Leaf(_) = part.kind { None } else { Some(part.level) };
            let others = self.others(&part, bytes);
            let Part { place, start, end, .. } = part;
            rounds.entry(level).or_default().push(Variable { place, start, end, others });
        }
        for mut variables in rounds.into_values() {
            variables.sort_by_key(|variable| variable.start);
            self.go_through(bytes, variables)?;
        }
        Ok(())
    }

    fn others(&self, part: &Part, bytes: &[u8]) -> Vec<Vec<u8>> {
        let now = bytes.get(part.start..part.end).unwrap_or_default();
        let mut others: Vec<Vec<u8>> = match &part.kind {
            PartKind::Leaf(name) => STEPS.iter().filter_map(|&steps| neighbor(name, now, steps)).collect(),
            _ => self.samples_at(part.place).take(MAX_SAMPLES).map(<[u8]>::to_vec).collect(),
        };
        others.retain(|other| other != now);
        others.dedup();
        others.reverse(); // the first is at the end
        others
    }

    /// What has been accepted at a place, one for each tag.
    pub(super) fn samples_at(&self, place: Place) -> impl Iterator<Item = &[u8]> {
        let place = self.graph.shows(place);
        self.samples.range((place, 0)..=(place, u32::MAX)).map(|(_, bytes)| bytes.as_slice())
    }

    /// Whether these bytes are a value that is written and read without a change: the same question as that of an
    /// attempt, without a look at the places.
    fn comes_back(&mut self, bytes: &[u8]) -> Result<bool, SchemaError> {
        self.graph.spend(Graph::ROOT, bytes.len())?;
        let written = |bytes: &[u8]| payload::to_vec(&payload::decode::<T>(bytes).ok()?).ok();
        let once = written(bytes);
        let twice = once.as_deref().and_then(written);
        Ok(once.is_some() && once == twice)
    }

    fn go_through(&mut self, bytes: &[u8], mut variables: Vec<Variable>) -> Result<(), SchemaError> {
        let mut alone = Vec::new();
        let digits = usize::BITS - variables.len().leading_zeros();
        for digit in 0..digits {
            loop {
                let has_digit = |number: usize| (number + 1) >> digit & 1 == 1;
                let changed = variables.iter().enumerate().filter_map(|(number, variable)| {
                    let other = variable.others.last().filter(|_| has_digit(number))?;
                    Some((variable.start, variable.end, other.as_slice()))
                });
                let changed = parts::replaced(bytes, changed);
                if changed == bytes || self.comes_back(&changed)? {
                    break;
                }
                let refused = match self.attempt(&changed, Plan::Plain)? {
                    Attempt::Accepted => break,
                    Attempt::Refused(place, _) | Attempt::NoSuchVariant(place, _) => place,
                };
                let mut is_blamed = false;
                for (number, variable) in variables.iter_mut().enumerate() {
                    if !has_digit(number) || !self.graph.is_within(variable.place, refused) {
                        continue;
                    }
                    let Some(other) = variable.others.pop() else { continue };
                    is_blamed = true;
                    if variable.place != refused && self.graph.resolve(variable.place) != refused {
                        // A rule over several parts. Each may still be changed alone.
                        alone.push((variable.start, variable.end, other));
                        variable.others.clear();
                    }
                }
                if !is_blamed {
                    break;
                }
            }
        }
        for (start, end, other) in alone {
            self.attempt(&parts::replaced(bytes, [(start, end, other.as_slice())]), Plan::Plain)?;
        }
        Ok(())
    }
}

impl Graph {
    /// Whether a place is another one, or in it.
    pub(super) fn is_within(&self, place: Place, outer: Place) -> bool {
        let mut around = place;
        loop {
            if self.resolve(around) == self.resolve(outer) {
                return true;
            }
            if around == Self::ROOT {
                return false;
            }
            around = self.around(around);
        }
    }
}

/// How far away the neighbors of a leaf are, in the order in which they are tried.
const STEPS: [i32; 5] = [1, -1, 2, -2, 7];

/// A value of more parts is not varied. Only a sample can be as large.
const MAX_PARTS: usize = 2000;

/// How many other values of a tag are tried.
const MAX_SAMPLES: usize = 4;
