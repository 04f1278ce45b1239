//! From a session to what is due in the response headers: a write, a removal, or nothing.

use http::HeaderMap;

use crate::data::payload::{self, SessionData};
use crate::error::{SaveError, TokenSealError};
use crate::events;
use crate::record::header::RecordHeader;
use crate::record::id::SessionId;
use crate::record::last_seen::LastSeen;
use crate::record::tombstone::{EndedId, Scope, TombstoneKey};
use crate::session::about::{Loaded, NO_SESSIONS};
use crate::session::clocks::Clocks;
use crate::session::saved::Saved;
use crate::session::session::Session;
use crate::session::sessions::{Inner, Sessions};
use crate::time::Seconds;
use crate::token::{self, Plaintext};
use crate::web::cache;
use crate::web::cookie::MAX_COOKIE;
use crate::web::respond::{Lines, respond};

impl<T: SessionData> Sessions<T> {
    /// Writes what is due into the response headers, and says what that was. To be called for every response, also
    /// after a mere read.
    ///
    /// A Set-Cookie is appended only if the handler changed the session's data, gave it a new id, or destroyed it. A
    /// response that sets the cookie becomes `Cache-Control: private, no-store` unless it is already as strict; one
    /// whose handler looked at the session says `Vary: Cookie`, and `private` where it said nothing. Everything else
    /// in the headers stays.
    ///
    /// ```
    /// # use sealed_session::{testing, SaveError, Saved, Sessions};
    /// # let sessions: Sessions<Vec<u64>> = Sessions::new(testing::key_ring()).unwrap();
    /// # let (request, mut response) = (http::HeaderMap::new(), http::HeaderMap::new());
    /// let mut session = sessions.load(&request);
    /// session.push(7);
    /// let saved = sessions.save(session, &mut response)?;
    /// assert!(matches!(saved, Saved::Written { bytes: 110, .. }));
    /// assert_eq!(response["cache-control"], "private, no-store");
    /// # Ok::<(), SaveError>(())
    /// ```
    ///
    /// # Errors
    /// The headers are as they were before if the data does not serialize or does not fit, the random generator fails,
    /// the headers are full, a Secure cookie would go out over plain http, or the session was request by other
    /// `Sessions`.
    pub fn save(&self, mut session: Session<T>, headers: &mut HeaderMap) -> Result<Saved, SaveError> {
        self.save_in_place(&mut session, headers)
    }

    /// As [`save`](Self::save), for a session that can still be read afterwards.
    pub(crate) fn save_in_place(
        &self,
        session: &mut Session<T>,
        headers: &mut HeaderMap,
    ) -> Result<Saved, SaveError> {
        session.finish();
        let saved = self.try_save(session, headers);
        let name = &self.loader(session.loaded().family).name;
        match saved {
            Ok(Saved::Unchanged) => {}
            Ok(Saved::Written { bytes }) => events::saved(name, "written", Some(bytes)),
            Ok(saved) => events::saved(name, saved.as_str(), None),
            Err(error) => events::save_failed(name, error),
        }
        saved
    }

    /// Tells caches what they must know of a response that may show a session, though none is saved.
    #[cfg(feature = "handle")]
    pub(crate) fn mark_private(&self, session: &mut Session<T>, headers: &mut HeaderMap) {
        // The map is full. Only the application can fix that, so ignore it here.
        let _ = respond(headers, Lines::default(), session.was_accessed(), self.inner.tell_caches);
    }

    /// Whether something was done to the session that a save would have sent.
    #[cfg(feature = "handle")]
    pub(crate) fn has_unsaved(&self, session: &Session<T>) -> bool {
        let Some(inner) = self.inner.with_id(session.loaded().family) else {
            return session.may_have_changed();
        };
        let changed = || inner.changed(session, inner.clock.now());
        session.is_destroyed() || session.may_have_changed() && !matches!(changed(), Ok(None))
    }

    fn try_save(&self, session: &mut Session<T>, headers: &mut HeaderMap) -> Result<Saved, SaveError> {
        if session.loaded().family == NO_SESSIONS {
            let is_due = session.may_have_changed() || session.is_destroyed();
            return if is_due { Err(SaveError::UnknownTenant) } else { Ok(Saved::Unchanged) };
        }
        let inner = self.inner.with_id(session.loaded().family).ok_or(SaveError::OtherSessions)?;
        let mut lines = Lines::default();
        let saved = inner.due(session, headers, &mut lines)?;
        let accessed = session.was_accessed();
        respond(headers, lines, accessed, inner.tell_caches).ok_or(SaveError::HeadersFull)?;
        Ok(saved)
    }

