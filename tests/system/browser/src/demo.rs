//! The demo in a process, in a folder of its own, and started again on the same port.

use std::env;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;

pub struct Demo {
    process: Child,
    port: String,
    folder: TempDir,
}

impl Demo {
    #[must_use]
    pub fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let (process, port) = run(&folder, "0");
        Self { process, port, folder }
    }

    /// Ends the process and starts another, which knows what is in the folder and nothing else.
    pub fn restart(&mut self) {
        self.stop();
        (self.process, self.port) = run(&self.folder, &self.port);
    }

    #[must_use]
    pub fn at(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// How many keys the file holds.
    #[must_use]
    pub fn keys(&self) -> usize {
        let text = std::fs::read_to_string(self.folder.path().join("login.keys")).unwrap();
        text.lines().filter(|line| !line.starts_with('#')).count()
    }

    fn stop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Waits for the line with the URL.
fn run(folder: &TempDir, port: &str) -> (Child, String) {
    let mut command = Command::new(executable());
    command.current_dir(folder.path()).env_remove("SESSION_KEYS").env("PORT", port);
    let mut process = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let port = line
        .trim_end()
        .strip_prefix("The demo is at http://127.0.0.1:")
        .map(|rest| rest.trim_end_matches('/'));
    let port = port.unwrap_or_else(|| panic!("no URL in {line:?}")).to_owned();
    (process, port)
}

/// The example as it is in the tree, built where it is not yet.
fn executable() -> &'static PathBuf {
    static EXECUTABLE: OnceLock<PathBuf> = OnceLock::new();
    EXECUTABLE.get_or_init(|| {
        let mut command = Command::new(env!("CARGO"));
        command.args(["build", "--example", "login", "--message-format=json", "--manifest-path"]);
        command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../Cargo.toml")).stderr(Stdio::inherit());
        let output = command.output().unwrap();
        assert!(output.status.success(), "the demo does not build");
        let messages = String::from_utf8(output.stdout).unwrap();
        let built = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let path = built
            .filter(|message| message["target"]["name"] == "login")
            .find_map(|message| message["executable"].as_str().map(PathBuf::from));
        path.unwrap_or_else(|| panic!("cargo has not said where the demo is"))
    })
}
