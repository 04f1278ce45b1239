//! Chromium, over real TLS.

use clients::browser::{Browser, Kind};
use clients::client::Client;
use clients::nginx::Nginx;
use clients::scenarios::life::live;
use clients::shop::Shop;
use clients::variants::Variant;
use harness::observed::observed;

clients::scenarios!(Chromium);
clients::scenarios_of_partitions!(Chromium);

#[test]
fn behind_nginx() {
    let shop = Shop::open();
    let nginx = Nginx::start(&shop);
    let mut client = Browser::start(Kind::Chromium);
    let bytes = live(&mut client, &shop, &nginx.base(), Variant::Default).bytes;
    observed(format_args!(
        "{} behind {}: a session lives, {bytes} bytes fit",
        client.name(),
        Nginx::version()
    ));
}
