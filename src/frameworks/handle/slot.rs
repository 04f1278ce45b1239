//! Where a request keeps its session: from its headers, unread, to what was saved.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use http::uri::PathAndQuery;
use http::{HeaderMap, StatusCode, header};

use super::SessionHandle;
use super::check::{Answer, Check, Verdict};
use super::close::CloseError;
use super::error::OpenError;
use super::lock::{Held, Lock};
use super::policy::Decide;
use crate::data::SessionData;
use crate::error::Rejection;
use crate::events;
use crate::record::id::SessionId;
use crate::session::{Saved, Session, Sessions};
use crate::web::{RequestInfo, ReturnTo, Scheme};

/// The place in a request where its session is. A layer gets one from its [`Policy`](super::Policy) for each request,
/// keeps it, and puts a clone into the request's extensions. The first extractor [opens](Self::open) it, and when the
/// response's headers are ready the policy [closes](super::Policy::close) it.
///
/// A slot that nobody opens costs a copy of the pointers to the Cookie lines.
pub struct SessionSlot<T> {
    /// `None` if no sessions were chosen for the request.
    shared: Option<Arc<Shared<T>>>,
    /// Whether a layer further out saves the session.
    is_joined: bool,
    /// What was told about a request for which no sessions were chosen.
    info: Option<Arc<RequestInfo>>,
    /// That of the next layer further out.
    outer: Option<Arc<Self>>,
}

pub(super) struct Shared<T> {
    pub(super) sessions: Sessions<T>,
    arrival: Arrival,
    state: Lock<State<T>>,
    pub(super) has_panicked: AtomicBool,
    /// How many handles there are.
    pub(super) handles: AtomicUsize,
    /// How many layers further in have joined, and have not seen their response.
    unanswered: AtomicUsize,
}

/// What is kept of the request until somebody asks.
struct Arrival {
    /// The Cookie lines alone.
    cookies: HeaderMap,
    /// What the browser asked for, where going there again does no harm.
    asked_for: Option<PathAndQuery>,
}

struct State<T> {
    /// `None` until it is asked for.
    session: Option<Session<T>>,
    info: RequestInfo,
    /// Of all layers, from the outermost in.
    checks: Vec<Check<T>>,
    /// How many of the checks have answered.
    answered: usize,
    passage: Passage,
    is_sent: bool,
    /// What layers further in say of a save that fails.
    joined: Vec<Option<Arc<Decide>>>,
}

impl<T: SessionData> State<T> {
    fn add_info(&mut self, info: &RequestInfo) {
        self.info.add(info);
        if self.info.scheme == Some(Scheme::Http) {
            self.session.iter_mut().for_each(Session::came_by_plain_http);
        }
    }
}

/// Whether anybody may see the session.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Passage {
    /// Nobody has a handle.
    Unknown,
    Free,
    /// A check could not answer.
    Failed,
}

/// What was asked, by which check, and about which session.
pub(super) struct Question {
    check: usize,
    id: SessionId,
    answer: Answer,
}

impl<T: SessionData> SessionSlot<T> {
    /// The slot of a request for which no sessions were chosen.
    pub(super) fn without_sessions(info: RequestInfo, outer: Option<&Self>) -> Self {
        let outer = outer.cloned().map(Arc::new);
        Self { shared: None, is_joined: false, info: Some(Arc::new(info)), outer }
    }

    /// The slot of a request with these headers.
    pub(super) fn new(
        sessions: Sessions<T>,
        headers: &HeaderMap,
        info: RequestInfo,
        checks: Vec<Check<T>>,
        asked_for: Option<PathAndQuery>,
        outer: Option<&Self>,
    ) -> Self {
        let mut cookies = HeaderMap::new();
        for line in headers.get_all(header::COOKIE) {
            cookies.append(header::COOKIE, line.clone());
        }
        let state = State {
            session: None,
            info,
            checks,
            answered: 0,
            passage: Passage::Unknown,
            is_sent: false,
            joined: Vec::new(),
        };
        let shared = Shared {
            sessions,
            arrival: Arrival { cookies, asked_for },
            state: Lock::new(state),
            has_panicked: AtomicBool::new(false),
            handles: AtomicUsize::new(0),
            unanswered: AtomicUsize::new(0),
        };
        let outer = outer.cloned().map(Arc::new);
        Self { shared: Some(Arc::new(shared)), is_joined: false, info: None, outer }
    }

