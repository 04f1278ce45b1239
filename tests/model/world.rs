//! The world: the browser's jar, the clock, the requests in flight; what can happen next, and what comes of it.

use std::rc::Rc;

use crate::browser::{Jar, SetCookie};
use crate::fleet::{Answer, Fleet};
use crate::handler::{Handler, Number, Visitor};
use crate::meaning::{Carried, Meaning, Token};
use crate::node::Kind;
use crate::rules::{self, Fault};
use crate::scenario::{Scenario, Settings, TARGET};
use crate::sights::Sight;

#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) now: u64,
    pub(crate) jar: Jar,
    /// What a request would carry now.
    pub(crate) carried: Rc<Carried>,
    /// In the order in which they were sent.
    pub(crate) flights: Vec<Flight>,
    pub(crate) sent: Number,
    pub(crate) passes_left: u16,
    /// How many events there were. A request that is lost is one too.
    pub(crate) events: usize,
    /// What the writer wrote whose response arrived last, and how long it was in flight.
    pub(crate) last_data: Option<Visitor>,
    pub(crate) last_flight: u64,
    /// The ids of which a response has arrived that ended them.
    pub(crate) ended: Vec<Number>,
    /// All ids of a session, by a logout, a login or a reset: the requests that had begun those sessions.
    pub(crate) ended_lines: Vec<Number>,
    /// By a logout on a node that could not know the id.
    pub(crate) ended_unread: Vec<Number>,
    /// The writer that arrived last has taken the place of a session that was logged in.
    pub(crate) lost: Option<Sight>,
}

/// A request on its way.
#[derive(Clone, Debug)]
pub(crate) struct Flight {
    pub(crate) number: Number,
    pub(crate) handler: Handler,
    pub(crate) kind: Kind,
    pub(crate) sent_at: u64,
    /// The cookies, as they were when it was sent.
    pub(crate) carried: Rc<Carried>,
    /// Once it was served.
    pub(crate) answer: Option<(u64, Rc<Answer>)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    Send {
        number: Number,
        handler: Handler,
        kind: Kind,
    },
    Serve(Number),
    /// The response arrives; it is served now if it was not yet.
    Arrive(Number),
    /// Time passes, after these requests were served. What has been in flight for too long is lost.
    Pass {
        seconds: u64,
        first: [Option<Number>; 4],
    },
}

impl World {
    /// The beginning. Where somebody is logged in, request 0 did that.
    pub(crate) fn begin(scenario: &Scenario, fleet: &mut Fleet) -> Self {
        let mut world = Self {
            now: 0,
            jar: Jar::default(),
            carried: Rc::default(),
            flights: Vec::new(),
            sent: 0,
            passes_left: scenario.passes,
            events: 0,
            last_data: None,
            last_flight: 0,
            ended: Vec::new(),
            ended_lines: Vec::new(),
            ended_unread: Vec::new(),
            lost: None,
        };
        // Tombstones of others, younger than any of the scenario's, take the places that it does not have.
        for at in scenario.settings.max_tombstones..Settings::default().max_tombstones {
            let line = format!("{}.out.{at:016x}=9000000000; Path=/; Secure", scenario.settings.name);
            world.jar.take(&Rc::new(SetCookie::parse(&line, TARGET).unwrap()), world.now);
        }
        world.pack(fleet);
        if scenario.logged_in {
            for event in
                [Event::Send { number: 0, handler: Handler::LogIn, kind: Kind::Normal }, Event::Arrive(0)]
            {
                world = world.after(event, scenario, fleet).unwrap().0;
            }
        }
        Self { events: 0, ..world }
    }

    /// What can happen now.
    ///
    /// The server remembers nothing, so when it serves matters only as far as the clock goes: serving commutes with
    /// every event but the passing of time and the arrival of that very response. So requests are served just before
    /// time passes, any set of them, or as they arrive. (A test compares this with serving at every moment.)
    pub(crate) fn events(&self, scenario: &Scenario) -> Vec<Event> {
        let mut events = Vec::new();
        if self.sent < scenario.requests && self.flights.len() < scenario.in_flight {
            let number = self.sent + 1;
            let ending = self.flights.iter().filter(|flight| flight.handler.ends_the_id()).count();
            let may_end = self.young_tombstones(scenario) + ending < scenario.ending;
            let actions = scenario.actions.iter().filter(|(handler, _)| may_end || !handler.ends_the_id());
            events.extend(actions.map(|(handler, kind)| Event::Send {
                number,
                handler: *handler,
                kind: *kind,
            }));
        }
        let waiting: Vec<_> = self.flights.iter().filter(|flight| flight.answer.is_none()).collect();
        if scenario.serves_freely {
            events.extend(waiting.iter().map(|flight| Event::Serve(flight.number)));
        }
        let arriving =
            self.flights.iter().filter(|flight| !scenario.serves_freely || flight.answer.is_some());
        events.extend(arriving.map(|flight| Event::Arrive(flight.number)));
        for seconds in scenario.steps.iter().filter(|_| self.passes_left > 0) {
            let stays = |flight: &&Flight| self.now + seconds <= flight.sent_at + scenario.flight;
            let waiting: Vec<_> = waiting.iter().copied().filter(stays).map(|flight| flight.number).collect();
            let sets = if scenario.serves_freely { 1 } else { 1 << waiting.len() };
            events
                .extend((0..sets).map(|set| Event::Pass { seconds: *seconds, first: subset(&waiting, set) }));
        }
        events
    }

