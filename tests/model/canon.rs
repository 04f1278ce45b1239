//! When two worlds are the same: what has gone on can differ, what can come of it cannot.
//!
//! Requests are known by numbers, and it does not matter which number names what: they are counted anew, in the order
//! in which they turn up. Times count from now. Of tombstones and ended ids only those matter whose id can still turn
//! up; a tombstone counts for itself where it may have to make room for another.

use crate::handler::Number;
use crate::meaning::{Meaning, Token};
use crate::scenario::{Scenario, Settings};
use crate::world::{Flight, World};

/// A world, as far as it matters.
pub(crate) type Key = Box<[u32]>;

impl World {
    pub(crate) fn key(&self, scenario: &Scenario) -> Key {
        let tombstones_make_room = scenario.settings.max_tombstones < Settings::default().max_tombstones;
        let mut writer = Writer {
            key: vec![
                u32::from(self.sent),
                u32::from(self.passes_left),
                self.lost.map_or(0, |sight| sight as u32 + 1),
            ],
            now: self.now,
            names: Vec::new(),
            ids: Vec::new(),
            tombstones_make_room,
        };
        if let Some(token) = &self.carried.session {
            writer.token(token);
            let flight = u32::try_from(self.last_flight).unwrap();
            writer.key.push(flight);
        }
        let mut flights: Vec<_> = self.flights.iter().collect();
        let has_number = |flight: &Flight| scenario.defect.is_numbered(flight.handler);
        flights.sort_by_key(|flight| {
            let served_at = flight.answer.as_ref().map(|(moment, _)| *moment);
            (flight.handler, flight.kind, flight.sent_at, served_at, flight.number)
        });
        // First the sessions that are on their way, so that it is known which ids can still turn up.
        for flight in &flights {
            writer.sessions(flight, has_number(flight));
        }
        writer.cookies(&self.carried.meanings, |expires| expires);
        for flight in &flights {
            writer.flight(flight);
        }
        for numbers in [&self.ended, &self.ended_lines, &self.ended_unread] {
            writer.ended(numbers);
        }
        writer.key.into()
    }
}

struct Writer {
    key: Vec<u32>,
    now: u64,
    /// The numbers that have turned up.
    names: Vec<Number>,
    /// Those of ids, and of requests that began a session.
    ids: Vec<Number>,
    tombstones_make_room: bool,
}

impl Writer {
    fn sessions(&mut self, flight: &Flight, has_number: bool) {
        if has_number {
            self.name(flight.number);
        }
        self.key.extend([NEXT, flight.handler as u32, flight.kind as u32]);
        self.moment(flight.sent_at);
        if let Some(token) = &flight.carried.session {
            self.token(token);
        }
        if let Some((moment, answer)) = &flight.answer {
            self.key.push(NEXT);
            self.moment(*moment);
            if let Some(token) = &answer.token {
                self.token(token);
            }
        }
    }

    /// The rest of what a request carries, or else of what its response brings.
    fn flight(&mut self, flight: &Flight) {
        self.key.push(NEXT);
        match &flight.answer {
            None => self.cookies(&flight.carried.meanings, |_| None),
            Some((_, answer)) => {
                let now = self.now;
                let lines = answer.lines.iter().map(|(cookie, meaning)| (meaning.clone(), cookie.max_age));
                let lines: Vec<_> = lines.collect();
                self.cookies(&lines, |max_age| max_age.map(|age| now + age));
            }
        }
    }

    fn cookies(&mut self, cookies: &[(Meaning, Option<u64>)], expires: impl Fn(Option<u64>) -> Option<u64>) {
        let mut tombstones = Vec::new();
        for (meaning, expiry) in cookies {
            match meaning {
                // Said before, and a last-seen cookie lives as long as what it says.
                Meaning::Session(_) => {}
                Meaning::LastSeen { sealer, renewed } => {
                    let name = self.known(*sealer);
                    self.key.extend([LAST_SEEN, name]);
                    self.moment(*renewed);
                }
                Meaning::Tombstone { id, .. } if !self.tombstones_make_room && !self.ids.contains(id) => {}
                Meaning::Tombstone { id, of_family, moment } => {
                    let name = self.name_of(*id);
                    let order = if self.tombstones_make_room { self.ago(*moment) } else { 0 };
                    tombstones.push([
                        TOMBSTONE,
                        name,
                        u32::from(*of_family),
                        order,
                        expires(*expiry).map_or(0, |expiry| self.ago(expiry)),
                    ]);
                    continue;
                }
                Meaning::Other(number) => self.key.extend([OTHER, *number]),
            }
            if let Some(expiry) = expires(*expiry) {
                self.moment(expiry);
            }
        }
        if !self.tombstones_make_room {
            tombstones.sort_unstable();
        }
        self.key.extend(tombstones.into_iter().flatten());
    }

    fn token(&mut self, token: &Token) {
        self.name(token.id);
        self.name(token.began);
        self.name(token.sealer);
        self.name(token.data.writer);
        self.key.push(u32::from(token.data.user.is_some()));
        token.data.user.into_iter().for_each(|user| self.name(user));
        self.moment(token.started);
        self.moment(token.expires);
        self.moment(token.written);
        self.moment(token.idle_since);
        self.moment(token.proved.unwrap_or(token.started));
        self.key.extend([token.sealed_by as u32, u32::from(token.idles), u32::from(token.proved.is_some())]);
        self.ids.extend([token.id, token.began]);
    }

    fn ended(&mut self, numbers: &[Number]) {
        let mut names: Vec<_> = numbers.iter().copied().filter(|number| self.ids.contains(number)).collect();
        names.sort_by_key(|number| self.names.iter().position(|name| name == number));
        self.key.push(NEXT);
        names.into_iter().for_each(|number| self.name(number));
    }

    fn name(&mut self, number: Number) {
        let name = self.name_of(number);
        self.key.push(name);
    }

    fn name_of(&mut self, number: Number) -> u32 {
        if !self.names.contains(&number) {
            self.names.push(number);
        }
        self.known(number)
    }

    /// A last-seen cookie of a session that cannot turn up again is as good as any other.
    fn known(&self, number: Number) -> u32 {
        let at = self.names.iter().position(|name| *name == number);
        at.map_or(STALE, |at| u32::try_from(at).unwrap())
    }

    fn moment(&mut self, moment: u64) {
        let ago = self.ago(moment);
        self.key.push(ago);
    }

    /// How long ago, or ahead.
    fn ago(&self, moment: u64) -> u32 {
        u32::try_from(self.now + FAR - moment).unwrap()
    }
}

const FAR: u64 = 1 << 24;
const NEXT: u32 = u32::MAX;
const LAST_SEEN: u32 = u32::MAX - 1;
const TOMBSTONE: u32 = u32::MAX - 2;
const OTHER: u32 = u32::MAX - 3;
const STALE: u32 = u32::MAX - 4;
