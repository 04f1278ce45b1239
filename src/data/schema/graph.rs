//! What is known of a type while it is walked: a graph of places.
//!
//! A **place** is where a value stands: a field, an element, the inside of an option. What serde asks for there is its
//! form, and the places within are its slots. Reader and writer walk the same graph, so where they disagree is seen at
//! the place itself. Places of one type are kept apart, because attributes of a field may change how it is written
//! there; but a type within itself is the place where it began, so that recursion ends.
//!
//! In a large type that would be work for every path to a place. There, places that are read by the same code and
//! written by the same code are one place as well: **twins**. The names of types do not tell that. All wrappers that
//! serde generates for `with` within one impl have the same name.

use std::collections::{BTreeSet, HashMap};
use std::fmt;

use super::form::{Form, Side, Stop, TypeKey};
use super::payload::{MAX_DEPTH, Tuples};
use crate::error::SchemaError;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place(usize);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Node {
    /// The place that this one is in, and its slot there.
    parent: Option<(Place, usize)>,
    /// How many places this one is in.
    pub(super) depth: usize,
    /// The name as a field or variant: the written one, and until that is known the one that the reader hints at.
    pub(super) name: Option<&'static str>,
    pub(super) hint: &'static str,
    /// The place around this one that has the same type.
    same: Option<Place>,
    /// The place elsewhere that is read and written by the same code.
    twin: Option<Place>,
    /// The address of the code that reads here.
    reads: Option<usize>,
    /// The type, and the newtypes around it.
    types: Vec<TypeKey>,
    pub(super) form: Option<Form>,
    pub(super) slots: Vec<Place>,
    /// How many variants an enum has. It says how many, but counts aliases, so there may turn out to be fewer.
    pub(super) variants: Option<u32>,
    /// The names of its variants, as the reader lists them; aliases too.
    pub(super) names: &'static [&'static str],
    /// How many slots a tuple or struct has, once one has been read or written to its end.
    count: Option<usize>,
    /// Which tags (absent or present, empty or not, variant) have been seen at this very place, in accepted values.
    shown: BTreeSet<u32>,
    /// All below this tag have been seen.
    seen: u32,
    /// The variant that was the first to be read to its end, which therefore does not recurse for ever.
    pub(super) finite: Option<u32>,
    /// How many probes have been refused here.
    pub(super) refusals: usize,
    /// What a list or map does with the order of its entries.
    pub(super) order: EntryOrder,
}

/// What a list or map does with the order of its entries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum EntryOrder {
    /// Nobody has seen several entries.
    #[default]
    Unknown,
    Kept,
    /// They come back in another one, as from a set.
    Lost,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Graph {
    nodes: Vec<Node>,
    pub(super) failure: Option<SchemaError>,
    /// Those that were written. That as many fields are read is checked at their places.
    pub(super) tuples: Tuples,
    /// The first place that is read and written by these two pieces of code; `None` if places are kept apart.
    firsts: Option<HashMap<(usize, usize), Place>>,
    /// How many variants all enums have, each counted at every place.
    variants: usize,
    steps: usize,
}

impl Graph {
    pub(super) const ROOT: Place = Place(0);

    pub(super) fn new(walk: Extent) -> Self {
        let firsts = (walk == Extent::EveryType).then(HashMap::new);
        Self {
            nodes: vec![Node::default()],
            failure: None,
            tuples: Tuples::new(),
            firsts,
            variants: 0,
            steps: 0,
        }
    }

    /// What is known of a place; of a type within itself, what is known where it began.
    pub(super) fn node(&self, place: Place) -> &Node {
        self.at(self.resolve(place))
    }

    pub(super) fn node_mut(&mut self, place: Place) -> &mut Node {
        let place = self.resolve(place);
        self.at_mut(place)
    }

    pub(super) fn resolve(&self, mut place: Place) -> Place {
        while let Some(same) = self.at(place).same.or(self.at(place).twin) {
            place = same;
        }
        place
    }

    /// The place whose tags count for this one.
    pub(super) fn shows(&self, mut place: Place) -> Place {
        while let Some(twin) = self.at(place).twin {
            place = twin;
        }
        place
    }

