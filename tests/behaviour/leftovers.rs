//! Cookies of an earlier configuration, which may shadow the one of today.

use crate::util::{Visitor, respond, sessions_with, set_cookies, with_cookie};
use http::HeaderMap;
use sealed_session::{Builder, CookieConfig, Saved, Session, Sessions, testing};

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
fn leftovers_follow_the_rules() {
    let build = |settings: fn(Builder<Visitor>) -> Builder<Visitor>| {
        settings(Sessions::builder(testing::key_ring())).build().map(|_| ()).map_err(|error| error.as_str())
    };
    assert_eq!(build(|b| b.remove_leftovers([CookieConfig::default()])), Err("leftovers"), "today's");
    assert_eq!(build(|b| b.remove_leftovers([CookieConfig::new("a;b")])), Err("name"));
    assert_eq!(build(|b| b.remove_leftovers([CookieConfig::new("a").path("/;x")])), Err("path"));
    let five = build(|b| b.remove_leftovers(["a", "b", "c", "d", "e"].map(CookieConfig::new)));
    assert_eq!(five, Err("leftovers"));
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
        let mut session = sessions.load(&with_cookie("__Host-old=x"));
        session.name = "flash".into();
        sessions.save(session, &mut HeaderMap::new()).unwrap()
    };
    assert_eq!(flash(&sessions(true)), Saved::Withheld);
    assert!(matches!(flash(&sessions(false)), Saved::Written { .. }));
    // A stranger has nothing to be protected, nor has who carries junk below a former path.
    let (path, _) = sessions_with::<Visitor>(|builder| {
        builder.keep_unreadable().name("a").remove_leftovers([CookieConfig::new("a").path("/old")])
    });
    for (sessions, line) in [(sessions(true), "theme=dark"), (path, "a=junk")] {
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
