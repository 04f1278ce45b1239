//! The application's question after every load: is this session still to be honoured?

use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use crate::session::Session;

/// What the application's check answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The session goes on.
    Keep,
    /// The session is over: it is [revoked](Session::revoke), so the handler gets a fresh one. The cookies stay in the
    /// browser until a handler writes or logs out.
    End,
}

/// A question to be asked of every session that a cookie became, before anybody gets to see it: for logging out
/// everywhere, or for accounts that were locked.
///
/// The closure takes from the session what the question needs, and returns a future that owns it; so no session is held
/// while a store answers. An error ends the request with 503: what cannot be checked does not pass.
/// `tests/system/revocation` in the repository does it with Redis, and says what to know about it.
///
/// ```
/// use sealed_session::handle::{Check, Verdict};
/// use sealed_session::Session;
/// # #[derive(Default, serde::Serialize, serde::Deserialize)] struct Visitor { user: Option<u64> }
/// # async fn valid_from(_: u64) -> Result<std::time::SystemTime, std::io::Error> { Ok(std::time::UNIX_EPOCH) }
///
/// let check = Check::new(|session: &Session<Visitor>| {
///     let (user, started) = (session.user, session.about().started());
///     async move {
///         let Some(user) = user else { return Ok(Verdict::Keep) };
///         // In the user's row: "log me out everywhere" sets it to the next whole second, and ends its own session.
///         let valid_from = valid_from(user).await?;
///         Ok::<_, std::io::Error>(if started < valid_from { Verdict::End } else { Verdict::Keep })
///     }
/// });
/// # let _ = check;
/// ```
pub struct Check<T> {
    ask: Arc<Ask<T>>,
}

type Ask<T> = dyn Fn(&Session<T>) -> Answer + Send + Sync;

/// Boxed: a question goes to a store, beside which an allocation is nothing.
pub(super) type Answer = Pin<Box<dyn Future<Output = Result<Verdict, Box<dyn Error + Send + Sync>>> + Send>>;

impl<T> Check<T> {
    /// A check that asks in this way.
    pub fn new<F, A, E>(ask: F) -> Self
    where
        F: Fn(&Session<T>) -> A + Send + Sync + 'static,
        A: Future<Output = Result<Verdict, E>> + Send + 'static,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        let ask = move |session: &Session<T>| -> Answer {
            let answer = ask(session);
            Box::pin(async move { answer.await.map_err(Into::into) })
        };
        Self { ask: Arc::new(ask) }
    }

    /// Adds those of which no clone is there already.
    pub(super) fn add<'a>(checks: &mut Vec<Self>, others: impl IntoIterator<Item = &'a Self>)
    where
        T: 'a,
    {
        for other in others {
            let is_same = |check: &Self| std::ptr::addr_eq(Arc::as_ptr(&check.ask), Arc::as_ptr(&other.ask));
            if !checks.iter().any(is_same) {
                checks.push(other.clone());
            }
        }
    }

    pub(super) fn ask(&self, session: &Session<T>) -> Answer {
        (self.ask)(session)
    }
}

impl<T> Clone for Check<T> {
    fn clone(&self) -> Self {
        Self { ask: Arc::clone(&self.ask) }
    }
}

impl<T> fmt::Debug for Check<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Check").finish_non_exhaustive()
    }
}
