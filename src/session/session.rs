//! One session in the hands of a handler: the data, and what has happened to it since it was loaded.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::about::About;
use super::clock_state::ClockState;
use super::id_state::IdState;
use super::loaded::Loaded;
use crate::crypto::secret::SecretBuffer;
use crate::data::SessionData;
use crate::data::payload::{self, Tuples};
use crate::error::{RandomError, Rejection};
use crate::record::id::SessionId;
use crate::time::Seconds;
use crate::token::MAX_ENVELOPE;
use crate::web::cache::Storage;

/// A visitor's session, from [`load`](crate::Sessions::load) to [`save`](crate::Sessions::save).
///
/// It dereferences to the application's data. Its methods are verbs that do something; questions about it go to
/// [`about`](Self::about). So few names here hide one of the application's own.
///
/// A session that was used and then dropped without `save` is reported on standard error in debug builds.
#[must_use = "a session must be handed to `save`, also after a mere read"]
pub struct Session<T> {
    data: T,
    before: Before,
    id: IdState,
    lifetime: Option<u64>,
    must_write: bool,
    reauthenticated: bool,
    /// Whether the person's other sessions are to end.
    logs_out_others: bool,
    /// Whether the log is to be told that nobody was logged in who could prove again who they are.
    reauthenticated_nobody: bool,
    skip_renewal: bool,
    /// Whether the data is that of no cookie.
    is_new: bool,
    loaded: Loaded,
    was_accessed: AtomicBool,
    /// Whether the page may hold a token that expires.
    shows_token: bool,
    is_done: bool,
}

/// The data as it was at the first mutable borrow.
enum Before {
    NotBorrowed,
    Payload(SecretBuffer),
    Unserializable,
}

