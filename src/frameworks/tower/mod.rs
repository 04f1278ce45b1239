//! The session as a tower layer: loaded when a handler asks, saved when its answer's headers are ready.

mod body;
mod guard;
mod service;

use std::fmt;
use std::sync::Arc;

pub use body::SessionBody;
pub use guard::{Guard, GuardFuture, GuardService};
use http::request::Parts;
pub use service::{SessionFuture, SessionService};
use tower_layer::Layer;

use crate::error::SaveError;
use crate::frameworks::handle::{Check, OnSaveError};
use crate::session::sessions::Sessions;
use crate::web::request_info::RequestInfo;

/// Gives every request a session, and every response what is due of it. For any service over `http::Request`: axum,
/// tonic, a tower stack over hyper.
///
/// It puts a [`SessionSlot`](crate::SessionSlot) into the request's extensions, which the extractors open. The session
/// is loaded at the first of them: a request of which nobody asks for the session costs next to nothing, and its
/// response gets no `Vary`, no `Cache-Control` and **no renewal of the idle clock**. The session is saved once, when
/// the response's headers are ready, so that bodies may stream; a change after that is an error for whoever makes it.
/// The response's extensions then hold what was done, a [`Saved`](crate::Saved): of several layers, that of the
/// outermost which did something. It is saved whatever the status of the response is, so what can fail comes before a
/// change. A handler that panics, or is cancelled with its request, saves nothing.
///
/// A body that holds a handle counts as one that looks at the session, for caches and for the idle clock.
///
/// A session that cannot be saved is reported (`session.save_failed`), and the response becomes an empty 500 without
/// any cookie of ours, unless [`on_save_error`](Self::on_save_error) keeps it. So it does, unless it is a 5xx already,
/// where a part of the application has changed the session and then panicked with it in hand, a task that was spawned,
/// say.
///
/// Layers for several `T` nest; of two for the same `T` the inner one counts. Layers that answer in place of a handler
/// which panicked or took too long belong outside this one: of what such a handler had done, half would be saved.
///
/// ```
/// use axum::{Router, routing::get};
/// use sealed_session::{SessionHandle, SessionLayer};
/// # use sealed_session::{testing, Sessions};
/// # #[derive(Default, serde::Serialize, serde::Deserialize)] struct Visitor { clicks: u32 }
///
/// async fn click(session: SessionHandle<Visitor>) -> Result<String, sealed_session::ResponseGoneError> {
///     let clicks = session.update(|session| {
///         session.clicks += 1;
///         session.clicks
///     })?;
///     Ok(format!("{clicks} clicks"))
/// }
///
/// # let sessions: Sessions<Visitor> = Sessions::new(testing::key_ring()).unwrap();
/// let app: Router = Router::new().route("/", get(click)).layer(SessionLayer::new(sessions));
/// ```
pub struct SessionLayer<T> {
    sessions: Sessions<T>,
    settings: Arc<Settings<T>>,
}

struct Settings<T> {
    place: Option<Arc<PlaceOf>>,
    check: Option<Check<T>>,
    on_save_error: Option<Arc<Decide>>,
}

type Decide = dyn Fn(&SaveError) -> OnSaveError + Send + Sync;
type PlaceOf = dyn for<'a> Fn(&'a Parts) -> RequestInfo<'a> + Send + Sync;

impl<T> SessionLayer<T> {
    /// The layer of these sessions.
    #[must_use]
    pub fn new(sessions: Sessions<T>) -> Self {
        Self { sessions, settings: Arc::new(Settings { place: None, check: None, on_save_error: None }) }
    }

    /// Tells of each request what its headers do not say: the scheme by which it came, its tenant.
    ///
    /// ```
    /// use sealed_session::{RequestInfo, Scheme, SessionLayer};
    /// # let sessions: sealed_session::Sessions<u64> = sealed_session::Sessions::new(sealed_session::testing::key_ring()).unwrap();
    /// // Behind a proxy whose headers this application trusts:
    /// let layer = SessionLayer::new(sessions)
    ///     .place(|request| RequestInfo::new().scheme(Scheme::from_forwarded(&request.headers)));
    /// # let _ = layer;
    /// ```
    #[must_use]
    pub fn place(self, place: impl for<'a> Fn(&'a Parts) -> RequestInfo<'a> + Send + Sync + 'static) -> Self {
        self.with(|settings| settings.place = Some(Arc::new(place)))
    }

    /// Asks this of every session that a cookie became, before a handler gets to see it. If it cannot be answered, the
    /// response is an empty 503, whatever the handler does.
    #[must_use]
    pub fn check(self, check: Check<T>) -> Self {
        self.with(|settings| settings.check = Some(check))
    }

    /// Says what becomes of a response whose session could not be saved.
    #[must_use]
    pub fn on_save_error(self, decide: impl Fn(&SaveError) -> OnSaveError + Send + Sync + 'static) -> Self {
        self.with(|settings| settings.on_save_error = Some(Arc::new(decide)))
    }

    fn with(self, set: impl FnOnce(&mut Settings<T>)) -> Self {
        let mut settings = Settings::clone(&self.settings);
        set(&mut settings);
        Self { sessions: self.sessions, settings: Arc::new(settings) }
    }
}

impl<T> Settings<T> {
    fn keeps_response(&self, error: &SaveError) -> bool {
        self.on_save_error.as_ref().is_some_and(|decide| decide(error) == OnSaveError::KeepResponse)
    }
}

impl<S, T> Layer<S> for SessionLayer<T> {
    type Service = SessionService<S, T>;

    fn layer(&self, inner: S) -> Self::Service {
        SessionService::new(inner, self.clone())
    }
}

impl<T> Clone for Settings<T> {
    fn clone(&self) -> Self {
        Self {
            place: self.place.clone(),
            check: self.check.clone(),
            on_save_error: self.on_save_error.clone(),
        }
    }
}

impl<T> Clone for SessionLayer<T> {
    fn clone(&self) -> Self {
        Self { sessions: self.sessions.clone(), settings: Arc::clone(&self.settings) }
    }
}

impl<T> fmt::Debug for SessionLayer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionLayer").field("sessions", &self.sessions).finish_non_exhaustive()
    }
}
