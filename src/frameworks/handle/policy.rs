//! How a layer treats the sessions of its requests: the settings that the layers of all frameworks share.

use std::fmt;
use std::sync::Arc;

use http::uri::PathAndQuery;
use http::{HeaderMap, StatusCode};

use super::check::Check;
use super::close::{OnSaveError, Outcome};
use super::slot::SessionSlot;
use crate::data::SessionData;
use crate::error::SaveError;
use crate::session::{Saved, Sessions};
use crate::web::RequestInfo;

/// How a layer treats the sessions of its requests. `Q` is the type of its requests.
///
/// The layers for tower, axum and actix-web are made of it; so can be one for another framework. It asks for a
/// [slot](Self::slot) when a request comes, hands it to the handler, and [closes](Self::close) it when the response's
/// headers are ready.
///
/// ```
/// # use http::{HeaderMap, StatusCode};
/// # use sealed_session::handle::{Outcome, Policy};
/// # use sealed_session::{Saved, Sessions, testing};
/// # let sessions: Sessions<u64> = Sessions::new(testing::key_ring())?;
/// # let (request, mut response) = (HeaderMap::new(), HeaderMap::new());
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let policy: Policy<u64, HeaderMap> = Policy::new(sessions);
///
/// let slot = policy.slot(&request, &request, None, None);
/// slot.open().await?.update(|session| **session = 7)?; // in a handler
/// match policy.close(&slot, StatusCode::OK, &mut response, None) {
///     Outcome::Pass(saved) => assert!(matches!(saved, Some(Saved::Written { .. }))),
///     Outcome::Replace(status) => panic!("an empty response of {status}"),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Policy<T, Q> {
    sessions: Which<T, Q>,
    request_info: Option<Arc<RequestInfoOf<Q>>>,
    check: Option<Check<T>>,
    on_save_error: Option<Arc<Decide>>,
}

/// Which `Sessions` a request uses.
enum Which<T, Q> {
    All(Sessions<T>),
    ByRequest(Arc<Choose<T, Q>>),
}

type Choose<T, Q> = dyn Fn(&Q) -> Option<Sessions<T>> + Send + Sync;
type RequestInfoOf<Q> = dyn Fn(&Q) -> RequestInfo + Send + Sync;
pub(super) type Decide = dyn Fn(&SaveError) -> OnSaveError + Send + Sync;

impl<T, Q> Policy<T, Q> {
    /// All requests use these sessions.
    #[must_use]
    pub fn new(sessions: Sessions<T>) -> Self {
        Self::with(Which::All(sessions))
    }

    /// Each request uses the sessions that `choose` returns for it. With `None`, its slot does not
    /// [open](SessionSlot::open).
    #[must_use]
    pub fn by_request(choose: impl Fn(&Q) -> Option<Sessions<T>> + Send + Sync + 'static) -> Self {
        Self::with(Which::ByRequest(Arc::new(choose)))
    }

    fn with(sessions: Which<T, Q>) -> Self {
        Self { sessions, request_info: None, check: None, on_save_error: None }
    }

    /// Tells what the headers of a request do not say.
    #[must_use]
    pub fn request_info(mut self, info: impl Fn(&Q) -> RequestInfo + Send + Sync + 'static) -> Self {
        self.request_info = Some(Arc::new(info));
        self
    }

    /// Whether it was told how to learn that. A layer then puts what it learned into the request's extensions.
    #[must_use]
    pub const fn tells_request_info(&self) -> bool {
        self.request_info.is_some()
    }

    /// Runs this check on every session that a cookie became, before a handler gets to see it.
    #[must_use]
    pub fn check(mut self, check: Check<T>) -> Self {
        self.check = Some(check);
        self
    }

