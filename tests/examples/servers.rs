//! What the hyper and the websocket example have in common: whom they refuse, and what they then leave alone.

use crate::browser::{Browser, OWN_PAGE};
use crate::shared::{RIGHT, key, origins, start};

#[test]
fn no_page_of_another_origin_can_post() {
    for name in ["hyper", "websocket"] {
        let server = start(name, &key());
        for (said, expected) in origins(&server) {
            let mut browser = Browser::default();
            assert_eq!(
                browser.send(&server, "POST", "/login", &said, RIGHT).status,
                expected,
                "{name}: {said}"
            );
            assert_eq!(browser.jar.len(), usize::from(expected == 303), "{name}: {said}");
        }
        let mut browser = Browser::default();
        browser.post(&server, "/login", RIGHT).redirects_to("/");
        let foreign = browser.send(&server, "POST", "/logout", "Sec-Fetch-Site: cross-site\r\n", "");
        assert_eq!((foreign.status, browser.jar.len()), (403, 1), "{name}");
        let link = browser.send(&server, "GET", "/", "Sec-Fetch-Site: cross-site\r\n", "");
        assert_eq!(link.status, 200, "{name}: a link is welcome");
    }
}

#[test]
fn wrong_methods_and_places_change_nothing() {
    for name in ["hyper", "websocket"] {
        let server = start(name, &key());
        let mut browser = Browser::default();
        browser.post(&server, "/login", RIGHT).redirects_to("/");
        for (method, path, status, allow) in [
            ("GET", "/login", 405, Some("POST")),
            ("GET", "/logout", 405, Some("POST")),
            ("HEAD", "/logout", 405, Some("POST")),
            ("PUT", "/login", 405, Some("POST")),
            ("DELETE", "/", 405, Some(if name == "hyper" { "GET, HEAD" } else { "GET,HEAD" })),
            ("POST", "/nowhere", 404, None),
            ("GET", "/logout/", 404, None),
        ] {
            let answer = browser.send(&server, method, path, OWN_PAGE, RIGHT);
            let allowed = answer.all("allow").next();
            assert_eq!((answer.status, allowed), (status, allow), "{name}: {method} {path}");
            assert_eq!(answer.all("set-cookie").count(), 0, "{name}: {method} {path}");
        }
    }
}

#[test]
fn what_cannot_be_saved_is_a_500_without_cookies() {
    for name in ["hyper", "websocket"] {
        let server = start(name, &key());
        let mut browser = Browser::default();
        browser.post(&server, "/login", RIGHT).redirects_to("/");
        let before = browser.jar.clone();
        let too_large =
            browser.post(&server, "/login", &format!("user={}&password=sesame", "a".repeat(4000)));
        assert_eq!((too_large.status, too_large.all("set-cookie").count()), (500, 0), "{name}");
        assert_eq!(too_large.all("location").count(), 0, "{name}: nobody is told that it worked");
        assert_eq!(browser.jar, before, "{name}");
        assert!(!too_large.body.contains("4093"), "{name}: why is for the operator");
        assert!(server.stop().starts_with(&format!("{name}: ")), "{name}");
    }
}
