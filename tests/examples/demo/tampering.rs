//! The button that damages the cookie, and damage that a visitor does without it.

use super::visitor::{Browser, Demo, Folder};

#[test]
fn a_damaged_cookie_is_forged_and_stays_where_it_is() {
    let folder = Folder::new("damage");
    let demo = Demo::start(&folder);
    let mut browser = Browser::default();
    let login = browser.fill_in(&demo, "/login", "/login", super::visitor::LOGIN);
    let attributes = |answer: &crate::browser::Answer| {
        let line = answer.all("set-cookie").find(|line| line.starts_with("login-demo=")).unwrap();
        let attributes = line.split("; ").skip(1).map(|attribute| attribute.to_owned());
        let mut attributes: Vec<_> =
            attributes.filter(|attribute| !attribute.starts_with("Max-Age")).collect();
        attributes.sort();
        attributes
    };
    let whole = browser.session().unwrap().clone();
    let tampered = browser.fill_in(&demo, "/session", "/tamper", "");
    tampered.redirects_to("/session");
    assert_eq!(attributes(&tampered), attributes(&login));
    assert!(tampered.all("cache-control").any(|value| value == "no-store"));
    let damaged = browser.session().unwrap().clone();
    let differing = whole.bytes().zip(damaged.bytes()).filter(|(a, b)| a != b).count();
    assert_eq!((damaged.len(), differing), (whole.len(), 1));

    let page = browser.get(&demo, "/session");
    assert!(page.body.contains("There is no session."));
    assert_eq!(page.log()[0], ["GET /session", "200", "forged", "unchanged", "none"]);
    assert_eq!(page.log()[1], ["POST /tamper", "303", "opened", "unchanged", "session"]);
    assert!(!browser.is_in(&demo));
    browser.post_silently(&demo, "/tamper", "").is_refused("no session any more");
    assert_eq!(browser.session(), Some(&damaged), "reading never deletes a cookie");
    // The whole one is as good as before, and a login puts things right.
    let mut keeper = browser.clone();
    keeper.jar.insert("login-demo".into(), whole);
    assert!(keeper.is_in(&demo));
    browser.log_in(&demo);
    assert!(browser.is_in(&demo));
}

#[test]
fn no_character_can_be_changed() {
    let folder = Folder::new("characters");
    let demo = Demo::start(&folder);
    let mut browser = Browser::default();
    browser.log_in(&demo);
    let whole = browser.session().unwrap().clone();
    for place in 0..whole.len() {
        let mut forger = browser.clone();
        let other = if whole.as_bytes()[place] == b'A' { "B" } else { "A" };
        forger.jar.insert("login-demo".into(), format!("{}{other}{}", &whole[..place], &whole[place + 1..]));
        assert!(!forger.is_in(&demo), "{place}");
    }
    assert!(browser.is_in(&demo));
}
