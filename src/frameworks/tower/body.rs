//! The body of a response that has passed a layer: the inner one, or nothing where the layer answered.

use std::pin::Pin;
use std::task::{Context, Poll};

use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

pin_project! {
    /// The body of a response that has passed a [`SessionLayer`](super::SessionLayer) or a [`Guard`](super::Guard):
    /// that of the handler, passed on frame by frame, or an empty one where the layer itself has answered.
    #[derive(Clone, Copy, Debug)]
    pub struct SessionBody<B> {
        #[pin]
        inner: Option<B>,
    }
}

impl<B> SessionBody<B> {
    pub(super) fn of(inner: B) -> Self {
        Self { inner: Some(inner) }
    }

    pub(super) fn empty() -> Self {
        Self { inner: None }
    }
}

impl<B: Body> Body for SessionBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        self.project().inner.as_pin_mut().map_or(Poll::Ready(None), |inner| inner.poll_frame(context))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}
