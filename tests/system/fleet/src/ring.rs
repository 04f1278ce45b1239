//! The ring, as its operator has it: a file that the command line rotates, and copies of it for the nodes.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use harness::process::run;
use harness::programs::sealed_session;
use sealed_session::KeyRing;

pub struct Ring {
    path: PathBuf,
    longest_lifetime: &'static str,
    announce: &'static str,
}

impl Ring {
    /// Makes the file, with a first key.
    pub fn new(path: PathBuf, longest_lifetime: &'static str, announce: &'static str) -> Self {
        let ring = Self { path, longest_lifetime, announce };
        ring.rotate();
        ring
    }

    /// When the newest key begins to seal.
    pub fn rotate(&self) -> SystemTime {
        let mut command = sealed_session();
        command.arg("rotate").arg(&self.path);
        command.args(["--longest-lifetime", self.longest_lifetime, "--announce", self.announce]);
        run(&mut command);
        let keys = KeyRing::from_file(&self.path).unwrap().status(SystemTime::now());
        keys.last().unwrap().seals_from.unwrap()
    }

    /// The ids and when they begin to seal, in this order.
    pub fn keys(&self) -> Vec<(String, SystemTime)> {
        let keys = KeyRing::from_file(&self.path).unwrap().status(SystemTime::now());
        keys.iter().map(|key| (key.id.to_string(), key.seals_from.unwrap())).collect()
    }

    pub fn copy_to(&self, path: &Path) {
        put(path, &fs::read(&self.path).unwrap());
    }

    /// As a copy is that ended in the middle of the last key.
    pub fn break_at(&self, path: &Path) {
        let text = fs::read_to_string(&self.path).unwrap();
        let last = text.rfind("sealed1_").unwrap();
        put(path, &text.as_bytes()[..last + 40]);
    }
}

/// In one step, so that nobody reads a part of it.
fn put(path: &Path, text: &[u8]) {
    let aside = path.with_extension("new");
    fs::write(&aside, text).unwrap();
    fs::set_permissions(&aside, Permissions::from_mode(0o600)).unwrap();
    fs::rename(&aside, path).unwrap();
}
