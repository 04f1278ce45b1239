//! A Redis on a free loopback port, with its data in a folder that goes with it.

use std::process::{Command, Stdio};

use harness::folder::Folder;
use harness::port;
use harness::process::Running;

pub(crate) struct RedisServer {
    port: u16,
    folder: Folder,
    process: Option<Running>,
}

impl RedisServer {
    pub(crate) fn start() -> Self {
        let [port] = port::free();
        let mut server = Self { port, folder: Folder::new(), process: None };
        server.start_again();
        server
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub(crate) fn start_again(&mut self) {
        assert!(self.process.is_none());
        self.process = Some(run(self.port, &self.folder));
    }

    /// As if the machine had failed: nothing is written any more.
    pub(crate) fn stop(&mut self) {
        self.process = None;
    }
}

/// Waits until it accepts connections.
fn run(port: u16, folder: &Folder) -> Running {
    let mut command = Command::new("redis-server");
    command.args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "yes", "--appendfsync", "always"]);
    command.arg("--port").arg(port.to_string()).arg("--dir").arg(folder.path());
    let mut process = Running::start(command.stdin(Stdio::null()).stdout(Stdio::piped()));
    let mut printed = Vec::new();
    for line in process.lines() {
        if line.contains("Ready to accept connections") {
            return process;
        }
        printed.push(line);
    }
    panic!("redis-server has ended: {printed:#?}");
}
