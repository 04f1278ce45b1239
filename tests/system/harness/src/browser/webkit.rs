//! WebKitGTK: its MiniBrowser on a screen of its own, by WebKitWebDriver.

use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::{Browser, text};
use crate::folder::Folder;
use crate::port;
use crate::process::{self, Running};
use crate::socks;
use crate::until::until;
use crate::webdriver::WebDriver;
use crate::xvfb::Xvfb;

impl Browser {
    /// Starts MiniBrowser. It finds every host on this machine.
    #[must_use]
    pub fn webkit() -> Self {
        let proxy = format!("--proxy=socks5://127.0.0.1:{}", socks::port());
        let capabilities = json!({
            "acceptInsecureCerts": true,
            "webkitgtk:browserOptions": { "args": ["--automation", proxy] },
        });
        // The driver now and then waits in vain for the browser that it has started.
        let begun = (0..3).find_map(|_| begin(&capabilities).ok());
        let (driver, capabilities) = begun.expect("MiniBrowser starts");
        let name = format!("WebKitGTK {} with libsoup {}", text(&capabilities["browserVersion"]), libsoup());
        Self { remote: Box::new(driver), name }
    }
}

fn begin(capabilities: &Value) -> Result<(WebDriver, Value), Value> {
    let (folder, screen) = (Folder::new(), Xvfb::start());
    let (process, port) = (0..9).find_map(|_| listening(&folder, &screen)).expect("WebKitWebDriver listens");
    WebDriver::begin((process, (screen, folder)), port, capabilities)
}

/// Starts WebKitWebDriver on a port that was free, and returns both, unless another process was faster.
fn listening(folder: &Folder, screen: &Xvfb) -> Option<(Running, u16)> {
    let [port] = port::free();
    let mut command = Command::new("WebKitWebDriver");
    command.arg(format!("--port={port}")).env("DISPLAY", &screen.display).env("HOME", folder.path());
    for variable in ["XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"] {
        command.env(variable, folder.path());
    }
    let mut process = Running::start(command.stdout(Stdio::null()).stderr(Stdio::null()));
    let is_up = until("WebKitWebDriver", || {
        let has_ended = process.has_ended();
        (has_ended || port::is_open(port)).then_some(!has_ended)
    });
    is_up.then_some((process, port))
}

/// The version of the library that keeps its cookies, from Debian's package.
fn libsoup() -> String {
    let mut command = Command::new("dpkg-query");
    let output = process::run(command.args(["--showformat", "${Version}", "--show", "libsoup-3.0-0"]));
    let version = String::from_utf8(output.stdout).unwrap();
    version.split('-').next().unwrap_or_default().to_owned()
}
