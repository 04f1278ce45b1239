//! Where a request keeps its session: from its headers, unread, to what was saved.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::uri::PathAndQuery;
use http::{HeaderMap, header};

use super::SessionHandle;
use super::check::{Answer, Check, Verdict};
use super::close::CloseError;
use super::error::OpenError;
use crate::data::SessionData;
use crate::error::Rejection;
use crate::events;
use crate::record::id::SessionId;
use crate::session::{Saved, Session, Sessions};
use crate::web::{RequestInfo, ReturnTo};

/// The place in a request where its session is. A layer gets one from its [`Policy`](super::Policy) for each request,
/// keeps it, and puts a clone into the request's extensions. The first extractor [opens](Self::open) it, and when the
/// response's headers are ready the policy [closes](super::Policy::close) it.
///
/// A slot that nobody opens costs a copy of the pointers to the Cookie lines.
pub struct SessionSlot<T> {
    /// `None` if no sessions were chosen for the request.
    shared: Option<Arc<Shared<T>>>,
}

pub(super) struct Shared<T> {
    pub(super) sessions: Sessions<T>,
    check: Option<Check<T>>,
    arrival: Arrival,
    state: Mutex<State<T>>,
    pub(super) has_panicked: AtomicBool,
    /// How many handles there are.
    pub(super) handles: AtomicUsize,
}

/// What is kept of the request until somebody asks.
struct Arrival {
    /// The Cookie lines alone.
    cookies: HeaderMap,
    info: RequestInfo,
    /// What the browser asked for, where going there again does no harm.
    asked_for: Option<PathAndQuery>,
}

struct State<T> {
    /// `None` until it is asked for.
    session: Option<Session<T>>,
    passage: Passage,
    is_sent: bool,
}

/// Whether anybody may see the session.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Passage {
    /// The check has not answered, or not been asked.
    Unknown,
    Free,
    /// The check could not answer.
    Failed,
}

/// What was asked, and about which session.
pub(super) type Question = (SessionId, Answer);

impl<T: SessionData> SessionSlot<T> {
    /// The slot of a request for which no sessions were chosen.
    pub(super) const fn without_sessions() -> Self {
        Self { shared: None }
    }

    /// The slot of a request with these headers.
    pub(super) fn new(
        sessions: Sessions<T>,
        headers: &HeaderMap,
        info: RequestInfo,
        check: Option<Check<T>>,
        asked_for: Option<PathAndQuery>,
    ) -> Self {
        let mut cookies = HeaderMap::new();
        for line in headers.get_all(header::COOKIE) {
            cookies.append(header::COOKIE, line.clone());
        }
        let arrival = Arrival { cookies, info, asked_for };
        let state = Mutex::new(State { session: None, passage: Passage::Unknown, is_sent: false });
        let (has_panicked, handles) = (AtomicBool::new(false), AtomicUsize::new(0));
        let shared = Shared { sessions, check, arrival, state, has_panicked, handles };
        Self { shared: Some(Arc::new(shared)) }
    }

    /// Loads the session at the first call, and runs the check. Without a check it is ready at once.
    ///
    /// # Errors
    /// If the check could not answer, or the layer chose no sessions for this request. Answer with
    /// [`status`](OpenError::status); after a check that failed, [`close`](super::Policy::close) asks for it too.
    pub async fn open(&self) -> Result<SessionHandle<T>, OpenError> {
        let Some(shared) = &self.shared else {
            events::no_sessions();
            return Err(OpenError::NoSessions);
        };
        if let Some((id, answer)) = shared.load()? {
            shared.judge(id, answer.await)?;
        }
        Ok(SessionHandle::new(Arc::clone(shared)))
    }

    /// Saves the session into the response's headers, once. From here on, handles can only read it. If nobody accessed
    /// it before, later handles get the session of a request without cookies.
    ///
    /// A session that nobody opened is not saved, and the response is not marked as depending on it. A session of which
    /// a handle is left counts as accessed, because a streaming body may still read it when the headers are gone.
    ///
    /// # Errors
    /// If the session could not be [saved](Sessions::save), a part of the application panicked over it, or the check
    /// could not answer. The response is marked as private all the same, should the application keep it.
    pub(super) fn close(&self, headers: &mut HeaderMap) -> Result<Saved, CloseError> {
        let Some(shared) = &self.shared else { return Ok(Saved::Unchanged) };
        let has_panicked = shared.state.is_poisoned() || shared.has_panicked.load(Ordering::Relaxed);
        let mut state = shared.lock();
        if std::mem::replace(&mut state.is_sent, true) {
            return Ok(Saved::Unchanged);
        }
        let passage = state.passage;
        if passage == Passage::Unknown {
            state.session = None; // nobody has seen it, and who is still waiting for an answer must not
        }
        let Some(session) = &mut state.session else { return Ok(Saved::Unchanged) };
        if shared.handles.load(Ordering::Relaxed) > 0 {
            session.access();
        }
        let closed = match passage {
            Passage::Failed => Err(CloseError::Check),
            // Whatever it has done is half of something.
            _ if has_panicked && shared.sessions.has_unsaved(session) => {
                events::panicked(shared.name());
                Err(CloseError::Panicked)
            }
            _ if has_panicked => Ok(Saved::Unchanged),
            _ => shared.sessions.save_in_place(session, headers).map_err(CloseError::Save),
        };
        if closed.is_err() || has_panicked {
            shared.sessions.mark_private(session, headers);
        }
        if !session.was_accessed() {
            state.session = None; // no cache was told
        }
        closed
    }

