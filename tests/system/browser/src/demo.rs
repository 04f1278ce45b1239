//! The demo, with a folder for its keys. A restart keeps the folder and the port.

use std::process::{Command, Stdio};

use harness::demo;
use harness::folder::Folder;
use harness::process::Running;
use harness::programs::login;

pub struct Demo {
    process: Running,
    port: u16,
    folder: Folder,
}

impl Demo {
    #[must_use]
    pub fn start() -> Self {
        let folder = Folder::new();
        let (process, port) = demo::start(&mut command(&folder, 0));
        Self { process, port, folder }
    }

    /// Ends the process and starts another, which knows what is in the folder and nothing else.
    pub fn restart(&mut self) {
        self.process.stop();
        (self.process, self.port) = demo::start(&mut command(&self.folder, self.port));
    }

    #[must_use]
    pub fn at(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// How many keys the file holds.
    #[must_use]
    pub fn keys(&self) -> usize {
        self.folder.read("login.keys").lines().filter(|line| !line.starts_with('#')).count()
    }
}

fn command(folder: &Folder, port: u16) -> Command {
    let mut command = login();
    command.current_dir(folder.path()).env("PORT", port.to_string()).stderr(Stdio::null());
    command
}
