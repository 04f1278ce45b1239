//! Chromium in the hands of a person who opens pages and presses buttons.

use std::fs;
use std::ops::Deref;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use harness::browser::{self, text};
use harness::until::until;
use serde_json::{Value, json};

use crate::audit;

pub struct Browser(browser::Browser);

/// A line of the table below each page.
#[derive(Debug, PartialEq, Eq)]
pub struct Row {
    pub request: String,
    pub status: String,
    pub cookie: String,
    pub saved: String,
    pub set: String,
}

/// How a page is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// With room for the log beside the page.
    Light,
    Dark,
    /// With the log below the page, as a table.
    Narrow,
    Phone,
    DarkPhone,
}

impl Default for Browser {
    fn default() -> Self {
        Self::start()
    }
}

impl Browser {
    #[must_use]
    pub fn start() -> Self {
        Self(browser::Browser::chromium(&FLAGS, &json!({})))
    }

    /// The Back button, and then the page that it shows.
    #[track_caller]
    pub fn back(&self) {
        self.0.back();
        until("the page behind", || {
            self.try_script("return document.readyState === 'complete'")?.as_bool()?.then_some(())
        });
    }

    /// Presses the button or link with this text, and waits for the page that comes.
    #[track_caller]
    pub fn press(&self, text: &str) {
        self.script("window.isOld = true", &[]);
        let path = format!("//main//*[(self::a or self::button) and normalize-space(.)='{text}']");
        self.element_command("xpath", &path, "click", &json!({}));
        until(text, || {
            self.try_script("return !window.isOld && document.readyState === 'complete'")?
                .as_bool()?
                .then_some(())
        });
    }

    #[track_caller]
    pub fn fill(&self, field: &str, text: &str) {
        let selector = format!("input[name={field}]");
        self.element_command("css selector", &selector, "clear", &json!({}));
        self.element_command("css selector", &selector, "value", &json!({ "text": text }));
    }

    /// Fills in the form that is there.
    #[track_caller]
    pub fn log_in(&self) {
        self.fill("username", "demo");
        self.fill("password", "sesame");
        self.press("Log in");
    }

    /// Path and query of the page.
    #[track_caller]
    pub fn place(&self) -> String {
        text(&self.script("return location.pathname + location.search", &[]))
    }

    /// What the page's main part shows.
    #[track_caller]
    pub fn main(&self) -> String {
        text(&self.script("return document.querySelector('main').innerText", &[]))
    }

    /// The table below the page, the newest line first.
    #[track_caller]
    pub fn log(&self) -> Vec<Row> {
        let script = "return [...document.querySelectorAll('.log tbody tr')]
                          .map(row => [...row.cells].map(cell => cell.textContent.trim()))";
        let rows = self.script(script, &[]);
        let row = |row: &Value| Row {
            request: text(&row[0]),
            status: text(&row[1]),
            cookie: text(&row[2]),
            saved: text(&row[3]),
            set: text(&row[4]),
        };
        rows.as_array().unwrap().iter().map(row).collect()
    }

    /// The first of it: what the response with this very page did.
    #[track_caller]
    pub fn last(&self) -> Row {
        self.log().into_iter().next().unwrap()
    }

    /// Asks the page until the script returns something true.
    #[track_caller]
    pub fn wait_for(&self, body: &str) {
        until(body, || self.try_script(body)?.as_bool()?.then_some(()));
    }

    /// The value of a cookie, as the browser's own tools show it.
    #[track_caller]
    pub fn cookie(&self, name: &str) -> Option<String> {
        let cookies = self.ask("cookie");
        let cookie = cookies.as_array().unwrap().iter().find(|cookie| cookie["name"] == name)?;
        Some(text(&cookie["value"]))
    }

    /// Empties the jar.
    pub fn forget(&self) {
        self.devtools("Network.clearBrowserCookies", &json!({}));
    }

    /// What the browser has complained about: blocked by the policy, not found, broken.
    #[track_caller]
    pub fn complaints(&self) -> Vec<String> {
        let lines = self.command("se/log", &json!({ "type": "browser" }));
        lines.as_array().unwrap().iter().map(|line| text(&line["message"])).collect()
    }

    #[track_caller]
    pub fn look(&self, look: Look) {
        let is_phone = matches!(look, Look::Phone | Look::DarkPhone);
        let (width, height, scale) = match look {
            Look::Light | Look::Dark => (1280, 800, 1),
            Look::Narrow => (900, 800, 1),
            Look::Phone | Look::DarkPhone => (390, 844, 2),
        };
        let screen =
            json!({ "width": width, "height": height, "deviceScaleFactor": scale, "mobile": is_phone });
        self.devtools("Emulation.setDeviceMetricsOverride", &screen);
        let scheme = if matches!(look, Look::Dark | Look::DarkPhone) { "dark" } else { "light" };
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.devtools("Emulation.setEmulatedMedia", &features);
    }

    /// Texts and edges of fields with less contrast than WCAG 2.2 AA asks for, and whatever is wider than the screen.
    #[track_caller]
    pub fn flaws(&self) -> Vec<String> {
        self.script(audit::FLAWS, &[]).as_array().unwrap().iter().map(text).collect()
    }

    /// Goes through the page with the Tab key; what can be reached, and whether one sees where one is.
    #[track_caller]
    pub fn walk_by_keyboard(&self) -> Vec<(String, bool)> {
        let tab = json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": [
            { "type": "keyDown", "value": "\u{E004}" }, { "type": "keyUp", "value": "\u{E004}" },
        ] }] });
        self.script("document.activeElement.blur(); window.seen = new Set()", &[]);
        let mut reached = Vec::new();
        loop {
            self.command("actions", &tab);
            let focused = self.script(audit::FOCUS, &[]);
            if focused.is_null() {
                return reached;
            }
            reached.push((text(&focused[0]), focused[1] == true));
        }
    }

    /// The whole page as a picture.
    #[track_caller]
    pub fn photograph(&self, path: &Path) {
        let size = &self.devtools("Page.getLayoutMetrics", &json!({}))["cssContentSize"];
        let clip = json!({ "x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1 });
        self.take(&json!({ "format": "png", "captureBeyondViewport": true, "clip": clip }), path);
    }

    /// What is on the screen, small enough for a document.
    #[track_caller]
    pub fn photograph_screen(&self, path: &Path) {
        self.take(&json!({ "format": "webp", "quality": 60 }), path);
    }

    fn take(&self, picture: &Value, path: &Path) {
        let picture = self.devtools("Page.captureScreenshot", picture);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, STANDARD.decode(picture["data"].as_str().unwrap()).unwrap()).unwrap();
    }
}

impl Deref for Browser {
    type Target = browser::Browser;

    fn deref(&self) -> &browser::Browser {
        &self.0
    }
}

const FLAGS: [&str; 2] = ["--hide-scrollbars", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"];
