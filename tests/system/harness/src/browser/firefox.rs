//! Firefox, headless, over Marionette: the protocol of its own that WebDriver's commands fit into. It needs no driver.

use std::cell::{Cell, RefCell};
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::{Browser, Method, Remote, text};
use crate::folder::Folder;
use crate::process::Running;
use crate::socks;
use crate::until::until;

impl Browser {
    /// Starts Firefox with these preferences beyond those of every test. It finds every host on this machine.
    #[must_use]
    pub fn firefox(preferences: &[(&str, Value)]) -> Self {
        let folder = Folder::new();
        let proxy = [("network.proxy.socks_port", socks::port().into())];
        let all = PREFERENCES.iter().map(|(name, value)| format!("user_pref(\"{name}\", {value});\n"));
        let mut file: String = all.collect();
        for (name, value) in proxy.iter().chain(preferences) {
            let _ = writeln!(file, "user_pref(\"{name}\", {value});");
        }
        folder.write("user.js", file);
        let mut command = Command::new("firefox-esr");
        command.args(["--headless", "--no-remote", "--marionette", "--remote-allow-system-access"]);
        command.arg("--profile").arg(folder.path());
        command.env("HOME", folder.path()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut process = Running::start(&mut command);
        let stream = until("Firefox", || {
            assert!(!process.has_ended(), "firefox-esr has ended");
            let port = folder.try_read("MarionetteActivePort")?.trim().parse().ok()?;
            TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()
        });
        let marionette = Marionette::new(stream, process, folder);
        let begun = marionette.send("WebDriver:NewSession", &json!({ "acceptInsecureCerts": true })).unwrap();
        let name = format!("Firefox {}", text(&begun["capabilities"]["browserVersion"]));
        Self { remote: Box::new(marionette), name }
    }

    /// Runs the body of a function with the rights of Firefox itself, which alone knows all about cookies.
    #[track_caller]
    pub fn privileged(&self, body: &str) -> Value {
        self.command("moz/context", &json!({ "value": "chrome" }));
        let answer = self.script(body, &[]);
        self.command("moz/context", &json!({ "value": "content" }));
        answer
    }
}

/// The folder goes after the browser: fields are dropped in their order.
struct Marionette {
    stream: RefCell<BufReader<TcpStream>>,
    sent: Cell<u64>,
    process: Running,
    _folder: Folder,
}

impl Marionette {
    fn new(stream: TcpStream, process: Running, folder: Folder) -> Self {
        let mut stream = BufReader::new(stream);
        let greeting = read(&mut stream).unwrap();
        assert_eq!(greeting["marionetteProtocol"], 3, "{greeting}");
        Self { stream: RefCell::new(stream), sent: Cell::new(0), process, _folder: folder }
    }

    /// Sends `[0, ID, name, arguments]`, and takes `[1, ID, error, value]`.
    fn send(&self, name: &str, arguments: &Value) -> Result<Value, Value> {
        self.sent.set(self.sent.get() + 1);
        let message = json!([0, self.sent.get(), name, arguments]).to_string();
        let mut stream = self.stream.borrow_mut();
        write!(stream.get_mut(), "{}:{message}", message.len()).map_err(|error| json!(error.to_string()))?;
        let mut answer = read(&mut *stream).ok_or("the connection has ended")?;
        assert_eq!(answer[1], self.sent.get(), "{name}: {answer}");
        if answer[2].is_null() { Ok(answer[3].take()) } else { Err(answer[2].take()) }
    }
}

impl Remote for Marionette {
    fn command(&self, method: Method, path: &str, arguments: &Value) -> Result<Value, Value> {
        let mut arguments = if arguments.is_null() { json!({}) } else { arguments.clone() };
        let mut path = path.to_owned();
        if let Some((id, command)) = path.strip_prefix("element/").and_then(|rest| rest.split_once('/')) {
            arguments["id"] = id.into();
            path = format!("element/ID/{command}");
        }
        let known =
            |&&(its_method, its_path, _): &&(Method, &str, &str)| (its_method, its_path) == (method, &path);
        let (_, _, name) = COMMANDS.iter().find(known).unwrap_or_else(|| panic!("Marionette has no {path}"));
        let mut answer = self.send(name, &arguments)?;
        // Some values come in an object, some as they are.
        Ok(if answer.get("value").is_some() { answer["value"].take() } else { answer })
    }
}

impl Drop for Marionette {
    fn drop(&mut self) {
        // Its processes end with it only if it is asked. If it cannot be asked, `Running` stops it.
        if self.send("Marionette:Quit", &json!({ "flags": ["eForceQuit"] })).is_ok() {
            let _ = self.process.0.wait();
        }
    }
}

/// The length of a message in digits, a colon, and the message.
fn read(stream: &mut impl BufRead) -> Option<Value> {
    let mut length = Vec::new();
    stream.read_until(b':', &mut length).ok()?;
    let length = str::from_utf8(length.strip_suffix(b":")?).ok()?.parse().ok()?;
    let mut message = Vec::new();
    stream.take(length).read_to_end(&mut message).ok()?;
    serde_json::from_slice(&message).ok()
}

/// Marionette's names of WebDriver's commands.
const COMMANDS: &[(Method, &str, &str)] = &[
    (Method::Get, "url", "WebDriver:GetCurrentURL"),
    (Method::Get, "window", "WebDriver:GetWindowHandle"),
    (Method::Post, "back", "WebDriver:Back"),
    (Method::Post, "element", "WebDriver:FindElement"),
    (Method::Post, "element/ID/click", "WebDriver:ElementClick"),
    (Method::Post, "execute/async", "WebDriver:ExecuteAsyncScript"),
    (Method::Post, "execute/sync", "WebDriver:ExecuteScript"),
    (Method::Post, "frame", "WebDriver:SwitchToFrame"),
    (Method::Post, "moz/context", "Marionette:SetContext"),
    (Method::Post, "url", "WebDriver:Navigate"),
    (Method::Post, "window", "WebDriver:SwitchToWindow"),
    (Method::Post, "window/new", "WebDriver:NewWindow"),
];

/// All hosts are this machine, so that nothing leaves it.
const PREFERENCES: [(&str, &str); 5] = [
    ("marionette.port", "0"),
    ("network.proxy.type", "1"),
    ("network.proxy.socks", "\"127.0.0.1\""),
    ("network.proxy.socks_remote_dns", "true"),
    ("app.normandy.enabled", "false"),
];
