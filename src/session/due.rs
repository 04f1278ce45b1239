//! What `save` is going to do: decided here, without headers, and done in `save`.

use super::clock_state::ClockState;
use super::session::Session;
use super::sessions::Inner;
use crate::data::SessionData;
use crate::data::payload;
use crate::error::SaveError;
use crate::record::header::RecordHeader;
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
    /// The session is written. The record lacks its padding, and its ID if none has been drawn.
    Write(RecordHeader, Plaintext),
    /// The session has changed, and the change must not reach the browser.
    Withheld,
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
            Some((header, _)) if header.deadline <= now => self.removal(session),
            Some((header, plaintext)) => Due::Write(header, plaintext),
        })
    }

    fn removal(&self, session: &Session<T>) -> Due {
        let carried = session.loaded().carried;
        let is_due = carried.session || carried.last_seen || carried.leftovers.contains(&true);
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
            // It may have expired while its handler ran. The request itself was activity.
            ClockState::GoesOn(header) => {
                now >= self.limits.deadline(header.started, header.deadline, header.remembered)
                    || self.limits.is_idle(header.remembered, loaded.now, now)
            }
            ClockState::Begins { authenticated } => {
                // What becomes of a session that was read is for the handler to say.
                let is_unread = loaded.carried.unreadable && loaded.cookie.is_err();
                self.keep_unreadable && is_unread && !authenticated && !session.id().is_destroyed()
            }
        }
    }

    /// The record, if the session has changed.
    pub(crate) fn changed(
        &self,
        session: &Session<T>,
        now: Seconds,
    ) -> Result<Option<(RecordHeader, Plaintext)>, SaveError> {
        let header = self.header(session, now);
        let (plaintext, header_length) = self.unpadded(session, &header)?;
        let payload = plaintext.as_slice().get(header_length..).unwrap_or_default();
        Ok(session.has_changed(payload).then_some((header, plaintext)))
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
        payload::encode(session.data(), self.decoders.tuples(), plaintext.buffer())?;
        Ok((plaintext, header_length))
    }

    pub(crate) fn header(&self, session: &Session<T>, now: Seconds) -> RecordHeader {
        let (clock, loaded, lifetime) = (session.clock(), session.loaded(), session.own_lifetime());
        let started = clock.started(now);
        RecordHeader {
            schema: self.decoders.own,
            id: session.id().id().unwrap_or(SessionId::NONE),
            started,
            written: now.max(started), // a clock may have been set back
            authenticated: clock.is_authenticated(),
            padded: self.padding.is_some(),
            deadline: clock.deadline(loaded, now, lifetime),
            remembered: clock.is_remembered(loaded, lifetime),
        }
    }
}
