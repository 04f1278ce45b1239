//! From request headers to a session: candidates, checks, the one that was sealed last.

use std::cmp::Reverse;

use http::HeaderMap;

use super::loaded::{Carried, Loaded, MAX_CANDIDATES, MAX_LEFTOVERS, OpenedCookie};
use super::session::Session;
use super::sessions::{Inner, Sessions};
use crate::data::SessionData;
use crate::error::Rejection;
use crate::events;
use crate::keys::KeyId;
use crate::record::header::RecordHeader;
use crate::record::last_seen::LastSeen;
use crate::record::lifetime::Limits;
use crate::record::tombstone::{EndedId, Scope, TombstoneKey, Tombstones};
use crate::time::Seconds;
use crate::token::{self, OpenedToken};
use crate::web::cookie::{Found, MAX_COOKIE, lines};
use crate::web::{RequestInfo, Scheme};

impl<T: SessionData> Sessions<T> {
    /// The session of a request. Never fails: where no cookie is valid, it is a fresh `T::default()`, and
    /// [`about().rejection()`](crate::About::rejection) says why.
    ///
    /// ```
    /// # use sealed_session::{Sessions, testing};
    /// # let sessions: Sessions<u64> = Sessions::new(testing::key_ring())?;
    /// # let request = testing::request(&sessions, |session| **session = 7);
    /// # let mut response = http::HeaderMap::new();
    /// let session = sessions.load(&request);
    /// assert_eq!(*session, 7);
    /// sessions.save(session, &mut response)?; // also after a mere read
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use = "a session must be handed to `save`, also after a mere read"]
    pub fn load(&self, headers: &HeaderMap) -> Session<T> {
        self.load_with(headers, RequestInfo::new())
    }

    /// The session of a request, of which the caller knows more than the headers say: see [`RequestInfo`].
    ///
    /// ```
    /// # use sealed_session::web::Scheme;
    /// # use sealed_session::{RequestInfo, SaveError, Sessions, testing};
    /// # let sessions: Sessions<u64> = Sessions::new(testing::key_ring())?;
    /// # let (request, mut response) = (http::HeaderMap::new(), http::HeaderMap::new());
    /// let info = RequestInfo::new().scheme(Scheme::Http);
    /// let mut session = sessions.load_with(&request, info);
    /// *session = 7;
    /// // A browser would drop the Secure cookie in silence.
    /// assert_eq!(sessions.save(session, &mut response), Err(SaveError::PlainHttp));
    /// # Ok::<(), sealed_session::ConfigError>(())
    /// ```
    #[must_use = "a session must be handed to `save`, also after a mere read"]
    pub fn load_with(&self, headers: &HeaderMap, info: RequestInfo) -> Session<T> {
        let session = self.load_unreported(headers, info);
        self.report_load(session.loaded().outcome());
        session
    }

    /// As [`load_with`](Self::load_with), without a word to the log.
    pub(crate) fn load_unreported(&self, headers: &HeaderMap, info: RequestInfo) -> Session<T> {
        let inner = &*self.inner;
        let now = inner.clock.now();
        let (carried, found) = inner.find(headers, now);
        let loaded = |cookie| Loaded {
            sessions_id: inner.id,
            now,
            limits: inner.limits,
            is_plain_http: info.scheme == Some(Scheme::Http),
            carried,
            cookie,
        };
        match found {
            Ok((data, candidate)) => Session::new(data, loaded(Ok(candidate.cookie()))),
            Err(rejection) => Session::new(T::default(), loaded(Err(rejection))),
        }
    }

    /// Tells the log what became of a cookie. A layer does so when it holds no lock: a subscriber may use the session.
    pub(crate) fn report_load(&self, outcome: Result<KeyId, Rejection>) {
        match outcome {
            Ok(key_id) => events::loaded(self.name(), key_id),
            Err(rejection) => events::rejected(self.name(), rejection),
        }
    }
}

/// A record whose seal holds and whose time has not passed.
pub(crate) struct Candidate {
    pub(crate) header: RecordHeader,
    pub(crate) opened: OpenedToken,
    payload_length: usize,
    idle_since: Seconds,
}