    /// Where a person who has to log in first is sent back to: the page that the browser asked for, if going there
    /// again does no harm, else `/`. A router may have taken a prefix from the request's own URI on the way.
    #[must_use]
    pub fn return_to(&self) -> ReturnTo {
        let asked_for = self.shared.as_ref().and_then(|shared| shared.arrival.asked_for.as_ref());
        ReturnTo::from_text(asked_for.map_or("/", |asked_for| asked_for.as_str()))
    }
}

impl<T> SessionSlot<T> {
    /// Says that there will be no response of this request's: it was cancelled, or something else answers it. Nothing
    /// is saved, and a change after that is an error for whoever makes it. After [`close`](super::Policy::close) it
    /// does nothing.
    pub fn abandon(&self) {
        if let Some(shared) = &self.shared {
            shared.lock().is_sent = true;
        }
    }
}

impl<T: SessionData> Shared<T> {
    /// Loads the session, if nobody has. What comes out has to be answered before it may be seen; `None` if nothing
    /// has.
    pub(super) fn load(&self) -> Result<Option<Question>, OpenError> {
        let mut state = self.lock();
        let State { session, passage, is_sent } = &mut *state;
        let session = session.get_or_insert_with(|| self.loaded(*is_sent));
        if *passage == Passage::Failed {
            return Err(OpenError::Check);
        }
        let is_asked = *passage == Passage::Unknown;
        if let (true, Some(check), Some(id)) = (is_asked, &self.check, session.id().id()) {
            return Ok(Some((id, session.peek(|session| check.ask(session)))));
        }
        *passage = Passage::Free;
        Ok(None)
    }

    /// Of several who asked at the same time the strictest answer counts.
    pub(super) fn judge(
        &self,
        asked: SessionId,
        answer: Result<Verdict, Box<dyn std::error::Error + Send + Sync>>,
    ) -> Result<(), OpenError> {
        let mut state = self.lock();
        let State { session, passage, .. } = &mut *state;
        match answer {
            Err(error) => {
                events::check_failed(self.name(), &*error);
                *passage = Passage::Failed;
            }
            Ok(Verdict::Keep) => {}
            Ok(Verdict::End) => {
                // A login since is a session that nobody has asked about. A new id is still the same one.
                let is_it = |session: &&mut Session<T>| session.id().family() == Some(asked.family());
                if let Some(session) = session.as_mut().filter(is_it) {
                    events::rejected(self.name(), Rejection::Revoked);
                    session.revoke();
                }
            }
        }
        if *passage == Passage::Failed {
            return Err(OpenError::Check);
        }
        *passage = Passage::Free;
        Ok(())
    }

    /// For handles, which exist only after a load.
    pub(super) fn with_session<R>(&self, see: impl FnOnce(&mut Session<T>, bool) -> R) -> R {
        let mut state = self.lock();
        let State { session, is_sent, .. } = &mut *state;
        see(session.get_or_insert_with(|| self.loaded(*is_sent)), *is_sent)
    }

    /// The cookie's name, for what is said in the log.
    pub(super) fn name(&self) -> &str {
        self.sessions.name()
    }

    /// When the headers are gone, no cache can be told of what is seen then: so it is what every stranger has.
    fn loaded(&self, is_sent: bool) -> Session<T> {
        let Arrival { cookies, info, .. } = &self.arrival;
        let mut session = if is_sent {
            events::response_gone(self.name());
            self.sessions.load_with(&HeaderMap::new(), *info)
        } else {
            self.sessions.load_with(cookies, *info)
        };
        session.finish(); // a request that is cancelled saves nothing, and that is nothing to report
        session
    }
}

impl<T> Shared<T> {
    /// A panic while it was held is noticed when it is closed.
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Clone for SessionSlot<T> {
    fn clone(&self) -> Self {
        Self { shared: self.shared.clone() }
    }
}

impl<T> fmt::Debug for SessionSlot<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionSlot").finish_non_exhaustive()
    }
}
