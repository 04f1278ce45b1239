//! A channel that is a file: the processes of one machine, or of several over a network mount, append to it and read
//! it.

use std::fmt;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::{RevocationStatus, Revocations};
use crate::error::{RevocationFileError, RevokeError};
use crate::events;

/// Revocations in a file, which is read again every half second. What this process revokes is appended to it.
///
/// A file that is broken, gone, or writable by others changes nothing: what is known stays, and that is reported. What
/// the file has lost, for instance because it was truncated, is written back by every process that knows it. The
/// command line has `revoke`, `revocations` and `prune` for the same file.
///
/// Keep it for as long as the sessions: it stops when dropped.
///
/// ```no_run
/// # use sealed_session::revocation::Revocations;
/// # use sealed_session::{KeyRing, Sessions};
/// # let ring = KeyRing::from_env("SESSION_KEYS")?;
/// let revocations = Revocations::new();
/// let sessions: Sessions<u64> = Sessions::builder(ring).revocations(&revocations).build()?;
/// let watch = revocations.watch_file("/var/lib/shop/revoked")?;
/// assert!(watch.status().is_ok()); // for a health check
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "it stops when dropped"]
pub struct RevocationWatcher {
    shared: Arc<WatchedFile>,
    // Dropped with the watch, which ends the thread.
    _stop: Arc<Sender<()>>,
}

impl Revocations {
    /// Reads revocations from a file, and again every half second; makes the file if there is none. Call it after the
    /// `Sessions` were built, and before they serve.
    ///
    /// # Errors
    /// If the file cannot be read or made, others may write it, it is longer than 16 MiB, or no thread can be started.
    pub fn watch_file(&self, path: impl AsRef<Path>) -> Result<RevocationWatcher, RevocationFileError> {
        let path = path.as_ref().to_owned();
        let last = Mutex::new(Last { text: None, error: None });
        let shared = Arc::new(WatchedFile { path, revocations: self.clone(), last });
        shared.check();
        if let Some(error) = lock(&shared.last).error.clone() {
            return Err(error);
        }
        let (stop, woken) = mpsc::channel();
        let stop = Arc::new(stop);
        // A revocation that is made here goes into the file at once. The listener outlives the watch, and must not keep
        // the thread alive.
        let wake = Arc::downgrade(&stop);
        self.on_revoke(move || {
            if let Some(wake) = wake.upgrade() {
                let _ = wake.send(()); // the thread has ended
            }
        });
        let of_thread = Arc::clone(&shared);
        let run = move || {
            while woken.recv_timeout(INTERVAL) != Err(mpsc::RecvTimeoutError::Disconnected) {
                while woken.try_recv().is_ok() {} // a burst is one reading
                of_thread.check();
            }
        };
        let thread = thread::Builder::new().name("revocations".into()).spawn(run);
        // It is not waited for: a file on a mount that hangs must not hold up the thread that drops the watch.
        drop(thread.map_err(|error| shared.failed(&error))?);
        Ok(RevocationWatcher { shared, _stop: stop })
    }
}

impl RevocationWatcher {
    /// Reads the file now, and waits for that.
    #[allow(clippy::must_use_candidate, reason = "what it does is the point")]
    pub fn check_now(&self) -> RevocationFileStatus {
        self.shared.check();
        self.status()
    }

    /// How it is doing, for a health check. Never waits for the file.
    #[must_use]
    pub fn status(&self) -> RevocationFileStatus {
        let revocations = &self.shared.revocations;
        RevocationFileStatus {
            error: self.shared.last.try_lock().map_or(None, |last| last.error.clone()),
            is_current: revocations.silence().is_some_and(|silence| silence <= RECENT),
            revocations: revocations.status(),
        }
    }
}

impl fmt::Debug for RevocationWatcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RevocationWatcher").field("path", &self.shared.path).finish_non_exhaustive()
    }
}

/// How a [`RevocationWatcher`] is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RevocationFileStatus {
    /// Why the file could not be read or written the last time; `None` if it could.
    pub error: Option<RevocationFileError>,
    /// Whether the file was read within the last minute. `false` without an error means that reading it hangs.
    pub is_current: bool,
    /// The revocations that this process knows.
    pub revocations: RevocationStatus,
}

