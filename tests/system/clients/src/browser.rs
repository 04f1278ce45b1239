//! Browsers as clients that know the hosts of the tests and take the certificate of the run.

mod habits;
mod jar;

use std::ops::Deref;

use harness::browser::{self, text};
use harness::observed::observed;
use harness::until::until;
use serde_json::json;

use crate::client::{Client, Reply, Stored};

pub use habits::Habits;

pub struct Browser {
    kind: Kind,
    browser: browser::Browser,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Chromium,
    Firefox,
    /// WebKitGTK, the relative of Safari that Debian has.
    WebKit,
}

/// What a browser does with the cookies of third parties, which are those of a frame from another site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThirdParties {
    /// As the browser comes. In Chromium that depends on who built it.
    Default,
    Allowed,
    Blocked,
}

impl Browser {
    #[must_use]
    pub fn start(kind: Kind) -> Self {
        Self::with(kind, ThirdParties::Default)
    }

    /// WebKitGTK is started as it comes in any case.
    #[must_use]
    pub fn with(kind: Kind, third_parties: ThirdParties) -> Self {
        let is_default = third_parties == ThirdParties::Default;
        let are_blocked = third_parties == ThirdParties::Blocked;
        let browser = match kind {
            Kind::Chromium if is_default => browser::Browser::chromium(&FLAGS, &json!({})),
            Kind::Chromium => {
                let preferences = json!({
                    "profile.cookie_controls_mode": u8::from(are_blocked),
                    "profile.block_third_party_cookies": are_blocked,
                });
                browser::Browser::chromium(&FLAGS, &preferences)
            }
            Kind::Firefox if is_default => browser::Browser::firefox(&[]),
            // 0 takes them all, 5 keeps those of third parties apart for each site that embeds them.
            Kind::Firefox => {
                let behaviour = if are_blocked { 5 } else { 0 };
                browser::Browser::firefox(&[("network.cookie.cookieBehavior", behaviour.into())])
            }
            Kind::WebKit => browser::Browser::webkit(),
        };
        let measured = kind.habits().measured;
        if !measured.iter().all(|part| browser.name.contains(part)) {
            observed(format_args!(
                "{} is expected to behave as {} did",
                browser.name,
                measured.join(" with ")
            ));
        }
        Self { kind, browser }
    }

    /// Goes to a page, as if its address had been typed.
    #[track_caller]
    pub fn go(&self, url: &str) -> Reply {
        self.browser.go(url);
        self.page()
    }

    /// What the page shows.
    #[track_caller]
    pub fn page(&self) -> Reply {
        // WebKitGTK 2.50 tells no page its status. What the page shows tells a good one from others.
        let script = "const [entry] = performance.getEntriesByType('navigation');
                      return { status: entry.responseStatus ?? 200, body: document.body.innerText };";
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
    pub fn run(&self, body: &str) -> String {
        text(&self.script_async(body, &[]))
    }

    /// Runs it in the page's first frame.
    #[track_caller]
    pub fn in_frame(&self, body: &str) -> String {
        self.command("frame", &json!({ "id": 0 }));
        let answer = self.run(body);
        self.command("frame", &json!({ "id": null }));
        answer
    }
}

impl Deref for Browser {
    type Target = browser::Browser;

    fn deref(&self) -> &browser::Browser {
        &self.browser
    }
}

impl Client for Browser {
    fn name(&self) -> String {
        self.browser.name.clone()
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
        jar::of(self)
    }
}

const FLAGS: [&str; 3] = [
    "--disable-quic",
    "--ignore-certificate-errors",
    "--host-resolver-rules=MAP *.example.org 127.0.0.1, MAP *.example.com 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];
