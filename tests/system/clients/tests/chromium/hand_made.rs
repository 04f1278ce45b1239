//! Cookies that the library would not send, and what a script can do to those that it does.

use clients::chromium::Chromium;
use clients::client::Client;
use clients::shop::Shop;
use harness::observed::observed;

/// The names of what is kept of these lines, if this host sets them.
fn kept(browser: &mut Chromium, shop: &Shop, host: &str, lines: &[&str]) -> Vec<String> {
    shop.hand_make(lines);
    browser.get(&format!("{}/hand-made", shop.at(host)));
    browser.jar().into_iter().map(|stored| stored.name).collect()
}

#[test]
fn prefixes_are_enforced() {
    let shop = Shop::open();
    let mut browser = Chromium::start();
    let refused = [
        "__Host-domain=x; Path=/; Secure; Domain=shop.example",
        "__Host-path=x; Path=/hand-made; Secure",
        "__Host-plain=x; Path=/",
        "__Secure-plain=x; Path=/",
        "__Host-session.out.0123456789abcdef=1; Path=/; Secure; Domain=shop.example",
        "__host-lower=x; Path=/; Secure; Domain=shop.example",
        "__Host-Http-script=x; Path=/; Secure",
        "__Http-script=x; Path=/; Secure",
        "none=x; Path=/; SameSite=None",
        "__Host-partitioned=x; Path=/; Partitioned",
        "=__Host-nameless=x; Path=/; Secure; Domain=shop.example",
    ];
    let before = kept(&mut browser, &shop, "sub.shop.example", &refused);
    assert!(before.is_empty(), "{before:?}");
    let good = ["__Host-good=x; Path=/; Secure", "__Host-Http-good=x; Path=/; Secure; HttpOnly"];
    assert_eq!(kept(&mut browser, &shop, "shop.example", &good).len(), good.len(), "the test can fail");
    observed(format_args!(
        "{} refuses __Host- with Domain, another Path or without Secure, in any case and without a name, \
         __Http- without HttpOnly, SameSite=None and Partitioned without Secure",
        browser.name()
    ));
}

/// What `__Host-` prevents, and what it alone prevents.
#[test]
fn a_sibling_plants_cookies() {
    let shop = Shop::open();
    let mut browser = Chromium::start();
    let base = shop.at("shop.example");
    browser.post(&format!("{base}/default/login"));
    browser.post(&format!("{base}/secure/login"));
    // Longer paths go first, so each of these stands before the real one.
    let junk = [
        "__Secure-session=junk; Path=/secure; Secure; Domain=shop.example",
        "__Host-session=junk; Path=/default; \
                 Secure; Domain=shop.example",
    ];
    kept(&mut browser, &shop, "sub.shop.example", &junk);
    assert_eq!(browser.get(&format!("{base}/default/whoami")), "ada, 0 bytes of text");
    assert_ne!(shop.last("/whoami").cookie("__Host-session").as_deref(), Some("junk"));
    assert_eq!(browser.get(&format!("{base}/secure/whoami")), "ada, 0 bytes of text", "junk does not hurt");
    let copies = shop.last("/whoami").cookies().into_iter().filter(|(name, _)| name == "__Secure-session");
    assert_eq!(copies.map(|(_, value)| value == "junk").collect::<Vec<_>>(), [true, false]);

    // A valid cookie of the attacker's own account, younger than the victim's.
    shop.advance(1);
    let mut attacker = Chromium::start();
    attacker.post(&format!("{base}/secure/login?user=mallory"));
    let own = attacker.stored("__Secure-session").unwrap().value;
    let planted = format!("__Secure-session={own}; Path=/secure; Secure; Domain=shop.example");
    kept(&mut browser, &shop, "sub.shop.example", &[&planted]);
    let who = browser.get(&format!("{base}/secure/whoami"));
    assert_eq!(who, "mallory, 0 bytes of text", "what only __Host- prevents");
    let host = planted.replace("__Secure-", "__Host-").replace("Path=/secure", "Path=/");
    kept(&mut browser, &shop, "sub.shop.example", &[&host]);
    assert_eq!(browser.get(&format!("{base}/default/whoami")), "ada, 0 bytes of text");
    observed(format_args!(
        "{}: a sibling plants __Secure-session (junk is passed over, a valid one of its own wins), \
         never __Host-session",
        browser.name()
    ));
}

#[test]
fn scripts_neither_see_nor_replace_it() {
    let shop = Shop::open();
    let mut browser = Chromium::start();
    let base = shop.at("shop.example");
    for path in ["default", "host-http"] {
        browser.post(&format!("{base}/{path}/login"));
        shop.advance(20);
        browser.get(&format!("{base}/{path}/whoami")); // the last-seen cookie
        browser.post(&format!("{base}/{path}/login")); // a tombstone
    }
    assert_eq!(browser.jar().len(), 6);
    assert_eq!(browser.script("return document.cookie"), "");
    let write = "for (const name of ['__Host-session', '__Host-Http-session', '__Host-Http-other'])
                     document.cookie = `${name}=script; Path=/; Secure`;
                 return document.cookie;";
    assert_eq!(browser.script(write), "");
    assert_eq!(browser.get(&format!("{base}/default/whoami")), "ada, 0 bytes of text");
    assert_eq!(browser.get(&format!("{base}/host-http/whoami")), "ada, 0 bytes of text");
    // A script can plant tombstones of its own, of ids that it would have to know.
    let tombstone =
        "document.cookie = '__Host-session.out.0123456789abcdef=1; Path=/; Secure'; return document.cookie;";
    assert_eq!(browser.script(tombstone), "__Host-session.out.0123456789abcdef=1");
    assert_eq!(browser.get(&format!("{base}/default/whoami")), "ada, 0 bytes of text");
    observed(format_args!(
        "{}: session, last-seen cookie and tombstones are not in document.cookie, and scripts cannot replace them",
        browser.name()
    ));
}
