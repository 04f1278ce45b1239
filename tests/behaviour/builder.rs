//! Every rule that settings share, and what each setting does to the cookie.

use std::time::{Duration, UNIX_EPOCH};

use crate::util::{DAY, Visitor, respond, set_cookie};
use http::HeaderMap;
use sealed_session::web::Priority;
use sealed_session::{Builder, ConfigError, CookieConfig, Lifetimes, SameSite, Sessions, testing};

fn build(settings: impl FnOnce(Builder<Visitor>) -> Builder<Visitor>) -> Result<String, ConfigError> {
    let sessions = settings(Sessions::builder(testing::key_ring())).build()?;
    let (_, response) = respond(&sessions, &HeaderMap::new(), |session| session.user = Some(1));
    let line = set_cookie(&response);
    let (pair, attributes) = line.split_once("; ").unwrap();
    Ok(format!("{}; {attributes}", pair.split_once('=').unwrap().0))
}

#[track_caller]
fn refused(expected: &str, settings: impl FnOnce(Builder<Visitor>) -> Builder<Visitor>) {
    assert_eq!(build(settings).map_err(|error| error.as_str()), Err(expected));
}

#[track_caller]
fn refused_for(what: &str, settings: impl FnOnce(Builder<Visitor>) -> Builder<Visitor>) {
    let error = build(settings).unwrap_err();
    assert_eq!(error.as_str(), "prefix");
    assert!(error.to_string().starts_with(&format!("name: {what}: ")), "{error}");
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
            let cookie = CookieConfig::new("a").path("/x").domain("shop.example").same_site(SameSite::None);
            b.cookie(cookie.http_only(false).partitioned(true).priority(Priority::High))
                .idle_timeout(seconds(60))
                .absolute_timeout(seconds(60))
        },
    );
    gives("__Host-Http-a; Path=/; Secure; HttpOnly; SameSite=Strict; Priority=Low", |b| {
        let cookie = CookieConfig::new("__Host-Http-a").same_site(SameSite::Strict);
        b.cookie(cookie.priority(Priority::Low).persistent(false))
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
        refused("name", |b| b.name(name));
    }
    refused("name", |b| b.name("x".repeat(129)));
    assert!(build(|b| b.name("x".repeat(128))).is_ok());
    assert!(build(|b| b.name("!#$%&'*+-.^_`|~09azAZ")).is_ok());
    for name in ["a.seen", "__Host-session.seen", "a.out.0011223344556677", ".out."] {
        refused("name_reserved", |b| b.name(name));
    }
    for prefix in ["__Host-", "__Host-Http-"] {
        refused("name", |b| b.name(prefix).insecure_for_localhost());
    }
}

#[test]
fn prefixes_are_held_to_their_rules_in_any_letter_case() {
    for name in ["__Host-a", "__host-a", "__HOST-a", "__Host-Http-a"] {
        refused_for("its prefix asks for the path /", |b| b.cookie(CookieConfig::new(name).path("/x")));
        refused_for("its prefix allows no domain", |b| {
            b.cookie(CookieConfig::new(name).domain("shop.example"))
        });
    }
    for name in ["__Http-a", "__http-a", "__Host-Http-a", "__hOST-hTTP-a"] {
        refused_for("its prefix asks for http_only", |b| b.cookie(CookieConfig::new(name).http_only(false)));
    }
    for name in ["__host-a", "__SECURE-a", "__http-a"] {
        refused_for("its prefix asks for Secure", |b| b.name(name).insecure_for_localhost());
    }
    assert!(
        build(|b| {
            let cookie = CookieConfig::new("__Secure-a").path("/x").domain("shop.example");
            b.cookie(cookie.http_only(false))
        })
        .is_ok()
    );
    assert!(build(|b| b.cookie(CookieConfig::new("_Host-a").path("/x"))).is_ok(), "not a prefix");
}

