//! What one can ask about a session, and what is kept of the request that it came with.

use std::fmt;
use std::time::{Duration, SystemTime};

use crate::error::Rejection;
use crate::keys::key::KeyId;
use crate::record::id::SessionId;
use crate::record::lifetime::Limits;
use crate::record::tombstone::{EndedId, Tombstones};
use crate::session::clocks::Clocks;
use crate::time::Seconds;
use crate::token::TAG;

/// What one can ask about a session. Times are whole seconds.
#[derive(Clone, Copy)]
pub struct About<'a> {
    pub(crate) loaded: &'a Loaded,
    pub(crate) id: Option<SessionId>,
    pub(crate) clocks: Clocks,
    pub(crate) lifetime: Option<u64>,
    pub(crate) is_new: bool,
}

impl About<'_> {
    /// Its name, for logs and lists of what was revoked. `None` until a session that begins in this request is saved,
    /// or [`ensure_id`](crate::Session::ensure_id) is called.
    #[must_use]
    pub fn id(&self) -> Option<SessionId> {
        self.id
    }

    /// When the absolute clock began, cut to whole seconds; the moment of the load if it begins in this request.
    ///
    /// To log a person out everywhere, keep a moment for each person and treat sessions that started before it as
    /// absent. The next whole second ends all there are, that of the request too. Where that one is to go on, with a
    /// new start from [`authenticated`](crate::Session::mark_authenticated), take this second, cut to the whole: any
    /// other that began in it goes on as well.
    #[must_use]
    pub fn started(&self) -> SystemTime {
        self.started_seconds().to_system()
    }

    /// When the session ends at the latest, whatever its visitor does.
    #[must_use]
    pub fn expires_at(&self) -> SystemTime {
        self.clocks.deadline(&self.loaded.limits, self.loaded.now, self.lifetime).to_system()
    }

    /// When the session ends if nobody uses it any more; `None` if no idle timeout applies to it.
    ///
    /// As of the load: this very request may renew it. A page that warns a person in time asks with a request that does
    /// not ([`skip_renewal`](crate::Session::skip_renewal)).
    #[must_use]
    pub fn idle_expires_at(&self) -> Option<SystemTime> {
        let limits = &self.loaded.limits;
        let (since, remembered) = match self.clocks {
            Clocks::Begin { .. } => (self.loaded.now, limits.of_new(self.lifetime).1),
            Clocks::GoOn { remembered, .. } => (self.loaded.idle_since, remembered),
        };
        let idle = limits.idle.filter(|_| !remembered)?;
        let deadline = self.clocks.deadline(limits, self.loaded.now, self.lifetime);
        Some(since.plus(idle).min(deadline).to_system())
    }

    /// Whether a person proved who they are less than this long ago, for pages that ask for a fresh login.
    #[must_use]
    pub fn authenticated_within(&self, duration: Duration) -> bool {
        let age = self.loaded.now.since(self.started_seconds());
        self.authenticated_at().is_some() && age < duration.as_secs()
    }

    /// When a person last proved who they are: set by [`authenticated`](crate::Session::mark_authenticated) and nothing
    /// else.
    #[must_use]
    pub fn authenticated_at(&self) -> Option<SystemTime> {
        let (Clocks::Begin { authenticated } | Clocks::GoOn { authenticated, .. }) = self.clocks;
        authenticated.then(|| self.started())
    }

    /// Whether it is a fresh one: no cookie became a session, or it was restarted or destroyed in this request.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    /// Why the request's cookie did not become a session; `None` if it did.
    #[must_use]
    pub fn rejection(&self) -> Option<Rejection> {
        self.loaded.rejection
    }

    /// The key that had sealed the request's cookie; `None` if no cookie became a session. Count it to see which keys
    /// are still in use.
    #[must_use]
    pub fn key_id(&self) -> Option<KeyId> {
        self.loaded.key_id
    }

    fn started_seconds(&self) -> Seconds {
        match self.clocks {
            Clocks::Begin { .. } => self.loaded.now,
            Clocks::GoOn { started, .. } => started,
        }
    }
}

impl fmt::Debug for About<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("About")
            .field("id", &self.id)
            .field("started", &self.started_seconds())
            .field("is_new", &self.is_new)
            .field("rejection", &self.loaded.rejection)
            .field("key_id", &self.loaded.key_id)
            .finish_non_exhaustive()
    }
}

/// What `save` needs to know of the request.
#[derive(Clone, Copy)]
pub(crate) struct Loaded {
    /// Of which sessions it was loaded.
    pub(crate) family: u64,
    pub(crate) now: Seconds,
    /// Whether it carried any cookie of our name, readable or not.
    pub(crate) carried: bool,
    /// Whether one of them was of an unknown key or another schema, so that another process may be able to read it.
    pub(crate) carried_unreadable: bool,
    pub(crate) carried_last_seen: bool,
    /// Which of the former places may still hold a cookie.
    pub(crate) carried_former: [bool; MAX_FORMER],
    pub(crate) tombstones: Tombstones,
    /// The ids of the cookies that could be opened, whatever their schema.
    pub(crate) ids: [Option<EndedId>; MAX_CANDIDATES],
    /// The tag of the cookie that became the session.
    pub(crate) tag: Option<[u8; TAG]>,
    /// How long the record of that cookie was, by which the next one is guessed; 0 if there was none.
    pub(crate) record: usize,
    /// When its idle clock last began; the moment of the load for a fresh session.
    pub(crate) idle_since: Seconds,
    pub(crate) rejection: Option<Rejection>,
    pub(crate) key_id: Option<KeyId>,
    pub(crate) limits: Limits,
    pub(crate) is_plain_http: bool,
}

/// The family of sessions that were loaded for a tenant which nobody declared.
pub(crate) const NO_SESSIONS: u64 = u64::MAX;

/// How many former places there may be.
pub(crate) const MAX_FORMER: usize = 4;

/// How many cookies of our name are tried (FORMAT §12).
pub(crate) const MAX_CANDIDATES: usize = 4;
