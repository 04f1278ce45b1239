//! Where the keys come from: `SESSION_KEYS`, or a file that the first run makes.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};

use sealed_session::{Algorithm, Key, KeyRing, KeyRingError};

pub(crate) fn key_ring() -> Result<KeyRing, String> {
    match KeyRing::from_env("SESSION_KEYS") {
        Err(KeyRingError::MissingVariable { .. }) => from_file(),
        ring => ring.map_err(|error| format!("SESSION_KEYS: {error}")),
    }
}

fn from_file() -> Result<KeyRing, String> {
    let text = match create_new() {
        Ok(file) => write_new_key(file),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => fs::read_to_string(FILE),
        Err(error) => Err(error),
    };
    let text = text.map_err(|error| format!("{FILE}: {error}"))?;
    KeyRing::from_text(&text).map_err(|error| format!("{FILE}: {error}"))
}

/// Made for its owner alone from the first moment on: permissions that come later come too late. Never over a file that
/// is there already, whose keys somebody's session may need.
fn create_new() -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(FILE)
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

const FILE: &str = "login.keys";
const HEADING: &str = "# The first key seals, the others only open. Whoever has one of them can be anybody.";
