//! Which lists and maps keep the order of their entries.
//!
//! serde does not tell a set from a list, so a place is asked: it reads several entries in two orders. One that always
//! returns them in the order given, such as a `Vec`, keeps order. One that does not, such as a `HashSet`, is unordered,
//! and its entries are compared and sealed sorted by their bytes.
//!
//! Unless other parts of the value go with them: the keys of a map that is written as a list of keys and a list of
//! values must not be sorted alone.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::form::Form;
use super::graph::{EntryOrder, Node, Place};
use super::neighbor::neighbor;
use super::parts::{self, Part, PartKind};
use super::payload;
use super::walk::Walk;
use crate::error::SchemaError;

/// The bytes of a value, and the entries that it has at a place.
type Several = (Vec<u8>, Vec<Vec<u8>>);

/// What becomes of entries that are read in other orders.
enum Answer {
    Unknown,
    /// They come back as they were given.
    Kept,
    /// The last comes first, each time.
    Reversed,
    /// They change places, each time in the same way.
    Moved,
    /// Their order has nothing to do with the one given.
    Lost,
}

impl<T: Serialize + DeserializeOwned> Walk<T> {
    /// Asks every list and map for which there is a value with an entry.
    pub(super) fn find_orders(&mut self) -> Result<(), SchemaError> {
        let mut found: BTreeMap<Place, (usize, Part)> = BTreeMap::new();
        for (number, ground) in self.grounds.iter().enumerate() {
            for part in parts::parts(&self.graph, &ground.bytes).unwrap_or_default() {
                let (place, size) = (self.graph.resolve(part.place), part.end - part.start);
                let is_smaller = found.get(&place).is_none_or(|(_, known)| size < known.end - known.start);
                if is_smaller && matches!(&part.kind, PartKind::Entries(entries) if !entries.is_empty()) {
                    // In the smallest, a type within itself has no entries of its own in them.
                    found.insert(place, (number, part));
                }
            }
        }
        // What is within an entry may have no order either, so it goes first.
        let mut found: Vec<_> = found.into_iter().collect();
        found.sort_by_key(|(place, _)| std::cmp::Reverse(self.graph.node(*place).depth));
        for (place, (number, part)) in found {
            let bytes = self.grounds.get(number).map(|ground| ground.bytes.clone()).unwrap_or_default();
            let order = self.ask(place, &bytes, &part)?;
            self.graph.node_mut(place).order = order;
        }
        Ok(())
    }

    fn ask(&mut self, place: Place, bytes: &[u8], part: &Part) -> Result<EntryOrder, SchemaError> {
        let Some(few) = self.several(place, bytes, part, ENTRIES) else { return Ok(EntryOrder::Unknown) };
        let answer = self.turn(place, &few)?;
        let is_lost = match answer {
            Answer::Unknown => return Ok(EntryOrder::Unknown),
            Answer::Lost => true,
            // Not as a set does, but as a list that is turned around.
            Answer::Reversed => return Err(self.round_trip(place)),
            // Entries of one hash come back as they were put in, or all of them some places further on. More of them
            // do not.
            Answer::Kept if !self.drops_repeated(place, &few) => return Ok(EntryOrder::Kept),
            Answer::Moved if !self.drops_repeated(place, &few) => return Err(self.round_trip(place)),
            Answer::Moved => true,
            Answer::Kept => match self.several(place, bytes, part, MANY_ENTRIES) {
                Some(many) => !matches!(self.turn(place, &many)?, Answer::Kept),
                None => false,
            },
        };
        Ok(match is_lost {
            false => EntryOrder::Kept,
            true if self.is_alone(place, &few) => EntryOrder::Lost,
            true => EntryOrder::Unknown,
        })
    }

    /// Has the place read these entries in other orders.
    fn turn(&mut self, place: Place, several: &Several) -> Result<Answer, SchemaError> {
        let (bytes, entries) = several;
        let Some(part) = self.find(place, bytes, entries) else { return Ok(Answer::Unknown) };
        let distinct = entries.iter().collect::<BTreeSet<_>>().len();
        let all = self.graph.in_one_order(bytes, true);
        let (mut certainty, mut moved): (u32, Option<Vec<usize>>) = (0, None);
        let mut given = entries.clone();
        for attempt in 0..MAX_ATTEMPTS {
            shuffle(&mut given, attempt);
            let Some(again) = self.read_back(place, &part.replaced(bytes, &list(&given)))? else {
                return Ok(Answer::Unknown);
            };
            let Some(part) = self.find(place, &again, entries) else { return Ok(Answer::Unknown) };
            if self.graph.in_one_order(&again, true) != all {
                return Ok(Answer::Unknown); // something else depends on the order
            }
            let taken: Vec<Vec<u8>> = part.entries(&again).into_iter().map(<[u8]>::to_vec).collect();
            let is_kept = taken == given;
            if distinct < entries.len() {
                // Where an entry went cannot be told if there are two of it.
                if !is_kept {
                    return Ok(Answer::Lost);
                }
                certainty += REPEATED;
            } else {
                let place_of = |entry| given.iter().position(|given| given == entry);
                let places: Vec<usize> = taken.iter().filter_map(place_of).collect();
                if moved.as_ref().is_some_and(|moved| *moved != places) {
                    return Ok(Answer::Lost);
                }
                moved = Some(places);
                certainty += orders(distinct);
            }
            // One attempt proves nothing: a fixed hasher may have this order, and a sorted one.
            if attempt > 0 && certainty >= CERTAIN {
                let is_reversed = taken.iter().eq(given.iter().rev());
                return Ok(match (is_kept, is_reversed) {
                    (true, _) => Answer::Kept,
                    (_, true) => Answer::Reversed,
                    _ => Answer::Moved,
                });
            }
        }
        Ok(Answer::Unknown)
    }