    /// The sessions of this layer and of all further out.
    fn all(&self) -> impl Iterator<Item = &Arc<Shared<T>>> {
        let slots = std::iter::successors(Some(self), |slot| slot.outer.as_deref());
        slots.filter_map(|slot| slot.shared.as_ref())
    }

    /// The slot of a layer further in that has the same sessions: the session is the same one, this layer's checks are
    /// added, and the layer further out saves it.
    ///
    /// `None` if no layer further out has the same sessions, or its response has been sent.
    pub(super) fn join(
        &self,
        sessions: &Sessions<T>,
        info: &RequestInfo,
        checks: &[Check<T>],
        on_save_error: &Option<Arc<Decide>>,
    ) -> Option<Self> {
        let shared = self.all().find(|shared| shared.sessions.is_same(sessions))?;
        let mut state = shared.lock();
        if state.is_sent {
            return None;
        }
        let state = &mut *state;
        state.add_info(info);
        Check::add(&mut state.checks, checks);
        state.joined.push(on_save_error.clone());
        shared.unanswered.fetch_add(1, Ordering::Relaxed);
        let (shared, outer) = (Arc::clone(shared), Arc::new(self.clone()));
        Some(Self { shared: Some(shared), is_joined: true, info: None, outer: Some(outer) })
    }

    /// The checks that a session of this cookie has to pass further out, from the outermost in. What was passed on
    /// already is there once.
    pub(super) fn checks_of(&self, cookie: &str) -> Vec<Check<T>> {
        let all: Vec<_> = self.all().filter(|shared| shared.name() == cookie).collect();
        let mut checks = Vec::new();
        for shared in all.into_iter().rev() {
            Check::add(&mut checks, &shared.lock().checks);
        }
        checks
    }

    /// What the layers further in that joined say of a save that fails.
    pub(super) fn joined_decisions(&self) -> Vec<Option<Arc<Decide>>> {
        self.shared.as_ref().map(|shared| shared.lock().joined.clone()).unwrap_or_default()
    }

    /// Loads the session at the first call, and runs the checks. Without a check it is ready at once.
    ///
    /// # Errors
    /// If a check could not answer, or the layer chose no sessions for this request. Answer with
    /// [`status`](OpenError::status); after a check that failed, [`close`](super::Policy::close) asks for it too.
    pub async fn open(&self) -> Result<SessionHandle<T>, OpenError> {
        let Some(shared) = &self.shared else {
            events::no_sessions();
            return Err(OpenError::NoSessions);
        };
        while let Some(Question { check, id, answer }) = shared.next_question()? {
            shared.judge(check, id, answer.await)?;
        }
        Ok(SessionHandle::new(Arc::clone(shared)))
    }

    /// Saves the session into the headers of a response of this status, once. From here on, handles can only read it.
    /// If nobody accessed it before, later handles get the session of a request without cookies.
    ///
    /// A session that nobody opened is not saved, and the response is not marked as depending on it. A session of which
    /// a handle is left counts as accessed, because a streaming body may still read it when the headers are gone.
    ///
    /// # Errors
    /// If the session could not be [saved](Sessions::save), a part of the application panicked over it, or a check
    /// could not answer. The response is marked as private all the same, should the application keep it.
    pub(super) fn close(&self, status: StatusCode, headers: &mut HeaderMap) -> Result<Saved, CloseError> {
        let Some(shared) = &self.shared else { return Ok(Saved::Unchanged) };
        if self.is_joined {
            shared.unanswered.fetch_sub(1, Ordering::Relaxed);
            return Ok(Saved::Unchanged);
        }
        let closed = shared.close(status, headers);
        match &closed {
            Ok(saved) => shared.sessions.report_save(Ok(*saved)),
            Err(CloseError::Save(error)) => shared.sessions.report_save(Err(error)),
            Err(CloseError::Interrupted) => events::interrupted(shared.name()),
            Err(CloseError::Check) => {} // it has been told of
        }
        closed
    }

