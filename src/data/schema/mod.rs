//! The fingerprint of a session type, which stands at the start of every record (FORMAT §8).
//!
//! postcard is positional: octets of one struct decode into another without an error, and then a tenant's id is a
//! user's. So the type is walked once, when the sessions are built, and a record of another shape is not decoded.
//!
//! - [`graph`]: what is known of the type; [`read`] and [`write`] fill it in, from both sides of serde.
//! - [`walk`]: which values are read: those of the application, and made-up ones for what they hide ([`invent`],
//!   [`plausible`]).
//! - [`text`]: the description of what was found, the same for all types of one shape.
//!
//! A change of meaning without a change of names, order or types is not seen.

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

use self::form::Form;
use self::graph::Graph;
use crate::crypto::{hex, sha256};
use crate::data::payload::{self, Tuples};
use crate::error::ShapeError;

mod form;
mod graph;
mod invent;
mod plausible;
mod read;
mod read_parts;
mod read_value;
mod text;
mod walk;
mod write;
mod write_parts;

#[cfg(test)]
mod tests;

/// The fingerprint of a session type: five octets that stand for the names and order of its fields and variants and for
/// its primitive types, nested to the end. `Display` writes them in hexadecimal.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shape([u8; Self::OCTETS]);

impl Shape {
    /// How many octets a shape has.
    pub const OCTETS: usize = 5;

    /// The shape of all types that have this description.
    #[must_use]
    pub(crate) fn of_description(text: &str) -> Self {
        Self::hash("sealed-session/shape/v1:", text)
    }

    /// A shape that is fixed by hand. It is no type's own, whatever the text.
    #[must_use]
    pub(crate) fn pinned(text: &str) -> Self {
        Self::hash("sealed-session/pinned/v1:", text)
    }

    /// The shape in a record.
    #[must_use]
    pub(crate) const fn from_bytes(octets: [u8; Self::OCTETS]) -> Self {
        Self(octets)
    }

    /// The shape as it stands in a record.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::OCTETS] {
        &self.0
    }

    fn hash(domain: &str, text: &str) -> Self {
        let hash = sha256::hash(&[domain, text]);
        let mut octets = [0; Self::OCTETS];
        octets.iter_mut().zip(hash).for_each(|(octet, hash)| *octet = hash);
        Self(octets)
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex::write(&self.0, f)
    }
}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Shape({self})")
    }
}

/// What is known of the shape of a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Description {
    /// The text that the shape is the hash of.
    pub(crate) text: String,
    /// The shape of the type.
    pub(crate) shape: Shape,
    /// The shapes of its first fields alone, as far as it can be decoded from those; the longest first.
    pub(crate) prefixes: Vec<Prefix>,
    /// How many fields its tuple structs and variants have.
    pub(crate) tuples: Tuples,
}

/// A struct's first fields, from which serde can fill the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Prefix {
    /// How many.
    pub(crate) fields: usize,
    /// The text of a struct that has only these.
    pub(crate) text: String,
    /// Its shape.
    pub(crate) shape: Shape,
}

impl Description {
    /// Walks `T`, beginning with its default and these values of it.
    ///
    /// # Errors
    /// If a part of `T` cannot be reached, or does not come back from postcard as it was.
    pub(crate) fn of<T: Serialize + DeserializeOwned + Default>(samples: &[T]) -> Result<Self, ShapeError> {
        let default = T::default();
        let values: Vec<&T> = std::iter::once(&default).chain(samples).collect();
        Self::of_values(&values)
    }

    /// Walks `T`, beginning with these values of it; if there are none, with a made-up one.
    ///
    /// # Errors
    /// As [`of`](Self::of).
    pub(crate) fn of_values<T: Serialize + DeserializeOwned>(values: &[&T]) -> Result<Self, ShapeError> {
        let graph = walk::walk(values)?;
        let text = text::describe(&graph, None)?;
        let shape = Shape::of_description(&text);
        Ok(Self { text, shape, prefixes: prefixes(&graph, values)?, tuples: graph.tuples })
    }
}

/// The prefixes that all of the values can be read from. A prefix of no fields is none: it would fit every struct.
fn prefixes<T: Serialize + DeserializeOwned>(
    graph: &Graph,
    values: &[&T],
) -> Result<Vec<Prefix>, ShapeError> {
    let mut prefixes = Vec::new();
    let root = graph.node(Graph::ROOT);
    let all: Vec<Vec<u8>> = values.iter().filter_map(|value| payload::to_vec(*value).ok()).collect();
    if root.form != Some(Form::Struct) || all.is_empty() {
        return Ok(prefixes);
    }
    for fields in (1..root.slots.len()).rev() {
        if !all.iter().all(|octets| payload::take_prefix::<T>(octets, fields).is_ok()) {
            break;
        }
        let text = text::describe(graph, Some(fields))?;
        prefixes.push(Prefix { fields, shape: Shape::of_description(&text), text });
    }
    Ok(prefixes)
}
