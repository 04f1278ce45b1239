//! In a frame of another site: what Partitioned keeps apart, and what a browser without third parties does to the rest.

use clients::chromium::Chromium;
use clients::client::Client;
use clients::shop::Shop;
use clients::variants::Variant;
use harness::observed::observed;

/// Asks the shop from its own frame on a page of another site.
fn in_frame(browser: &Chromium, shop: &Shop, site: &str, variant: Variant, action: &str) -> String {
    browser.go(&format!("{}/embed?url={}/static", shop.at(site), shop.at("shop.example")));
    browser.in_frame(&format!(
        "return await (await fetch('/{}/{action}', {{ method: 'POST' }})).text();",
        variant.path()
    ))
}

#[test]
fn partitioned_sessions_live_apart() {
    let shop = Shop::open();
    let mut browser = Chromium::with_third_parties(false);
    let partitioned = |browser: &Chromium, action: &str| {
        in_frame(browser, &shop, "evil.example", Variant::Partitioned, action)
    };
    assert_eq!(partitioned(&browser, "login"), "ada, 0 bytes of text");
    assert_eq!(partitioned(&browser, "whoami"), "ada, 0 bytes of text");
    assert_eq!(partitioned(&browser, "write"), "ada, 4 bytes of text");
    shop.advance(20);
    assert_eq!(partitioned(&browser, "whoami"), "ada, 4 bytes of text");
    shop.advance(20);
    assert_eq!(
        partitioned(&browser, "whoami"),
        "ada, 4 bytes of text",
        "the last-seen cookie is in the partition too"
    );
    let key = browser.cookies()[0]["partitionKey"]["topLevelSite"].as_str().unwrap().to_owned();
    assert!(key.starts_with("https://evil.example"), "{key}");

    // Its own site is another partition, with another session.
    let own = format!("{}/partitioned", shop.at("shop.example"));
    assert_eq!(browser.get(&format!("{own}/whoami")), "nobody: absent");
    assert_eq!(browser.post(&format!("{own}/login?user=bob")), "bob, 0 bytes of text");
    assert_eq!(partitioned(&browser, "whoami"), "ada, 4 bytes of text");

    // Logout in the frame ends the one there, and leaves its tombstone there.
    partitioned(&browser, "logout");
    assert_eq!(partitioned(&browser, "whoami"), "nobody: absent");
    assert_eq!(shop.last("/whoami").cookies().len(), 1, "the tombstone");
    assert_eq!(browser.get(&format!("{own}/whoami")), "bob, 0 bytes of text");
    observed(format_args!(
        "{}: a Partitioned session in a frame lives, is renewed and removed, apart from that of its own site",
        browser.name()
    ));
}

#[test]
fn sessions_that_are_not_partitioned() {
    let shop = Shop::open();
    let mut line = String::new();
    for are_allowed in [true, false] {
        let browser = Chromium::with_third_parties(are_allowed);
        if line.is_empty() {
            line = format!("{} in a frame of another site, after a login:", browser.name());
        }
        for variant in [Variant::Default, Variant::ThirdParty, Variant::Partitioned] {
            in_frame(&browser, &shop, "evil.example", variant, "login");
            let who = in_frame(&browser, &shop, "evil.example", variant, "whoami");
            let lives = variant == Variant::Partitioned || variant == Variant::ThirdParty && are_allowed;
            assert_eq!(
                who,
                if lives { "ada, 0 bytes of text" } else { "nobody: absent" },
                "{variant:?} {are_allowed}"
            );
            let outcome = if lives { "lives" } else { "is not kept" };
            line.push_str(&format!(" {} {outcome};", variant.cookie()));
        }
        line.push_str(if are_allowed { " and with third parties blocked:" } else { "" });
    }
    observed(line.trim_end_matches(';'));
}

/// A frame of the same site is no other site.
#[test]
fn a_subdomain_that_embeds_is_the_same_site() {
    let shop = Shop::open();
    let browser = Chromium::with_third_parties(false);
    in_frame(&browser, &shop, "sub.shop.example", Variant::Default, "login");
    let who = in_frame(&browser, &shop, "sub.shop.example", Variant::Default, "whoami");
    assert_eq!(who, "ada, 0 bytes of text");
    observed(format_args!("{}: __Host-session lives in a frame of the same site", browser.name()));
}
