//! From request headers to a session: candidates, doors, the one that was sealed last.

use std::cmp::Reverse;

use http::HeaderMap;

use crate::data::payload::SessionData;
use crate::error::Rejection;
use crate::events;
use crate::record::header::RecordHeader;
use crate::record::last_seen::LastSeen;
use crate::record::lifetime::Limits;
use crate::record::tombstone::{EndedId, Scope, TombstoneKey, Tombstones};
use crate::session::about::{Loaded, MAX_CANDIDATES, MAX_FORMER, NO_SESSIONS};
use crate::session::clocks::Clocks;
use crate::session::session::Session;
use crate::session::sessions::{Inner, Sessions};
use crate::time::Seconds;
use crate::token::{self, OpenedToken};
use crate::web::cookie::MAX_COOKIE;
use crate::web::cookie::{Found, lines};
use crate::web::request_info::{RequestInfo, Scheme};

impl<T: SessionData> Sessions<T> {
    /// The session of a request. Never fails: where no cookie is valid, it is a fresh `T::default()`, and
    /// [`about().rejection()`](crate::About::rejection) says why.
    #[must_use = "a session must be handed to `save`, also after a mere read"]
    pub fn load(&self, headers: &HeaderMap) -> Session<T> {
        self.load_with(headers, RequestInfo::new())
    }

    /// The session of a request, of which the caller knows more than the headers say.
    #[must_use = "a session must be handed to `save`, also after a mere read"]
    pub fn load_with(&self, headers: &HeaderMap, place: RequestInfo<'_>) -> Session<T> {
        let tenant = place.tenant.map(|name| self.inner.of_tenant(name));
        let is_unknown_tenant = matches!(tenant, Some(None));
        let inner = tenant.flatten().unwrap_or(&self.inner);
        let now = inner.clock.now();
        let mut loaded = Loaded {
            family: if is_unknown_tenant { NO_SESSIONS } else { inner.family },
            now,
            carried: false,
            carried_unreadable: false,
            carried_last_seen: false,
            carried_former: [false; MAX_FORMER],
            tombstones: Tombstones::default(),
            ids: [None; MAX_CANDIDATES],
            tag: None,
            record: 0,
            idle_since: now,
            rejection: None,
            key_id: None,
            limits: inner.limits,
            is_plain_http: place.scheme == Some(Scheme::Http),
        };
        let found = if is_unknown_tenant { Err(Rejection::Absent) } else { inner.find(headers, &mut loaded) };
        match found {
            Ok((data, Candidate { head, opened, idle_since, .. })) => {
                events::loaded(&inner.name, opened.key_id);
                loaded.key_id = Some(opened.key_id);
                loaded.tag = Some(opened.tag());
                loaded.record = opened.plaintext().len();
                loaded.idle_since = idle_since;
                let RecordHeader { started, deadline, authenticated, remembered, .. } = head;
                let clocks = Clocks::GoOn { started, deadline, authenticated, remembered };
                Session::found(data, head.id, clocks, loaded)
            }
            Err(rejection) => {
                events::rejected(&inner.name, rejection);
                loaded.rejection = Some(rejection);
                Session::fresh(loaded)
            }
        }
    }
}

/// A record whose seal holds and whose time has not passed.
pub(crate) struct Candidate {
    pub(crate) head: RecordHeader,
    pub(crate) opened: OpenedToken,
    pub(crate) payload_length: usize,
    idle_since: Seconds,
}

/// What a request carried in cookies of ours.
#[derive(Default)]
pub(crate) struct Carried<'a> {
    pub(crate) sessions: [Option<&'a [u8]>; MAX_CANDIDATES],
    pub(crate) last_seen: Option<&'a [u8]>,
    pub(crate) tombstones: Tombstones,
}

impl<T: SessionData> Inner<T> {
    /// The session among the cookies of our name that was sealed last; else the rejection that got furthest.
    fn find(&self, headers: &HeaderMap, loaded: &mut Loaded) -> Result<(T, Candidate), Rejection> {
        let carried = self.carried(headers);
        loaded.carried = carried.sessions.iter().any(Option::is_some);
        loaded.carried_last_seen = carried.last_seen.is_some();
        loaded.tombstones = carried.tombstones;
        for (former, is_carried) in self.former.iter().zip(&mut loaded.carried_former) {
            let is_session = |found| matches!(found, Found::Session(_));
            *is_carried = match &former.finder {
                Some(finder) => finder.find(headers).any(is_session),
                None => loaded.carried,
            };
            // Only those who still use the former name can read it.
            loaded.carried_unreadable |= *is_carried && former.finder.is_some();
        }

        let [first, others @ ..] = &carried.sessions;
        if others.iter().all(Option::is_none) {
            // Nearly every request.
            let value = first.ok_or(Rejection::Absent)?;
            let found = self.candidate(value, &carried, headers, loaded, 0);
            let found = found.and_then(|candidate| Ok((self.decode(&candidate)?, candidate)));
            return found.inspect_err(|rejection| loaded.carried_unreadable |= rejection.is_unreadable());
        }
        self.latest(&carried, headers, loaded)
    }