impl Candidate {
    /// The payload, with the padding that may follow it.
    pub(crate) fn payload(&self) -> &[u8] {
        let record = self.opened.plaintext();
        record.get(record.len().saturating_sub(self.payload_length)..).unwrap_or_default()
    }

    fn cookie(&self) -> OpenedCookie {
        OpenedCookie {
            header: self.header,
            key_id: self.opened.key_id,
            tag: self.opened.tag(),
            record_length: self.opened.plaintext().len(),
            idle_since: self.idle_since,
        }
    }
}

/// A cookie that did not become a candidate. Its ID is known if it could be opened.
struct Refused {
    rejection: Rejection,
    id: Option<EndedId>,
}

fn id_of(candidate: &Result<Candidate, Refused>) -> Option<EndedId> {
    match candidate {
        Ok(candidate) => Some(EndedId::of(&candidate.header, None)), // else it would have been refused
        Err(refused) => refused.id,
    }
}

/// The cookies of ours in a request, nothing opened yet.
#[derive(Default)]
pub(crate) struct Cookies<'a> {
    pub(crate) sessions: [Option<&'a [u8]>; MAX_CANDIDATES],
    pub(crate) last_seen: Option<&'a [u8]>,
    pub(crate) tombstones: Tombstones,
}

impl<T: SessionData> Inner<T> {
    /// The session among the cookies of our name that was sealed last; else the rejection that got furthest.
    fn find(&self, headers: &HeaderMap, now: Seconds) -> (Carried, Result<(T, Candidate), Rejection>) {
        let cookies = self.cookies(headers);
        let [first, others @ ..] = &cookies.sessions;
        let (mut ids, mut unreadable) = ([None; MAX_CANDIDATES], false);
        let [first_id, ..] = &mut ids;
        let found = match first {
            None => Err(Rejection::Absent),
            Some(value) if others.iter().all(Option::is_none) => {
                // Nearly every request.
                let candidate = self.candidate(value, &cookies, headers, now);
                *first_id = id_of(&candidate);
                let candidate = candidate.map_err(|refused| refused.rejection);
                let found = candidate.and_then(|candidate| Ok((self.decode(&candidate)?, candidate)));
                found.inspect_err(|rejection| unreadable = rejection.is_unreadable())
            }
            Some(_) => self.latest(&cookies, headers, now, &mut ids, &mut unreadable),
        };
        let (leftovers, is_former_name) = self.carried_leftovers(headers, first.is_some());
        let carried = Carried {
            session: first.is_some(),
            unreadable: unreadable || is_former_name,
            last_seen: cookies.last_seen.is_some(),
            leftovers,
            tombstones: cookies.tombstones,
            ids,
        };
        (carried, found)
    }

    /// As `find`, where there are several cookies of our name.
    fn latest(
        &self,
        cookies: &Cookies<'_>,
        headers: &HeaderMap,
        now: Seconds,
        ids: &mut [Option<EndedId>; MAX_CANDIDATES],
        unreadable: &mut bool,
    ) -> Result<(T, Candidate), Rejection> {
        let mut furthest = Rejection::Absent;
        let mut reject = |rejection: Rejection| {
            *unreadable |= rejection.is_unreadable();
            furthest = furthest.max(rejection);
        };
        let mut candidates = Vec::new();
        for (value, place) in cookies.sessions.iter().flatten().zip(ids) {
            let candidate = self.candidate(value, cookies, headers, now);
            *place = id_of(&candidate);
            match candidate {
                Ok(candidate) => candidates.push(candidate),
                Err(refused) => reject(refused.rejection),
            }
        }
        // A stable sort: of two that were sealed in the same second, the browser's order decides.
        candidates.sort_by_key(|candidate| Reverse(candidate.header.written));
        for candidate in candidates {
            match self.decode(&candidate) {
                Ok(data) => return Ok((data, candidate)),
                Err(rejection) => reject(rejection),
            }
        }
        Err(furthest)
    }

