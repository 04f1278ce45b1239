//! A ring in a file, which is read again when its content changes.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use crate::crypto::secret::Zeroizing;
use crate::error::KeyRingError;
use crate::keys::key_ring::{KeyRing, KeyStatus, RingEvent, SwappableKeyRing, parse_file, read_file};
use crate::time::{Clock, Seconds};

/// A ring in a file that is read again every few seconds, and replaced when it has changed.
///
/// All clones of its [`ring`](Self::ring) follow at once, without a lock in the way of a request. A file that is
/// broken, gone, or writable by others changes nothing: the ring in use stays, and that is reported. Reading, rather
/// than being notified, also sees the swapped symbolic links of Kubernetes, the renaming of editors, and network
/// mounts.
///
/// Keep it for as long as the sessions: it stops when dropped.
///
/// ```no_run
/// use sealed_session::{KeyRing, Sessions};
///
/// let watch = KeyRing::watch_file("/etc/shop/session.keys")?;
/// let sessions: Sessions<u64> = Sessions::new(watch.ring())?;
/// assert!(watch.status().is_ok()); // for a health check
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "it stops when dropped"]
pub struct KeyRingWatcher {
    shared: Arc<WatchedFile>,
    // Dropped with the watch, which ends the thread.
    _stop: Sender<()>,
}

impl KeyRing {
    /// Reads a ring from a file, and again whenever that changes. What happens is reported, as an event of `tracing` if
    /// something listens, else on standard error; [`KeyRingWatcher::builder`] has settings for that.
    ///
    /// # Errors
    /// As [`from_file`](Self::from_file), or if no thread can be started.
    pub fn watch_file(path: impl AsRef<Path>) -> Result<KeyRingWatcher, KeyRingError> {
        KeyRingWatcher::builder(path).start()
    }
}

impl KeyRingWatcher {
    /// A watch with other settings.
    pub fn builder(path: impl AsRef<Path>) -> WatcherBuilder {
        WatcherBuilder {
            path: path.as_ref().to_owned(),
            interval: Duration::from_secs(5),
            clock: Clock::System,
            monotonic_clock: Box::new(Instant::now),
            on_event: Box::new(RingEvent::report),
        }
    }

    /// The ring, which follows the file.
    #[must_use]
    pub fn ring(&self) -> KeyRing {
        self.shared.swappable.ring()
    }

    /// Reads the file now, and waits for that: after it, the ring is that of the file, if the file is good. A health
    /// check asks [`status`](Self::status) instead, which also notices that the watching thread has stopped.
    #[allow(clippy::must_use_candidate, reason = "what it does is the point")]
    pub fn check_now(&self) -> WatcherStatus {
        self.shared.check();
        self.status()
    }

    /// How it stands, for a health check. Never waits for the file.
    ///
    /// ```no_run
    /// # use sealed_session::KeyRing;
    /// # let watch = KeyRing::watch_file("/etc/shop/session.keys")?;
    /// let status = watch.status();
    /// if !status.is_ok() {
    ///     let why = status.error.map_or("it is not read any more".to_owned(), |error| error.to_string());
    ///     eprintln!("session keys: {why}"); // and tell the monitoring
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn status(&self) -> WatcherStatus {
        let now = self.shared.now();
        let LastReading { error, last_checked, last_good, good_at, replacements, failures } =
            lock(&self.shared.last_reading).clone();
        let age = now.as_ref().ok().map(|now| now.instant.saturating_duration_since(good_at));
        WatcherStatus {
            last_checked: last_checked.to_system(),
            last_good: last_good.to_system(),
            replacements,
            failures,
            is_current: age.is_some_and(|age| age <= self.shared.interval.saturating_mul(INTERVALS)),
            keys: self.ring().status(now.as_ref().map_or(last_checked, |now| now.time).to_system()),
            error: error.or(now.err()),
        }
    }
}

impl Drop for KeyRingWatcher {
    fn drop(&mut self) {
        if self.shared.swappable.is_in_use() {
            self.shared.emit(&RingEvent::Stopped);
        }
    }
}