    /// How many more bytes of data the session has room for, for as long as it lives; 0 if it does not fit or does not
    /// serialize.
    ///
    /// Strings and lists take a byte or two beside their content.
    #[must_use]
    pub fn room(&self, session: &Session<T>) -> usize {
        let Some(inner) = self.inner.with_id(session.loaded().family) else { return 0 };
        let most = MAX_COOKIE.saturating_sub(inner.template.bytes(0)) * 3 / 4;
        let record = inner.padding.most_of(most.saturating_sub(token::OVERHEAD));
        let head = inner.head(session, inner.clock.now());
        match inner.unpadded(session, &head) {
            Ok((draft, _)) => record.saturating_sub(draft.plaintext_length().saturating_add(head.growth())),
            Err(_) => 0,
        }
    }
}

impl<T: SessionData> Inner<T> {
    fn due(&self, session: &Session<T>, headers: &HeaderMap, lines: &mut Lines) -> Result<Saved, SaveError> {
        let now = self.clock.now();
        let changed = if session.may_have_changed() { self.changed(session, now)? } else { None };
        let Some((head, draft)) = changed else {
            if session.is_destroyed() {
                return self.remove(session, now, lines);
            }
            return self.renew(session, headers, now, lines);
        };
        if self.is_withheld(session, now) {
            return Ok(Saved::Withheld);
        }
        if head.deadline <= now {
            return self.remove(session, now, lines); // shortened to less than its age
        }
        let saved = self.write(session, now, &head, draft, lines)?;
        self.clear_former(session.loaded(), lines);
        if session.is_destroyed() && session.loaded().carried_last_seen {
            lines.push(self.last_seen_template.removal());
        }
        if let Some(scope) = session.ends() {
            self.leave_tombstones(session, now, scope, lines);
        }
        Ok(saved)
    }

    /// Removes whatever cookies of ours the request carried, and leaves tombstones.
    fn remove(&self, session: &Session<T>, now: Seconds, lines: &mut Lines) -> Result<Saved, SaveError> {
        let loaded = session.loaded();
        let has_former = loaded.carried_former.contains(&true);
        if !loaded.carried && !loaded.carried_last_seen && !has_former {
            return Ok(Saved::Unchanged);
        }
        self.check_scheme(loaded)?;
        self.clear_former(loaded, lines);
        if loaded.carried_last_seen {
            lines.push(self.last_seen_template.removal());
        }
        if loaded.carried {
            self.leave_tombstones(session, now, Scope::Family, lines);
            // Last: a client that reads its jar back before it writes it (curl 7.88) keeps only the last removal.
            lines.push(self.template.removal());
        }
        Ok(Saved::Removed)
    }

    /// Removes what may still stand in a former place.
    fn clear_former(&self, loaded: &Loaded, lines: &mut Lines) {
        for (former, is_carried) in self.former.iter().zip(loaded.carried_former) {
            if is_carried {
                lines.push(former.template.removal());
                lines.push(former.last_seen_template.removal());
            }
        }
    }

    /// Browsers drop a Secure cookie that comes over plain http, a removal too.
    fn check_scheme(&self, loaded: &Loaded) -> Result<(), SaveError> {
        if self.secure && loaded.is_plain_http { Err(SaveError::PlainHttp) } else { Ok(()) }
    }

    /// Leaves a tombstone of every ID that the request carried (FORMAT §10).
    fn leave_tombstones(&self, session: &Session<T>, now: Seconds, scope: Scope, lines: &mut Lines) {
        let Loaded { tombstones, ids, .. } = session.loaded();
        let mut count = tombstones.count;
        for (at, ending) in ids.iter().enumerate() {
            let is_due = |ending: &EndedId| ending.deadline > now && ending.ended < Some(scope);
            let Some(ending) = ending.filter(is_due) else { continue };
            let key_of = |ending: &EndedId| TombstoneKey::of(ending.id, scope);
            let key = key_of(&ending);
            if ids.iter().take(at).flatten().any(|earlier| key_of(earlier) == key && is_due(earlier)) {
                continue; // two copies of one session, or of one family
            }
            let copies = ids.iter().flatten().filter(|copy| key_of(copy) == key);
            let lasts =
                copies.map(|copy| copy.tombstone_lifetime(&self.limits, now)).max().unwrap_or_default();
            let template = self.template.with_suffix(&key.suffix());
            lines.push(template.set_text(&now.get().to_string(), lasts));
            count = count.saturating_add(1);
        }
        if let (true, Some((oldest, _))) =
            (count > tombstones.count.max(self.max_tombstones), tombstones.oldest)
        {
            lines.push(self.template.with_suffix(&oldest.suffix()).removal());
        }
    }

