//! What one can ask about a session.

use std::fmt;
use std::time::{Duration, SystemTime};

use super::clock_state::ClockState;
use super::id_state::IdState;
use super::loaded::Loaded;
use crate::error::Rejection;
use crate::keys::KeyId;
use crate::record::id::{FamilyId, SessionId};
use crate::time::Seconds;

/// What one can ask about a session. Times are whole seconds.
///
/// ```
/// # use sealed_session::{Sessions, testing};
/// # let clock = testing::Clock::at(1_800_000_000);
/// # let builder = Sessions::<u64>::builder(testing::key_ring()).clock(clock.reader());
/// # let sessions = builder.build()?;
/// # let request = testing::request(&sessions, |session| session.mark_authenticated());
/// let session = sessions.load(&request);
/// let about = session.about();
/// assert!(!about.is_new() && about.authenticated_at().is_some());
/// let week = std::time::Duration::from_secs(7 * 86_400);
/// assert_eq!(about.expires_at(), about.started() + week);
/// # drop(session.into_data());
/// # Ok::<(), sealed_session::ConfigError>(())
/// ```
#[derive(Clone, Copy)]
pub struct About<'a> {
    pub(super) loaded: &'a Loaded,
    pub(super) id: IdState,
    pub(super) lifetime: Option<u64>,
    pub(super) reauthenticated: bool,
    pub(super) is_new: bool,
}

