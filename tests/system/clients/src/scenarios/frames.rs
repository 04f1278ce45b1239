//! In a frame of another site: what Partitioned keeps apart, and what a browser without third parties does to the rest.

use crate::browser::{Browser, Kind, ThirdParties};
use crate::client::Client;
use crate::shop::Shop;
use crate::variants::Variant;
use harness::observed::observed;

/// Asks the shop from its own frame on a page of another site.
fn in_frame(browser: &Browser, shop: &Shop, site: &str, variant: Variant, action: &str) -> String {
    browser.go(&format!("{}/embed?url={}/static", shop.at(site), shop.at("shop.example.org")));
    browser.in_frame(&format!(
        "return await (await fetch('/{}/{action}', {{ method: 'POST' }})).text();",
        variant.path()
    ))
}

pub fn partitioned_sessions_live_apart(kind: Kind) {
    let shop = Shop::open();
    let mut browser = Browser::with(kind, ThirdParties::Blocked);
    let partitioned = |browser: &Browser, action: &str| {
        in_frame(browser, &shop, "evil.example.com", Variant::Partitioned, action)
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

    // Its own site is another partition, with another session.
    let own = format!("{}/partitioned", shop.at("shop.example.org"));
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

/// What becomes of a session that a login in a frame of another site begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// Nothing is kept, and nothing sent.
    Nothing,
    /// It is the session of the shop's own site.
    Shared,
    /// It lives, and the session of the shop's own site is another one.
    Apart,
    /// The frame sends the session of the shop's own site, and can neither replace nor end it.
    ReadOnly,
}

/// Logs in as ada in the frame, as bob at the shop itself, and out in the frame.
fn outcome(kind: Kind, third_parties: ThirdParties, variant: Variant) -> Outcome {
    let shop = Shop::open();
    let mut browser = Browser::with(kind, third_parties);
    let own = |action: &str| format!("{}/{}/{action}", shop.at("shop.example.org"), variant.path());
    let framed =
        |browser: &Browser, action: &str| in_frame(browser, &shop, "evil.example.com", variant, action);
    framed(&browser, "login");
    let mut seen = vec![framed(&browser, "whoami"), browser.get(&own("whoami"))];
    browser.post(&own("login?user=bob"));
    seen.push(framed(&browser, "whoami"));
    framed(&browser, "logout");
    seen.push(framed(&browser, "whoami"));
    seen.push(browser.get(&own("whoami")));
    let seen: Vec<&str> = seen.iter().map(|who| who.split([',', ':']).next().unwrap()).collect();
    match seen.as_slice() {
        ["nobody", "nobody", "nobody", "nobody", "bob"] => Outcome::Nothing,
        ["ada", "ada", "bob", "nobody", "nobody"] => Outcome::Shared,
        ["ada", "nobody", "ada", "nobody", "bob"] => Outcome::Apart,
        ["nobody", "nobody", "bob", "bob", "bob"] => Outcome::ReadOnly,
        _ => panic!("{}: {variant:?} {third_parties:?}: {seen:?}", browser.name()),
    }
}

pub fn sessions_in_frames_of_another_site(kind: Kind) {
    use Outcome::{Apart, Nothing, ReadOnly, Shared};
    use ThirdParties::{Allowed, Blocked, Default};

    // The outcomes of SameSite=Lax, SameSite=None, and SameSite=None with Partitioned.
    let expected: &[(ThirdParties, [Outcome; 3])] = match kind {
        Kind::Chromium => &[(Allowed, [Nothing, Shared, Apart]), (Blocked, [Nothing, Nothing, Apart])],
        // As it comes, Firefox keeps the cookies of third parties apart as if they were partitioned.
        Kind::Firefox => &[(Default, [Nothing, Apart, Apart]), (Allowed, [Nothing, Shared, Apart])],
        Kind::WebKit => &[(Default, [Nothing, ReadOnly, ReadOnly])],
    };
    let mut line = Browser::start(kind).name();
    for (third_parties, outcomes) in expected {
        let variants = [Variant::Default, Variant::ThirdParty, Variant::Partitioned];
        let seen = variants.map(|variant| outcome(kind, *third_parties, variant));
        assert_eq!(seen, *outcomes, "{kind:?} {third_parties:?}");
        let [lax, none, partitioned] = seen;
        line.push_str(&format!(
            "; third parties {third_parties:?}: Lax {lax:?}, None {none:?}, Partitioned {partitioned:?}"
        ));
    }
    observed(line);
}

/// What a partition holds: a full session beside the other cookies of a frame.
pub fn a_full_partition(kind: Kind) {
    let mut line = Browser::start(kind).name();
    for (count, lives) in [(1, true), (3, false)] {
        let shop = Shop::open();
        let browser = Browser::with(kind, ThirdParties::Blocked);
        let ask = |action: &str| in_frame(&browser, &shop, "evil.example.com", Variant::Partitioned, action);
        ask("login");
        let full = ask("fill");
        let others = (0..count).map(|number| {
            format!("other{number}={}; Path=/; Secure; SameSite=None; Partitioned", "x".repeat(3500))
        });
        let others: Vec<String> = others.collect();
        shop.hand_make(&others.iter().map(String::as_str).collect::<Vec<_>>());
        browser.in_frame("return await (await fetch('/hand-made')).text();");
        let who = ask("whoami");
        assert_eq!(who, if lives { &full } else { "nobody: absent" }, "{kind:?} {count}");
        let outcome = if lives { "stays" } else { "is thrown out" };
        line.push_str(&format!(
            "; in a partition with {count} cookies of 3500 bytes a full session {outcome}"
        ));
    }
    observed(line);
}

/// A frame of the same site is no other site.
pub fn a_subdomain_that_embeds_is_the_same_site(kind: Kind) {
    let shop = Shop::open();
    let browser = Browser::with(kind, ThirdParties::Blocked);
    in_frame(&browser, &shop, "sub.shop.example.org", Variant::Default, "login");
    let who = in_frame(&browser, &shop, "sub.shop.example.org", Variant::Default, "whoami");
    assert_eq!(who, "ada, 0 bytes of text");
    observed(format_args!("{}: __Host-session lives in a frame of the same site", browser.name()));
}