    /// Whether an entry that is there twice comes back once, as from a set or map.
    fn drops_repeated(&mut self, place: Place, (bytes, entries): &Several) -> bool {
        let Some(part) = self.find(place, bytes, entries) else { return false };
        let repeated: Vec<Vec<u8>> = entries.iter().chain(entries.first()).cloned().collect();
        let again = self.read_back(place, &part.replaced(bytes, &list(&repeated)));
        matches!(again, Ok(Some(again)) if self.find(place, &again, entries).is_some())
    }

    /// Whether nothing else goes with an entry, as the values of a map do with its keys if the two are lists of their
    /// own: it is taken away, and all else is as it was.
    fn is_alone(&mut self, place: Place, (bytes, entries): &Several) -> bool {
        let Some((part, (_, fewer))) = self.find(place, bytes, entries).zip(entries.split_last()) else {
            return false;
        };
        let without = part.replaced(bytes, &list(fewer));
        match self.read_back(place, &without) {
            Ok(Some(again)) => {
                self.graph.in_one_order(&again, true) == self.graph.in_one_order(&without, true)
            }
            // It must have as many. Then it is alone if there is no other list.
            _ => {
                let parts = parts::parts(&self.graph, bytes).unwrap_or_default();
                parts.iter().all(|other| other.start == part.start || other.entries(bytes).len() < 2)
            }
        }
    }

    /// A value with several entries at the place, as it is written, and those entries.
    fn several(&mut self, place: Place, bytes: &[u8], part: &Part, most: usize) -> Option<Several> {
        let mut entries: Vec<Vec<u8>> = part.entries(bytes).into_iter().map(<[u8]>::to_vec).collect();
        let first = entries.first()?.clone();
        let of_leaves: Vec<_> = (1..most).map(|number| (number, None)).collect();
        let of_tags = vec![(1, Some(0)), (2, Some(0)), (1, Some(1)), (2, Some(1))];
        let mut found: Option<Several> = None;
        for changes in [of_leaves, of_tags] {
            let others = changes.into_iter();
            entries.extend(others.filter_map(|(number, level)| self.another(place, &first, number, level)));
            entries.sort_unstable();
            entries.dedup();
            let count = found.as_ref().map_or(0, |(_, entries)| entries.len());
            let more = self.accepted(place, bytes, part, entries.clone());
            found = more.filter(|(_, entries)| entries.len() > count).or(found);
            // The keys of a map may be enums, whose leaves say little.
            if found.as_ref().is_some_and(|(_, entries)| entries.len() >= ENTRIES / 2) {
                break;
            }
        }
        found
    }

    /// The value with as many of these entries as are accepted.
    fn accepted(
        &mut self,
        place: Place,
        bytes: &[u8],
        part: &Part,
        mut entries: Vec<Vec<u8>>,
    ) -> Option<Several> {
        if entries.len() < ENTRIES / 2 && self.graph.node(place).form == Some(Form::Seq) {
            // A list holds an entry more than once, and a set does not.
            let repeated = (0..ENTRIES).map(|number| (number * number + number / 3) % entries.len().max(1));
            let repeated: Vec<_> = repeated.filter_map(|number| entries.get(number).cloned()).collect();
            let found = self.written(place, &part.replaced(bytes, &list(&repeated)));
            if found.is_some() {
                return found;
            }
        }
        let found = self.written(place, &part.replaced(bytes, &list(&entries)));
        if found.is_some() {
            return found;
        }
        entries.retain(|entry| {
            let alone = part.replaced(bytes, &list(std::slice::from_ref(entry)));
            matches!(self.read_back(place, &alone), Ok(Some(_)))
        });
        // It may be that there are too many.
        while entries.len() > 1 {
            let found = self.written(place, &part.replaced(bytes, &list(&entries)));
            if found.is_some() {
                return found;
            }
            entries.truncate(entries.len().div_ceil(2).min(entries.len() - 1));
        }
        self.written(place, bytes)
    }

