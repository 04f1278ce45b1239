//! A ring in a file, which is read again when its content changes.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, SystemTime};

use crate::crypto::secret::Zeroizing;
use crate::error::KeyRingError;
use crate::keys::key_ring::{KeyRing, KeyStatus, RingEvent, SwappableKeyRing, read_file};
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
            on_event: Box::new(RingEvent::report),
        }
    }

    /// The ring, which follows the file.
    #[must_use]
    pub fn ring(&self) -> KeyRing {
        self.shared.swappable.ring()
    }

    /// Reads the file now, and waits for that: after it, the ring is that of the file, if the file is good.
    #[allow(clippy::must_use_candidate, reason = "what it does is the point")]
    pub fn check_now(&self) -> WatcherStatus {
        self.shared.check();
        self.status()
    }

    /// How it stands, for a health check. Never waits for the file.
    #[must_use]
    pub fn status(&self) -> WatcherStatus {
        let now = self.shared.clock.now().to_system();
        let LastReading { error, last_checked, last_good, replacements, failures } =
            lock(&self.shared.last_reading).clone();
        WatcherStatus {
            error,
            last_checked: last_checked.to_system(),
            last_good: last_good.to_system(),
            replacements,
            failures,
            keys: self.ring().status(now),
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
    on_event: Box<dyn Fn(&RingEvent) + Send + Sync>,
}

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
        let Self { path, interval, clock, on_event } = self;
        let now = clock.now();
        let text = read_file(&path)?;
        let swappable = SwappableKeyRing::new(KeyRing::from_text_at(&text, now.to_system())?);
        let last_reading =
            LastReading { error: None, last_checked: now, last_good: now, replacements: 0, failures: 0 };
        let (text, last_reading) = (Mutex::new(text), Mutex::new(last_reading));
        let shared = Arc::new(WatchedFile { path, swappable, clock, on_event, text, last_reading });

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
    /// When it was last read. Where this lies far back, reading it hangs.
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
    /// Whether the file was good when it was last read.
    #[must_use]
    pub const fn is_ok(&self) -> bool {
        self.error.is_none()
    }
}

struct WatchedFile {
    path: PathBuf,
    swappable: SwappableKeyRing,
    clock: Clock,
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
    replacements: u64,
    failures: u64,
}

impl WatchedFile {
    fn check(&self) {
        let mut text = lock(&self.text);
        let found = read_file(&self.path);
        let now = self.clock.now();
        // A ring whose keys could not seal yet may be good by now: only what is in use need not be read again.
        let found = found.and_then(|found| {
            let ring =
                (*found != **text).then(|| KeyRing::from_text_at(&found, now.to_system())).transpose()?;
            Ok((found, ring))
        });
        let mut events = Vec::new();
        let mut last_reading = lock(&self.last_reading);
        last_reading.last_checked = now;
        match found {
            Ok((found, ring)) => {
                let before = last_reading.error.take();
                last_reading.last_good = now;
                match ring.map(|ring| self.swappable.replace(&ring, now.to_system())).unwrap_or_default() {
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

    /// A callback of the application's that panics must not end the watch.
    fn emit(&self, event: &RingEvent) {
        let _ = catch_unwind(AssertUnwindSafe(|| (self.on_event)(event)));
    }
}

/// What the locks guard is whole between any two statements.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
