//! Extractors for axum 0.8.

use std::convert::Infallible;
use std::error::Error;
use std::fmt;

use axum::extract::{FromRequestParts, OptionalFromRequestParts, OriginalUri};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{StatusCode, Uri};

use crate::data::SessionData;
use crate::error::fmt_debug;
use crate::events;
use crate::frameworks::handle::{OpenError, ResponseGoneError, SessionHandle, SessionSlot};
use crate::web::{RequestInfo, RequestOrigin, TrustedOrigins};

/// The URI that the browser asked for. `nest` takes the prefix from the request's own.
pub(super) fn original_uri(parts: &Parts) -> &Uri {
    parts.extensions.get().map_or(&parts.uri, |OriginalUri(uri)| uri)
}

/// Who made the request. The [`TrustedOrigins`] and the [`RequestInfo`] in the request's extensions count: a
/// [`SessionLayer`](crate::SessionLayer) puts there what it knows, and `axum::Extension` what the application gives it.
impl<S: Sync> FromRequestParts<S> for RequestOrigin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let (none, unknown) = (TrustedOrigins::new(), RequestInfo::new());
        let trusted = parts.extensions.get().unwrap_or(&none);
        let info = parts.extensions.get().unwrap_or(&unknown);
        Ok(trusted.origin_of(&parts.uri, &parts.headers, info))
    }
}

impl<S: Sync, T: SessionData> FromRequestParts<S> for SessionHandle<T> {
    type Rejection = SessionRejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, SessionRejection> {
        let Some(slot) = parts.extensions.get::<SessionSlot<T>>() else {
            events::no_layer(std::any::type_name::<T>());
            return Err(SessionRejection::NoLayer);
        };
        slot.open().await.map_err(SessionRejection::Open)
    }
}

/// A copy of the session's data, for handlers that only read: an extractor for axum.
///
/// `Option<Snapshot<T>>` is `None` where the request came without a session; alone it is then `T::default()`.
///
/// ```
/// use sealed_session::axum::Snapshot;
/// # #[derive(Clone, Default, serde::Serialize, serde::Deserialize)] struct Visitor { user: Option<u64> }
///
/// async fn greet(Snapshot(visitor): Snapshot<Visitor>) -> String {
///     format!("Hello, {}!", visitor.user.map_or("stranger".into(), |user| user.to_string()))
/// }
/// # let _: axum::Router = axum::Router::new().route("/", axum::routing::get(greet));
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Snapshot<T>(pub T);

impl<S: Sync, T: SessionData + Clone> FromRequestParts<S> for Snapshot<T> {
    type Rejection = SessionRejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, SessionRejection> {
        let handle = <SessionHandle<T> as FromRequestParts<S>>::from_request_parts(parts, state).await?;
        Ok(Self(handle.read(|session| session.data().clone())))
    }
}

impl<S: Sync, T: SessionData + Clone> OptionalFromRequestParts<S> for Snapshot<T> {
    type Rejection = SessionRejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, SessionRejection> {
        let handle = <SessionHandle<T> as FromRequestParts<S>>::from_request_parts(parts, state).await?;
        let copy = |session: &crate::session::Session<T>| {
            (!session.about().is_new()).then(|| Self(session.data().clone()))
        };
        Ok(handle.read(copy))
    }
}

/// Shows no data.
impl<T> fmt::Debug for Snapshot<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Snapshot").finish_non_exhaustive()
    }
}

/// Why there is no session for a handler to have.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SessionRejection {
    /// No [`SessionLayer`](crate::SessionLayer) for this type encloses the handler: an empty 500. The event
    /// `session.no_layer` names the type.
    NoLayer,
    /// The layer has no session for this request: an empty 503 or 404.
    Open(OpenError),
}

impl fmt::Debug for SessionRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let label = match self {
            Self::NoLayer { .. } => "no_layer",
            Self::Open(error) => error.as_str(),
        };
        fmt_debug(self, label, f)
    }
}

impl fmt::Display for SessionRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoLayer => f.write_str(
                "no SessionLayer for this type of session: add .layer(SessionLayer::new(sessions)) to the router, after \
                 the routes whose handlers extract the session",
            ),
            Self::Open(error) => error.fmt(f),
        }
    }
}

impl Error for SessionRejection {}

impl IntoResponse for SessionRejection {
    fn into_response(self) -> Response {
        match self {
            Self::NoLayer => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            Self::Open(error) => error.status().into_response(),
        }
    }
}

/// An empty 500: what was to be changed is lost. `session.response_gone` is in the log.
impl IntoResponse for ResponseGoneError {
    fn into_response(self) -> Response {
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    }
}
