//! How the demo looks, in light, in dark and on a phone; the pictures are in target/screenshots.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on must fail")]

use std::path::{Path, PathBuf};

use browser::{Browser, Demo, Look};

const LOOKS: [Look; 5] = [Look::Light, Look::Dark, Look::Narrow, Look::Phone, Look::DarkPhone];

/// Looks at one page in all ways.
#[track_caller]
fn look_at(browser: &Browser, name: &str) {
    for look in LOOKS {
        browser.look(look);
        browser.photograph(&picture(&format!("{name}-{look:?}.png").to_lowercase()));
        assert_eq!(browser.flaws(), [""; 0], "{name} {look:?}");
    }
    browser.look(Look::Light);
}

fn picture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("screenshots").join(name)
}

#[test]
fn every_page_can_be_read_in_every_look() {
    let (demo, browser) = (Demo::start(), Browser::start());
    browser.go(&demo.at("/"));
    look_at(&browser, "1-home");
    browser.go(&demo.at("/session"));
    look_at(&browser, "2-no-session");
    browser.go(&demo.at("/admin/"));
    look_at(&browser, "3-login");
    browser.fill("username", "demo");
    browser.fill("password", "wrong");
    browser.press("Log in");
    look_at(&browser, "4-login-failed");
    browser.log_in();
    look_at(&browser, "5-admin");
    browser.go(&demo.at("/session"));
    look_at(&browser, "6-cookie");
    browser.press("Rotate the keys");
    browser.press("Add a field to the struct");
    browser.press("light");
    browser.photograph_screen(&picture("login.webp")); // docs/login.webp
    browser.press("dark");
    look_at(&browser, "7-cookie-with-theme");
    browser.press("Take the field away again");
    look_at(&browser, "8-other-schema");
    browser.press("Add the field again");
    browser.press("Tamper with the cookie");
    look_at(&browser, "9-tampered");
    browser.go(&demo.at("/"));
    look_at(&browser, "10-home-forged");
    assert_eq!(
        browser.complaints().iter().filter(|line| !line.contains("401")).count(),
        0,
        "{:?}",
        browser.complaints()
    );
}

#[test]
fn whoever_uses_the_keyboard_sees_where_he_is() {
    let (demo, browser) = (Demo::start(), Browser::start());
    browser.go(&demo.at("/login"));
    browser.log_in();
    browser.go(&demo.at("/session"));
    browser.press("Add a field to the struct");
    let reached = browser.walk_by_keyboard();
    let names: Vec<_> = reached.iter().map(|(name, _)| name.as_str()).collect();
    for expected in
        ["sealed-session", "theme", "version", "Rotate the keys", "Tamper with the cookie", "Log out"]
    {
        assert!(names.contains(&expected), "{expected}: {names:?}");
    }
    assert!(reached.iter().all(|(_, is_seen)| *is_seen), "{reached:?}");
}
