//! The middleware: a slot goes in with the request, and is closed when the response's headers are there.

use std::fmt;
use std::future::{Ready, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use actix_web::http::Method;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::{Error, HttpMessage, HttpResponse};
use sealed_session::handle::{Check, OnSaveError, Outcome, Policy, SessionSlot};
use sealed_session::{RequestInfo, SaveError, SessionData, Sessions};

use crate::headers;

/// Gives every request a session, and every response what is due of it: wrap an `App` or a scope in it.
///
/// It puts a [`SessionSlot`] into the request's extensions, which the extractors open. The session is loaded at the
/// first of them: a request of which nobody asks for the session costs next to nothing, and its response gets no
/// `Vary`, no `Cache-Control` and **no renewal of the idle clock**. The session is saved once, when the response's
/// headers are ready, so that bodies may stream; a change after that is an error for whoever makes it. The response's
/// extensions then hold what was done, a [`Saved`](sealed_session::Saved): of several middlewares, that of the
/// outermost which did something. A handler that panics, or is cancelled with its request, saves nothing; nor does one
/// of which an inner middleware makes an `Err`, whose response says nothing to caches either: let it make a response
/// where it can.
///
/// A body that holds a handle counts as an access to the session, for caches and for the idle clock.
///
/// A session that cannot be saved is reported (`session.save_failed`), and the response becomes an empty 500 without
/// any cookie of ours, unless [`on_save_error`](Self::on_save_error) keeps it. So it does, unless it is a 5xx already,
/// where a part of the application has changed the session and then panicked with it in hand.
///
/// Middlewares nest. Two with the same [`Sessions`] share one session, which passes both checks and is saved once, by
/// the outer one; clones of a `Sessions` are the same. Two with other `Sessions` of the same `T` have a session each,
/// and a handler gets the inner one; where both have the same cookie name, it passes both checks.
///
/// Place what answers for a handler that takes too long around this middleware: inside it, half of what the handler did
/// would be saved.
///
/// ```
/// use actix_web::App;
/// use sealed_session_actix::SessionMiddleware;
/// # use sealed_session::{Sessions, testing};
/// # let sessions: Sessions<u64> = Sessions::new(testing::key_ring()).unwrap();
///
/// let app = App::new().wrap(SessionMiddleware::new(sessions));
/// # let _ = app;
/// ```
pub struct SessionMiddleware<T> {
    policy: Arc<Policy<T, ServiceRequest>>,
}

impl<T> SessionMiddleware<T> {
    /// The middleware of these sessions.
    #[must_use]
    pub fn new(sessions: Sessions<T>) -> Self {
        Self { policy: Arc::new(Policy::new(sessions)) }
    }

    /// A middleware that chooses by the request which sessions it uses: one `Sessions` for each tenant, say.
    ///
    /// Give each a different [purpose](sealed_session::Builder::purpose): with the same one, they open each other's
    /// cookies. With `None` the request has no session, and an extractor answers with 404.
    ///
    /// ```
    /// use std::collections::HashMap;
    /// use sealed_session::Sessions;
    /// # use sealed_session_actix::SessionMiddleware;
    /// # let ring = sealed_session::testing::key_ring();
    ///
    /// let mut tenants: HashMap<&str, Sessions<u64>> = HashMap::new();
    /// for host in ["acme.example", "globex.example"] {
    ///     // The purpose keeps the tenants apart: neither opens a cookie of the other.
    ///     tenants.insert(host, Sessions::builder(ring.clone()).purpose(host).build()?);
    /// }
    /// let middleware = SessionMiddleware::by_request(move |request| {
    ///     let host = request.connection_info().host().to_ascii_lowercase();
    ///     tenants.get(host.split(':').next()?).cloned() // without the port
    /// });
    /// # let _ = middleware;
    /// # Ok::<(), sealed_session::ConfigError>(())
    /// ```
    #[must_use]
    pub fn by_request(
        choose: impl Fn(&ServiceRequest) -> Option<Sessions<T>> + Send + Sync + 'static,
    ) -> Self {
        Self { policy: Arc::new(Policy::by_request(choose)) }
    }

    /// Tells what the headers of a request do not say, or only behind a proxy: the scheme and the host to which the
    /// browser sent it, and the prefix that the proxy took from its path.
    ///
    /// ```
    /// use sealed_session::RequestInfo;
    /// use sealed_session::web::Scheme;
    /// # use sealed_session::{Sessions, testing};
    /// # use sealed_session_actix::SessionMiddleware;
    /// # let sessions: Sessions<u64> = Sessions::new(testing::key_ring()).unwrap();
    /// // Behind a proxy whose headers this application trusts, `connection_info` reads
    /// // Forwarded, X-Forwarded-Proto and X-Forwarded-Host.
    /// let middleware = SessionMiddleware::new(sessions).request_info(|request| {
    ///     let connection = request.connection_info();
    ///     let is_plain = connection.scheme() == "http";
    ///     let scheme = if is_plain { Scheme::Http } else { Scheme::Https };
    ///     RequestInfo::new().scheme(scheme).host(connection.host()).path_prefix("/shop")
    /// });
    /// # let _ = middleware;
    /// ```
    #[must_use]
    pub fn request_info(self, info: impl Fn(&ServiceRequest) -> RequestInfo + Send + Sync + 'static) -> Self {
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

    fn with(self, set: impl FnOnce(Policy<T, ServiceRequest>) -> Policy<T, ServiceRequest>) -> Self {
        Self { policy: Arc::new(set(Policy::clone(&self.policy))) }
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
        let policy = Arc::clone(&self.middleware.policy);
        let is_page = matches!(*request.method(), Method::GET | Method::HEAD);
        let asked_for = request
            .uri()
            .path_and_query()
            .filter(|_| is_page)
            .and_then(|asked_for| http::uri::PathAndQuery::try_from(asked_for.as_str()).ok());
        let outer = request.extensions().get::<SessionSlot<T>>().cloned();
        let slot = policy.slot(&request, &headers::cookies(request.headers()), asked_for, outer.as_ref());
        if let Some(known) = request.extensions().get() {
            slot.add_request_info(known);
        }
        if policy.tells_request_info() {
            // For other questions about the request.
            let mut extensions = request.extensions_mut();
            let mut info = extensions.remove::<RequestInfo>().unwrap_or_default();
            info.add(&slot.request_info());
            extensions.insert(info);
        }
        request.extensions_mut().insert(slot.clone());
        let open = Open(slot);
        let inner = self.inner.call(request);
        Box::pin(async move {
            let response = inner.await?;
            if let Some(outer) = outer {
                response.request().extensions_mut().insert(outer); // for what follows further out
            }
            Ok(close(&policy, &open.0, response))
        })
    }
}

fn close<T: SessionData, B: MessageBody + 'static>(
    policy: &Policy<T, ServiceRequest>,
    slot: &SessionSlot<T>,
    mut response: ServiceResponse<B>,
) -> ServiceResponse<EitherBody<B>> {
    let mut due = headers::before_save(response.headers());
    let status = headers::status(response.status());
    let inner = response.response().extensions().get().copied();
    match policy.close(slot, status, &mut due, inner) {
        Outcome::Pass(saved) => {
            headers::put(&due, response.headers_mut());
            if let Some(saved) = saved {
                response.response_mut().extensions_mut().insert(saved);
            }
            response.map_into_left_body()
        }
        Outcome::Replace(status) => response.into_response(answer(status)).map_into_right_body(),
    }
}

/// What a middleware answers in place of the handler: nothing but the status.
pub(crate) fn answer(status: http::StatusCode) -> HttpResponse {
    let mut response = HttpResponse::new(headers::status_of(status));
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
        Self { policy: Arc::clone(&self.policy) }
    }
}

impl<T> fmt::Debug for SessionMiddleware<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionMiddleware").field("policy", &self.policy).finish()
    }
}

impl<S, T> fmt::Debug for SessionService<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionService").field("middleware", &self.middleware).finish_non_exhaustive()
    }
}
