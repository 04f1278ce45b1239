//! Every rule that settings share, and what each setting does to the cookie.

#![allow(
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may panic"
)]

mod util;

use std::time::Duration;

use http::HeaderMap;
use sealed_session::{Builder, ConfigError, Padding, Priority, SameSite, Sessions, testing};
use util::{DAY, Visitor, respond, set_cookie};

fn build(settings: impl FnOnce(Builder<Visitor>) -> Builder<Visitor>) -> Result<String, ConfigError> {
    let sessions = settings(Sessions::builder(testing::key_ring())).build()?;
    let (_, response) = respond(&sessions, &HeaderMap::new(), |session| session.user = Some(1));
    let line = set_cookie(&response);
    let (pair, attributes) = line.split_once("; ").unwrap();
    Ok(format!("{}; {attributes}", pair.split_once('=').unwrap().0))
}

#[track_caller]
fn refused(expected: ConfigError, settings: impl FnOnce(Builder<Visitor>) -> Builder<Visitor>) {
    assert_eq!(build(settings), Err(expected));
}

#[track_caller]
fn gives(expected: &str, settings: impl FnOnce(Builder<Visitor>) -> Builder<Visitor>) {
    assert_eq!(build(settings).as_deref(), Ok(expected));
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn the_defaults_are_the_safe_ones() {
    gives("__Host-session; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=604800", |b| b);
}

#[test]
fn every_attribute_is_written_as_it_was_set() {
    gives(
        "a; Path=/x; Domain=shop.example; Secure; SameSite=None; Partitioned; Priority=High; Max-Age=60",
        |b| {
            b.name("a")
                .path("/x")
                .domain("shop.example")
                .same_site(SameSite::None)
                .http_only(false)
                .partitioned(true)
                .priority(Priority::High)
                .idle_timeout(seconds(60))
                .absolute_timeout(seconds(60))
        },
    );
    gives("__Host-Http-a; Path=/; Secure; HttpOnly; SameSite=Strict; Priority=Low", |b| {
        b.name("__Host-Http-a").same_site(SameSite::Strict).priority(Priority::Low).browser_session()
    });
}

#[test]
fn plain_http_for_development_takes_secure_and_the_prefix_away() {
    gives("session; Path=/; HttpOnly; SameSite=Lax; Max-Age=604800", Builder::insecure_for_localhost);
    for prefix in ["__Host-", "__Secure-", "__Http-", "__Host-Http-"] {
        gives("a; Path=/; HttpOnly; SameSite=Lax; Max-Age=604800", |b| {
            b.name(format!("{prefix}a")).insecure_for_localhost()
        });
    }
}

#[test]
fn names_are_tokens() {
    for name in
        ["", "a b", "a;b", "a=b", "a,b", "a\"b", "\u{e4}", "a\tb", "a\r\nSet-Cookie: b", "a\0", "(a)", "a/b"]
    {
        refused(ConfigError::Name, |b| b.name(name));
    }
    refused(ConfigError::Name, |b| b.name("x".repeat(129)));
    assert!(build(|b| b.name("x".repeat(128))).is_ok());
    assert!(build(|b| b.name("!#$%&'*+-.^_`|~09azAZ")).is_ok());
    for name in ["a.seen", "__Host-session.seen", "a.out.0011223344556677", ".out."] {
        refused(ConfigError::NameReserved, |b| b.name(name));
    }
    for prefix in ["__Host-", "__Host-Http-"] {
        refused(ConfigError::Name, |b| b.name(prefix).insecure_for_localhost());
    }
}

#[test]
fn prefixes_are_held_to_their_rules_in_any_letter_case() {
    for name in ["__Host-a", "__host-a", "__HOST-a", "__Host-Http-a"] {
        refused(ConfigError::Prefix("its prefix asks for the path /"), |b| b.name(name).path("/x"));
        refused(ConfigError::Prefix("its prefix allows no domain"), |b| b.name(name).domain("shop.example"));
    }
    for name in ["__Http-a", "__http-a", "__Host-Http-a", "__hOST-hTTP-a"] {
        refused(ConfigError::Prefix("its prefix asks for http_only"), |b| b.name(name).http_only(false));
    }
    for name in ["__host-a", "__SECURE-a", "__http-a"] {
        refused(ConfigError::Prefix("its prefix asks for Secure"), |b| b.name(name).insecure_for_localhost());
    }
    assert!(build(|b| b.name("__Secure-a").path("/x").domain("shop.example").http_only(false)).is_ok());
    assert!(build(|b| b.name("_Host-a").path("/x")).is_ok(), "not a prefix");
}

#[test]
fn what_needs_secure_is_refused_without_it() {
    refused(ConfigError::SameSiteNone, |b| b.insecure_for_localhost().same_site(SameSite::None));
    refused(ConfigError::Partitioned, |b| b.insecure_for_localhost().partitioned(true));
}

#[test]
fn paths_and_domains_cannot_smuggle_attributes() {
    for path in [
        "",
        "x",
        " /",
        "/x ",
        "/ x",
        "/\t",
        "/;Domain=evil",
        "/\r\n",
        "/\0",
        "/\u{e4}",
        "/\x7f",
        &format!("/{}", "x".repeat(1024)),
    ] {
        refused(ConfigError::Path, |b| b.name("a").path(path));
    }
    for domain in [
        "",
        ".shop.example",
        "shop.example.",
        "a;b",
        "a b",
        "a\n",
        "\u{e4}.example",
        "a/b",
        "*.example",
        &"x".repeat(254),
    ] {
        refused(ConfigError::Domain, |b| b.name("a").domain(domain));
    }
}

#[test]
fn timeouts_are_checked_against_each_other() {
    let (zero, second) = (Duration::ZERO, Duration::from_secs(1));
    refused(ConfigError::IdleZero, |b| b.idle_timeout(zero));
    refused(ConfigError::IdleZero, |b| b.idle_timeout(Duration::from_millis(999)));
    refused(ConfigError::AbsoluteZero, |b| b.no_idle_timeout().absolute_timeout(zero));
    refused(ConfigError::IdleBeyondAbsolute, |b| b.idle_timeout(second * 2).absolute_timeout(second));
    refused(ConfigError::IdleBeyondAbsolute, |b| b.idle_timeout(Duration::MAX));
    refused(ConfigError::Beyond400Days, |b| b.absolute_timeout(seconds(400 * DAY + 1)));
    refused(ConfigError::Beyond400Days, |b| b.absolute_timeout(Duration::MAX));
    refused(ConfigError::Beyond400Days, |b| b.max_lifetime(Duration::from_secs(u64::MAX)));
    refused(ConfigError::RenewalInterval, |b| b.renewal_interval(zero));
    refused(ConfigError::RenewalInterval, |b| b.renewal_interval(seconds(DAY)));
    assert!(build(|b| b.renewal_interval(seconds(DAY - 1))).is_ok());
    refused(ConfigError::MaxTombstones, |b| b.max_tombstones(0));
    refused(ConfigError::MaxLifetimeBelowAbsolute, |b| b.max_lifetime(seconds(7 * DAY - 1)));
    assert!(build(|b| b.absolute_timeout(second)).is_ok(), "the default idle timeout gives way");
    assert!(build(|b| b.idle_timeout(second).absolute_timeout(second)).is_ok());
    assert!(build(|b| b.absolute_timeout(seconds(400 * DAY))).is_ok());
}

#[test]
fn padding_has_limits() {
    for block in [0, 1, 1025, usize::MAX] {
        refused(ConfigError::Padding, |b| b.padding(Padding::Block(block)));
    }
    assert!(build(|b| b.padding(Padding::Block(2))).is_ok());
    assert!(build(|b| b.padding(Padding::Block(1024))).is_ok());
}

#[test]
fn purposes_have_a_limit() {
    refused(ConfigError::Purpose, |b| b.purpose("x".repeat(256)));
    refused(ConfigError::Purpose, |b| b.purpose("a\0b"));
    assert!(build(|b| b.purpose("x".repeat(255))).is_ok());
}

#[test]
fn sessions_are_shared_between_threads() {
    fn is_shared<T: Clone + Send + Sync + 'static>() {}
    is_shared::<Sessions<Visitor>>();
    fn is_sent<T: Send + Sync>() {}
    is_sent::<sealed_session::Session<Visitor>>();
}
