//! A request's session behind a handle: what the layers of frameworks put into a request, and handlers take from it.
//!
//! A [`Policy`] makes a [`SessionSlot`] for each request, which is opened at the first extraction. What comes out is a
//! [`SessionHandle`], which exists only for a session that was loaded and that the application's check, if there is
//! one, lets pass.

mod check;
mod close;
mod error;
mod lock;
mod policy;
mod slot;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;

pub use check::{Check, Verdict};
pub use close::{OnSaveError, Outcome};
pub use error::{OpenError, ResponseGoneError};
pub use policy::Policy;
pub use slot::SessionSlot;

use self::slot::Shared;
use crate::data::SessionData;
use crate::error::ForgeryError;
use crate::events;
use crate::session::{Session, Sessions};
use crate::web::RequestOrigin;

/// A visitor's session, for as many parts of an application as have to do with one request.
///
/// Clones, and handles that are extracted again, are the same session. Both closures are synchronous, so that nobody
/// can hold the session over an `.await`. While one runs, other threads wait, and a handle of the same session that is
/// used inside it panics. Whatever was changed is saved when the handler has answered, once.
pub struct SessionHandle<T> {
    shared: Arc<Shared<T>>,
}

impl<T: SessionData> SessionHandle<T> {
    /// Reads the session. After the response's headers have been sent, it is still what it was then.
    ///
    /// # Panics
    /// If it is called inside a closure that reads or updates the same session.
    ///
    /// ```
    /// # use http::HeaderMap;
    /// # use sealed_session::handle::Policy;
    /// # use sealed_session::{SessionHandle, Sessions, testing};
    /// # #[derive(Clone, Default, serde::Serialize, serde::Deserialize)] struct Visitor { name: String }
    /// async fn greet(session: SessionHandle<Visitor>) -> String {
    ///     session.read(|session| format!("Hello {}!", session.name))
    /// }
    /// # let sessions: Sessions<Visitor> = Sessions::new(testing::key_ring()).unwrap();
    /// # let request = testing::request(&sessions, |session| session.name = "Ada".into());
    /// # let policy: Policy<Visitor, HeaderMap> = Policy::new(sessions);
    /// # let slot = policy.slot(&request, &request, None, None);
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let session = slot.open().await.unwrap(); // a framework's extractor does this
    /// assert_eq!(greet(session).await, "Hello Ada!");
    /// # });
    /// ```
    pub fn read<R>(&self, look: impl FnOnce(&Session<T>) -> R) -> R {
        self.shared.with_session(|session, _| look(session))
    }

    /// Changes the session. The layer saves the change with the response.
    ///
    /// ```
    /// # use http::{HeaderMap, StatusCode};
    /// # use sealed_session::handle::{Policy, ResponseGoneError};
    /// # use sealed_session::{SessionHandle, Sessions, testing};
    /// # #[derive(Clone, Default, serde::Serialize, serde::Deserialize)] struct Visitor { name: String }
    /// async fn rename(session: SessionHandle<Visitor>) -> Result<(), ResponseGoneError> {
    ///     session.update(|session| session.name = "Grace".into())
    /// }
    /// # let sessions: Sessions<Visitor> = Sessions::new(testing::key_ring()).unwrap();
    /// # let request = testing::request(&sessions, |session| session.name = "Ada".into());
    /// # let policy: Policy<Visitor, HeaderMap> = Policy::new(sessions.clone());
    /// # let slot = policy.slot(&request, &request, None, None);
    /// # let mut response = HeaderMap::new();
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// rename(slot.open().await.unwrap()).await.unwrap();
    /// let _ = policy.close(&slot, StatusCode::OK, &mut response, None); // a framework's layer does this
    /// assert_eq!(testing::read_back(&sessions, &response).name, "Grace");
    /// # });
    /// ```
    ///
    /// # Errors
    /// If the response's headers have been sent, for instance from within a streaming body: then `change` is not
    /// called.
    ///
    /// # Panics
    /// If it is called inside a closure that reads or updates the same session.
    pub fn update<R>(&self, change: impl FnOnce(&mut Session<T>) -> R) -> Result<R, ResponseGoneError> {
        let updated = self.shared.with_session(|session, is_sent| (!is_sent).then(|| change(session)));
        updated.ok_or_else(|| {
            events::response_gone(self.shared.name());
            ResponseGoneError
        })
    }
}

