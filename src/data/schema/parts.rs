//! The bytes of a value, taken apart along the graph: where its leaves and tags are, and its entries in one order.

use super::form::Form;
use super::graph::{Graph, Node, Place};
use super::payload;
use crate::crypto::secret::Zeroizing;

/// A leaf, or a tag with all that hangs on it.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) place: Place,
    pub(super) start: usize,
    pub(super) end: usize,
    /// How many tags it hangs on.
    pub(super) level: usize,
    pub(super) kind: PartKind,
}

#[derive(Debug)]
pub(super) enum PartKind {
    Leaf(&'static str),
    /// Of an option or enum.
    Tag,
    /// A list or map, and where each of its entries starts and ends.
    Entries(Vec<(usize, usize)>),
}

impl Part {
    /// The bytes of its entries, if it is a list or map.
    pub(super) fn entries<'b>(&self, bytes: &'b [u8]) -> Vec<&'b [u8]> {
        let PartKind::Entries(entries) = &self.kind else { return Vec::new() };
        entries.iter().filter_map(|&(start, end)| bytes.get(start..end)).collect()
    }

    /// The bytes of the whole value, with these in the place of this part.
    pub(super) fn replaced(&self, bytes: &[u8], by: &[u8]) -> Vec<u8> {
        replaced(bytes, [(self.start, self.end, by)])
    }
}

/// The bytes of a whole value with some parts replaced, which must not overlap and come in order.
pub(super) fn replaced<'b>(
    bytes: &[u8],
    parts: impl IntoIterator<Item = (usize, usize, &'b [u8])>,
) -> Vec<u8> {
    let (mut changed, mut at) = (Vec::with_capacity(bytes.len()), 0);
    for (start, end, by) in parts {
        changed.extend_from_slice(bytes.get(at..start).unwrap_or_default());
        changed.extend_from_slice(by);
        at = end;
    }
    changed.extend_from_slice(bytes.get(at..).unwrap_or_default());
    changed
}

/// All parts of a value of the whole type, the inner before the outer; `None` if the bytes are not those of one.
pub(super) fn parts(graph: &Graph, bytes: &[u8]) -> Option<Vec<Part>> {
    parts_of(graph, &[Graph::ROOT], bytes)
}

/// As [`parts`], of values that follow each other, one for each place.
pub(super) fn parts_of(graph: &Graph, places: &[Place], bytes: &[u8]) -> Option<Vec<Part>> {
    let mut scan = Scan { graph, bytes, at: 0, level: 0, parts: Vec::new() };
    places.iter().try_for_each(|&place| scan.value(place))?;
    (scan.at == bytes.len()).then_some(scan.parts)
}

struct Scan<'a> {
    graph: &'a Graph,
    bytes: &'a [u8],
    at: usize,
    level: usize,
    parts: Vec<Part>,
}

impl Scan<'_> {
    fn value(&mut self, place: Place) -> Option<()> {
        let graph = self.graph;
        let (node, start, level) = (graph.node(place), self.at, self.level);
        let kind = match node.form? {
            Form::Leaf(name) => {
                self.at = leaf_end(name, self.bytes, self.at)?;
                PartKind::Leaf(name)
            }
            Form::Tuple | Form::Struct => return node.slots.iter().try_for_each(|&slot| self.value(slot)),
            Form::Option | Form::Enum => {
                let tag = self.number()?;
                self.level += 1;
                if let Some(slot) = slot_of_tag(node, tag)? {
                    self.value(slot)?;
                }
                PartKind::Tag
            }
            Form::Seq | Form::Map => {
                let count = self.number()?;
                self.level += 1;
                let mut entries = Vec::new();
                for _ in 0..count {
                    let start = self.at;
                    node.slots.iter().try_for_each(|&slot| self.value(slot))?;
                    entries.push((start, self.at));
                }
                PartKind::Entries(entries)
            }
        };
        self.level = level;
        self.parts.push(Part { place, start, end: self.at, level, kind });
        Some(())
    }

    fn number(&mut self) -> Option<usize> {
        let (value, end) = number(self.bytes, self.at)?;
        self.at = end;
        Some(value)
    }
}

