//! Cookies that the library would not send, and what a script can do to those that it does.

use crate::browser::{Browser, Kind};
use crate::client::Client;
use crate::shop::Shop;
use harness::observed::observed;

/// The names of what is kept of these lines, if this host sets them.
fn kept(browser: &mut Browser, shop: &Shop, host: &str, lines: &[&str]) -> Vec<String> {
    shop.hand_make(lines);
    browser.get(&format!("{}/hand-made", shop.at(host)));
    browser.jar().into_iter().map(|stored| stored.name).collect()
}

pub fn prefixes_are_enforced(kind: Kind) {
    let shop = Shop::open();
    let mut browser = Browser::start(kind);
    let broken = [
        "__Host-domain=x; Path=/; Secure; Domain=shop.example.org",
        "__Host-path=x; Path=/hand-made; Secure",
        "__Host-plain=x; Path=/",
        "__Secure-plain=x; Path=/",
        "__Host-session.out.0123456789abcdef=1; Path=/; Secure; Domain=shop.example.org",
        "__host-lower=x; Path=/; Secure; Domain=shop.example.org",
    ];
    let broken_http = ["__Host-Http-script=x; Path=/; Secure", "__Http-script=x; Path=/; Secure"];
    let insecure = ["none=x; Path=/; SameSite=None", "partitioned=x; Path=/; Partitioned"];
    let nameless = ["=__Host-nameless=x; Path=/; Secure; Domain=shop.example.org"];
    let mut outcome = |lines: &[&str]| {
        let before = browser.jar().len();
        let kept = kept(&mut browser, &shop, "sub.shop.example.org", lines).len() - before;
        assert!(kept == 0 || kept == lines.len(), "{kept} of {lines:?}");
        if kept == 0 { "refused" } else { "kept" }
    };
    let outcomes = [outcome(&broken), outcome(&broken_http), outcome(&insecure), outcome(&nameless)];
    let good = ["__Host-good=x; Path=/; Secure", "__Host-Http-good=x; Path=/; Secure; HttpOnly"];
    assert_eq!(outcome(&good), "kept", "the test can fail");
    let [broken, broken_http, insecure, nameless] = outcomes;
    observed(format_args!(
        "{}: __Host- with Domain, another Path or without Secure, in any case: {broken}; without a name: {nameless}; \
         __Http- without HttpOnly: {broken_http}; SameSite=None and Partitioned without Secure: {insecure}",
        browser.name()
    ));
    let habits = kind.habits();
    let refused_if = |is_refused| if is_refused { "refused" } else { "kept" };
    let prefixes = refused_if(habits.enforces_prefixes);
    let http = refused_if(habits.enforces_http_prefixes);
    assert_eq!(outcomes, [prefixes, http, prefixes, prefixes]);
}

pub fn scripts_neither_see_nor_replace_it(kind: Kind) {
    let shop = Shop::open();
    let mut browser = Browser::start(kind);
    let base = shop.at("shop.example.org");
    for path in ["default", "host-http"] {
        browser.post(&format!("{base}/{path}/login"));
        shop.advance(20);
        browser.get(&format!("{base}/{path}/whoami")); // the last-seen cookie
        browser.post(&format!("{base}/{path}/login")); // a tombstone
    }
    assert_eq!(browser.jar().len(), 6);
    assert_eq!(browser.run("return document.cookie"), "");
    let write = "for (const name of ['__Host-session', '__Host-Http-session'])
                     document.cookie = `${name}=script; Path=/; Secure`;
                 return document.cookie;";
    let seen = browser.run(write);
    // WebKitGTK lets a script read what it has just written. The jar does not take it.
    let echo = "__Host-session=script; __Host-Http-session=script";
    assert_eq!(seen, if kind == Kind::WebKit { echo } else { "" });
    assert_eq!(browser.get(&format!("{base}/default/whoami")), "ada, 0 bytes of text");
    assert_eq!(browser.get(&format!("{base}/host-http/whoami")), "ada, 0 bytes of text");
    assert!(shop.last("/whoami").cookies().iter().all(|(_, value)| value != "script"));
    // A script can plant tombstones of its own, of ids that it would have to know.
    browser.run("document.cookie = '__Host-session.out.0123456789abcdef=1; Path=/; Secure'; return '';");
    assert_eq!(browser.get(&format!("{base}/default/whoami")), "ada, 0 bytes of text");
    assert_eq!(shop.last("/whoami").cookie("__Host-session.out.0123456789abcdef").as_deref(), Some("1"));
    observed(format_args!(
        "{}: session, last-seen cookie and tombstones are not in document.cookie, and scripts cannot replace them",
        browser.name()
    ));
}
