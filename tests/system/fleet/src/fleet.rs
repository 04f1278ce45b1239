//! One run: three nodes behind nginx, visitors who click, and rotations. Each node reads a new ring at another time.
//!
//! Rotation is about clocks, so a run goes by the clock: a key seals from a second on that is written in the file, and
//! the pauses here decide when files are exchanged. No assertion rests on a pause: a node logs that it has read a file.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use harness::folder::Folder;
use harness::until::until;

use crate::nginx::Nginx;
use crate::node::Node;
use crate::ring::Ring;
use crate::tally::Tally;
use crate::visitor::Visitor;

#[derive(Clone, Copy)]
pub struct Plan {
    pub rotations: usize,
    pub longest_lifetime: &'static str,
    /// How long a key is announced.
    pub announce: &'static str,
    /// Whether a node is restarted, and two find a broken file for a while.
    pub mishaps: bool,
    /// A node that reads its file at its start and never again.
    pub deaf: Option<usize>,
    /// How long people go on clicking after the last switch, in seconds.
    pub afterwards: u64,
}

pub struct Outcome {
    pub tally: Tally,
    /// What each node has said.
    pub logs: Vec<Vec<String>>,
    /// The keys in their order, with when they begin to seal.
    pub keys: Vec<(String, SystemTime)>,
    /// Lines of nginx.
    pub asked: Vec<String>,
    /// The nodes by address, those included that are gone.
    pub addresses: BTreeMap<String, usize>,
    pub seconds: u64,
}

struct Fleet {
    plan: Plan,
    ring: Ring,
    nodes: Vec<Node>,
    nginx: Nginx,
    addresses: BTreeMap<String, usize>,
    _folder: Folder,
}

#[must_use]
pub fn run(plan: Plan) -> Outcome {
    let mut fleet = Fleet::start(plan);
    let (began, is_enough) = (Instant::now(), AtomicBool::new(false));
    let mut tally = Tally::default();
    thread::scope(|scope| {
        let (port, is_enough) = (fleet.nginx.port(), &is_enough);
        let start = |number| scope.spawn(move || Visitor::new(number, port).click_on(is_enough));
        let visitors: Vec<_> = (0..VISITORS).map(start).collect();
        let rotated = catch_unwind(AssertUnwindSafe(|| fleet.rotate_all()));
        is_enough.store(true, Ordering::Relaxed);
        visitors.into_iter().for_each(|visitor| tally.add(visitor.join().unwrap()));
        rotated.unwrap_or_else(|panic| resume_unwind(panic));
    });
    fleet.end(tally, began)
}

impl Fleet {
    fn start(plan: Plan) -> Self {
        let folder = Folder::new();
        let ring = Ring::new(folder.at("ring.keys"), plan.longest_lifetime, plan.announce);
        let start = |number| {
            let path = folder.at(&format!("node-{number}.keys"));
            ring.copy_to(&path);
            let interval = if plan.deaf == Some(number) { NEVER } else { INTERVAL };
            Node::start(number, &path, interval)
        };
        let nodes: Vec<_> = (0..NODES).map(start).collect();
        let addresses: BTreeMap<_, _> =
            nodes.iter().enumerate().map(|(number, node)| (node.address(), number)).collect();
        let nginx = Nginx::start(&addresses.keys().cloned().collect::<Vec<_>>());
        Self { plan, ring, nodes, nginx, addresses, _folder: folder }
    }

    fn rotate_all(&mut self) {
        pause_until(SystemTime::now() + WARM_UP);
        for turn in 1..=self.plan.rotations {
            let switch = self.rotate(turn);
            pause_until(switch + AFTER_SWITCH);
        }
        pause_until(SystemTime::now() + Duration::from_secs(self.plan.afterwards));
    }

    /// Every turn another node is the first to hear of it. Says when the new key seals.
    fn rotate(&mut self, turn: usize) -> SystemTime {
        let began = SystemTime::now();
        let switch = self.ring.rotate();
        let [first, second, last] = [0, 1, 2].map(|place| (turn + place) % NODES);
        if self.plan.mishaps && turn == 4 {
            self.break_file_of(last); // which gets a whole one in time
        }
        for (place, number) in (0..).zip([first, second, last]) {
            pause_until(began + BETWEEN_NODES * place);
            self.ring.copy_to(&self.nodes[number].ring);
        }
        for (number, node) in self.nodes.iter().enumerate() {
            if self.plan.deaf == Some(number) {
                continue;
            }
            let when = node.says("the key ring was replaced: ", turn);
            let is_late = self.plan.announce != "0s" && when >= switch;
            assert!(!is_late, "this machine was too slow: node {number} has read the ring after the switch");
        }
        match turn {
            2 if self.plan.mishaps => {
                self.break_file_of(first);
                pause_until(switch + Duration::from_secs(1)); // the clock switches it all the same
                self.ring.copy_to(&self.nodes[first].ring);
                self.nodes[first].says("the key ring file is good again", 1);
            }
            3 if self.plan.mishaps => self.restart(second),
            _ => {}
        }
        switch
    }

