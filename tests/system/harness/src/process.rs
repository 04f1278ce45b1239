//! Programs: those that run until the value that holds them goes, and those that end by themselves.

use std::io::{BufRead, BufReader, Error, ErrorKind};
use std::process::{Child, Command, Output};
use std::thread;
use std::time::{Duration, Instant};

/// A program that is stopped, by its id, when this value goes.
pub struct Running(pub Child);

impl Running {
    #[track_caller]
    pub fn start(command: &mut Command) -> Self {
        Self(command.spawn().unwrap_or_else(|error| missing(command, &error)))
    }

    /// The lines that it prints on standard output, which has to be piped. To be called once.
    pub fn lines(&mut self) -> impl Iterator<Item = String> + use<> {
        BufReader::new(self.0.stdout.take().unwrap()).lines().map_while(Result::ok)
    }

    pub fn has_ended(&mut self) -> bool {
        self.0.try_wait().unwrap().is_some()
    }

    /// Waits until it ends by itself, for ten seconds at most.
    pub(crate) fn wait_for_its_end(&mut self) {
        let deadline = Instant::now() + Duration::from_secs(10);
        while Instant::now() < deadline && self.0.try_wait().is_ok_and(|status| status.is_none()) {
            thread::sleep(Duration::from_millis(10));
        }
    }

    pub fn stop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Runs a program to its end, which has to be a success.
#[track_caller]
pub fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| missing(command, &error));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

/// The first line that a program prints about its version, on either output.
#[track_caller]
pub fn version(program: &str, flag: &str) -> String {
    let output = run(Command::new(program).arg(flag));
    let text = if output.stdout.is_empty() { output.stderr } else { output.stdout };
    String::from_utf8_lossy(&text).lines().next().unwrap_or_default().to_owned()
}

#[track_caller]
fn missing(command: &Command, error: &Error) -> ! {
    let hint = if error.kind() == ErrorKind::NotFound {
        ": tests/system/README.md says how to install it"
    } else {
        ""
    };
    panic!("{command:?}: {error}{hint}")
}
