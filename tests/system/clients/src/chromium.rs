//! Chromium as a client that knows the hosts of the tests and takes the certificate of the run.

use std::ops::Deref;

use harness::chromium::{self, text};
use harness::until::until;
use serde_json::{Value, json};

use crate::client::{Client, Reply, Stored};

pub struct Chromium(chromium::Chromium);

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
        Self(chromium::Chromium::start(&FLAGS, preferences))
    }

    /// Goes to a page, as if its address had been typed.
    #[track_caller]
    pub fn go(&self, url: &str) -> Reply {
        self.0.go(url);
        self.page()
    }

    /// What the page shows.
    #[track_caller]
    pub fn page(&self) -> Reply {
        let script = "const [entry] = performance.getEntriesByType('navigation');
                      return { status: entry.responseStatus, body: document.body.innerText };";
        serde_json::from_value(self.script_async(script, &[])).unwrap()
    }

    /// Clicks on the element with this id, and waits for the page that comes.
    #[track_caller]
    pub fn click(&self, id: &str) -> Reply {
        let here = self.address();
        self.element_command("css selector", &format!("#{id}"), "click", &json!({}));
        until("the page behind the click", || {
            let there = self.try_script("return document.readyState === 'complete' && location.href")?;
            (there.is_string() && there != *here).then_some(())
        });
        self.page()
    }

    /// Runs the body of an asynchronous function in the page.
    #[track_caller]
    pub fn script(&self, body: &str) -> String {
        text(&self.script_async(body, &[]))
    }

    /// Runs it in the page's first frame.
    #[track_caller]
    pub fn in_frame(&self, body: &str) -> String {
        self.driver.command("frame", &json!({ "id": 0 }));
        let answer = self.script(body);
        self.driver.command("frame", &json!({ "id": null }));
        answer
    }

    /// The cookies as the browser's own tools show them, with what WebDriver does not know.
    #[track_caller]
    pub fn cookies(&self) -> Vec<Value> {
        let mut answer = self.driver.devtools("Network.getAllCookies", &json!({}));
        serde_json::from_value(answer["cookies"].take()).unwrap()
    }
}

impl Deref for Chromium {
    type Target = chromium::Chromium;

    fn deref(&self) -> &chromium::Chromium {
        &self.0
    }
}

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
        if !self.address().starts_with(&format!("{host}/")) {
            self.go(&format!("{host}/static"));
        }
        let script = "const response = await fetch(arguments[1], { method: arguments[0] });
                      return { status: response.status, body: await response.text() };";
        serde_json::from_value(self.script_async(script, &[method.into(), url.into()])).unwrap()
    }

    fn jar(&mut self) -> Vec<Stored> {
        self.cookies().iter().map(stored).collect()
    }
}

fn stored(cookie: &Value) -> Stored {
    let text = |name: &str| text(&cookie[name]);
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

const FLAGS: [&str; 3] = [
    "--disable-quic",
    "--ignore-certificate-errors",
    "--host-resolver-rules=MAP *.example 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];
