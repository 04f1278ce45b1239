//! What is asked of every client: the life of a session, from a stranger's first request to what follows a logout.

use std::time::{SystemTime, UNIX_EPOCH};

use harness::observed::observed;

use crate::browser::{Browser, Kind};
use crate::client::{Client, Stored};
use crate::shop::{Exchange, Shop};
use crate::variants::Variant;

/// Every variant, each in a browser of its own.
pub fn sessions_live(kind: Kind) {
    let mut line = String::new();
    for variant in Variant::ALL {
        let shop = Shop::open();
        let mut browser = Browser::start(kind);
        let Lived { bytes, keeps } = live(&mut browser, &shop, &shop.place_of(variant), variant);
        if line.is_empty() {
            line = format!("{} keeps {keeps}; sessions live:", browser.name());
        }
        line.push_str(&format!(" {} ({bytes})", variant.cookie()));
        // WebKitGTK speaks HTTP/1.1 through a proxy.
        let is_http_1 = variant == Variant::Insecure || kind == Kind::WebKit;
        let version = if is_http_1 { "HTTP/1.1" } else { "HTTP/2.0" };
        assert_eq!(shop.last("/whoami").version, version);
    }
    observed(line);
}

/// The session, its last-seen cookie and as many tombstones as there can be.
pub fn ten_cookies_at_once(kind: Kind) {
    let shop = Shop::open();
    let mut browser = Browser::start(kind);
    let url = |action: &str| format!("{}/default/{action}", shop.at("shop.example.org"));
    for _ in 0..10 {
        browser.post(&url("login"));
        shop.advance(1);
    }
    shop.advance(19);
    browser.get(&url("whoami"));
    let body = browser.post(&url("fill"));
    assert_eq!(browser.get(&url("whoami")), body);
    let cookies = shop.last("/whoami").cookies();
    let tombstones = cookies.iter().filter(|(name, _)| name.contains(".out.")).count();
    assert_eq!((tombstones, cookies.len()), (8, 10), "{cookies:?}");
    observed(format_args!(
        "{}: a full session, its last-seen cookie and eight tombstones are kept and sent",
        browser.name()
    ));
}

/// Lives through it at `base`, and says what was seen.
pub fn live(client: &mut dyn Client, shop: &Shop, base: &str, variant: Variant) -> Lived {
    let url = |action: &str| format!("{base}/{}/{action}", variant.path());
    let name = variant.cookie();

    assert_eq!(client.get(&url("whoami")), "nobody: absent");
    assert!(client.jar().is_empty(), "a stranger who only looks is given nothing");

    assert_eq!(client.post(&url("login")), "ada, 0 bytes of text");
    let first = assert_stored_as_sent(client, &shop.last("/login"), name);
    assert_eq!(client.get(&url("whoami")), "ada, 0 bytes of text");
    assert_eq!(client.get(&url("whoami")), "ada, 0 bytes of text");
    assert_eq!(shop.last("/whoami").set_cookie.len(), 0, "a mere read sends nothing");

    assert_eq!(client.post(&url("write?length=4")), "ada, 4 bytes of text");
    let written = assert_stored_as_sent(client, &shop.last("/write"), name);
    assert_ne!(written.value, first.value);
    assert_eq!(client.get(&url("whoami")), "ada, 4 bytes of text");

    let last_seen = renew(client, shop, &url, name);
    let tombstone = log_in_again(client, shop, &url, name, &last_seen);
    let bytes = fill(client, shop, &url, name);
    log_out(client, shop, &url, name, &tombstone);
    bring_back(client, shop, base, &url("whoami"), name);

    Lived { bytes, keeps: attributes_kept(&first) }
}

/// What was seen of a client in the life of a session.
pub struct Lived {
    /// The largest `name=value` that the library sent, and the client kept.
    pub bytes: usize,
    /// The attributes that it has a place for, beyond those that every client has.
    pub keeps: String,
}