    /// Records the code that is about to read a value at the place.
    pub(super) fn set_reads(&mut self, place: Place, code: Option<usize>) {
        self.at_mut(place).reads = code;
    }

    /// After a value has been written at a place: if the same code reads and writes elsewhere, the two are twins.
    pub(super) fn join(&mut self, place: Place, writes: usize) {
        let node = self.at(place);
        let (form, is_joined) = (node.form, node.same.is_some() || node.twin.is_some());
        let (Some(reads), false, Some(firsts)) = (node.reads, is_joined, &mut self.firsts) else { return };
        let first = *firsts.entry((reads, writes)).or_insert(place);
        if first == place || self.resolve(first) == place || self.node(first).form != form {
            return;
        }
        let shown = std::mem::take(&mut self.at_mut(place).shown);
        self.at_mut(place).twin = Some(first);
        shown.into_iter().for_each(|tag| _ = self.show(first, tag));
    }

    /// The name of the place itself, which it does not share.
    pub(super) fn name(&self, place: Place) -> Option<&'static str> {
        self.at(place).name
    }

    /// Records what reader or writer found at the place; that they agree is checked here.
    pub(super) fn settle(&mut self, place: Place, form: Form, side: Side) -> Result<(), Stop> {
        self.step(place)?;
        let known = *self.node_mut(place).form.get_or_insert(form);
        if known == form { Ok(()) } else { Err(self.unlike(place, side, form, known)) }
    }

    /// Records the type at a place; if it is that of a place around it, the two are one from now on.
    pub(super) fn enter(&mut self, place: Place, key: &TypeKey, around: &[Place]) -> Result<Place, Stop> {
        self.step(place)?;
        let known = self.resolve(place);
        let types = &self.at(known).types;
        if types.contains(key) {
            return Ok(known);
        }
        if key.form.is_some() && types.iter().any(|other| other.form.is_some()) {
            return Err(self.unlike(place, Side::Reads, "another type", "one type"));
        }
        match around.iter().find(|&&around| self.at(around).types.contains(key)) {
            // Never `known` itself: it has been looked at above.
            Some(&around) => {
                self.at_mut(known).same = Some(around);
                Ok(around)
            }
            None => {
                self.at_mut(known).types.push(key.clone());
                Ok(known)
            }
        }
    }

    /// The place in a slot. It is made if there was none.
    pub(super) fn slot(&mut self, place: Place, slot: usize) -> Place {
        let place = self.resolve(place);
        loop {
            if let Some(&found) = self.at(place).slots.get(slot) {
                return found;
            }
            let new = self.add(place, self.at(place).slots.len());
            self.at_mut(place).slots.push(new);
        }
    }

    /// A slot that is about to be read: it is written too, unless all that is written has been seen and was less.
    pub(super) fn expect_slot(&mut self, place: Place, slot: usize, count: usize) -> Result<(), Stop> {
        match self.node(place).count {
            Some(known) if slot >= known => self.close(place, count, Side::Reads),
            _ => Ok(()),
        }
    }

    /// The end of a tuple or struct: every value must have as many slots.
    pub(super) fn close(&mut self, place: Place, count: usize, side: Side) -> Result<(), Stop> {
        let known = *self.node_mut(place).count.get_or_insert(count);
        if known == count { Ok(()) } else { Err(self.unlike(place, side, Fields(count), Fields(known))) }
    }

    /// The name under which a field or variant is written.
    pub(super) fn set_name(&mut self, place: Place, name: &'static str) -> Result<(), Stop> {
        let known = *self.at_mut(place).name.get_or_insert(name);
        if known == name { Ok(()) } else { Err(self.unlike(place, Side::Writes, name, known)) }
    }

    pub(super) fn set_hint(&mut self, place: Place, hint: &'static str) {
        self.at_mut(place).hint = hint;
    }

    /// The places that do not keep the order of their entries.
    pub(super) fn unordered(&self) -> impl Iterator<Item = Place> {
        let places = self.nodes.iter().enumerate();
        places.filter(|(_, node)| node.order == EntryOrder::Lost).map(|(number, _)| Place(number))
    }

    /// Whether a type is within itself, or a list or map has elements that may take no bytes.
    pub(super) fn needs_bounds(&self) -> bool {
        let (mut ends, mut empty) = (BTreeSet::new(), BTreeSet::new());
        let all = || (0..self.nodes.len()).map(|number| self.resolve(Place(number)));
        loop {
            let known = ends.len();
            for place in all() {
                let node = self.at(place);
                let mut slots = node.slots.iter().map(|&slot| self.resolve(slot));
                if slots.clone().all(|slot| ends.contains(&slot)) && ends.insert(place) {
                    let may_be_empty = matches!(node.form, Some(Form::Tuple | Form::Struct));
                    if may_be_empty && slots.all(|slot| empty.contains(&slot)) {
                        empty.insert(place);
                    }
                }
            }
            if ends.len() == known {
                break;
            }
        }
        all().any(|place| {
            let node = self.at(place);
            let holds_empty = node.slots.iter().all(|&slot| empty.contains(&self.resolve(slot)));
            !ends.contains(&place) || (matches!(node.form, Some(Form::Seq | Form::Map)) && holds_empty)
        })
    }

    /// The same graph, to be walked by another value.
    pub(super) fn reopened(&self) -> Self {
        Self { steps: 0, failure: None, ..self.clone() }
    }

    /// Why a value could not be written at a place.
    pub(super) fn not_written(&self, place: Place, stop: &Stop) -> SchemaError {
        let path = self.path(place);
        match &stop.skipped {
            Some(variant) if path == PAYLOAD => SchemaError::SkippedVariant { path: format!("::{variant}") },
            Some(variant) => SchemaError::SkippedVariant { path: format!("{path}::{variant}") },
            None => SchemaError::RoundTrip { path },
        }
    }

    /// A better reason for a failure, if there is one: a variant is written under a higher number than it is read.
    ///
    /// serde counts skipped variants when it writes and not when it reads. Aliases only move a name further back in the
    /// reader's list.
    pub(super) fn explained(&self, failure: SchemaError) -> SchemaError {
        let is_shifted = |node: &&Node| {
            let (Some((parent, slot)), Some(name)) = (node.parent, node.name) else { return false };
            self.at(parent).names.iter().take(slot).any(|read| *read == name)
        };
        let (SchemaError::RoundTrip { .. } | SchemaError::Unlike { .. }) = failure else { return failure };
        match self.nodes.iter().position(|node| is_shifted(&node)) {
            Some(place) => SchemaError::SkippedVariant { path: self.path(Place(place)) },
            None => failure,
        }
    }

    pub(super) fn fail(&mut self, failure: SchemaError) -> Stop {
        self.failure.get_or_insert(failure);
        Stop::HERE
    }

    pub(super) fn path(&self, place: Place) -> String {
        let path = self.steps_to(place);
        let path = path.strip_prefix('.').unwrap_or(&path);
        if path.is_empty() { PAYLOAD.to_owned() } else { path.to_owned() }
    }

    /// Records that a tag has been seen; whether for the first time.
    pub(super) fn show(&mut self, place: Place, tag: u32) -> bool {
        let place = self.shows(place);
        let node = self.at_mut(place);
        let is_new = node.shown.insert(tag);
        while node.shown.contains(&node.seen) {
            node.seen += 1;
        }
        is_new
    }

    pub(super) fn has_shown(&self, place: Place, tag: u32) -> bool {
        self.at(self.shows(place)).shown.contains(&tag)
    }

    /// Which tag has not been seen at this place yet, among the free ones.
    ///
    /// At every place, so a type within itself is walked once more there. Were it another type of the same name, it
    /// would be found out.
    pub(super) fn wanted(&self, place: Place, is_free: impl Fn(u32) -> bool) -> Option<u32> {
        let node = self.node(place);
        let tags = if node.form == Some(Form::Enum) { node.variants.unwrap_or(0) } else { 2 };
        let seen = self.at(self.shows(place)).seen;
        (seen..tags).find(|&tag| !self.has_shown(place, tag) && is_free(tag))
    }

    /// The place that this one is in.
    pub(super) fn around(&self, place: Place) -> Place {
        self.at(place).parent.map_or(Self::ROOT, |(around, _)| around)
    }

    fn steps_to(&self, place: Place) -> String {
        let Some((parent, slot)) = self.at(place).parent else { return String::new() };
        let path = self.steps_to(parent);
        let node = self.at(place);
        let name = node.name.unwrap_or(node.hint);
        match self.at(parent).form {
            Some(Form::Struct) => format!("{path}.{name}"),
            Some(Form::Enum) => format!("{path}::{name}"),
            Some(Form::Tuple) => format!("{path}.{slot}"),
            Some(Form::Seq) => format!("{path}[]"),
            Some(Form::Map) if slot == 0 => format!("{path}{{key}}"),
            Some(Form::Map) => format!("{path}{{value}}"),
            Some(Form::Option | Form::Leaf(_)) | None => path,
        }
    }

    // One budget bounds everything that a type could make grow: values, recursion, variants, probes.
    fn step(&mut self, place: Place) -> Result<(), Stop> {
        self.steps += 1;
        let is_flat = self.at(place).depth <= MAX_DEPTH;
        let is_bounded = match self.firsts {
            None => self.steps <= FIRST_STEPS && self.variants <= FIRST_VARIANTS,
            Some(_) => self.steps <= MAX_STEPS && self.nodes.len() <= MAX_PLACES,
        };
        if is_flat && is_bounded { Ok(()) } else { Err(self.too_complex(place)) }
    }

    /// How much work the walk was.
    #[cfg(test)]
    pub(super) fn steps(&self) -> usize {
        self.steps
    }

    /// Records the variants of an enum, as the reader lists them.
    pub(super) fn set_variants(&mut self, place: Place, names: &'static [&'static str]) {
        let node = self.node_mut(place);
        node.names = names;
        if node.variants.is_none() {
            node.variants = Some(u32::try_from(names.len()).unwrap_or(u32::MAX));
            self.variants += names.len();
        }
    }

    /// Counts the work of reading and writing so many bytes.
    pub(super) fn spend(&mut self, place: Place, bytes: usize) -> Result<(), SchemaError> {
        self.steps += bytes / 8;
        match self.step(place) {
            Ok(()) => Ok(()),
            Err(_) => {
                Err(self.failure.take().unwrap_or_else(|| SchemaError::TooComplex { path: self.path(place) }))
            }
        }
    }

    pub(super) fn too_complex(&mut self, place: Place) -> Stop {
        self.fail(SchemaError::TooComplex { path: self.path(place) })
    }

    fn unlike(
        &mut self,
        place: Place,
        side: Side,
        found: impl fmt::Display,
        known: impl fmt::Display,
    ) -> Stop {
        let (found, known) = (found.to_string(), known.to_string());
        let (written, read) = if side == Side::Writes { (found, known) } else { (known, found) };
        self.fail(SchemaError::Unlike { path: self.path(place), written, read })
    }

    fn add(&mut self, parent: Place, slot: usize) -> Place {
        let depth = self.at(parent).depth + 1;
        self.nodes.push(Node { parent: Some((parent, slot)), depth, ..Node::default() });
        Place(self.nodes.len() - 1)
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "places are made by `add` alone, and no node is ever taken away"
    )]
    fn at(&self, place: Place) -> &Node {
        &self.nodes[place.0]
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "places are made by `add` alone, and no node is ever taken away"
    )]
    fn at_mut(&mut self, place: Place) -> &mut Node {
        &mut self.nodes[place.0]
    }
}

/// The path of the type itself.
const PAYLOAD: &str = "(payload)";

struct Fields(usize);

impl fmt::Display for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} fields", self.0)
    }
}

/// How much of a type is walked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// Every place, which is work for every path.
    EveryPlace,
    /// Of places that are read and written by the same code, one.
    EveryType,
}

/// A hundred times what a rich struct of 50 fields takes.
const MAX_STEPS: usize = 1_000_000;

/// Of the walk over every place.
const FIRST_STEPS: usize = 50_000;

/// Each is a value of its own, unless others can be seen in the same.
const FIRST_VARIANTS: usize = 1000;

const MAX_PLACES: usize = 20_000;

/// Beyond every enum that somebody writes. An index makes as many slots.
pub(super) const MAX_VARIANTS: usize = 10_000;
