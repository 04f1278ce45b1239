//! Two tabs of one browser, of which one logs out.

use crate::browser::{Browser, Kind};
use crate::client::Client;
use crate::shop::Shop;
use harness::browser::Tab;
use harness::observed::observed;

/// A browser that has logged in and shows its second tab, both tabs, and the address that answers who is logged in.
fn two_tabs(kind: Kind, shop: &Shop) -> (Browser, (Tab, Tab), String) {
    let mut browser = Browser::start(kind);
    let whoami = format!("{}/default/whoami", shop.at("shop.example.org"));
    browser.post(&whoami.replace("whoami", "login"));
    let tabs = browser.new_tab();
    assert_eq!(browser.get(&whoami), "ada, 0 bytes of text");
    (browser, tabs, whoami)
}

pub fn a_logout_is_for_both(kind: Kind) {
    let shop = Shop::open();
    let (mut browser, (first, second), whoami) = two_tabs(kind, &shop);
    browser.turn_to(&first);
    browser.post(&whoami.replace("whoami", "logout"));
    browser.turn_to(&second);
    assert_eq!(browser.get(&whoami), "nobody: absent");
    observed(format_args!("{}: after a logout in one tab the other one has no session", browser.name()));
}

/// The second tab's request is under way when the first one logs out, and its response brings the cookie back.
pub fn a_late_response_does_not_bring_it_back(kind: Kind) {
    let shop = Shop::open();
    let (mut browser, (first, second), whoami) = two_tabs(kind, &shop);
    browser.run(
        "window.late = fetch('/default/write?hold=true', { method: 'POST' }).then(late => late.text());",
    );
    shop.wait_for_a_held_request();
    browser.turn_to(&first);
    browser.post(&whoami.replace("whoami", "logout"));
    assert_eq!(shop.last("/logout").saved, "Removed");
    browser.turn_to(&second);
    shop.release();
    assert_eq!(browser.run("return await window.late"), "ada, 4 bytes of text");
    assert!(browser.stored("__Host-session").is_some(), "the cookie is back");
    assert_eq!(browser.get(&whoami), "nobody: ended");
    // The next login is not disturbed by the tombstone.
    browser.post(&whoami.replace("whoami", "login?user=bob"));
    assert_eq!(browser.get(&whoami), "bob, 0 bytes of text");
    observed(format_args!(
        "{}: a response that arrives after the logout brings back nothing but an ended cookie",
        browser.name()
    ));
}

/// The same with a renewal: the last-seen cookie of a session that has ended raises nothing.
pub fn a_late_renewal_does_not_bring_it_back(kind: Kind) {
    let shop = Shop::open();
    let (mut browser, (first, second), whoami) = two_tabs(kind, &shop);
    shop.advance(20);
    browser.run("window.late = fetch('/default/whoami?hold=true').then(late => late.text());");
    shop.wait_for_a_held_request();
    browser.turn_to(&first);
    browser.post(&whoami.replace("whoami", "logout"));
    browser.turn_to(&second);
    shop.release();
    assert_eq!(browser.run("return await window.late"), "ada, 0 bytes of text");
    assert_eq!(shop.last("/whoami").saved, "Renewed");
    assert!(browser.stored("__Host-session.seen").is_some() && browser.stored("__Host-session").is_none());
    assert_eq!(browser.get(&whoami), "nobody: absent");
    observed(format_args!(
        "{}: a renewal that arrives after the logout leaves a last-seen cookie and no session",
        browser.name()
    ));
}
