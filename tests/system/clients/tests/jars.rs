//! Clients that are no browsers: the life of a session, and sizes around the limit.

use clients::client::Client;
use clients::curl::Curl;
use clients::driver::Driver;
use clients::reqwest_client::Reqwest;
use clients::scenarios::life::{Lived, live};
use clients::scenarios::sizes::try_sizes;
use clients::shop::Shop;
use clients::variants::Variant;
use harness::observed::observed;

#[test]
fn curl() {
    all(|shop| Box::new(Curl::new(shop)));
}

/// Where the client itself undoes the removal, the tombstone still ends the session.
#[test]
fn curl_with_a_file() {
    let shop = Shop::open();
    let base = shop.at("shop.example.org");
    let mut client = Curl::with_file(&shop);
    client.post(&format!("{base}/default/login"));
    client.post(&format!("{base}/default/logout"));
    let after = client.get(&format!("{base}/default/whoami"));
    assert!(["nobody: absent", "nobody: ended"].contains(&after.as_str()), "{after}");
    observed(format_args!("{} --cookie file: after logout {after}", client.name()));
}

#[test]
fn python_requests() {
    all(|shop| Box::new(Driver::requests(shop)));
}

#[test]
fn python_http_cookiejar() {
    all(|shop| Box::new(Driver::cookiejar(shop)));
}

#[test]
fn node_tough_cookie() {
    all(|shop| Box::new(Driver::tough_cookie(shop)));
}

#[test]
fn reqwest_with_cookie_store() {
    all(|shop| Box::new(Reqwest::new(shop)));
}

/// Every variant, with a jar of its own; then the sizes.
fn all(client: impl Fn(&Shop) -> Box<dyn Client>) {
    let mut line = String::new();
    for variant in Variant::ALL {
        let shop = Shop::open();
        let mut client = client(&shop);
        let Lived { bytes, keeps } = live(client.as_mut(), &shop, &shop.place_of(variant), variant);
        if line.is_empty() {
            line = format!("{} keeps {keeps}; sessions live:", client.name());
        }
        line.push_str(&format!(" {} ({bytes})", variant.cookie()));
    }
    let shop = Shop::open();
    observed(line + &try_sizes(client(&shop).as_mut(), &shop));
}