    fn break_file_of(&self, number: usize) {
        let node = &self.nodes[number];
        let before = node.lines().iter().filter(|line| line.contains(KEPT)).count();
        self.ring.break_at(&node.ring);
        node.says(KEPT, before + 1);
    }

    /// The visitors are with the others until it is back, at another port.
    fn restart(&mut self, number: usize) {
        let address = |node: &Node| node.address();
        let others: Vec<_> =
            (0..NODES).filter(|other| *other != number).map(|other| address(&self.nodes[other])).collect();
        self.nginx.use_only(&others);
        self.nodes[number].restart();
        self.addresses.insert(self.nodes[number].address(), number);
        self.nginx.use_only(&self.nodes.iter().map(address).collect::<Vec<_>>());
    }

    fn end(self, tally: Tally, began: Instant) -> Outcome {
        // A visitor has read an answer before nginx writes its line.
        let asked = until("nginx has written what was asked", || {
            Some(self.nginx.requests()).filter(|lines| lines.len() >= tally.all_requests())
        });
        let logs = self.nodes.iter().map(Node::lines).collect();
        let (keys, addresses) = (self.ring.keys(), self.addresses);
        Outcome { tally, logs, keys, asked, addresses, seconds: began.elapsed().as_secs() }
    }
}

impl Outcome {
    /// The figures, in a line.
    #[must_use]
    pub fn figures(&self) -> String {
        let Tally { anonymous, logins, logins_again, logouts, lost, errors, .. } = &self.tally;
        format!(
            "{} requests of {VISITORS} visitors to {NODES} nodes in {} s; {} rotations; {} sessions \
             ({anonymous} anonymous, {logins} of logins, {logins_again} of logins again), {logouts} logouts; {} lost, {} errors",
            self.tally.all_requests(),
            self.seconds,
            self.keys.len() - 1,
            self.tally.sessions(),
            lost.len(),
            errors.len()
        )
    }

    /// How many cookies each node has sealed with each key.
    #[must_use]
    pub fn seals(&self) -> BTreeMap<(usize, &str), usize> {
        let mut seals = BTreeMap::new();
        for seal in &self.tally.seals {
            *seals.entry((self.addresses[&seal.node], seal.key.as_str())).or_default() += 1;
        }
        seals
    }

    /// Cookies that were sealed with another key than that of their moment: received before it took over, or sent for
    /// when the next one had.
    #[must_use]
    pub fn sealed_out_of_turn(&self) -> usize {
        let is_out_of_turn = |(at, (_, from)): (usize, &(String, SystemTime)), sent, received| {
            let next = self.keys.get(at + 1).map(|(_, from)| *from);
            received < *from || next.is_some_and(|next| sent >= next)
        };
        let seals = self.tally.seals.iter();
        let wrong = seals.filter(|seal| {
            let key = self.keys.iter().enumerate().find(|(_, (id, _))| *id == seal.key);
            key.is_none_or(|key| is_out_of_turn(key, seal.sent, seal.received))
        });
        wrong.count()
    }
}

/// Until a moment of the clock that the plan names.
fn pause_until(moment: SystemTime) {
    thread::sleep(moment.duration_since(SystemTime::now()).unwrap_or_default());
}

pub const NODES: usize = 3;
pub const VISITORS: u64 = 200;
/// What a node says that keeps the ring in use.
pub const KEPT: &str = "the key ring in use stays: ";
const INTERVAL: Duration = Duration::from_millis(200);
const NEVER: Duration = Duration::from_secs(86_400);
/// In which most have a session.
const WARM_UP: Duration = Duration::from_secs(3);
/// So the last one has the file four seconds after the first, and at least two before the switch.
const BETWEEN_NODES: Duration = Duration::from_secs(2);
const AFTER_SWITCH: Duration = Duration::from_millis(1500);
