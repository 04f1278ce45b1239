//! Sessions that the server ends: one family, or all sessions of a person, on every process that hears of it.
//!
//! The module of the feature `revocation`. A process holds every revocation in memory, so a load asks nobody. There are
//! few of them, and each is needed only until the sessions that it ends would have ended anyway.

mod channel;
#[cfg(feature = "watch")]
mod file;
mod index;

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use self::channel::Channel;
pub use self::channel::{ChannelStatus, Mark, Merged, RevocationStatus};
#[cfg(feature = "watch")]
#[cfg_attr(docsrs, doc(cfg(feature = "watch")))]
pub use self::file::{RevocationFileStatus, RevocationWatcher};
use self::index::Index;
use super::session::Session;
use crate::data::SessionData;
use crate::error::RevokeError;
use crate::keys::KeyRing;
use crate::record::entry::{Entry, SubjectId, Target};
use crate::record::header::RecordHeader;
use crate::record::id::FamilyId;
use crate::time::{Clock, SKEW, Seconds};
use crate::token::Context;

/// The sessions that were ended by the server. Give it to [`Builder::revocations`](crate::Builder::revocations); clones
/// share what they hold.
///
/// [`revoke`](Self::revoke) ends one session and every copy of its cookie. [`revoke_subject`](Self::revoke_subject)
/// ends all sessions of a person ("log out everywhere"), and [`Session::log_out_others`] all but the one that asks.
/// From then on `load` rejects them as [`Revoked`](crate::Rejection::Revoked).
///
/// By itself it ends sessions in this process, until it restarts. [`changes`](Self::changes) and
/// [`merge`](Self::merge) carry revocations from process to process, over a channel of your choice.
///
/// ```
/// use sealed_session::revocation::Revocations;
/// use sealed_session::{Rejection, Sessions};
/// # use sealed_session::testing;
/// # #[derive(Default, serde::Serialize, serde::Deserialize)]
/// # struct Visitor { user: Option<u64> }
/// # let ring = testing::key_ring();
///
/// let revocations = Revocations::new();
/// let sessions = Sessions::builder(ring)
///     .revocations(&revocations)
///     .subject(|visitor: &Visitor| visitor.user.map(u64::to_be_bytes))
///     .build()?;
/// # let visitor = Visitor { user: Some(7) };
/// # let request = testing::request(&sessions, |session| session.log_in(visitor));
///
/// revocations.revoke_subject(7_u64.to_be_bytes())?; // user 7 has lost their telephone
///
/// let session = testing::load(&sessions, &request);
/// assert_eq!(session.about().rejection(), Some(Rejection::Revoked));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct Revocations {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    index: Index,
    /// What the first `Sessions` told that was built with it.
    home: OnceLock<Home>,
    /// The longest lifetime of all `Sessions` that were built with it, in seconds.
    longest: AtomicU64,
    channel: Channel,
    listeners: Mutex<Vec<Arc<Listener>>>,
}

type Listener = dyn Fn() + Send + Sync;

/// Whose revocations these are.
struct Home {
    ring: KeyRing,
    context: Context,
    clock: Clock,
}

impl Revocations {
    /// No revocations yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends this session and every copy of its cookie, in this process at once. Does nothing for a session that no
    /// cookie brought.
    ///
    /// Call it with a logout, so that a stolen copy ends too: [`destroy`](Session::destroy) alone removes the cookie
    /// from this browser.
    ///
    /// ```
    /// # use sealed_session::revocation::Revocations;
    /// # use sealed_session::{Rejection, Sessions, testing};
    /// # let revocations = Revocations::new();
    /// # let builder = Sessions::<u64>::builder(testing::key_ring()).revocations(&revocations);
    /// # let sessions = builder.build()?;
    /// # let (request, mut response) = (testing::request(&sessions, |s| s.log_in(7)), http::HeaderMap::new());
    /// let mut session = sessions.load(&request);
    /// revocations.revoke(&session)?;
    /// session.destroy();
    /// sessions.save(session, &mut response)?;
    ///
    /// let copy = testing::load(&sessions, &request);
    /// assert_eq!(copy.about().rejection(), Some(Rejection::Revoked));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If no `Sessions` was built with these revocations, or the clock shows a time that the format cannot express.
    pub fn revoke<T: SessionData>(&self, session: &Session<T>) -> Result<(), RevokeError> {
        let home = self.home()?;
        let Ok(cookie) = &session.loaded().cookie else { return Ok(()) };
        let until = cookie.header.deadline.plus(SKEW);
        self.end_family(cookie.header.id.family(), until, home.clock.now())
    }

    /// Ends the session of this family and every copy of its cookie, in this process at once.
    ///
    /// ```
    /// # use sealed_session::revocation::Revocations;
    /// # use sealed_session::{Rejection, Sessions, testing};
    /// # let revocations = Revocations::new();
    /// # let builder = Sessions::<u64>::builder(testing::key_ring()).revocations(&revocations);
    /// # let sessions = builder.build()?;
    /// # let request = testing::request(&sessions, |session| session.log_in(7));
    /// let id = testing::load(&sessions, &request).about().id().unwrap(); // the application keeps a list of devices
    /// revocations.revoke_family(id.family())?;
    /// let session = testing::load(&sessions, &request);
    /// assert_eq!(session.about().rejection(), Some(Rejection::Revoked));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`revoke`](Self::revoke).
    pub fn revoke_family(&self, family: FamilyId) -> Result<(), RevokeError> {
        let now = self.home()?.clock.now();
        self.end_family(family, self.after_longest(now.plus(SKEW)), now)
    }

