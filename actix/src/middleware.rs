//! The middleware: a slot goes in with the request, and is closed when the response's headers are there.

use std::fmt;
use std::future::{Ready, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::{Error, HttpMessage, HttpResponse};
use sealed_session::handle::{Check, CloseError, OnSaveError, SessionSlot};
use sealed_session::{RequestInfo, SaveError, Saved, SessionData, Sessions};

use crate::headers;

/// Gives every request a session, and every response what is due of it: wrap an `App` or a scope in it.
///
/// It puts a [`SessionSlot`] into the request's extensions, which the extractors open. The session is loaded at the
/// first of them: a request of which nobody asks for the session costs next to nothing, and its response gets no
/// `Vary`, no `Cache-Control` and **no renewal of the idle clock**. The session is saved once, when the response's
/// headers are ready, so that bodies may stream; a change after that is an error for whoever makes it. The response's
/// extensions then hold what was done, a [`Saved`]: of several middlewares, that of the outermost which did something.
/// A handler that panics, or is cancelled with its request, saves nothing; nor does one of which an inner middleware
/// makes an `Err`, whose response says nothing to caches either: let it make a response where it can.
///
/// A body that holds a handle counts as one that looks at the session, for caches and for the idle clock.
///
/// A session that cannot be saved is reported (`session.save_failed`), and the response becomes an empty 500 without
/// any cookie of ours, unless [`on_save_error`](Self::on_save_error) keeps it. So it does, unless it is a 5xx already,
/// where a part of the application has changed the session and then panicked with it in hand.
///
/// Middlewares for several `T` nest; of two for the same `T` the inner one counts. What answers in place of a handler
/// that took too long belongs outside this one: of what such a handler had done, half would be saved.
///
/// ```
/// use actix_web::App;
/// use sealed_session_actix::SessionMiddleware;
/// # let sessions: sealed_session::Sessions<u64> = sealed_session::Sessions::new(sealed_session::testing::key_ring()).unwrap();
///
/// let app = App::new().wrap(SessionMiddleware::new(sessions));
/// # let _ = app;
/// ```
pub struct SessionMiddleware<T> {
    sessions: Sessions<T>,
    settings: Arc<Settings<T>>,
}

struct Settings<T> {
    place: Option<Arc<PlaceOf>>,
    check: Option<Check<T>>,
    on_save_error: Option<Arc<Decide>>,
}

type Decide = dyn Fn(&SaveError) -> OnSaveError + Send + Sync;
type PlaceOf = dyn for<'a> Fn(&'a ServiceRequest) -> RequestInfo<'a> + Send + Sync;

impl<T> SessionMiddleware<T> {
    /// The middleware of these sessions.
    #[must_use]
    pub fn new(sessions: Sessions<T>) -> Self {
        Self { sessions, settings: Arc::new(Settings { place: None, check: None, on_save_error: None }) }
    }

    /// Tells of each request what its headers do not say: the scheme by which it came, its tenant.
    ///
    /// ```
    /// use sealed_session::web::Scheme;
    /// use sealed_session::RequestInfo;
    /// # use sealed_session_actix::SessionMiddleware;
    /// # let sessions: sealed_session::Sessions<u64> = sealed_session::Sessions::new(sealed_session::testing::key_ring()).unwrap();
    /// // Behind a proxy whose headers this application trusts: `connection_info` reads Forwarded and X-Forwarded-Proto.
    /// let middleware = SessionMiddleware::new(sessions).place(|request| {
    ///     let is_plain = request.connection_info().scheme() == "http";
    ///     RequestInfo::new().scheme(Some(if is_plain { Scheme::Http } else { Scheme::Https }))
    /// });
    /// # let _ = middleware;
    /// ```
    #[must_use]
    pub fn place(
        self,
        place: impl for<'a> Fn(&'a ServiceRequest) -> RequestInfo<'a> + Send + Sync + 'static,
    ) -> Self {
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
        let Settings { place, check, on_save_error } = &*self.settings;
        let mut settings =
            Settings { place: place.clone(), check: check.clone(), on_save_error: on_save_error.clone() };
        set(&mut settings);
        Self { settings: Arc::new(settings), ..self }
    }
}

