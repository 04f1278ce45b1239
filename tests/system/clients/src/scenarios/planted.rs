//! A sibling host sets cookies for the whole domain: what `__Host-` prevents where a browser enforces it, and which
//! lines remove a planted cookie.

use axum::http::{HeaderMap, header};
use harness::observed::observed;
use sealed_session::{CookieConfig, Sessions, testing};

use crate::browser::{Browser, Kind};
use crate::client::Client;
use crate::shop::Shop;

/// Sets these lines at a host, and goes to the shop: the names and values that it then sends.
fn sent_after(browser: &mut Browser, shop: &Shop, host: &str, lines: &[&str]) -> Vec<(String, String)> {
    shop.hand_make(lines);
    browser.get(&format!("{}/hand-made", shop.at(host)));
    browser.get(&format!("{}/default/whoami", shop.at("shop.example.org")));
    shop.last("/whoami").cookies()
}

/// Under a name without `__Host-`, every browser takes it.
pub fn a_sibling_plants_a_cookie(kind: Kind) {
    let shop = Shop::open();
    let mut browser = Browser::start(kind);
    let url = |action: &str| format!("{}/secure/{action}", shop.at("shop.example.org"));
    browser.post(&url("login"));
    // A longer path goes first, so it is sent before the real one.
    let junk = "__Secure-session=junk; Path=/secure; Secure; Domain=shop.example.org";
    sent_after(&mut browser, &shop, "sub.shop.example.org", &[junk]);
    assert_eq!(browser.get(&url("whoami")), "ada, 0 bytes of text", "junk does not hurt");
    let copies = shop.last("/whoami").cookies().into_iter().filter(|(name, _)| name == "__Secure-session");
    assert_eq!(copies.map(|(_, value)| value == "junk").collect::<Vec<_>>(), [true, false]);

    // A valid cookie of the attacker's own account, younger than the victim's.
    shop.advance(1);
    let mut attacker = Browser::start(kind);
    attacker.post(&url("login?user=mallory"));
    let own = attacker.stored("__Secure-session").unwrap().value;
    let planted = format!("__Secure-session={own}; Path=/secure; Secure; Domain=shop.example.org");
    sent_after(&mut browser, &shop, "sub.shop.example.org", &[&planted]);
    assert_eq!(browser.get(&url("whoami")), "mallory, 0 bytes of text");
    observed(format_args!(
        "{}: a sibling plants __Secure-session: junk is passed over, a younger valid one of its own account wins",
        browser.name()
    ));
}

/// Under `__Host-`, only a browser that enforces the prefix refuses it.
pub fn a_sibling_plants_a_host_cookie(kind: Kind) {
    let shop = Shop::open();
    let [mut browser, mut attacker] = [Browser::start(kind), Browser::start(kind)];
    let url = |action: &str| format!("{}/default/{action}", shop.at("shop.example.org"));
    browser.post(&url("login"));
    let value = |browser: &mut Browser| browser.stored("__Host-session").unwrap().value;
    let ours = value(&mut browser);
    shop.advance(1);
    attacker.post(&url("login?user=mallory"));
    let theirs = value(&mut attacker);
    let lines = ["shop.example.org", "example.org"].map(|domain| {
        let attributes = format!("Path=/; Secure; Domain={domain}");
        [
            format!("__Host-session={theirs}; {attributes}"),
            format!("__Host-session.seen=junk; {attributes}"),
            format!("__Host-session.out.0123456789abcdef=1; {attributes}"),
            format!("=__Host-session={theirs}; {attributes}"),
        ]
    });
    let lines: Vec<&str> = lines.as_flattened().iter().map(String::as_str).collect();
    let sent = sent_after(&mut browser, &shop, "sub.shop.example.org", &lines);
    let who = browser.get(&url("whoami"));
    if kind.habits().enforces_prefixes {
        assert_eq!(sent, [("__Host-session".into(), ours)]);
        assert_eq!(who, "ada, 0 bytes of text");
        observed(format_args!(
            "{}: a sibling cannot plant __Host-session, its last-seen cookie or tombstones",
            browser.name()
        ));
        return;
    }
    assert_eq!(sent.len(), 1 + lines.len(), "{sent:?}");
    assert_eq!(who, "mallory, 0 bytes of text", "the younger session wins");

    // The removal cannot reach the planted ones. The tombstone ends them.
    browser.post(&url("logout"));
    assert_eq!(browser.get(&url("whoami")), "nobody: ended");
    assert_eq!(shop.last("/whoami").cookies().iter().filter(|(_, value)| *value == theirs).count(), 4);
    // A login afterwards wins against what is still there.
    browser.post(&url("login?user=bob"));
    assert_eq!(browser.get(&url("whoami")), "bob, 0 bytes of text");
    observed(format_args!(
        "{}: a sibling plants __Host-session and what belongs to it; the younger session wins; a logout ends it, \
         and leaves the planted cookies in the jar; a login after that wins",
        browser.name()
    ));
}

