//! Where the keys come from: `SESSION_KEYS`, or a file that the first run makes. And how they are rotated.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};

use sealed_session::{Algorithm, Key, KeyRing, KeyRingError};

pub(crate) struct Keys {
    ring: KeyRing,
    /// Of a ring from `SESSION_KEYS`, to which keys are added; `None` where they are in the file.
    text: Option<String>,
}

impl Keys {
    pub(crate) fn find() -> Result<Self, String> {
        match KeyRing::from_env(VARIABLE) {
            Ok(ring) => Ok(Self { ring, text: std::env::var(VARIABLE).ok() }),
            Err(KeyRingError::MissingVariable { .. }) => Ok(Self { ring: from_file()?, text: None }),
            Err(error) => Err(format!("{VARIABLE}: {error}")),
        }
    }

    pub(crate) fn ring(&self) -> KeyRing {
        self.ring.clone()
    }

    pub(crate) fn are_in_file(&self) -> bool {
        self.text.is_none()
    }

    /// A new key comes first, and seals. The others go on opening, or everybody would be logged out. Written before it
    /// is used: a restart has to open whatever it seals. With several servers this takes three steps, which README.md
    /// has under "Rotation".
    pub(crate) fn rotate(&mut self) -> Result<(), RotateError> {
        let new = Key::generate(Algorithm::Xaes256Gcm).map_err(io::Error::other)?;
        let old = match &self.text {
            Some(text) => text.clone(),
            None => fs::read_to_string(FILE)?,
        };
        let text =
            format!("{HEADING}\n{}\n{}", new.expose_text(), old.trim_start_matches(HEADING).trim_start());
        let ring = KeyRing::from_text(&text)?;
        match &mut self.text {
            Some(old) => *old = text,
            None => replace_file(&text)?,
        }
        self.ring = ring;
        Ok(())
    }
}

fn from_file() -> Result<KeyRing, String> {
    let text = match create_new(FILE) {
        Ok(file) => write_new_key(file),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => fs::read_to_string(FILE),
        Err(error) => Err(error),
    };
    let text = text.map_err(|error| format!("{FILE}: {error}"))?;
    KeyRing::from_text(&text).map_err(|error| format!("{FILE}: {error}"))
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

/// Returns what it has written, or leaves no file.
fn write_new_key(mut file: File) -> io::Result<String> {
    let written = Key::generate(Algorithm::Xaes256Gcm).map_err(io::Error::other).and_then(|key| {
        let text = format!("{HEADING}\n{}\n", key.expose_text());
        file.write_all(text.as_bytes())?;
        Ok(text)
    });
    if written.is_err() {
        fs::remove_file(FILE)?;
    }
    written
}

/// Whoever reads it finds the old file or the new one, and never a part: it is written aside, and takes the other's place
/// in one step.
fn replace_file(text: &str) -> io::Result<()> {
    match fs::remove_file(ASIDE) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {} // what a run left that was stopped
    }
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
}

impl fmt::Display for RotateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(error) => write!(f, "the keys were not rotated: {FILE}: {error}"),
            Self::Ring(error) => write!(f, "the keys were not rotated: {error}"),
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
const FILE: &str = "login.keys";
const ASIDE: &str = "login.keys.new";
const HEADING: &str = "# The first key seals, the others only open. Whoever has one of them can be anybody.";