    /// Where a person who has to log in first is sent back to: the page that the browser asked for, if going there
    /// again does no harm, else `/`. It begins with the [path prefix](RequestInfo::path_prefix), if the layer knows one.
    #[must_use]
    pub fn return_to(&self) -> ReturnTo {
        let asked_for =
            self.shared.as_ref().and_then(|shared| Some((shared, shared.arrival.asked_for.as_ref()?)));
        let Some((shared, asked_for)) = asked_for else { return ReturnTo::from_text("/") };
        let prefix = shared.lock().info.path_prefix.clone().unwrap_or_default();
        ReturnTo::from_text(&format!("{}{asked_for}", prefix.trim_end_matches('/')))
    }

    /// Adds what is known about the request from elsewhere, such as a layer of another type of session.
    pub fn add_request_info(&self, info: &RequestInfo) {
        if let Some(shared) = &self.shared {
            shared.lock().add_info(info);
        }
    }

    /// What is known about the request.
    pub fn request_info(&self) -> RequestInfo {
        match &self.shared {
            Some(shared) => shared.lock().info.clone(),
            None => self.info.as_deref().cloned().unwrap_or_default(),
        }
    }
}

impl<T> SessionSlot<T> {
    /// Says that there will be no response of this request's: it was cancelled, or something else answers it. Nothing
    /// is saved, and a change after that is an error for whoever makes it. After [`close`](super::Policy::close) it
    /// does nothing.
    ///
    /// Where a layer further out has the same sessions, it saves nothing either.
    pub fn abandon(&self) {
        if let (Some(shared), false) = (&self.shared, self.is_joined) {
            shared.lock().is_sent = true;
        }
    }
}

impl<T: SessionData> Shared<T> {
    /// Loads the session, if nobody has. The log is told without the lock, since a subscriber may use a handle.
    fn load(&self) {
        let mut state = self.lock();
        if state.session.is_some() {
            return;
        }
        let session = self.loaded(&state);
        let (outcome, is_sent) = (session.loaded().outcome(), state.is_sent);
        state.session = Some(session);
        drop(state);
        if is_sent {
            events::response_gone(self.name());
        }
        self.sessions.report_load(outcome);
    }

    /// What has to be answered next before the session may be seen; `None` if nothing has.
    pub(super) fn next_question(&self) -> Result<Option<Question>, OpenError> {
        self.load();
        let mut state = self.lock();
        let State { session, checks, answered, passage, .. } = &mut *state;
        if *passage == Passage::Failed {
            return Err(OpenError::Check);
        }
        let cookie = session.as_mut().and_then(|session| Some((session.goes_on_as()?, session)));
        if cookie.is_some() && *passage == Passage::Unknown && self.sessions.revocations_are_silent() {
            *passage = Passage::Failed;
            drop(state);
            events::revocations_silent(self.name());
            return Err(OpenError::Check);
        }
        if let (Some(check), Some((id, session))) = (checks.get(*answered), cookie) {
            let answer = session.peek(|session| check.ask(session));
            return Ok(Some(Question { check: *answered, id, answer }));
        }
        (*answered, *passage) = (checks.len(), Passage::Free);
        Ok(None)
    }

