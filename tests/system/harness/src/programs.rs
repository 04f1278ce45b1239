//! The programs under test, built from the tree: the login demo and the command line.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

use crate::process::run;

pub fn login() -> Command {
    Command::new(&built()[0])
}

pub fn sealed_session() -> Command {
    Command::new(&built()[1])
}

/// Runs cargo, which builds only what has changed.
fn built() -> &'static [PathBuf; 2] {
    static BUILT: OnceLock<[PathBuf; 2]> = OnceLock::new();
    BUILT.get_or_init(|| {
        let mut command = Command::new(env!("CARGO"));
        command.args(["build", "--package", "sealed-session", "--example", "login"]);
        command.args(["--package", "sealed-session-cli", "--bin", "sealed-session"]);
        command.args(["--message-format", "json-render-diagnostics", "--manifest-path"]);
        command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../Cargo.toml")).stderr(Stdio::inherit());
        let text = String::from_utf8(run(&mut command).stdout).unwrap();
        let messages: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        ["login", "sealed-session"].map(|name| {
            let of_name = messages.iter().filter(|message| message["target"]["name"] == name);
            let path = of_name.filter_map(|message| message["executable"].as_str()).next();
            PathBuf::from(path.unwrap_or_else(|| panic!("cargo has not said where {name} is")))
        })
    })
}