    /// Ends every session of this person that has begun, in this process at once: "log out everywhere".
    ///
    /// `subject` is what [`Builder::subject`](crate::Builder::subject) returns for the person, such as the user's id.
    /// A login in the next minute is valid on every process that has heard of the revocation; on one that has not, the
    /// person logs in again.
    ///
    /// # Errors
    /// As [`revoke`](Self::revoke).
    pub fn revoke_subject(&self, subject: impl AsRef<[u8]>) -> Result<(), RevokeError> {
        let now = self.home()?.clock.now();
        self.end_subject(SubjectId::of(subject.as_ref()), now).map(|_| ())
    }

    fn end_family(&self, family: FamilyId, until: Seconds, now: Seconds) -> Result<(), RevokeError> {
        let entry = Entry { target: Target::Family(family), until: expressible(until)? };
        if self.shared.index.add(&[entry], true, now) > 0 {
            self.tell_listeners();
        }
        Ok(())
    }

    /// Up to which moment their sessions end. Later than every entry of the person that is known here: a login between
    /// two revocations in one second must not outlive the second one.
    fn end_subject(&self, subject: SubjectId, now: Seconds) -> Result<Seconds, RevokeError> {
        expressible(self.after_longest(now.plus(SKEW)))?;
        let before = self.shared.index.add_after(subject, now, |known| {
            let before = known.map_or(Seconds::new(0), |known| known.plus(1)).max(now.plus(SKEW));
            let target = Target::Subject { subject, before };
            (Entry { target, until: self.after_longest(before) }, before)
        });
        self.tell_listeners();
        Ok(before)
    }

    /// When no session can be left that began at this moment.
    fn after_longest(&self, moment: Seconds) -> Seconds {
        moment.plus(self.shared.longest.load(Ordering::Relaxed))
    }

    /// Calls `listener` after every revocation that this process makes: a channel then sends the
    /// [changes](Self::changes). It must not block.
    pub fn on_revoke(&self, listener: impl Fn() + Send + Sync + 'static) {
        self.shared.listeners.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::new(listener));
    }

    /// How long a revocation lasts at the most that is made now. A channel may drop lines that are older.
    #[must_use]
    pub fn longest(&self) -> Duration {
        // The clocks of two processes, and people who were logged out everywhere several times in a minute.
        Duration::from_secs(self.shared.longest.load(Ordering::Relaxed).saturating_add(3600))
    }

    fn tell_listeners(&self) {
        // They may add listeners, and ask what is new.
        let listeners = self.shared.listeners.lock().unwrap_or_else(PoisonError::into_inner).clone();
        listeners.iter().for_each(|listener| listener());
    }

    fn home(&self) -> Result<&Home, RevokeError> {
        self.shared.home.get().ok_or(RevokeError::NoSessions)
    }
}

/// For `build`, `load` and `save`.
impl Revocations {
    /// `Sessions` were built with it. `false` if others are bound to another name or purpose.
    pub(super) fn bind(&self, ring: &KeyRing, context: Context, clock: &Clock, max_lifetime: u64) -> bool {
        let home = self.shared.home.get_or_init(|| Home {
            ring: ring.clone(),
            context: context.clone(),
            clock: clock.clone(),
        });
        self.shared.longest.fetch_max(max_lifetime, Ordering::Relaxed);
        home.context.as_bytes() == context.as_bytes()
    }

    /// Whether a session has been revoked (FORMAT §6.3, step 16). The person is asked for only where it may matter.
    pub(super) fn ends(
        &self,
        header: &RecordHeader,
        subject: impl FnOnce() -> Option<SubjectId>,
        now: Seconds,
    ) -> bool {
        let index = &self.shared.index;
        if index.has_family(header.id.family(), now) {
            return true;
        }
        let is_before = |before: Seconds| {
            header.started <= before && header.entry.is_none_or(|entry| Seconds::new(entry.into()) < before)
        };
        if header.started > index.newest() {
            return false;
        }
        let before = subject().and_then(|subject| index.before(subject, now));
        before.is_some_and(is_before)
    }

    /// The newest entry of this person that is known here: what a login seals.
    pub(super) fn newest_of(&self, subject: SubjectId, now: Seconds) -> Option<Seconds> {
        self.shared.index.before(subject, now)
    }

    /// Ends every session of this person that has begun. Returns what the session that asks seals, and so outlives.
    pub(super) fn end_others(&self, subject: SubjectId, now: Seconds) -> Result<Seconds, RevokeError> {
        self.end_subject(subject, now)
    }
}

/// The moment, if the format can express it.
fn expressible(moment: Seconds) -> Result<Seconds, RevokeError> {
    if moment.get() <= u64::from(u32::MAX) { Ok(moment) } else { Err(RevokeError::Clock) }
}

impl fmt::Debug for Revocations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Revocations").field("last", &self.shared.index.last()).finish_non_exhaustive()
    }
}
