//! WebDriver, as far as the tests need it: commands as JSON over HTTP to a chromedriver that ends with this value.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// A session of WebDriver: one browser.
pub(crate) struct WebDriver {
    process: Child,
    port: u16,
    session: String,
}

impl WebDriver {
    /// Starts chromedriver on a free port, and a browser with these capabilities. Both keep their files in the folder.
    pub(crate) fn start(capabilities: &Value, folder: &Path) -> Self {
        let (process, port) = (0..9).find_map(|_| listening(folder)).expect("chromedriver listens");
        let mut driver = Self { process, port, session: String::new() };
        let body = json!({ "capabilities": { "alwaysMatch": capabilities } });
        let begun = driver.exchange("POST", "/session", Some(&body)).unwrap();
        driver.session = format!("/session/{}", begun["sessionId"].as_str().unwrap());
        driver
    }

    /// A command that takes arguments; its value.
    #[track_caller]
    pub(crate) fn command(&self, path: &str, body: &Value) -> Value {
        self.try_command(path, body).unwrap_or_else(|error| panic!("WebDriver {path}: {error}"))
    }

    /// A command that may fail, such as one to a page that is just going away.
    pub(crate) fn try_command(&self, path: &str, body: &Value) -> Result<Value, Value> {
        self.exchange("POST", &format!("{}/{path}", self.session), Some(body))
    }

    /// A command that takes none.
    #[track_caller]
    pub(crate) fn ask(&self, path: &str) -> Value {
        let answer = self.exchange("GET", &format!("{}/{path}", self.session), None);
        answer.unwrap_or_else(|error| panic!("WebDriver {path}: {error}"))
    }

    /// A command of the DevTools protocol.
    #[track_caller]
    pub(crate) fn devtools(&self, command: &str, parameters: &Value) -> Value {
        self.command("goog/cdp/execute", &json!({ "cmd": command, "params": parameters }))
    }

    fn exchange(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, Value> {
        let (is_success, body) = self.send(method, path, body).unwrap();
        let value = serde_json::from_slice::<Value>(&body).unwrap()["value"].take();
        if is_success { Ok(value) } else { Err(value) }
    }

    fn send(&self, method: &str, path: &str, body: Option<&Value>) -> io::Result<(bool, Vec<u8>)> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        let body = body.map(Value::to_string).unwrap_or_default();
        let length = body.len();
        let host = format!("127.0.0.1:{}", self.port);
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        )?;
        let mut answer = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if answer.read_line(&mut head)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        let head = head.to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        answer.read_exact(&mut body)?;
        Ok((head.starts_with("http/1.1 200"), body))
    }
}

/// A chromedriver, and the port that it listens at. It takes a free port of IPv4, and ends if IPv6 has lost the same one to
/// somebody else: then there is `None`.
fn listening(folder: &Path) -> Option<(Child, u16)> {
    let mut command = Command::new("chromedriver");
    command.arg("--port=0").env("TMPDIR", folder).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut process = command
        .spawn()
        .unwrap_or_else(|error| panic!("chromedriver: {error}: run tests/system/install chromium"));
    let lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let started = "ChromeDriver was started successfully on port ";
    let port = lines
        .map_while(Result::ok)
        .find_map(|line| line.strip_prefix(started).and_then(|port| port.trim_end_matches('.').parse().ok()));
    if port.is_none() {
        process.wait().unwrap();
    }
    port.map(|port| (process, port))
}

impl Drop for WebDriver {
    fn drop(&mut self) {
        // Ends the browser. chromedriver itself is stopped by its id afterwards.
        let _ = self.send("DELETE", &self.session, None);
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Asks until there is an answer.
#[track_caller]
pub(crate) fn until<A>(what: &str, mut ask: impl FnMut() -> Option<A>) -> A {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < deadline, "waited 30 seconds in vain: {what}");
        thread::sleep(Duration::from_millis(10));
    }
}
