//! WebDriver: commands as JSON over HTTP to a driver that ends with this value.

use std::any::Any;
use std::time::Duration;

use serde_json::{Value, json};

use crate::browser::{Method, Remote};
use crate::http;
use crate::process::Running;

/// A session of WebDriver: one browser.
pub(crate) struct WebDriver {
    port: u16,
    session: String,
    _process: Running,
    /// What the driver and the browser need, and goes after them.
    _needs: Box<dyn Any>,
}

impl WebDriver {
    /// Begins a session with a driver that listens on a port, and returns the capabilities of its browser too. Fails
    /// where no browser comes.
    pub(crate) fn begin<N: 'static>(
        (process, needs): (Running, N),
        port: u16,
        capabilities: &Value,
    ) -> Result<(Self, Value), Value> {
        let body = json!({ "capabilities": { "alwaysMatch": capabilities } });
        let mut begun = exchange(port, "POST /session", &body.to_string(), TO_BEGIN)?;
        let session = format!("/session/{}", begun["sessionId"].as_str().unwrap());
        let driver = Self { port, session, _process: process, _needs: Box::new(needs) };
        Ok((driver, begun["capabilities"].take()))
    }

    fn exchange(&self, method: &str, path: &str, body: &str) -> Result<Value, Value> {
        exchange(self.port, &format!("{method} {}{path}", self.session), body, PATIENCE)
    }
}

fn exchange(port: u16, request: &str, body: &str, patience: Duration) -> Result<Value, Value> {
    let answer = http::exchange(port, request, "Content-Type: application/json\r\n", body, patience)
        .map_err(|error| json!(error.to_string()))?;
    let value = serde_json::from_str::<Value>(&answer.body).unwrap()["value"].take();
    if answer.status == 200 { Ok(value) } else { Err(value) }
}

impl Remote for WebDriver {
    fn command(&self, method: Method, path: &str, arguments: &Value) -> Result<Value, Value> {
        match method {
            Method::Get => self.exchange("GET", &format!("/{path}"), ""),
            Method::Post => self.exchange("POST", &format!("/{path}"), &arguments.to_string()),
        }
    }
}

impl Drop for WebDriver {
    fn drop(&mut self) {
        // Ends the browser. The driver itself is stopped by its id afterwards.
        let _ = self.exchange("DELETE", "", "");
    }
}

/// Longer than any command takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// Longer than a browser takes to start.
const TO_BEGIN: Duration = Duration::from_secs(40);