impl About<'_> {
    /// The session's ID, for logs. `None` until a session that begins in this request is
    /// saved, or [`ensure_id`](crate::Session::ensure_id) is called.
    ///
    /// ```
    /// # use sealed_session::{Sessions, testing};
    /// # let sessions: Sessions<u64> = Sessions::new(testing::key_ring())?;
    /// # let request = testing::request(&sessions, |session| session.mark_authenticated());
    /// let session = testing::load(&sessions, &request);
    /// assert_eq!(session.about().id().map(|id| id.to_string().len()), Some(22));
    /// # Ok::<(), sealed_session::ConfigError>(())
    /// ```
    #[must_use]
    pub fn id(&self) -> Option<SessionId> {
        self.id.id()
    }

    /// What all IDs of the session share, from the login to the logout: for lists of what was revoked, because a copy
    /// of the cookie can change its ID and not its family. `None` where [`id`](Self::id) is.
    ///
    /// ```
    /// # use sealed_session::{Sessions, testing};
    /// # let sessions: Sessions<u64> = Sessions::new(testing::key_ring())?;
    /// # let request = testing::request(&sessions, |session| session.log_in(7));
    /// # let mut response = http::HeaderMap::new();
    /// let mut session = sessions.load(&request);
    /// let family = session.about().family();
    /// session.cycle_id();
    /// sessions.save(session, &mut response)?;
    /// assert_eq!(testing::read_back(&sessions, &response).about().family(), family);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn family(&self) -> Option<FamilyId> {
        self.id.family()
    }

    /// When the absolute clock began, cut to whole seconds; the moment of the load if it begins in this request.
    ///
    /// To log a person out everywhere, keep a moment for each person and treat sessions that started before it as
    /// absent. The next whole second ends all there are, that of the request too. If that one is to go on, with a new
    /// start from [`log_in`](crate::Session::log_in), take this second, cut to the whole: any other that began in it
    /// goes on as well.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use sealed_session::{Sessions, testing};
    /// # let clock = testing::Clock::at(1_800_000_000);
    /// # let builder = Sessions::<u64>::builder(testing::key_ring()).clock(clock.reader());
    /// # let sessions = builder.build()?;
    /// # let request = testing::request(&sessions, |session| session.mark_authenticated());
    /// let login = clock.now();
    /// clock.advance(Duration::from_secs(60));
    /// assert_eq!(testing::load(&sessions, &request).about().started(), login);
    /// # Ok::<(), sealed_session::ConfigError>(())
    /// ```
    #[must_use]
    pub fn started(&self) -> SystemTime {
        self.started_seconds().to_system()
    }

    /// When the session ends at the latest, whatever its visitor does.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use sealed_session::{Sessions, testing};
    /// # let sessions: Sessions<u64> = Sessions::new(testing::key_ring())?;
    /// # let request = testing::request(&sessions, |session| session.mark_authenticated());
    /// let session = testing::load(&sessions, &request);
    /// let about = session.about();
    /// assert_eq!(about.expires_at(), about.started() + Duration::from_secs(7 * 86_400));
    /// # Ok::<(), sealed_session::ConfigError>(())
    /// ```
    #[must_use]
    pub fn expires_at(&self) -> SystemTime {
        self.clock().deadline(self.loaded, self.loaded.now, self.lifetime).to_system()
    }

    /// When the session ends if nobody uses it any more; `None` if no idle timeout applies to it.
    ///
    /// As of the load: this very request may renew it. A page that warns a person in time asks with a request that does
    /// not ([`skip_renewal`](crate::Session::skip_renewal)).
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use sealed_session::{Sessions, testing};
    /// # let sessions: Sessions<u64> = Sessions::new(testing::key_ring())?;
    /// # let request = testing::request(&sessions, |session| session.mark_authenticated());
    /// let session = testing::load(&sessions, &request);
    /// let about = session.about();
    /// assert_eq!(about.idle_expires_at(), Some(about.started() + Duration::from_secs(86_400)));
    /// # Ok::<(), sealed_session::ConfigError>(())
    /// ```
    #[must_use]
    pub fn idle_expires_at(&self) -> Option<SystemTime> {
        let Loaded { limits, now, .. } = self.loaded;
        let clock = self.clock();
        let since = match (clock, &self.loaded.cookie) {
            (ClockState::GoesOn(_), Ok(cookie)) => cookie.idle_since,
            _ => *now,
        };
        let idle = limits.idle.filter(|_| !clock.is_remembered(self.loaded, self.lifetime))?;
        let deadline = clock.deadline(self.loaded, *now, self.lifetime);
        Some(since.plus(idle).min(deadline).to_system())
    }

    /// Whether a person proved who they are less than this long ago, for pages that ask for a fresh login.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use sealed_session::{Sessions, testing};
    /// # let clock = testing::Clock::at(1_800_000_000);
    /// # let builder = Sessions::<u64>::builder(testing::key_ring()).clock(clock.reader());
    /// # let sessions = builder.build()?;
    /// # let request = testing::request(&sessions, |session| session.mark_authenticated());
    /// let is_fresh = || {
    ///     let session = testing::load(&sessions, &request);
    ///     session.about().authenticated_within(Duration::from_secs(600))
    /// };
    /// assert!(is_fresh());
    /// clock.advance(Duration::from_secs(600));
    /// assert!(!is_fresh());
    /// # Ok::<(), sealed_session::ConfigError>(())
    /// ```
    #[must_use]
    pub fn authenticated_within(&self, duration: Duration) -> bool {
        let now = self.loaded.now;
        self.proved_at().is_some_and(|moment| now.since(moment) < duration.as_secs())
    }

    /// When a person last proved who they are, by [`log_in`](crate::Session::log_in),
    /// [`mark_authenticated`](crate::Session::mark_authenticated) or
    /// [`reauthenticate`](crate::Session::reauthenticate).
    ///
    /// ```
    /// # use sealed_session::{Sessions, testing};
    /// # let sessions: Sessions<u64> = Sessions::new(testing::key_ring())?;
    /// let request = testing::request(&sessions, |session| **session = 7); // no login
    /// assert_eq!(testing::load(&sessions, &request).about().authenticated_at(), None);
    /// # Ok::<(), sealed_session::ConfigError>(())
    /// ```
    #[must_use]
    pub fn authenticated_at(&self) -> Option<SystemTime> {
        self.proved_at().map(Seconds::to_system)
    }

    /// Whether the session may outlive the absolute timeout: "remember me" was ticked.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use sealed_session::{Lifetimes, Sessions, testing};
    /// # let month = Duration::from_secs(30 * 86_400);
    /// # let lifetimes = Lifetimes::default().max_lifetime(month);
    /// # let builder = Sessions::<u64>::builder(testing::key_ring()).lifetimes(lifetimes);
    /// # let sessions = builder.build()?;
    /// let request = testing::request(&sessions, |session| {
    ///     session.log_in(7);
    ///     session.set_lifetime(month);
    /// });
    /// assert!(testing::load(&sessions, &request).about().is_remembered());
    /// # Ok::<(), sealed_session::ConfigError>(())
    /// ```
    #[must_use]
    pub fn is_remembered(&self) -> bool {
        self.clock().is_remembered(self.loaded, self.lifetime)
    }

    /// Whether it is a fresh one: no cookie became a session, or it was reset or destroyed in this request.
    ///
    /// ```
    /// # use sealed_session::{Sessions, testing};
    /// # let sessions: Sessions<u64> = Sessions::new(testing::key_ring())?;
    /// let stranger = http::HeaderMap::new();
    /// assert!(testing::load(&sessions, &stranger).about().is_new());
    /// # Ok::<(), sealed_session::ConfigError>(())
    /// ```
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    /// Why the request's cookie did not become a session; `None` if it did.
    ///
    /// ```
    /// # use sealed_session::{Rejection, Sessions, testing};
    /// # let sessions: Sessions<u64> = Sessions::new(testing::key_ring())?;
    /// let mut request = http::HeaderMap::new();
    /// request.insert("cookie", "__Host-session=junk".parse()?);
    /// let session = testing::load(&sessions, &request);
    /// assert_eq!(session.about().rejection(), Some(Rejection::Malformed));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn rejection(&self) -> Option<Rejection> {
        self.loaded.cookie.err()
    }

    /// The key that had sealed the request's cookie; `None` if no cookie became a session. Count it to see which keys
    /// are still in use.
    ///
    /// ```
    /// # use sealed_session::{Sessions, testing};
    /// # let sessions: Sessions<u64> = Sessions::new(testing::key_ring())?;
    /// let request = testing::request(&sessions, |session| **session = 7);
    /// # let ring = testing::key_ring();
    /// let key_id = testing::load(&sessions, &request).about().key_id();
    /// assert_eq!(key_id, ring.key_ids().next());
    /// # Ok::<(), sealed_session::ConfigError>(())
    /// ```
    #[must_use]
    pub fn key_id(&self) -> Option<KeyId> {
        self.loaded.cookie.ok().map(|cookie| cookie.key_id)
    }

    fn proved_at(&self) -> Option<Seconds> {
        let now = self.loaded.now;
        if self.reauthenticated { Some(now) } else { self.clock().authenticated_at(now) }
    }

    fn clock(&self) -> ClockState<'_> {
        ClockState::of(self.loaded, self.id)
    }

    fn started_seconds(&self) -> Seconds {
        self.clock().started(self.loaded.now)
    }
}

impl fmt::Debug for About<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("About")
            .field("id", &self.id())
            .field("started", &self.started_seconds())
            .field("is_new", &self.is_new)
            .field("rejection", &self.rejection())
            .field("key_id", &self.key_id())
            .finish_non_exhaustive()
    }
}
