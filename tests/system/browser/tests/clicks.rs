//! The demo clicked through, as a person would who tries to get logged out.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on must fail")]

use browser::{Browser, Demo, Row};

/// A browser that has come to the admin page by way of the login.
fn logged_in(demo: &Demo) -> Browser {
    let browser = Browser::start();
    browser.go(&demo.at("/admin/"));
    assert_eq!(browser.place(), "/login?next=%2Fadmin%2F");
    browser.log_in();
    assert_eq!(browser.place(), "/admin/");
    assert!(browser.main().contains("Hello, demo."));
    browser
}

#[track_caller]
fn is_in(browser: &Browser, demo: &Demo) -> bool {
    browser.go(&demo.at("/admin/"));
    let is_in = browser.place() == "/admin/";
    assert_eq!(browser.main().contains("Hello, demo."), is_in);
    is_in
}

#[track_caller]
fn row(row: &Row, expected: [&str; 5]) {
    let Row { request, status, cookie, saved, set } = row;
    assert_eq!([request, status, cookie, saved, set], expected);
}

/// The whole walk, in one browser.
#[test]
fn a_person_tries_to_get_logged_out() {
    let mut demo = Demo::start();
    let browser = logged_in(&demo);
    row(&browser.log()[1], ["POST /login", "303", "opened", "written, 135 bytes", "session, tombstone"]);

    demo.restart();
    assert!(is_in(&browser, &demo), "the server was started again");
    row(&browser.last(), ["GET /admin/", "200", "opened", "unchanged", "none"]);

    browser.press("Look into your cookie");
    let cookie = browser.cookie("login-demo");
    browser.press("Rotate the keys");
    assert_eq!((browser.place().as_str(), demo.keys()), ("/session", 2));
    assert_eq!(browser.cookie("login-demo"), cookie);
    assert!(is_in(&browser, &demo), "the keys were rotated");
    demo.restart();
    assert!(is_in(&browser, &demo), "the server was started with the rotated keys");

    browser.press("Look into your cookie");
    browser.press("Tamper with the cookie");
    assert!(browser.main().contains("There is no session."));
    row(&browser.last(), ["GET /session", "200", "forged", "unchanged", "none"]);
    assert!(!is_in(&browser, &demo), "the cookie was damaged");

    browser.log_in();
    assert_eq!(browser.place(), "/admin/");
    browser.press("Log out");
    browser.press("Log out");
    assert_eq!((browser.place().as_str(), browser.cookie("login-demo")), ("/", None));
    row(&browser.log()[1], ["POST /logout", "303", "opened", "removed", "tombstone, session removed"]);
    assert!(!is_in(&browser, &demo), "after the logout");
    let complaints = browser.complaints();
    assert_eq!(complaints, [""; 0], "the pages are whole, and their policy blocks nothing of them");
}

#[test]
fn after_a_logout_the_back_button_shows_no_admin_page() {
    let demo = Demo::start();
    let browser = logged_in(&demo);
    browser.press("Look into your cookie");
    browser.go(&demo.at("/admin/"));
    browser.press("Log out");
    browser.press("Log out");
    // The question whether to log out, the admin page, the cookie, the admin page once more: each as it is now.
    for place in ["/logout", "/login?next=%2Fadmin%2F", "/session", "/login?next=%2Fadmin%2F"] {
        browser.back();
        let shown = browser.main();
        assert!(!shown.contains("Hello, demo.") && !shown.contains("Some(\"demo\")"), "{shown}");
        assert_eq!(browser.place(), place);
    }
}

#[test]
fn a_logout_in_one_tab_is_for_both() {
    let demo = Demo::start();
    let browser = logged_in(&demo);
    let (first, second) = browser.new_tab();
    browser.go(&demo.at("/session"));
    assert!(browser.main().contains("Some(\"demo\")"));
    browser.turn_to(&first);
    browser.press("Log out");
    browser.press("Log out");
    // The second still shows what it showed. Its buttons are no other site's, and change nothing of a session.
    browser.turn_to(&second);
    browser.press("Rotate the keys");
    assert!(browser.main().contains("There is no session."));
    row(&browser.log()[1], ["POST /rotate", "303", "absent", "unchanged", "none"]);
    assert!(!is_in(&browser, &demo));
    // A login in the second is for both, too.
    browser.log_in();
    browser.turn_to(&first);
    assert!(is_in(&browser, &demo));
}

