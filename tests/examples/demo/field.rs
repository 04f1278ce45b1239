//! The button that adds a field to the struct, and the way back.

use super::visitor::{Browser, Demo, Folder, LOGIN};

#[test]
fn a_field_is_added_and_the_session_goes_on() {
    let folder = Folder::new("added");
    let demo = Demo::start(&folder);
    let mut browser = Browser::default();
    browser.log_in(&demo);
    let cookie = browser.session().unwrap().clone();
    assert!(!browser.get(&demo, "/session").body.contains("<code>Theme</code>"));
    browser.press(&demo, "/deploy", "version=second");
    let page = browser.get(&demo, "/session").body;
    assert!(page.contains("<code>theme</code><td><code>Theme</code><td>System"), "the default: {page}");
    assert!(page.contains(r#"data-theme="system""#));
    assert!(browser.is_in(&demo));
    assert_eq!(browser.session(), Some(&cookie), "nothing was written");
    // While nothing has been, the version before reads it too.
    browser.press(&demo, "/deploy", "version=first");
    assert!(browser.is_in(&demo));
    browser.press(&demo, "/deploy", "version=second");

    browser.press(&demo, "/theme", "theme=dark");
    assert_ne!(browser.session(), Some(&cookie));
    let page = browser.get(&demo, "/session").body;
    assert!(page.contains("<td>Dark\n") && page.contains(r#"data-theme="dark""#));
    let chosen = browser.session().unwrap().clone();
    browser.press(&demo, "/theme", "theme=dark");
    assert_eq!(browser.session(), Some(&chosen), "the same again is no change");
}

#[test]
fn a_rollback_finds_a_stranger_and_forward_again_the_session() {
    let folder = Folder::new("rollback");
    let demo = Demo::start(&folder);
    let mut browser = Browser::default();
    browser.log_in(&demo);
    browser.press(&demo, "/deploy", "version=second");
    browser.press(&demo, "/theme", "theme=light");
    let cookie = browser.session().unwrap().clone();
    browser.press(&demo, "/deploy", "version=first");
    for path in ["/", "/admin/", "/login", "/session", "/logout", "/nowhere"] {
        let answer = browser.get(&demo, path);
        assert_eq!(answer.all("set-cookie").count(), 0, "{path}");
        assert!(!answer.body.contains("<b>demo</b>"), "{path}");
    }
    let page = browser.get(&demo, "/session");
    assert_eq!(page.log()[0], ["GET /session", "200", "schema_mismatch", "unchanged", "none"]);
    assert!(page.body.contains("no session that this version can read"));
    assert!(!browser.is_in(&demo));
    // The form that it would be bound to is not worth the session that waits.
    let login = browser.get(&demo, "/login");
    assert_eq!(login.log()[0], ["GET /login", "200", "schema_mismatch", "withheld", "none"]);
    let wrong = browser.fill_in(&demo, "/login", "/login", "username=demo&password=wrong");
    assert_eq!((wrong.status, wrong.all("set-cookie").count()), (401, 0));
    // Where there is no token the origin is what counts.
    for (path, fields) in [("/login", LOGIN), ("/logout", ""), ("/deploy", "version=second")] {
        for said in ["Sec-Fetch-Site: cross-site\r\n", "Origin: http://evil.example\r\n"] {
            browser.send(&demo, "POST", path, said, fields).is_refused(path);
        }
    }
    assert_eq!(browser.session(), Some(&cookie), "reading never deletes a cookie");

    browser.post(&demo, "/deploy", "version=second").redirects_to("/session");
    let page = browser.get(&demo, "/session").body;
    assert!(page.contains("<td>Light\n") && page.contains("<td>Some(&quot;demo&quot;)\n"));
    assert!(browser.is_in(&demo));
    let log = demo.stop();
    assert!(log.contains("login: a session cookie was not accepted: schema_mismatch\n"), "{log}");
}

#[test]
fn a_login_after_the_rollback_replaces_what_cannot_be_read() {
    let folder = Folder::new("replaced");
    let demo = Demo::start(&folder);
    let mut browser = Browser::default();
    browser.log_in(&demo);
    browser.press(&demo, "/deploy", "version=second");
    browser.press(&demo, "/theme", "theme=light");
    browser.press(&demo, "/deploy", "version=first");
    browser.log_in(&demo);
    assert!(browser.is_in(&demo));
    browser.press(&demo, "/deploy", "version=second");
    let page = browser.get(&demo, "/session").body;
    assert!(page.contains("<td>System\n") && page.contains("<td>1\n"), "a session of its own: {page}");
}

/// Which version runs is forgotten in a restart; the cookie waits.
#[test]
fn a_restart_begins_with_the_first_version() {
    let folder = Folder::new("version");
    let mut browser = Browser::default();
    {
        let demo = Demo::start(&folder);
        browser.log_in(&demo);
        browser.press(&demo, "/deploy", "version=second");
        browser.press(&demo, "/theme", "theme=dark");
    }
    let demo = Demo::start(&folder);
    assert!(!browser.is_in(&demo));
    browser.post(&demo, "/deploy", "version=second").redirects_to("/session");
    assert!(browser.is_in(&demo));
}
