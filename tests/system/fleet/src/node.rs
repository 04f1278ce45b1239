//! A node of the fleet: the login demo in a process, with a ring file of its own, and what it said.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, SystemTime};

use harness::demo;
use harness::process::Running;
use harness::programs::login;
use harness::until::until;

pub struct Node {
    number: usize,
    program: PathBuf,
    pub ring: PathBuf,
    interval: Duration,
    process: Running,
    port: u16,
    log: Log,
}

type Log = Arc<Mutex<Vec<(SystemTime, String)>>>;

impl Node {
    /// Its ring file is there already.
    pub fn start(number: usize, ring: &Path, interval: Duration) -> Self {
        Self::start_program(login().get_program().into(), number, ring, interval)
    }

    /// The same with the demo of another version.
    pub fn start_program(program: PathBuf, number: usize, ring: &Path, interval: Duration) -> Self {
        let log = Log::default();
        let (process, port) = run(&program, ring, interval, &log);
        Self { number, program, ring: ring.to_owned(), interval, process, port, log }
    }

    /// Ends, and is started again at another port: nobody may be asking it anything.
    pub fn restart(&mut self) {
        self.process.stop();
        (self.process, self.port) = run(&self.program, &self.ring, self.interval, &self.log);
    }

    /// As nginx names it.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// What it has said until now.
    pub fn lines(&self) -> Vec<String> {
        self.log.lock().unwrap().iter().map(|(_, line)| line.clone()).collect()
    }

    /// Waits until it has said `words` for the `nth` time, and says when that was.
    #[track_caller]
    pub fn says(&self, words: &str, nth: usize) -> SystemTime {
        until(&format!("node {} says {words:?}", self.number), || {
            let log = self.log.lock().unwrap();
            log.iter().filter(|(_, line)| line.contains(words)).nth(nth - 1).map(|(when, _)| *when)
        })
    }
}

fn run(program: &Path, ring: &Path, interval: Duration, log: &Log) -> (Running, u16) {
    let mut command = Command::new(program);
    command.env("SESSION_KEYS_FILE", ring).env("PORT", "0").stderr(Stdio::piped());
    command.env("SESSION_KEYS_INTERVAL", interval.as_millis().to_string());
    let (mut process, port) = demo::start(&mut command);
    let (errors, log) = (BufReader::new(process.0.stderr.take().unwrap()), Arc::clone(log));
    thread::spawn(move || {
        for line in errors.lines().map_while(Result::ok) {
            log.lock().unwrap().push((SystemTime::now(), line));
        }
    });
    (process, port)
}
