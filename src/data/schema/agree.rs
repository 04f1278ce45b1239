//! Values compared by their bytes, and the place where they differ.
//!
//! Two values of one type are alike if they are encoded alike, apart from the order within unordered collections.

use std::any::type_name;

use serde::de::DeserializeOwned;
use serde::ser::Serialize;

use super::graph::{EntryOrder, Extent, Graph, Node, Place};
use super::invent::Plan;
use super::parts;
use super::read::Reader;
use super::read_value::ReadAt;
use super::write::WriteAt;
use crate::crypto::secret::Zeroizing;
use crate::error::SchemaError;

impl Graph {
    /// The bytes with the entries of unordered lists and maps sorted. A list of which nothing is known counts as one
    /// of them if `is_lenient`. `None` if the bytes are not those of the type.
    pub(super) fn in_one_order(&self, bytes: &[u8], is_lenient: bool) -> Option<Zeroizing<Vec<u8>>> {
        self.sorted_where(bytes, |node| match node.order {
            EntryOrder::Lost => true,
            EntryOrder::Unknown => is_lenient,
            EntryOrder::Kept => false,
        })
    }

    /// The bytes with the entries of these lists and maps sorted.
    pub(super) fn sorted_where(
        &self,
        bytes: &[u8],
        is_sorted: impl Fn(&Node) -> bool,
    ) -> Option<Zeroizing<Vec<u8>>> {
        let mut sorted = Zeroizing::new(Vec::with_capacity(bytes.len()));
        parts::sort_entries(self, bytes, &is_sorted, &mut sorted)?;
        Some(sorted)
    }

    /// The place of the first byte that differs.
    pub(super) fn first_difference(&self, one: &[u8], other: &[u8]) -> Place {
        let same = one.iter().zip(other).take_while(|(one, other)| one == other).count();
        let parts = parts::parts(self, one).unwrap_or_default();
        let differs = parts.iter().find(|part| part.start <= same && same < part.end); // the innermost is first
        differs.map_or(Self::ROOT, |part| part.place)
    }

    /// The place that refuses these bytes, if one does.
    pub(super) fn refuses<T: DeserializeOwned>(&mut self, bytes: &[u8]) -> Option<Place> {
        let mut reader = Reader::new(self, bytes, Plan::Plain);
        let read: Result<T, _> = T::deserialize(ReadAt { reader: &mut reader, place: Self::ROOT });
        let refused = reader.findings.refused;
        read.err().map(|_| refused.unwrap_or(Self::ROOT))
    }
}

/// Where and why a value cannot be written. `known` is what a walk has found of its type.
pub(crate) fn refusal<T: Serialize>(known: Option<&Graph>, value: &T) -> Option<SchemaError> {
    let mut graph = fresh(known);
    let written = value.serialize(WriteAt { graph: &mut graph, place: Graph::ROOT, of: type_name::<T>() });
    let failure = graph.failure.take();
    failure.or_else(|| written.err().map(|stop| graph.not_written(Graph::ROOT, &stop)))
}

/// Where a value that is encoded as `bytes` and comes back as `again` differs, if it does; without `again`, where it is
/// refused. `known` is what a walk has found of the type.
pub(crate) fn difference<T: DeserializeOwned>(
    known: Option<&Graph>,
    bytes: &[u8],
    again: Option<&[u8]>,
) -> Option<String> {
    let mut graph = fresh(known);
    let refused = graph.refuses::<T>(bytes);
    let Some(again) = again else { return Some(graph.path(refused.unwrap_or(Graph::ROOT))) };
    if bytes == again {
        return None;
    }
    match (graph.in_one_order(bytes, true), graph.in_one_order(again, true)) {
        (Some(one), Some(other)) if one == other => None,
        (Some(one), Some(other)) => Some(graph.path(graph.first_difference(&one, &other))),
        _ => Some(graph.path(graph.first_difference(bytes, again))),
    }
}

fn fresh(known: Option<&Graph>) -> Graph {
    known.map_or_else(|| Graph::new(Extent::EveryPlace), Graph::reopened)
}
