//! From a session to the response headers: a write, a removal, a renewal, or nothing.

use http::HeaderMap;

use super::due::Due;
use super::loaded::Loaded;
use super::saved::Saved;
use super::session::Session;
use super::sessions::{Inner, Sessions};
use crate::data::SessionData;
use crate::error::{SaveError, TokenSealError};
use crate::events;
use crate::record::header::RecordHeader;
use crate::record::last_seen::LastSeen;
use crate::record::tombstone::{EndedId, MAX_TOMBSTONES, Scope, TombstoneKey};
use crate::time::Seconds;
use crate::token::{self, Plaintext};
use crate::web::cache;
use crate::web::cookie::MAX_COOKIE;
use crate::web::response::{Lines, respond};

impl<T: SessionData> Sessions<T> {
    /// Writes what is due into the response headers, and returns what that was. Call it for every response, also after
    /// a mere read.
    ///
    /// A Set-Cookie is appended only if the handler changed the session's data, gave it a new ID, or destroyed it. A
    /// response that sets the cookie becomes `Cache-Control: private, no-store` unless it is already as strict. One
    /// whose handler accessed the session says `Vary: Cookie`, and `private` where it had no Cache-Control. Everything
    /// else in the headers stays.
    ///
    /// ```
    /// # use sealed_session::{Saved, SaveError, Sessions, testing};
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
    /// the headers are full, a Secure cookie would go out over plain http, or other `Sessions` loaded the session.
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
        match &saved {
            Ok(Saved::Unchanged) => {}
            Ok(saved) => {
                let bytes = if let Saved::Written { bytes } = *saved { Some(bytes) } else { None };
                events::saved(self.name(), saved.as_str(), bytes);
            }
            Err(error) => events::save_failed(self.name(), error),
        }
        saved
    }

    fn try_save(&self, session: &mut Session<T>, headers: &mut HeaderMap) -> Result<Saved, SaveError> {
        let inner = &*self.inner;
        if session.loaded().sessions_id != inner.id {
            return Err(SaveError::OtherSessions);
        }
        let now = inner.clock.now();
        let mut lines = Lines::default();
        let saved = match inner.due(session, now)? {
            Due::Nothing => Saved::Unchanged,
            Due::Withheld => Saved::Withheld,
            // A shared cache would keep it from everybody else: it waits for another response.
            Due::Renewal if cache::is_public(headers) => Saved::Unchanged,
            Due::Renewal => inner.renew(session, now, &mut lines)?,
            Due::Removal => inner.remove(session, now, &mut lines)?,
            Due::Write(header, plaintext) => inner.write(session, now, header, plaintext, &mut lines)?,
        };
        respond(headers, lines, session.was_accessed(), inner.caching).ok_or(SaveError::HeadersFull)?;
        Ok(saved)
    }

    /// Tells caches what they must know of a response that may show a session, though none is saved.
    #[cfg(feature = "handle")]
    pub(crate) fn mark_private(&self, session: &mut Session<T>, headers: &mut HeaderMap) {
        // The map is full. Only the application can fix that, so ignore it here.
        let _ = respond(headers, Lines::default(), session.was_accessed(), self.inner.caching);
    }

    /// Whether something was done to the session that a save would have sent.
    #[cfg(feature = "handle")]
    pub(crate) fn has_unsaved(&self, session: &Session<T>) -> bool {
        let changed = || self.inner.changed(session, self.inner.clock.now());
        session.id().is_destroyed() || session.may_have_changed() && !matches!(changed(), Ok(None))
    }

    /// How many more bytes of data the session has room for, for as long as it lives; 0 if it does not fit or does not
    /// serialize. Strings and lists take a byte or two in addition to their content.
    ///
    /// ```
    /// # use sealed_session::{Sessions, testing};
    /// # let sessions: Sessions<String> = Sessions::new(testing::key_ring())?;
    /// let mut session = sessions.load(&http::HeaderMap::new());
    /// let room = sessions.room(&session);
    /// session.push_str(&"a".repeat(room - 1)); // its length takes another byte than before
    /// assert!(sessions.save(session, &mut http::HeaderMap::new()).is_ok());
    /// # Ok::<(), sealed_session::ConfigError>(())
    /// ```
    #[must_use]
    pub fn room(&self, session: &Session<T>) -> usize {
        let inner = &*self.inner;
        if session.loaded().sessions_id != inner.id {
            return 0;
        }
        let most = MAX_COOKIE.saturating_sub(inner.template.bytes(0)) * 3 / 4;
        let record = inner.padding.most_of(most.saturating_sub(token::OVERHEAD));
        let header = inner.header(session, inner.clock.now());
        match inner.unpadded(session, &header) {
            Ok((plaintext, _)) => record.saturating_sub(plaintext.length().saturating_add(header.growth())),
            Err(_) => 0,
        }
    }
}

