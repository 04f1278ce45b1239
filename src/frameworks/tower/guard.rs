//! The guard: pages that only some sessions may see, and the way to the login for all others.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::{HeaderValue, Request, Response, StatusCode, header};
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use super::SessionBody;
use super::service::answer;
use crate::data::payload::SessionData;
use crate::events;
use crate::frameworks::handle::{Opening, SessionSlot};
use crate::session::session::Session;
use crate::web::cache;
use crate::web::return_to::ReturnTo;

/// Lets only those sessions through to the pages behind it that the application lets pass, and sends all others to the
/// login page. It belongs inside a [`SessionLayer`](super::SessionLayer).
///
/// The answer to all others is 303 See Other to the login page, which is told in `next` where to go on to if the
/// request was a GET or a HEAD: read it with [`ReturnTo::from_text`]. Pages behind the guard are `Cache-Control:
/// no-store`, so that the Back button after a logout does not show them; so is the way to the login.
///
/// ```
/// use axum::{Router, routing::get};
/// use sealed_session::{Guard, Session, SessionLayer};
/// # use sealed_session::{testing, Sessions};
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

    fn to_login<R>(&self, target: &ReturnTo) -> Response<SessionBody<R>> {
        let mut response = answer(StatusCode::SEE_OTHER);
        if let Ok(location) = HeaderValue::try_from(target.from_login(&self.login)) {
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
    S: Service<Request<B>, Response = Response<R>> + Clone,
    T: SessionData,
{
    type Response = Response<SessionBody<R>>;
    type Error = S::Error;
    type Future = GuardFuture<S, T, Request<B>, S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let Some(slot) = request.extensions().get::<SessionSlot<T>>() else {
            events::no_layer(std::any::type_name::<T>());
            return GuardFuture { step: Step::Unguarded };
        };
        // The browser's own target, also where a router has taken a prefix from the URI on the way.
        let target = ReturnTo::from_text(slot.target().map_or("/", |target| target.as_str()));
        let opening = slot.open();
        let next = self.inner.clone();
        let inner = std::mem::replace(&mut self.inner, next); // the one that was ready
        let (guard, waiting) = (self.guard.clone(), Some((inner, request)));
        GuardFuture { step: Step::Opening { opening, guard, target, waiting } }
    }
}

pin_project! {
    /// The future of a [`GuardService`].
    #[must_use = "futures do nothing unless polled"]
    pub struct GuardFuture<S, T, Q, F> {
        #[pin]
        step: Step<S, T, Q, F>,
    }
}

pin_project! {
    #[project = StepProjection]
    enum Step<S, T, Q, F> {
        Opening { #[pin] opening: Opening<T>, guard: Guard<T>, target: ReturnTo, waiting: Option<(S, Q)> },
        Passed { #[pin] inner: F },
        // There is no layer around the guard.
        Unguarded,
    }
}

impl<S, T, B, R> Future for GuardFuture<S, T, Request<B>, S::Future>
where
    S: Service<Request<B>, Response = Response<R>>,
    T: SessionData,
{
    type Output = Result<Response<SessionBody<R>>, S::Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut step = self.project().step;
        loop {
            let inner = match step.as_mut().project() {
                StepProjection::Passed { inner } => {
                    let mut response = ready!(inner.poll(context))?;
                    cache::forbid_keeping(response.headers_mut());
                    return Poll::Ready(Ok(response.map(SessionBody::of)));
                }
                StepProjection::Unguarded => {
                    return Poll::Ready(Ok(answer(StatusCode::INTERNAL_SERVER_ERROR)));
                }
                StepProjection::Opening { opening, guard, target, waiting } => {
                    let Ok(handle) = ready!(opening.poll(context)) else {
                        return Poll::Ready(Ok(answer(StatusCode::SERVICE_UNAVAILABLE)));
                    };
                    match waiting.take().filter(|_| handle.read(|session| (guard.lets_pass)(session))) {
                        Some((mut service, request)) => service.call(request),
                        None => return Poll::Ready(Ok(guard.to_login(target))),
                    }
                }
            };
            step.set(Step::Passed { inner });
        }
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

impl<S, T, Q, F> fmt::Debug for GuardFuture<S, T, Q, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardFuture").finish_non_exhaustive()
    }
}
