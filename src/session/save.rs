//! From a session to the response headers: a write, a removal, a renewal, or nothing.

use http::HeaderMap;

use super::due::{Due, Write};
use super::loaded::Loaded;
use super::saved::Saved;
use super::session::Session;
use super::sessions::{Inner, Leftover, Sessions};
use crate::data::SessionData;
use crate::error::{SaveError, TokenSealError};
use crate::events;
use crate::record::header::{self, RecordHeader};
use crate::record::last_seen;
use crate::record::tombstone::{EndedId, MAX_TOMBSTONES, Scope, TombstoneKey};
use crate::time::Seconds;
use crate::token::{self, Nonce};
use crate::web::cache;
use crate::web::response::{Lines, respond};

impl<T: SessionData> Sessions<T> {
    /// Writes what is due into the response headers, and returns what that was. Call it for every response, also after
    /// a mere read.
    ///
    /// A Set-Cookie is appended only if the handler changed the session's data, gave it a new ID, or destroyed it. A
    /// response that sets or removes a cookie becomes `Cache-Control: private, no-store`, and a page for which a
    /// [CSRF token](Self::csrf_token) was made `private, no-cache`. Any other whose handler accessed the session
    /// becomes `private`, unless the application itself said `public`, `s-maxage`, `private` or `no-store`; all of them
    /// say `Vary: Cookie`. Everything else in the headers stays, but for a Set-Cookie of the very same cookie, which
    /// this one replaces.
    ///
    /// ```
    /// # use sealed_session::{Saved, SaveError, Sessions, testing};
    /// # let sessions: Sessions<Vec<u64>> = Sessions::new(testing::key_ring()).unwrap();
    /// # let (request, mut response) = (http::HeaderMap::new(), http::HeaderMap::new());
    /// let mut session = sessions.load(&request);
    /// session.push(7);
    /// let saved = sessions.save(session, &mut response)?;
    /// assert!(matches!(saved, Saved::Written { bytes: 118, .. }));
    /// assert_eq!(response["cache-control"], "private, no-store");
    /// # Ok::<(), SaveError>(())
    /// ```
    ///
    /// # Errors
    /// The headers are as they were before if the data does not serialize or does not fit, the random generator fails,
    /// the headers are full, a Secure cookie would go out over plain http, or other `Sessions` loaded the session.
    pub fn save(&self, mut session: Session<T>, headers: &mut HeaderMap) -> Result<Saved, SaveError> {
        let saved = self.save_unreported(&mut session, headers);
        if session.take_reauthenticated_nobody() {
            events::reauthenticated_nobody();
        }
        self.report_save(saved.as_ref().copied());
        saved
    }

    /// Tells the log what was saved. A layer does so when it holds no lock: a subscriber may use the session.
    pub(crate) fn report_save(&self, saved: Result<Saved, &SaveError>) {
        match saved {
            Ok(Saved::Unchanged) => {}
            Ok(saved) => {
                let bytes = if let Saved::Written { bytes } = saved { Some(bytes) } else { None };
                events::saved(self.name(), saved.as_str(), bytes);
            }
            Err(error) => events::save_failed(self.name(), error),
        }
    }

    /// As [`save`](Self::save), without a word to the log, and the session can still be read afterwards.
    pub(crate) fn save_unreported(
        &self,
        session: &mut Session<T>,
        headers: &mut HeaderMap,
    ) -> Result<Saved, SaveError> {
        session.finish();
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
            Due::Write(due) => inner.write(session, now, due, &mut lines)?,
        };
        respond(headers, lines, session.used(), inner.caching).ok_or(SaveError::HeadersFull)?;
        Ok(saved)
    }

    /// Tells caches what they must know of a response that may show a session, though none is saved.
    #[cfg(feature = "handle")]
    pub(crate) fn mark_private(&self, session: &mut Session<T>, headers: &mut HeaderMap) {
        // The map is full. Only the application can fix that, so ignore it here.
        let _ = respond(headers, Lines::default(), session.used(), self.inner.caching);
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
        let header = inner.header(session, inner.clock.now());
        match inner.unpadded(session, &header) {
            Ok((plaintext, header_length)) => {
                let payload = plaintext.length().saturating_sub(header_length);
                inner.room_after(inner.reserved(&header, header_length)).saturating_sub(payload)
            }
            Err(_) => 0,
        }
    }
}