    /// Of several who asked at the same time the strictest answer counts.
    pub(super) fn judge(
        &self,
        check: usize,
        asked: SessionId,
        answer: Result<Verdict, Box<dyn std::error::Error + Send + Sync>>,
    ) -> Result<(), OpenError> {
        let mut state = self.lock();
        let mut is_revoked = false;
        match answer {
            Err(_) => state.passage = Passage::Failed,
            Ok(Verdict::Keep) => {}
            Ok(Verdict::End) => {
                // A login since is a session that nobody has asked about. A new id is still the same one.
                let is_it = |session: &&mut Session<T>| session.id().family() == Some(asked.family());
                if let Some(session) = state.session.as_mut().filter(is_it) {
                    session.revoke();
                    is_revoked = true;
                }
            }
        }
        state.answered = state.answered.max(check.saturating_add(1));
        let has_failed = state.passage == Passage::Failed;
        drop(state);
        if let Err(error) = &answer {
            events::check_failed(self.name(), &**error);
        }
        if is_revoked {
            events::rejected(self.name(), Rejection::Revoked);
        }
        if has_failed { Err(OpenError::Check) } else { Ok(()) }
    }

    fn close(&self, status: StatusCode, headers: &mut HeaderMap) -> Result<Saved, CloseError> {
        let has_panicked = self.state.has_panicked() || self.has_panicked.load(Ordering::Relaxed);
        let handles = self.handles.load(Ordering::Relaxed);
        // A layer further in was cancelled, or what handed a handle on may have panicked.
        let is_cut_off =
            self.unanswered.load(Ordering::Relaxed) > 0 || handles > 0 && status.is_server_error();
        let is_interrupted = has_panicked || is_cut_off;
        let mut state = self.lock();
        if std::mem::replace(&mut state.is_sent, true) {
            return Ok(Saved::Unchanged);
        }
        let passage = state.passage;
        if passage == Passage::Unknown {
            state.session = None; // nobody has seen it, and who is still waiting for an answer must not
        }
        let Some(session) = &mut state.session else { return Ok(Saved::Unchanged) };
        if handles > 0 {
            session.access();
        }
        let closed = match passage {
            Passage::Failed => Err(CloseError::Check),
            // Whatever it has done is half of something.
            _ if is_interrupted && self.sessions.has_unsaved(session) => Err(CloseError::Interrupted),
            _ if is_interrupted => Ok(Saved::Unchanged),
            _ => self.sessions.save_unreported(session, headers).map_err(CloseError::Save),
        };
        if closed.is_err() || is_interrupted {
            self.sessions.mark_private(session, headers);
        }
        if !session.was_accessed() {
            state.session = None; // no cache was told
        }
        closed
    }

    /// For handles, which exist only after a load.
    pub(super) fn with_session<R>(&self, see: impl FnOnce(&mut Session<T>, bool) -> R) -> R {
        loop {
            let mut state = self.lock();
            let is_sent = state.is_sent;
            if let Some(session) = &mut state.session {
                let (seen, is_nobody) = (see(session, is_sent), session.take_reauthenticated_nobody());
                drop(state);
                if is_nobody {
                    events::reauthenticated_nobody();
                }
                return seen;
            }
            drop(state);
            self.load();
        }
    }

    /// The cookie's name, for what is said in the log.
    pub(super) fn name(&self) -> &str {
        self.sessions.name()
    }

    /// When the headers are gone, no cache can be told of what is seen then: so it is what every stranger has.
    fn loaded(&self, state: &State<T>) -> Session<T> {
        let nothing = HeaderMap::new();
        let cookies = if state.is_sent { &nothing } else { &self.arrival.cookies };
        let mut session = self.sessions.load_unreported(cookies, state.info.scheme);
        session.finish(); // a request that is cancelled saves nothing, and that is nothing to report
        session
    }
}

impl<T> Shared<T> {
    fn lock(&self) -> Held<'_, State<T>> {
        self.state.lock()
    }
}

impl<T> Clone for SessionSlot<T> {
    fn clone(&self) -> Self {
        Self {
            shared: self.shared.clone(),
            is_joined: self.is_joined,
            info: self.info.clone(),
            outer: self.outer.clone(),
        }
    }
}

impl<T> fmt::Debug for SessionSlot<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionSlot").finish_non_exhaustive()
    }
}
