//! Tokens against forged requests: sealed, bound to one session, of a kind of their own (FORMAT §11.1).

use super::session::Session;
use super::sessions::Sessions;
use crate::data::SessionData;
use crate::error::{RandomError, TokenOpenError};
use crate::record::id::FamilyId;
use crate::time::Seconds;
use crate::token::{self, Plaintext};

impl<T: SessionData> Sessions<T> {
    /// A token for the forms of this session, against requests that other sites make in its name (CSRF). Put it into a
    /// hidden field, or a header that scripts set, and [check](Self::check_csrf) it where the form arrives.
    ///
    /// It holds the session's [family](crate::FamilyId), sealed under a kind of its own: there is nothing to store, to
    /// compare or to mask. It is valid for as long as the idle timeout, or the absolute one where there is none, and no
    /// longer than the session keeps its family: a login makes the forms of other tabs stale, and
    /// [`cycle_id`](Session::cycle_id) and [`reauthenticate`](Session::reauthenticate) do not. A session without an id
    /// gets one, and is then written: so it takes the place of a cookie that this process cannot read, unless
    /// [`keep_unreadable`](crate::Builder::keep_unreadable) withholds that, and with it the id, so that the token of
    /// such a visitor never fits. [`check_request`](Self::check_request) lets their form pass where the browser says
    /// that it is yours.
    ///
    /// ```
    /// # use sealed_session::{Sessions, testing};
    /// # let sessions: Sessions<u64> = Sessions::new(testing::key_ring()).unwrap();
    /// # let (request, mut response) = (http::HeaderMap::new(), http::HeaderMap::new());
    /// let mut session = sessions.load(&request);
    /// let token = sessions.csrf_token(&mut session)?;
    /// let form = format!("<form method=post action=/logout><input type=hidden name=csrf value={token}>…");
    /// sessions.save(session, &mut response)?;
    /// # let request = testing::next_request(&response);
    /// # let stranger = testing::request(&sessions, |session| **session = 8);
    ///
    /// // When the form comes back:
    /// let session = sessions.load(&request);
    /// assert!(sessions.check_csrf(&session, &token).is_ok());
    /// # let session = testing::load(&sessions, &stranger);
    /// assert!(sessions.check_csrf(&session, &token).is_err()); // another visitor's session
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If the system's random generator fails.
    pub fn csrf_token(&self, session: &mut Session<T>) -> Result<String, RandomError> {
        let id = session.ensure_id()?;
        session.show_token();
        let inner = &*self.inner;
        let now = inner.clock.now();
        let expiry = now.plus(inner.limits.idle.unwrap_or(inner.limits.absolute));
        let mut plaintext = Plaintext::new();
        let expiry = u32::try_from(expiry.get()).unwrap_or(u32::MAX);
        plaintext.buffer().push(&expiry.to_be_bytes());
        plaintext.buffer().push(id.family().as_bytes());
        // It has twelve bytes, so that it cannot be too long.
        token::seal_text(inner.ring.keys().sealing(now), &inner.csrf_context, plaintext)
            .map_err(|_| RandomError)
    }

    /// Checks that a token was made for this session. [`check_request`](Self::check_request) asks it where the browser
    /// does not tell which page made a request.
    ///
    /// ```
    /// # use sealed_session::{Sessions, testing};
    /// use sealed_session::error::TokenOpenError;
    ///
    /// # let sessions: Sessions<u64> = Sessions::new(testing::key_ring())?;
    /// # let request = testing::request(&sessions, |session| **session = 7);
    /// # let mut session = testing::load(&sessions, &request);
    /// let token = sessions.csrf_token(&mut session)?;
    /// assert_eq!(sessions.check_csrf(&session, &token), Ok(()));
    ///
    /// session.log_in(8); // another family: load the page again
    /// assert_eq!(sessions.check_csrf(&session, &token), Err(TokenOpenError::OtherSession));
    /// assert_eq!(sessions.check_csrf(&session, "junk"), Err(TokenOpenError::Malformed));
    /// # session.into_data();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Why it was not, for the log. Tell the person only to load the page again.
    pub fn check_csrf(&self, session: &Session<T>, token: &str) -> Result<(), TokenOpenError> {
        let inner = &*self.inner;
        let now = inner.clock.now();
        let opened = token::open(&inner.ring, &inner.csrf_context, token.as_bytes(), now);
        let opened = opened.map_err(TokenOpenError::of)?;
        let (expiry, family) = opened.plaintext().split_first_chunk().ok_or(TokenOpenError::Malformed)?;
        let family = family.try_into().map(FamilyId::from_bytes).map_err(|_| TokenOpenError::Malformed)?;
        if now >= Seconds::new(u32::from_be_bytes(*expiry).into()) {
            return Err(TokenOpenError::Expired);
        }
        // Not in constant time, and it need not be: the family is sealed, and no secret.
        if session.about().family() == Some(family) { Ok(()) } else { Err(TokenOpenError::OtherSession) }
    }
}
