//! One session in the hands of a handler: the data, and what has happened to it since it was loaded.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::crypto::secret::SecretBuffer;
use crate::data::payload::{self, SessionData, Tuples};
use crate::error::{RandomError, Rejection};
use crate::record::id::SessionId;
use crate::record::tombstone::Scope;
use crate::session::about::{About, Loaded};
use crate::session::clocks::Clocks;
use crate::token::MAX_ENVELOPE;

/// A visitor's session, from [`load`](crate::Sessions::load) to [`save`](crate::Sessions::save).
///
/// It dereferences to the application's data. What a method of this type does is a verb; what one can ask stands on
/// [`about`](Self::about), so that no name here hides one of the application's.
///
/// A session that was used and then dropped without `save` is reported on standard error in debug builds.
#[must_use = "a session must be handed to `save`, also after a mere read"]
pub struct Session<T> {
    data: T,
    before: Before,
    id: Option<SessionId>,
    clocks: Clocks,
    lifetime: Option<u64>,
    must_write: bool,
    is_new: bool,
    is_destroyed: bool,
    /// Whose family its next ID belongs to, if it goes on under another.
    last_id: Option<SessionId>,
    ends: Option<Scope>,
    skip_renewal: bool,
    loaded: Loaded,
    was_accessed: AtomicBool,
    is_done: bool,
}

/// The data as it was at the first mutable borrow.
enum Before {
    NotBorrowed,
    Payload(SecretBuffer),
    Unserializable,
}

impl<T: SessionData> Session<T> {
    /// A person has just proved who they are. The session goes on under a new id, both clocks begin, and the moment is
    /// sealed in. The data stays; a [`set_lifetime`](Self::set_lifetime) of an earlier login does not, and is to be
    /// given again. Call it at every login: it is what makes a fixed session id worthless.
    pub fn mark_authenticated(&mut self) {
        self.end_family();
        self.clocks = Clocks::Begin { authenticated: true };
        self.must_write = true;
    }

    /// The session goes on under another id, its start unchanged: at a change of privilege that is no login.
    ///
    /// The new id has its family, its first eight bytes, in common with the old one, so that a logout that is under way
    /// at the same time ends both.
    pub fn cycle_id(&mut self) {
        self.access();
        self.last_id = self.id.take().or(self.last_id);
        self.ends = self.ends.max(Some(Scope::Id));
        self.must_write = true;
    }

    /// Begins again, empty, under a new id and with a new start. Returns the old data.
    ///
    /// What express-session calls regenerate.
    pub fn reset(&mut self) -> T {
        let old = self.begin_again();
        self.must_write = true;
        old
    }

    /// Puts other data in place of the session's and returns the old. Id and clocks stay.
    pub fn replace(&mut self, data: T) -> T {
        std::mem::replace(self.data_mut(), data)
    }

    /// Gives this session a lifetime of its own, counted from its start, in place of the absolute timeout.
    ///
    /// Longer than the absolute timeout is "remember me": it lasts at most
    /// [`max_lifetime`](crate::Builder::max_lifetime), and the idle timeout does not apply, since a person who asked to
    /// be remembered is not to be logged out by a weekend. Shorter only brings the end nearer. A session that began in
    /// an earlier request can be shortened and not extended: call it together with
    /// [`authenticated`](Self::mark_authenticated). At least a second; shortened to less than its age, the session is
    /// removed.
    pub fn set_lifetime(&mut self, lifetime: Duration) {
        self.access();
        self.lifetime = Some(lifetime.as_secs().max(1));
        self.must_write = true;
    }

    /// Scope the session: logout. What this handler holds afterwards is a fresh session, and if it changes that, the
    /// fresh one is saved.
    ///
    /// `save` removes the cookie that the request carried, also one that could not be read. This needs no randomness
    /// and no room in the cookie. A tombstone of the ID that has ended stays in the browser for a while, so that no
    /// response which was on its way can bring that ID back. If what the handler puts into the fresh session cannot be
    /// saved, nothing is removed either: mind the error of `save`.
    pub fn destroy(&mut self) {
        self.begin_again();
        self.is_destroyed = true;
        self.must_write = false;
    }

    /// Scope the session because the application has revoked it: the person has logged out everywhere, the account is
    /// locked. As [`destroy`](Self::destroy), and [`about().rejection()`](crate::About::rejection) says
    /// [`Revoked`](Rejection::Revoked) from here on.
    ///
    /// The layers call it for what their check answers; who calls `load` asks and calls it by hand.
    pub fn revoke(&mut self) {
        self.destroy();
        self.loaded.rejection = Some(Rejection::Revoked);
        self.loaded.key_id = None;
    }

    /// Keeps this request from renewing the idle clock: for requests that no person caused, such as polling.
    pub fn skip_renewal(&mut self) {
        self.skip_renewal = true;
    }

    /// Has the session written although no change can be seen: after a change through interior mutability.
    pub fn mark_changed(&mut self) {
        self.access();
        self.must_write = true;
    }

    /// The session's id, drawn now if it has none yet. A session that has been given an id is written.
    ///
    /// # Errors
    /// If the system's random generator fails.
    pub fn ensure_id(&mut self) -> Result<SessionId, RandomError> {
        self.access();
        if let Some(id) = self.id {
            return Ok(id);
        }
        let id = SessionId::draw(self.last_id)?;
        self.id = Some(id);
        self.must_write = true;
        Ok(id)
    }

