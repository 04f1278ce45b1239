//! Revocations, on nodes that hear of them late, twice, in another order, or never: nobody is let in whom a node knows
//! to have been ended, and nobody else is kept out.
//!
//! The servers of the rest of the model remember nothing. These hold revocations, so they have a world of their own:
//! two nodes, one person, the cookies that were ever handed out, and entries that go from node to node. What a node
//! must answer is worked out beside the library, from FORMAT §12.

use std::collections::BTreeSet;

use http::HeaderMap;
use sealed_session::revocation::Revocations;
use sealed_session::{FamilyId, Rejection, Session, Sessions, testing};

use crate::walk::Random;

const BEGIN: u64 = 1_800_000_000;
/// How far the second node's clock is ahead, in seconds.
const AHEAD: u64 = 60;
const PERSON: u64 = 7;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    LogIn(usize),
    /// A handler writes into the newest cookie, on this node.
    Write(usize),
    /// It asks for another id.
    Cycle(usize),
    LogOutOthers(usize),
    RevokePerson(usize),
    /// Of the newest cookie.
    RevokeSession(usize),
    /// All that this node knows reaches the other.
    Deliver(usize),
    /// A node restarts with nothing, and reads what the other knows.
    Restart(usize),
    Second,
}

impl Event {
    /// Of one kind, each on both nodes.
    const FEW: [Self; 9] = [
        Self::LogIn(0),
        Self::LogIn(1),
        Self::LogOutOthers(0),
        Self::LogOutOthers(1),
        Self::RevokePerson(0),
        Self::RevokePerson(1),
        Self::Deliver(0),
        Self::Deliver(1),
        Self::Second,
    ];

    const ALL: [Self; 17] = [
        Self::LogIn(0),
        Self::LogIn(1),
        Self::Write(0),
        Self::Write(1),
        Self::Cycle(0),
        Self::Cycle(1),
        Self::LogOutOthers(0),
        Self::LogOutOthers(1),
        Self::RevokePerson(0),
        Self::RevokePerson(1),
        Self::RevokeSession(0),
        Self::RevokeSession(1),
        Self::Deliver(0),
        Self::Deliver(1),
        Self::Restart(0),
        Self::Restart(1),
        Self::Second,
    ];
}

/// A server with a defect that this model must see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Defect {
    None,
    /// A login does not seal what its node knows.
    LoginsSealNothing,
    /// A node drops what it hears.
    Deaf,
    /// The session that logs the others out stays what it was.
    StaysBehind,
}

struct Node {
    sessions: Sessions<u64>,
    /// Without revocations, for a login that seals nothing.
    unaware: Sessions<u64>,
    revocations: Revocations,
    clock: testing::Clock,
    /// What it must know.
    knows: Known,
}

/// The newest moment up to which the person's sessions have ended, and the families.
#[derive(Clone, Default)]
struct Known {
    before: Option<u64>,
    families: BTreeSet<FamilyId>,
}

impl Known {
    fn learn(&mut self, other: &Self) {
        self.before = self.before.max(other.before);
        self.families.extend(&other.families);
    }
}

/// A cookie that was handed out, and may still be anywhere.
struct Cookie {
    request: HeaderMap,
    family: FamilyId,
    started: u64,
    /// The entry that it must have sealed.
    entry: Option<u64>,
}

impl Node {
    fn new(now: u64) -> Self {
        let (revocations, clock) = (Revocations::new(), testing::Clock::at(now));
        let builder = || Sessions::<u64>::builder(testing::key_ring()).clock(clock.reader());
        let sessions = builder().revocations(&revocations).subject(|user| Some(user.to_be_bytes())).build();
        let unaware = builder().build().unwrap();
        Self { sessions: sessions.unwrap(), unaware, revocations, clock, knows: Known::default() }
    }

    fn must_refuse(&self, cookie: &Cookie) -> bool {
        let is_before = |before| cookie.started <= before && cookie.entry < Some(before);
        self.knows.families.contains(&cookie.family) || self.knows.before.is_some_and(is_before)
    }
}

struct World {
    nodes: [Node; 2],
    cookies: Vec<Cookie>,
    now: u64,
    defect: Defect,
}

impl World {
    fn begin(defect: Defect) -> Self {
        let nodes = [Node::new(BEGIN), Node::new(BEGIN + AHEAD)];
        let mut world = Self { nodes, cookies: Vec::new(), now: BEGIN, defect };
        world.log_in(0);
        world
    }

    fn clock(&self, node: usize) -> u64 {
        self.now + AHEAD * node as u64
    }

    fn happens(&mut self, event: Event) {
        match event {
            Event::LogIn(node) => self.log_in(node),
            Event::Write(node) => self.handle(node, Session::mark_changed),
            Event::Cycle(node) => self.handle(node, Session::cycle_id),
            Event::LogOutOthers(node) => self.log_out_others(node),
            Event::RevokePerson(at) => {
                self.nodes[at].revocations.revoke_subject(PERSON.to_be_bytes()).unwrap();
                let before = self.next_before(at);
                self.nodes[at].knows.before = Some(before);
            }
            Event::RevokeSession(at) => {
                let (node, cookie) = (&mut self.nodes[at], &self.cookies[self.cookies.len() - 1]);
                let session = testing::load(&node.sessions, &cookie.request);
                if session.about().rejection().is_none() {
                    node.revocations.revoke(&session).unwrap();
                    node.knows.families.insert(cookie.family);
                }
            }
            Event::Deliver(from) => self.deliver(from),
            Event::Restart(at) => {
                self.nodes[at] = Node::new(self.clock(at));
                self.deliver(1 - at);
            }
            Event::Second => {
                self.now += 1;
                (0..2).for_each(|node| self.nodes[node].clock.set(self.clock(node)));
            }
        }
    }

