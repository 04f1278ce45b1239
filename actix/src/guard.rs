//! The guard: pages that only some sessions may see, and the way to the login for all others.

use std::fmt;
use std::future::{Ready, ready};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use actix_web::http::header::{CACHE_CONTROL, HeaderValue, LOCATION};
use actix_web::{Error, HttpMessage, HttpResponse};
use sealed_session::handle::SessionSlot;
use sealed_session::{ReturnTo, Session, SessionData};

use crate::extract::no_middleware;
use crate::middleware::answer;

/// Lets only those sessions through to the pages behind it that the application lets pass, and sends all others to the
/// login page. Wrap a scope or a resource in it, inside a [`SessionMiddleware`](crate::SessionMiddleware). It has
/// nothing to do with `actix_web::guard`, which chooses routes.
///
/// The answer to all others is 303 See Other to the login page, which is told in `next` where to go on to if the
/// request was a GET or a HEAD: read it with [`ReturnTo::from_text`]. Pages behind the guard are `Cache-Control:
/// no-store`, so that the Back button after a logout does not show them; so is the way to the login. The `Err` of a
/// middleware behind the guard passes as it is, without.
///
/// ```
/// use actix_web::{App, web};
/// use sealed_session::Session;
/// use sealed_session_actix::{Guard, SessionMiddleware};
/// # use sealed_session::{Sessions, testing};
/// # #[derive(Default, serde::Serialize, serde::Deserialize)] struct Visitor { user: Option<u64> }
/// # let sessions: Sessions<Visitor> = Sessions::new(testing::key_ring()).unwrap();
///
/// let members = Guard::new("/login", |session: &Session<Visitor>| session.user.is_some());
/// let app = App::new()
///     .service(web::scope("/admin").wrap(members).route("/", web::get().to(|| async { "for members" })))
///     .route("/login", web::get().to(|| async { "for everybody" }))
///     .wrap(SessionMiddleware::new(sessions));
/// # let _ = app;
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

    fn to_login(&self, return_to: &ReturnTo) -> HttpResponse {
        let mut response = answer(http::StatusCode::SEE_OTHER);
        if let Ok(location) = HeaderValue::try_from(return_to.from_login(&self.login)) {
            response.headers_mut().insert(LOCATION, location);
        }
        response
    }
}

impl<S, T, B> Transform<S, ServiceRequest> for Guard<T>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    T: SessionData,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = GuardService<S, T>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, inner: S) -> Self::Future {
        ready(Ok(GuardService { inner: Rc::new(inner), guard: self.clone() }))
    }
}

/// A service behind a [`Guard`].
pub struct GuardService<S, T> {
    inner: Rc<S>,
    guard: Guard<T>,
}

impl<S, T, B> Service<ServiceRequest> for GuardService<S, T>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
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
        let (inner, guard) = (Rc::clone(&self.inner), self.guard.clone());
        Box::pin(async move {
            let slot = request.extensions().get::<SessionSlot<T>>().cloned();
            let answer = match slot {
                None => {
                    no_middleware(std::any::type_name::<T>());
                    answer(http::StatusCode::INTERNAL_SERVER_ERROR)
                }
                Some(slot) => match slot.open().await {
                    Err(error) => answer(error.status()),
                    Ok(handle) if handle.read(|session| (guard.lets_pass)(session)) => {
                        drop(handle);
                        let mut response = inner.call(request).await?;
                        let no_store = HeaderValue::from_static("no-store");
                        response.headers_mut().insert(CACHE_CONTROL, no_store);
                        return Ok(response.map_into_left_body());
                    }
                    Ok(_) => guard.to_login(&slot.return_to()),
                },
            };
            Ok(request.into_response(answer).map_into_right_body())
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

impl<S, T> fmt::Debug for GuardService<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardService").field("guard", &self.guard).finish_non_exhaustive()
    }
}
