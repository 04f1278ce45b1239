//! The Back button after a session has ended: Chromium shows a page that is `no-store` from its back/forward cache.

use harness::observed::observed;
use harness::until::until;

use crate::browser::{Browser, Kind};
use crate::client::Client;
use crate::shop::Shop;

/// A browser that has logged in and shows a guarded page with `no-store`.
fn at_a_guarded_page(kind: Kind, shop: &Shop, query: &str) -> Browser {
    let mut browser = Browser::start(kind);
    browser.post(&format!("{}/default/login", shop.at("shop.example.org")));
    let page = browser.get(&format!("{}/guarded{query}", shop.at("shop.example.org")));
    assert_eq!(page, "ada, 0 bytes of text");
    browser
}

/// Goes Back, and waits until the guarded page says one of these. Whether it asked the server.
#[track_caller]
fn back(browser: &Browser, shop: &Shop, expected: &str) -> bool {
    let requests = || shop.exchanges().iter().filter(|exchange| exchange.path == "/guarded").count();
    let before = requests();
    browser.back();
    until(&format!("the guarded page, which says {expected:?}"), || {
        let script = "return location.pathname === '/guarded' && document.readyState === 'complete'
                          && document.body.innerText";
        (browser.try_script(script)?.as_str()? == expected).then_some(())
    });
    requests() > before
}

/// The idle timeout ends the session in silence: no cookie changes, and the page is not told.
pub fn back_after_the_idle_timeout(kind: Kind) {
    let shop = Shop::open();
    let mut browser = at_a_guarded_page(kind, &shop, "");
    browser.get(&format!("{}/static", shop.at("shop.example.org")));
    shop.advance(25);
    let is_kept = kind.habits().keeps_no_store_pages;
    let expected = if is_kept { "ada, 0 bytes of text" } else { "nobody: idle" };
    assert_eq!(back(&browser, &shop, expected), !is_kept);
    observed(format_args!(
        "{}: Back to a no-store page after the idle timeout shows {expected:?}",
        browser.name()
    ));
}

/// A page that loads itself anew when it comes from the back/forward cache.
pub fn back_to_a_page_that_reloads(kind: Kind) {
    let shop = Shop::open();
    let mut browser = at_a_guarded_page(kind, &shop, "?reloads=true");
    browser.get(&format!("{}/static", shop.at("shop.example.org")));
    shop.advance(25);
    assert!(back(&browser, &shop, "nobody: idle"));
    observed(format_args!(
        "{}: Back to a no-store page with a pageshow handler asks the server",
        browser.name()
    ));
}

/// A logout, or a login, changes cookies, and a change of cookies ends a stay of `no-store` pages in Chromium's cache.
pub fn back_after_a_logout(kind: Kind) {
    let shop = Shop::open();
    let mut browser = at_a_guarded_page(kind, &shop, "");
    browser.get(&format!("{}/static", shop.at("shop.example.org")));
    browser.post(&format!("{}/default/logout", shop.at("shop.example.org")));
    assert!(back(&browser, &shop, "nobody: absent"));
    observed(format_args!("{}: Back to a no-store page after a logout asks the server", browser.name()));
}

/// `Clear-Site-Data: "cache"` on the page that comes next does not reach the page that it follows; on a request of a
/// script it does.
pub fn back_after_clear_site_data(kind: Kind) {
    let is_kept = kind.habits().keeps_no_store_pages;
    let mut line = Browser::start(kind).name();
    for by_script in [false, true] {
        let shop = Shop::open();
        let mut browser = at_a_guarded_page(kind, &shop, "");
        let base = shop.at("shop.example.org");
        if by_script {
            browser.get(&format!("{base}/static"));
            browser.run("return await (await fetch('/cleared?what=cache')).text()");
        } else {
            browser.get(&format!("{base}/cleared?what=cache"));
        }
        shop.advance(25);
        let shown = if is_kept && !by_script { "ada, 0 bytes of text" } else { "nobody: idle" };
        let asks = back(&browser, &shop, shown);
        assert_eq!(asks, !is_kept || by_script);
        let how = if by_script { "a script's request" } else { "the next page" };
        line.push_str(&format!("; Back after Clear-Site-Data: \"cache\" on {how} shows {shown:?}"));
    }
    observed(line);
}
