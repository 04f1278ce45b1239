//! The task that follows the channel: a stream, which is read whole and then waited for.
//!
//! A stream has both in one command, so nothing is missed between the two. It keeps the time of each entry in its id,
//! so entries that are older than any that may still matter are trimmed with the next addition.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use redis::aio::MultiplexedConnection;
use redis::streams::{
    StreamAddOptions, StreamRangeReply, StreamReadOptions, StreamReadReply, StreamTrimStrategy,
    StreamTrimmingMode,
};
use redis::{AsyncCommands, AsyncConnectionConfig, Client, RedisError, RedisResult, Value};
use sealed_session::revocation::{Mark, Revocations};
use tokio::sync::{Notify, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use crate::Reach;

pub(crate) struct Link {
    client: Client,
    key: String,
    resync: Duration,
    revocations: Revocations,
    /// That something was revoked, or somebody waits.
    wake: Notify,
    waiting: Mutex<Vec<oneshot::Sender<()>>>,
    is_connected: watch::Sender<bool>,
    error: Mutex<Option<String>>,
}

impl Link {
    pub(crate) fn new(client: Client, key: String, resync: Duration, revocations: &Revocations) -> Self {
        let (waiting, error) = (Mutex::default(), Mutex::default());
        let (wake, is_connected) = (Notify::new(), watch::Sender::new(false));
        Self { client, key, resync, revocations: revocations.clone(), wake, waiting, is_connected, error }
    }

    /// Follows the channel for ever.
    pub(crate) async fn run(self: Arc<Self>) {
        let weak = Arc::downgrade(&self);
        self.revocations.on_revoke(move || _ = weak.upgrade().map(|link| link.wake.notify_one()));
        let weak: Weak<Self> = Arc::downgrade(&self);
        drop(self); // it ends when the application has dropped it
        let mut pause = SHORTEST_PAUSE;
        while let Some(link) = weak.upgrade() {
            let began = Instant::now();
            // A task within this one: what panics in a client must not end it. Dropping the set ends the task.
            let mut following = JoinSet::new();
            let of_task = Arc::clone(&link);
            following.spawn(async move { of_task.follow().await });
            match following.join_next().await {
                Some(Ok(Err(error))) => link.lost(error.to_string()),
                Some(Err(error)) => link.lost(error.to_string()),
                Some(Ok(Ok(never))) => match never {},
                None => {}
            }
            drop((following, link));
            pause =
                if began.elapsed() > LONGEST_PAUSE { SHORTEST_PAUSE } else { LONGEST_PAUSE.min(pause * 2) };
            sleep(pause).await;
        }
    }

    async fn follow(&self) -> RedisResult<Infallible> {
        // A read waits for longer than an answer may take, so it has a connection to itself.
        let reader = self.connect(BLOCK + ANSWER).await?;
        let writer = self.connect(ANSWER).await?;
        let mut mark = Mark::default();
        self.changes(&mut mark)?; // what `read_all` writes back includes them
        let last = self.read_all(&mut reader.clone(), &mut writer.clone()).await?;
        self.connected();
        tokio::try_join!(self.read(reader, writer.clone(), last), self.write(writer, mark))
            .map(|(never, _)| never)
    }

    async fn connect(&self, longest: Duration) -> RedisResult<MultiplexedConnection> {
        let settings = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(ANSWER))
            .set_response_timeout(Some(longest));
        self.client.get_multiplexed_async_connection_with_config(&settings).await
    }

    /// Reads the whole stream and writes back what it lacks. Returns the last id that was read.
    async fn read_all(
        &self,
        reader: &mut MultiplexedConnection,
        writer: &mut MultiplexedConnection,
    ) -> RedisResult<String> {
        let (mut text, mut last) = (Vec::new(), "0-0".to_owned());
        loop {
            let start = format!("({last}");
            let page: StreamRangeReply = reader.xrange_count(&self.key, start, "+", PAGE).await?;
            let is_last = page.ids.len() < PAGE;
            for entry in page.ids {
                append_line(&mut text, entry.map.get(FIELD));
                last = entry.id;
            }
            if is_last {
                break;
            }
            if text.len() > MAX_TEXT {
                let why = "the stream is longer than 256 MiB: it holds more than revocations".to_owned();
                return Err(RedisError::from((redis::ErrorKind::Client, "sealed-session", why)));
            }
        }
        let (_, lacking) = self.revocations.sync(&text).map_err(revoke_error)?;
        self.add(writer, &lacking).await?;
        Ok(last)
    }

    /// Merges what arrives, and now and then reads everything again.
    async fn read(
        &self,
        mut reader: MultiplexedConnection,
        mut writer: MultiplexedConnection,
        mut last: String,
    ) -> RedisResult<Infallible> {
        let block = usize::try_from(BLOCK.as_millis()).unwrap_or(usize::MAX);
        let options = StreamReadOptions::default().block(block).count(PAGE);
        let mut next_resync = Instant::now() + self.resync;
        loop {
            let reply: Option<StreamReadReply> =
                reader.xread_options(&[&self.key], &[&last], &options).await?;
            let mut text = Vec::new();
            for entry in reply.into_iter().flat_map(|reply| reply.keys).flat_map(|key| key.ids) {
                append_line(&mut text, entry.map.get(FIELD));
                last = entry.id;
            }
            self.revocations.merge(&text).map_err(revoke_error)?;
            if Instant::now() >= next_resync {
                last = self.read_all(&mut reader, &mut writer).await?;
                next_resync = Instant::now() + self.resync;
            }
        }
    }

    /// Writes what is revoked here, and tells who waits for that.
    async fn write(&self, mut writer: MultiplexedConnection, mut mark: Mark) -> RedisResult<Infallible> {
        loop {
            // Who waits for what was revoked before: their revocation is among the changes.
            let waiting = std::mem::take(&mut *lock(&self.waiting));
            self.add(&mut writer, &self.changes(&mut mark)?).await?;
            for waiter in waiting {
                let _ = waiter.send(()); // they may have given up
            }
            self.wake.notified().await;
        }
    }

    async fn add(&self, writer: &mut MultiplexedConnection, lines: &[String]) -> RedisResult<()> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let oldest = now.saturating_sub(self.revocations.longest()).as_millis();
        for lines in lines.chunks(PAGE) {
            let mut pipeline = redis::pipe();
            for line in lines {
                let trim = StreamTrimStrategy::minid(StreamTrimmingMode::Approx, oldest.to_string());
                let options = StreamAddOptions::default().trim(trim);
                pipeline.xadd_options(&self.key, "*", &[(FIELD, line)], &options).ignore();
            }
            pipeline.query_async::<()>(writer).await?;
        }
        Ok(())
    }

    fn changes(&self, mark: &mut Mark) -> RedisResult<Vec<String>> {
        self.revocations.changes(mark).map_err(revoke_error)
    }

    pub(crate) async fn published(&self) -> Reach {
        let (sender, done) = oneshot::channel();
        lock(&self.waiting).push(sender);
        self.wake.notify_one();
        match timeout(ANSWER, done).await {
            Ok(Ok(())) => Reach::Published,
            Ok(Err(_)) | Err(_) => Reach::Applied,
        }
    }

    /// Waits until everything has been read, for five seconds at most.
    pub(crate) async fn followed(&self) {
        let mut is_connected = self.is_connected.subscribe();
        let _ = timeout(LONGEST_PAUSE, is_connected.wait_for(|is_connected| *is_connected)).await;
    }

    pub(crate) fn state(&self) -> (bool, Option<String>) {
        (*self.is_connected.borrow(), lock(&self.error).clone())
    }

    fn connected(&self) {
        if lock(&self.error).take().is_some() {
            tracing::info!(name: "revocation.channel_back", target: TARGET, "revocation.channel_back");
        }
        self.is_connected.send_replace(true);
    }

    /// Reported once, until it is back or the error is another.
    fn lost(&self, text: String) {
        self.is_connected.send_replace(false);
        // They learn that it is not published. What they revoked is written when the channel is back.
        lock(&self.waiting).clear();
        if lock(&self.error).replace(text.clone()).as_ref() != Some(&text) {
            tracing::warn!(name: "revocation.channel_lost", target: TARGET, "revocation.channel_lost: {text}");
        }
    }
}

/// What is no text, or too long to be an entry, is left out.
fn append_line(text: &mut Vec<u8>, value: Option<&Value>) {
    match value {
        Some(Value::BulkString(line)) if line.len() <= MAX_LINE => {
            text.extend(line.iter().filter(|byte| **byte != b'\n'));
            text.push(b'\n');
        }
        _ => {}
    }
}

fn revoke_error(error: impl std::error::Error) -> RedisError {
    RedisError::from((redis::ErrorKind::Client, "sealed-session", error.to_string()))
}

/// What the locks guard is whole between any two statements.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The target of the library's own events.
const TARGET: &str = "sealed_session";
/// The field of an entry of the stream that holds the line.
const FIELD: &str = "line";
/// How many entries are read or written at a time.
const PAGE: usize = 1000;
/// Longer than any entry.
const MAX_LINE: usize = 128;
/// Somebody who writes to the channel must not fill the memory of those who read it: about 2 800 000 entries.
const MAX_TEXT: usize = 256 << 20;
/// How long a read waits for something new.
const BLOCK: Duration = Duration::from_secs(1);
/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(1);
const SHORTEST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
