//! The server under test: a shop whose pages are there in every variant, and a record of what was said.

mod pages;
mod record;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::middleware;
use harness::until::until;
use sealed_session::Sessions;
use sealed_session::testing::Clock;
use tokio::sync::Semaphore;

use crate::serve::Server;
use crate::tls::Certificate;
use crate::variants::{Variant, Visitor};

pub use record::Exchange;

/// The shop, its ports and its certificate, all of which go with this value.
pub struct Shop {
    pub certificate: Certificate,
    server: Server,
    state: Arc<State>,
}

struct State {
    sessions: Vec<(Variant, Sessions<Visitor>)>,
    clock: Clock,
    exchanges: Mutex<Vec<Exchange>>,
    hand_made: Mutex<Vec<String>>,
    held: AtomicUsize,
    gate: Semaphore,
}

impl State {
    fn sessions(&self, variant: Variant) -> &Sessions<Visitor> {
        let (_, sessions) = self.sessions.iter().find(|(known, _)| *known == variant).unwrap();
        sessions
    }
}

impl Shop {
    pub fn open() -> Self {
        let certificate = Certificate::make();
        // The clients' clocks are real: the server's begins there as well.
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let clock = Clock::at(now);
        let state = Arc::new(State {
            sessions: Variant::ALL.map(|variant| (variant, variant.sessions(&clock))).into(),
            clock,
            exchanges: Mutex::default(),
            hand_made: Mutex::default(),
            held: AtomicUsize::new(0),
            gate: Semaphore::new(0),
        });
        let router: Router = pages::routes()
            .layer(middleware::from_fn_with_state(Arc::clone(&state), record::keep))
            .with_state(Arc::clone(&state));
        let server = Server::start(router, certificate.acceptor.clone());
        Self { certificate, server, state }
    }

    /// Where a host of the tests is, with TLS.
    pub fn at(&self, host: &str) -> String {
        format!("https://{host}:{}", self.server.https)
    }

    /// Where a variant is.
    pub fn place_of(&self, variant: Variant) -> String {
        match variant {
            Variant::Insecure => format!("http://shop.example.org:{}", self.server.http),
            _ => self.at("shop.example.org"),
        }
    }

    /// The port without TLS, for a proxy that ends it.
    pub fn plain_port(&self) -> u16 {
        self.server.http
    }

    /// Moves the server's clock.
    pub fn advance(&self, hours: u64) {
        self.state.clock.advance(Duration::from_secs(hours * 3600));
    }

    /// What was said until now, oldest first.
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.state.exchanges.lock().unwrap().clone()
    }

    /// The last exchange whose path ends like this.
    #[track_caller]
    pub fn last(&self, path: &str) -> Exchange {
        let exchanges = self.exchanges();
        let found = exchanges.into_iter().rev().find(|exchange| exchange.path.ends_with(path));
        found.unwrap_or_else(|| panic!("no request for {path}"))
    }

    /// What `/hand-made` sets from now on: Set-Cookie lines that the library would not send, or not now.
    pub fn hand_make(&self, lines: &[&str]) {
        *self.state.hand_made.lock().unwrap() = lines.iter().map(|line| (*line).to_owned()).collect();
    }

    /// Waits until a request with `hold` stands before its `save`.
    pub fn wait_for_a_held_request(&self) {
        until("a request that is held", || (self.state.held.load(Ordering::SeqCst) > 0).then_some(()));
    }

    /// Lets it go on.
    pub fn release(&self) {
        self.state.held.fetch_sub(1, Ordering::SeqCst);
        self.state.gate.add_permits(1);
    }
}