impl<T: SessionData> SessionHandle<T> {
    /// Checks that a request which changes something was not forged by another site: see
    /// [`Sessions::check_request`].
    ///
    /// ```
    /// use http::StatusCode;
    /// use sealed_session::SessionHandle;
    /// use sealed_session::web::RequestOrigin;
    ///
    /// async fn log_out(session: SessionHandle<u64>, origin: RequestOrigin, csrf: Option<&str>) -> StatusCode {
    ///     if session.check_request(origin, csrf).is_err() {
    ///         return StatusCode::FORBIDDEN;
    ///     }
    ///     match session.update(|session| session.destroy()) {
    ///         Ok(()) => StatusCode::NO_CONTENT,
    ///         Err(_) => StatusCode::INTERNAL_SERVER_ERROR,
    ///     }
    /// }
    /// # use http::HeaderMap;
    /// # use sealed_session::handle::Policy;
    /// # use sealed_session::{Sessions, testing};
    /// # let sessions: Sessions<u64> = Sessions::new(testing::key_ring()).unwrap();
    /// # let policy: Policy<u64, HeaderMap> = Policy::new(sessions);
    /// # let slot = policy.slot(&HeaderMap::new(), &HeaderMap::new(), None, None);
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// # let session = slot.open().await.unwrap();
    /// # assert_eq!(log_out(session.clone(), RequestOrigin::Unknown, None).await, 403);
    /// # assert_eq!(log_out(session.clone(), RequestOrigin::Same, None).await, 204);
    /// # });
    /// ```
    ///
    /// # Errors
    /// Why it may have been forged, for the log. Answer with 403.
    pub fn check_request(&self, origin: RequestOrigin, token: Option<&str>) -> Result<(), ForgeryError> {
        self.read(|session| self.sessions().check_request(session, origin, token))
    }
}

impl<T> SessionHandle<T> {
    /// The `Sessions` that loaded the session: for what they can do with it, such as
    /// [`csrf_token`](Sessions::csrf_token), where a layer chooses them by the request.
    ///
    /// ```
    /// # use sealed_session::SessionHandle;
    /// # use sealed_session::handle::ResponseGoneError;
    /// async fn form(session: SessionHandle<u64>) -> Result<String, ResponseGoneError> {
    ///     let sessions = session.sessions();
    ///     session.update(|session| match sessions.csrf_token(session) {
    ///         Ok(token) => format!("<input type=hidden name=csrf value={token}>"),
    ///         Err(error) => error.to_string(),
    ///     })
    /// }
    /// # use http::HeaderMap;
    /// # use sealed_session::handle::Policy;
    /// # use sealed_session::{Sessions, testing};
    /// # let sessions: Sessions<u64> = Sessions::new(testing::key_ring()).unwrap();
    /// # let policy: Policy<u64, HeaderMap> = Policy::new(sessions);
    /// # let slot = policy.slot(&HeaderMap::new(), &HeaderMap::new(), None, None);
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// # assert!(form(slot.open().await.unwrap()).await.unwrap().starts_with("<input"));
    /// # });
    /// ```
    #[must_use]
    pub fn sessions(&self) -> &Sessions<T> {
        &self.shared.sessions
    }

    fn new(shared: Arc<Shared<T>>) -> Self {
        shared.handles.fetch_add(1, Ordering::Relaxed);
        Self { shared }
    }
}

impl<T> Clone for SessionHandle<T> {
    fn clone(&self) -> Self {
        Self::new(Arc::clone(&self.shared))
    }
}

/// A handler that panics drops its handle on the way: nothing of what it did is saved, even where the panic is caught
/// between it and the layer.
impl<T> Drop for SessionHandle<T> {
    fn drop(&mut self) {
        self.shared.handles.fetch_sub(1, Ordering::Relaxed);
        if std::thread::panicking() {
            self.shared.has_panicked.store(true, Ordering::Relaxed);
        }
    }
}

impl<T> fmt::Debug for SessionHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionHandle").finish_non_exhaustive()
    }
}
