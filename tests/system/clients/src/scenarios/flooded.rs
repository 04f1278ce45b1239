//! Logout wins as long as its tombstone is in the jar. A sibling host that sets hundreds of cookies for the whole
//! domain takes it out, since a jar has room for so many of one site, and so does an application that clears them.

use harness::observed::observed;

use crate::browser::{Browser, Kind};
use crate::client::Client;
use crate::shop::Shop;

/// Sets so many cookies at the sibling, fifty in a response, each with these attributes too.
fn flood(browser: &mut Browser, shop: &Shop, count: usize, attributes: &str) {
    let line =
        |number| format!("flood{number}={number}; Path=/; Secure; Domain=shop.example.org{attributes}");
    for numbers in (0..count).collect::<Vec<_>>().chunks(50) {
        let lines: Vec<String> = numbers.iter().map(line).collect();
        shop.hand_make(&lines.iter().map(String::as_str).collect::<Vec<_>>());
        browser.get(&format!("{}/hand-made", shop.at("sub.shop.example.org")));
    }
}

pub fn a_late_response_after_a_flood(kind: Kind) {
    let mut line = Browser::start(kind).name();
    for count in [100, 250] {
        let shop = Shop::open();
        let mut browser = Browser::start(kind);
        let url = |action: &str| format!("{}/default/{action}", shop.at("shop.example.org"));
        browser.post(&url("login"));
        let (first, second) = browser.new_tab();
        browser.get(&url("whoami"));
        browser.run(
            "window.late = fetch('/default/write?hold=true', { method: 'POST' }).then(late => late.text());",
        );
        shop.wait_for_a_held_request();
        browser.turn_to(&first);
        browser.post(&url("logout"));
        flood(&mut browser, &shop, count, "");
        browser.turn_to(&second);
        shop.release();
        browser.run("return await window.late");
        let who = browser.get(&url("whoami"));
        let is_pushed_out = kind.habits().jar.is_some_and(|room| count > room);
        assert_eq!(
            who,
            if is_pushed_out { "ada, 4 bytes of text" } else { "nobody: ended" },
            "{kind:?} {count}"
        );
        line.push_str(&format!("; a late write after a logout and {count} cookies of a sibling: {who}"));
    }
    observed(line);
}

/// `Clear-Site-Data: "cookies"` after a logout takes the tombstones with the other cookies.
pub fn a_late_response_after_clear_site_data(kind: Kind) {
    let shop = Shop::open();
    let mut browser = Browser::start(kind);
    let base = shop.at("shop.example.org");
    browser.post(&format!("{base}/default/login"));
    let late = shop.last("/login").set_cookie;
    browser.post(&format!("{base}/default/logout"));
    browser.get(&format!("{base}/cleared?what=cookies"));
    assert_eq!(browser.get(&format!("{base}/default/whoami")), "nobody: absent");
    assert!(shop.last("/whoami").cookie.is_empty(), "the tombstone is gone");
    shop.hand_make(&late.iter().map(String::as_str).collect::<Vec<_>>());
    browser.get(&format!("{base}/hand-made"));
    let who = browser.get(&format!("{base}/default/whoami"));
    assert_eq!(who, "ada, 0 bytes of text");
    observed(format_args!(
        "{}: a late write after a logout and Clear-Site-Data: \"cookies\": {who}",
        browser.name()
    ));
}

/// Chromium drops cookies of a lower priority first. A flood of the highest priority drops them all the same.
pub fn priority_in_a_flood(kind: Kind) {
    let mut line = Browser::start(kind).name();
    for (attributes, stays) in [("", kind != Kind::Firefox), ("; Priority=High", kind == Kind::WebKit)] {
        let shop = Shop::open();
        let mut browser = Browser::start(kind);
        let base = shop.at("shop.example.org");
        shop.hand_make(&["__Host-high=x; Path=/; Secure; HttpOnly; SameSite=Lax; Priority=High"]);
        browser.get(&format!("{base}/hand-made"));
        flood(&mut browser, &shop, 250, attributes);
        browser.get(&format!("{base}/default/whoami"));
        let is_there = shop.last("/whoami").cookie("__Host-high").is_some();
        assert_eq!(is_there, stays, "{kind:?} {attributes}");
        let outcome = if stays { "stays" } else { "is pushed out" };
        line.push_str(&format!("; a cookie with Priority=High {outcome} among 250 others{attributes}"));
    }
    observed(line);
}
