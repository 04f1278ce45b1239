//! Chromium, headless, and its DevTools.

use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::{Browser, text};
use crate::folder::Folder;
use crate::process::Running;
use crate::webdriver::WebDriver;

impl Browser {
    /// Starts Chromium with these flags beyond those of every test, and with preferences of the profile.
    #[must_use]
    pub fn chromium(flags: &[&str], preferences: &Value) -> Self {
        let folder = Folder::new();
        let profile = format!("--user-data-dir={}", folder.at("profile").display());
        let flags = [&FLAGS, flags, &[&profile]].concat();
        let capabilities = json!({
            "browserName": "chrome",
            "goog:chromeOptions": { "args": flags, "prefs": preferences },
            "goog:loggingPrefs": { "browser": "ALL" },
        });
        let (process, port) = (0..9).find_map(|_| listening(&folder)).expect("chromedriver listens");
        let (driver, capabilities) = WebDriver::begin((process, folder), port, &capabilities).unwrap();
        let name = format!("Chromium {}", text(&capabilities["browserVersion"]));
        Self { remote: Box::new(driver), name }
    }

    /// A command of the DevTools protocol, which Chromium alone has.
    #[track_caller]
    pub fn devtools(&self, command: &str, parameters: &Value) -> Value {
        self.command("goog/cdp/execute", &json!({ "cmd": command, "params": parameters }))
    }
}

/// Starts chromedriver, and returns it with its port. It takes a free port of IPv4, and ends if another process holds
/// the same port of IPv6: then this returns `None`.
fn listening(folder: &Folder) -> Option<(Running, u16)> {
    let mut command = Command::new("chromedriver");
    command.arg("--port=0").env("TMPDIR", folder.path()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut process = Running::start(&mut command);
    let started = "ChromeDriver was started successfully on port ";
    let port = process
        .lines()
        .find_map(|line| line.strip_prefix(started).and_then(|port| port.trim_end_matches('.').parse().ok()));
    port.map(|port| (process, port))
}

const FLAGS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
];