impl<T: SessionData> Inner<T> {
    fn write(
        &self,
        session: &mut Session<T>,
        now: Seconds,
        header: RecordHeader,
        mut plaintext: Plaintext,
        lines: &mut Lines,
    ) -> Result<Saved, SaveError> {
        self.check_scheme(session.loaded())?;
        // What fits today must fit later, when the age of the session takes more room in the header.
        let grown = self.padding.padded(plaintext.length().saturating_add(header.growth()));
        let bytes = self.template.bytes(token::token_length(grown));
        let too_large = SaveError::TooLarge { bytes, limit: MAX_COOKIE };
        if bytes > MAX_COOKIE {
            return Err(too_large);
        }
        self.padding.put(plaintext.length(), plaintext.buffer());
        if session.id().id().is_none() {
            RecordHeader::set_id(plaintext.as_mut_slice(), session.id_mut().ensure()?);
        }
        let length = plaintext.token_length();
        let mut line = self.template.begin(length, header.deadline.since(now), header.remembered);
        match token::seal(self.ring.keys().sealing(now), &self.context, plaintext, &mut line.text) {
            Ok(()) => {}
            Err(TokenSealError::Random) => return Err(SaveError::Random),
            Err(TokenSealError::TooLong) => return Err(too_large),
        }
        lines.push(line.finish());
        self.remove_leftovers(session.loaded(), lines);
        if let Some(scope) = session.id().ends() {
            if session.id().is_destroyed() && session.loaded().carried.last_seen {
                lines.push(self.last_seen_template.removal());
            }
            self.leave_tombstones(session.loaded(), now, scope, lines);
        }
        Ok(Saved::Written { bytes: self.template.bytes(length) })
    }

    /// Removes the cookies of ours that the request carried, and leaves tombstones.
    fn remove(&self, session: &Session<T>, now: Seconds, lines: &mut Lines) -> Result<Saved, SaveError> {
        let loaded = session.loaded();
        self.check_scheme(loaded)?;
        self.remove_leftovers(loaded, lines);
        if loaded.carried.last_seen {
            lines.push(self.last_seen_template.removal());
        }
        if loaded.carried.session {
            self.leave_tombstones(loaded, now, Scope::Family, lines);
            // Last: a client that reads its jar back before it writes it (curl 7.88) keeps only the last removal.
            lines.push(self.template.removal());
        }
        Ok(Saved::Removed)
    }

    fn remove_leftovers(&self, loaded: &Loaded, lines: &mut Lines) {
        for (leftover, is_carried) in self.leftovers.iter().zip(loaded.carried.leftovers) {
            if is_carried {
                lines.push(leftover.template.removal());
                lines.push(leftover.last_seen_template.removal());
            }
        }
    }

    /// Leaves a tombstone of every ID that the request carried (FORMAT §10).
    fn leave_tombstones(&self, loaded: &Loaded, now: Seconds, scope: Scope, lines: &mut Lines) {
        let (ids, tombstones) = (&loaded.carried.ids, &loaded.carried.tombstones);
        let key_of = |id: &EndedId| TombstoneKey::of(id.id, scope);
        let is_due = |id: &EndedId| id.deadline > now && id.ended < Some(scope);
        let mut count = tombstones.count;
        for (at, id) in ids.iter().enumerate() {
            let Some(id) = id.as_ref().filter(|id| is_due(id)) else { continue };
            let key = key_of(id);
            if ids.iter().take(at).flatten().any(|earlier| key_of(earlier) == key && is_due(earlier)) {
                continue; // two copies of one session, or of one family
            }
            let copies = ids.iter().flatten().filter(|copy| key_of(copy) == key);
            let lifetime = copies.map(|copy| copy.tombstone_lifetime(&self.limits, now)).max();
            let template = self.template.with_suffix(&key.suffix());
            lines.push(template.set_text(&now.get().to_string(), lifetime.unwrap_or_default()));
            count = count.saturating_add(1);
        }
        if let (true, Some((oldest, _))) = (count > tombstones.count.max(MAX_TOMBSTONES), tombstones.oldest) {
            lines.push(self.template.with_suffix(&oldest.suffix()).removal());
        }
    }

    /// Renews the idle clock, in the last-seen cookie: the data stays untouched (FORMAT §9).
    fn renew(&self, session: &Session<T>, now: Seconds, lines: &mut Lines) -> Result<Saved, SaveError> {
        let loaded = session.loaded();
        let (Ok(cookie), Some(idle)) = (&loaded.cookie, self.limits.idle) else {
            return Ok(Saved::Unchanged);
        };
        let mut plaintext = Plaintext::new();
        LastSeen { tag: cookie.tag, renewed: now }.put(plaintext.buffer()).ok_or(SaveError::Clock)?;
        let left = session.clock().deadline(loaded, now, None).since(now);
        // With the key of the session itself: a node that reads the one must be able to read the other.
        let keys = self.ring.keys();
        let key = keys.find(cookie.key_id, now).unwrap_or_else(|| keys.sealing(now));
        let mut line = self.last_seen_template.begin(LAST_SEEN_LENGTH, idle.min(left), false);
        token::seal(key, &self.last_seen_context, plaintext, &mut line.text)
            .map_err(|_| SaveError::Random)?;
        lines.push(line.finish());
        Ok(Saved::Renewed)
    }

    /// Browsers drop a Secure cookie that comes over plain http, a removal too.
    pub(super) fn check_scheme(&self, loaded: &Loaded) -> Result<(), SaveError> {
        if self.secure && loaded.is_plain_http { Err(SaveError::PlainHttp) } else { Ok(()) }
    }
}

/// The characters of a last-seen cookie: 45 bytes around a tag and a time.
const LAST_SEEN_LENGTH: usize = 87;
