//! Clients in other languages: a process that is given requests, a line each, and answers with a line of JSON.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};

use harness::process::Running;
use serde::de::DeserializeOwned;

use crate::client::{Client, Reply, Stored};
use crate::shop::Shop;

pub struct Driver {
    name: String,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
    _process: Running,
}

impl Driver {
    /// Python's `requests`.
    pub fn requests(shop: &Shop) -> Self {
        Self::start(python("requests"), shop)
    }

    /// Python's `urllib` with the jar of `http.cookiejar`.
    pub fn cookiejar(shop: &Shop) -> Self {
        Self::start(python("cookiejar"), shop)
    }

    /// Node's `http` and `https` with the jar of `tough-cookie`.
    pub fn tough_cookie(shop: &Shop) -> Self {
        let mut command = Command::new("node");
        command.env("NODE_PATH", installed("node/node_modules")).arg(driver("jar.cjs"));
        Self::start(command, shop)
    }

    fn start(mut command: Command, shop: &Shop) -> Self {
        command.arg(shop.certificate.authority()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = Running::start(&mut command);
        let questions = process.0.stdin.take().unwrap();
        let answers = BufReader::new(process.0.stdout.take().unwrap());
        let mut driver = Self { name: String::new(), questions, answers, _process: process };
        driver.name = driver.answer();
        driver
    }

    fn ask<A: DeserializeOwned>(&mut self, question: &str) -> A {
        writeln!(self.questions, "{question}").unwrap();
        self.answer()
    }

    fn answer<A: DeserializeOwned>(&mut self) -> A {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        assert!(!line.is_empty(), "the driver of {:?} ended: run tests/system/clients/install", self.name);
        serde_json::from_str(&line).unwrap()
    }
}

impl Client for Driver {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn send(&mut self, method: &str, url: &str) -> Reply {
        self.ask(&format!("{method} {url}"))
    }

    fn jar(&mut self) -> Vec<Stored> {
        self.ask("JAR")
    }
}

fn python(which: &str) -> Command {
    let mut command = Command::new(installed("python/bin/python"));
    command.arg(driver("jar.py")).arg(which);
    command
}

fn driver(file: &str) -> PathBuf {
    here().join("drivers").join(file)
}

/// Where `install` puts what no system package has.
fn installed(path: &str) -> PathBuf {
    here().join("target").join(path)
}

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
