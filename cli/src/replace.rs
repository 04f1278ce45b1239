//! A file takes the place of another, whole or not at all, and one process at a time.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process;

use fs4::{FileExt, TryLockError};

use super::failure::Failure;

/// Held by one process at a time, and by none that has ended: a locked file beside the other one, gone when dropped.
pub(crate) struct Lock {
    name: PathBuf,
    // Closed after the name is gone.
    _file: File,
}

impl Lock {
    /// Takes the lock of a file, and removes what a killed process left beside the file.
    pub(crate) fn of(path: &Path) -> Result<Self, Failure> {
        let name = beside(path, "", ".lock")?;
        let file = match create(&name) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => open(&name, path)?,
            // Of the file that was named, and not of one that nobody knows.
            file => file.map_err(|error| failed(path, &error))?,
        };
        match FileExt::try_lock(&file) {
            // Who held it before may have removed its name: a third process could then hold another file of that name.
            Ok(()) if is_at(&file, &name) => {}
            Ok(()) | Err(TryLockError::WouldBlock) => return Err(busy(path)),
            Err(TryLockError::Error(error)) => return Err(failed(&name, &error)),
        }
        let lock = Self { name, _file: file };
        remove_leftovers(path)?;
        Ok(lock)
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.name);
    }
}

/// A lock that is there already. A link is none: somebody else chose where it leads.
fn open(name: &Path, path: &Path) -> Result<File, Failure> {
    match fs::symlink_metadata(name) {
        Ok(found) if !found.is_file() => {
            Err(Failure::No(format!("{} is no lock of this program: remove it", name.display())))
        }
        Ok(_) => OpenOptions::new().write(true).open(name).map_err(|error| failed(name, &error)),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(busy(path)),
        Err(error) => Err(failed(name, &error)),
    }
}

/// Whether this name still leads to the open file.
#[cfg(unix)]
fn is_at(file: &File, name: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;

    let place = |found: fs::Metadata| (found.dev(), found.ino());
    let (open, named) = (file.metadata().map(place), fs::symlink_metadata(name).map(place));
    matches!((open, named), (Ok(open), Ok(named)) if open == named)
}

/// Elsewhere an open file keeps its name.
#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> bool {
    true
}

fn busy(path: &Path) -> Failure {
    Failure::No(format!("another process is changing {}: try again when it has ended", path.display()))
}

/// Files with all keys that a process left which was killed before it could put them in place. Only who holds the lock
/// may call it.
fn remove_leftovers(path: &Path) -> Result<(), Failure> {
    let start = beside(path, ".", ".")?;
    let start = start.file_name().unwrap_or_default().as_encoded_bytes();
    let is_leftover = |name: &[u8]| {
        let number = name.strip_prefix(start).and_then(|rest| rest.strip_suffix(ASIDE.as_bytes()));
        number.is_some_and(|number| !number.is_empty() && number.iter().all(u8::is_ascii_digit))
    };
    let folder = folder(path);
    for entry in fs::read_dir(folder).map_err(|error| failed(folder, &error))? {
        let name = entry.map_err(|error| failed(folder, &error))?.file_name();
        if !is_leftover(name.as_encoded_bytes()) {
            continue;
        }
        let left = folder.join(name);
        fs::remove_file(&left).map_err(|error| {
            let left = left.display();
            Failure::No(format!(
                "{left} was left by a rotate that was killed, and holds keys: remove it: {error}"
            ))
        })?;
    }
    Ok(())
}

/// Puts a file with this content in the place of `path`, with the owner, group and mode of the one there, or for its
/// owner alone if there is none. After an error `path` is as it was.
pub(crate) fn replace(path: &Path, content: &str) -> Result<(), Failure> {
    let new = beside(path, ".", &format!(".{}{ASIDE}", process::id()))?;
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

/// Appends to a file in one write, and makes it for its owner alone if there is none.
pub(crate) fn append(path: &Path, lines: &str) -> Result<(), Failure> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| {
        file.write_all(lines.as_bytes())?;
        file.sync_all()
    });
    written.map_err(|error| failed(path, &error))
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

/// How the name ends of a file that is to take the place of another.
const ASIDE: &str = ".new";
