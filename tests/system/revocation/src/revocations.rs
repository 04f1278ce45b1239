//! From which moment on a user's sessions count, in Redis: one key for each user who ever logged out everywhere.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{AsyncCommands, RedisError, RedisResult};
use sealed_session::Session;
use sealed_session::handle::{Check, Verdict};

use crate::Visitor;

/// The moments, and the clock that they are read from. Clones share one connection.
#[derive(Clone)]
pub struct Revocations {
    redis: ConnectionManager,
    now: Arc<dyn Fn() -> SystemTime + Send + Sync>,
}

impl Revocations {
    /// Those in the Redis at this URL. Connects when it is first asked, and again after that was lost.
    ///
    /// # Errors
    /// If the URL is none.
    pub fn at(url: &str, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> RedisResult<Self> {
        // Every request waits for the answer: better no answer than a late one.
        let soon = Some(Duration::from_millis(500));
        let settings = ConnectionManagerConfig::new()
            .set_number_of_retries(1)
            .set_connection_timeout(soon)
            .set_response_timeout(soon);
        let redis = ConnectionManager::new_lazy_with_config(redis::Client::open(url)?, settings)?;
        Ok(Self { redis, now: Arc::new(now) })
    }

    /// The question for the layer. A stranger's session, and one that is only a shopping cart, needs no answer.
    #[must_use]
    pub fn check(&self) -> Check<Visitor> {
        let revocations = self.clone();
        Check::new(move |session: &Session<Visitor>| {
            let (user, started) = (session.user, seconds(session.about().started()));
            let revocations = revocations.clone();
            async move {
                let Some(user) = user else { return Ok(Verdict::Keep) };
                let is_over = revocations.valid_from(user).await?.is_some_and(|moment| started < moment);
                Ok::<_, RedisError>(if is_over { Verdict::End } else { Verdict::Keep })
            }
        })
    }

    async fn valid_from(&self, user: u64) -> RedisResult<Option<u64>> {
        self.redis.clone().get(key(user)).await
    }

    /// Ends every session of a user that has begun until now, on all nodes at once.
    ///
    /// A session knows the second in which it began, so all of this second counts as before.
    ///
    /// # Errors
    /// If Redis does not answer. Then nothing has ended.
    pub async fn log_out_everywhere(&self, user: u64) -> RedisResult<()> {
        self.redis.clone().set(key(user), seconds((self.now)()) + 1).await
    }
}

/// Since 1970, cut to whole ones, as a session's own.
fn seconds(moment: SystemTime) -> u64 {
    moment.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

fn key(user: u64) -> String {
    format!("valid_from:{user}")
}
