//! One-liners that several test files share.
#![allow(dead_code, reason = "no test file uses all of them")]

pub(crate) mod base64url;
pub(crate) mod folder;
pub(crate) mod random;

use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, StatusCode};
use sealed_session::handle::{Check, OpenError, Outcome, Policy, SessionSlot};
use sealed_session::{Builder, KeyRing, Saved, Session, SessionData, SessionHandle, Sessions, testing};

#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Visitor {
    pub(crate) user: Option<u64>,
    pub(crate) name: String,
    pub(crate) roles: Vec<String>,
}

pub(crate) const NOW: u64 = 1_800_000_000;
pub(crate) const DAY: u64 = 86_400;

/// Sessions with a clock that stands still.
pub(crate) fn sessions() -> (Sessions<Visitor>, testing::Clock) {
    sessions_with(|builder| builder)
}

pub(crate) fn sessions_with<T: SessionData>(
    settings: impl FnOnce(Builder<T>) -> Builder<T>,
) -> (Sessions<T>, testing::Clock) {
    let clock = testing::Clock::at(NOW);
    let builder = Sessions::builder(testing::key_ring()).clock(clock.reader());
    (settings(builder).build().unwrap(), clock)
}

/// A request's slot as a layer makes it, with the policy that closes it.
pub(crate) struct Slot<T> {
    policy: Policy<T, HeaderMap>,
    pub(crate) slot: SessionSlot<T>,
}

impl<T: SessionData> Slot<T> {
    pub(crate) fn new(sessions: &Sessions<T>, headers: &HeaderMap, check: Option<Check<T>>) -> Self {
        let policy = Policy::new(sessions.clone());
        let policy = if let Some(check) = check { policy.check(check) } else { policy };
        let slot = policy.slot(headers, headers, None, None);
        Self { policy, slot }
    }

    /// The slot of a layer further in.
    pub(crate) fn within(
        outer: &Self,
        sessions: &Sessions<T>,
        headers: &HeaderMap,
        check: Option<Check<T>>,
    ) -> Self {
        let policy = Policy::new(sessions.clone());
        let policy = if let Some(check) = check { policy.check(check) } else { policy };
        let slot = policy.slot(headers, headers, None, Some(&outer.slot));
        Self { policy, slot }
    }

    pub(crate) async fn open(&self) -> Result<SessionHandle<T>, OpenError> {
        self.slot.open().await
    }

    pub(crate) fn close(&self, response: &mut HeaderMap) -> Outcome {
        self.policy.close(&self.slot, StatusCode::OK, response, None)
    }
}

/// The same sessions with another ring.
pub(crate) fn sessions_of(ring: KeyRing, clock: &testing::Clock) -> Sessions<Visitor> {
    Sessions::builder(ring).clock(clock.reader()).build().unwrap()
}

/// A request of somebody who is logged in as user 7.
pub(crate) fn logged_in(sessions: &Sessions<Visitor>) -> HeaderMap {
    testing::request(sessions, |session| {
        session.user = Some(7);
        session.mark_authenticated();
    })
}

/// A request with one Cookie line.
pub(crate) fn with_cookie(line: impl AsRef<[u8]>) -> HeaderMap {
    HeaderMap::from_iter([(COOKIE, http::HeaderValue::from_bytes(line.as_ref()).unwrap())])
}

/// The value of the one cookie in a request.
#[track_caller]
pub(crate) fn value(request: &HeaderMap) -> String {
    let line = request[COOKIE].to_str().unwrap();
    line.split_once('=').unwrap().1.to_owned()
}

/// Loads, lets a handler run, saves; gives what was saved and the response headers.
#[track_caller]
pub(crate) fn respond<T: SessionData>(
    sessions: &Sessions<T>,
    request: &HeaderMap,
    handler: impl FnOnce(&mut Session<T>),
) -> (Saved, HeaderMap) {
    let mut session = sessions.load(request);
    handler(&mut session);
    let mut response = HeaderMap::new();
    let saved = sessions.save(session, &mut response).unwrap();
    (saved, response)
}

/// The one Set-Cookie line of a response.
#[track_caller]
pub(crate) fn set_cookie(response: &HeaderMap) -> String {
    let [line] = <[String; 1]>::try_from(set_cookies(response)).expect("one Set-Cookie");
    line
}

/// The Set-Cookie lines of a response.
#[track_caller]
pub(crate) fn set_cookies(response: &HeaderMap) -> Vec<String> {
    response.get_all(SET_COOKIE).iter().map(|line| line.to_str().unwrap().to_owned()).collect()
}

/// The label of the rejection, or `ok`.
pub(crate) fn outcome<T: SessionData>(sessions: &Sessions<T>, request: &HeaderMap) -> &'static str {
    let session = sessions.load(request);
    let outcome = session.about().rejection().map_or("ok", |rejection| rejection.as_str());
    session.into_data();
    outcome
}
