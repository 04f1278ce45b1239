//! From request headers to a session: candidates, checks, the one that was sealed last.

use std::cmp::Reverse;

use http::HeaderMap;

use super::loaded::{Carried, Loaded, MAX_CANDIDATES, MAX_LEFTOVERS, OpenedCookie};
use super::session::Session;
use super::sessions::{Inner, Sessions};
use crate::data::SessionData;
use crate::data::decoders::Which;
use crate::error::Rejection;
use crate::events;
use crate::keys::KeyId;
use crate::record::header::{self, RecordHeader};
use crate::record::id::SessionId;
use crate::record::last_seen;
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
        self.load_over(headers, None)
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
        self.load_over(headers, info.scheme)
    }

    #[inline]
    fn load_over(&self, headers: &HeaderMap, scheme: Option<Scheme>) -> Session<T> {
        let session = self.load_unreported(headers, scheme);
        self.report_load(session.loaded().outcome());
        session
    }

    /// Without a word to the log.
    #[inline]
    pub(crate) fn load_unreported(&self, headers: &HeaderMap, scheme: Option<Scheme>) -> Session<T> {
        let inner = &*self.inner;
        let now = inner.clock.now();
        let (carried, found) = inner.find(headers, now);
        let loaded = |cookie| Loaded {
            sessions_id: inner.id,
            now,
            limits: inner.limits,
            is_plain_http: scheme == Some(Scheme::Http),
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

/// A cookie whose seal was verified, with the header of its record.
pub(crate) struct Candidate {
    pub(crate) header: RecordHeader,
    pub(crate) opened: OpenedToken,
    payload_start: usize,
    /// When the idle clock last began.
    idle_since: Seconds,
}

impl Candidate {
    /// The payload, with the padding that follows it.
    pub(crate) fn payload(&self) -> &[u8] {
        self.opened.plaintext().get(self.payload_start..).unwrap_or_default()
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

/// A cookie that did not become a session.
struct Refused {
    rejection: Rejection,
    /// Whether another process may be able to read it.
    is_unreadable: bool,
}

impl From<Rejection> for Refused {
    fn from(rejection: Rejection) -> Self {
        Self { rejection, is_unreadable: rejection.is_unreadable() }
    }
}

/// What is left of a candidate that passed all steps but the last: which schema its payload has.
type Passed = (Candidate, Which);

/// The cookies of ours in a request, nothing opened yet.
#[derive(Default)]
pub(crate) struct Cookies<'a> {
    pub(crate) sessions: Few<'a>,
    pub(crate) last_seen: Few<'a>,
    pub(crate) tombstones: Tombstones,
    /// What each of the tombstones names.
    pub(crate) ended: Vec<TombstoneKey>,
}

/// The bytes of a tombstone in a Cookie line are at least these: `x.out.`, sixteen digits, `=`.
const SHORTEST_TOMBSTONE: usize = 23;

impl Cookies<'_> {
    /// What the browser's tombstones end of this ID.
    pub(crate) fn ended(&self, id: SessionId) -> Option<Scope> {
        self.ended.iter().filter_map(|key| key.ends(id)).max()
    }
}

/// The first few values of one name that differ.
#[derive(Default)]
pub(crate) struct Few<'a>([Option<&'a [u8]>; MAX_CANDIDATES]);

impl<'a> Few<'a> {
    fn add(&mut self, value: &'a [u8]) {
        if let Some(place) = self.0.iter_mut().find(|place| place.is_none_or(|known| known == value)) {
            *place = Some(value);
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &'a [u8]> {
        self.0.iter().flatten().copied()
    }

    fn is_empty(&self) -> bool {
        matches!(self.0, [None, ..])
    }

    /// The only one there is.
    fn only(&self) -> Option<&'a [u8]> {
        match self.0 {
            [only, None, ..] => only,
            _ => None,
        }
    }
}

