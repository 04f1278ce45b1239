//! The way from a slot to a handle: the load, and the answer of the check.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use super::SessionHandle;
use super::slot::{Question, SessionSlot};
use crate::data::payload::SessionData;

/// The future of [`SessionSlot::open`].
#[must_use = "futures do nothing unless polled"]
pub struct Opening<T> {
    slot: SessionSlot<T>,
    asked: Option<Question>,
}

impl<T> Opening<T> {
    pub(super) fn new(slot: SessionSlot<T>) -> Self {
        Self { slot, asked: None }
    }
}

impl<T: SessionData> Future for Opening<T> {
    type Output = Result<SessionHandle<T>, CheckError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let shared = Arc::clone(&self.slot.shared);
        if self.asked.is_none() {
            self.asked = shared.load()?;
        }
        if let Some((id, answer)) = &mut self.asked {
            let (id, answer) = (*id, ready!(answer.as_mut().poll(context)));
            self.asked = None;
            shared.judge(id, answer)?;
        }
        Poll::Ready(Ok(SessionHandle::new(shared)))
    }
}

impl<T> fmt::Debug for Opening<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opening").finish_non_exhaustive()
    }
}

/// The application's check could not answer, so the session must not be seen. Why is in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CheckError;

impl fmt::Display for CheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the check of the session could not answer")
    }
}

impl std::error::Error for CheckError {}
