//! The session as a tower layer: loaded when a handler asks, saved when its answer's headers are ready.

mod body;
mod guard;
mod service;

use std::fmt;
use std::sync::Arc;

pub use body::SessionBody;
pub use guard::{Guard, GuardService};
use http::request::Parts;
pub use service::{SessionFuture, SessionService};
use tower_layer::Layer;

use crate::error::SaveError;
#[cfg(feature = "axum")]
use crate::frameworks::axum::original_uri;
use crate::frameworks::handle::{self, Check, OnSaveError, Policy};
use crate::session::Sessions;
use crate::web::RequestInfo;

/// Gives every request a session, and every response what is due of it. For any service over `http::Request`: axum,
/// tonic, a tower stack over hyper.
///
/// It puts a [`SessionSlot`](crate::handle::SessionSlot) into the request's extensions, which the extractors open. The
/// session is loaded at the first of them: a request whose handler does not ask for the session costs next to nothing,
/// and its response gets no `Vary`, no `Cache-Control` and **no renewal of the idle clock**. The session is saved once,
/// when the response's headers are ready, so that bodies may stream; a change after that is an error for whoever makes
/// it. The response's extensions then hold what was done, a [`Saved`](crate::Saved): of several layers, that of the
/// outermost which did something. It is saved whatever the status of the response is, so do what can fail before you
/// change the session. A handler that panics, or is cancelled with its request, saves nothing; nor does a 5xx while a
/// handle is left, because what handed it on may have panicked.
///
/// A body that holds a handle counts as an access to the session, for caches and for the idle clock.
///
/// A session that cannot be saved is reported (`session.save_failed`), and the response becomes an empty 500 without
/// any cookie of ours, unless [`on_save_error`](Self::on_save_error) keeps it. The same happens, unless the response is
/// a 5xx already, if a part of the application changed the session and then panicked with its handle, such as a spawned
/// task, or was cancelled inside a further layer of the same sessions.
///
/// Layers nest. Two with the same [`Sessions`] share one session, which passes both checks and is saved once, by the
/// outer one; clones of a `Sessions` are the same. Two with other `Sessions` of the same `T` have a session each, and a
/// handler gets the inner one; where both have the same cookie name, it passes both checks.
///
/// Place layers that answer for a handler which panicked or takes too long around this one: inside it, half of what the
/// handler did could be saved. [Frameworks](crate::guide::frameworks) has the order of the usual layers.
///
/// ```
/// use axum::{Router, routing::get};
/// use sealed_session::handle::ResponseGoneError;
/// use sealed_session::{SessionHandle, SessionLayer};
/// # use sealed_session::{Sessions, testing};
/// # #[derive(Default, serde::Serialize, serde::Deserialize)] struct Visitor { clicks: u32 }
///
/// async fn click(session: SessionHandle<Visitor>) -> Result<String, ResponseGoneError> {
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
    policy: Arc<Policy<T, Parts>>,
}

impl<T> SessionLayer<T> {
    /// The layer of these sessions.
    #[must_use]
    pub fn new(sessions: Sessions<T>) -> Self {
        Self { policy: Arc::new(Policy::new(sessions)) }
    }

    /// A layer that chooses by the request which sessions it uses: one `Sessions` for each tenant, say.
    ///
    /// Give each a different [`purpose`](crate::Builder::purpose): with the same one, they open each other's cookies.
    /// With `None` the request has no session, and an extractor answers with 404.
    ///
    /// ```
    /// use std::collections::HashMap;
    /// use sealed_session::{SessionLayer, Sessions};
    /// # let ring = sealed_session::testing::key_ring();
    ///
    /// let mut tenants: HashMap<&str, Sessions<u64>> = HashMap::new();
    /// for host in ["acme.example", "globex.example"] {
    ///     tenants.insert(host, Sessions::builder(ring.clone()).purpose(host).build()?);
    /// }
    /// let layer = SessionLayer::by_request(move |request| {
    ///     // HTTP/2 has the host in the URI, HTTP/1.1 in a header.
    ///     let header = || request.headers.get("host")?.to_str().ok();
    ///     let authority = request.uri.authority().map(|authority| authority.as_str());
    ///     let host = authority.or_else(header)?.split(':').next()?; // without the port
    ///     tenants.get(host.to_ascii_lowercase().as_str()).cloned()
    /// });
    /// # let _ = layer;
    /// # Ok::<(), sealed_session::ConfigError>(())
    /// ```
    #[must_use]
    pub fn by_request(choose: impl Fn(&Parts) -> Option<Sessions<T>> + Send + Sync + 'static) -> Self {
        Self { policy: Arc::new(Policy::by_request(choose)) }
    }

    /// Tells what the headers of a request do not say, or only behind a proxy: the scheme and the host to which the
    /// browser sent it, and the prefix that the proxy took from its path.
    ///
    /// ```
    /// use sealed_session::{RequestInfo, SessionLayer};
    /// # use sealed_session::{Sessions, testing};
    /// # let sessions: Sessions<u64> = Sessions::new(testing::key_ring()).unwrap();
    /// // Behind a proxy whose headers this application trusts:
    /// let layer = SessionLayer::new(sessions)
    ///     .request_info(|request| RequestInfo::from_forwarded(&request.headers).path_prefix("/shop"));
    /// # let _ = layer;
    /// ```
    #[must_use]
    pub fn request_info(self, info: impl Fn(&Parts) -> RequestInfo + Send + Sync + 'static) -> Self {
        self.with(|policy| policy.request_info(info))
    }

    /// Runs this check on every session that a cookie became, before a handler gets to see it. If it cannot answer, the
    /// response is an empty 503, whatever the handler does.
    #[must_use]
    pub fn check(self, check: Check<T>) -> Self {
        self.with(|policy| policy.check(check))
    }

    /// Decides what becomes of a response whose session could not be saved.
    #[must_use]
    pub fn on_save_error(self, decide: impl Fn(&SaveError) -> OnSaveError + Send + Sync + 'static) -> Self {
        self.with(|policy| policy.on_save_error(decide))
    }

    fn with(self, set: impl FnOnce(Policy<T, Parts>) -> Policy<T, Parts>) -> Self {
        Self { policy: Arc::new(set(Policy::clone(&self.policy))) }
    }
}

/// The URI that the browser asked for, as far as a tower service knows.
#[cfg(not(feature = "axum"))]
const fn original_uri(parts: &Parts) -> &http::Uri {
    &parts.uri
}

impl<S, T> Layer<S> for SessionLayer<T> {
    type Service = SessionService<S, T>;

    fn layer(&self, inner: S) -> Self::Service {
        SessionService::new(inner, self.clone())
    }
}

impl<T> Clone for SessionLayer<T> {
    fn clone(&self) -> Self {
        Self { policy: Arc::clone(&self.policy) }
    }
}

impl<T> fmt::Debug for SessionLayer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionLayer").field("policy", &self.policy).finish()
    }
}
