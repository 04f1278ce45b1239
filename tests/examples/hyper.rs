//! The example without a framework, as a browser meets it.

use crate::browser::Browser;
use crate::shared::{RIGHT, key, not_genuine, start};

#[test]
fn hyper_knows_a_visitor_from_login_to_logout_and_through_a_restart() {
    let key = key();
    let mut browser = Browser::default();
    {
        let server = start("hyper", &key);
        assert_eq!(browser.get(&server, "/").body, "Who are you?\n");
        for form in
            ["user=Ada&password=guess", "password=sesame", "user=Ada", "user=Ada&password=sesame%00", ""]
        {
            let wrong = browser.post(&server, "/login", form);
            assert_eq!((wrong.status, browser.jar.len()), (401, 0), "{form}");
        }
        browser.post(&server, "/login", "user=A%26da&password=sesame").redirects_to("/");
    }
    let server = start("hyper", &key);
    let answer = browser.get(&server, "/");
    assert_eq!(answer.body, "You are A&da.\n");
    assert_eq!(answer.all("set-cookie").count(), 0, "reading sends nothing");
    assert_eq!(answer.all("cache-control").collect::<Vec<_>>(), ["private"]);
    assert_eq!(answer.all("vary").collect::<Vec<_>>(), ["Cookie"]);

    let token = browser.jar["session"].clone();
    browser.post(&server, "/logout", "").redirects_to("/");
    assert_eq!(browser.jar.get("session"), None);
    assert_eq!(browser.get(&server, "/").body, "Who are you?\n");
    browser.jar.insert("session".into(), token); // by a slow response, say
    assert_eq!(browser.get(&server, "/").body, "Who are you?\n");
}

#[test]
fn hyper_takes_no_cookie_that_it_did_not_seal() {
    let key = key();
    let server = start("hyper", &key);
    let mut browser = Browser::default();
    browser.post(&server, "/login", RIGHT).redirects_to("/");
    for (what, token) in not_genuine(&browser.jar["session"], &key) {
        let mut forger = Browser::default();
        forger.jar.insert("session".into(), token);
        let answer = forger.get(&server, "/");
        assert_eq!((answer.status, answer.body.as_str()), (200, "Who are you?\n"), "{what}");
        assert_eq!(answer.all("set-cookie").count(), 0, "{what}: reading never deletes a cookie");
    }
}

#[test]
fn hyper_reads_no_body_without_end() {
    let server = start("hyper", &key());
    let mut browser = Browser::default();
    let fits = format!("{RIGHT}&{}", "a".repeat(16 * 1024 - RIGHT.len() - 1));
    assert_eq!(browser.post(&server, "/login", &(fits.clone() + "a")).status, 413);
    assert_eq!(browser.jar.len(), 0);
    browser.post(&server, "/login", &fits).redirects_to("/");
}
