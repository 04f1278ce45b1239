//! A Redis of one's own: on a free loopback port, with its data in a folder that goes with it.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

pub(crate) struct RedisServer {
    port: u16,
    folder: tempfile::TempDir,
    child: Option<Child>,
}

impl RedisServer {
    pub(crate) fn start() -> Self {
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let mut server = Self { port, folder: tempfile::tempdir().unwrap(), child: None };
        server.start_again();
        server
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub(crate) fn start_again(&mut self) {
        assert!(self.child.is_none());
        let child = self.child.insert(run(self.port, self.folder.path()));
        wait_until_ready(child.stdout.take().unwrap());
    }

    /// As if the machine had failed: nothing is written any more.
    pub(crate) fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.stop();
    }
}

fn run(port: u16, folder: &Path) -> Child {
    let mut command = Command::new("redis-server");
    command.args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "yes", "--appendfsync", "always"]);
    command.arg("--port").arg(port.to_string()).arg("--dir").arg(folder);
    let started = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
    started.unwrap_or_else(|error| panic!("redis-server: {error}: run tests/system/install redis"))
}

/// Reads what it prints until it accepts connections.
fn wait_until_ready(stdout: ChildStdout) {
    let mut printed = Vec::new();
    for line in BufReader::new(stdout).lines() {
        let line = line.unwrap();
        if line.contains("Ready to accept connections") {
            return;
        }
        printed.push(line);
    }
    panic!("redis-server has ended: {printed:#?}");
}
