//! A ring's file: read whole, and only if its mode lets none but its owner write it. Whose it is, and who may write the
//! folder, is for the operator to see to.

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::Path;
use std::time::SystemTime;

use super::text::MAX_TEXT;
use super::{Key, KeyRing};
use crate::crypto::secret::Zeroizing;
use crate::error::KeyRingError;

/// The text of a ring's file.
pub(crate) fn read(path: &Path) -> Result<Zeroizing<String>, KeyRingError> {
    let cannot_read = |error: io::Error| KeyRingError::CannotRead { path: shown(path), kind: error.kind() };
    // Opening a pipe would wait for its writer.
    check(&fs::metadata(path).map_err(cannot_read)?, path)?;
    let file = File::open(path).map_err(cannot_read)?;
    check(&file.metadata().map_err(cannot_read)?, path)?;
    // More room than is read: a list that grows leaves copies of keys behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(2 * MAX_TEXT));
    let limit = MAX_TEXT as u64 + 1;
    file.take(limit).read_to_end(&mut bytes).map_err(cannot_read)?;
    if bytes.len() > MAX_TEXT {
        return Err(KeyRingError::TooLong { limit: MAX_TEXT }.in_file(shown(path)));
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| KeyRingError::FileNotText { path: shown(path) })?;
    Ok(Zeroizing::new(text.to_owned()))
}

/// The ring of a text that was [read](read) from this file.
pub(crate) fn parse(text: &str, path: &Path, now: SystemTime) -> Result<KeyRing, KeyRingError> {
    KeyRing::from_text_at(text, now).map_err(|error| error.in_file(shown(path)))
}

fn check(metadata: &Metadata, path: &Path) -> Result<(), KeyRingError> {
    if !metadata.is_file() {
        return Err(KeyRingError::NotAFile { path: shown(path) });
    }
    #[cfg(unix)]
    if std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o022 != 0 {
        return Err(KeyRingError::WritableByOthers { path: shown(path) });
    }
    Ok(())
}

/// The path, for an error.
fn shown(path: &Path) -> String {
    let text = path.to_string_lossy();
    if Key::may_be_in_path(&text) { "…".into() } else { text.into_owned() }
}
