//! A browser under test, and the commands that every browser takes. The files below start one each.

pub mod chromium;
pub mod firefox;
pub mod webkit;

use serde_json::{Value, json};

/// A browser with an empty profile. It ends with this value.
pub struct Browser {
    remote: Box<dyn Remote>,
    /// Its name and version, such as `Firefox 153.7.0`.
    pub name: String,
}

/// A connection that carries the commands of WebDriver to a browser.
pub(crate) trait Remote {
    /// A command, which is a method and a path below that of the session.
    fn command(&self, method: Method, path: &str, arguments: &Value) -> Result<Value, Value>;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Post,
}

/// A tab of the browser.
pub struct Tab(String);

impl Browser {
    /// A command that takes arguments; its value.
    #[track_caller]
    pub fn command(&self, path: &str, arguments: &Value) -> Value {
        self.try_command(path, arguments).unwrap_or_else(|error| panic!("{} {path}: {error}", self.name))
    }

    /// A command that may fail, such as one to a page that is just going away.
    pub fn try_command(&self, path: &str, arguments: &Value) -> Result<Value, Value> {
        self.remote.command(Method::Post, path, arguments)
    }

    /// A command that takes none.
    #[track_caller]
    pub fn ask(&self, path: &str) -> Value {
        let answer = self.remote.command(Method::Get, path, &Value::Null);
        answer.unwrap_or_else(|error| panic!("{} {path}: {error}", self.name))
    }

    /// Goes to a page, as if its address had been typed.
    #[track_caller]
    pub fn go(&self, url: &str) {
        self.command("url", &json!({ "url": url }));
    }

    /// The Back button. The page may come later.
    #[track_caller]
    pub fn back(&self) {
        self.command("back", &json!({}));
    }

    /// The whole address of the page.
    #[track_caller]
    pub fn address(&self) -> String {
        text(&self.ask("url"))
    }

    /// Runs the body of a function in the page, and returns its result.
    #[track_caller]
    pub fn script(&self, body: &str, arguments: &[Value]) -> Value {
        self.command("execute/sync", &json!({ "script": body, "args": arguments }))
    }

    /// The same without arguments. Returns `None` while the page is going away.
    pub fn try_script(&self, body: &str) -> Option<Value> {
        self.try_command("execute/sync", &json!({ "script": body, "args": [] })).ok()
    }

    /// Runs the body of an asynchronous function in the page, and returns the result of its promise.
    #[track_caller]
    pub fn script_async(&self, body: &str, arguments: &[Value]) -> Value {
        // A rejected promise would otherwise be waited for until the time is up.
        let script = format!(
            "const [arguments_, done] = [[...arguments].slice(0, -1), [...arguments].at(-1)];
             (async (...arguments) => {{ {body} }})(...arguments_).then(done, error => done('error: ' + error));"
        );
        self.command("execute/async", &json!({ "script": script, "args": arguments }))
    }

    /// A command to an element of the page, such as a click on it.
    #[track_caller]
    pub fn element_command(&self, strategy: &str, value: &str, command: &str, body: &Value) {
        let element = self.command("element", &json!({ "using": strategy, "value": value }));
        let element = element.as_object().unwrap().values().next().unwrap().as_str().unwrap();
        self.command(&format!("element/{element}/{command}"), body);
    }

    /// Opens a tab and turns to it. Returns the tab from before and the new one.
    #[track_caller]
    pub fn new_tab(&self) -> (Tab, Tab) {
        let old = text(&self.ask("window"));
        let new = Tab(text(&self.command("window/new", &json!({ "type": "tab" }))["handle"]));
        self.turn_to(&new);
        (Tab(old), new)
    }

    #[track_caller]
    pub fn turn_to(&self, Tab(handle): &Tab) {
        self.command("window", &json!({ "handle": handle }));
    }
}

/// The text of a JSON string; nothing for any other value.
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