impl RevocationFileStatus {
    /// Whether the file was good when it was last read, and that was within the last minute.
    #[must_use]
    pub const fn is_ok(&self) -> bool {
        self.is_current && self.error.is_none()
    }
}

struct WatchedFile {
    path: PathBuf,
    revocations: Revocations,
    /// Locked for as long as the file is read, so that one reads at a time.
    last: Mutex<Last>,
}

struct Last {
    /// The text as it is now, and up to which revocation it was compared with what is known.
    text: Option<(Vec<u8>, u64)>,
    error: Option<RevocationFileError>,
}

impl WatchedFile {
    fn check(&self) {
        let mut last = lock(&self.last);
        match self.read_and_write(&mut last.text) {
            Ok(()) => last.error = None,
            Err(error) => {
                if last.error.replace(error.clone()).as_ref() != Some(&error) {
                    events::revocation_file(&error); // one that lasts is reported once
                }
            }
        }
    }

    fn read_and_write(&self, last: &mut Option<(Vec<u8>, u64)>) -> Result<(), RevocationFileError> {
        let mut text = self.read()?;
        let number = self.revocations.shared.index.last();
        let revocations = |error: RevokeError| RevocationFileError::new(&self.path, error);
        if last.as_ref().is_some_and(|(before, at)| *at == number && *before == text) {
            self.revocations.merge("").map_err(revocations)?;
            return Ok(());
        }
        let (_, lacking) = self.revocations.sync(&text).map_err(revocations)?;
        if !lacking.is_empty() {
            self.append(&mut text, &lacking)?;
        }
        *last = Some((text, number));
        Ok(())
    }

    /// The whole file; nothing if there is none.
    fn read(&self) -> Result<Vec<u8>, RevocationFileError> {
        // Opening a pipe would wait for its writer.
        match std::fs::metadata(&self.path) {
            Ok(found) => self.check_metadata(&found)?,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                self.append_to().map_err(|error| self.failed(&error))?;
            }
            Err(error) => return Err(self.failed(&error)),
        }
        let file = File::open(&self.path).map_err(|error| self.failed(&error))?;
        self.check_metadata(&file.metadata().map_err(|error| self.failed(&error))?)?;
        let mut text = Vec::new();
        file.take(MAX_FILE + 1).read_to_end(&mut text).map_err(|error| self.failed(&error))?;
        if text.len() as u64 > MAX_FILE {
            return Err(RevocationFileError::new(&self.path, "longer than 16 MiB: prune it, or use Redis"));
        }
        Ok(text)
    }

    fn check_metadata(&self, metadata: &Metadata) -> Result<(), RevocationFileError> {
        if !metadata.is_file() {
            return Err(RevocationFileError::new(&self.path, "not a file"));
        }
        #[cfg(unix)]
        if std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o022 != 0 {
            return Err(RevocationFileError::new(&self.path, "others may write it: chmod go-w"));
        }
        Ok(())
    }

    /// In one write, so that the lines of two processes do not mix; to `text` as well, which is what was read.
    fn append(&self, text: &mut Vec<u8>, lines: &[String]) -> Result<(), RevocationFileError> {
        let mut added = String::new();
        if !text.is_empty() && !text.ends_with(b"\n") {
            added.push('\n'); // a line was cut off
        }
        lines.iter().for_each(|line| added.extend([line, "\n"]));
        let written = self.append_to().and_then(|mut file| file.write_all(added.as_bytes()));
        text.extend_from_slice(added.as_bytes());
        written.map_err(|error| self.failed(&error))
    }

    /// The file, made for its owner alone if there is none.
    fn append_to(&self) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&self.path)
    }

    fn failed(&self, error: &io::Error) -> RevocationFileError {
        RevocationFileError::new(&self.path, error.kind())
    }
}

/// What the lock guards is whole between any two statements.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How long to wait between two readings.
const INTERVAL: Duration = Duration::from_millis(500);
/// How old the last reading may be for a health check, in seconds.
const RECENT: u64 = 60;
/// Bytes of a file: about 170 000 revocations.
const MAX_FILE: u64 = 16 << 20;