impl<T: SessionData> Session<T> {
    /// A person has proved who they are: this is the login. `data` takes the place of the session's data, so
    /// nothing that another person left in the session goes on. The session gets a new ID of a new family,
    /// both clocks begin, and the moment is sealed in.
    ///
    /// A [lifetime](Self::set_lifetime) of an earlier login does not go on either. Call `set_lifetime` again, before or
    /// after this.
    ///
    /// ```
    /// # use sealed_session::{Sessions, testing};
    /// # let sessions: Sessions<Visitor> = Sessions::new(testing::key_ring())?;
    /// # let (request, mut response) = (http::HeaderMap::new(), http::HeaderMap::new());
    /// #[derive(Default, serde::Serialize, serde::Deserialize)]
    /// struct Visitor { user: Option<u64>, cart: Vec<u32> }
    ///
    /// let mut session = sessions.load(&request);
    /// let cart = std::mem::take(&mut session.cart); // what goes on is what you name
    /// session.log_in(Visitor { user: Some(7), cart });
    /// sessions.save(session, &mut response)?;
    ///
    /// let session = testing::read_back(&sessions, &response);
    /// assert!(session.user == Some(7) && session.about().authenticated_at().is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn log_in(&mut self, data: T) {
        self.access();
        self.before = Before::NotBorrowed;
        self.id.begin(true);
        self.reauthenticated = false;
        self.logs_out_others = false;
        self.must_write = true;
        self.data = data;
    }

    /// As [`log_in`](Self::log_in), with all data kept: a person has proved who they are, and what an anonymous visitor
    /// had, such as a cart, goes on.
    ///
    /// If another person may have used the session before, whatever they left in it goes on too. Prefer `log_in`.
    ///
    /// ```
    /// # use sealed_session::{Sessions, testing};
    /// # let sessions: Sessions<Vec<u64>> = Sessions::new(testing::key_ring())?;
    /// # let request = testing::request(&sessions, |session| session.push(7));
    /// # let mut response = http::HeaderMap::new();
    /// let mut session = sessions.load(&request);
    /// let before = session.about().id();
    /// session.mark_authenticated();
    /// sessions.save(session, &mut response)?;
    ///
    /// let session = testing::read_back(&sessions, &response);
    /// assert!(session.about().authenticated_at().is_some() && session.about().id() != before);
    /// assert_eq!(*session, [7]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn mark_authenticated(&mut self) {
        self.access();
        self.id.begin(true);
        self.reauthenticated = false;
        self.must_write = true;
    }

    /// The person who is logged in has just proved it again, for instance before they change their password ("sudo
    /// mode"). [`authenticated_at`](crate::About::authenticated_at) is now, and everything else goes on: ID, start,
    /// deadline, remember-me and data.
    ///
    /// Ask for the proof with [`authenticated_within`](crate::About::authenticated_within). The earlier cookie stays a
    /// session without the fresh proof. So if a slower response of another tab brings it back, the person is asked
    /// again, and nobody is logged out.
    ///
    /// In a session that no login began this does what [`mark_authenticated`](Self::mark_authenticated) does, and emits
    /// the event `session.reauthenticated_nobody`.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use sealed_session::{Sessions, testing};
    /// # let clock = testing::Clock::at(1_800_000_000);
    /// # let sessions: Sessions<u64> = Sessions::builder(testing::key_ring()).clock(clock.reader()).build()?;
    /// # let request = testing::request(&sessions, |session| session.log_in(7));
    /// # let mut response = http::HeaderMap::new();
    /// # clock.advance(Duration::from_secs(3600));
    /// let ten_minutes = Duration::from_secs(600);
    /// let mut session = sessions.load(&request);
    /// assert!(!session.about().authenticated_within(ten_minutes)); // ask for the password
    /// session.reauthenticate();
    /// sessions.save(session, &mut response)?;
    ///
    /// let session = testing::read_back(&sessions, &response);
    /// assert!(session.about().authenticated_within(ten_minutes));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn reauthenticate(&mut self) {
        self.access();
        if self.clock().authenticated_at(self.loaded.now).is_some() {
            self.reauthenticated = true;
            self.must_write = true;
        } else {
            self.reauthenticated_nobody = true;
            self.mark_authenticated();
        }
    }

    /// The session goes on under another ID, its start unchanged: at a change of privilege that is no login.
    ///
    /// The new ID is of the same [family](crate::SessionId::family), so a logout that is under way at the same time
    /// ends both.
    ///
    /// ```
    /// # use sealed_session::{Sessions, testing};
    /// # let sessions: Sessions<u64> = Sessions::new(testing::key_ring())?;
    /// # let request = testing::request(&sessions, |session| **session = 7);
    /// # let mut response = http::HeaderMap::new();
    /// let mut session = sessions.load(&request);
    /// let before = session.about().id();
    /// session.cycle_id();
    /// sessions.save(session, &mut response)?;
    /// let session = testing::read_back(&sessions, &response);
    /// assert!(*session == 7 && session.about().id() != before);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn cycle_id(&mut self) {
        self.access();
        self.id.cycle();
        self.must_write = true;
    }

    /// Ends every other session of this person: "log out my other devices". This one goes on in a new
    /// [family](crate::SessionId::family), with its start, deadline and data. Copies of its cookie that were made
    /// before end with the others.
    ///
    /// It takes effect with [`save`](crate::Sessions::save), which returns
    /// [`NoSubject`](crate::SaveError::NoSubject) if the builder was not told [who the
    /// person is](crate::Builder::subject) or nobody is logged in. To end this session too, use
    /// [`revoke_subject`](crate::revocation::Revocations::revoke_subject). A `log_in`, `reset` or `destroy` after it in
    /// the same handler takes it back.
    ///
    /// ```
    /// # use sealed_session::revocation::Revocations;
    /// # use sealed_session::{Rejection, Sessions, testing};
    /// # let revocations = Revocations::new();
    /// # let builder = Sessions::<u64>::builder(testing::key_ring());
    /// let sessions = builder.revocations(&revocations).subject(|user| Some(user.to_be_bytes())).build()?;
    /// # let log_in = || testing::request(&sessions, |session| session.log_in(7));
    /// # let (telephone, laptop, mut response) = (log_in(), log_in(), http::HeaderMap::new());
    /// let mut session = sessions.load(&laptop);
    /// session.log_out_others();
    /// sessions.save(session, &mut response)?;
    ///
    /// assert_eq!(*testing::read_back(&sessions, &response), 7);
    /// for ended in [&telephone, &laptop] {
    ///     let session = testing::load(&sessions, ended);
    ///     assert_eq!(session.about().rejection(), Some(Rejection::Revoked));
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "revocation")]
    #[cfg_attr(docsrs, doc(cfg(feature = "revocation")))]
    pub fn log_out_others(&mut self) {
        self.access();
        self.id.move_on();
        self.logs_out_others = true;
        self.must_write = true;
    }

    /// Begins again, empty, under a new ID and with a new start. Returns the old data.
    ///
    /// Rails calls it `reset_session`, express-session `regenerate`.
    ///
    /// ```
    /// # use sealed_session::{Sessions, testing};
    /// # let sessions: Sessions<u64> = Sessions::new(testing::key_ring())?;
    /// # let request = testing::request(&sessions, |session| **session = 7);
    /// # let mut response = http::HeaderMap::new();
    /// let mut session = sessions.load(&request);
    /// assert_eq!(session.reset(), 7);
    /// sessions.save(session, &mut response)?;
    /// assert_eq!(*testing::read_back(&sessions, &response), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn reset(&mut self) -> T {
        let old = self.empty();
        self.id.begin(false);
        self.must_write = true;
        old
    }

    /// Puts other data in place of the session's and returns the old. ID and clocks stay.
    ///
    /// ```
    /// # use sealed_session::{Sessions, testing};
    /// # let sessions: Sessions<u64> = Sessions::new(testing::key_ring())?;
    /// # let request = testing::request(&sessions, |session| **session = 7);
    /// # let mut response = http::HeaderMap::new();
    /// let mut session = sessions.load(&request);
    /// assert_eq!(session.replace(8), 7);
    /// sessions.save(session, &mut response)?;
    /// assert_eq!(*testing::read_back(&sessions, &response), 8);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn replace(&mut self, data: T) -> T {
        std::mem::replace(self.data_mut(), data)
    }

    /// Gives this session another lifetime, counted from its start, in place of the absolute timeout.
    ///
    /// Longer than the absolute timeout is "remember me": it lasts at most
    /// [`max_lifetime`](crate::Lifetimes::max_lifetime), and the idle timeout does not apply, so that a weekend does
    /// not log out a person who asked to be remembered. Shorter only brings the end nearer.
    ///
    /// A session that began in an earlier request can be shortened and not extended: call it together with
    /// [`log_in`](Self::log_in). The shortest lifetime is a second. A session whose age is already greater than the new
    /// lifetime is removed.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use sealed_session::{Lifetimes, Sessions, testing};
    /// # let ring = testing::key_ring();
    /// # let (request, mut response) = (http::HeaderMap::new(), http::HeaderMap::new());
    /// let month = Duration::from_secs(30 * 86_400);
    /// let lifetimes = Lifetimes::default().max_lifetime(month);
    /// let sessions: Sessions<u64> = Sessions::builder(ring).lifetimes(lifetimes).build()?;
    ///
    /// let mut session = sessions.load(&request);
    /// session.log_in(7);
    /// session.set_lifetime(month); // "remember me" was ticked
    /// sessions.save(session, &mut response)?;
    ///
    /// let session = testing::read_back(&sessions, &response);
    /// assert_eq!(session.about().expires_at(), session.about().started() + month);
    /// assert_eq!(session.about().idle_expires_at(), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn set_lifetime(&mut self, lifetime: Duration) {
        self.access();
        self.lifetime = Some(lifetime.as_secs().max(1));
        self.must_write = true;
    }

    /// Ends the session: logout. What this handler holds afterwards is a fresh session, and if it changes that, the
    /// fresh one is saved.
    ///
    /// `save` removes the cookie that the request carried, also one that could not be read. This needs no randomness
    /// and no room in the cookie. A tombstone of the ID stays in the browser for a while, so that no response in flight
    /// can bring the ID back. If what the handler puts into the fresh session cannot be saved, nothing is removed
    /// either: handle the error of `save`.
    ///
    /// ```
    /// # use sealed_session::{Rejection, Saved, Sessions, testing};
    /// # let sessions: Sessions<u64> = Sessions::new(testing::key_ring())?;
    /// # let request = testing::request(&sessions, |session| **session = 7);
    /// # let mut response = http::HeaderMap::new();
    /// let mut session = sessions.load(&request);
    /// session.destroy();
    /// assert_eq!(sessions.save(session, &mut response)?, Saved::Removed);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn destroy(&mut self) {
        let _dropped_last = self.empty(); // its destructor may panic
        self.id.destroy();
        self.must_write = false;
    }

    /// Treats the session as absent because the application has revoked it: the person has logged out everywhere, or
    /// the account is locked. The handler holds a fresh session from here on, and
    /// [`about().rejection()`](crate::About::rejection) is [`Revoked`](Rejection::Revoked).
    ///
    /// A request that only reads leaves the cookies in the browser, as with a session that has expired: a slow poll
    /// that was sent before the person logged in again must not remove the cookie of that login. A write replaces the
    /// cookie, and [`destroy`](Self::destroy) removes it.
    ///
    /// The layers call it for the verdict of their check. Without a layer, check after `load` and call it yourself.
    ///
    /// ```
    /// # use sealed_session::{Rejection, Sessions, testing};
    /// # let sessions: Sessions<u64> = Sessions::new(testing::key_ring())?;
    /// # let request = testing::request(&sessions, |session| **session = 7);
    /// # let mut response = http::HeaderMap::new();
    /// # let is_locked = |user: u64| user == 7;
    /// let mut session = sessions.load(&request);
    /// if is_locked(*session) {
    ///     session.revoke();
    /// }
    /// assert_eq!((*session, session.about().rejection()), (0, Some(Rejection::Revoked)));
    /// sessions.save(session, &mut response)?;
    /// assert!(!response.contains_key("set-cookie"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn revoke(&mut self) {
        let _dropped_last = self.empty(); // its destructor may panic
        self.id.revoke();
        self.must_write = false;
        self.loaded.cookie = Err(Rejection::Revoked);
    }

    /// Keeps this request from renewing the idle clock: for requests that no person caused, such as polling.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use sealed_session::{Saved, Sessions, testing};
    /// # let clock = testing::Clock::at(1_800_000_000);
    /// # let builder = Sessions::<u64>::builder(testing::key_ring()).clock(clock.reader());
    /// # let sessions = builder.build()?;
    /// # let request = testing::request(&sessions, |session| **session = 7);
    /// # let mut response = http::HeaderMap::new();
    /// clock.advance(Duration::from_secs(12 * 3600)); // a renewal is due
    /// let mut session = sessions.load(&request);
    /// let unread = *session;
    /// session.skip_renewal();
    /// assert_eq!(sessions.save(session, &mut response)?, Saved::Unchanged);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn skip_renewal(&mut self) {
        self.skip_renewal = true;
    }

    /// Has the session written although no change can be seen: after a change through interior mutability.
    ///
    /// ```
    /// # use sealed_session::{Saved, Sessions, testing};
    /// # let sessions: Sessions<u64> = Sessions::new(testing::key_ring())?;
    /// # let request = testing::request(&sessions, |session| **session = 7);
    /// # let mut response = http::HeaderMap::new();
    /// let mut session = sessions.load(&request);
    /// session.mark_changed();
    /// assert!(matches!(sessions.save(session, &mut response)?, Saved::Written { .. }));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn mark_changed(&mut self) {
        self.access();
        self.must_write = true;
    }

    /// The session's ID, drawn now if it has none yet. A session that has been given an ID is written.
    ///
    /// ```
    /// # use sealed_session::{Sessions, testing};
    /// # let sessions: Sessions<u64> = Sessions::new(testing::key_ring())?;
    /// # let (request, mut response) = (http::HeaderMap::new(), http::HeaderMap::new());
    /// let mut session = sessions.load(&request);
    /// let id = session.ensure_id()?; // for a log line of this very request
    /// sessions.save(session, &mut response)?;
    /// assert_eq!(testing::read_back(&sessions, &response).about().id(), Some(id));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If the system's random generator fails.
    pub fn ensure_id(&mut self) -> Result<SessionId, RandomError> {
        self.access();
        let is_new = self.id.id().is_none();
        let id = self.id.ensure()?;
        self.must_write |= is_new;
        Ok(id)
    }

    /// The data, to be changed. Write it out where several fields are borrowed at a time.
    ///
    /// ```
    /// # use sealed_session::{Sessions, testing};
    /// # let sessions: Sessions<(u64, u64)> = Sessions::new(testing::key_ring())?;
    /// # let (request, mut response) = (http::HeaderMap::new(), http::HeaderMap::new());
    /// let mut session = sessions.load(&request);
    /// let (clicks, visits) = session.data_mut();
    /// *clicks += 1;
    /// *visits += 1;
    /// sessions.save(session, &mut response)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn data_mut(&mut self) -> &mut T {
        self.access();
        if let Before::NotBorrowed = self.before {
            let mut before = SecretBuffer::expecting(self.loaded.expected_length(), MAX_ENVELOPE);
            self.before = match payload::encode(&self.data, Tuples::UNKNOWN, &mut before) {
                Ok(()) => Before::Payload(before),
                Err(_) => Before::Unserializable,
            };
        }
        &mut self.data
    }

    /// The data alone, where there is no response that could carry a cookie. Changes are given up.
    ///
    /// ```
    /// # use sealed_session::{Sessions, testing};
    /// # let sessions: Sessions<u64> = Sessions::new(testing::key_ring())?;
    /// # let request = testing::request(&sessions, |session| **session = 7);
    /// assert_eq!(sessions.load(&request).into_data(), 7); // say, for a WebSocket
    /// # Ok::<(), sealed_session::ConfigError>(())
    /// ```
    pub fn into_data(mut self) -> T {
        self.is_done = true;
        std::mem::take(&mut self.data)
    }

    /// Takes the data out, and what belonged to it.
    fn empty(&mut self) -> T {
        self.access();
        self.before = Before::NotBorrowed;
        self.lifetime = None;
        self.reauthenticated = false;
        self.logs_out_others = false;
        self.is_new = true;
        std::mem::take(&mut self.data)
    }
}

