//! The reader: decodes postcard bytes through serde and records what serde asks for.
//!
//! It can decode the bytes as they are, with holes in them that it fills with made-up values, or with every leaf
//! painted over. What it writes down is again the bytes of a value: the ground of the next attempt.

use std::any::type_name;
use std::collections::BTreeSet;

use serde::de::{DeserializeSeed, Visitor};
use serde::{Deserialize, Serialize};

use super::form::{Form, Side, Stop, TypeKey};
use super::graph::{Graph, Place};
use super::invent::Plan;
use super::payload::{self, MAX_DEPTH};
use super::read_value::ReadAt;

/// A place that was read, and where in [`Findings::bytes`].
#[derive(Debug)]
pub(super) struct Find {
    pub(super) place: Place,
    pub(super) start: usize,
    pub(super) end: usize,
    /// 0 or 1 for absent and present, or empty and not; the variant; `None` for a leaf.
    pub(super) tag: Option<u32>,
}

/// What is left of a reader when it has read.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) bytes: Vec<u8>,
    pub(super) finds: Vec<Find>,
    /// The innermost place that refused its value.
    pub(super) refused: Option<Place>,
    /// The replaced tag that this happened in.
    pub(super) hole: Option<(Place, u32)>,
    /// That place is an enum without a variant of this index.
    pub(super) no_such_variant: Option<u32>,
}

pub(super) struct Reader<'a> {
    pub(super) graph: &'a mut Graph,
    base: &'a [u8],
    pub(super) at: usize,
    pub(super) plan: Plan<'a>,
    pub(super) inventing: bool,
    hole: Option<(Place, u32)>,
    /// The types that are being read, from the outermost inwards.
    pub(super) open: Vec<Place>,
    depth: usize,
    /// The tags that have been handed out in this attempt. Places of one type share them.
    pub(super) taken: BTreeSet<(Place, u32)>,
    pub(super) findings: Findings,
}

/// A tag that was read or made up.
pub(super) struct Tag {
    /// The place itself, and where what is known of it is kept.
    at: Place,
    place: Place,
    start: usize,
    pub(super) value: u32,
    /// Where in the bytes to go on, after a hole.
    resume: Option<usize>,
}

impl Tag {
    pub(super) fn len(&self) -> usize {
        usize::try_from(self.value).unwrap_or(usize::MAX)
    }
}

impl<'a> Reader<'a> {
    pub(super) fn new(graph: &'a mut Graph, base: &'a [u8], plan: Plan<'a>) -> Self {
        let inventing = matches!(plan, Plan::Invent);
        let (open, taken) = (Vec::new(), BTreeSet::new());
        let findings = Findings { bytes: Vec::with_capacity(base.len()), ..Findings::default() };
        Self { graph, base, at: 0, plan, inventing, hole: None, open, depth: 0, taken, findings }
    }

    /// Whether no byte is left.
    pub(super) fn is_done(&self) -> bool {
        self.at == self.base.len()
    }

    /// The innermost place is the first to say that it refused.
    pub(super) fn refuse(&mut self, place: Place) -> Stop {
        if self.findings.refused.is_none() {
            self.findings.refused = Some(self.graph.resolve(place));
            self.findings.hole = self.hole;
        }
        Stop::HERE
    }

    pub(super) fn settle(&mut self, place: Place, form: Form) -> Result<(), Stop> {
        self.graph.settle(place, form, Side::Reads)
    }

