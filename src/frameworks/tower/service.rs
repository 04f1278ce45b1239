//! One request through the layer: the slot goes in with it, and is closed when the response's headers are there.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::request::Parts;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use pin_project_lite::pin_project;
use tower_service::Service;

use super::handle::{Outcome, Policy, SessionSlot};
use super::{SessionBody, SessionLayer, original_uri};
use crate::data::SessionData;
use crate::web::RequestInfo;

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
        let policy = Arc::clone(&self.layer.policy);
        let (mut parts, body) = request.into_parts();
        let is_page = matches!(parts.method, Method::GET | Method::HEAD);
        let asked_for = original_uri(&parts).path_and_query().filter(|_| is_page).cloned();
        let outer = parts.extensions.get::<SessionSlot<T>>();
        let slot = policy.slot(&parts, &parts.headers, asked_for, outer);
        if let Some(known) = parts.extensions.get() {
            slot.add_request_info(known);
        }
        if policy.tells_request_info() {
            // For other questions about the request.
            parts.extensions.get_or_insert_default::<RequestInfo>().add(&slot.request_info());
        }
        parts.extensions.insert(slot.clone());
        let inner = self.inner.call(Request::from_parts(parts, body));
        SessionFuture { inner, slot, policy }
    }
}

pin_project! {
    /// The future of a [`SessionService`].
    #[must_use = "futures do nothing unless polled"]
    pub struct SessionFuture<F, T> {
        #[pin]
        inner: F,
        slot: SessionSlot<T>,
        policy: Arc<Policy<T, Parts>>,
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
        let (status, inner) = (response.status(), response.extensions().get().copied());
        Poll::Ready(Ok(match this.policy.close(this.slot, status, response.headers_mut(), inner) {
            Outcome::Pass(saved) => {
                saved.map(|saved| response.extensions_mut().insert(saved));
                response.map(SessionBody::of)
            }
            Outcome::Replace(status) => answer(status),
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