impl<T> Session<T> {
    /// The data, to be read.
    ///
    /// ```
    /// # use sealed_session::{Sessions, testing};
    /// # let sessions: Sessions<u64> = Sessions::new(testing::key_ring())?;
    /// # let request = testing::request(&sessions, |session| **session = 7);
    /// let session = testing::load(&sessions, &request);
    /// assert_eq!(*session.data(), *session); // it also dereferences to the data
    /// # Ok::<(), sealed_session::ConfigError>(())
    /// ```
    #[must_use]
    pub fn data(&self) -> &T {
        self.access();
        &self.data
    }

    /// What one can ask about the session: ID, times, why there is none. Asking counts as an access.
    ///
    /// ```
    /// # use sealed_session::{Rejection, Sessions, testing};
    /// # let sessions: Sessions<u64> = Sessions::new(testing::key_ring())?;
    /// let session = testing::load(&sessions, &http::HeaderMap::new());
    /// assert_eq!(session.about().rejection(), Some(Rejection::Absent));
    /// # Ok::<(), sealed_session::ConfigError>(())
    /// ```
    #[must_use]
    pub fn about(&self) -> About<'_> {
        self.access();
        let (lifetime, reauthenticated) = (self.lifetime, self.reauthenticated);
        About { loaded: &self.loaded, id: self.id, lifetime, reauthenticated, is_new: self.is_new }
    }

    /// Records that somebody has accessed it.
    pub(crate) fn access(&self) {
        self.was_accessed.store(true, Ordering::Relaxed);
    }
}

