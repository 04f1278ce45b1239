//! Extractors: the session behind a handle, and a copy of its data.

use std::fmt;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, ResponseError};
use sealed_session::error::ForgeryError;
use sealed_session::handle::{OpenError, SessionSlot};
use sealed_session::web::{RequestOrigin, TrustedOrigins};
use sealed_session::{RequestInfo, Session, SessionData, Sessions};

use crate::headers;
use crate::middleware::answer;

/// A visitor's session, for as many parts of an application as have to do with one request.
///
/// Clones, and handles that are extracted again, are the same session. Both closures are synchronous, so that nobody
/// can hold the session over an `.await`. While one runs, other threads wait, and a handle of the same session that is
/// used inside it panics. Whatever was changed is saved when the handler has answered, once.
///
/// `Option<SessionHandle<T>>` is `None` where there is no session to be had at all, for want of a middleware or of an
/// answer to the check; a stranger has one, for which [`about().is_new()`](sealed_session::About::is_new) is true.
pub struct SessionHandle<T> {
    inner: sealed_session::SessionHandle<T>,
}

impl<T: SessionData> SessionHandle<T> {
    /// Reads the session. After the response's headers have been sent, it is still what it was then.
    ///
    /// ```
    /// # use sealed_session_actix::SessionHandle;
    /// # #[derive(Default, serde::Serialize, serde::Deserialize)] struct Visitor { name: String }
    /// async fn greet(session: SessionHandle<Visitor>) -> String {
    ///     session.read(|session| format!("Hello {}!", session.name))
    /// }
    /// # let _ = actix_web::App::new().route("/", actix_web::web::get().to(greet));
    /// ```
    pub fn read<R>(&self, see: impl FnOnce(&Session<T>) -> R) -> R {
        self.inner.read(see)
    }

    /// Changes the session. The middleware saves the change with the response.
    ///
    /// ```
    /// # use actix_web::HttpResponse;
    /// # use sealed_session_actix::{ResponseGoneError, SessionHandle};
    /// # #[derive(Default, serde::Serialize, serde::Deserialize)] struct Visitor { name: String }
    /// async fn rename(session: SessionHandle<Visitor>) -> Result<HttpResponse, ResponseGoneError> {
    ///     session.update(|session| session.name = "Grace".into())?;
    ///     Ok(HttpResponse::NoContent().finish())
    /// }
    /// # let _ = actix_web::App::new().route("/", actix_web::web::post().to(rename));
    /// ```
    ///
    /// # Errors
    /// If the response's headers have been sent, for instance from within a streaming body: then `change` is not
    /// called.
    pub fn update<R>(&self, change: impl FnOnce(&mut Session<T>) -> R) -> Result<R, ResponseGoneError> {
        self.inner.update(change).map_err(ResponseGoneError)
    }

    /// The `Sessions` that loaded the session: for what they can do with it, such as
    /// [`csrf_token`](Sessions::csrf_token), where a middleware chooses them by the request.
    ///
    /// ```
    /// # use sealed_session_actix::SessionHandle;
    /// async fn room(session: SessionHandle<String>) -> String {
    ///     session.read(|data| format!("{} bytes are left", session.sessions().room(data)))
    /// }
    /// # let _ = actix_web::App::new().route("/", actix_web::web::get().to(room));
    /// ```
    #[must_use]
    pub fn sessions(&self) -> &Sessions<T> {
        self.inner.sessions()
    }
}

impl<T: SessionData> SessionHandle<T> {
    /// Checks that a request which changes something was not forged by another site: see
    /// [`Sessions::check_request`].
    ///
    /// ```
    /// # use actix_web::HttpRequest;
    /// # use actix_web::http::StatusCode;
    /// # use sealed_session_actix::{SessionHandle, request_origin};
    /// async fn log_out(session: SessionHandle<u64>, request: HttpRequest) -> (&'static str, StatusCode) {
    ///     let token = request.headers().get("x-csrf-token").and_then(|token| token.to_str().ok());
    ///     if session.check_request(request_origin(&request), token).is_err() {
    ///         return ("load the page again", StatusCode::FORBIDDEN);
    ///     }
    ///     session.update(|session| session.destroy()).map_or(
    ///         ("", StatusCode::INTERNAL_SERVER_ERROR),
    ///         |()| ("goodbye", StatusCode::OK),
    ///     )
    /// }
    /// # let _ = actix_web::App::new().route("/logout", actix_web::web::post().to(log_out));
    /// ```
    ///
    /// # Errors
    /// Why it may have been forged, for the log. Answer with 403.
    pub fn check_request(&self, origin: RequestOrigin, token: Option<&str>) -> Result<(), ForgeryError> {
        self.inner.check_request(origin, token)
    }
}

