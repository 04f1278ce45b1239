//! The description: one text for all types of one schema, and for no other (FORMAT §8).
//!
//! The schema of a recursive type is a tree without an end. Places whose trees are equal are one **class**, whatever
//! their types are called, and the text says of a class that stands open, or of a struct or enum that has been said
//! already, only where it stood.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::form::Form;
use super::graph::{Graph, Place};
use crate::error::SchemaError;

/// The text of the whole type; with `fields`, of a struct of only so many of its fields.
pub(super) fn describe(graph: &Graph, fields: Option<usize>) -> Result<String, SchemaError> {
    let mut text = Text {
        graph,
        classes: classes(graph)?,
        text: String::new(),
        opened: 0,
        open: Vec::new(),
        said: BTreeMap::new(),
    };
    match fields {
        None => text.place(Graph::ROOT)?,
        Some(fields) => {
            // Not a class of the type, so nothing can refer to it: within a recursive type stand whole structs.
            text.opened = 1;
            text.text.push('{');
            text.named(graph.node(Graph::ROOT).slots.iter().take(fields), ',')?;
            text.text.push('}');
        }
    }
    Ok(text.text)
}

struct Text<'g> {
    graph: &'g Graph,
    classes: BTreeMap<Place, usize>,
    text: String,
    /// How many brackets and question marks have been opened.
    opened: usize,
    /// The classes that stand open, with their numbers.
    open: Vec<(Option<usize>, usize)>,
    /// The structs and enums that have been said, with their numbers.
    said: BTreeMap<Option<usize>, usize>,
}

impl Text<'_> {
    fn place(&mut self, place: Place) -> Result<(), SchemaError> {
        let node = self.graph.node(place);
        let form = match node.form {
            Some(Form::Leaf(name)) => {
                self.text.push_str(name);
                return Ok(());
            }
            Some(form) => form,
            None => return Err(unknown(self.graph, place)),
        };
        let class = self.class(place);
        let open = self.open.iter().find(|(open, _)| *open == class).map(|&(_, number)| number);
        if let Some(number) = open.or_else(|| self.said.get(&class).copied()) {
            let _ = write!(self.text, "#{number}"); // writing to a String never fails
            return Ok(());
        }
        if self.text.len() > MAX_TEXT {
            return Err(SchemaError::TooComplex { path: self.graph.path(place) });
        }
        if matches!(form, Form::Struct | Form::Enum) {
            self.said.insert(class, self.opened);
        }
        self.open.push((class, self.opened));
        self.opened += 1;
        self.compound(form, &node.slots)?;
        self.open.pop();
        Ok(())
    }

    fn compound(&mut self, form: Form, slots: &[Place]) -> Result<(), SchemaError> {
        let (open, close) = match form {
            Form::Option => ("?", ""),
            Form::Seq | Form::Map => ("[", "]"),
            Form::Tuple => ("(", ")"),
            Form::Struct => ("{", "}"),
            _ => ("<", ">"),
        };
        self.text.push_str(open);
        match (form, slots) {
            (Form::Struct, _) => self.named(slots.iter(), ',')?,
            (Form::Enum, _) => self.named(slots.iter(), '|')?,
            (Form::Tuple, [first, _, ..]) if self.are_equal(slots) => {
                self.place(*first)?;
                let _ = write!(self.text, ";{}", slots.len());
            }
            (Form::Map, _) => self.list(slots, ':')?,
            _ => self.list(slots, ',')?,
        }
        self.text.push_str(close);
        Ok(())
    }

    fn list(&mut self, slots: &[Place], separator: char) -> Result<(), SchemaError> {
        for (number, &place) in slots.iter().enumerate() {
            if number > 0 {
                self.text.push(separator);
            }
            self.place(place)?;
        }
        Ok(())
    }

    fn named<'s>(
        &mut self,
        slots: impl Iterator<Item = &'s Place>,
        separator: char,
    ) -> Result<(), SchemaError> {
        for (number, &place) in slots.enumerate() {
            if number > 0 {
                self.text.push(separator);
            }
            let name = self.graph.name(place).ok_or_else(|| unknown(self.graph, place))?;
            self.name(name);
            let node = self.graph.node(place);
            let is_unit_variant = separator == '|' && node.form == Some(Form::Tuple) && node.slots.is_empty();
            if !is_unit_variant {
                self.text.push(':');
                self.place(place)?;
            }
        }
        Ok(())
    }

    // Escaped, so that no name can look like anything else of the text.
    fn name(&mut self, name: &str) {
        for byte in name.bytes() {
            if byte.is_ascii_alphanumeric() || byte == b'_' {
                self.text.push(char::from(byte));
            } else {
                let _ = write!(self.text, "%{byte:02x}");
            }
        }
    }

    fn are_equal(&self, slots: &[Place]) -> bool {
        let mut classes = slots.iter().map(|&place| self.class(place));
        let first = classes.next();
        classes.all(|class| Some(class) == first)
    }

    fn class(&self, place: Place) -> Option<usize> {
        self.classes.get(&self.graph.resolve(place)).copied()
    }
}

/// The class of every place that the type reaches.
///
/// At first all places of one form with the same names are one class; then those part whose slots are of different
/// classes, until no more do. What then is one class cannot be told apart by any value.
fn classes(graph: &Graph) -> Result<BTreeMap<Place, usize>, SchemaError> {
    let places = reachable(graph)?;
    let mut classes: BTreeMap<Place, usize> = places.iter().map(|&place| (place, 0)).collect();
    let mut count = 0;
    loop {
        let mut kinds = BTreeMap::new();
        let refined: BTreeMap<Place, usize> = places
            .iter()
            .map(|&place| {
                let node = graph.node(place);
                let of = |slot: &Place| classes.get(&graph.resolve(*slot)).copied();
                let slots: Vec<_> = node.slots.iter().map(|slot| (graph.name(*slot), of(slot))).collect();
                let fresh = kinds.len();
                (place, *kinds.entry((node.form, slots)).or_insert(fresh))
            })
            .collect();
        if kinds.len() == count {
            return Ok(refined);
        }
        (classes, count) = (refined, kinds.len());
    }
}

fn reachable(graph: &Graph) -> Result<Vec<Place>, SchemaError> {
    let mut found = BTreeSet::from([graph.resolve(Graph::ROOT)]);
    let mut places = vec![graph.resolve(Graph::ROOT)];
    let mut next = 0;
    while let Some(&place) = places.get(next) {
        next += 1;
        let node = graph.node(place);
        let needed = match node.form {
            Some(Form::Option | Form::Seq) => 1,
            Some(Form::Map) => 2,
            Some(_) => 0,
            None => return Err(unknown(graph, place)),
        };
        if node.slots.len() < needed {
            return Err(unknown(graph, place));
        }
        for &slot in &node.slots {
            let slot = graph.resolve(slot);
            if found.insert(slot) {
                places.push(slot);
            }
        }
    }
    Ok(places)
}

fn unknown(graph: &Graph, place: Place) -> SchemaError {
    SchemaError::Refused { paths: vec![graph.path(place)] }
}

/// Without structs and enums, which are said once, a type can still be nested so that its text has no end in practice.
const MAX_TEXT: usize = 1 << 20;
