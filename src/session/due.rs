//! What `save` is going to do: decided here, without headers, and done in `save`.

use super::clock_state::ClockState;
use super::session::Session;
use super::sessions::Inner;
use crate::data::SessionData;
use crate::error::SaveError;
use crate::record::header::{self, RecordHeader};
use crate::record::id::SessionId;
use crate::time::Seconds;
use crate::token::Plaintext;

/// What is due in the response.
pub(crate) enum Due {
    Nothing,
    /// The idle clock moves on, in the last-seen cookie.
    Renewal,
    /// The cookies that the request carried are removed.
    Removal,
    /// The session is written.
    Write(Write),
    /// The session has changed, and the change must not reach the browser.
    Withheld,
}

/// A record that is to be sealed. It lacks its padding, and its ID if none has been drawn.
pub(crate) struct Write {
    pub(crate) header: RecordHeader,
    pub(crate) header_length: usize,
    pub(crate) plaintext: Plaintext,
}

impl<T: SessionData> Inner<T> {
    pub(crate) fn due(&self, session: &Session<T>, now: Seconds) -> Result<Due, SaveError> {
        let changed = if session.may_have_changed() { self.changed(session, now)? } else { None };
        Ok(match changed {
            None if session.id().is_destroyed() => self.removal(session),
            None if self.is_renewal_due(session, now) => Due::Renewal,
            None => Due::Nothing,
            Some(_) if self.is_withheld(session, now) => Due::Withheld,
            // Its lifetime was shortened to less than its age.
            Some(write) if write.header.deadline <= now => self.removal(session),
            Some(write) => Due::Write(write),
        })
    }

    fn removal(&self, session: &Session<T>) -> Due {
        let carried = session.loaded().carried;
        let has_leftovers = self.leftovers_to_remove(session.loaded()).next().is_some();
        let is_due = carried.session || carried.last_seen || has_leftovers;
        if is_due { Due::Removal } else { Due::Nothing }
    }

    /// FORMAT §9.
    fn is_renewal_due(&self, session: &Session<T>, now: Seconds) -> bool {
        let (ClockState::GoesOn(header), Ok(cookie)) = (session.clock(), &session.loaded().cookie) else {
            return false;
        };
        session.may_renew()
            && self.limits.is_renewal_due(header.remembered, cookie.idle_since, now)
            && self.check_scheme(session.loaded()).is_ok()
            && !self.is_withheld(session, now)
    }

    /// Whether a change must not reach the browser.
    fn is_withheld(&self, session: &Session<T>, now: Seconds) -> bool {
        let loaded = session.loaded();
        match session.clock() {
            // It may have expired while its handler ran. The request itself was activity, unless it is none.
            ClockState::GoesOn(header) => {
                now >= self.limits.deadline(header.started, header.deadline, header.remembered)
                    || self.limits.is_idle(header.remembered, session.active_at(loaded.now), now)
            }
            ClockState::Begins { authenticated } => {
                // What becomes of a session that was read is for the handler to say.
                let is_unread = loaded.carried.unreadable && loaded.cookie.is_err();
                self.keep_unreadable && is_unread && !authenticated && !session.id().is_destroyed()
            }
        }
    }

    /// The record, if the session has changed.
    pub(crate) fn changed(&self, session: &Session<T>, now: Seconds) -> Result<Option<Write>, SaveError> {
        let header = self.header(session, now);
        let (plaintext, header_length) = self.unpadded(session, &header)?;
        let payload = plaintext.as_slice().get(header_length..).unwrap_or_default();
        if !session.has_changed(|before| !self.decoders.is_same(before, payload)) {
            return Ok(None);
        }
        if plaintext.length() == plaintext.as_slice().len() {
            self.decoders.verify_if_asked(payload)?; // what is cut off is too large in any case
        }
        Ok(Some(Write { header, header_length, plaintext }))
    }

    /// The record without padding, and how long its header is.
    pub(crate) fn unpadded(
        &self,
        session: &Session<T>,
        header: &RecordHeader,
    ) -> Result<(Plaintext, usize), SaveError> {
        let mut plaintext = Plaintext::expecting(session.loaded().expected_length());
        header.put(plaintext.buffer()).ok_or(SaveError::Clock)?;
        let header_length = plaintext.as_slice().len();
        self.decoders.encode(session.data(), plaintext.buffer())?;
        Ok((plaintext, header_length))
    }

