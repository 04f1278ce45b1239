//! Tenants, and the places where a cookie was before.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may panic"
)]

mod util;

use std::panic::AssertUnwindSafe;

use http::HeaderMap;
use sealed_session::{
    Builder, ConfigError, KeyRing, RequestInfo, SaveError, Saved, Session, Sessions, Tenant, testing,
};
use util::{Visitor, respond, sessions_with, set_cookies, value, with_cookie};

fn tenants() -> Sessions<Visitor> {
    let by_host = |host: &str| Tenant::new().name("__Secure-session").domain(host);
    sessions_with(|builder| {
        builder
            .purpose("shop")
            .tenant("acme", by_host("acme.example"))
            .tenant("globex", by_host("globex.example"))
            .tenant("path", Tenant::new().name("app").path("/shop/7"))
            .tenant("embedded", Tenant::new().partitioned(true))
    })
    .0
}

/// The response of a login at a place.
fn log_in(sessions: &Sessions<Visitor>, place: RequestInfo<'_>) -> HeaderMap {
    let mut session = sessions.load_with(&HeaderMap::new(), place);
    session.user = Some(7);
    session.mark_authenticated();
    let mut response = HeaderMap::new();
    sessions.save(session, &mut response).unwrap();
    response
}

fn user_at(sessions: &Sessions<Visitor>, place: RequestInfo<'_>, request: &HeaderMap) -> Option<u64> {
    sessions.load_with(request, place).into_data().user
}

#[test]
fn each_tenant_has_attributes_of_its_own() {
    let sessions = tenants();
    let line = |place| {
        let line = set_cookies(&log_in(&sessions, place))[0].clone();
        let (name, rest) = line.split_once('=').unwrap();
        format!("{name};{}", rest.split_once(';').unwrap().1)
    };
    let at = |tenant| line(RequestInfo::new().tenant(tenant));
    let tail = "Secure; HttpOnly; SameSite=Lax; Max-Age=604800";
    assert_eq!(line(RequestInfo::new()), format!("__Host-session; Path=/; {tail}"));
    assert_eq!(at("acme"), format!("__Secure-session; Path=/; Domain=acme.example; {tail}"));
    assert_eq!(at("path"), format!("app; Path=/shop/7; {tail}"));
    assert!(at("embedded").contains("; Partitioned"));
}

#[test]
fn no_tenants_cookie_opens_at_another() {
    let sessions = tenants();
    let names = ["acme", "globex", "path", "embedded"];
    let cookie_names = ["__Secure-session", "__Secure-session", "app", "__Host-session"];
    for (tenant, _) in names.iter().zip(cookie_names) {
        let response = log_in(&sessions, RequestInfo::new().tenant(tenant));
        let token = value(&testing::next_request(&response));
        for (other, name) in names.iter().zip(cookie_names) {
            let request = with_cookie(format!("{name}={token}"));
            let expected = (tenant == other).then_some(7);
            assert_eq!(
                user_at(&sessions, RequestInfo::new().tenant(other), &request),
                expected,
                "{tenant} at {other}"
            );
        }
    }
}

#[test]
fn a_tenant_that_was_not_declared_has_no_session() {
    let sessions = tenants();
    let request = testing::next_request(&log_in(&sessions, RequestInfo::new()));
    assert_eq!(user_at(&sessions, RequestInfo::new(), &request), Some(7));
    let nobody = RequestInfo::new().tenant("newcorp");
    assert_eq!(user_at(&sessions, nobody, &request), None, "not even the one of no tenant");
    let saved = |handler: fn(&mut Session<Visitor>)| {
        let mut session = sessions.load_with(&request, nobody);
        handler(&mut session);
        let mut response = HeaderMap::new();
        let saved = sessions.save(session, &mut response);
        assert!(response.is_empty());
        saved
    };
    assert_eq!(saved(|session| assert_eq!(session.user, None)), Ok(Saved::Unchanged));
    assert_eq!(saved(|session| session.user = Some(1)), Err(SaveError::UnknownTenant));
    assert_eq!(saved(Session::destroy), Err(SaveError::UnknownTenant));
}

