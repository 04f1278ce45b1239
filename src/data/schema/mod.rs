//! The schema of a session type, whose fingerprint begins every record (FORMAT §8).
//!
//! postcard is positional: bytes of one struct decode into another without an error, and then a tenant's id is a
//! user's. So the type is walked once, when the sessions are built, and a record of another schema is not decoded.
//!
//! - [`graph`]: what is known of the type; [`read`] and [`write`] fill it in, from both sides of serde.
//! - [`walk`]: which values are read: those of the application, and made-up ones for what they hide ([`invent`],
//!   [`plausible`]).
//! - [`text`]: the description of what was found, the same for all types of one schema.
//!
//! A change of meaning without a change of names, order or types is not seen.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub(crate) use self::agree::{difference, refusal};
use self::form::Form;
pub(crate) use self::graph::Graph;
use crate::crypto::secret::Zeroizing;
use crate::crypto::{hex, sha256};
use crate::data::payload::{self, OlderData, SessionData, Tuples};
use crate::error::SchemaError;

mod agree;
mod cache;
mod form;
mod graph;
mod invent;
mod neighbor;
mod order;
mod parts;
mod plausible;
mod read;
mod read_parts;
mod read_value;
mod text;
mod vary;
mod walk;
mod write;
mod write_parts;

#[cfg(test)]
mod tests;

/// The fingerprint of a session type: five bytes that stand for the names and order of its fields and variants and for
/// its primitive types, nested to the end. `Display` writes them in hexadecimal.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SchemaFingerprint([u8; Self::LEN]);

impl SchemaFingerprint {
    /// How many bytes it has.
    pub const LEN: usize = 5;

    /// That of all types which have this description.
    #[must_use]
    pub(crate) fn of_description(text: &str) -> Self {
        Self::hash("sealed-session/schema/v2:", text)
    }

    /// One that is fixed by hand. It is no type's own, whatever the text.
    #[must_use]
    pub(crate) fn pinned(text: &str) -> Self {
        Self::hash("sealed-session/pinned/v2:", text)
    }

    /// The one in a record.
    #[must_use]
    pub(crate) const fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// Its bytes, as they are in a record.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }

    fn hash(domain: &str, text: &str) -> Self {
        let hash = sha256::hash(&[domain.as_bytes(), text.as_bytes()]);
        let mut bytes = [0; Self::LEN];
        bytes.iter_mut().zip(hash).for_each(|(byte, hash)| *byte = hash);
        Self(bytes)
    }
}

impl fmt::Display for SchemaFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex::write(&self.0, f)
    }
}

impl fmt::Debug for SchemaFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SchemaFingerprint({self})")
    }
}

/// What is known of the schema of a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Description {
    /// The text that the schema is the hash of.
    pub(crate) text: String,
    /// The schema of the type.
    pub(crate) schema: SchemaFingerprint,
    /// The schemas of its first fields alone, as far as it can be decoded from those; the longest first.
    pub(crate) first_fields: Vec<FirstFields>,
    /// How many fields its tuple structs and variants have.
    pub(crate) tuples: Tuples,
    /// What its places hold.
    pub(crate) graph: Graph,
    /// Whether a list or map does not keep the order of its entries.
    pub(crate) is_unordered: bool,
    /// Whether it can hold more than its bytes say: a type within itself, or elements without bytes.
    pub(crate) needs_bounds: bool,
}

/// A struct's first fields, from which serde can fill the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FirstFields {
    /// How many.
    pub(crate) count: usize,
    /// The text of a struct that has only these.
    pub(crate) text: String,
    /// Its schema.
    pub(crate) schema: SchemaFingerprint,
}

impl Description {
    /// What a walk over `T` finds that begins with its default and these values of it. It happens once for each type.
    ///
    /// # Errors
    /// If a part of `T` cannot be reached, or does not come back from postcard as it was.
    pub(crate) fn of<T: SessionData>(samples: &[T]) -> Result<Arc<Self>, SchemaError> {
        let default = T::default();
        let values: Vec<&T> = std::iter::once(&default).chain(samples).collect();
        cache::find_or(&values, || Self::walk(&values))
    }

    /// As [`of`](Self::of), for a type that needs no default: the walk begins with a made-up value.
    ///
    /// # Errors
    /// As [`of`](Self::of).
    pub(crate) fn of_older<Old: OlderData>() -> Result<Arc<Self>, SchemaError> {
        cache::find_or::<Old>(&[], || Self::walk::<Old>(&[]))
    }

    /// The bytes of a value with the entries of its unordered lists and maps sorted; `None` if they are none of `T`.
    pub(crate) fn in_one_order(&self, bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        self.graph.in_one_order(bytes, false)
    }

    /// The places that do not keep the order of their entries.
    #[cfg(test)]
    fn unordered(&self) -> Vec<String> {
        self.graph.unordered().map(|place| self.graph.path(place)).collect()
    }

    /// Walks `T`, beginning with these values of it; if there are none, with a made-up one.
    fn walk<T: Serialize + DeserializeOwned>(values: &[&T]) -> Result<Self, SchemaError> {
        let mut graph = walk::walk(values)?;
        let text = text::describe(&graph, None)?;
        let schema = SchemaFingerprint::of_description(&text);
        let is_unordered = graph.unordered().next().is_some();
        Ok(Self {
            text,
            schema,
            first_fields: first_fields(&graph, values)?,
            tuples: std::mem::replace(&mut graph.tuples, Tuples::new()),
            is_unordered,
            needs_bounds: graph.needs_bounds(),
            graph,
        })
    }
}

/// The first fields that all of the values can be read from. At least one: none at all would fit every struct.
fn first_fields<T: Serialize + DeserializeOwned>(
    graph: &Graph,
    values: &[&T],
) -> Result<Vec<FirstFields>, SchemaError> {
    let mut found = Vec::new();
    let root = graph.node(Graph::ROOT);
    let all: Vec<Vec<u8>> = values.iter().filter_map(|value| payload::to_vec(*value).ok()).collect();
    if root.form != Some(Form::Struct) || all.is_empty() {
        return Ok(found);
    }
    for count in (1..root.slots.len()).rev() {
        if !all.iter().all(|bytes| payload::take_first_fields::<T>(bytes, count).is_ok()) {
            break;
        }
        let text = text::describe(graph, Some(count))?;
        found.push(FirstFields { count, schema: SchemaFingerprint::of_description(&text), text });
    }
    Ok(found)
}