/// The bytes of a value with the entries of some lists and maps sorted, the inner before the outer.
///
/// `out` must have room for all of them: it may be wiped later, and what it leaves behind when it moves is not.
pub(super) fn sort_entries(
    graph: &Graph,
    bytes: &[u8],
    is_sorted: &dyn Fn(&Node) -> bool,
    out: &mut Vec<u8>,
) -> Option<()> {
    let end = Sort { graph, bytes, is_sorted }.value(Graph::ROOT, 0, out)?;
    (end == bytes.len()).then_some(())
}

struct Sort<'a> {
    graph: &'a Graph,
    bytes: &'a [u8],
    is_sorted: &'a dyn Fn(&Node) -> bool,
}

impl Sort<'_> {
    fn value(&self, place: Place, start: usize, out: &mut Vec<u8>) -> Option<usize> {
        let node = self.graph.node(place);
        let copy = |end, out: &mut Vec<u8>| {
            out.extend_from_slice(self.bytes.get(start..end)?);
            Some(end)
        };
        match node.form? {
            Form::Leaf(name) => copy(leaf_end(name, self.bytes, start)?, out),
            Form::Tuple | Form::Struct => self.slots(node, start, out),
            Form::Option | Form::Enum => {
                let (tag, at) = number(self.bytes, start)?;
                copy(at, out)?;
                match slot_of_tag(node, tag)? {
                    Some(slot) => self.value(slot, at, out),
                    None => Some(at),
                }
            }
            Form::Seq | Form::Map => {
                let (count, mut at) = number(self.bytes, start)?;
                copy(at, out)?;
                let begin = out.len();
                let mut ends = Vec::new();
                for _ in 0..count {
                    at = self.slots(node, at, out)?;
                    ends.push(out.len());
                }
                if (self.is_sorted)(node) {
                    sort(out.get_mut(begin..)?, begin, &ends);
                }
                Some(at)
            }
        }
    }

    fn slots(&self, node: &Node, start: usize, out: &mut Vec<u8>) -> Option<usize> {
        node.slots.iter().try_fold(start, |at, &slot| self.value(slot, at, out))
    }
}

/// Sorts entries that stand one after the other from `begin`, each up to its end.
fn sort(all: &mut [u8], begin: usize, ends: &[usize]) {
    let sorted = {
        let mut start = begin;
        let mut entries: Vec<&[u8]> = ends
            .iter()
            .filter_map(|&end| all.get(std::mem::replace(&mut start, end) - begin..end - begin))
            .collect();
        if entries.is_sorted() {
            return;
        }
        entries.sort_unstable();
        Zeroizing::new(entries.concat())
    };
    all.copy_from_slice(&sorted);
}

/// What hangs on the tag of an option or enum.
fn slot_of_tag(node: &Node, tag: usize) -> Option<Option<Place>> {
    match (node.form?, tag) {
        (Form::Option, 0) => Some(None),
        (Form::Option, 1) => node.slots.first().copied().map(Some),
        (Form::Enum, tag) => node.slots.get(tag).copied().map(Some),
        _ => None,
    }
}

/// Where a leaf ends (FORMAT §7).
fn leaf_end(name: &str, bytes: &[u8], start: usize) -> Option<usize> {
    let end = match name {
        "bool" | "u8" | "i8" => start.checked_add(1)?,
        "f32" => start.checked_add(4)?,
        "f64" => start.checked_add(8)?,
        "str" | "bytes" | "char" => {
            let (length, at) = number(bytes, start)?;
            at.checked_add(length)?
        }
        _ => start + bytes.get(start..)?.iter().position(|byte| *byte < 0x80)? + 1,
    };
    (end <= bytes.len()).then_some(end)
}

/// A number of variable length, and where it ends.
fn number(bytes: &[u8], start: usize) -> Option<(usize, usize)> {
    let rest = bytes.get(start..)?;
    let (value, rest): (u64, _) = payload::take(rest).ok()?;
    Some((usize::try_from(value).ok()?, bytes.len() - rest.len()))
}
