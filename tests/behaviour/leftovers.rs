//! Cookies of an earlier configuration, which may shadow the one of today.

use crate::util::{DAY, NOW, Visitor, respond, sessions_with, set_cookies, with_cookie};
use http::HeaderMap;
use sealed_session::{Builder, CookieConfig, KeyRing, SameSite, Saved, Session, Sessions, testing};

#[test]
fn a_leftover_is_removed_with_the_next_write() {
    let (sessions, _) = sessions_with::<Visitor>(|builder| {
        builder.name("sid").remove_leftovers([
            CookieConfig::new("sid").path("/app"),
            CookieConfig::new("old").domain("shop.example"),
        ])
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
    assert_eq!(removals("other=1", write), at_app, "a browser sends it below /app only");
    assert_eq!(removals("sid=leftover", write), at_app);
    assert_eq!(removals("old=leftover", write), [&at_app[..], &at_old].concat());
    assert_eq!(removals("old=1; sid=2", write), [&at_app[..], &at_old].concat());
    assert!(
        removals("old=1; sid=2", |session| assert_eq!(session.user, None)).is_empty(),
        "reading removes none"
    );
    let logout = removals("old=1; sid=2", Session::destroy);
    assert_eq!(logout.len(), 5, "{logout:?}");
    assert_eq!(removals("old=1", Session::destroy), [&at_app[..], &at_old].concat());
}

/// Where a browser does not enforce `__Host-`, a sibling host plants today's name with a domain.
#[test]
fn a_planted_cookie_of_the_name_of_today_is_removed_where_it_is() {
    let planted =
        ["app.shop.example", "shop.example"].map(|domain| CookieConfig::new("__Host-session").domain(domain));
    let (sessions, _) = sessions_with::<Visitor>(|builder| builder.remove_leftovers(planted));
    let tail = "Secure; HttpOnly; SameSite=Lax; Max-Age=0";
    let removals = ["app.shop.example", "shop.example"].map(|domain| {
        ["", ".seen"].map(|suffix| format!("__Host-session{suffix}=; Path=/; Domain={domain}; {tail}"))
    });
    let handlers: [fn(&mut Session<Visitor>); 2] = [|session| session.user = Some(1), Session::destroy];
    for handler in handlers {
        let (_, response) = respond(&sessions, &with_cookie("__Host-session=planted"), handler);
        let mut lines = set_cookies(&response);
        lines.retain(|line| line.contains("Domain="));
        assert_eq!(lines, removals.as_flattened());
    }
    let insecure =
        Sessions::<u64>::builder(testing::key_ring())
            .remove_leftovers([CookieConfig::new("__Host-session").domain("shop.example").secure(false)]);
    let error = insecure.build().map(|_| ()).unwrap_err().to_string();
    assert!(error.starts_with("remove_leftovers: name: its prefix asks for Secure"), "{error}");
}

#[test]
fn leftovers_follow_the_rules() {
    let build = |settings: fn(Builder<Visitor>) -> Builder<Visitor>| {
        let built = settings(Sessions::builder(testing::key_ring())).build();
        built.map(|_| ()).map_err(|error| {
            assert_eq!((error.setting(), error.as_str()), ("remove_leftovers", "leftovers"));
            error.to_string()
        })
    };
    let refused = |expected: &str| Err(format!("remove_leftovers: {expected}"));
    let too_many_or_today = refused("at most four cookies, and none that is the one of today");
    assert_eq!(build(|b| b.remove_leftovers([CookieConfig::default()])), too_many_or_today, "today's");
    let in_other_letters = build(|b| {
        let today = CookieConfig::new("sid").domain("shop.example");
        b.cookie(today).remove_leftovers([CookieConfig::new("sid").domain("Shop.Example")])
    });
    assert_eq!(in_other_letters, too_many_or_today, "each write would be followed by its removal");
    let five = build(|b| b.remove_leftovers(["a", "b", "c", "d", "e"].map(CookieConfig::new)));
    assert_eq!(five, too_many_or_today);
    assert_eq!(
        build(|b| b.remove_leftovers([CookieConfig::new("a;b")])),
        refused("name: must be 1 to 128 letters, digits or !#$%&'*+-.^_`|~")
    );
    assert_eq!(
        build(|b| b.remove_leftovers([CookieConfig::new("a").path("/;x")])),
        refused("path: must begin with / and hold visible ASCII characters without ; in at most 1024 bytes")
    );
}

#[test]
fn a_leftover_that_is_named_twice_is_removed_once() {
    let lines = |builder: fn(Builder<Visitor>) -> Builder<Visitor>| {
        let (sessions, _) = sessions_with::<Visitor>(builder);
        let (_, response) = respond(&sessions, &with_cookie("sid=junk"), |session| session.user = Some(1));
        set_cookies(&response).len()
    };
    assert_eq!(lines(|b| b.remove_leftovers(["sid", "sid"].map(CookieConfig::new))), 3);
    // Without TLS these lose their prefix.
    let develop = lines(|b| {
        b.insecure_for_localhost()
            .remove_leftovers(["sid", "__Host-sid", "__Secure-sid"].map(CookieConfig::new))
    });
    assert_eq!(develop, 3);
}

#[test]
fn a_cookie_of_another_partition_is_a_leftover() {
    let today = CookieConfig::default().same_site(SameSite::None).partitioned(true);
    let before = CookieConfig::default().same_site(SameSite::None);
    let (sessions, _) = sessions_with::<Visitor>(|builder| builder.cookie(today).remove_leftovers([before]));
    let (_, response) =
        respond(&sessions, &with_cookie("__Host-session=junk"), |session| session.user = Some(1));
    let lines = set_cookies(&response);
    let removals: Vec<_> = lines.iter().filter(|line| line.contains("Max-Age=0")).collect();
    assert_eq!(removals.len(), 2, "the session and its last-seen cookie: {lines:?}");
    assert!(removals.iter().all(|line| !line.contains("Partitioned")), "{removals:?}");
}

#[test]
fn a_leftover_of_production_is_none_of_development() {
    let embedded = CookieConfig::new("old").same_site(SameSite::None).partitioned(true);
    let (sessions, _) =
        sessions_with::<Visitor>(|builder| builder.insecure_for_localhost().remove_leftovers([embedded]));
    let (_, response) = respond(&sessions, &with_cookie("old=1"), |session| session.user = Some(1));
    let lines = set_cookies(&response);
    let removal = lines.iter().find(|line| line.starts_with("old=;")).unwrap();
    assert!(removal.contains("SameSite=Lax") && !removal.contains("Secure"), "{removal}");
}

#[test]
fn a_former_name_is_protected_while_others_still_use_it() {
    let sessions = |keep: bool| {
        sessions_with::<Visitor>(|builder| {
            let builder = builder.name("__Host-new").remove_leftovers([CookieConfig::new("__Host-old")]);
            if keep { builder.keep_unreadable() } else { builder }
        })
        .0
    };
    let flash = |sessions: &Sessions<Visitor>| {
        let (elsewhere, _) = sessions_with::<Visitor>(|builder| builder.name("__Host-old"));
        let mut session = sessions.load(&testing::request(&elsewhere, |session| session.user = Some(7)));
        session.name = "flash".into();
        sessions.save(session, &mut HeaderMap::new()).unwrap()
    };
    assert_eq!(flash(&sessions(true)), Saved::Withheld);
    assert!(matches!(flash(&sessions(false)), Saved::Written { .. }));
    // Nor is what a key of another server may open.
    let ring = KeyRing::new(testing::key(9));
    let newer = Sessions::<Visitor>::builder(ring).name("__Host-old").build().unwrap();
    let request = testing::request(&newer, |session| session.user = Some(7));
    let (saved, _) = respond(&sessions(true), &request, |session| session.name = "flash".into());
    assert_eq!(saved, Saved::Withheld);
    // What has expired there needs no protection, as long as no last-seen cookie may have renewed it.
    let (elsewhere, _) = sessions_with::<Visitor>(|builder| builder.name("__Host-old"));
    let request = testing::request(&elsewhere, |session| session.user = Some(7));
    let value = request["cookie"].to_str().unwrap();
    let after = |seconds: u64, line: String| {
        let (sessions, clock) = sessions_with::<Visitor>(|builder| {
            let builder = builder.name("__Host-new").remove_leftovers([CookieConfig::new("__Host-old")]);
            builder.keep_unreadable()
        });
        clock.set(NOW + seconds);
        respond(&sessions, &with_cookie(line), |session| session.name = "flash".into()).0 == Saved::Withheld
    };
    assert!(after(DAY - 1, value.to_owned()));
    assert!(!after(DAY, value.to_owned()), "idle");
    assert!(after(DAY, format!("{value}; __Host-old.seen=x")));
    assert!(!after(7 * DAY, format!("{value}; __Host-old.seen=x")), "absolute");
    // A stranger has nothing to be protected, nor has who carries junk.
    let (path, _) = sessions_with::<Visitor>(|builder| {
        builder.keep_unreadable().name("a").remove_leftovers([CookieConfig::new("a").path("/old")])
    });
    for (sessions, line) in
        [(sessions(true), "theme=dark"), (sessions(true), "__Host-old=junk"), (path, "a=junk")]
    {
        let (saved, _) = respond(&sessions, &with_cookie(line), |session| session.name = "flash".into());
        assert!(matches!(saved, Saved::Written { .. }), "{line}: {saved:?}");
    }
    // With plain http for development both names lose their prefix.
    let develop = |old: &str, new: &str| {
        let builder = Sessions::<Visitor>::builder(testing::key_ring()).insecure_for_localhost();
        builder.name(new).remove_leftovers([CookieConfig::new(old)]).build().map(|_| ())
    };
    assert_eq!(develop("__Host-old", "__Host-new"), Ok(()));
    assert_eq!(develop("sid", "__Host-sid"), Ok(()));
}
