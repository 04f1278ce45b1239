//! Every order of events: breadth first, so that the first way into a state is a shortest one, each state once.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet, VecDeque};
use std::fmt;

use crate::canon::Key;
use crate::fleet::Fleet;
use crate::rules::{self, Fault, Rule};
use crate::scenario::Scenario;
use crate::sights::{Sight, Sights};
use crate::story::Story;
use crate::world::{Event, World};

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) title: &'static str,
    pub(crate) states: usize,
    pub(crate) steps: usize,
    /// In how many orders it can all happen, from the beginning until nothing more can.
    pub(crate) orders: u128,
    pub(crate) longest: usize,
    /// The states from which nothing more can happen.
    pub(crate) ends: HashSet<Key>,
    /// How often the library was asked; what it has been asked before it is not asked again.
    pub(crate) asked: usize,
    pub(crate) sights: Sights,
    pub(crate) violation: Option<Violation>,
}

/// A broken rule, with the shortest way there.
#[derive(Debug)]
pub(crate) struct Violation {
    pub(crate) fault: Fault,
    pub(crate) story: Story,
}

impl Report {
    pub(crate) fn rule(&self) -> Option<Rule> {
        self.violation.as_ref().map(|violation| violation.fault.rule)
    }

    #[track_caller]
    pub(crate) fn holds(self) -> Self {
        println!("{self}");
        assert!(self.violation.is_none(), "{self}");
        self
    }

    /// No rule is broken, and this is what remains.
    #[track_caller]
    pub(crate) fn leaves(self, sights: &[Sight]) {
        println!("{self:#}");
        assert!(self.violation.is_none(), "{self}");
        assert_eq!(self.sights.all(), sights, "{self:#}");
    }

    #[track_caller]
    pub(crate) fn breaks(self, rule: Rule) -> Self {
        println!("{self}");
        assert_eq!(self.rule(), Some(rule), "{self}");
        self
    }
}

/// Explores everything within the scenario's bounds, or up to a rule that is broken.
pub(crate) fn explore(scenario: &Scenario) -> Report {
    search(scenario, |_| true)
}

/// Explores until this rule is broken, whatever else is.
pub(crate) fn look_for(rule: Rule, scenario: &Scenario) -> Report {
    search(scenario, |broken| broken == rule)
}

fn search(scenario: &Scenario, matters: impl Fn(Rule) -> bool) -> Report {
    let mut fleet = Fleet::new(scenario);
    let mut report = Report { title: scenario.title, ..Report::default() };
    let mut ways = vec![(0, None)];
    let begin = Reached { world: World::begin(scenario, &mut fleet), orders: 1, way: 0 };
    let mut layers = VecDeque::from([Layer { reached: vec![begin], places: HashMap::new() }]);
    while let Some(layer) = layers.pop_front() {
        report.states += layer.reached.len();
        for from in layer.reached {
            let events = from.world.events(scenario);
            report.visit(&from, events.is_empty(), scenario, &mut fleet, || story(scenario, &ways, from.way));
            for event in events {
                let (world, mut faults) = from.world.after(event, scenario, &mut fleet).unwrap();
                let next = layer_at(&mut layers, world.events - from.world.events - 1);
                let key = if scenario.merges { world.key(scenario) } else { [ways.len() as u32].into() };
                match next.places.entry(key) {
                    Entry::Occupied(place) => next.reached[*place.get()].orders += from.orders,
                    Entry::Vacant(place) => {
                        faults.extend(rules::in_state(&world, &mut fleet));
                        place.insert(next.reached.len());
                        next.reached.push(Reached { world, orders: from.orders, way: ways.len() });
                        ways.push((from.way, Some(event)));
                    }
                }
                report.steps += 1;
                if let Some(fault) = faults.into_iter().find(|fault| matters(fault.rule)) {
                    let mut story = story(scenario, &ways, from.way);
                    story.events.push(event);
                    report.violation = Some(Violation { fault, story });
                    return report;
                }
            }
        }
    }
    report
}

impl Report {
    fn visit(
        &mut self,
        at: &Reached,
        is_the_end: bool,
        scenario: &Scenario,
        fleet: &mut Fleet,
        story: impl Fn() -> Story,
    ) {
        let sights = Sight::all(&at.world, fleet);
        self.sights.add(&sights, at.orders, is_the_end, story);
        self.asked = fleet.asked();
        if is_the_end {
            self.orders += at.orders;
            self.longest = self.longest.max(at.world.events);
            self.ends.insert(at.world.key(scenario));
        }
    }
}

/// The states that are so many events away from the beginning.
#[derive(Default)]
struct Layer {
    reached: Vec<Reached>,
    places: HashMap<Key, usize>,
}

struct Reached {
    world: World,
    /// In how many orders of events it is reached.
    orders: u128,
    /// The place of the last event in the ways.
    way: usize,
}

fn layer_at(layers: &mut VecDeque<Layer>, at: usize) -> &mut Layer {
    layers.resize_with(layers.len().max(at + 1), Layer::default);
    &mut layers[at]
}

/// The way into a state, backwards from its last event.
fn story(scenario: &Scenario, ways: &[(usize, Option<Event>)], mut way: usize) -> Story {
    let mut events = Vec::new();
    while let (before, Some(event)) = ways[way] {
        events.push(event);
        way = before;
    }
    events.reverse();
    Story { logged_in: scenario.logged_in, events }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { title, states, steps, orders, longest, asked, .. } = self;
        write!(f, "{title}: {states} states, {steps} steps between them, the library asked {asked} times; ")?;
        match &self.violation {
            None if f.alternate() => write!(f, "{orders} orders of up to {longest} events{:#}", self.sights),
            None => write!(f, "{orders} orders of up to {longest} events{}", self.sights),
            Some(violation) => write!(f, "{violation}"),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is broken: {}\n{}", self.fault.rule, self.fault.words, self.story)
    }
}