#[test]
fn a_login_form_that_is_older_than_another_login_works_too() {
    let demo = Demo::start();
    let browser = Browser::start();
    browser.go(&demo.at("/login"));
    let (first, second) = browser.new_tab();
    browser.go(&demo.at("/login"));
    browser.log_in();
    browser.turn_to(&first);
    browser.log_in();
    assert!(is_in(&browser, &demo));
    browser.turn_to(&second);
    assert!(is_in(&browser, &demo));
}

#[test]
fn a_field_comes_and_goes_and_comes_again() {
    let demo = Demo::start();
    let browser = logged_in(&demo);
    let ground = "return getComputedStyle(document.body).backgroundColor";
    browser.press("Look into your cookie");
    let light = browser.script(ground, &[]);
    let cookie = browser.cookie("login-demo");
    browser.press("Add a field to the struct");
    assert!(browser.main().contains("System"), "the default");
    assert_eq!(browser.cookie("login-demo"), cookie, "the cookie of the version before");
    browser.press("dark");
    row(&browser.log()[1], ["POST /theme", "303", "opened", "written, 135 bytes", "session"]);
    assert_ne!(browser.script(ground, &[]), light, "the field is in use");
    let chosen = browser.cookie("login-demo");

    browser.press("Take the field away again");
    assert!(browser.main().contains("no session that this version can read"));
    row(&browser.last(), ["GET /session", "200", "schema_mismatch", "unchanged", "none"]);
    assert_eq!(browser.script(ground, &[]), light);
    assert!(!is_in(&browser, &demo));
    // The login page has not replaced the session that waits.
    row(&browser.last(), ["GET /login", "200", "schema_mismatch", "withheld", "none"]);
    assert_eq!(browser.cookie("login-demo"), chosen);

    browser.go(&demo.at("/session"));
    browser.press("Add the field again");
    assert!(browser.main().contains("Dark"));
    assert!(is_in(&browser, &demo));
}

#[test]
fn no_link_to_the_login_leads_to_another_site() {
    let (demo, browser) = (Demo::start(), Browser::start());
    for next in [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "/%2Fevil.example/",
        "\t//evil.example/",
    ] {
        browser.forget();
        let escaped = browser.script("return encodeURIComponent(arguments[0])", &[next.into()]);
        browser.go(&demo.at(&format!("/login?next={}", escaped.as_str().unwrap())));
        browser.log_in();
        assert_eq!(browser.address(), demo.at("/"), "{next}");
    }
}

/// A page without an origin of its own, which knows a token that is right: worse than any site can do.
#[test]
fn a_page_of_another_origin_presses_no_button() {
    let demo = Demo::start();
    let browser = logged_in(&demo);
    browser.press("Look into your cookie");
    let token = browser.script("return document.forms[0].elements.csrf.value", &[]);
    let (keys, cookie) = (demo.keys(), browser.cookie("login-demo"));
    for action in ["/rotate", "/tamper", "/deploy", "/logout", "/login"] {
        browser.go("data:text/html,<title>elsewhere</title>");
        let script = "const [action, token] = arguments;
                      const form = document.createElement('form');
                      Object.assign(form, { method: 'post', action });
                      for (const [name, value] of [['csrf', token], ['version', 'second']]) {
                          form.append(Object.assign(document.createElement('input'), { name, value }));
                      }
                      document.documentElement.append(form);
                      form.submit();";
        browser.script(script, &[demo.at(action).into(), token.clone()]);
        browser.wait_for("return location.protocol === 'http:' && document.readyState === 'complete'");
        assert!(browser.main().contains("sent by another site"), "{action}: {}", browser.main());
        assert_eq!(browser.last().status, "403");
    }
    assert_eq!((demo.keys(), browser.cookie("login-demo")), (keys, cookie));
    assert!(is_in(&browser, &demo));
}

#[test]
fn the_time_left_counts_down_without_a_script() {
    let demo = Demo::start();
    let browser = logged_in(&demo);
    browser.press("Look into your cookie");
    // What the style sheet shows is in no text of the page; the counters that it is made of can be asked.
    let shown = "[...document.querySelectorAll('.clock')]
                 .map(clock => getComputedStyle(clock, '::before').counterReset)";
    browser.script(&format!("window.before = {shown}"), &[]);
    let before = browser.script("return before.join()", &[]);
    let before = before.as_str().unwrap();
    assert!(before.starts_with("d 0 h 23 m 59 s ") && before.contains(",d 6 h 23 m 59 s "), "{before}");
    browser.wait_for(&format!("return {shown}.every((now, i) => now !== before[i])"));
    assert_eq!(browser.script("return document.scripts.length", &[]), 0);
}
