//! nginx in front: nothing to set but the size of its buffers, and no cache gives one person's session to another.

use std::fmt::Write;

use clients::browser::{Browser, Kind};
use clients::client::Client;
use clients::curl::Curl;
use clients::driver::Driver;
use clients::nginx::Nginx;
use clients::scenarios::life::live;
use clients::shop::Shop;
use clients::variants::Variant;
use harness::observed::observed;

#[test]
fn a_session_lives_behind_it() {
    let shop = Shop::open();
    let nginx = Nginx::start(&shop);
    let bytes = live(&mut Curl::new(&shop), &shop, &nginx.base(), Variant::Default).bytes;
    observed(format_args!(
        "{} ends TLS, proxy_buffer_size 8k: a session lives, {bytes} bytes fit",
        Nginx::version()
    ));
}

/// nginx reads the whole head of a response into one buffer of a page, and a full cookie with its attributes is more.
#[test]
fn small_buffers_refuse_a_full_cookie() {
    let shop = Shop::open();
    let nginx = Nginx::start(&shop);
    let mut client = Curl::new(&shop);
    let base = nginx.small_buffers();
    client.post(&format!("{base}/default/login"));
    assert_eq!(client.get(&format!("{base}/default/whoami")), "ada, 0 bytes of text");
    let full = client.send("POST", &format!("{base}/default/fill"));
    assert_eq!(full.status, 502);
    assert!(nginx.log().contains("upstream sent too big header"), "{}", nginx.log());
    assert_eq!(client.get(&format!("{base}/default/whoami")), "ada, 0 bytes of text", "the old cookie stays");

    client.post(&format!("{base}/default/write?length=2600"));
    assert_eq!(client.get(&format!("{base}/default/whoami")), "ada, 2600 bytes of text");
    observed(format_args!(
        "{} proxy_buffer_size 4k: a full cookie is answered with 502, {} passes",
        Nginx::version(),
        shop.last("/write").saved
    ));
}

/// A full cookie, its last-seen cookie and as many tombstones as there can be; then a second full session beside them.
#[test]
fn a_full_jar_comes_through() {
    let mut line = Nginx::version();
    let shop = Shop::open();
    let clients: [Box<dyn Client>; 3] = [
        Box::new(Driver::requests(&shop)),
        Box::new(Curl::new(&shop)),
        Box::new(Browser::start(Kind::Chromium)),
    ];
    for mut client in clients {
        let nginx = Nginx::start(&shop);
        let url = |path: &str| format!("{}/{path}", nginx.base());
        for _ in 0..10 {
            client.post(&url("default/login"));
            shop.advance(1);
        }
        shop.advance(19);
        client.get(&url("default/whoami"));
        let body = client.post(&url("default/fill"));
        assert_eq!(client.get(&url("default/whoami")), body);
        let whoami = shop.last("/whoami");
        let tombstones = whoami.cookies().iter().filter(|(name, _)| name.contains(".out.")).count();
        assert_eq!(tombstones, 8);
        let bytes: usize = whoami.cookie.iter().map(String::len).sum();
        client.post(&url("third-party/fill"));
        let two = client.send("GET", &url("default/whoami"));
        let sent: usize = shop.last("/whoami").cookie.iter().map(String::len).sum();
        let _ = write!(
            line,
            "; {}: {bytes} bytes with {tombstones} tombstones and the last-seen cookie pass, \
             with a second full session {} ({sent} bytes arrived)",
            client.name(),
            two.status
        );
    }
    observed(line);
}

#[test]
fn the_scheme_comes_from_the_proxy() {
    let shop = Shop::open();
    let nginx = Nginx::start(&shop);
    let mut client = Curl::new(&shop);
    let plain = client.send("POST", &format!("{}/default/login", nginx.plain()));
    assert_eq!((plain.status, shop.last("/login").saved.as_str()), (500, PLAIN_HTTP));
    assert!(client.jar().is_empty());
    assert_eq!(client.get(&format!("{}/default/whoami", nginx.plain())), "nobody: absent");
    assert_eq!(client.post(&format!("{}/default/login", nginx.base())), "ada, 0 bytes of text");
    observed(format_args!(
        "{} X-Forwarded-Proto: http is refused ({}), https is written",
        Nginx::version(),
        plain.body
    ));
}

/// What is sent, and whether it came from the cache: then the shop does not see the request.
struct Cached<'a> {
    shop: &'a Shop,
    base: String,
}

impl Cached<'_> {
    fn ask(&self, client: &mut Curl, path: &str) -> (String, bool) {
        let before = self.shop.exchanges().len();
        let body = client.get(&format!("{}{path}", self.base));
        (body, self.shop.exchanges().len() == before)
    }
}