    /// Those of ids under which a response may still arrive: the one that ended the id may have been in flight after
    /// its tombstone was made, and so may another that had been sent before it arrived.
    fn young_tombstones(&self, scenario: &Scenario) -> usize {
        let is_young = |meaning: &Meaning| match meaning {
            Meaning::Tombstone { moment, .. } => self.now <= moment + 2 * scenario.flight,
            _ => false,
        };
        self.carried.meanings.iter().filter(|(meaning, _)| is_young(meaning)).count()
    }

    /// The world after an event, and the rules that this breaks. `None` if it cannot happen.
    pub(crate) fn after(
        &self,
        event: Event,
        scenario: &Scenario,
        fleet: &mut Fleet,
    ) -> Option<(Self, Vec<Fault>)> {
        let mut world = self.clone();
        world.events += 1;
        let mut faults = Vec::new();
        match event {
            Event::Send { number, handler, kind } => {
                let (sent_at, carried) = (self.now, Rc::clone(&self.carried));
                world.flights.push(Flight { number, handler, kind, sent_at, carried, answer: None });
                world.sent = number;
            }
            Event::Serve(number) => world.serve(number, fleet)?,
            Event::Arrive(number) => {
                world.serve(number, fleet)?;
                let at = world.flights.iter().position(|flight| flight.number == number)?;
                let flight = world.flights.remove(at);
                faults = world.arrive(&flight, self, fleet);
            }
            Event::Pass { seconds, first } => {
                first.into_iter().flatten().try_for_each(|number| world.serve(number, fleet))?;
                world.now += seconds;
                world.passes_left = self.passes_left.checked_sub(1)?;
                world.flights.retain(|flight| world.now <= flight.sent_at + scenario.flight);
                world.events += self.flights.len() - world.flights.len();
                if world.jar.expire(world.now) {
                    world.pack(fleet);
                }
            }
        }
        Some((world, faults))
    }

    fn serve(&mut self, number: Number, fleet: &mut Fleet) -> Option<()> {
        let now = self.now;
        let flight = self.flights.iter_mut().find(|flight| flight.number == number)?;
        if flight.answer.is_none() {
            let answer = fleet.serve(flight.kind, &flight.carried, now, flight.handler, number);
            flight.answer = Some((now, answer));
        }
        Some(())
    }

    fn arrive(&mut self, flight: &Flight, before: &Self, fleet: &mut Fleet) -> Vec<Fault> {
        let (_, answer) = flight.answer.as_ref().unwrap();
        for (cookie, _) in &answer.lines {
            self.jar.take(cookie, self.now);
        }
        if !answer.lines.is_empty() {
            self.pack(fleet);
        }
        match &answer.ends {
            Some((token, true)) => {
                insert(&mut self.ended, token.id);
                if flight.handler.ends_the_line() {
                    insert(&mut self.ended_lines, token.began);
                }
            }
            Some((token, false)) if flight.handler.logs_out() => insert(&mut self.ended_unread, token.id),
            _ => {}
        }
        let is_removed = before.carried.session.is_some() && self.carried.session.is_none();
        if answer.token.is_some() || is_removed {
            self.last_data = answer.token.as_ref().map(|token| token.data);
            self.last_flight = self.now - flight.sent_at;
            self.lost = Sight::lost(before, self, flight, fleet);
        }
        let mut faults = answer.faults.clone();
        faults.extend(rules::at_arrival(before, self, flight, fleet));
        faults
    }

    /// Whether a response has arrived that ended it.
    pub(crate) fn has_ended(&self, token: &Token) -> bool {
        self.ended.contains(&token.id) || self.ended_lines.contains(&token.began)
    }

    /// The jar has changed.
    fn pack(&mut self, fleet: &mut Fleet) {
        self.carried = Rc::new(fleet.lexicon.carried(fleet.settings.name, &self.jar));
    }
}

fn subset(numbers: &[Number], set: usize) -> [Option<Number>; 4] {
    let mut subset = [None; 4];
    for (at, number) in numbers.iter().enumerate() {
        subset[at] = Some(*number).filter(|_| set >> at & 1 == 1);
    }
    subset
}

fn insert(numbers: &mut Vec<Number>, number: Number) {
    if !numbers.contains(&number) {
        numbers.push(number);
    }
}