    /// The header of a record that is sealed now. It has no ID if none has been drawn.
    pub(crate) fn header(&self, session: &Session<T>, now: Seconds) -> RecordHeader {
        let (clock, loaded, lifetime) = (session.clock(), session.loaded(), session.own_lifetime());
        let started = clock.started(now);
        let written = now.max(started); // a clock may have been set back
        let remembered = clock.is_remembered(loaded, lifetime);
        let is_activity =
            remembered || self.limits.idle.is_none() || matches!(clock, ClockState::Begins { .. });
        let idle_start = if is_activity { written } else { session.active_at(written).min(written) };
        let proved =
            if session.is_reauthenticated() { Some(written) } else { clock.authenticated_at(written) };
        let last = if let ClockState::GoesOn(header) = clock { Some(header) } else { None };
        RecordHeader {
            schema: self.decoders.own,
            id: session.id().id().unwrap_or(SessionId::NONE),
            started,
            written,
            idle_start,
            deadline: clock.deadline(loaded, now, lifetime),
            authenticated_at: proved,
            remembered,
            entry: match last {
                // `write` replaces it by that of the others' end.
                _ if session.logs_out_others() => Some(0),
                Some(header) => header.entry,
                None => self.revoking.newest(session.data(), now),
            },
            device_key: last.and_then(|header| header.device_key),
        }
    }

    /// How many bytes are kept for a header that has this length now and may become longer.
    pub(crate) fn reserved(&self, header: &RecordHeader, header_length: usize) -> usize {
        header_length.max(header.longest(self.limits.max_lifetime, self.revoking.may_add_entry()))
    }

    /// How many bytes of payload a record has room for after these, now and later.
    pub(crate) fn room_after(&self, reserved: usize) -> usize {
        header::unpadded(self.record_room).saturating_sub(reserved)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::header::COOKIE;
    use http::{HeaderMap, HeaderValue};

    use super::*;
    use crate::session::{Lifetimes, Saved, Sessions};
    use crate::testing;
    use crate::token::{self, Nonce};
    use crate::web::{RequestInfo, Scheme};

    const HOUR: u64 = 3600;

    /// What is due of a session that was loaded `age` seconds after it was written, when `do_it` has run.
    fn due(age: u64, do_it: impl FnOnce(&mut Session<u64>)) -> &'static str {
        due_after(age, 0, RequestInfo::new(), do_it)
    }