impl<T: SessionData> Inner<T> {
    /// The session among the cookies of our name that was sealed last; else the rejection that got furthest.
    fn find(&self, headers: &HeaderMap, now: Seconds) -> (Carried, Result<(T, Candidate), Rejection>) {
        let cookies = self.cookies(headers);
        let (mut ids, mut is_unreadable) = ([None; MAX_CANDIDATES], false);
        let found = if let Some(value) = cookies.sessions.only() {
            // Nearly every request.
            let [first_id, ..] = &mut ids;
            self.try_one(value, &cookies, now, first_id).map_err(|refused| {
                is_unreadable = refused.is_unreadable;
                refused.rejection
            })
        } else if cookies.sessions.is_empty() {
            Err(Rejection::Absent)
        } else {
            self.latest(&cookies, now, &mut ids, &mut is_unreadable)
        };
        let has_session = !cookies.sessions.is_empty();
        let (leftovers, has_unreadable_leftover) = self.carried_leftovers(headers, has_session, now);
        let carried = Carried {
            session: has_session,
            unreadable: is_unreadable || has_unreadable_leftover,
            last_seen: !cookies.last_seen.is_empty(),
            leftovers,
            tombstones: cookies.tombstones,
            ids,
        };
        (carried, found)
    }

    fn try_one(
        &self,
        value: &[u8],
        cookies: &Cookies<'_>,
        now: Seconds,
        id: &mut Option<EndedId>,
    ) -> Result<(T, Candidate), Refused> {
        let (candidate, which) = self.candidate(value, cookies, now, id)?;
        Ok((self.decode(&candidate, which, now)?, candidate))
    }

