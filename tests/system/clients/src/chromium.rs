//! Chromium, headless, with an empty profile of its own.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::client::{Client, Reply, Stored};
use crate::process::until;
use crate::webdriver::WebDriver;

/// The folder goes after the browser: fields are dropped in their order.
pub struct Chromium {
    driver: WebDriver,
    _folder: TempDir,
}

impl Chromium {
    pub fn start() -> Self {
        Self::with(&json!({}))
    }

    /// With the cookies of third parties allowed or blocked. What is the default depends on who built it.
    pub fn with_third_parties(are_allowed: bool) -> Self {
        Self::with(&json!({
            "profile.cookie_controls_mode": u8::from(!are_allowed),
            "profile.block_third_party_cookies": !are_allowed,
        }))
    }

    fn with(preferences: &Value) -> Self {
        let folder = TempDir::new().unwrap();
        let mut flags: Vec<String> = FLAGS.map(String::from).into();
        flags.push(format!("--user-data-dir={}", folder.path().join("profile").display()));
        let options = json!({ "args": flags, "prefs": preferences });
        let driver = WebDriver::start(
            &json!({ "browserName": "chrome", "goog:chromeOptions": options }),
            folder.path(),
        );
        Self { driver, _folder: folder }
    }

    /// Goes to a page, as if its address had been typed.
    #[track_caller]
    pub fn go(&self, url: &str) -> Reply {
        self.driver.command("url", &json!({ "url": url }));
        self.page()
    }

    /// What the page shows.
    #[track_caller]
    pub fn page(&self) -> Reply {
        let script = "const [entry] = performance.getEntriesByType('navigation');
                      return { status: entry.responseStatus, body: document.body.innerText };";
        serde_json::from_value(self.driver.script(script, &json!([]))).unwrap()
    }

    /// Clicks on the element with this id, and waits for the page that comes.
    #[track_caller]
    pub fn click(&self, id: &str) -> Reply {
        let here = self.driver.ask("url");
        let element =
            self.driver.command("element", &json!({ "using": "css selector", "value": format!("#{id}") }));
        let element = element.as_object().unwrap().values().next().unwrap().as_str().unwrap();
        self.driver.command(&format!("element/{element}/click"), &json!({}));
        let script =
            json!({ "script": "return document.readyState === 'complete' && location.href", "args": [] });
        until("the page behind the click", || {
            let there = self.driver.try_command("execute/sync", &script).ok()?;
            (there.is_string() && there != here).then_some(())
        });
        self.page()
    }

    /// Runs the body of an asynchronous function in the page.
    #[track_caller]
    pub fn script(&self, body: &str) -> String {
        self.driver.script(body, &json!([])).as_str().unwrap_or_default().to_owned()
    }

    /// Runs it in the page's first frame.
    #[track_caller]
    pub fn in_frame(&self, body: &str) -> String {
        self.driver.command("frame", &json!({ "id": 0 }));
        let answer = self.script(body);
        self.driver.command("frame", &json!({ "id": null }));
        answer
    }

    /// Opens a tab and turns to it; how to turn back.
    #[track_caller]
    pub fn new_tab(&self) -> (Tab, Tab) {
        let old = self.driver.ask("window").as_str().unwrap().to_owned();
        let new = self.driver.command("window/new", &json!({ "type": "tab" }));
        let new = Tab(new["handle"].as_str().unwrap().to_owned());
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

    /// The cookies as the browser's own tools show them, with what WebDriver does not know.
    #[track_caller]
    pub fn cookies(&self) -> Vec<Value> {
        let mut answer = self.driver.devtools("Network.getAllCookies", &json!({}));
        serde_json::from_value(answer["cookies"].take()).unwrap()
    }
}

/// A tab of the browser.
pub struct Tab(String);

impl Client for Chromium {
    fn name(&self) -> String {
        format!("Chromium {}", self.driver.capabilities["browserVersion"].as_str().unwrap())
    }

    /// GET goes to the page, anything else is a request of a page of the same host.
    fn send(&mut self, method: &str, url: &str) -> Reply {
        if method == "GET" {
            return self.go(url);
        }
        let host = url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
        let here = self.driver.ask("url");
        if !here.as_str().unwrap().starts_with(&format!("{host}/")) {
            self.go(&format!("{host}/static"));
        }
        let script = "const response = await fetch(arguments[1], { method: arguments[0] });
                      return { status: response.status, body: await response.text() };";
        serde_json::from_value(self.driver.script(script, &json!([method, url]))).unwrap()
    }

    fn jar(&mut self) -> Vec<Stored> {
        self.cookies().iter().map(stored).collect()
    }
}

fn stored(cookie: &Value) -> Stored {
    let text = |name: &str| cookie[name].as_str().unwrap_or_default().to_owned();
    Stored {
        name: text("name"),
        value: text("value"),
        domain: text("domain").trim_start_matches('.').into(),
        host_only: Some(!text("domain").starts_with('.')),
        path: text("path"),
        secure: cookie["secure"] == true,
        http_only: cookie["httpOnly"].as_bool(),
        same_site: Some(text("sameSite")),
        partitioned: Some(cookie["partitionKey"].is_object()),
        expires: cookie["expires"].as_f64().filter(|seconds| *seconds > 0.0),
    }
}

const FLAGS: [&str; 12] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
    "--ignore-certificate-errors",
    "--host-resolver-rules=MAP *.example 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];
