//! Two tabs of one browser, of which one logs out.

use clients::chromium::Chromium;
use clients::client::Client;
use clients::shop::Shop;
use harness::chromium::Tab;
use harness::observed::observed;

/// A browser that has logged in and shows its second tab, both tabs, and the address that answers who is logged in.
fn two_tabs(shop: &Shop) -> (Chromium, (Tab, Tab), String) {
    let mut browser = Chromium::start();
    let whoami = format!("{}/default/whoami", shop.at("shop.example"));
    browser.post(&whoami.replace("whoami", "login"));
    let tabs = browser.new_tab();
    assert_eq!(browser.get(&whoami), "ada, 0 bytes of text");
    (browser, tabs, whoami)
}

#[test]
fn a_logout_is_for_both() {
    let shop = Shop::open();
    let (mut browser, (first, second), whoami) = two_tabs(&shop);
    browser.turn_to(&first);
    browser.post(&whoami.replace("whoami", "logout"));
    browser.turn_to(&second);
    assert_eq!(browser.get(&whoami), "nobody: absent");
    observed(format_args!("{}: after a logout in one tab the other one has no session", browser.name()));
}

/// The second tab's request is under way when the first one logs out, and its response brings the cookie back.
#[test]
fn a_late_response_does_not_bring_it_back() {
    let shop = Shop::open();
    let (mut browser, (first, second), whoami) = two_tabs(&shop);
    browser.script(
        "window.late = fetch('/default/write?hold=true', { method: 'POST' }).then(late => late.text());",
    );
    shop.wait_for_a_held_request();
    browser.turn_to(&first);
    browser.post(&whoami.replace("whoami", "logout"));
    assert_eq!(shop.last("/logout").saved, "Removed");
    browser.turn_to(&second);
    shop.release();
    assert_eq!(browser.script("return await window.late"), "ada, 4 bytes of text");
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
#[test]
fn a_late_renewal_does_not_bring_it_back() {
    let shop = Shop::open();
    let (mut browser, (first, second), whoami) = two_tabs(&shop);
    shop.advance(20);
    browser.script("window.late = fetch('/default/whoami?hold=true').then(late => late.text());");
    shop.wait_for_a_held_request();
    browser.turn_to(&first);
    browser.post(&whoami.replace("whoami", "logout"));
    browser.turn_to(&second);
    shop.release();
    assert_eq!(browser.script("return await window.late"), "ada, 0 bytes of text");
    assert_eq!(shop.last("/whoami").saved, "Renewed");
    assert!(browser.stored("__Host-session.seen").is_some() && browser.stored("__Host-session").is_none());
    assert_eq!(browser.get(&whoami), "nobody: absent");
    observed(format_args!(
        "{}: a renewal that arrives after the logout leaves a last-seen cookie and no session",
        browser.name()
    ));
}
