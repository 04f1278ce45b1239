//! Where the keys come from: `SESSION_KEYS`, a file that is watched, or one that the first run makes. And how they are
//! rotated.

use std::env;
use std::ffi::OsString;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::time::Duration;

use sealed_session::error::KeyRingError;
use sealed_session::keys::KeyRingWatcher;
use sealed_session::{Algorithm, Key, KeyRing};

use crate::report;

pub(crate) struct Keys {
    ring: KeyRing,
    source: Source,
}

enum Source {
    /// The text of `SESSION_KEYS`, to which keys are added.
    Variable(String),
    /// `login.keys`, which is this process's own.
    Own,
    /// The file that `SESSION_KEYS_FILE` names, which others change. Kept, because it stops when dropped.
    Watched { _watch: KeyRingWatcher },
}

/// Where the keys are, and so who rotates them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeysIn {
    Variable,
    OwnFile,
    WatchedFile,
}

impl Keys {
    pub(crate) fn find() -> Result<Self, String> {
        if let Some(path) = env::var_os(WATCHED) {
            return Self::watched(path);
        }
        match KeyRing::from_env(VARIABLE) {
            Ok(ring) => Ok(Self { ring, source: Source::Variable(env::var(VARIABLE).unwrap_or_default()) }),
            Err(KeyRingError::MissingVariable { .. }) => Ok(Self { ring: from_file()?, source: Source::Own }),
            Err(error) => Err(format!("{VARIABLE}: {error}")),
        }
    }

    fn watched(path: OsString) -> Result<Self, String> {
        if env::var_os(VARIABLE).is_some() {
            return Err(format!(
                "{VARIABLE} and {WATCHED} are both set: the keys can come from one of them alone"
            ));
        }
        let watch =
            KeyRingWatcher::builder(path).interval(interval()?).on_event(|event| report(event)).start();
        let watch = watch.map_err(|error| format!("{WATCHED}: {error}"))?;
        Ok(Self { ring: watch.ring(), source: Source::Watched { _watch: watch } })
    }

    pub(crate) fn ring(&self) -> KeyRing {
        self.ring.clone()
    }

    pub(crate) fn are_in(&self) -> KeysIn {
        match self.source {
            Source::Variable(_) => KeysIn::Variable,
            Source::Own => KeysIn::OwnFile,
            Source::Watched { .. } => KeysIn::WatchedFile,
        }
    }

    /// A new key comes first, and seals. The others go on opening, or everybody would be logged out. Written before it
    /// is used: a restart has to open whatever it seals. With several servers this takes three steps, which README.md
    /// has under "Rotation".
    pub(crate) fn rotate(&mut self) -> Result<(), RotateError> {
        let new = Key::generate(Algorithm::Xaes256Gcm).map_err(io::Error::other)?;
        let old = match &self.source {
            Source::Variable(text) => text.clone(),
            Source::Own => fs::read_to_string(FILE)?,
            Source::Watched { .. } => return Err(RotateError::Watched),
        };
        let text =
            format!("{HEADING}\n{}\n{}", new.expose_text(), old.trim_start_matches(HEADING).trim_start());
        let ring = KeyRing::from_text(&text)?;
        match &mut self.source {
            Source::Variable(old) => *old = text,
            _ => replace_file(&text)?,
        }
        self.ring = ring;
        Ok(())
    }
}

/// Five seconds are enough for everybody but tests: a key is announced for an hour.
fn interval() -> Result<Duration, String> {
    let text = match env::var(INTERVAL) {
        Err(env::VarError::NotPresent) => return Ok(Duration::from_secs(5)),
        text => text.unwrap_or_default(),
    };
    let milliseconds = text.parse().map_err(|_| format!("{INTERVAL}: expected a number of milliseconds"))?;
    Ok(Duration::from_millis(milliseconds))
}

fn from_file() -> Result<KeyRing, String> {
    let made = match create_new(FILE) {
        Ok(file) => write_new_key(file),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => clean_up(),
        Err(error) => Err(error),
    };
    made.map_err(|error| format!("{FILE}: {error}"))?;
    KeyRing::from_file(FILE).map_err(|error| error.to_string())
}

/// Removes the keys that a run left aside which was killed.
fn clean_up() -> io::Result<()> {
    match fs::remove_file(ASIDE) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Made for its owner alone from the first moment on: permissions that come later come too late. Never over a file that
/// is there already, whose keys somebody's session may need.
fn create_new(path: &str) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Writes a new key, or leaves no file.
fn write_new_key(mut file: File) -> io::Result<()> {
    let written = Key::generate(Algorithm::Xaes256Gcm)
        .map_err(io::Error::other)
        .and_then(|key| file.write_all(format!("{HEADING}\n{}\n", key.expose_text()).as_bytes()));
    if written.is_err() {
        fs::remove_file(FILE)?;
    }
    written
}

/// Whoever reads it finds the old file or the new one, and never a part: it is written aside, and takes the other's
/// place in one step.
fn replace_file(text: &str) -> io::Result<()> {
    clean_up()?;
    let mut file = create_new(ASIDE)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(ASIDE, FILE)
}

/// Why the keys are what they were.
#[derive(Debug)]
pub(crate) enum RotateError {
    File(io::Error),
    Ring(KeyRingError),
    Watched,
}

impl fmt::Display for RotateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(error) => write!(f, "the keys were not rotated: {FILE}: {error}"),
            Self::Ring(error) => write!(f, "the keys were not rotated: {error}"),
            Self::Watched => {
                write!(f, "the keys were not rotated: that is done in the file that {WATCHED} names")
            }
        }
    }
}

impl std::error::Error for RotateError {}

impl From<io::Error> for RotateError {
    fn from(error: io::Error) -> Self {
        Self::File(error)
    }
}

impl From<KeyRingError> for RotateError {
    fn from(error: KeyRingError) -> Self {
        Self::Ring(error)
    }
}

const VARIABLE: &str = "SESSION_KEYS";
const WATCHED: &str = "SESSION_KEYS_FILE";
const INTERVAL: &str = "SESSION_KEYS_INTERVAL";
const FILE: &str = "login.keys";
const ASIDE: &str = "login.keys.new";
const HEADING: &str = "# The first key seals, the others only open. Whoever has one of them can be anybody.";
