//! What a request says about the page that it comes from.

use harness::observed::observed;

use crate::browser::{Browser, Kind};
use crate::client::Client;
use crate::shop::Shop;
use crate::variants::Variant;

/// A form of the shop's own page, whose policy is `no-referrer`: its origin is `null`, and over plain http nothing else
/// tells where it comes from.
pub fn a_form_without_referrer(kind: Kind) {
    let shop = Shop::open();
    let browser = Browser::start(kind);
    let mut line = browser.name();
    for variant in [Variant::Insecure, Variant::Default] {
        let base = shop.place_of(variant);
        for policy in ["no-referrer", "same-origin", ""] {
            let own = format!("{base}/{}/whoami", variant.path());
            browser.go(&format!("{base}/leave?referrer={policy}&url={own}"));
            browser.click("post");
            let exchange = shop.last("/whoami");
            let origin = if policy == "no-referrer" { "null" } else { &base };
            let site = if variant == Variant::Insecure { "" } else { "same-origin" };
            assert_eq!(
                (exchange.origin.as_str(), exchange.site.as_str()),
                (origin, site),
                "{kind:?} {policy}"
            );
        }
        let scheme = base.split(':').next().unwrap();
        let site =
            if variant == Variant::Insecure { "no Sec-Fetch-Site" } else { "Sec-Fetch-Site: same-origin" };
        line.push_str(&format!("; {scheme}, a form of a page with no-referrer: Origin: null, {site}"));
    }
    observed(line);
}
