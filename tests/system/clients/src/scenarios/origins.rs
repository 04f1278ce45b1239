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
    let loopback = format!("http://127.0.0.1:{}", shop.plain_port());
    let [plain, tls] = [Variant::Insecure, Variant::Default].map(|variant| shop.place_of(variant));
    for (place, base) in [("plain http", plain), ("plain http to 127.0.0.1", loopback), ("TLS", tls)] {
        let mut sites = Vec::new();
        for policy in ["no-referrer", "same-origin", ""] {
            browser.go(&format!("{base}/leave?referrer={policy}&url={base}/default/whoami"));
            browser.click("post");
            let exchange = shop.last("/whoami");
            assert_eq!(
                exchange.origin,
                if policy == "no-referrer" { "null" } else { &base },
                "{kind:?} {policy}"
            );
            sites.push(exchange.site);
        }
        let expected = if place == "plain http" { "" } else { "same-origin" };
        assert_eq!(sites, [expected; 3], "{kind:?} {place}");
        line.push_str(&format!(
            "; a form over {place}: Sec-Fetch-Site {expected:?}, with no-referrer Origin null"
        ));
    }
    observed(line);
}