    /// The data, to be changed. Spelled out for where several fields are to be borrowed at a time.
    pub fn data_mut(&mut self) -> &mut T {
        self.access();
        if let Before::NotBorrowed = self.before {
            let mut before = SecretBuffer::expecting(self.loaded.record, MAX_ENVELOPE);
            self.before = match payload::encode(&self.data, &Tuples::new(), &mut before) {
                Ok(()) => Before::Payload(before),
                Err(_) => Before::Unserializable,
            };
        }
        &mut self.data
    }

    /// The data alone, where there is no response that could carry a cookie. Changes are given up.
    pub fn into_data(mut self) -> T {
        self.is_done = true;
        std::mem::take(&mut self.data)
    }

    /// Ends every ID that it has had; a tombstone will say so.
    fn end_family(&mut self) {
        self.access();
        (self.id, self.last_id) = (None, None);
        self.ends = Some(Scope::Family);
    }

    fn begin_again(&mut self) -> T {
        self.end_family();
        self.before = Before::NotBorrowed;
        self.clocks = Clocks::Begin { authenticated: false };
        self.lifetime = None;
        self.is_new = true;
        std::mem::take(&mut self.data)
    }
}

impl<T> Session<T> {
    /// The data, to be read.
    #[must_use]
    pub fn data(&self) -> &T {
        self.access();
        &self.data
    }

    /// What one can ask about the session: id, times, why there is none. Asking counts as an access.
    #[must_use]
    pub fn about(&self) -> About<'_> {
        self.access();
        About {
            loaded: &self.loaded,
            id: self.id,
            clocks: self.clocks,
            lifetime: self.lifetime,
            is_new: self.is_new,
        }
    }

    /// Tombstones that somebody looks.
    pub(crate) fn access(&self) {
        self.was_accessed.store(true, Ordering::Relaxed);
    }
}

/// For `load` and `save`.
impl<T: SessionData> Session<T> {
    pub(crate) fn fresh(loaded: Loaded) -> Self {
        Self::with(T::default(), None, Clocks::Begin { authenticated: false }, loaded)
    }

    pub(crate) fn found(data: T, id: SessionId, clocks: Clocks, loaded: Loaded) -> Self {
        Self::with(data, Some(id), clocks, loaded)
    }

    fn with(data: T, id: Option<SessionId>, clocks: Clocks, loaded: Loaded) -> Self {
        Self {
            data,
            before: Before::NotBorrowed,
            id,
            clocks,
            lifetime: None,
            must_write: false,
            is_new: id.is_none(),
            is_destroyed: false,
            last_id: None,
            ends: None,
            skip_renewal: false,
            loaded,
            was_accessed: AtomicBool::new(false),
            is_done: false,
        }
    }

    /// The end of its way: nothing is reported when it is dropped.
    pub(crate) fn finish(&mut self) {
        self.is_done = true;
    }

    pub(crate) fn loaded(&self) -> &Loaded {
        &self.loaded
    }

    pub(crate) fn id(&self) -> Option<SessionId> {
        self.id
    }

    pub(crate) fn clocks(&self) -> Clocks {
        self.clocks
    }

    pub(crate) fn own_lifetime(&self) -> Option<u64> {
        self.lifetime
    }

    pub(crate) fn is_destroyed(&self) -> bool {
        self.is_destroyed
    }

    pub(crate) fn last_id(&self) -> Option<SessionId> {
        self.last_id
    }

    pub(crate) fn ends(&self) -> Option<Scope> {
        self.ends
    }

    /// Whether the handler saw the session and lets its use count as activity.
    pub(crate) fn may_renew(&self) -> bool {
        !self.skip_renewal && self.was_accessed.load(Ordering::Relaxed)
    }

    pub(crate) fn was_accessed(&mut self) -> bool {
        *self.was_accessed.get_mut()
    }

    /// Lets `look` see the session without that counting as an access of the handler's.
    #[cfg(feature = "handle")]
    pub(crate) fn peek<R>(&mut self, look: impl FnOnce(&Self) -> R) -> R {
        let was_accessed = *self.was_accessed.get_mut();
        let seen = look(self);
        *self.was_accessed.get_mut() = was_accessed;
        seen
    }

    /// Whether it can have changed at all, which costs nothing to know.
    pub(crate) fn may_have_changed(&self) -> bool {
        self.must_write || !matches!(self.before, Before::NotBorrowed)
    }

    /// Whether it has to be written, given its payload as it is now.
    pub(crate) fn has_changed(&self, now: &[u8]) -> bool {
        self.must_write
            || match &self.before {
                Before::NotBorrowed => false,
                Before::Payload(before) => !before.is_whole() || before.as_slice() != now,
                Before::Unserializable => true,
            }
    }
}

impl<T> Deref for Session<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.data()
    }
}

impl<T: SessionData> DerefMut for Session<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.data_mut()
    }
}

impl<T> Drop for Session<T> {
    fn drop(&mut self) {
        let is_forgotten = !self.is_done && *self.was_accessed.get_mut();
        if cfg!(debug_assertions) && is_forgotten && !std::thread::panicking() {
            eprintln!(
                "sealed-session: a Session<{}> was used and dropped without save: its changes are lost, its caching \
                 headers are not set; call save for every response, or into_data where there is none",
                std::any::type_name::<T>()
            );
        }
    }
}

/// Shows the id and what became of the cookie, and no data. Counts as an access.
impl<T> fmt::Debug for Session<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.access();
        f.debug_struct("Session")
            .field("id", &self.id)
            .field("is_new", &self.is_new)
            .field("rejection", &self.loaded.rejection)
            .field("key_id", &self.loaded.key_id)
            .finish_non_exhaustive()
    }
}
