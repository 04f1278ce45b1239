//! Whether a request was forged by another site: what the browser tells, and a token where it tells nothing.

use super::session::Session;
use super::sessions::Sessions;
use crate::data::SessionData;
use crate::error::ForgeryError;
use crate::web::RequestOrigin;

impl<T: SessionData> Sessions<T> {
    /// Checks that a request which changes something was not forged by another site (CSRF). `token` is the one of the
    /// form, or of the header that a script set; `None` if there is none.
    ///
    /// The browser's word counts first. A request from another origin is refused, whatever its token, and one from this
    /// origin passes without a token. So both forms work that a newcomer opened at once in two tabs, although each tab
    /// began a session, and so do the forms of a visitor whose cookie this process cannot read. If the browser does not
    /// tell, the [token](Self::csrf_token) decides.
    ///
    /// ```
    /// # use sealed_session::{Sessions, testing};
    /// use sealed_session::error::ForgeryError;
    /// use sealed_session::web::RequestOrigin;
    ///
    /// # let sessions: Sessions<u64> = Sessions::new(testing::key_ring())?;
    /// # let request = testing::request(&sessions, |session| **session = 7);
    /// # let uri = http::Uri::from_static("/logout");
    /// let mut session = sessions.load(&request);
    /// let token = sessions.csrf_token(&mut session)?;
    /// # let session = testing::load(&sessions, &request);
    ///
    /// // When the form comes back:
    /// let origin = RequestOrigin::of(&uri, &request); // it says nothing, so the token decides
    /// assert_eq!(sessions.check_request(&session, origin, Some(&token)), Ok(()));
    /// assert_eq!(sessions.check_request(&session, origin, None), Err(ForgeryError::NoToken));
    ///
    /// assert_eq!(sessions.check_request(&session, RequestOrigin::Same, None), Ok(()));
    /// let other = sessions.check_request(&session, RequestOrigin::Other, Some(&token));
    /// assert_eq!(other, Err(ForgeryError::OtherOrigin));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Why it may have been forged, for the log. Answer with 403.
    pub fn check_request(
        &self,
        session: &Session<T>,
        origin: RequestOrigin,
        token: Option<&str>,
    ) -> Result<(), ForgeryError> {
        match (origin, token) {
            (RequestOrigin::Same, _) => Ok(()),
            (RequestOrigin::Other, _) => Err(ForgeryError::OtherOrigin),
            (RequestOrigin::Unknown, None) => Err(ForgeryError::NoToken),
            (RequestOrigin::Unknown, Some(token)) => {
                self.check_csrf(session, token).map_err(ForgeryError::Token)
            }
        }
    }
}
