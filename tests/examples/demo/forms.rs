//! Forms that are not this visitor's own: without a token, with another's, from another site (CSRF).

use super::visitor::{Browser, Demo, Folder, LOGIN};

/// Every form of the demo, with fields that are right.
const FORMS: [(&str, &str); 5] =
    [("/login", LOGIN), ("/logout", ""), ("/rotate", ""), ("/tamper", ""), ("/deploy", "version=second")];

#[test]
fn only_a_token_of_this_very_session_is_taken() {
    let folder = Folder::new("tokens");
    let demo = Demo::start(&folder);
    let mut browser = Browser::default();
    let of_stranger = browser.get(&demo, "/login").token();
    browser.log_in(&demo);
    let own = browser.get(&demo, "/session").token();
    let mut other = Browser::default();
    other.log_in(&demo);
    let of_other = other.get(&demo, "/session").token();
    let cookie = browser.session().unwrap().clone();
    let flipped = if own.ends_with("AA") { own.replace("AA", "AB") } else { format!("{}AA", &own[2..]) };
    let keys = folder.keys();

    for (path, fields) in FORMS {
        for (why, token) in [
            ("empty", ""),
            ("another visitor's", &of_other),
            ("of the session before the login", &of_stranger),
            ("altered", &flipped),
            ("cut", &own[..own.len() - 1]),
            ("the session's cookie", &cookie),
        ] {
            let answer = browser.post_silently(&demo, path, &format!("csrf={token}&{fields}"));
            answer.is_refused(&format!("{path}: {why}"));
            assert!(answer.body.contains("Nothing was changed."));
        }
        browser.post_silently(&demo, path, fields).is_refused(&format!("{path}: none"));
        Browser::default().post_silently(&demo, path, fields).is_refused(&format!("{path}: no session"));
        Browser::default()
            .post_silently(&demo, path, &format!("csrf={own}&{fields}"))
            .is_refused(&format!("{path}: a token without its session"));
        let twice = browser.post_silently(&demo, path, &format!("csrf={own}&csrf={own}&{fields}"));
        assert!(twice.status == 422 && twice.all("set-cookie").count() == 0, "{path}: {}", twice.status);
    }
    assert_eq!((browser.session(), folder.keys()), (Some(&cookie), keys));
    assert!(browser.is_in(&demo));
    assert!(!browser.get(&demo, "/session").body.contains("<code>Theme</code>"), "nothing was deployed");
    browser.fill_in(&demo, "/session", "/deploy", "version=second").redirects_to("/session");
    browser.post_silently(&demo, "/theme", "theme=dark").is_refused("/theme");
    browser.post_silently(&demo, "/theme", &format!("theme=dark&csrf={of_other}")).is_refused("/theme");
    assert_eq!(browser.session(), Some(&cookie));
}

#[test]
fn no_form_of_another_site_is_taken_whatever_it_holds() {
    let folder = Folder::new("origins");
    let demo = Demo::start(&folder);
    let mut browser = Browser::default();
    browser.log_in(&demo);
    let token = browser.get(&demo, "/session").token();
    let (cookie, keys) = (browser.session().unwrap().clone(), folder.keys());
    let own = format!("Origin: http://{}\r\n", demo.address);
    for (path, fields) in FORMS {
        let form = format!("csrf={token}&{fields}");
        for said in [
            "Sec-Fetch-Site: same-site\r\n",
            "Sec-Fetch-Site: cross-site\r\n",
            "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Site: same-origin\r\n",
            "Sec-Fetch-Site: \r\n",
            "Sec-Fetch-Site: cross-site\r\nOrigin: null\r\n",
            "Origin: http://127.0.0.1:1\r\n",
        ] {
            browser.send(&demo, "POST", path, said, &form).is_refused(&format!("{path}: {said}"));
            let both = format!("{own}Sec-Fetch-Site: cross-site\r\n");
            browser.send(&demo, "POST", path, &both, &form).is_refused(&format!("{path}: {both}"));
        }
    }
    assert_eq!((browser.session(), folder.keys()), (Some(&cookie), keys));
    let deploy = format!("csrf={token}&version=second");
    let own_page = ["Sec-Fetch-Site: same-origin\r\n", "Sec-Fetch-Site: none\r\n", &own];
    // Where the browser does not tell, the token decides: over plain http a page may hide its origin.
    for said in own_page.into_iter().chain(["", "Origin: null\r\n"]) {
        browser.send(&demo, "POST", "/deploy", said, &deploy).redirects_to("/session");
    }
    for said in ["", "Origin: null\r\n"] {
        browser.send(&demo, "POST", "/deploy", said, "version=second").is_refused(said);
    }
    for said in own_page {
        browser.send(&demo, "POST", "/deploy", said, "version=second").redirects_to("/session");
    }
}

#[test]
fn a_link_does_nothing() {
    let folder = Folder::new("links");
    let demo = Demo::start(&folder);
    let mut browser = Browser::default();
    browser.log_in(&demo);
    let (token, keys) = (browser.get(&demo, "/session").token(), folder.keys());
    for path in ["/rotate", "/tamper", "/deploy"] {
        let answer = browser.get(&demo, &format!("{path}?csrf={token}&version=second"));
        assert_eq!((answer.status, answer.all("set-cookie").count()), (405, 0), "{path}");
    }
    assert_eq!(browser.get(&demo, &format!("/theme?csrf={token}&theme=dark")).status, 404);
    assert!(browser.is_in(&demo) && folder.keys() == keys);
}

#[test]
fn fields_that_are_no_choice_are_refused() {
    let folder = Folder::new("choices");
    let demo = Demo::start(&folder);
    let mut browser = Browser::default();
    browser.log_in(&demo);
    for version in ["version=third", "version=", ""] {
        assert_eq!(browser.fill_in(&demo, "/session", "/deploy", version).status, 422, "{version}");
    }
    assert_eq!(browser.fill_in(&demo, "/session", "/theme", "theme=dark").status, 404, "not in this version");
    browser.press(&demo, "/deploy", "version=second");
    for theme in ["theme=%22%3E", "theme=", ""] {
        assert_eq!(browser.fill_in(&demo, "/session", "/theme", theme).status, 422, "{theme}");
    }
}