#[test]
fn its_cache_keeps_people_apart() {
    let shop = Shop::open();
    let nginx = Nginx::start(&shop);
    let (mut ada, mut bob) = (Curl::new(&shop), Curl::new(&shop));
    let cached = Cached { shop: &shop, base: nginx.base() };

    // It does cache.
    assert!(!cached.ask(&mut ada, "/static").1);
    assert!(cached.ask(&mut bob, "/static").1);
    assert_eq!(shop.last("/static").cache_control, "max-age=600");

    // A page of which the session is a part, and one that sets a cookie: by GET, so that it could be cached.
    for place in ["/default", "/hasty/default"] {
        let mut cookies = Vec::new();
        for name in ["ada", "bob"] {
            let mut person = Curl::new(&shop);
            let mut ask = |action: &str| {
                let (body, was_cached) = cached.ask(&mut person, &format!("{place}/{action}"));
                assert!(!was_cached, "{name}: {action}");
                body
            };
            assert_eq!(ask("whoami"), "nobody: absent");
            assert_eq!(shop.last("/whoami").cache_control, "private");
            assert_eq!(ask("login"), "ada, 0 bytes of text"); // the same address for both
            assert_eq!(shop.last("/login").cache_control, "private, no-store");
            assert_eq!(ask(&format!("login?user={name}")), format!("{name}, 0 bytes of text"));
            assert_eq!(ask("whoami"), format!("{name}, 0 bytes of text"));
            assert_eq!(ask("whoami"), format!("{name}, 0 bytes of text"));
            cookies.push(person.stored("__Host-session").unwrap().value);
        }
        assert_ne!(cookies[0], cookies[1]);
    }
    observed(format_args!(
        "{} proxy_cache: a page without a session is shared; pages and cookies of two people never, also with \
         proxy_ignore_headers Set-Cookie",
        Nginx::version()
    ));
}

/// Where nginx is told to ignore Cache-Control, `Vary: Cookie` still keeps apart whoever has a cookie, and nothing
/// keeps apart strangers who log in by the same GET.
#[test]
fn a_cache_told_to_ignore_what_the_library_says() {
    let shop = Shop::open();
    let nginx = Nginx::start(&shop);
    let (mut ada, mut bob) = (Curl::new(&shop), Curl::new(&shop));
    let cached = Cached { shop: &shop, base: nginx.base() };
    ada.post(&format!("{}/default/login?user=ada", nginx.base()));
    bob.post(&format!("{}/default/login?user=bob", nginx.base()));
    for (person, name) in [(&mut ada, "ada"), (&mut bob, "bob")] {
        assert!(cached.ask(person, "/reckless/default/whoami").0.starts_with(name));
    }
    let (mut carol, mut dave) = (Curl::new(&shop), Curl::new(&shop));
    cached.ask(&mut carol, "/reckless/default/login?user=carol");
    cached.ask(&mut dave, "/reckless/default/login?user=carol");
    let [carols, daves] =
        [carol, dave].map(|mut person| person.stored("__Host-session").map(|stored| stored.value));
    observed(format_args!(
        "{} proxy_ignore_headers Set-Cookie Cache-Control: pages stay apart by Vary; two strangers who log in \
         by GET {}",
        Nginx::version(),
        if carols == daves { "share a session" } else { "do not share a session" }
    ));
}

/// A renewal that is due waits where the application said that a page is for everybody.
#[test]
fn a_public_page_is_cached_without_a_cookie() {
    let shop = Shop::open();
    let nginx = Nginx::start(&shop);
    let (mut ada, mut bob) = (Curl::new(&shop), Curl::new(&shop));
    let cached = Cached { shop: &shop, base: nginx.base() };
    ada.post(&format!("{}/default/login", nginx.base()));
    shop.advance(20);
    assert!(!cached.ask(&mut ada, "/default/public").1);
    let public = shop.last("/public");
    assert!(public.set_cookie.is_empty(), "{public:?}");
    assert_eq!(public.cache_control, "public, max-age=600");
    let again = cached.ask(&mut ada, "/default/public");
    let (body, was_cached) = cached.ask(&mut bob, "/default/public");
    assert_eq!((body.as_str(), was_cached), ("nobody: absent", false), "Vary: Cookie keeps them apart");
    assert!(bob.jar().is_empty());
    assert_eq!(shop.last("/public").cookie.len(), 0);
    cached.ask(&mut ada, "/default/whoami");
    assert_eq!(shop.last("/whoami").saved, "Renewed", "the next page that is not public renews");
    observed(format_args!(
        "{} public page: no cookie in it, the same person gets it from the cache: {}, another one does not",
        Nginx::version(),
        again.1
    ));
}

/// How `save` answers where the proxy says plain http.
const PLAIN_HTTP: &str = "a Secure cookie would go out over plain http, where browsers drop it: serve https, or build the \
     sessions with insecure_for_localhost() while developing (plain_http)";