#[test]
fn what_needs_secure_is_refused_without_it() {
    refused("same_site_none", |b| {
        b.insecure_for_localhost().cookie(CookieConfig::default().same_site(SameSite::None))
    });
    refused("partitioned_same_site", |b| b.cookie(CookieConfig::default().partitioned(true)));
    let lax = CookieConfig::new("before").partitioned(true);
    assert!(build(|b| b.remove_leftovers([lax.clone()])).is_ok(), "an earlier version let it pass");
    refused("partitioned", |b| b.insecure_for_localhost().cookie(CookieConfig::default().partitioned(true)));
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
        refused("path", |b| b.cookie(CookieConfig::new("a").path(path)));
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
        refused("domain", |b| b.cookie(CookieConfig::new("a").domain(domain)));
    }
}

#[test]
fn a_moment_that_cannot_be_meant_is_refused() {
    let not_before = |since_1970| {
        let lifetimes = Lifetimes::default().not_before(UNIX_EPOCH + since_1970);
        let clock = testing::Clock::at(1_800_000_000);
        let built =
            Sessions::<u64>::builder(testing::key_ring()).clock(clock.reader()).lifetimes(lifetimes).build();
        built.map(|_| ()).map_err(|error| (error.setting(), error.as_str()))
    };
    let refused = Err(("not_before", "not_before"));
    for (moment, expected) in [
        (seconds(1_800_000_000), Ok(())),
        (seconds(1_800_000_060), Ok(())), // as far as clocks of a fleet may differ
        (seconds(1_800_000_061), refused),
        (seconds(1_700_000_000_000), refused), // milliseconds taken for seconds
        (Duration::from_millis(1_700_000_000), refused), // and seconds taken for milliseconds
        (seconds(978_307_199), refused),
        (seconds(978_307_200), Ok(())),
        (Duration::ZERO, refused),
    ] {
        assert_eq!(not_before(moment), expected, "{moment:?}");
    }
}

#[test]
fn timeouts_are_checked_against_each_other() {
    let (zero, second) = (Duration::ZERO, Duration::from_secs(1));
    refused("idle_zero", |b| b.idle_timeout(zero));
    refused("idle_zero", |b| b.idle_timeout(Duration::from_millis(999)));
    refused("absolute_zero", |b| b.idle_timeout(None).absolute_timeout(zero));
    refused("idle_beyond_absolute", |b| b.idle_timeout(second * 2).absolute_timeout(second));
    refused("idle_beyond_absolute", |b| b.idle_timeout(Duration::MAX));
    refused("beyond_400_days", |b| b.absolute_timeout(seconds(400 * DAY + 1)));
    refused("beyond_400_days", |b| b.absolute_timeout(Duration::MAX));
    refused("beyond_400_days", |b| {
        b.lifetimes(Lifetimes::default().max_lifetime(Duration::from_secs(u64::MAX)))
    });
    refused("renewal_interval", |b| b.lifetimes(Lifetimes::default().renewal_interval(zero)));
    refused("renewal_interval", |b| b.lifetimes(Lifetimes::default().renewal_interval(seconds(DAY))));
    assert!(build(|b| b.lifetimes(Lifetimes::default().renewal_interval(seconds(DAY - 1)))).is_ok());
    refused("max_lifetime_below_absolute", |b| {
        b.lifetimes(Lifetimes::default().max_lifetime(seconds(7 * DAY - 1)))
    });
    assert!(build(|b| b.absolute_timeout(second)).is_ok(), "the default idle timeout gives way");
    assert!(build(|b| b.idle_timeout(second).absolute_timeout(second)).is_ok());
    assert!(build(|b| b.absolute_timeout(seconds(400 * DAY))).is_ok());
}

#[test]
fn purposes_have_a_limit() {
    refused("purpose", |b| b.purpose("x".repeat(256)));
    assert!(build(|b| b.purpose("x".repeat(255))).is_ok());
}

#[test]
fn sessions_are_shared_between_threads() {
    fn is_shared<T: Clone + Send + Sync + 'static>() {}
    is_shared::<Sessions<Visitor>>();
    fn is_sent<T: Send + Sync>() {}
    is_sent::<sealed_session::Session<Visitor>>();
}