impl fmt::Debug for KeyRingWatcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRingWatcher").field("ring", &self.ring()).finish_non_exhaustive()
    }
}

/// The settings of a [`KeyRingWatcher`].
#[must_use = "settings do nothing until the watch is started"]
pub struct WatcherBuilder {
    path: PathBuf,
    interval: Duration,
    clock: Clock,
    monotonic_clock: Box<MonotonicClock>,
    on_event: Box<dyn Fn(&RingEvent) + Send + Sync>,
}

type MonotonicClock = dyn Fn() -> Instant + Send + Sync;

impl WatcherBuilder {
    /// How long to wait between two readings. Default 5 seconds, at least 10 milliseconds.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval.max(Duration::from_millis(10));
        self
    }

    /// Where the time comes from. Default the system's clock.
    pub fn clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Clock::Given(Arc::new(clock));
        self
    }

    /// Where the time since the last good reading comes from, which decides whether the [`status`](WatcherStatus) is
    /// current. Default [`Instant::now`]; a test gives another.
    pub fn monotonic_clock(mut self, clock: impl Fn() -> Instant + Send + Sync + 'static) -> Self {
        self.monotonic_clock = Box::new(clock);
        self
    }

    /// What is called with each event, in place of the report. An error that lasts is reported once.
    pub fn on_event(mut self, on_event: impl Fn(&RingEvent) + Send + Sync + 'static) -> Self {
        self.on_event = Box::new(on_event);
        self
    }

    /// Reads the file for the first time, and starts the thread that reads it again.
    ///
    /// # Errors
    /// As [`KeyRing::from_file`], or if no thread can be started.
    pub fn start(self) -> Result<KeyRingWatcher, KeyRingError> {
        let Self { path, interval, clock, monotonic_clock, on_event } = self;
        let (now, good_at) = (clock.now(), monotonic_clock());
        let text = read_file(&path)?;
        let swappable = SwappableKeyRing::new(parse_file(&text, &path, now.to_system())?);
        let last_reading = Mutex::new(LastReading {
            error: None,
            last_checked: now,
            last_good: now,
            good_at,
            replacements: 0,
            failures: 0,
        });
        let text = Mutex::new(text);
        let shared = Arc::new(WatchedFile {
            path,
            interval,
            swappable,
            clock,
            monotonic_clock,
            on_event,
            text,
            last_reading,
        });

        let (stop, stopped) = mpsc::channel();
        let of_thread = Arc::clone(&shared);
        let run = move || {
            while stopped.recv_timeout(interval) == Err(RecvTimeoutError::Timeout) {
                of_thread.check();
            }
        };
        let thread = thread::Builder::new().name("key-ring-watch".into()).spawn(run);
        // It is not waited for: a file on a mount that hangs must not hold up whoever drops the watch.
        drop(thread.map_err(|_| KeyRingError::NoThread)?);
        Ok(KeyRingWatcher { shared, _stop: stop })
    }
}

impl fmt::Debug for WatcherBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WatcherBuilder").field("interval", &self.interval).finish_non_exhaustive()
    }
}

/// How a [`KeyRingWatcher`] stands.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WatcherStatus {
    /// What was wrong with the file when it was last read; `None` if it was good.
    pub error: Option<KeyRingError>,
    /// Whether a reading that began within the last three intervals found the file good. `false` without an error means
    /// that the watching thread has stopped or that reading the file hangs. The clock behind it only goes forward.
    pub is_current: bool,
    /// When it was last read.
    pub last_checked: SystemTime,
    /// When it was last good.
    pub last_good: SystemTime,
    /// How often the ring was replaced.
    pub replacements: u64,
    /// How often the file was read and not good.
    pub failures: u64,
    /// The keys in use.
    pub keys: Vec<KeyStatus>,
}

impl WatcherStatus {
    /// Whether the file was good when it was last read, and that was within the last three intervals.
    #[must_use]
    pub const fn is_ok(&self) -> bool {
        self.is_current && self.error.is_none()
    }
}

