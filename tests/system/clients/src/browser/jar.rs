//! The cookies of a browser, as its own tools show them, with what WebDriver does not know.

use harness::browser::text;
use serde_json::{Value, json};

use super::{Browser, Kind};
use crate::client::Stored;

/// All cookies; in WebKitGTK, which has no other tool than WebDriver, those of the page that it shows.
pub(super) fn of(browser: &Browser) -> Vec<Stored> {
    let (cookies, stored): (Value, fn(&Value) -> Stored) = match browser.kind {
        Kind::Chromium => {
            (browser.devtools("Network.getAllCookies", &json!({}))["cookies"].take(), of_devtools)
        }
        Kind::Firefox => (browser.privileged(FIREFOX), of_firefox),
        Kind::WebKit => (browser.ask("cookie"), of_webdriver),
    };
    cookies.as_array().unwrap().iter().map(stored).collect()
}

fn of_devtools(cookie: &Value) -> Stored {
    Stored {
        secure: cookie["secure"] == true,
        http_only: cookie["httpOnly"].as_bool(),
        same_site: Some(text(&cookie["sameSite"])),
        partitioned: Some(cookie["partitionKey"].is_object()),
        expires: cookie["expires"].as_f64().filter(|seconds| *seconds > 0.0),
        ..of_any(cookie)
    }
}

fn of_firefox(cookie: &Value) -> Stored {
    // nsICookie's numbers.
    let same_site = match cookie["sameSite"].as_u64() {
        Some(0) => "None",
        Some(1) => "Lax",
        Some(2) => "Strict",
        _ => "",
    };
    Stored {
        same_site: Some(same_site.into()),
        partitioned: cookie["partitioned"].as_bool(),
        ..of_webdriver(cookie)
    }
}

fn of_webdriver(cookie: &Value) -> Stored {
    Stored {
        secure: cookie["secure"] == true,
        http_only: cookie["httpOnly"].as_bool(),
        same_site: Some(text(&cookie["sameSite"])),
        expires: cookie["expiry"].as_f64(),
        ..of_any(cookie)
    }
}

/// What all of them call alike.
fn of_any(cookie: &Value) -> Stored {
    let domain = text(&cookie["domain"]);
    Stored {
        name: text(&cookie["name"]),
        value: text(&cookie["value"]),
        domain: domain.trim_start_matches('.').into(),
        host_only: Some(!domain.starts_with('.')),
        path: text(&cookie["path"]),
        ..Stored::default()
    }
}

/// The moment of expiry is in milliseconds.
const FIREFOX: &str = "
    return Services.cookies.cookies.map(cookie => ({
        name: cookie.name, value: cookie.value, domain: cookie.host, path: cookie.path,
        secure: cookie.isSecure, httpOnly: cookie.isHttpOnly, sameSite: cookie.sameSite,
        expiry: cookie.isSession ? null : cookie.expiry / 1000,
        partitioned: cookie.isPartitioned,
    }));";
