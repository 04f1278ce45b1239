//! All nodes of the server, and what they have answered: the same request at the same moment is answered once.

use std::collections::HashMap;
use std::rc::Rc;

use sealed_session::Rejection;

use crate::browser::SetCookie;
use crate::defects::Defect;
use crate::handler::{Handler, Number, Visitor};
use crate::meaning::{Carried, Lexicon, Meaning, Token};
use crate::node::{Found, Kind, Node, Work};
use crate::response;
use crate::rules::{Fault, Rule};
use crate::scenario::{Scenario, Settings, TARGET};

/// What a node makes of the cookies of a browser.
pub(crate) type View = Result<Seen, Rejection>;

/// A session that a node has found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    pub(crate) id: Number,
    pub(crate) data: Visitor,
    pub(crate) started: u64,
    pub(crate) idle_expires: Option<u64>,
    pub(crate) proved: Option<u64>,
}

/// A response.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub(crate) lines: Vec<(Rc<SetCookie>, Meaning)>,
    /// The session that it brings.
    pub(crate) token: Option<Rc<Token>>,
    /// The session whose id it ends, and whether its node could tell which that is.
    pub(crate) ends: Option<(Rc<Token>, bool)>,
    pub(crate) faults: Vec<Fault>,
}

pub(crate) struct Fleet {
    pub(crate) settings: Settings,
    pub(crate) lexicon: Lexicon,
    defect: Defect,
    nodes: Vec<Node>,
    answers: HashMap<(u32, u64, Kind, Handler, Number), Rc<Answer>>,
    views: HashMap<(u32, u64, Kind), Rc<View>>,
}

impl Fleet {
    pub(crate) fn new(scenario: &Scenario) -> Self {
        let settings = scenario.settings;
        Self {
            settings,
            lexicon: Lexicon::default(),
            defect: scenario.defect,
            nodes: scenario.kinds().into_iter().map(|kind| Node::new(kind, &settings)).collect(),
            answers: HashMap::new(),
            views: HashMap::new(),
        }
    }

    pub(crate) fn kinds(&self) -> Vec<Kind> {
        self.nodes.iter().map(|node| node.kind).collect()
    }

    /// How often the library was asked.
    pub(crate) fn asked(&self) -> usize {
        self.answers.len() + self.views.len()
    }

    pub(crate) fn look(&mut self, kind: Kind, carried: &Carried, now: u64) -> Rc<View> {
        let key = (carried.number, now, kind);
        if let Some(view) = self.views.get(&key) {
            return Rc::clone(view);
        }
        let found = self.node(kind).look(now, &self.defect.request(self.settings.name, &carried.text));
        let view = found.map(|found| Seen {
            id: self.lexicon.number_of(found.id).unwrap(),
            data: found.data,
            started: found.started,
            idle_expires: found.idle_expires,
            proved: found.proved,
        });
        Rc::clone(self.views.entry(key).or_insert(Rc::new(view)))
    }

    pub(crate) fn serve(
        &mut self,
        kind: Kind,
        carried: &Carried,
        now: u64,
        handler: Handler,
        number: Number,
    ) -> Rc<Answer> {
        let number_or_none = if self.defect.is_numbered(handler) { number } else { 0 };
        let key = (carried.number, now, kind, handler, number_or_none);
        if let Some(answer) = self.answers.get(&key) {
            return Rc::clone(answer);
        }
        let cookies = self.defect.request(self.settings.name, &carried.text);
        let work = Work { handler, number, seals_again: self.defect.seals_again(handler) };
        let (found, lines) = self.node(kind).serve(now, &cookies, work);
        let exchange = response::Exchange { kind, now, handler, number, carried, found: found.ok() };
        let answer = self.answer(&exchange, lines);
        Rc::clone(self.answers.entry(key).or_insert(Rc::new(answer)))
    }

    /// The session that a node finds with these cookies alone.
    pub(crate) fn probe(&self, kind: Kind, now: u64, cookies: &str) -> Option<Found> {
        self.node(kind).look(now, cookies).ok()
    }

    fn answer(&mut self, exchange: &response::Exchange<'_>, lines: Vec<String>) -> Answer {
        let name = self.settings.name;
        let (token, mut faults) = exchange.read(self, &lines);
        let mut answer = Answer { token, ..Answer::default() };
        for line in self.defect.response(name, &exchange.carried.text, lines) {
            if let Some(cookie) = SetCookie::parse(&line, TARGET) {
                let meaning = self.lexicon.meaning(name, &cookie);
                answer.lines.push((Rc::new(cookie), meaning));
            } else {
                faults.push(Fault { rule: Rule::BrowsersTakeIt, words: line });
            }
        }
        let ending = exchange.carried.session.as_ref().filter(|_| exchange.handler.ends_the_id());
        answer.ends = ending.map(|token| (Rc::clone(token), exchange.kind.opens(token.sealed_by)));
        Answer { faults, ..answer }
    }

    fn node(&self, kind: Kind) -> &Node {
        self.nodes.iter().find(|node| node.kind == kind).unwrap()
    }
}