    /// FORMAT §6.1: what there is, nothing opened yet.
    pub(crate) fn cookies<'a>(&'a self, headers: &'a HeaderMap) -> Cookies<'a> {
        let mut cookies = Cookies::default();
        // Two loops instead of `find`, which would carry the state of the search around.
        for line in lines(headers) {
            for found in self.finder.find_in_line(line) {
                match found {
                    Found::Session(value) => {
                        if let Some(place) = cookies.sessions.iter_mut().find(|place| place.is_none()) {
                            *place = Some(value);
                        }
                    }
                    Found::LastSeen(value) => {
                        cookies.last_seen.get_or_insert(value);
                    }
                    Found::Tombstone(digits, value) => cookies.tombstones.add(digits, value),
                }
            }
        }
        cookies
    }

    /// Which leftovers the request may carry, and whether one has a name of its own: only those who still use that name
    /// can read it.
    fn carried_leftovers(&self, headers: &HeaderMap, has_session: bool) -> ([bool; MAX_LEFTOVERS], bool) {
        let (mut carried, mut is_former_name) = ([false; MAX_LEFTOVERS], false);
        for (leftover, is_carried) in self.leftovers.iter().zip(&mut carried) {
            let is_session = |found| matches!(found, Found::Session(_));
            match &leftover.finder {
                Some(finder) => {
                    *is_carried = finder.find(headers).any(is_session);
                    is_former_name |= *is_carried;
                }
                None => *is_carried = has_session,
            }
        }
        (carried, is_former_name)
    }

    /// Steps 1 to 11 of FORMAT §6.2 and §6.3.
    fn candidate(
        &self,
        value: &[u8],
        cookies: &Cookies<'_>,
        headers: &HeaderMap,
        now: Seconds,
    ) -> Result<Candidate, Refused> {
        let mut candidate = self.open(value, now).map_err(|rejection| Refused { rejection, id: None })?;
        let ended = self.ended(&candidate.header, cookies.tombstones, headers);
        match self.check(&mut candidate, cookies.last_seen, ended, now) {
            Ok(()) => Ok(candidate),
            Err(rejection) => Err(Refused { rejection, id: Some(EndedId::of(&candidate.header, ended)) }),
        }
    }

    /// Steps 1 to 7 of FORMAT §6.2 and §6.3.
    pub(crate) fn open(&self, value: &[u8], now: Seconds) -> Result<Candidate, Rejection> {
        if self.template.bytes(value.len()) > MAX_COOKIE {
            return Err(Rejection::TooLong);
        }
        let opened = token::open(&self.ring, &self.context, value, now)?;
        let (header, payload) = RecordHeader::parse(opened.plaintext()).ok_or(Rejection::Payload)?;
        let (payload_length, idle_since) = (payload.len(), header.written);
        Ok(Candidate { header, opened, payload_length, idle_since })
    }

    /// Steps 8 to 11 of FORMAT §6.3.
    pub(crate) fn check(
        &self,
        candidate: &mut Candidate,
        last_seen: Option<&[u8]>,
        ended: Option<Scope>,
        now: Seconds,
    ) -> Result<(), Rejection> {
        let header = &candidate.header;
        if self.limits.is_renewal_due(header.remembered, header.written, now) {
            let renewed = last_seen.and_then(|value| self.renewed(value, &candidate.opened, now));
            candidate.idle_since = renewed.map_or(header.written, |renewed| renewed.max(header.written));
        }
        self.limits.check(header, candidate.idle_since, now)?;
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
        header: &RecordHeader,
        tombstones: Tombstones,
        headers: &HeaderMap,
    ) -> Option<Scope> {
        if tombstones.count == 0 {
            return None; // nearly every request
        }
        let scope = |found| match found {
            Found::Tombstone(digits, _) => TombstoneKey::from_digits(digits)?.ends(header.id),
            _ => None,
        };
        self.finder.find(headers).filter_map(scope).max()
    }

    /// Steps 12 to 14 of FORMAT §6.2 and §6.3.
    fn decode(&self, candidate: &Candidate) -> Result<T, Rejection> {
        let header = &candidate.header;
        let data = self.decoders.decode(header.schema, || header.unpad(candidate.payload()))?;
        if self.limits.not_before.is_some_and(|moment| header.started < moment) {
            return Err(Rejection::Revoked);
        }
        Ok(data)
    }
}
