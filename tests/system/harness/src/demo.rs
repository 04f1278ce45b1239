//! The login demo in a process.

use std::process::{Command, Stdio};

use crate::process::Running;

/// Starts the demo, waits for the line in which it prints its URL, and returns the port from there.
#[track_caller]
pub fn start(command: &mut Command) -> (Running, u16) {
    let mut process = Running::start(command.env_remove("SESSION_KEYS").stdout(Stdio::piped()));
    let line = process.lines().next().unwrap_or_default();
    let port = line.strip_prefix("The demo is at http://127.0.0.1:");
    let port = port.and_then(|rest| rest.trim_end_matches('/').parse().ok());
    (process, port.unwrap_or_else(|| panic!("no URL in {line:?}")))
}