fn attributes_kept(stored: &Stored) -> String {
    let kept = [
        ("HttpOnly", stored.http_only.is_some()),
        ("SameSite", stored.same_site.is_some()),
        ("Partitioned", stored.partitioned.is_some()),
    ];
    kept.iter().filter(|(_, is_kept)| *is_kept).map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

/// Looks at a page now and then for longer than the idle timeout.
fn renew(client: &mut dyn Client, shop: &Shop, url: &dyn Fn(&str) -> String, name: &str) -> String {
    let last_seen = format!("{name}.seen");
    shop.advance(20);
    assert_eq!(client.get(&url("whoami")), "ada, 4 bytes of text");
    assert_eq!(shop.last("/whoami").saved, "Renewed");
    let stored = assert_stored_as_sent(client, &shop.last("/whoami"), &last_seen);
    shop.advance(20);
    assert_eq!(
        client.get(&url("whoami")),
        "ada, 4 bytes of text",
        "{}: the last-seen cookie counts",
        client.name()
    );
    assert_eq!(shop.last("/whoami").cookie(&last_seen), Some(stored.value));
    last_seen
}

/// A second login gives the session another id and leaves a tombstone of the old one.
fn log_in_again(
    client: &mut dyn Client,
    shop: &Shop,
    url: &dyn Fn(&str) -> String,
    name: &str,
    last_seen: &str,
) -> String {
    client.post(&url("login?user=bob"));
    let login = shop.last("/login");
    let start = format!("{name}.out.");
    let tombstone =
        login.set_cookie.iter().find(|line| line.starts_with(&start)).expect("a tombstone of the old id");
    let tombstone = tombstone.split('=').next().unwrap().to_owned();
    let stored = assert_stored_as_sent(client, &login, &tombstone);
    assert_eq!(client.get(&url("whoami")), "bob, 4 bytes of text");
    let whoami = shop.last("/whoami");
    assert_eq!(whoami.cookie(&tombstone), Some(stored.value), "{}: the tombstone is sent", client.name());
    assert!(whoami.cookie(last_seen).is_some());
    tombstone
}

/// The largest session that the library takes. Says how large that is.
fn fill(client: &mut dyn Client, shop: &Shop, url: &dyn Fn(&str) -> String, name: &str) -> usize {
    let body = client.post(&url("fill"));
    let stored = assert_stored_as_sent(client, &shop.last("/fill"), name);
    assert_eq!(client.get(&url("whoami")), body, "{}: what fits is kept", client.name());
    // The whole line is at most 4096 bytes. A record is padded to blocks, and room is left for what can still come.
    let start = format!("{name}=");
    let exchange = shop.last("/fill");
    let line = exchange.set_cookie.iter().find(|line| line.starts_with(&start)).unwrap().len();
    assert!((3996..=4096).contains(&line), "{line}");
    name.len() + 1 + stored.value.len()
}

fn log_out(client: &mut dyn Client, shop: &Shop, url: &dyn Fn(&str) -> String, name: &str, tombstone: &str) {
    client.post(&url("logout"));
    assert_eq!(shop.last("/logout").saved, "Removed");
    let jar = client.jar();
    let is_tombstone = |stored: &Stored| stored.name.starts_with(&format!("{name}.out."));
    assert!(jar.iter().all(is_tombstone), "{}: only tombstones stay: {jar:?}", client.name());
    assert!(jar.len() == 2 && jar.iter().any(|stored| stored.name == tombstone), "{jar:?}");
    assert_eq!(client.get(&url("whoami")), "nobody: absent");
    assert_eq!(shop.last("/whoami").cookies().len(), 2);
}

/// A response that comes late sets a cookie of the session that has ended.
fn bring_back(client: &mut dyn Client, shop: &Shop, base: &str, whoami: &str, name: &str) {
    let line = shop.last("/fill").set_cookie.into_iter().next().unwrap();
    shop.hand_make(&[&line]);
    client.get(&format!("{base}/hand-made"));
    assert_eq!(client.get(whoami), "nobody: ended");
    assert!(shop.last("/whoami").cookie(name).is_some(), "{}: the cookie is back", client.name());
}

/// The cookie is in the jar with each attribute that the response gave it and the client has a place for.
#[track_caller]
pub fn assert_stored_as_sent(client: &mut dyn Client, exchange: &Exchange, name: &str) -> Stored {
    let who = client.name();
    let lines = exchange.set_cookie.iter();
    let lines: Vec<&String> = lines.filter(|line| line.starts_with(&format!("{name}="))).collect();
    let &[line] = lines.as_slice() else { panic!("{name} is set {} times: {exchange:?}", lines.len()) };
    let mut parts = line.split("; ");
    let value = parts.next().and_then(|pair| pair.split_once('=')).unwrap().1;
    let attributes: Vec<(&str, &str)> =
        parts.map(|part| part.split_once('=').unwrap_or((part, ""))).collect();
    let sent = |name: &str| attributes.iter().find(|(sent, _)| *sent == name).map(|(_, value)| *value);

    let stored = client.stored(name).unwrap_or_else(|| panic!("{who}: {name} is not kept"));
    assert_eq!(stored.value, value, "{who}");
    assert_eq!(stored.domain, "shop.example.org", "{who}");
    assert!(
        stored.host_only.is_none_or(|host_only| host_only == sent("Domain").is_none()),
        "{who}: {stored:?}"
    );
    assert_eq!(Some(stored.path.as_str()), sent("Path"), "{who}");
    assert_eq!(stored.secure, sent("Secure").is_some(), "{who}");
    assert!(
        stored.http_only.is_none_or(|http_only| http_only == sent("HttpOnly").is_some()),
        "{who}: {stored:?}"
    );
    if let Some(same_site) = &stored.same_site {
        assert_eq!(Some(same_site.to_lowercase()), sent("SameSite").map(str::to_lowercase), "{who}");
    }
    assert!(
        stored.partitioned.is_none_or(|stored| stored == sent("Partitioned").is_some()),
        "{who}: {stored:?}"
    );
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64();
    let left = stored.expires.unwrap_or_else(|| panic!("{who}: {name} ends with the client")) - now;
    let max_age: f64 = sent("Max-Age").unwrap().parse().unwrap();
    assert!((max_age - 60.0..=max_age + 1.0).contains(&left), "{who}: {name}: {left} of {max_age} seconds");
    stored
}
