//! A screen that nobody sees, for a browser that wants one.

use std::process::{Command, Stdio};

use crate::process::Running;

pub(crate) struct Xvfb {
    process: Running,
    /// Its name, for the variable `DISPLAY`.
    pub(crate) display: String,
}

impl Xvfb {
    pub(crate) fn start() -> Self {
        let mut command = Command::new("Xvfb");
        // It finds a free number by itself, prints it on standard output, and ends after its last client.
        command.args(["-displayfd", "1", "-screen", "0", "1280x1024x24", "-nolisten", "tcp", "-terminate"]);
        let mut process = Running::start(command.stdout(Stdio::piped()).stderr(Stdio::null()));
        let number = process.lines().next().expect("the number of the screen");
        Self { process, display: format!(":{number}") }
    }
}

impl Drop for Xvfb {
    fn drop(&mut self) {
        // Stopped from outside, it would leave its lock behind.
        self.process.wait_for_its_end();
    }
}