/// Leftovers of today's name with the parent domains reach what a sibling has planted, also under `__Host-`.
pub fn leftovers_reach_a_planted_host_cookie(kind: Kind) {
    let shop = Shop::open();
    let mut browser = Browser::start(kind);
    let url = |action: &str| format!("{}/default/{action}", shop.at("shop.example.org"));
    let planted = DOMAINS.map(|domain| CookieConfig::new("__Host-session").domain(domain));
    let sessions: Sessions<u64> =
        Sessions::builder(testing::key_ring()).remove_leftovers(planted).build().unwrap();
    let mut session = sessions.load(&testing::request(&sessions, |session| **session = 7));
    *session = 8;
    let mut response = HeaderMap::new();
    sessions.save(session, &mut response).unwrap();
    let lines = response.get_all(header::SET_COOKIE).iter().map(|line| line.to_str().unwrap());
    let removals: Vec<&str> = lines.filter(|line| line.contains("Domain=")).collect();
    assert_eq!(removals.len(), 4, "{removals:?}");

    browser.post(&url("login"));
    let planted = DOMAINS.map(|domain| {
        ["", ".seen"].map(|suffix| format!("__Host-session{suffix}=planted; Path=/; Secure; Domain={domain}"))
    });
    let planted: Vec<&str> = planted.as_flattened().iter().map(String::as_str).collect();
    let count = sent_after(&mut browser, &shop, "sub.shop.example.org", &planted).len();
    assert_eq!(count, if kind.habits().enforces_prefixes { 1 } else { 5 });
    let left = sent_after(&mut browser, &shop, "shop.example.org", &removals);
    assert_eq!(left.len(), 1, "{left:?}");
    assert_eq!(browser.get(&url("whoami")), "ada, 0 bytes of text");
    observed(format_args!(
        "{}: of {count} cookies, leftovers with the parent domains leave the host's own session alone",
        browser.name()
    ));
}

const DOMAINS: [&str; 2] = ["shop.example.org", "example.org"];

/// A removal reaches only a cookie with its own domain and path. Under `__Host-`, one with a domain is refused where
/// the prefix is enforced, and does no harm there.
pub fn a_removal_with_a_domain(kind: Kind) {
    let shop = Shop::open();
    let mut browser = Browser::start(kind);
    let mut sent = |host: &str, lines: &[String]| {
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let sent = sent_after(&mut browser, &shop, host, &lines);
        sent.into_iter().map(|(_, value)| value).collect::<Vec<String>>()
    };
    let (own, sibling) = ("shop.example.org", "sub.shop.example.org");
    let rest = "Secure; HttpOnly; SameSite=Lax";
    let domains = ["; Domain=shop.example.org", "; Domain=example.org"];
    for name in ["session", "__Secure-session", "__Host-session"] {
        let removal = |domain: &str, path: &str| format!("{name}=; Path={path}{domain}; {rest}; Max-Age=0");
        let can_be_planted = name != "__Host-session" || !kind.habits().enforces_prefixes;
        let planted = if can_be_planted { vec!["wide", "wider"] } else { vec![] };

        let own_and_planted = [&["own"], planted.as_slice()].concat();
        sent(own, &[format!("{name}=own; Path=/; {rest}")]);
        let wide = ["wide", "wider"].iter().zip(domains);
        let wide: Vec<String> =
            wide.map(|(value, domain)| format!("{name}={value}; Path=/{domain}; {rest}")).collect();
        let mut all = sent(sibling, &wide);
        all.sort();
        assert_eq!(all, own_and_planted, "{kind:?} {name}");
        // With both domains: all that was planted goes, and what the host itself has set stays.
        let left = sent(own, &domains.map(|domain| removal(domain, "/")));
        assert_eq!(left, ["own"], "{kind:?} {name}");
        // Without a domain: the other way round.
        sent(sibling, &wide);
        let mut left = sent(own, &[removal("", "/")]);
        left.sort();
        assert_eq!(left, planted, "{kind:?} {name}");
        sent(own, &domains.map(|domain| removal(domain, "/")));
        // Another path.
        let deep = [format!("{name}=deep; Path=/default{}; {rest}", domains[0])];
        let deep_planted = if can_be_planted { vec!["deep"] } else { vec![] };
        assert_eq!(sent(sibling, &deep), deep_planted, "{kind:?} {name}");
        assert_eq!(sent(own, &[removal(domains[0], "/")]), deep_planted, "{kind:?} {name}");
        assert!(sent(own, &[removal(domains[0], "/default")]).is_empty(), "{kind:?} {name}");
    }
    observed(format_args!(
        "{}: a removal with Domain reaches what a sibling has planted for that domain and path, and never the \
         host's own cookie; one without Domain the other way round",
        browser.name()
    ));
}
