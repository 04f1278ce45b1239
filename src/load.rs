//! From request headers to a session: candidates, doors, the one that was sealed last.

use std::cmp::Reverse;

use crate::cookie::HeaderMap;
use crate::cookie::write::MAX_COOKIE;
use crate::error::Rejection;
use crate::payload::{self, SessionData};
use crate::record::Head;
use crate::session::{Clocks, Request, Session};
use crate::sessions::{Inner, Sessions};
use crate::time::Seconds;
use crate::token::{self, Opened};

/// What headers cannot say about a request: HTTP has no header for the scheme it came by.
#[derive(Clone, Copy, Debug, Default)]
#[must_use]
pub struct Place {
    scheme: Option<Scheme>,
}

impl Place {
    /// A request of which nothing more is known.
    pub fn new() -> Self {
        Self::default()
    }

    /// How the browser sent the request. `save` then refuses to send a Secure cookie over plain http, where browsers
    /// drop it in silence.
    pub fn scheme(self, scheme: Scheme) -> Self {
        Self { scheme: Some(scheme) }
    }
}

/// How the browser sent a request: to the proxy, where there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Plain.
    Http,
    /// Over TLS.
    Https,
}

impl<T: SessionData> Sessions<T> {
    /// The session of a request. Never fails: where no cookie is valid, it is a fresh `T::default()`, and
    /// [`about().rejection()`](crate::About::rejection) says why.
    #[must_use = "a session must be handed to `save`, also after a mere read"]
    pub fn load(&self, headers: &HeaderMap) -> Session<T> {
        self.load_at(headers, Place::new())
    }

    /// The session of a request, of which the caller knows more than the headers say.
    #[must_use = "a session must be handed to `save`, also after a mere read"]
    pub fn load_at(&self, headers: &HeaderMap, place: Place) -> Session<T> {
        let now = self.inner.clock.now();
        let mut request = Request {
            now,
            carried: false,
            carried_unreadable: false,
            rejection: None,
            key_id: None,
            limits: self.inner.limits,
            is_plain_http: place.scheme == Some(Scheme::Http),
        };
        match self.inner.find(headers, &mut request) {
            Ok((data, Candidate { head, opened, .. })) => {
                request.key_id = Some(opened.key_id);
                let Head { started, deadline, authenticated, remembered, .. } = head;
                let clocks = Clocks::GoOn { started, deadline, authenticated, remembered };
                Session::found(data, head.id, clocks, request)
            }
            Err(rejection) => {
                request.rejection = Some(rejection);
                Session::fresh(request)
            }
        }
    }
}

/// A record whose seal holds and whose time has not passed.
struct Candidate {
    head: Head,
    opened: Opened,
    payload_length: usize,
}

impl Inner {
    /// The session among the cookies of our name that was sealed last; else the rejection that got furthest.
    fn find<T: SessionData>(
        &self,
        headers: &HeaderMap,
        request: &mut Request,
    ) -> Result<(T, Candidate), Rejection> {
        let mut furthest = Rejection::Absent;
        let mut reject = |request: &mut Request, rejection: Rejection| {
            request.carried_unreadable |= rejection.is_unreadable();
            furthest = furthest.max(rejection);
        };
        let mut candidates = [const { None }; MAX_CANDIDATES];
        for (value, slot) in self.finder.values(headers).zip(&mut candidates) {
            request.carried = true;
            match self.open(value, request.now) {
                Ok(candidate) => *slot = Some(candidate),
                Err(rejection) => reject(request, rejection),
            }
        }
        // A stable sort: of two that were sealed in the same second, the browser's order decides.
        candidates.sort_by_key(|slot| Reverse(slot.as_ref().map(|candidate| candidate.head.written)));
        for candidate in candidates.into_iter().flatten() {
            match self.decode(&candidate) {
                Ok(data) => return Ok((data, candidate)),
                Err(rejection) => reject(request, rejection),
            }
        }
        Err(furthest)
    }

    /// Steps 1 to 10 of FORMAT §6.2 and §6.3.
    fn open(&self, value: &[u8], now: Seconds) -> Result<Candidate, Rejection> {
        if self.template.octets(value.len()) > MAX_COOKIE {
            return Err(Rejection::TooLong);
        }
        let opened = token::open(&self.ring, &self.context, value)?;
        let (head, payload) = Head::parse(opened.plaintext()).ok_or(Rejection::Payload)?;
        self.limits.check(&head, now)?;
        let payload_length = payload.len();
        Ok(Candidate { head, opened, payload_length })
    }

    /// Steps 12 to 14 of FORMAT §6.2 and §6.3.
    fn decode<T: SessionData>(&self, candidate: &Candidate) -> Result<T, Rejection> {
        let Candidate { head, opened, payload_length } = candidate;
        if head.shape != self.shape {
            return Err(Rejection::OtherShape);
        }
        let record = opened.plaintext();
        let payload = record.get(record.len().saturating_sub(*payload_length)..).unwrap_or_default();
        let data = payload::decode(payload).map_err(|_| Rejection::Payload)?;
        if self.not_before.is_some_and(|moment| head.started < moment) {
            return Err(Rejection::Revoked);
        }
        Ok(data)
    }
}

/// How many cookies of our name are tried (FORMAT §10).
const MAX_CANDIDATES: usize = 4;
