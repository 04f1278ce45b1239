//! A file takes the place of another, whole or not at all, and one process at a time.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process;

use super::failure::Failure;

/// Held by one process at a time: a file beside the other one that names its process, gone when dropped.
pub(crate) struct Lock(PathBuf);

impl Lock {
    pub(crate) fn of(path: &Path) -> Result<Self, Failure> {
        let lock = beside(path, "", ".lock")?;
        match create(&lock) {
            Ok(mut file) => {
                let held = Self(lock);
                let written = writeln!(file, "{}", process::id());
                written.map_err(|error| failed(&held.0, &error))?;
                Ok(held)
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                let holder = fs::read_to_string(&lock).unwrap_or_default();
                let (holder, lock) = (holder.trim(), lock.display());
                Err(Failure::No(format!(
                    "process {holder} is rotating this file, as {lock} says: if it is not, remove that file"
                )))
            }
            // Of the file that was named, and not of one that nobody knows.
            Err(error) => Err(failed(path, &error)),
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// Puts a file with this content in the place of `path`, with the owner, group and mode of the one there, or for its
/// owner alone if there is none. After an error `path` is as it was.
pub(crate) fn replace(path: &Path, content: &str) -> Result<(), Failure> {
    let new = beside(path, ".", &format!(".{}.new", process::id()))?;
    let replaced = write(&new, path, content).and_then(|()| fs::rename(&new, path));
    if let Err(error) = replaced {
        let _ = fs::remove_file(&new);
        return Err(failed(path, &error));
    }
    // Now it is there. That it also survives a loss of power takes one more step, where folders can be opened.
    #[cfg(unix)]
    File::open(folder(path)).and_then(|folder| folder.sync_all()).map_err(|error| failed(path, &error))?;
    Ok(())
}

fn write(new: &Path, old: &Path, content: &str) -> io::Result<()> {
    let mut file = create(new)?;
    file.write_all(content.as_bytes())?;
    #[cfg(unix)]
    match fs::symlink_metadata(old) {
        Ok(old) => keep_owner_and_mode(&file, &old)?,
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    #[cfg(not(unix))]
    let _ = old; // what it may keep is for its folder to say
    file.sync_all()
}

/// First the owner: a change of it may take bits off the mode.
#[cfg(unix)]
fn keep_owner_and_mode(file: &File, old: &fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};

    let new = file.metadata()?;
    if (new.uid(), new.gid()) != (old.uid(), old.gid()) {
        fchown(file, Some(old.uid()), Some(old.gid()))?;
    }
    file.set_permissions(old.permissions())
}

/// For its owner alone from the first moment on: permissions that come later come too late.
fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn beside(path: &Path, before: &str, after: &str) -> Result<PathBuf, Failure> {
    let none = || Failure::BadUse("FILE: expected the name of a file".into());
    let mut name = OsString::from(before);
    name.push(path.file_name().ok_or_else(none)?);
    name.push(after);
    Ok(folder(path).join(name))
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

fn failed(path: &Path, error: &io::Error) -> Failure {
    Failure::No(format!("{}: {error}", path.display()))
}
