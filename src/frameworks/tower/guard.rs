//! The guard: pages that only some sessions may see, and the way to the login for all others.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{HeaderValue, Request, Response, StatusCode, header};
use tower_layer::Layer;
use tower_service::Service;

use super::SessionBody;
use super::handle::SessionSlot;
use super::service::answer;
use crate::data::SessionData;
use crate::events;
use crate::session::Session;
use crate::web::{ReturnTo, cache};

/// Lets only those sessions through to the pages behind it that the application lets pass, and sends all others to the
/// login page. It belongs inside a [`SessionLayer`](super::SessionLayer).
///
/// The answer to all others is 303 See Other to the login page, which is told in `next` where to go on to if the
/// request was a GET or a HEAD: read it with [`ReturnTo::from_text`]. Pages behind the guard are `Cache-Control:
/// no-store`, so that the Back button after a logout does not show them; so is the way to the login. After the idle
/// timeout Chromium shows such a page for up to three minutes: the guide has a script against that, in
/// [frameworks](crate::guide::frameworks#back-after-the-idle-timeout).
///
/// ```
/// use axum::{Router, routing::get};
/// use sealed_session::{Guard, Session, SessionLayer};
/// # use sealed_session::{Sessions, testing};
/// # #[derive(Default, serde::Serialize, serde::Deserialize)] struct Visitor { user: Option<u64> }
/// # let sessions: Sessions<Visitor> = Sessions::new(testing::key_ring()).unwrap();
///
/// let app: Router = Router::new()
///     .route("/admin/", get(|| async { "for those who are logged in" }))
///     .route_layer(Guard::new("/login", |session: &Session<Visitor>| session.user.is_some()))
///     .route("/login", get(|| async { "for everybody" }))
///     .layer(SessionLayer::new(sessions));
/// ```
pub struct Guard<T> {
    login: Arc<str>,
    lets_pass: Arc<LetsPass<T>>,
}

type LetsPass<T> = dyn Fn(&Session<T>) -> bool + Send + Sync;

impl<T> Guard<T> {
    /// A guard that sends to this page, a URL of visible ASCII characters such as `/login`, whom `lets_pass` does not.
    ///
    /// # Panics
    /// If `login` cannot stand in a Location header.
    #[must_use]
    pub fn new(
        login: impl Into<String>,
        lets_pass: impl Fn(&Session<T>) -> bool + Send + Sync + 'static,
    ) -> Self {
        let login = login.into();
        assert!(HeaderValue::from_str(&login).is_ok(), "the login page's URL cannot stand in a header");
        Self { login: login.into(), lets_pass: Arc::new(lets_pass) }
    }

    fn to_login<R>(&self, return_to: &ReturnTo) -> Response<SessionBody<R>> {
        let mut response = answer(StatusCode::SEE_OTHER);
        if let Ok(location) = HeaderValue::try_from(return_to.from_login(&self.login)) {
            response.headers_mut().insert(header::LOCATION, location);
        }
        response
    }
}

impl<S, T> Layer<S> for Guard<T> {
    type Service = GuardService<S, T>;

    fn layer(&self, inner: S) -> Self::Service {
        GuardService { inner, guard: self.clone() }
    }
}

/// A service behind a [`Guard`].
pub struct GuardService<S, T> {
    inner: S,
    guard: Guard<T>,
}

impl<S, T, B, R> Service<Request<B>> for GuardService<S, T>
where
    S: Service<Request<B>, Response = Response<R>, Future: Send> + Clone + Send + 'static,
    T: SessionData,
    B: Send + 'static,
{
    type Response = Response<SessionBody<R>>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let next = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, next); // the one that was ready
        let guard = self.guard.clone();
        Box::pin(async move {
            let Some(slot) = request.extensions().get::<SessionSlot<T>>().cloned() else {
                events::no_layer(std::any::type_name::<T>());
                return Ok(answer(StatusCode::INTERNAL_SERVER_ERROR));
            };
            let handle = match slot.open().await {
                Ok(handle) => handle,
                Err(error) => return Ok(answer(error.status())),
            };
            if !handle.read(|session| (guard.lets_pass)(session)) {
                return Ok(guard.to_login(&slot.return_to()));
            }
            drop(handle);
            let mut response = inner.call(request).await?;
            cache::require_no_store(response.headers_mut());
            Ok(response.map(SessionBody::of))
        })
    }
}

impl<T> Clone for Guard<T> {
    fn clone(&self) -> Self {
        Self { login: Arc::clone(&self.login), lets_pass: Arc::clone(&self.lets_pass) }
    }
}

impl<T> fmt::Debug for Guard<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").field("login", &self.login).finish_non_exhaustive()
    }
}

impl<S: Clone, T> Clone for GuardService<S, T> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), guard: self.guard.clone() }
    }
}

impl<S: fmt::Debug, T> fmt::Debug for GuardService<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardService").field("inner", &self.inner).field("guard", &self.guard).finish()
    }
}
