//! Where a request keeps its session: from its headers, unread, to what was saved.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::uri::PathAndQuery;
use http::{HeaderMap, header};

use super::SessionHandle;
use super::check::{Answer, Check, CheckError, Verdict};
use super::close::CloseError;
use crate::data::SessionData;
use crate::error::Rejection;
use crate::events;
use crate::record::id::SessionId;
use crate::session::{Saved, Session, Sessions};
use crate::web::{RequestInfo, ReturnTo};

/// The place in a request where its session is. A layer makes one for each request, keeps a clone, and puts the other
/// into the request's extensions; at the first extraction it is [opened](Self::open), and when the response's headers
/// are ready the layer [closes](Self::close) it. A slot that nobody opens costs a copy of the pointers to the Cookie
/// lines.
///
/// The layers for tower, axum and actix-web are made of it; for other frameworks it takes these three calls.
///
/// ```
/// # use sealed_session::handle::SessionSlot;
/// # use sealed_session::{RequestInfo, Saved, Sessions, testing};
/// # let sessions: Sessions<u64> = Sessions::new(testing::key_ring()).unwrap();
/// # let (request, mut response) = (http::HeaderMap::new(), http::HeaderMap::new());
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let slot = SessionSlot::new(sessions.clone(), &request, RequestInfo::new(), None);
/// let handle = slot.open().await?;                  // in an extractor
/// handle.update(|session| **session = 7)?;          // in a handler
/// let saved = slot.close(&mut response)?;           // in the layer, when the handler has answered
/// assert!(matches!(saved, Saved::Written { .. }));
/// assert!(handle.update(|session| **session = 8).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
pub struct SessionSlot<T> {
    pub(super) shared: Arc<Shared<T>>,
}

pub(super) struct Shared<T> {
    sessions: Sessions<T>,
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
    /// The slot of a request with these headers.
    pub fn new(
        sessions: Sessions<T>,
        headers: &HeaderMap,
        info: RequestInfo,
        check: Option<Check<T>>,
    ) -> Self {
        Self::asked_for(sessions, headers, info, check, None)
    }

    pub(super) fn asked_for(
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
        Self { shared: Arc::new(Shared { sessions, check, arrival, state, has_panicked, handles }) }
    }

    /// Loads the session at the first call, and runs the check. Without a check it is ready at once.
    ///
    /// # Errors
    /// If the check could not answer. Then the response has to be 503, and [`close`](Self::close) says so too.
    pub async fn open(&self) -> Result<SessionHandle<T>, CheckError> {
        if let Some((id, answer)) = self.shared.load()? {
            self.shared.judge(id, answer.await)?;
        }
        Ok(SessionHandle::new(Arc::clone(&self.shared)))
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
    pub fn close(&self, headers: &mut HeaderMap) -> Result<Saved, CloseError> {
        let has_panicked =
            self.shared.state.is_poisoned() || self.shared.has_panicked.load(Ordering::Relaxed);
        let mut state = self.shared.lock();
        if std::mem::replace(&mut state.is_sent, true) {
            return Ok(Saved::Unchanged);
        }
        let passage = state.passage;
        if passage == Passage::Unknown {
            state.session = None; // nobody has seen it, and who is still waiting for an answer must not
        }
        let Some(session) = &mut state.session else { return Ok(Saved::Unchanged) };
        if self.shared.handles.load(Ordering::Relaxed) > 0 {
            session.access();
        }
        let closed = match passage {
            Passage::Failed => Err(CloseError::Check),
            // Whatever it has done is half of something.
            _ if has_panicked && self.shared.sessions.has_unsaved(session) => {
                events::panicked(self.shared.name());
                Err(CloseError::Panicked)
            }
            _ if has_panicked => Ok(Saved::Unchanged),
            _ => self.shared.sessions.save_in_place(session, headers).map_err(CloseError::Save),
        };
        if closed.is_err() || has_panicked {
            self.shared.sessions.mark_private(session, headers);
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
        let asked_for = self.shared.arrival.asked_for.as_ref();
        ReturnTo::from_text(asked_for.map_or("/", |asked_for| asked_for.as_str()))
    }
}

impl<T> SessionSlot<T> {
    /// Says that there will be no response of this request's: it was cancelled, or something else answers it. Nothing
    /// is saved, and a change after that is an error for whoever makes it. After [`close`](Self::close) it does
    /// nothing.
    pub fn abandon(&self) {
        self.shared.lock().is_sent = true;
    }
}

impl<T: SessionData> Shared<T> {
    /// Loads the session, if nobody has. What comes out has to be answered before it may be seen; `None` if nothing
    /// has.
    pub(super) fn load(&self) -> Result<Option<Question>, CheckError> {
        let mut state = self.lock();
        let State { session, passage, is_sent } = &mut *state;
        let session = session.get_or_insert_with(|| self.loaded(*is_sent));
        if *passage == Passage::Failed {
            return Err(CheckError);
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
    ) -> Result<(), CheckError> {
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
                let is_it = |session: &&mut Session<T>| session.id().is_of_family(asked);
                if let Some(session) = session.as_mut().filter(is_it) {
                    events::rejected(self.name(), Rejection::Revoked);
                    session.revoke();
                }
            }
        }
        if *passage == Passage::Failed {
            return Err(CheckError);
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
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<T> fmt::Debug for SessionSlot<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionSlot").finish_non_exhaustive()
    }
}