    /// Decides what becomes of a response whose session could not be saved. Default [`OnSaveError::Fail`].
    #[must_use]
    pub fn on_save_error(
        mut self,
        decide: impl Fn(&SaveError) -> OnSaveError + Send + Sync + 'static,
    ) -> Self {
        self.on_save_error = Some(Arc::new(decide));
        self
    }
}

impl<T: SessionData, Q> Policy<T, Q> {
    /// The slot of a request with these headers. `asked_for` is what the browser asked for, if going there again does
    /// no harm. `outer` is the slot that the request has already, from a layer further out. It counts with those that
    /// it was given itself.
    ///
    /// Two layers with the same `Sessions` share one session, and both their checks run. The outer one saves it, when
    /// both responses are ready. Two `Sessions` of one cookie name have a session each, which both checks have to let
    /// pass.
    #[must_use]
    pub fn slot(
        &self,
        request: &Q,
        headers: &HeaderMap,
        asked_for: Option<PathAndQuery>,
        outer: Option<&SessionSlot<T>>,
    ) -> SessionSlot<T> {
        let sessions = match &self.sessions {
            Which::All(sessions) => Some(sessions.clone()),
            Which::ByRequest(choose) => choose(request),
        };
        let mut info = outer.map(SessionSlot::request_info).unwrap_or_default();
        if let Some(tell) = &self.request_info {
            info.add(&tell(request));
        }
        let Some(sessions) = sessions else { return SessionSlot::without_sessions(info, outer) };
        let mut checks = outer.map(|outer| outer.checks_of(sessions.name())).unwrap_or_default();
        Check::add(&mut checks, self.check.as_ref());
        let joined = outer.and_then(|outer| outer.join(&sessions, &info, &checks, &self.on_save_error));
        joined.unwrap_or_else(|| SessionSlot::new(sessions, headers, info, checks, asked_for, outer))
    }

    /// Saves the session into the headers of a response of this status, once, and decides what becomes of the response.
    /// From here on, handles can only read the session. If nobody accessed it before, later handles get the session of
    /// a request without cookies.
    ///
    /// A session that nobody opened is not saved, and the response is not marked as depending on it. A session of which
    /// a handle is left counts as accessed, because a streaming body may still read it when the headers are gone.
    ///
    /// A response of a server error (5xx) while a handle is left saves no change: what handed the handle on may have
    /// panicked.
    ///
    /// `inner` is what a layer further in has saved with the same response, if there is one.
    pub fn close(
        &self,
        slot: &SessionSlot<T>,
        status: StatusCode,
        headers: &mut HeaderMap,
        inner: Option<Saved>,
    ) -> Outcome {
        let closed = slot.close(status, headers);
        let decide = |error: &SaveError| {
            let is_kept = |decide: &Option<Arc<Decide>>| {
                decide.as_ref().is_some_and(|decide| decide(error) == OnSaveError::KeepResponse)
            };
            let is_kept = is_kept(&self.on_save_error) && slot.joined_decisions().iter().all(is_kept);
            if is_kept { OnSaveError::KeepResponse } else { OnSaveError::Fail }
        };
        match Outcome::of(closed, status, decide) {
            // Of several layers, the outermost that did something counts.
            Outcome::Pass(Some(Saved::Unchanged)) => Outcome::Pass(inner.or(Some(Saved::Unchanged))),
            outcome => outcome,
        }
    }
}

impl<T, Q> Clone for Policy<T, Q> {
    fn clone(&self) -> Self {
        Self {
            sessions: match &self.sessions {
                Which::All(sessions) => Which::All(sessions.clone()),
                Which::ByRequest(choose) => Which::ByRequest(Arc::clone(choose)),
            },
            request_info: self.request_info.clone(),
            check: self.check.clone(),
            on_save_error: self.on_save_error.clone(),
        }
    }
}

impl<T, Q> fmt::Debug for Policy<T, Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Policy");
        if let Which::All(sessions) = &self.sessions {
            shown.field("sessions", sessions);
        }
        shown.finish_non_exhaustive()
    }
}