    fn next_before(&self, node: usize) -> u64 {
        self.nodes[node].knows.before.map_or(0, |before| before + 1).max(self.clock(node) + 60)
    }

    fn deliver(&mut self, from: usize) {
        let (_, lines) = self.nodes[from].revocations.sync("").unwrap();
        if self.defect != Defect::Deaf {
            self.nodes[1 - from].revocations.merge(lines.join("\n")).unwrap();
        }
        let knows = self.nodes[from].knows.clone();
        self.nodes[1 - from].knows.learn(&knows);
    }

    fn log_in(&mut self, at: usize) {
        let node = &self.nodes[at];
        let sessions = if self.defect == Defect::LoginsSealNothing { &node.unaware } else { &node.sessions };
        let request = testing::request(sessions, |session| session.log_in(PERSON));
        self.hand_out(request, self.clock(at), self.nodes[at].knows.before, at);
    }

    /// What a handler makes of the newest cookie; nothing, if that has ended for the node.
    fn handle(&mut self, at: usize, handler: fn(&mut Session<u64>)) {
        let cookie = &self.cookies[self.cookies.len() - 1];
        if self.nodes[at].must_refuse(cookie) {
            return;
        }
        let (started, entry) = (cookie.started, cookie.entry);
        let request = self.answer(at, handler);
        self.hand_out(request, started, entry, at);
    }

    fn log_out_others(&mut self, at: usize) {
        let cookie = &self.cookies[self.cookies.len() - 1];
        if self.nodes[at].must_refuse(cookie) {
            return;
        }
        let (started, before) = (cookie.started, self.next_before(at));
        let request = self.answer(at, Session::log_out_others);
        self.nodes[at].knows.before = Some(before);
        let stays = self.defect == Defect::StaysBehind;
        let request = if stays { self.cookies[self.cookies.len() - 1].request.clone() } else { request };
        self.hand_out(request, started, Some(before), at);
    }

    fn answer(&self, at: usize, handler: fn(&mut Session<u64>)) -> HeaderMap {
        let sessions = &self.nodes[at].sessions;
        let (mut session, mut response) =
            (sessions.load(&self.cookies[self.cookies.len() - 1].request), HeaderMap::new());
        handler(&mut session);
        sessions.save(session, &mut response).unwrap();
        testing::next_request(&response)
    }

    fn hand_out(&mut self, request: HeaderMap, started: u64, entry: Option<u64>, at: usize) {
        // The family is read by somebody who knows of no revocation.
        let family = testing::load(&self.nodes[at].unaware, &request).about().family();
        if let Some(family) = family {
            self.cookies.push(Cookie { request, family, started, entry });
        }
    }

    /// What the library answers is what it must.
    fn check(&self) -> Result<(), String> {
        for (at, node) in self.nodes.iter().enumerate() {
            for (number, cookie) in self.cookies.iter().enumerate() {
                let found = testing::load(&node.sessions, &cookie.request).about().rejection();
                let expected = node.must_refuse(cookie).then_some(Rejection::Revoked);
                if found != expected {
                    return Err(format!("node {at} says {found:?} of cookie {number}, and not {expected:?}"));
                }
            }
        }
        Ok(())
    }
}

/// Every order of so many events; the first one in which a node answers wrongly.
fn explore(events: &[Event], length: u32, defect: Defect) -> Result<usize, String> {
    let count = events.len().pow(length);
    for order in 0..count {
        let (mut world, mut rest, mut story) = (World::begin(defect), order, Vec::new());
        for _ in 0..length {
            let event = events[rest % events.len()];
            rest /= events.len();
            world.happens(event);
            story.push(event);
            world.check().map_err(|why| format!("{story:?}: {why}"))?;
        }
    }
    Ok(count)
}

#[test]
fn no_order_of_arrival_lets_in_who_was_revoked_and_none_keeps_out_anybody_else() {
    println!("{} orders", explore(&Event::FEW, 4, Defect::None).unwrap());
}

#[test]
#[ignore = "minutes"]
fn more_events() {
    println!("{} orders", explore(&Event::ALL, 4, Defect::None).unwrap());
    println!("{} orders", explore(&Event::FEW, 6, Defect::None).unwrap());
}

#[test]
fn walks_at_random() {
    for seed in 0..200 {
        let (mut world, mut random, mut story) = (World::begin(Defect::None), Random(seed), Vec::new());
        for _ in 0..40 {
            let event = Event::ALL[random.next().unwrap() as usize % Event::ALL.len()];
            story.push(event);
            world.happens(event);
            world.check().unwrap_or_else(|why| panic!("seed {seed}: {story:?}: {why}"));
        }
        // When all is told, both answer the same.
        world.happens(Event::Deliver(0));
        world.happens(Event::Deliver(1));
        world.check().unwrap();
        for cookie in &world.cookies {
            assert_eq!(world.nodes[0].must_refuse(cookie), world.nodes[1].must_refuse(cookie));
        }
    }
}

#[test]
fn a_defective_server_is_seen() {
    for defect in [Defect::LoginsSealNothing, Defect::Deaf, Defect::StaysBehind] {
        let why = explore(&Event::FEW, 3, defect).unwrap_err();
        println!("{defect:?}: {why}");
    }
}