    /// The value as it is written, if it has several entries at the place.
    fn written(&mut self, place: Place, bytes: &[u8]) -> Option<Several> {
        let bytes = self.read_back(place, bytes).ok()??;
        let parts = parts::parts(&self.graph, &bytes)?;
        let most = parts
            .iter()
            .filter(|part| self.graph.resolve(part.place) == place)
            .max_by_key(|part| part.entries(&bytes).len())?;
        let entries: Vec<Vec<u8>> = most.entries(&bytes).into_iter().map(<[u8]>::to_vec).collect();
        let are_several = entries.iter().any(|entry| Some(entry) != entries.first());
        are_several.then_some((bytes, entries))
    }

    /// Another entry, whose leaves are so many steps away, or whose tags of one level are others.
    fn another(&self, place: Place, entry: &[u8], number: usize, level: Option<usize>) -> Option<Vec<u8>> {
        let steps = i32::try_from(number).ok()?;
        let slots = self.graph.node(place).slots.clone();
        let parts = parts::parts_of(&self.graph, &slots, entry)?;
        let mut others: Vec<(usize, usize, Vec<u8>)> = Vec::new();
        for part in &parts {
            let now = entry.get(part.start..part.end)?;
            let other = match part.kind {
                PartKind::Leaf(name) if level.is_none() => neighbor(name, now, steps),
                PartKind::Tag | PartKind::Entries(_) if level == Some(part.level) => {
                    let samples: Vec<&[u8]> = self.samples_at(part.place).collect();
                    samples.get(number % samples.len().max(1)).map(|sample| sample.to_vec())
                }
                _ => None,
            };
            others.extend(other.map(|other| (part.start, part.end, other)));
        }
        Some(parts::replaced(entry, others.iter().map(|(start, end, by)| (*start, *end, by.as_slice()))))
    }

    /// The part at the place that has exactly these entries, in any order.
    fn find(&self, place: Place, bytes: &[u8], entries: &[Vec<u8>]) -> Option<Part> {
        let mut wanted: Vec<&[u8]> = entries.iter().map(Vec::as_slice).collect();
        wanted.sort_unstable();
        parts::parts(&self.graph, bytes)?.into_iter().find(|part| {
            let mut found = part.entries(bytes);
            found.sort_unstable();
            self.graph.resolve(part.place) == place && found == wanted
        })
    }

    /// How a value is written that is read from these bytes, with all sorted within the entries of the place that may
    /// have no order; `None` if it is refused.
    fn read_back(&mut self, place: Place, bytes: &[u8]) -> Result<Option<Vec<u8>>, SchemaError> {
        self.graph.spend(place, bytes.len())?;
        let Ok(value) = payload::decode::<T>(bytes) else { return Ok(None) };
        let Ok(bytes) = payload::to_vec(&value) else { return Ok(None) };
        let own = self.graph.node(place);
        let is_sorted = |node: &Node| node.order != EntryOrder::Kept && !std::ptr::eq(node, own);
        Ok(self.graph.sorted_where(&bytes, is_sorted).map(|mut sorted| std::mem::take(&mut *sorted)))
    }
}

/// The bytes of a list or map.
fn list(entries: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = payload::to_vec(&entries.len()).unwrap_or_default();
    entries.iter().for_each(|entry| bytes.extend_from_slice(entry));
    bytes
}

/// First the entries the other way round, then as they were, then in orders that have nothing to do with each other.
fn shuffle(entries: &mut [Vec<u8>], attempt: u32) {
    if attempt < 2 {
        return entries.reverse();
    }
    let mut random = 0x9E37_79B9_u32.wrapping_mul(attempt);
    for end in (1..entries.len()).rev() {
        random ^= random << 13;
        random ^= random >> 17;
        random ^= random << 5;
        let other = usize::try_from(random).unwrap_or(0) % (end + 1);
        entries.swap(end, other);
    }
}

/// How many orders so many entries have, as a power of two.
fn orders(count: usize) -> u32 {
    (1..=count).map(usize::ilog2).sum()
}

/// How many entries are made up.
const ENTRIES: usize = 12;

/// So many that a hash table does not hold them in the order in which they came, though all have one hash: it looks for
/// a free place further and further away.
const MANY_ENTRIES: usize = 100;

/// A set with a random hasher returns its entries in the order given once in 2⁴⁰ times, if all goes well.
const CERTAIN: u32 = 40;

/// A list of [`ENTRIES`] that holds two of them six times each has 924 orders, which is more than 2⁹.
const REPEATED: u32 = 9;

const MAX_ATTEMPTS: u32 = 64;
