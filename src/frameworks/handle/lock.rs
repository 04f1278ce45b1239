//! A mutex that knows its holder: a thread that holds it and locks it again panics with the cause, and does not hang.

use std::ops::{Deref, DerefMut};
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What the threads of a request share.
pub(super) struct Lock<S> {
    state: Mutex<S>,
    /// Set while `state` is locked. This one is held for moments, and never while other code runs.
    /// The thread that holds it, or 0. A thread can only find itself here if it has put itself there.
    holder: AtomicUsize,
}

impl<S> Lock<S> {
    pub(super) const fn new(state: S) -> Self {
        Self { state: Mutex::new(state), holder: AtomicUsize::new(0) }
    }

    /// Waits for other threads. A panic while it was held is noticed with [`has_panicked`](Self::has_panicked).
    ///
    /// # Panics
    /// If this thread holds it already: it would wait for ever.
    pub(super) fn lock(&self) -> Held<'_, S> {
        let this = this_thread();
        assert!(
            self.holder.load(Ordering::Relaxed) != this,
            "the session of this request is in use: call read or update after the closure of the other read or update \
             has returned, and not inside it; a serializer, a destructor and a check must not call them at all"
        );
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        self.holder.store(this, Ordering::Relaxed);
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
    holder: &'a AtomicUsize,
}

/// Runs before `state` is released.
impl<S> Drop for Held<'_, S> {
    fn drop(&mut self) {
        self.holder.store(0, Ordering::Relaxed);
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

/// A number that no two threads share while both run, and that is never 0: the address of something that each thread
/// has. To ask for the thread's id costs more, because it counts who holds it.
fn this_thread() -> usize {
    thread_local!(static HERE: u8 = const { 0 });
    HERE.with(|here| ptr::from_ref(here).addr())
}