    /// As `find`, where there are several cookies of our name.
    fn latest(
        &self,
        carried: &Carried<'_>,
        headers: &HeaderMap,
        loaded: &mut Loaded,
    ) -> Result<(T, Candidate), Rejection> {
        let mut furthest = Rejection::Absent;
        let mut reject = |loaded: &mut Loaded, rejection: Rejection| {
            loaded.carried_unreadable |= rejection.is_unreadable();
            furthest = furthest.max(rejection);
        };
        let mut candidates = Vec::new();
        for (at, value) in carried.sessions.iter().flatten().enumerate() {
            match self.candidate(value, carried, headers, loaded, at) {
                Ok(candidate) => candidates.push(candidate),
                Err(rejection) => reject(loaded, rejection),
            }
        }
        // A stable sort: of two that were sealed in the same second, the browser's order decides.
        candidates.sort_by_key(|candidate| Reverse(candidate.head.written));
        for candidate in candidates {
            match self.decode(&candidate) {
                Ok(data) => return Ok((data, candidate)),
                Err(rejection) => reject(loaded, rejection),
            }
        }
        Err(furthest)
    }

    /// Steps 1 to 11 of FORMAT §6.2 and §6.3 for the cookie at this place, whose id the request remembers.
    fn candidate(
        &self,
        value: &[u8],
        carried: &Carried<'_>,
        headers: &HeaderMap,
        loaded: &mut Loaded,
        at: usize,
    ) -> Result<Candidate, Rejection> {
        let mut candidate = self.open(value, loaded.now)?;
        let ended = self.ended(&candidate.head, carried.tombstones, headers);
        if let Some(id) = loaded.ids.get_mut(at) {
            *id = Some(EndedId::of(&candidate.head, ended));
        }
        self.check(&mut candidate, carried.last_seen, ended, loaded.now)?;
        Ok(candidate)
    }

    /// FORMAT §6.1: what there is, nothing opened yet.
    pub(crate) fn carried<'a>(&'a self, headers: &'a HeaderMap) -> Carried<'a> {
        let mut carried = Carried::default();
        // Two loops instead of `find`, which would carry the state of the search around.
        for line in lines(headers) {
            for found in self.finder.find_in_line(line) {
                match found {
                    Found::Session(value) => {
                        if let Some(slot) = carried.sessions.iter_mut().find(|slot| slot.is_none()) {
                            *slot = Some(value);
                        }
                    }
                    Found::LastSeen(value) => {
                        carried.last_seen.get_or_insert(value);
                    }
                    Found::Tombstone(digits, value) => carried.tombstones.add(digits, value),
                }
            }
        }
        carried
    }

    /// Steps 1 to 7 of FORMAT §6.2 and §6.3.
    pub(crate) fn open(&self, value: &[u8], now: Seconds) -> Result<Candidate, Rejection> {
        if self.template.bytes(value.len()) > MAX_COOKIE {
            return Err(Rejection::TooLong);
        }
        let opened = token::open(&self.ring, &self.context, value, now)?;
        let (head, payload) = RecordHeader::parse(opened.plaintext()).ok_or(Rejection::Payload)?;
        let (payload_length, idle_since) = (payload.len(), head.written);
        Ok(Candidate { head, opened, payload_length, idle_since })
    }

    /// Steps 8 to 11 of FORMAT §6.3.
    pub(crate) fn check(
        &self,
        candidate: &mut Candidate,
        last_seen: Option<&[u8]>,
        ended: Option<Scope>,
        now: Seconds,
    ) -> Result<(), Rejection> {
        let head = &candidate.head;
        if self.limits.is_renewal_due(head.remembered, head.written, now) {
            let renewed = last_seen.and_then(|value| self.renewed(value, &candidate.opened, now));
            candidate.idle_since = renewed.map_or(head.written, |renewed| renewed.max(head.written));
        }
        self.limits.check(head, candidate.idle_since, now)?;
        if ended.is_none() { Ok(()) } else { Err(Rejection::Ended) }
    }

    /// When a last-seen cookie renewed this very cookie. Whatever is wrong with a last-seen cookie, it is as if there
    /// were none.
    pub(crate) fn renewed(&self, value: &[u8], session: &OpenedToken, now: Seconds) -> Option<Seconds> {
        let opened = token::open(&self.ring, &self.last_seen_context, value, now).ok()?;
        let LastSeen { tag, renewed } = LastSeen::parse(opened.plaintext())?;
        (tag == session.tag() && !Limits::is_from_the_future(renewed, now)).then_some(renewed)
    }

    /// What the browser's tombstones end of this ID.
    pub(crate) fn ended(
        &self,
        head: &RecordHeader,
        tombstones: Tombstones,
        headers: &HeaderMap,
    ) -> Option<Scope> {
        if tombstones.count == 0 {
            return None; // nearly every request
        }
        let said = |found| match found {
            Found::Tombstone(digits, _) => {
                TombstoneKey::from_digits(digits).and_then(|key| key.ends(head.id))
            }
            _ => None,
        };
        self.finder.find(headers).filter_map(said).max()
    }

    /// Steps 12 to 14 of FORMAT §6.2 and §6.3.
    fn decode(&self, candidate: &Candidate) -> Result<T, Rejection> {
        let Candidate { head, opened, payload_length, .. } = candidate;
        let record = opened.plaintext();
        let payload = record.get(record.len().saturating_sub(*payload_length)..).unwrap_or_default();
        let data = self.readers.read(head.schema, || head.unpad(payload))?;
        if self.not_before.is_some_and(|moment| head.started < moment) {
            return Err(Rejection::Revoked);
        }
        Ok(data)
    }
}