struct WatchedFile {
    path: PathBuf,
    interval: Duration,
    swappable: SwappableKeyRing,
    clock: Clock,
    monotonic_clock: Box<MonotonicClock>,
    on_event: Box<dyn Fn(&RingEvent) + Send + Sync>,
    /// The text of the ring in use. Locked for as long as the file is read, so that one reads at a time.
    text: Mutex<Zeroizing<String>>,
    /// Locked for a moment.
    last_reading: Mutex<LastReading>,
}

#[derive(Clone)]
struct LastReading {
    error: Option<KeyRingError>,
    last_checked: Seconds,
    last_good: Seconds,
    good_at: Instant,
    replacements: u64,
    failures: u64,
}

/// One moment by both clocks.
#[derive(Clone, Copy)]
struct Now {
    time: Seconds,
    instant: Instant,
}

impl WatchedFile {
    fn check(&self) {
        // Before anything is locked, since the clocks are the application's.
        let now = self.now();
        let mut text = lock(&self.text);
        let found = now.clone().and_then(|now| {
            let (found, at) = (read_file(&self.path)?, now.time.to_system());
            // A ring whose keys could not seal yet may be good by now: only what is in use need not be read again.
            let ring = (*found != **text).then(|| parse_file(&found, &self.path, at)).transpose()?;
            Ok((found, ring, now))
        });
        let mut events = Vec::new();
        let mut last_reading = lock(&self.last_reading);
        if let Ok(now) = now {
            last_reading.last_checked = now.time;
        }
        match found {
            Ok((found, ring, Now { time, instant })) => {
                let before = last_reading.error.take();
                (last_reading.last_good, last_reading.good_at) = (time, instant);
                match ring.map(|ring| self.swappable.replace(&ring, time.to_system())).unwrap_or_default() {
                    nothing if nothing.is_empty() => events.extend(before.map(|_| RingEvent::Recovered)),
                    replaced => {
                        last_reading.replacements = last_reading.replacements.saturating_add(1);
                        events = replaced;
                    }
                }
                *text = found;
            }
            Err(error) => {
                last_reading.failures = last_reading.failures.saturating_add(1);
                if last_reading.error.replace(error.clone()).as_ref() != Some(&error) {
                    events.push(RingEvent::NotReplaced(error));
                }
            }
        }
        drop(last_reading);
        drop(text);
        events.iter().for_each(|event| self.emit(event));
    }

    /// A clock of the application's that panics must not end the watch.
    fn now(&self) -> Result<Now, KeyRingError> {
        let now = || Now { time: self.clock.now(), instant: (self.monotonic_clock)() };
        catch_unwind(AssertUnwindSafe(now)).map_err(|_| KeyRingError::ClockPanicked)
    }

    /// Nor must a callback.
    fn emit(&self, event: &RingEvent) {
        let _ = catch_unwind(AssertUnwindSafe(|| (self.on_event)(event)));
    }
}

/// What the locks guard is whole between any two statements.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// For so many intervals a reading says that the watch is alive.
const INTERVALS: u32 = 3;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{Algorithm, Key};

    /// Reading holds this lock, and on a mount that hangs it does not end.
    #[test]
    fn a_reading_that_hangs_makes_the_status_stale_and_nobody_wait() {
        let path = std::env::temp_dir().join(format!("sealed-session-hangs-{}", std::process::id()));
        std::fs::write(&path, Key::generate(Algorithm::Xaes256Gcm).unwrap().expose_text()).unwrap();
        let (start, later) = (Instant::now(), Arc::new(Mutex::new(Duration::ZERO)));
        let by = Arc::clone(&later);
        let builder = KeyRingWatcher::builder(&path).interval(Duration::from_secs(3600));
        let watch = builder.monotonic_clock(move || start + *lock(&by)).start().unwrap();
        std::fs::remove_file(&path).unwrap();

        let hanging = lock(&watch.shared.text);
        for (hours, is_current) in [(0, true), (3, true), (4, false)] {
            *lock(&later) = Duration::from_secs(3600 * hours);
            let status = watch.status();
            assert_eq!((status.is_ok(), status.is_current, status.error), (is_current, is_current, None));
        }
        drop(hanging);
    }
}
