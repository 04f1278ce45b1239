//! WebDriver, as far as the tests need it: commands as JSON over HTTP to a chromedriver that ends with this value.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use reqwest::blocking;
use serde_json::{Value, json};

use crate::process::Running;
use crate::reqwest_client::builder;

/// A session of WebDriver: one browser.
pub struct WebDriver {
    http: blocking::Client,
    base: String,
    _process: Running,
    pub capabilities: Value,
}

impl WebDriver {
    /// Starts chromedriver on a free port, and a browser with these capabilities. Both keep their files in the folder.
    pub fn start(capabilities: &Value, folder: &Path) -> Self {
        let mut command = Command::new("chromedriver");
        let mut process = Running::start(
            command.arg("--port=0").env("TMPDIR", folder).stdout(Stdio::piped()).stderr(Stdio::null()),
        );
        let mut output = BufReader::new(process.0.stdout.take().unwrap());
        let port = loop {
            let mut line = String::new();
            assert_ne!(
                output.read_line(&mut line).unwrap(),
                0,
                "chromedriver ended: run tests/system/clients/install"
            );
            let port = line.trim_end().strip_prefix("ChromeDriver was started successfully on port ");
            if let Some(port) = port {
                break port.trim_end_matches('.').parse::<u16>().unwrap();
            }
        };
        let http = builder().build().unwrap();
        let base = format!("http://127.0.0.1:{port}");
        let mut driver = Self { http, base, _process: process, capabilities: Value::Null };
        let body = json!({ "capabilities": { "alwaysMatch": capabilities } });
        let session = driver.command("session", &body);
        driver.base = format!("{}/session/{}", driver.base, session["sessionId"].as_str().unwrap());
        driver.capabilities = session["capabilities"].clone();
        driver
    }

    /// A command that takes arguments; its value.
    #[track_caller]
    pub fn command(&self, path: &str, body: &Value) -> Value {
        self.try_command(path, body).unwrap_or_else(|error| panic!("WebDriver {path}: {error}"))
    }

    /// A command that may fail, such as one to a page that is just going away.
    pub fn try_command(&self, path: &str, body: &Value) -> Result<Value, Value> {
        answer(self.http.post(format!("{}/{path}", self.base)).json(body))
    }

    /// A command that takes none.
    #[track_caller]
    pub fn ask(&self, path: &str) -> Value {
        answer(self.http.get(format!("{}/{path}", self.base)))
            .unwrap_or_else(|error| panic!("WebDriver {path}: {error}"))
    }

    /// Runs the body of an asynchronous function in the page.
    #[track_caller]
    pub fn script(&self, body: &str, arguments: &Value) -> Value {
        // A rejected promise would otherwise be waited for until the time is up.
        let script = format!(
            "const [arguments_, done] = [[...arguments].slice(0, -1), [...arguments].at(-1)];
             (async (...arguments) => {{ {body} }})(...arguments_).then(done, error => done('error: ' + error));"
        );
        self.command("execute/async", &json!({ "script": script, "args": arguments }))
    }

    /// A command of the DevTools protocol.
    #[track_caller]
    pub fn devtools(&self, command: &str, parameters: &Value) -> Value {
        self.command("goog/cdp/execute", &json!({ "cmd": command, "params": parameters }))
    }
}

fn answer(request: blocking::RequestBuilder) -> Result<Value, Value> {
    let response = request.send().unwrap();
    let is_success = response.status().is_success();
    let mut answer: Value = response.json().unwrap();
    let value = answer["value"].take();
    if is_success { Ok(value) } else { Err(value) }
}

impl Drop for WebDriver {
    fn drop(&mut self) {
        // Ends the browser. chromedriver itself is stopped by its id afterwards.
        let _ = self.http.delete(&self.base).send();
    }
}
