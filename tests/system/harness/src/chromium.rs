//! Chromium, headless, with an empty profile, and the commands that the tests of more than one crate give it.

use serde_json::{Value, json};

use crate::folder::Folder;
use crate::webdriver::WebDriver;

/// The folder goes after the browser: fields are dropped in their order.
pub struct Chromium {
    pub driver: WebDriver,
    _folder: Folder,
}

/// A tab of the browser.
pub struct Tab(String);

impl Chromium {
    /// Starts it with these flags beyond those of every test, and with preferences of the profile.
    #[must_use]
    pub fn start(flags: &[&str], preferences: &Value) -> Self {
        let folder = Folder::new();
        let profile = format!("--user-data-dir={}", folder.at("profile").display());
        let flags = [&FLAGS, flags, &[&profile]].concat();
        let capabilities = json!({
            "browserName": "chrome",
            "goog:chromeOptions": { "args": flags, "prefs": preferences },
            "goog:loggingPrefs": { "browser": "ALL" },
        });
        Self { driver: WebDriver::start(&capabilities, &folder), _folder: folder }
    }

    /// Goes to a page, as if its address had been typed.
    #[track_caller]
    pub fn go(&self, url: &str) {
        self.driver.command("url", &json!({ "url": url }));
    }

    /// The whole address of the page.
    #[track_caller]
    pub fn address(&self) -> String {
        text(&self.driver.ask("url"))
    }

    /// Runs the body of a function in the page, and returns its result.
    #[track_caller]
    pub fn script(&self, body: &str, arguments: &[Value]) -> Value {
        self.driver.command("execute/sync", &json!({ "script": body, "args": arguments }))
    }

    /// The same without arguments. Returns `None` while the page is going away.
    pub fn try_script(&self, body: &str) -> Option<Value> {
        self.driver.try_command("execute/sync", &json!({ "script": body, "args": [] })).ok()
    }

    /// Runs the body of an asynchronous function in the page, and returns the result of its promise.
    #[track_caller]
    pub fn script_async(&self, body: &str, arguments: &[Value]) -> Value {
        // A rejected promise would otherwise be waited for until the time is up.
        let script = format!(
            "const [arguments_, done] = [[...arguments].slice(0, -1), [...arguments].at(-1)];
             (async (...arguments) => {{ {body} }})(...arguments_).then(done, error => done('error: ' + error));"
        );
        self.driver.command("execute/async", &json!({ "script": script, "args": arguments }))
    }

    /// A command to an element of the page, such as a click on it.
    #[track_caller]
    pub fn element_command(&self, strategy: &str, value: &str, command: &str, body: &Value) {
        let element = self.driver.command("element", &json!({ "using": strategy, "value": value }));
        let element = element.as_object().unwrap().values().next().unwrap().as_str().unwrap();
        self.driver.command(&format!("element/{element}/{command}"), body);
    }

    /// Opens a tab and turns to it. Returns the tab from before and the new one.
    #[track_caller]
    pub fn new_tab(&self) -> (Tab, Tab) {
        let old = text(&self.driver.ask("window"));
        let new = Tab(text(&self.driver.command("window/new", &json!({ "type": "tab" }))["handle"]));
        self.turn_to(&new);
        (Tab(old), new)
    }

    #[track_caller]
    pub fn turn_to(&self, Tab(handle): &Tab) {
        self.driver.command("window", &json!({ "handle": handle }));
    }

    /// Empties the jar.
    pub fn forget(&self) {
        self.driver.devtools("Network.clearBrowserCookies", &json!({}));
    }
}

/// The text of a JSON string; nothing for any other value.
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
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
