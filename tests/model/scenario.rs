//! What is explored: the settings of the server, what the browser may send, and the bounds.

use std::time::Duration;

use sealed_session::{Builder, CookieConfig, Lifetimes, SessionData};

use crate::browser::Url;
use crate::defects::Defect;
use crate::handler::{Handler, LONG, Number};
use crate::node::{Kind, SKEW};

#[derive(Clone)]
pub(crate) struct Scenario {
    pub(crate) title: &'static str,
    pub(crate) settings: Settings,
    pub(crate) defect: Defect,
    /// Whether the browser begins logged in, or as a stranger.
    pub(crate) logged_in: bool,
    /// What may be sent, and to which node.
    pub(crate) actions: Vec<(Handler, Kind)>,
    pub(crate) requests: Number,
    pub(crate) in_flight: usize,
    /// The most ids that may be ending at a time: so that responses under them may still arrive.
    pub(crate) ending: usize,
    /// By how much time may pass at once, in seconds, and how often.
    pub(crate) steps: Vec<u64>,
    pub(crate) passes: u16,
    /// How long a request may be in flight, in seconds; then it is lost.
    pub(crate) flight: u64,
    /// Whether the moment of serving is an event of its own; see [`World::events`](crate::world::World::events).
    pub(crate) serves_freely: bool,
    /// Whether worlds that are the same are explored once.
    pub(crate) merges: bool,
}

impl Scenario {
    /// Somebody is logged in; no time passes.
    pub(crate) fn new(title: &'static str, handlers: &[Handler], requests: Number) -> Self {
        Self {
            title,
            settings: Settings::default(),
            defect: Defect::None,
            logged_in: true,
            actions: handlers.iter().map(|handler| (*handler, Kind::Normal)).collect(),
            requests,
            in_flight: 4,
            ending: Settings::default().max_tombstones,
            steps: Vec::new(),
            passes: 0,
            flight: HOUR,
            serves_freely: false,
            merges: true,
        }
    }

    /// Every handler, nodes that differ, and all the time there is: too much to be explored.
    pub(crate) fn everything() -> Self {
        use Handler::{CycleId, LogIn, LogOut, Poll, Read, Write};
        let mut scenario = Self::new("walks", &Handler::ALL, Number::MAX);
        for kind in [Kind::WithoutNewestKey, Kind::SchemaMismatch, Kind::ClockAhead] {
            scenario = scenario.with_node(kind, &[Read, Poll, Write, LogIn, LogOut, CycleId]);
        }
        scenario.flight = HOUR - SKEW;
        scenario.with_time(&[1, 59, 61, 719, 721, 1800, 3539, 3540, 3 * HOUR], u16::MAX)
    }

    /// Time passes, so often, by one of these steps.
    pub(crate) fn with_time(self, steps: &[u64], passes: u16) -> Self {
        Self { steps: steps.to_vec(), passes, ..self }
    }

    /// These handlers run on a node of another kind too.
    pub(crate) fn with_node(mut self, kind: Kind, handlers: &[Handler]) -> Self {
        self.actions.extend(handlers.iter().map(|handler| (*handler, kind)));
        self
    }

    /// The browser has room for so many tombstones, and so many ids may be ending at a time.
    pub(crate) fn with_tombstones(mut self, max_tombstones: usize, ending: usize) -> Self {
        self.settings.max_tombstones = max_tombstones;
        Self { ending, ..self }
    }

    pub(crate) fn with_defect(self, defect: Defect) -> Self {
        Self { defect, ..self }
    }

    /// The kinds of nodes that take part; a normal one always does.
    pub(crate) fn kinds(&self) -> Vec<Kind> {
        let mut kinds = vec![Kind::Normal];
        for (_, kind) in &self.actions {
            if !kinds.contains(kind) {
                kinds.push(*kind);
            }
        }
        kinds
    }
}

/// The settings of the sessions. Times are in seconds.
#[derive(Clone, Copy)]
pub(crate) struct Settings {
    pub(crate) idle: Option<u64>,
    pub(crate) absolute: u64,
    pub(crate) max_tombstones: usize,
    pub(crate) name: &'static str,
    pub(crate) path: &'static str,
    pub(crate) domain: Option<&'static str>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            idle: Some(2 * HOUR),
            absolute: 6 * HOUR,
            max_tombstones: 8,
            name: "__Host-session",
            path: "/",
            domain: None,
        }
    }
}

impl Settings {
    pub(crate) fn apply<T: SessionData>(&self, builder: Builder<T>) -> Builder<T> {
        let cookie = CookieConfig::new(self.name).path(self.path);
        let cookie = match self.domain {
            Some(domain) => cookie.domain(domain),
            None => cookie,
        };
        let lifetimes = Lifetimes::default()
            .idle_timeout(self.idle.map(Duration::from_secs))
            .absolute_timeout(Duration::from_secs(self.absolute))
            .max_lifetime(LONG);
        builder.cookie(cookie).lifetimes(lifetimes)
    }

    /// The default of `renewal_interval`.
    pub(crate) fn renewal_interval(&self) -> u64 {
        self.idle.map_or(u64::MAX, |idle| idle / 10)
    }
}

/// Where all requests go.
pub(crate) const TARGET: Url = Url { secure: true, host: "www.example.com", path: "/app/page" };

pub(crate) const HOUR: u64 = 3600;
