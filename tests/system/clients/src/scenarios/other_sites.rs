//! SameSite=Lax: what another site's links and forms carry, and what their responses may set.

use crate::browser::{Browser, Kind};
use crate::client::{Client, Reply};
use crate::shop::Shop;
use harness::observed::observed;

/// From a page of another site, by its link or its form.
fn from_evil(browser: &Browser, shop: &Shop, element: &str, path: &str) -> Reply {
    browser.go(&format!("{}/leave?url={}{path}", shop.at("evil.example.com"), shop.at("shop.example.org")));
    browser.click(element)
}

pub fn a_link_carries_it_and_a_form_does_not(kind: Kind) {
    let shop = Shop::open();
    let mut browser = Browser::start(kind);
    let base = shop.at("shop.example.org");
    browser.post(&format!("{base}/default/login"));
    shop.advance(20);
    assert_eq!(from_evil(&browser, &shop, "link", "/default/whoami").body, "ada, 0 bytes of text");
    assert_eq!(shop.last("/whoami").saved, "Renewed");
    assert_eq!(from_evil(&browser, &shop, "post", "/default/whoami").body, "nobody: absent");
    assert_eq!(shop.last("/whoami").cookie.len(), 0, "neither the last-seen cookie");

    // A forged logout finds no session, so it removes nothing.
    from_evil(&browser, &shop, "post", "/default/logout");
    assert_eq!(shop.last("/logout").saved, "Unchanged");
    assert_eq!(browser.get(&format!("{base}/default/whoami")), "ada, 0 bytes of text");

    // Requests of a script of the other site carry it just as little.
    browser.go(&format!("{}/static", shop.at("evil.example.com")));
    let script = format!(
        "await fetch('{base}/default/whoami', {{ mode: 'no-cors', credentials: 'include' }}); return 'sent'"
    );
    assert_eq!(browser.run(&script), "sent");
    assert_eq!(shop.last("/whoami").cookie.len(), 0);
    observed(format_args!(
        "{}: a link from another site carries the session and its last-seen cookie; a form, a fetch and a forged \
         logout do not",
        browser.name()
    ));
}

/// SameSite keeps the cookie from the request, not the response's from the jar: a handler that writes into the fresh
/// session of a forged POST replaces the person's session with it. No rule about cookies prevents that: the handler has
/// to refuse requests of other sites.
pub fn the_response_to_a_forged_form_replaces_the_session(kind: Kind) {
    let shop = Shop::open();
    let mut browser = Browser::start(kind);
    let base = shop.at("shop.example.org");
    browser.post(&format!("{base}/default/login"));
    from_evil(&browser, &shop, "post", "/default/write");
    assert!(shop.last("/write").cookie.is_empty());
    let after = browser.get(&format!("{base}/default/whoami"));
    assert_eq!(after, "nobody");
    browser.post(&format!("{base}/default/login"));
    from_evil(&browser, &shop, "post", "/default/login?user=mallory");
    let login = browser.get(&format!("{base}/default/whoami"));
    assert_eq!(login, "mallory, 0 bytes of text");
    observed(format_args!(
        "{}: after a forged POST to a page that writes: {after}; to the login: {login}",
        browser.name()
    ));
}

/// A login that comes back from another site, as OAuth's does: the page sets the cookie and redirects.
pub fn a_login_by_redirects(kind: Kind) {
    let shop = Shop::open();
    let browser = Browser::start(kind);
    let path = "/default/login%3Fto=/default/whoami";
    assert_eq!(from_evil(&browser, &shop, "link", path).body, "ada, 0 bytes of text");
    assert_eq!(shop.last("/whoami").set_cookie.len(), 0);
    observed(format_args!(
        "{}: a cookie set by a redirect from another site is sent to where it leads",
        browser.name()
    ));
}