#[test]
fn save_knows_the_tenant_and_so_does_another_ring() {
    let sessions = tenants();
    let place = RequestInfo::new().tenant("globex");
    let request = testing::next_request(&log_in(&sessions, place));
    let rotated = KeyRing::new(testing::key(8)).accept(testing::key(7)).unwrap();
    let rotated = sessions.with_key_ring(rotated);
    let mut session = rotated.load_with(&request, place);
    assert_eq!(session.user, Some(7));
    session.name = "x".into();
    let mut response = HeaderMap::new();
    assert!(matches!(sessions.save(session, &mut response), Ok(Saved::Written { .. })));
    assert!(set_cookies(&response)[0].contains("Domain=globex.example"));
    // Sessions of other builds are not these.
    let mut session = tenants().load_with(&request, place);
    session.name = "x".into();
    assert_eq!(sessions.save(session, &mut HeaderMap::new()), Err(SaveError::OtherSessions));
}

#[test]
fn tenants_must_differ_and_follow_the_rules() {
    let build = |settings: fn(Builder<Visitor>) -> Builder<Visitor>| {
        settings(Sessions::builder(testing::key_ring())).build().map(|_| ())
    };
    let twice = build(|b| b.tenant("a", Tenant::new()).tenant("a", Tenant::new().purpose("x")));
    assert_eq!(twice, Err(ConfigError::TenantTwice));
    let same = build(|b| b.tenant("a", Tenant::new().purpose("x")).tenant("b", Tenant::new().purpose("x")));
    assert_eq!(same, Err(ConfigError::TenantTwice));
    assert_eq!(
        build(|b| b.tenant("a", Tenant::new().purpose(""))),
        Err(ConfigError::TenantTwice),
        "the base's"
    );
    assert_eq!(build(|b| b.tenant("a\0b", Tenant::new())), Err(ConfigError::Purpose), "NUL separates");
    assert_eq!(build(|b| b.tenant("a", Tenant::new().purpose("a\0b"))), Err(ConfigError::Purpose));
    assert_eq!(build(|b| b.tenant("a", Tenant::new().name("a b"))), Err(ConfigError::Name));
    assert_eq!(build(|b| b.tenant("a", Tenant::new().name("a").path("x"))), Err(ConfigError::Path));
    let prefix = build(|b| b.tenant("a", Tenant::new().domain("shop.example")));
    assert_eq!(prefix, Err(ConfigError::Prefix("its prefix allows no domain")));
    assert_eq!(build(|b| b.tenant("x".repeat(300), Tenant::new())), Err(ConfigError::Purpose));
}

#[test]
fn what_stands_in_a_former_place_is_removed_with_the_next_write() {
    let (sessions, _) = sessions_with::<Visitor>(|builder| {
        builder.name("sid").formerly("sid", "/app", None).formerly("old", "/", Some("shop.example"))
    });
    let tail = "Secure; HttpOnly; SameSite=Lax; Max-Age=0";
    let at_app = [format!("sid=; Path=/app; {tail}"), format!("sid.seen=; Path=/app; {tail}")];
    let at_old = ["old", "old.seen"].map(|name| format!("{name}=; Path=/; Domain=shop.example; {tail}"));
    let removals = |line: &str, handler: fn(&mut Session<Visitor>)| {
        let mut session = sessions.load(&with_cookie(line));
        handler(&mut session);
        let mut response = HeaderMap::new();
        sessions.save(session, &mut response).unwrap();
        let mut lines = set_cookies(&response);
        lines.retain(|line| line.ends_with("Max-Age=0"));
        lines
    };
    let write: fn(&mut Session<Visitor>) = |session| session.user = Some(1);
    assert!(removals("other=1", write).is_empty(), "nothing was carried");
    assert_eq!(removals("sid=leftover", write), at_app);
    assert_eq!(removals("old=leftover", write), at_old);
    assert_eq!(removals("old=1; sid=2", write), [&at_app[..], &at_old].concat());
    assert!(
        removals("old=1; sid=2", |session| assert_eq!(session.user, None)).is_empty(),
        "reading removes none"
    );
    let logout = removals("old=1; sid=2", Session::destroy);
    assert_eq!(logout.len(), 5, "{logout:?}");
    assert_eq!(removals("old=1", Session::destroy), at_old);
}

