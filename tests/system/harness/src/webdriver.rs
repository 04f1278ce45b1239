//! WebDriver: commands as JSON over HTTP to a chromedriver that ends with this value.

use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::folder::Folder;
use crate::http;
use crate::process::Running;

/// A session of WebDriver: one browser.
pub struct WebDriver {
    port: u16,
    session: String,
    pub capabilities: Value,
    _process: Running,
}

impl WebDriver {
    /// Starts chromedriver on a free port, and a browser with these capabilities. Both keep their files in the folder.
    pub fn start(capabilities: &Value, folder: &Folder) -> Self {
        let (process, port) = (0..9).find_map(|_| listening(folder)).expect("chromedriver listens");
        let mut driver =
            Self { port, session: "/session".into(), capabilities: Value::Null, _process: process };
        let body = json!({ "capabilities": { "alwaysMatch": capabilities } });
        let mut begun = driver.exchange("POST", "", &body.to_string()).unwrap();
        driver.session = format!("/session/{}", begun["sessionId"].as_str().unwrap());
        driver.capabilities = begun["capabilities"].take();
        driver
    }

    /// A command that takes arguments; its value.
    #[track_caller]
    pub fn command(&self, path: &str, body: &Value) -> Value {
        self.try_command(path, body).unwrap_or_else(|error| panic!("WebDriver {path}: {error}"))
    }

    /// A command that may fail, such as one to a page that is just going away.
    pub fn try_command(&self, path: &str, body: &Value) -> Result<Value, Value> {
        self.exchange("POST", &format!("/{path}"), &body.to_string())
    }

    /// A command that takes none.
    #[track_caller]
    pub fn ask(&self, path: &str) -> Value {
        let answer = self.exchange("GET", &format!("/{path}"), "");
        answer.unwrap_or_else(|error| panic!("WebDriver {path}: {error}"))
    }

    /// A command of the DevTools protocol.
    #[track_caller]
    pub fn devtools(&self, command: &str, parameters: &Value) -> Value {
        self.command("goog/cdp/execute", &json!({ "cmd": command, "params": parameters }))
    }

    fn exchange(&self, method: &str, path: &str, body: &str) -> Result<Value, Value> {
        let answer = self.send(method, path, body).unwrap();
        let value = serde_json::from_str::<Value>(&answer.body).unwrap()["value"].take();
        if answer.status == 200 { Ok(value) } else { Err(value) }
    }

    fn send(&self, method: &str, path: &str, body: &str) -> std::io::Result<http::Answer> {
        let request = format!("{method} {}{path}", self.session);
        http::exchange(self.port, &request, "Content-Type: application/json\r\n", body, PATIENCE)
    }
}

impl Drop for WebDriver {
    fn drop(&mut self) {
        // Ends the browser. chromedriver itself is stopped by its id afterwards.
        let _ = self.send("DELETE", "", "");
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

/// Longer than any command takes.
const PATIENCE: Duration = Duration::from_secs(60);
