//! Long walks at random, where there are too many orders to try them all; and the shortest story of what one has found.

use crate::explore::Violation;
use crate::fleet::Fleet;
use crate::rules::{self, Fault};
use crate::scenario::Scenario;
use crate::story::Story;
use crate::world::{Event, World};

/// Walks so many events, or as long as there are choices. The same choices are the same walk.
pub(crate) fn walk(
    scenario: &Scenario,
    choices: impl IntoIterator<Item = u64>,
    events: usize,
) -> Result<World, Violation> {
    let (mut fleet, mut choices) = (Fleet::new(scenario), choices.into_iter());
    let mut world = World::begin(scenario, &mut fleet);
    let mut walked = Vec::new();
    while walked.len() < events {
        let Some(event) = choose(&world.events(scenario), &mut choices) else { break };
        walked.push(event);
        let (next, mut faults) = world.after(event, scenario, &mut fleet).unwrap();
        faults.extend(rules::in_state(&next, &mut fleet));
        if let Some(fault) = faults.into_iter().next() {
            return Err(shortest(scenario, walked, fault));
        }
        world = next;
    }
    Ok(world)
}

/// First what kind of event, then which one: there are many more requests to be sent than responses to arrive.
fn choose(events: &[Event], choices: &mut impl Iterator<Item = u64>) -> Option<Event> {
    let kind = |event: &&Event| match event {
        Event::Send { .. } => 0,
        Event::Serve(_) | Event::Arrive(_) => 1,
        Event::Pass { .. } => 2,
    };
    let kinds: Vec<Vec<_>> =
        (0..3).map(|of| events.iter().filter(|event| kind(event) == of).collect()).collect();
    let kinds: Vec<_> = kinds.into_iter().filter(|events| !events.is_empty()).collect();
    let mut one_of = |count: usize| (choices.next()? as usize).checked_rem(count);
    let events = &kinds[one_of(kinds.len())?];
    Some(*events[one_of(events.len())?])
}

/// The fuzzer's property: no walk breaks a rule, with every handler, four kinds of nodes and all the time there is.
pub(crate) fn check(data: &[u8]) {
    let choices = data.iter().map(|byte| u64::from(*byte));
    if let Err(violation) = walk(&Scenario::everything(), choices, 200) {
        panic!("{violation}");
    }
}

/// Leaves out one request or one passing of time after the other, as long as the rule stays broken.
fn shortest(scenario: &Scenario, mut events: Vec<Event>, mut fault: Fault) -> Violation {
    let mut at = 0;
    while at < events.len() {
        let shorter = without(&events, at);
        if let Some(same) = replay(scenario, &shorter).filter(|found| found.rule == fault.rule) {
            (events, fault) = (shorter, same);
        } else {
            at += 1;
        }
    }
    Violation { fault, story: Story { logged_in: scenario.logged_in, events } }
}

/// Without one event, and what else is about the same request if it is the sending of it.
fn without(events: &[Event], at: usize) -> Vec<Event> {
    let Event::Send { number, .. } = events[at] else {
        return [&events[..at], &events[at + 1..]].concat();
    };
    let is_of = |event: &Event| match event {
        Event::Send { number: of, .. } | Event::Serve(of) | Event::Arrive(of) => *of == number,
        Event::Pass { .. } => false,
    };
    let mut shorter: Vec<_> = events.iter().copied().filter(|event| !is_of(event)).collect();
    for event in &mut shorter {
        if let Event::Pass { first, .. } = event {
            first.iter_mut().filter(|of| **of == Some(number)).for_each(|of| *of = None);
        }
    }
    shorter
}

/// What the last of these events breaks, if they can happen.
fn replay(scenario: &Scenario, events: &[Event]) -> Option<Fault> {
    let mut fleet = Fleet::new(scenario);
    let mut world = World::begin(scenario, &mut fleet);
    let mut faults = Vec::new();
    for event in events {
        (world, faults) = world.after(*event, scenario, &mut fleet)?;
        faults.extend(rules::in_state(&world, &mut fleet));
    }
    faults.into_iter().next()
}

/// SplitMix64: the same numbers on every machine.
pub(crate) struct Random(pub(crate) u64);

impl Iterator for Random {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Some(mixed ^ (mixed >> 31))
    }
}