    /// Renews the idle clock, if that is due, in the last-seen cookie: the data stays untouched (FORMAT §9).
    fn renew(
        &self,
        session: &Session<T>,
        headers: &HeaderMap,
        now: Seconds,
        lines: &mut Lines,
    ) -> Result<Saved, SaveError> {
        let loaded = session.loaded();
        let (Clocks::GoOn { remembered, .. }, Some(tag), Some(idle)) =
            (session.clocks(), loaded.tag, self.limits.idle)
        else {
            return Ok(Saved::Unchanged);
        };
        let is_due = self.limits.is_renewal_due(remembered, loaded.idle_since, now);
        let must_wait = self.check_scheme(loaded).is_err() || cache::is_for_everybody(headers);
        if !is_due || !session.may_renew() || must_wait || self.is_withheld(session, now) {
            return Ok(Saved::Unchanged);
        }
        let mut draft = Plaintext::new();
        LastSeen { tag, renewed: now }.put(draft.buffer()).ok_or(SaveError::Clock)?;
        let left = session.clocks().deadline(&self.limits, now, None).since(now);
        // With the key of the session itself: a node that reads the one must be able to read the other.
        let keys = self.ring.keys();
        let key = loaded.key_id.and_then(|id| keys.find(id, now)).unwrap_or_else(|| keys.sealing(now));
        let seal = |text: &mut Vec<u8>| token::seal(key, &self.last_seen_context, draft, text);
        let line = self.last_seen_template.set(LAST_SEEN_LENGTH, idle.min(left), false, seal);
        lines.push(line.map_err(|_| SaveError::Random)?);
        Ok(Saved::Renewed)
    }

    /// The record as it is to be sealed, but for its padding and the id of a session that has none yet; `None` if
    /// nothing changed.
    fn changed(
        &self,
        session: &Session<T>,
        now: Seconds,
    ) -> Result<Option<(RecordHeader, Plaintext)>, SaveError> {
        let head = self.head(session, now);
        let (draft, head_length) = self.unpadded(session, &head)?;
        let has_changed = session.has_changed(draft.plaintext().get(head_length..).unwrap_or_default());
        Ok(has_changed.then_some((head, draft)))
    }

    /// The record without padding, and how long its head is.
    fn unpadded(&self, session: &Session<T>, head: &RecordHeader) -> Result<(Plaintext, usize), SaveError> {
        let mut draft = Plaintext::expecting(session.loaded().record);
        head.put(draft.buffer()).ok_or(SaveError::Clock)?;
        let head_length = draft.plaintext().len();
        payload::encode(session.data(), &self.readers.tuples, draft.buffer())?;
        Ok((draft, head_length))
    }

    fn head(&self, session: &Session<T>, now: Seconds) -> RecordHeader {
        let deadline = session.clocks().deadline(&self.limits, now, session.own_lifetime());
        let (started, authenticated, remembered) = match session.clocks() {
            Clocks::Begin { authenticated } => {
                (now, authenticated, self.limits.of_new(session.own_lifetime()).1)
            }
            Clocks::GoOn { started, authenticated, remembered, .. } => (started, authenticated, remembered),
        };
        let id = session.id().unwrap_or(SessionId::NONE);
        let written = now.max(started); // a clock may have been set back
        let padded = self.padding.is_some();
        RecordHeader {
            schema: self.readers.own,
            id,
            started,
            written,
            authenticated,
            padded,
            deadline,
            remembered,
        }
    }

    /// Whether the change must not reach the browser.
    fn is_withheld(&self, session: &Session<T>, now: Seconds) -> bool {
        let loaded = session.loaded();
        match session.clocks() {
            // It may have expired while its handler ran. The request itself was activity.
            Clocks::GoOn { started, deadline, remembered, .. } => {
                now >= self.limits.deadline(started, deadline, remembered)
                    || self.limits.is_idle(remembered, loaded.now, now)
            }
            Clocks::Begin { authenticated } => {
                // What becomes of a session that was read is for the handler to say.
                let is_unread = loaded.carried_unreadable && loaded.tag.is_none();
                self.keep_unreadable && is_unread && !authenticated && !session.is_destroyed()
            }
        }
    }

    fn write(
        &self,
        session: &Session<T>,
        now: Seconds,
        head: &RecordHeader,
        mut draft: Plaintext,
        lines: &mut Lines,
    ) -> Result<Saved, SaveError> {
        self.check_scheme(session.loaded())?;
        // What fits today must fit later, when the age of the session takes more room in the head.
        let grown = self.padding.padded(draft.plaintext_length().saturating_add(head.growth()));
        let grown = self.template.bytes(token::token_length(grown));
        let too_large = SaveError::TooLarge { bytes: grown, limit: MAX_COOKIE };
        if grown > MAX_COOKIE {
            return Err(too_large);
        }
        self.padding.put(draft.plaintext_length(), draft.buffer());
        let length = draft.token_length();
        let bytes = self.template.bytes(length);
        if session.id().is_none() {
            RecordHeader::set_id(draft.plaintext_mut(), SessionId::draw(session.last_id())?);
        }
        let keys = self.ring.keys();
        let seal = |text: &mut Vec<u8>| token::seal(keys.sealing(now), &self.context, draft, text);
        match self.template.set(length, head.deadline.since(now), head.remembered, seal) {
            Ok(line) => {
                lines.push(line);
                Ok(Saved::Written { bytes })
            }
            Err(TokenSealError::Random) => Err(SaveError::Random),
            Err(TokenSealError::TooLong) => Err(too_large),
        }
    }
}

/// The characters of a last-seen cookie: 45 bytes around a tag and a time.
const LAST_SEEN_LENGTH: usize = 87;
