//! What breaks no rule and is worth knowing: in how many orders it comes to that, and the shortest way there.

use std::collections::BTreeMap;
use std::fmt;

use crate::fleet::Fleet;
use crate::node::Kind;
use crate::story::Story;
use crate::world::{Flight, World};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sight {
    /// A write under an ended id, in flight, took the place of the session that had followed: logged out.
    TakenByEnded,
    /// A write into a fresh session, in flight, took the place of the login: logged out.
    TakenByFresh,
    /// A logout on a node that could not open the cookie was undone by a write in flight.
    EndedUnread,
}

impl Sight {
    pub(crate) fn all(world: &World, fleet: &mut Fleet) -> Vec<Self> {
        let view = fleet.look(Kind::Normal, &world.carried, world.now);
        let session = world.carried.session.as_ref().filter(|_| view.is_ok());
        let is = |numbers: &[u16], number: u16| numbers.contains(&number);
        let user = session.filter(|session| session.data.user.is_some());
        [
            (Self::TakenByEnded, world.lost == Some(Self::TakenByEnded)),
            (Self::TakenByFresh, world.lost == Some(Self::TakenByFresh)),
            (Self::EndedUnread, user.is_some_and(|session| is(&world.ended_unread, session.id))),
        ]
        .into_iter()
        .filter_map(|(sight, is_there)| is_there.then_some(sight))
        .collect()
    }

    /// Whether a response that brought a session, and neither logs in nor out, leaves the browser logged out.
    pub(crate) fn lost(before: &World, after: &World, flight: &Flight, fleet: &mut Fleet) -> Option<Self> {
        let mut is_logged_in = |world: &World| {
            let view = fleet.look(Kind::Normal, &world.carried, after.now);
            view.as_ref().as_ref().is_ok_and(|seen| seen.data.user.is_some())
        };
        let token = flight.answer.as_ref()?.1.token.as_ref()?;
        let is_loss = !flight.handler.begins() && is_logged_in(before) && !is_logged_in(after);
        let sight = if after.has_ended(token) { Self::TakenByEnded } else { Self::TakenByFresh };
        is_loss.then_some(sight)
    }

    fn words(self) -> &'static str {
        match self {
            Self::TakenByEnded => "a write in flight under an ended id leaves the browser logged out",
            Self::TakenByFresh => "a write in flight into a fresh session leaves the browser logged out",
            Self::EndedUnread => {
                "a write in flight undoes the logout of a node that could not read the cookie"
            }
        }
    }
}

/// For each sight: the orders that end so, the states that are so, and the shortest way.
#[derive(Debug, Default)]
pub(crate) struct Sights(BTreeMap<Sight, (u128, usize, Story)>);

impl Sights {
    pub(crate) fn add(
        &mut self,
        sights: &[Sight],
        orders: u128,
        at_the_end: bool,
        story: impl Fn() -> Story,
    ) {
        for sight in sights {
            let (counted, states, _) = self.0.entry(*sight).or_insert_with(|| (0, 0, story()));
            *states += 1;
            if at_the_end {
                *counted += orders;
            }
        }
    }

    pub(crate) fn all(&self) -> Vec<Sight> {
        self.0.keys().copied().collect()
    }

    /// In how many orders it ends with each.
    pub(crate) fn orders(&self) -> Vec<(Sight, u128)> {
        self.0.iter().map(|(sight, (orders, ..))| (*sight, *orders)).collect()
    }
}

impl fmt::Display for Sights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (sight, (orders, states, story)) in &self.0 {
            write!(f, "\n- at the end of {orders} orders, in {states} states, {}", sight.words())?;
            if f.alternate() {
                write!(f, "; first by\n{story}")?;
            }
        }
        Ok(())
    }
}
