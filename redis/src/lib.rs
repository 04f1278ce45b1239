#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod link;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use redis::Client;
use sealed_session::error::RevokeError;
use sealed_session::revocation::Revocations;
use sealed_session::{FamilyId, Session, SessionData};
use tokio::task::AbortHandle;

use crate::link::Link;

/// A Redis or Valkey that carries revocations from process to process.
///
/// One task reads all that the channel has, follows it, reconnects when it is lost, and writes back what it lacks. No
/// request waits for it. Keep the value for as long as the sessions: the task ends when the last clone is dropped.
#[derive(Clone)]
pub struct RedisRevocations {
    revocations: Revocations,
    link: Arc<Link>,
    _task: Arc<Task>,
}

struct Task(AbortHandle);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// How far a revocation has got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "`Applied` means that other processes do not know yet"]
pub enum Reach {
    /// This process refuses the sessions. The channel has not confirmed within a second; it gets the revocation as soon
    /// as it answers, if this process lives until then.
    Applied,
    /// The channel has it as well. Every process that follows the channel refuses the sessions within a moment.
    Published,
}

/// How a [`RedisRevocations`] is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RedisStatus {
    /// Whether the channel is being followed.
    pub is_connected: bool,
    /// Why it was lost the last time, while it is.
    pub error: Option<String>,
    /// When it last answered; `None` if it never did. By the clock of the sessions.
    pub last_heard: Option<SystemTime>,
}

/// The settings of a [`RedisRevocations`].
#[must_use = "settings do nothing until it is started"]
#[derive(Clone)]
pub struct Builder {
    client: Client,
    key: String,
    resync: Duration,
}

impl RedisRevocations {
    /// Follows the channel in this Redis with the default settings, as [`Builder::start`] does.
    ///
    /// # Errors
    /// As [`Builder::start`].
    pub async fn start(client: Client, revocations: &Revocations) -> Result<Self, RevokeError> {
        Self::builder(client).start(revocations).await
    }

    /// A channel with other settings.
    pub fn builder(client: Client) -> Builder {
        Builder { client, key: "sealed-session:revocations".into(), resync: Duration::from_secs(300) }
    }

    /// [`Revocations::revoke`], and waits until the channel has it, for a second at most.
    ///
    /// # Errors
    /// As that.
    pub async fn revoke<T: SessionData>(&self, session: &Session<T>) -> Result<Reach, RevokeError> {
        self.revocations.revoke(session)?;
        Ok(self.published().await)
    }

    /// [`Revocations::revoke_family`], and waits until the channel has it, for a second at most.
    ///
    /// # Errors
    /// As that.
    pub async fn revoke_family(&self, family: FamilyId) -> Result<Reach, RevokeError> {
        self.revocations.revoke_family(family)?;
        Ok(self.published().await)
    }

    /// [`Revocations::revoke_subject`], and waits until the channel has it, for a second at most.
    ///
    /// # Errors
    /// As that.
    pub async fn revoke_subject(&self, subject: impl AsRef<[u8]>) -> Result<Reach, RevokeError> {
        self.revocations.revoke_subject(subject)?;
        Ok(self.published().await)
    }

    /// Waits until the channel has all that this process has revoked so far, for a second at most. For instance after a
    /// [`log_out_others`](Session::log_out_others) that was saved.
    pub async fn published(&self) -> Reach {
        self.link.published().await
    }

    /// How it is doing, for a health check. Never waits.
    #[must_use]
    pub fn status(&self) -> RedisStatus {
        let (is_connected, error) = self.link.state();
        let last_heard = self.revocations.status().channel.map(|channel| channel.last_heard);
        RedisStatus { is_connected, error, last_heard }
    }
}

impl Builder {
    /// The key of the stream. Default `sealed-session:revocations`. Applications that share a Redis need not differ in
    /// it: an entry is bound to the cookie's name and the purpose, and others are left out.
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = key.into();
        self
    }

    /// How often everything is read again, and what the channel has lost written back, without a reason. Default five
    /// minutes.
    pub fn resync(mut self, interval: Duration) -> Self {
        self.resync = interval.max(Duration::from_millis(10));
        self
    }

    /// Starts the task that follows the channel, and waits until it has read all, for five seconds at most. A process
    /// that starts while the channel is away serves, by the revocations that it knows, unless it was told to
    /// [fail closed](Revocations::fail_closed_after). Call it within a tokio runtime, after the `Sessions` were built.
    ///
    /// # Errors
    /// If no `Sessions` was built with the revocations.
    pub async fn start(self, revocations: &Revocations) -> Result<RedisRevocations, RevokeError> {
        // Asks the one thing that can be wrong. It tells the channel nothing.
        revocations.changes(&mut Default::default())?;
        let link = Arc::new(Link::new(self.client, self.key, self.resync, revocations));
        let task = tokio::spawn(Arc::clone(&link).run()).abort_handle();
        let started =
            RedisRevocations { revocations: revocations.clone(), link, _task: Arc::new(Task(task)) };
        started.link.followed().await;
        Ok(started)
    }
}

impl fmt::Debug for RedisRevocations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisRevocations").field("status", &self.status()).finish_non_exhaustive()
    }
}

/// Without the client, which knows a password.
impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("key", &self.key)
            .field("resync", &self.resync)
            .finish_non_exhaustive()
    }
}