impl<T> Settings<T> {
    fn keeps_response(&self, error: &SaveError) -> bool {
        self.on_save_error.as_ref().is_some_and(|decide| decide(error) == OnSaveError::KeepResponse)
    }
}

impl<S, T, B> Transform<S, ServiceRequest> for SessionMiddleware<T>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error, Future: 'static> + 'static,
    T: SessionData,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = SessionService<S, T>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, inner: S) -> Self::Future {
        ready(Ok(SessionService { inner, middleware: self.clone() }))
    }
}

/// A service whose requests have a session: what a [`SessionMiddleware`] makes of another.
pub struct SessionService<S, T> {
    inner: S,
    middleware: SessionMiddleware<T>,
}

impl<S, T, B> Service<ServiceRequest> for SessionService<S, T>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error, Future: 'static>,
    T: SessionData,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Error>>>>;

    fn poll_ready(&self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let SessionMiddleware { sessions, settings } = &self.middleware;
        let place = settings.place.as_ref().map_or_else(RequestInfo::new, |place| place(&request));
        let cookies = headers::cookies(request.headers());
        let slot = SessionSlot::new(sessions.clone(), &cookies, place, settings.check.clone());
        request.extensions_mut().insert(slot.clone());
        let (open, settings) = (Open(slot), Arc::clone(settings));
        let inner = self.inner.call(request);
        Box::pin(async move { Ok(close(&open.0, &settings, inner.await?)) })
    }
}

fn close<T: SessionData, B: MessageBody + 'static>(
    slot: &SessionSlot<T>,
    settings: &Settings<T>,
    mut response: ServiceResponse<B>,
) -> ServiceResponse<EitherBody<B>> {
    let mut due = headers::caching(response.headers());
    let closed = match slot.close(&mut due) {
        // The response says so already.
        Err(CloseError::Panicked) if response.status().is_server_error() => Ok(Saved::Unchanged),
        closed => closed,
    };
    match closed {
        Ok(saved) => {
            headers::put(&due, response.headers_mut());
            let mut extensions = response.response_mut().extensions_mut();
            // A middleware further in may have done more.
            if saved != Saved::Unchanged || extensions.get::<Saved>().is_none() {
                extensions.insert(saved);
            }
            drop(extensions);
            response.map_into_left_body()
        }
        Err(CloseError::Save(error)) if settings.keeps_response(&error) => {
            headers::put(&due, response.headers_mut());
            response.map_into_left_body()
        }
        Err(CloseError::Check) => {
            response.into_response(answer(StatusCode::SERVICE_UNAVAILABLE)).map_into_right_body()
        }
        Err(_) => response.into_response(answer(StatusCode::INTERNAL_SERVER_ERROR)).map_into_right_body(),
    }
}

/// What a middleware answers in place of the handler: nothing but the status.
pub(crate) fn answer(status: StatusCode) -> HttpResponse {
    let mut response = HttpResponse::new(status);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A slot whose request may come to nothing: cancelled, or an `Err`. Whoever still holds a handle is told then.
struct Open<T>(SessionSlot<T>);

impl<T> Drop for Open<T> {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

impl<T> Clone for SessionMiddleware<T> {
    fn clone(&self) -> Self {
        Self { sessions: self.sessions.clone(), settings: Arc::clone(&self.settings) }
    }
}

impl<T> fmt::Debug for SessionMiddleware<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionMiddleware").field("sessions", &self.sessions).finish_non_exhaustive()
    }
}

impl<S, T> fmt::Debug for SessionService<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionService").field("middleware", &self.middleware).finish_non_exhaustive()
    }
}