    /// As `find`, where there are several cookies of our name.
    fn latest(
        &self,
        cookies: &Cookies<'_>,
        now: Seconds,
        ids: &mut [Option<EndedId>; MAX_CANDIDATES],
        is_unreadable: &mut bool,
    ) -> Result<(T, Candidate), Rejection> {
        let mut furthest = Rejection::Absent;
        let mut reject = |refused: Refused| {
            *is_unreadable |= refused.is_unreadable;
            furthest = furthest.max(refused.rejection);
        };
        let mut passed = Vec::new();
        for (value, id) in cookies.sessions.iter().zip(ids) {
            match self.candidate(value, cookies, now, id) {
                Ok(candidate) => passed.push(candidate),
                Err(refused) => reject(refused),
            }
        }
        // A stable sort: of two that were sealed in the same second, the browser's order decides.
        passed.sort_by_key(|(candidate, _)| Reverse(candidate.header.written));
        for (candidate, which) in passed {
            match self.decode(&candidate, which, now) {
                Ok(data) => return Ok((data, candidate)),
                Err(rejection) => reject(rejection.into()),
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
                    Found::Session(value) => cookies.sessions.add(value),
                    Found::LastSeen(value) => cookies.last_seen.add(value),
                    Found::Tombstone(digits, value) => {
                        if let Some(key) = TombstoneKey::from_digits(digits) {
                            cookies.tombstones.add(key, value);
                            if cookies.ended.len() == cookies.ended.capacity() {
                                // At once, and never more than the line itself takes.
                                cookies.ended.reserve(line.len() / SHORTEST_TOMBSTONE);
                            }
                            cookies.ended.push(key);
                        }
                    }
                }
            }
        }
        cookies
    }

    /// Which leftovers the request carries, and whether one has a name of its own and may be readable for those who
    /// still use that name.
    fn carried_leftovers(
        &self,
        headers: &HeaderMap,
        has_session: bool,
        now: Seconds,
    ) -> ([bool; MAX_LEFTOVERS], bool) {
        let (mut carried, mut is_unreadable) = ([false; MAX_LEFTOVERS], false);
        for (leftover, is_carried) in self.leftovers.iter().zip(&mut carried) {
            let Some((finder, context)) = &leftover.of_other_name else {
                *is_carried = has_session;
                continue;
            };
            let (mut values, mut has_last_seen) = (Few::default(), false);
            for found in finder.find(headers) {
                match found {
                    Found::Session(value) => values.add(value),
                    Found::LastSeen(_) => has_last_seen = true,
                    Found::Tombstone(..) => {}
                }
            }
            *is_carried = !values.is_empty();
            // Anybody can plant junk of that name. Only what is sealed, or may be with a key to come, is kept.
            let may_be_read = |value| match token::open(&self.ring, context, value, now) {
                Ok(opened) => self.may_go_on(opened, has_last_seen, now),
                Err(rejection) => rejection == Rejection::UnknownKey,
            };
            is_unreadable |= self.keep_unreadable && values.iter().any(may_be_read);
        }
        (carried, is_unreadable)
    }

    /// Whether a session of another name may go on for those who use that name. What has expired needs no protection.
    fn may_go_on(&self, opened: OpenedToken, has_last_seen: bool, now: Seconds) -> bool {
        Self::with_header(opened).is_none_or(|Candidate { header, idle_since, .. }| {
            let idle_since = if has_last_seen { now } else { idle_since };
            self.limits.check(&header, idle_since, now).is_ok()
        })
    }

    /// Steps 1 to 14 of FORMAT §6.2 and §6.3. The ID is known if the record has a header, whatever the outcome is.
    fn candidate(
        &self,
        value: &[u8],
        cookies: &Cookies<'_>,
        now: Seconds,
        id: &mut Option<EndedId>,
    ) -> Result<Passed, Refused> {
        let opened = self.open(value, now)?;
        let schema = RecordHeader::schema_of(opened.plaintext()).ok_or(Rejection::Payload)?;
        let which = self.decoders.find(schema);
        let Some(mut candidate) = Self::with_header(opened) else {
            let rejection = if which.is_some() { Rejection::Payload } else { Rejection::SchemaMismatch };
            return Err(rejection.into());
        };
        let ended = cookies.ended(candidate.header.id);
        *id = Some(EndedId::of(&candidate.header, ended));
        let checked = self.check(&mut candidate, &cookies.last_seen, ended, now);
        match (which, checked) {
            (Some(which), Ok(())) => Ok((candidate, which)),
            (Some(_), Err(rejection)) => Err(rejection.into()),
            // What has ended for those who can read it needs no protection. Where the layout is another too, it is
            // nearly always from the future by this one.
            (None, checked) => {
                let may_be_read =
                    |rejection: Rejection| rejection.is_unreadable() || rejection == Rejection::FromTheFuture;
                let is_unreadable = checked.err().is_none_or(may_be_read);
                Err(Refused { rejection: Rejection::SchemaMismatch, is_unreadable })
            }
        }
    }

    /// Steps 1 to 6 of FORMAT §6.2.
    pub(crate) fn open(&self, value: &[u8], now: Seconds) -> Result<OpenedToken, Rejection> {
        if self.template.bytes(value.len()) > MAX_COOKIE {
            return Err(Rejection::TooLong);
        }
        token::open(&self.ring, &self.context, value, now)
    }

    /// Step 9 of FORMAT §6.3.
    pub(crate) fn with_header(opened: OpenedToken) -> Option<Candidate> {
        let (header, payload_start) = RecordHeader::parse(opened.plaintext())?;
        Some(Candidate { header, opened, payload_start, idle_since: header.idle_start })
    }

    /// Steps 10 to 14 of FORMAT §6.3.
    pub(crate) fn check(
        &self,
        candidate: &mut Candidate,
        last_seen: &Few<'_>,
        ended: Option<Scope>,
        now: Seconds,
    ) -> Result<(), Rejection> {
        let header = &candidate.header;
        if self.limits.is_renewal_due(header.remembered, header.idle_start, now) {
            let renewed = self.renewed(last_seen, &candidate.opened, now);
            candidate.idle_since =
                renewed.map_or(header.idle_start, |renewed| renewed.max(header.idle_start));
        }
        self.limits.check(header, candidate.idle_since, now)?;
        match (ended, header.device_key) {
            (Some(_), _) => Err(Rejection::Ended),
            (None, Some(_)) => Err(Rejection::Unbound),
            (None, None) => Ok(()),
        }
    }

    /// When a last-seen cookie last renewed this very cookie.
    pub(crate) fn renewed(
        &self,
        last_seen: &Few<'_>,
        session: &OpenedToken,
        now: Seconds,
    ) -> Option<Seconds> {
        let tag = session.tag();
        let renewed = |value| last_seen::renewed(&self.ring, &self.last_seen_context, &tag, value, now);
        let moments = last_seen.iter().filter_map(renewed);
        moments.filter(|moment| !Limits::is_from_the_future(*moment, now)).max()
    }

    /// Steps 15 and 16 of FORMAT §6.3.
    fn decode(&self, candidate: &Candidate, which: Which, now: Seconds) -> Result<T, Rejection> {
        let payload = header::without_padding(candidate.payload()).ok_or(Rejection::Payload)?;
        let data = self.decoders.decode(which, payload)?;
        let is_before = |moment| candidate.header.started < moment;
        if self.limits.not_before.is_some_and(is_before) || self.revoking.ends(&data, &candidate.header, now)
        {
            return Err(Rejection::Revoked);
        }
        Ok(data)
    }
}
