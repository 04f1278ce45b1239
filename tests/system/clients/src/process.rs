//! Programs that end with the value that holds them, and waiting for what other processes do.

use std::io::ErrorKind;
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
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What a program said that ends by itself.
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

/// Asks until there is an answer.
#[track_caller]
pub fn until<A>(what: &str, mut ask: impl FnMut() -> Option<A>) -> A {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < deadline, "waited 30 seconds in vain: {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

#[track_caller]
fn missing(command: &Command, error: &std::io::Error) -> ! {
    let hint = if error.kind() == ErrorKind::NotFound { ": run tests/system/clients/install" } else { "" };
    panic!("{command:?}: {error}{hint}")
}
