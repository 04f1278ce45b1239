//! Chromium, over real TLS: the life of a session, and sizes around the limit.

mod frames;
mod hand_made;
mod other_sites;
mod tabs;

use clients::chromium::Chromium;
use clients::client::Client;
use clients::nginx::Nginx;
use clients::scenario::{Lived, live};
use clients::shop::Shop;
use clients::sizes::try_sizes;
use clients::variants::Variant;
use harness::observed::observed;

#[test]
fn sessions_live() {
    let mut line = String::new();
    let mut client = Chromium::start();
    for variant in Variant::ALL {
        let shop = Shop::open();
        client.forget();
        let Lived { bytes, keeps } = live(&mut client, &shop, &shop.place_of(variant), variant);
        if line.is_empty() {
            line = format!("{} keeps {keeps}; sessions live:", client.name());
        }
        line.push_str(&format!(" {} ({bytes})", variant.cookie()));
        let version = if variant == Variant::Insecure { "HTTP/1.1" } else { "HTTP/2.0" };
        assert_eq!(shop.last("/whoami").version, version);
    }
    observed(line);
}

#[test]
fn sizes() {
    let shop = Shop::open();
    let mut client = Chromium::start();
    let sizes = try_sizes(&mut client, &shop);
    observed(format_args!("{}{sizes}", client.name()));
}

#[test]
fn behind_nginx() {
    let shop = Shop::open();
    let nginx = Nginx::start(&shop);
    let mut client = Chromium::start();
    let bytes = live(&mut client, &shop, &nginx.base(), Variant::Default).bytes;
    observed(format_args!(
        "{} behind {}: a session lives, {bytes} bytes fit",
        client.name(),
        Nginx::version()
    ));
}