    /// As `due`, where the handler takes `pause` seconds.
    fn due_after(
        age: u64,
        pause: u64,
        info: RequestInfo,
        do_it: impl FnOnce(&mut Session<u64>),
    ) -> &'static str {
        let clock = testing::Clock::at(1_800_000_000);
        let lifetimes = Lifetimes::default().max_lifetime(Duration::from_secs(90 * 24 * HOUR));
        let builder = Sessions::builder(testing::key_ring()).clock(clock.reader());
        let sessions = builder.lifetimes(lifetimes).keep_unreadable().build().unwrap();
        let request = testing::request(&sessions, |session| **session = 7);
        clock.advance(Duration::from_secs(age));
        let mut session = sessions.load_with(&request, info);
        do_it(&mut session);
        clock.advance(Duration::from_secs(pause));
        let name = name(&sessions.inner.due(&session, clock.now().into()));
        session.finish();
        name
    }

    fn name(due: &Result<Due, SaveError>) -> &'static str {
        match due {
            Ok(Due::Nothing) => "nothing",
            Ok(Due::Renewal) => "renewal",
            Ok(Due::Removal) => "removal",
            Ok(Due::Write(_)) => "write",
            Ok(Due::Withheld) => "withheld",
            Err(error) => error.as_str(),
        }
    }

    #[test]
    fn what_is_due_follows_from_what_was_done() {
        let read = |session: &mut Session<u64>| assert_eq!(**session, 7);
        assert_eq!(due(0, |_| ()), "nothing");
        assert_eq!(due(0, read), "nothing");
        assert_eq!(due(0, |session| **session = 7), "nothing", "set to what it was");
        assert_eq!(due(0, |session| **session = 8), "write");
        assert_eq!(due(0, Session::mark_changed), "write");
        assert_eq!(due(0, Session::cycle_id), "write");
        assert_eq!(due(0, Session::mark_authenticated), "write");
        assert_eq!(due(0, |session| _ = session.reset()), "write");
        assert_eq!(due(0, Session::destroy), "removal");
        assert_eq!(due(0, Session::revoke), "nothing");
        let log_in_again = |session: &mut Session<u64>| {
            session.destroy();
            session.mark_authenticated();
        };
        assert_eq!(due(0, log_in_again), "write");
    }

    /// A request whose cookie holds this record.
    fn carrying<T>(inner: &Inner<T>, now: Seconds, record: Plaintext) -> HeaderMap {
        let mut value = b"__Host-session=".to_vec();
        let (keys, nonce) = (inner.ring.keys(), Nonce::draw().unwrap());
        token::seal(keys.sealing(now), &inner.context, nonce, record, &mut value).unwrap();
        HeaderMap::from_iter([(COOKIE, HeaderValue::from_bytes(&value).unwrap())])
    }

    /// A server of the release before can read it.
    #[test]
    fn a_record_of_another_layout_is_protected() {
        let clock = testing::Clock::at(1_800_000_000);
        let builder = Sessions::<u64>::builder(testing::key_ring()).clock(clock.reader());
        let sessions = builder.keep_unreadable().build().unwrap();
        for length in 32..=64 {
            // schema ‖ id ‖ started ‖ 4 · (written − started) + authenticated ‖ 2 · (deadline − started) ‖ payload
            let mut record = Plaintext::new();
            record.buffer().push(&[7; 16]);
            record.buffer().push(&1_800_000_000_u32.to_be_bytes());
            record.buffer().push(&[1, 0x80, 0xea, 0x49]);
            record.buffer().push(&vec![1; length - 24]);
            let mut session = sessions.load(&carrying(&sessions.inner, clock.now().into(), record));
            *session = 7;
            let saved = sessions.save(session, &mut HeaderMap::new());
            assert_eq!(saved, Ok(Saved::Withheld), "{length}");
        }
    }

    /// A later version may have sealed it. What fits must go on fitting, whatever is added to the header afterwards.
    #[test]
    fn a_session_that_carries_an_entry_keeps_its_room() {
        let clock = testing::Clock::at(1_800_000_000);
        let builder = Sessions::<String>::builder(testing::key_ring()).clock(clock.reader());
        let sessions = builder.build().unwrap();
        let inner = &*sessions.inner;
        let request = testing::request(&sessions, |session| session.log_in("x".repeat(200)));
        let session = testing::load(&sessions, &request);
        let now = clock.now().into();
        let header = RecordHeader { entry: Some(7), ..inner.header(&session, now) };
        let (mut plaintext, _) = inner.unpadded(&session, &header).unwrap();
        header::pad(plaintext.length(), plaintext.buffer());
        let mut session = sessions.load(&carrying(inner, now, plaintext));
        let room = sessions.room(&session);
        session.push_str(&"x".repeat(room));
        let mut response = HeaderMap::new();
        sessions.save(session, &mut response).unwrap();
        clock.advance(Duration::from_secs(6 * HOUR));
        let mut session = sessions.load(&testing::next_request(&response));
        session.skip_renewal();
        session.reauthenticate();
        assert_eq!(sessions.room(&session), 0);
        assert!(sessions.save(session, &mut HeaderMap::new()).is_ok());
    }

    #[test]
    fn what_is_due_follows_from_the_clocks() {
        let read = |session: &mut Session<u64>| assert_eq!(**session, 7);
        let write = |session: &mut Session<u64>| **session += 1;
        assert_eq!(due(3 * HOUR, |_| ()), "nothing", "nobody accessed it");
        assert_eq!(due(3 * HOUR, read), "renewal");
        assert_eq!(due(3 * HOUR, write), "write");
        let poll = |session: &mut Session<u64>| {
            session.skip_renewal();
            read(session);
        };
        assert_eq!(due(3 * HOUR, poll), "nothing");
        let plain = RequestInfo::new().scheme(Scheme::Http);
        assert_eq!(due_after(3 * HOUR, 0, plain, read), "nothing", "a browser would drop it");
        // It expires while its handler runs: by the idle clock, which the request itself has begun again, or by the
        // absolute one.
        assert_eq!(due_after(3 * HOUR, 23 * HOUR, RequestInfo::new(), write), "write");
        assert_eq!(due_after(3 * HOUR, 24 * HOUR, RequestInfo::new(), write), "withheld");
        assert_eq!(due_after(3 * HOUR, 24 * HOUR, RequestInfo::new(), read), "nothing");
        assert_eq!(due_after(3 * HOUR, 8 * 24 * HOUR, RequestInfo::new(), write), "withheld");
        assert_eq!(due_after(3 * HOUR, 24 * HOUR, RequestInfo::new(), Session::destroy), "removal");
        let shorten = |session: &mut Session<u64>| session.set_lifetime(Duration::from_secs(2 * HOUR));
        assert_eq!(due(HOUR, shorten), "write");
        assert_eq!(due(3 * HOUR, shorten), "removal", "its age is beyond that");
    }
}