/// For `load` and `save`.
impl<T: SessionData> Session<T> {
    pub(crate) fn new(data: T, loaded: Loaded) -> Self {
        let id = loaded.cookie.as_ref().ok().map(|cookie| cookie.header.id);
        Self {
            data,
            before: Before::NotBorrowed,
            id: IdState::loaded(id),
            lifetime: None,
            must_write: false,
            reauthenticated: false,
            logs_out_others: false,
            reauthenticated_nobody: false,
            skip_renewal: false,
            is_new: id.is_none(),
            loaded,
            was_accessed: AtomicBool::new(false),
            shows_token: false,
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

    pub(crate) fn id(&self) -> IdState {
        self.id
    }

    pub(crate) fn id_mut(&mut self) -> &mut IdState {
        &mut self.id
    }

    pub(crate) fn clock(&self) -> ClockState<'_> {
        ClockState::of(&self.loaded, self.id)
    }

    pub(crate) fn own_lifetime(&self) -> Option<u64> {
        self.lifetime
    }

    pub(crate) fn is_reauthenticated(&self) -> bool {
        self.reauthenticated
    }

    pub(crate) fn logs_out_others(&self) -> bool {
        self.logs_out_others
    }

    /// Whether the log is to be told so, which is not done while a layer holds the session.
    pub(crate) fn take_reauthenticated_nobody(&mut self) -> bool {
        std::mem::take(&mut self.reauthenticated_nobody)
    }

    /// When the session was last active, if this request is activity at that moment.
    pub(crate) fn active_at(&self, now: Seconds) -> Seconds {
        match &self.loaded.cookie {
            Ok(cookie) if self.skip_renewal => cookie.idle_since,
            _ => now,
        }
    }

    /// Whether the handler accessed the session and lets its use count as activity.
    pub(crate) fn may_renew(&self) -> bool {
        !self.skip_renewal && self.was_accessed.load(Ordering::Relaxed)
    }

    pub(crate) fn was_accessed(&mut self) -> bool {
        *self.was_accessed.get_mut()
    }

    /// Records that a token was made for a page.
    pub(crate) fn show_token(&mut self) {
        self.shows_token = true;
    }

    /// What caches may do with the response, if the handler accessed the session.
    pub(crate) fn used(&mut self) -> Option<Storage> {
        let storage = if self.shows_token { Storage::Revalidated } else { Storage::Private };
        self.was_accessed().then_some(storage)
    }

    /// The ID of the cookie that became the session, unless a login, a logout or a revocation has ended it since.
    #[cfg(feature = "handle")]
    pub(crate) fn goes_on_as(&self) -> Option<SessionId> {
        let id = self.loaded.cookie.as_ref().ok()?.header.id;
        (self.id.family() == Some(id.family())).then_some(id)
    }

    /// Records that the request came by plain http.
    #[cfg(feature = "handle")]
    pub(crate) fn came_by_plain_http(&mut self) {
        self.loaded.is_plain_http = true;
    }

    /// Lets `look` see the session without that counting as an access of the handler's.
    #[cfg(feature = "handle")]
    pub(crate) fn peek<R>(&mut self, look: impl FnOnce(&Self) -> R) -> R {
        let was_accessed = self.was_accessed();
        let seen = look(self);
        *self.was_accessed.get_mut() = was_accessed;
        seen
    }

    /// Whether it can have changed at all, which costs nothing to know.
    pub(crate) fn may_have_changed(&self) -> bool {
        self.must_write || !matches!(self.before, Before::NotBorrowed)
    }

    /// Whether it has to be written, given whether its payload differs from the one before.
    pub(crate) fn has_changed(&self, differs: impl FnOnce(&[u8]) -> bool) -> bool {
        self.must_write
            || match &self.before {
                Before::NotBorrowed => false,
                Before::Payload(before) => !before.is_whole() || differs(before.as_slice()),
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

/// Shows the ID and what became of the cookie, and no data. Counts as an access.
impl<T> fmt::Debug for Session<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let about = self.about();
        f.debug_struct("Session")
            .field("id", &about.id())
            .field("is_new", &about.is_new())
            .field("rejection", &about.rejection())
            .field("key_id", &about.key_id())
            .finish_non_exhaustive()
    }
}