/// Who made a request. The [`TrustedOrigins`] and the [`RequestInfo`] in the request's extensions count: a
/// [`SessionMiddleware`](crate::SessionMiddleware) puts there what it knows, and the application what it trusts.
///
/// ```
/// # use sealed_session::web::RequestOrigin;
/// let request = actix_web::test::TestRequest::post()
///     .insert_header(("sec-fetch-site", "cross-site"))
///     .to_http_request();
/// assert_eq!(sealed_session_actix::request_origin(&request), RequestOrigin::Other);
/// ```
#[must_use]
pub fn request_origin(request: &HttpRequest) -> RequestOrigin {
    let (none, unknown) = (TrustedOrigins::new(), RequestInfo::new());
    let extensions = request.extensions();
    let trusted = extensions.get().unwrap_or(&none);
    let info = extensions.get().unwrap_or(&unknown);
    let uri = headers::address(request.uri());
    trusted.origin_of(&uri, &headers::origin(request.headers()), info)
}

type Extraction<V> = Pin<Box<dyn Future<Output = Result<V, SessionRejection>>>>;

impl<T: SessionData> FromRequest for SessionHandle<T> {
    type Error = SessionRejection;
    type Future = Extraction<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let slot = request.extensions().get::<SessionSlot<T>>().cloned();
        Box::pin(async move {
            let slot = slot.ok_or_else(|| no_middleware(std::any::type_name::<T>()))?;
            let inner = slot.open().await.map_err(SessionRejection::Open)?;
            Ok(Self { inner })
        })
    }
}

/// A copy of the session's data, for handlers that only read; `T::default()` for a stranger.
///
/// ```
/// use sealed_session_actix::Snapshot;
/// # #[derive(Clone, Default, serde::Serialize, serde::Deserialize)] struct Visitor { user: Option<u64> }
///
/// async fn greet(Snapshot(visitor): Snapshot<Visitor>) -> String {
///     format!("Hello, {}!", visitor.user.map_or("stranger".into(), |user| user.to_string()))
/// }
/// # let _ = actix_web::App::new().route("/", actix_web::web::get().to(greet));
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Snapshot<T>(pub T);

impl<T: SessionData + Clone> FromRequest for Snapshot<T> {
    type Error = SessionRejection;
    type Future = Extraction<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let handle = SessionHandle::<T>::from_request(request, payload);
        Box::pin(async move { Ok(Self(handle.await?.read(|session| session.data().clone()))) })
    }
}

/// `session.no_layer`, as the library's own layers call it: a handler asked for a session that no middleware has
/// brought.
pub(crate) fn no_middleware(data: &'static str) -> SessionRejection {
    tracing::error!(name: "session.no_layer", target: "sealed_session", data, "session.no_layer");
    SessionRejection::NoMiddleware
}

/// Why there is no session for a handler to have.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SessionRejection {
    /// No [`SessionMiddleware`](crate::SessionMiddleware) for this type encloses the handler: an empty 500. The event
    /// `session.no_layer` names the type.
    NoMiddleware,
    /// The middleware has no session for this request: an empty 503 or 404.
    Open(OpenError),
}

impl fmt::Debug for SessionRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoMiddleware { .. } => write!(f, "{self} (no_middleware)"),
            Self::Open(error) => fmt::Debug::fmt(error, f),
        }
    }
}

impl fmt::Display for SessionRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoMiddleware => f.write_str(
                "no SessionMiddleware for this type of session: add .wrap(SessionMiddleware::new(sessions)) to the App, \
                 or to a scope around the handlers that extract the session",
            ),
            Self::Open(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for SessionRejection {}

impl ResponseError for SessionRejection {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::NoMiddleware => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Open(error) => headers::status_of(error.status()),
        }
    }

    fn error_response(&self) -> HttpResponse {
        match self {
            Self::NoMiddleware => answer(http::StatusCode::INTERNAL_SERVER_ERROR),
            Self::Open(error) => answer(error.status()),
        }
    }
}

/// A change came after the response's headers had been sent, which is where the cookie would have stood. As a response
/// an empty 500; `session.response_gone` is in the log.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ResponseGoneError(sealed_session::handle::ResponseGoneError);

impl fmt::Debug for ResponseGoneError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for ResponseGoneError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for ResponseGoneError {}

impl ResponseError for ResponseGoneError {
    fn error_response(&self) -> HttpResponse {
        answer(http::StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl<T> Clone for SessionHandle<T> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone() }
    }
}

impl<T> fmt::Debug for SessionHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionHandle").finish_non_exhaustive()
    }
}

/// Shows no data.
impl<T> fmt::Debug for Snapshot<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Snapshot").finish_non_exhaustive()
    }
}