#[test]
fn former_places_follow_the_rules() {
    let build = |settings: fn(Builder<Visitor>) -> Builder<Visitor>| {
        settings(Sessions::builder(testing::key_ring())).build().map(|_| ())
    };
    assert_eq!(build(|b| b.formerly("__Host-session", "/", None)), Err(ConfigError::Former), "today's");
    assert_eq!(build(|b| b.formerly("a;b", "/", None)), Err(ConfigError::Name));
    assert_eq!(build(|b| b.formerly("a", "/;x", None)), Err(ConfigError::Path));
    let five = build(|b| ["a", "b", "c", "d", "e"].iter().fold(b, |b, name| b.formerly(name, "/", None)));
    assert_eq!(five, Err(ConfigError::Former));
}

#[test]
fn a_former_name_is_protected_while_others_still_use_it() {
    let sessions = |keep: bool| {
        sessions_with::<Visitor>(|builder| {
            let builder = builder.name("__Host-new").formerly("__Host-old", "/", None);
            if keep { builder.keep_unreadable() } else { builder }
        })
        .0
    };
    let flash = |sessions: &Sessions<Visitor>| {
        let mut session = sessions.load(&with_cookie("__Host-old=x"));
        session.name = "flash".into();
        sessions.save(session, &mut HeaderMap::new()).unwrap()
    };
    assert_eq!(flash(&sessions(true)), Saved::Withheld);
    assert!(matches!(flash(&sessions(false)), Saved::Written { .. }));
    // A stranger has nothing to be protected, nor has who carries junk below a former path.
    let (path, _) =
        sessions_with::<Visitor>(|builder| builder.keep_unreadable().name("a").formerly("a", "/old", None));
    for (sessions, line) in [(sessions(true), "theme=dark"), (path, "a=junk")] {
        let (saved, _) = respond(&sessions, &with_cookie(line), |session| session.name = "flash".into());
        assert!(matches!(saved, Saved::Written { .. }), "{line}: {saved:?}");
    }
    // With plain http for development both names lose their prefix.
    let develop = |old: &str, new: &str| {
        let builder = Sessions::<Visitor>::builder(testing::key_ring()).insecure_for_localhost();
        builder.name(new).formerly(old, "/", None).build().map(|_| ())
    };
    assert_eq!(develop("__Host-old", "__Host-new"), Ok(()));
    assert_eq!(develop("sid", "__Host-sid"), Ok(()));
}

#[test]
fn room_is_what_is_left_to_the_byte() {
    for padding in [sealed_session::Padding::None, sealed_session::Padding::Block(64)] {
        let (sessions, _) = sessions_with::<Visitor>(|builder| builder.padding(padding));
        let fits = |length: usize| {
            let mut session = testing::load(&sessions, &HeaderMap::new());
            session.name = "x".repeat(length);
            (sessions.room(&session), sessions.save(session, &mut HeaderMap::new()).is_ok())
        };
        let (room, _) = fits(200); // a length of two bytes from here on
        assert!(room > 2500, "{room}");
        assert_eq!(fits(200 + room), (0, true), "{padding:?}");
        assert_eq!(fits(200 + room - 1), (1, true));
        assert!(!fits(200 + room + 1).1);
        assert_eq!(fits(10_000), (0, false));
    }
}

#[test]
fn a_test_can_fail_for_a_session_that_is_too_large() {
    let (sessions, _) = sessions_with::<Visitor>(|builder| builder);
    let name = |length: usize| Visitor { name: "x".repeat(length), ..Visitor::default() };
    testing::assert_fits(&sessions, name(2982));
    let failure = std::panic::catch_unwind(AssertUnwindSafe(|| testing::assert_fits(&sessions, name(2983))));
    let failure = failure.unwrap_err();
    let text = failure.downcast_ref::<String>().unwrap();
    assert!(text.contains("4094 bytes does not fit the 4093"), "{text}");
}
