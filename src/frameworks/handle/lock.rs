//! A mutex that knows its holder: a thread that holds it and locks it again panics with the cause, and does not hang.

use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};

/// What the threads of a request share.
pub(super) struct Lock<S> {
    state: Mutex<S>,
    /// Set while `state` is locked. This one is held for moments, and never while other code runs.
    holder: Mutex<Option<ThreadId>>,
}

impl<S> Lock<S> {
    pub(super) const fn new(state: S) -> Self {
        Self { state: Mutex::new(state), holder: Mutex::new(None) }
    }

    /// Waits for other threads. A panic while it was held is noticed with [`has_panicked`](Self::has_panicked).
    ///
    /// # Panics
    /// If this thread holds it already: it would wait for ever.
    pub(super) fn lock(&self) -> Held<'_, S> {
        let this = thread::current().id();
        assert!(
            *unpoisoned(&self.holder) != Some(this),
            "the session of this request is in use: call read or update after the closure of the other read or update \
             has returned, and not inside it; a serializer, a destructor and a check must not call them at all"
        );
        let state = unpoisoned(&self.state);
        *unpoisoned(&self.holder) = Some(this);
        Held { state, holder: &self.holder }
    }

    /// Whether somebody panicked while they held it.
    pub(super) fn has_panicked(&self) -> bool {
        self.state.is_poisoned()
    }
}

/// The lock, held.
pub(super) struct Held<'a, S> {
    state: MutexGuard<'a, S>,
    holder: &'a Mutex<Option<ThreadId>>,
}

/// Runs before `state` is released.
impl<S> Drop for Held<'_, S> {
    fn drop(&mut self) {
        *unpoisoned(self.holder) = None;
    }
}

impl<S> Deref for Held<'_, S> {
    type Target = S;

    fn deref(&self) -> &S {
        &self.state
    }
}

impl<S> DerefMut for Held<'_, S> {
    fn deref_mut(&mut self) -> &mut S {
        &mut self.state
    }
}

fn unpoisoned<S>(mutex: &Mutex<S>) -> MutexGuard<'_, S> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