impl<T: SessionData> Inner<T> {
    fn write(
        &self,
        session: &mut Session<T>,
        now: Seconds,
        due: Write,
        lines: &mut Lines,
    ) -> Result<Saved, SaveError> {
        let Write { header, header_length, mut plaintext } = due;
        self.check_scheme(session.loaded())?;
        let payload = plaintext.length().saturating_sub(header_length);
        let reserved = self.reserved(&header, header_length);
        if payload > self.room_after(reserved) {
            return Err(self.too_large(reserved.saturating_add(payload)));
        }
        #[cfg(feature = "revocation")]
        if session.logs_out_others() {
            let entry = self.revoking.end_others(session.data(), now)?;
            header.set_entry(plaintext.as_mut_slice(), header_length, entry);
        }
        header::pad(plaintext.length(), plaintext.buffer());
        let nonce = if session.id().id().is_some() {
            Nonce::draw()?
        } else {
            let (nonce, random) = Nonce::draw_beside()?;
            RecordHeader::set_id(plaintext.as_mut_slice(), session.id_mut().ensure_of(random));
            nonce
        };
        let length = plaintext.token_length();
        let max_age = header.deadline.since(now).min(self.limits.longest_max_age());
        let mut line = self.template.begin(length, max_age, header.remembered);
        match token::seal(self.ring.keys().sealing(now), &self.context, nonce, plaintext, &mut line.text) {
            Ok(()) => {}
            Err(TokenSealError::Random) => return Err(SaveError::Random),
            Err(TokenSealError::TooLong) => return Err(self.too_large(reserved.saturating_add(payload))),
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

    /// The error for a record that does not fit: how large it may become, which is more than browsers keep.
    fn too_large(&self, unpadded: usize) -> SaveError {
        let bytes = |record| self.template.bytes(token::token_length(record));
        SaveError::TooLarge { bytes: bytes(header::padded(unpadded)), limit: bytes(self.record_room) }
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
        for leftover in self.leftovers_to_remove(loaded) {
            lines.push(leftover.template.removal());
            lines.push(leftover.last_seen_template.removal());
        }
    }

    /// The leftovers that the browser may have: those that the request carried, and those of a path below which it need
    /// not be.
    pub(super) fn leftovers_to_remove(&self, loaded: &Loaded) -> impl Iterator<Item = &Leftover> {
        let carried = self.leftovers.iter().zip(loaded.carried.leftovers);
        carried
            .filter(|(leftover, is_carried)| *is_carried || !leftover.is_everywhere)
            .map(|(leftover, _)| leftover)
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
            let suffix = key.suffix();
            lines.push(self.template.number_beside(
                suffix.as_bytes(),
                now.get(),
                lifetime.unwrap_or_default(),
            ));
            count = count.saturating_add(1);
        }
        if let (true, Some((oldest, _))) = (count > tombstones.count.max(MAX_TOMBSTONES), tombstones.oldest) {
            lines.push(self.template.removal_beside(oldest.suffix().as_bytes()));
        }
    }

    /// Renews the idle clock, in the last-seen cookie: the data stays untouched (FORMAT §9).
    fn renew(&self, session: &Session<T>, now: Seconds, lines: &mut Lines) -> Result<Saved, SaveError> {
        let loaded = session.loaded();
        let (Ok(cookie), Some(idle)) = (&loaded.cookie, self.limits.idle) else {
            return Ok(Saved::Unchanged);
        };
        let left = session.clock().deadline(loaded, now, None).since(now);
        // With the key of the session itself: a node that reads the one must be able to read the other.
        let keys = self.ring.keys();
        let key = keys.find(cookie.key_id, now).unwrap_or_else(|| keys.sealing(now));
        let mut line = self.last_seen_template.begin(last_seen::TEXT, idle.min(left), false);
        last_seen::put(key, &self.last_seen_context, &cookie.tag, now, &mut line.text)
            .ok_or(SaveError::Clock)?;
        lines.push(line.finish());
        Ok(Saved::Renewed)
    }

    /// Browsers drop a Secure cookie that comes over plain http, a removal too.
    pub(super) fn check_scheme(&self, loaded: &Loaded) -> Result<(), SaveError> {
        if self.secure && loaded.is_plain_http { Err(SaveError::PlainHttp) } else { Ok(()) }
    }
}