    /// Enters a type with parts, or a newtype if there is no form.
    pub(super) fn enter<'de, V: Visitor<'de>>(
        &mut self,
        place: Place,
        form: Option<Form>,
        names: &'static [&'static str],
    ) -> Result<Place, Stop> {
        let key = TypeKey { form, visitor: type_name::<V>(), value: type_name::<V::Value>(), names };
        let place = self.graph.enter(place, &key, &self.open)?;
        if let Some(form) = form {
            self.settle(place, form)?;
            self.push(place)?;
        }
        Ok(place)
    }

    pub(super) fn push(&mut self, place: Place) -> Result<(), Stop> {
        self.open.push(place);
        self.deepen(place)
    }

    pub(super) fn pop(&mut self) {
        self.open.pop();
        self.depth -= 1;
    }

    /// Newtypes nest as well, but leave nothing on the wire.
    pub(super) fn newtype<T>(
        &mut self,
        place: Place,
        read: impl FnOnce(&mut Self) -> Result<T, Stop>,
    ) -> Result<T, Stop> {
        self.deepen(place)?;
        let value = read(self)?;
        self.depth -= 1;
        Ok(value)
    }

    fn deepen(&mut self, place: Place) -> Result<(), Stop> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(self.graph.too_complex(place)) } else { Ok(()) }
    }

    pub(super) fn leaf<P>(&mut self, place: Place, name: &'static str, plausible: &[P]) -> Result<P, Stop>
    where
        P: Copy + Serialize + Deserialize<'a>,
    {
        self.settle(place, Form::Leaf(name))?;
        let (at, place) = (place, self.graph.resolve(place));
        let start = self.findings.bytes.len();
        let value = if self.inventing {
            let rank = self.rank(place) % plausible.len().max(1);
            plausible.get(rank).copied().ok_or(Stop::HERE)?
        } else {
            let from = self.at;
            let read = self.take(place)?;
            let painted = self.painted(place).map(|rank| rank % plausible.len().max(1));
            match painted.and_then(|rank| plausible.get(rank)) {
                Some(&painted) => painted,
                None => {
                    self.copy(from);
                    let end = self.findings.bytes.len();
                    self.findings.finds.push(Find { place: at, start, end, tag: None });
                    return Ok(read);
                }
            }
        };
        self.put(&value)?;
        let end = self.findings.bytes.len();
        self.findings.finds.push(Find { place: at, start, end, tag: None });
        Ok(value)
    }

    /// The tag of an option, list, map or enum. All of them are small numbers in the same encoding.
    pub(super) fn tag(&mut self, at: Place) -> Result<Tag, Stop> {
        let place = self.graph.resolve(at);
        let start = self.findings.bytes.len();
        let (value, resume) = match self.hole_at(at) {
            Some((wanted, end)) => {
                self.inventing = true;
                self.hole = Some((at, wanted));
                (self.filled(place, wanted), Some(end))
            }
            None if self.inventing => (self.made_up(place), None),
            None => {
                let from = self.at;
                let value = self.take(place)?;
                self.copy(from);
                return Ok(Tag { at, place, start, value, resume: None });
            }
        };
        self.put(&value)?;
        Ok(Tag { at, place, start, value, resume })
    }

    /// Has serde read the value at a place within the one that is being read.
    pub(super) fn seed<'de, S: DeserializeSeed<'de>>(
        &mut self,
        place: Place,
        seed: S,
    ) -> Result<S::Value, Stop> {
        let (open, depth) = (self.open.len(), self.depth);
        self.graph.set_reads(place, code::<S>());
        let value = seed.deserialize(ReadAt { reader: &mut *self, place });
        // A type that swallows an error leaves open what was open within.
        self.open.truncate(open);
        self.depth = depth;
        value.map_err(|_| self.refuse(place))
    }

    /// After all that hangs on the tag has been read.
    pub(super) fn finish(&mut self, tag: &Tag) {
        if let Some(at) = tag.resume {
            self.inventing = false;
            self.hole = None;
            self.at = at;
        }
        let is_enum = self.graph.node(tag.place).form == Some(Form::Enum);
        let shown = if is_enum { tag.value } else { tag.value.min(1) };
        let end = self.findings.bytes.len();
        self.findings.finds.push(Find { place: tag.at, start: tag.start, end, tag: Some(shown) });
        self.pop();
    }

    fn take<P: Deserialize<'a>>(&mut self, place: Place) -> Result<P, Stop> {
        let rest = self.base.get(self.at..).unwrap_or_default();
        let Ok((value, rest)) = payload::take(rest) else { return Err(self.refuse(place)) };
        self.at = self.base.len() - rest.len();
        Ok(value)
    }

    /// Writes down what has been read since.
    fn copy(&mut self, from: usize) {
        self.findings.bytes.extend_from_slice(self.base.get(from..self.at).unwrap_or_default());
    }

    fn put<P: Serialize>(&mut self, value: &P) -> Result<(), Stop> {
        self.findings.bytes.extend(payload::to_vec(value).map_err(|_| Stop::HERE)?);
        Ok(())
    }
}

/// The address of the code that reads a value: where it is the same, values are read alike. `None` if the seed holds
/// something that the code may depend on.
#[inline(never)]
fn code<'de, 'r, 'a: 'r, S: DeserializeSeed<'de>>() -> Option<usize> {
    let code: fn(S, ReadAt<'r, 'a>) -> Result<S::Value, Stop> = S::deserialize;
    (size_of::<S>() == 0).then_some(code as usize)
}
