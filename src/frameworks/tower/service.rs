//! One request through the layer: the slot goes in with it, and is closed when the response's headers are there.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use pin_project_lite::pin_project;
use tower_service::Service;

use super::{SessionBody, SessionLayer, Settings};
use crate::data::payload::SessionData;
use crate::frameworks::handle::{CloseError, SessionSlot};
use crate::session::saved::Saved;
use crate::web::request_info::RequestInfo;

/// A service whose requests have a session: what a [`SessionLayer`] makes of another.
pub struct SessionService<S, T> {
    inner: S,
    layer: SessionLayer<T>,
}

impl<S, T> SessionService<S, T> {
    pub(super) fn new(inner: S, layer: SessionLayer<T>) -> Self {
        Self { inner, layer }
    }
}

impl<S, T, B, R> Service<Request<B>> for SessionService<S, T>
where
    S: Service<Request<B>, Response = Response<R>>,
    T: SessionData,
{
    type Response = Response<SessionBody<R>>;
    type Error = S::Error;
    type Future = SessionFuture<S::Future, T>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let SessionLayer { sessions, settings } = &self.layer;
        let (mut parts, body) = request.into_parts();
        let place = settings.place.as_ref().map_or_else(RequestInfo::new, |place| place(&parts));
        let is_page = matches!(parts.method, Method::GET | Method::HEAD);
        let target = parts.uri.path_and_query().filter(|_| is_page).cloned();
        let check = settings.check.clone();
        let slot = SessionSlot::with_target(sessions.clone(), &parts.headers, place, check, target);
        parts.extensions.insert(slot.clone());
        let inner = self.inner.call(Request::from_parts(parts, body));
        SessionFuture { inner, slot, settings: Arc::clone(settings) }
    }
}

pin_project! {
    /// The future of a [`SessionService`].
    #[must_use = "futures do nothing unless polled"]
    pub struct SessionFuture<F, T> {
        #[pin]
        inner: F,
        slot: SessionSlot<T>,
        settings: Arc<Settings<T>>,
    }

    // Cancelled, or the service failed: whoever still holds a handle is told.
    impl<F, T> PinnedDrop for SessionFuture<F, T> {
        fn drop(this: Pin<&mut Self>) {
            this.slot.abandon();
        }
    }
}

impl<F, T, R, E> Future for SessionFuture<F, T>
where
    F: Future<Output = Result<Response<R>, E>>,
    T: SessionData,
{
    type Output = Result<Response<SessionBody<R>>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut response = ready!(this.inner.poll(context))?;
        let closed = match this.slot.close(response.headers_mut()) {
            // The response says so already.
            Err(CloseError::Panicked) if response.status().is_server_error() => Ok(Saved::Unchanged),
            closed => closed,
        };
        Poll::Ready(Ok(match closed {
            Ok(saved) => {
                // A layer further in may have done more.
                if saved != Saved::Unchanged || response.extensions().get::<Saved>().is_none() {
                    response.extensions_mut().insert(saved);
                }
                response.map(SessionBody::of)
            }
            Err(CloseError::Check) => answer(StatusCode::SERVICE_UNAVAILABLE),
            Err(CloseError::Save(error)) if this.settings.keeps_response(&error) => {
                response.map(SessionBody::of)
            }
            Err(CloseError::Save(_) | CloseError::Panicked) => answer(StatusCode::INTERNAL_SERVER_ERROR),
        }))
    }
}

/// What a layer answers in place of the handler: nothing but the status.
pub(super) fn answer<R>(status: StatusCode) -> Response<SessionBody<R>> {
    let mut response = Response::new(SessionBody::empty());
    *response.status_mut() = status;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

impl<S: Clone, T> Clone for SessionService<S, T> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), layer: self.layer.clone() }
    }
}

impl<S: fmt::Debug, T> fmt::Debug for SessionService<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionService").field("inner", &self.inner).field("layer", &self.layer).finish()
    }
}

impl<F: fmt::Debug, T> fmt::Debug for SessionFuture<F, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionFuture").field("inner", &self.inner).finish_non_exhaustive()
    }
}
