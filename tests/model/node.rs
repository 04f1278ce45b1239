//! A node of the server: `load`, a handler and `save`, and nothing that it remembers.

use std::time::{SystemTime, UNIX_EPOCH};

use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue};
use sealed_session::{KeyRing, Rejection, SessionId, Sessions, testing};

use crate::handler::{Data, Handler, Number, OtherVisitor, Visitor};
use crate::scenario::Settings;

/// Nodes differ as they do in the middle of a deploy. A further kind is a further variant here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    Normal,
    /// It seals with the key before the newest, and opens with that alone.
    WithoutNewestKey,
    /// Its data has another type.
    SchemaMismatch,
    /// Its clock is as far ahead as the clocks of a fleet may be apart.
    ClockAhead,
}

impl Kind {
    /// Whether it has the key of what another node has sealed.
    pub(crate) fn opens(self, sealed_by: Self) -> bool {
        self != Self::WithoutNewestKey || sealed_by == self
    }

    /// Whether it can read that too.
    pub(crate) fn reads(self, sealed_by: Self) -> bool {
        self.opens(sealed_by) && (self == Self::SchemaMismatch) == (sealed_by == Self::SchemaMismatch)
    }

    pub(crate) fn ahead(self) -> u64 {
        if self == Self::ClockAhead { SKEW } else { 0 }
    }

    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Normal => "",
            Self::WithoutNewestKey => " to a node without the newest key",
            Self::SchemaMismatch => " to a node with another schema",
            Self::ClockAhead => " to a node whose clock is ahead",
        }
    }
}

pub(crate) struct Node {
    pub(crate) kind: Kind,
    clock: testing::Clock,
    server: Box<dyn Server>,
}

impl Node {
    pub(crate) fn new(kind: Kind, settings: &Settings) -> Self {
        let clock = testing::Clock::at(BEGIN);
        let server: Box<dyn Server> = match kind {
            Kind::SchemaMismatch => Box::new(sessions::<OtherVisitor>(kind, settings, &clock)),
            _ => Box::new(sessions::<Visitor>(kind, settings, &clock)),
        };
        Self { kind, clock, server }
    }

    /// What the handler found, and the Set-Cookie lines of the response.
    pub(crate) fn serve(
        &self,
        now: u64,
        cookies: &str,
        work: Work,
    ) -> (Result<Found, Rejection>, Vec<String>) {
        self.set_clock(now);
        self.server.serve(&headers(cookies), work)
    }

    /// What a handler would find.
    pub(crate) fn look(&self, now: u64, cookies: &str) -> Result<Found, Rejection> {
        self.set_clock(now);
        self.server.look(&headers(cookies))
    }

    fn set_clock(&self, now: u64) {
        self.clock.set(BEGIN + now + self.kind.ahead());
    }
}

/// What a handler is to do.
#[derive(Clone, Copy)]
pub(crate) struct Work {
    pub(crate) handler: Handler,
    pub(crate) number: Number,
    /// Whether the session is sealed and sent again, whatever the handler did.
    pub(crate) seals_again: bool,
}

/// What the library says about a session. Times are in seconds since the beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) id: SessionId,
    pub(crate) data: Visitor,
    pub(crate) started: u64,
    pub(crate) expires: u64,
    pub(crate) idle_expires: Option<u64>,
    pub(crate) proved: Option<u64>,
}

trait Server {
    fn serve(&self, request: &HeaderMap, work: Work) -> (Result<Found, Rejection>, Vec<String>);
    fn look(&self, request: &HeaderMap) -> Result<Found, Rejection>;
}

impl<T: Data> Server for Sessions<T> {
    fn serve(&self, request: &HeaderMap, work: Work) -> (Result<Found, Rejection>, Vec<String>) {
        let mut session = self.load(request);
        let found = found(&session);
        work.handler.run(&mut session, work.number);
        if work.seals_again {
            session.mark_changed();
        }
        let mut response = HeaderMap::new();
        self.save(session, &mut response).unwrap();
        let lines = response.get_all(SET_COOKIE).iter().map(|line| line.to_str().unwrap().to_owned());
        (found, lines.collect())
    }

    fn look(&self, request: &HeaderMap) -> Result<Found, Rejection> {
        found(&testing::load(self, request))
    }
}

fn found<T: Data>(session: &sealed_session::Session<T>) -> Result<Found, Rejection> {
    let about = session.about();
    match about.rejection() {
        Some(rejection) => Err(rejection),
        None => Ok(Found {
            id: about.id().unwrap(),
            data: *session.visitor(),
            started: seconds(about.started()),
            expires: seconds(about.expires_at()),
            idle_expires: about.idle_expires_at().map(seconds),
            proved: about.authenticated_at().map(seconds),
        }),
    }
}

fn sessions<T: Data>(kind: Kind, settings: &Settings, clock: &testing::Clock) -> Sessions<T> {
    let (newest, before) = (testing::key(9), testing::key(7));
    let ring = match kind {
        Kind::WithoutNewestKey => KeyRing::new(before),
        _ => KeyRing::new(newest).accept(before).unwrap(),
    };
    settings.apply(Sessions::builder(ring)).clock(clock.reader()).build().unwrap()
}

fn headers(cookies: &str) -> HeaderMap {
    let line = (!cookies.is_empty()).then(|| (COOKIE, HeaderValue::from_str(cookies).unwrap()));
    HeaderMap::from_iter(line)
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).unwrap().as_secs() - BEGIN
}

/// When it all begins, in seconds since 1970.
pub(crate) const BEGIN: u64 = 1_800_000_000;

/// How far the clocks of a fleet may be apart, in seconds.
pub(crate) const SKEW: u64 = 60;

#[test]
fn nodes_differ() {
    let settings = Settings::default();
    let work = Work { handler: Handler::LogIn, number: 1, seals_again: false };
    let nodes = [Kind::Normal, Kind::WithoutNewestKey, Kind::SchemaMismatch, Kind::ClockAhead]
        .map(|kind| Node::new(kind, &settings));
    for (at, expected) in [
        [None, Some(Rejection::UnknownKey), Some(Rejection::SchemaMismatch), None],
        [None, None, Some(Rejection::SchemaMismatch), None],
        [Some(Rejection::SchemaMismatch), Some(Rejection::UnknownKey), None, Some(Rejection::SchemaMismatch)],
        [None, Some(Rejection::UnknownKey), Some(Rejection::SchemaMismatch), None],
    ]
    .into_iter()
    .enumerate()
    {
        let (_, lines) = nodes[at].serve(0, "", work);
        let cookie = lines[0].split(';').next().unwrap();
        assert_eq!(nodes.each_ref().map(|node| node.look(0, cookie).err()), expected, "{:?}", nodes[at].kind);
    }
}
