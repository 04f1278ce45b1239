//! What the reader makes up, and where.

use std::collections::{BTreeMap, BTreeSet};

use super::form::Form;
use super::graph::Place;
use super::plausible::{LENGTHS, PAINTS};
use super::read::Reader;

/// What the reader does besides decoding.
#[derive(Clone, Copy)]
pub(super) enum Plan<'a> {
    /// Nothing.
    Plain,
    /// Makes everything up.
    Invent,
    /// Replaces tags, and what hangs on them, by such as have not been seen.
    Fill(Fill<'a>),
    /// Reads the made-up value of this rank for every leaf that is not spared.
    Paint(usize, &'a BTreeSet<Place>),
}

#[derive(Clone, Copy)]
pub(super) struct Fill<'a> {
    pub(super) tags: &'a Tags,
    /// The only place to touch.
    pub(super) only: Option<Place>,
    pub(super) given_up: &'a BTreeSet<(Place, u32)>,
}

/// The tags of an accepted value, by where they start: the place, and where what hangs on it ends.
pub(super) type Tags = BTreeMap<usize, (Place, usize)>;

impl Reader<'_> {
    /// Whether to replace the tag that comes next: by what, and where to go on after it.
    pub(super) fn hole_at(&mut self, place: Place) -> Option<(u32, usize)> {
        let Plan::Fill(fill) = self.plan else { return None };
        if self.inventing || fill.only.is_some_and(|only| only != place) {
            return None;
        }
        let &(_, end) = fill.tags.get(&self.at)?;
        let shows = self.graph.shows(place);
        let is_free = |tag| !fill.given_up.contains(&(place, tag)) && !self.taken.contains(&(shows, tag));
        let wanted = self.graph.wanted(place, is_free)?;
        self.taken.insert((shows, wanted));
        Some((wanted, end))
    }

    /// The bytes of a wanted tag.
    pub(super) fn filled(&self, place: Place, wanted: u32) -> u32 {
        let node = self.graph.node(place);
        match node.form {
            Some(Form::Seq | Form::Map) if wanted > 0 => length(node.refusals),
            _ => wanted,
        }
    }

    /// A tag within what is made up: as little as its refusals allow.
    pub(super) fn made_up(&self, place: Place) -> u32 {
        let node = self.graph.node(place);
        let around = self.open.iter().filter(|&&open| open == place).count().saturating_sub(1);
        let rank = self.rank(place);
        match node.form {
            Some(Form::Enum) => {
                // An enum within itself takes another variant than the one around it, and so comes to an end.
                let first = node.finite.map_or(around, as_usize);
                let variant = (first + rank) % node.variants.map_or(1, as_usize).max(1);
                u32::try_from(variant).unwrap_or(0)
            }
            _ if around > 0 || rank == 0 => 0,
            Some(Form::Option) => u32::from(rank % 2 == 1),
            _ => node.refusals.checked_sub(1).map_or(1, length),
        }
    }

    /// Which of the plausible values is next. A refusal further out moves on all within that has none of its own.
    pub(super) fn rank(&self, place: Place) -> usize {
        match self.graph.node(place).refusals {
            0 => {
                // A type within itself is one place that stands open twice.
                let open: BTreeSet<Place> = self.open.iter().copied().collect();
                open.into_iter().map(|open| self.graph.node(open).refusals).sum()
            }
            own => own,
        }
    }

    /// Which of the plausible values to put in the place of a real one.
    pub(super) fn painted(&self, place: Place) -> Option<usize> {
        match self.plan {
            Plan::Paint(rank, spared) => {
                let is_spared = spared.contains(&place) || self.open.iter().any(|open| spared.contains(open));
                // Last, each leaf gets another value, so that leaves that come back in another order show it.
                let turn = if rank + 1 == PAINTS { self.findings.finds.len() } else { 0 };
                (!is_spared).then_some(rank + turn)
            }
            _ => None,
        }
    }
}

fn length(refusals: usize) -> u32 {
    LENGTHS.get(refusals % LENGTHS.len()).copied().unwrap_or(1)
}

fn as_usize(tag: u32) -> usize {
    usize::try_from(tag).unwrap_or(usize::MAX)
}
