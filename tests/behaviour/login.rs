//! What a login replaces, and what a fresh proof leaves alone.

use std::time::Duration;

use crate::util::{DAY, NOW, Visitor, logged_in, outcome, respond, sessions, sessions_with, set_cookies};
use http::HeaderMap;
use sealed_session::{About, Lifetimes, Saved, Session, Sessions, testing};

/// ID, family, start, end, remembered, and the moment of the last proof.
fn facts(about: About<'_>) -> impl PartialEq + std::fmt::Debug + use<> {
    (about.id(), about.family(), about.started(), about.expires_at(), about.is_remembered())
}

fn load(sessions: &Sessions<Visitor>, request: &HeaderMap) -> Session<Visitor> {
    testing::load(sessions, request)
}

#[test]
fn a_login_leaves_nothing_of_whoever_was_there() {
    let (sessions, clock) = sessions();
    let request = testing::request(&sessions, |session| {
        session.log_in(Visitor { user: Some(1), roles: vec!["admin".into()], ..Visitor::default() });
    });
    let before = load(&sessions, &request);
    clock.advance(Duration::from_secs(60));
    let ada = Visitor { user: Some(2), name: "Ada".into(), ..Visitor::default() };
    let (saved, response) = respond(&sessions, &request, |session| {
        session.roles.push("changed first".into());
        session.log_in(ada.clone());
        assert_eq!(session.about().id(), None, "drawn when it is saved");
    });
    assert!(matches!(saved, Saved::Written { .. }));
    let after = testing::read_back(&sessions, &response);
    assert_eq!(*after, ada);
    assert_ne!(after.about().family(), before.about().family());
    assert_eq!(after.about().started(), clock.now());
    assert_eq!(after.about().authenticated_at(), Some(clock.now()));
    // The tombstone ends the earlier session in this browser.
    let late = testing::next_request(&response);
    let both = crate::util::with_cookie(format!(
        "{}; {}",
        request["cookie"].to_str().unwrap(),
        late.get_all("cookie").iter().map(|line| line.to_str().unwrap()).collect::<Vec<_>>().join("; "),
    ));
    assert_eq!(load(&sessions, &both).user, Some(2));
}

#[test]
fn a_login_of_the_same_person_with_the_same_data_is_written() {
    let (sessions, _) = sessions();
    let request = logged_in(&sessions);
    let data = load(&sessions, &request).data().clone();
    let (saved, response) = respond(&sessions, &request, |session| session.log_in(data.clone()));
    assert!(matches!(saved, Saved::Written { .. }));
    let after = testing::read_back(&sessions, &response);
    assert_ne!(after.about().family(), load(&sessions, &request).about().family());
}

#[test]
fn a_login_drops_the_lifetime_of_the_last_one() {
    let month = Duration::from_secs(30 * DAY);
    let (sessions, clock) =
        sessions_with::<Visitor>(|builder| builder.lifetimes(Lifetimes::default().max_lifetime(month)));
    let remembered = testing::request(&sessions, |session| {
        session.log_in(Visitor::default());
        session.set_lifetime(month);
    });
    assert!(load(&sessions, &remembered).about().is_remembered());
    let (_, response) = respond(&sessions, &remembered, |session| session.log_in(Visitor::default()));
    let after = testing::read_back(&sessions, &response);
    assert!(!after.about().is_remembered());
    assert_eq!(after.about().expires_at(), clock.now() + Duration::from_secs(7 * DAY));
}

#[test]
fn a_fresh_proof_changes_its_moment_and_nothing_else() {
    let month = Duration::from_secs(30 * DAY);
    let (sessions, clock) =
        sessions_with::<Visitor>(|builder| builder.lifetimes(Lifetimes::default().max_lifetime(month)));
    let remembered: fn(&mut Session<Visitor>) = |session| {
        session.log_in(Visitor { user: Some(7), ..Visitor::default() });
        session.set_lifetime(Duration::from_secs(30 * DAY));
    };
    for log_in in [remembered, |session| session.log_in(Visitor { user: Some(7), ..Visitor::default() })] {
        clock.set(NOW);
        let request = testing::request(&sessions, log_in);
        let mut before = load(&sessions, &request);
        let form = sessions.csrf_token(&mut before).unwrap();
        clock.set(NOW + 3600);
        let (_, response) = respond(&sessions, &request, |session| {
            assert!(!session.about().authenticated_within(Duration::from_secs(600)));
            session.reauthenticate();
            assert!(session.about().authenticated_within(Duration::from_secs(600)));
        });
        assert_eq!(set_cookies(&response).len(), 1, "no tombstone");
        clock.set(NOW + 3700);
        let after = testing::read_back(&sessions, &response);
        assert_eq!(facts(after.about()), facts(before.about()));
        assert_eq!(*after, *before);
        assert_eq!(after.about().authenticated_at(), Some(clock.now() - Duration::from_secs(100)));
        assert_eq!(sessions.check_csrf(&after, &form), Ok(()), "forms of other tabs stay good");
        // The proof goes on with a write, and with another ID.
        let later = testing::next_request(&response);
        for step in [Session::cycle_id, |session: &mut Session<Visitor>| session.name = "x".into()] {
            let (_, response) = respond(&sessions, &later, step);
            let kept = testing::read_back(&sessions, &response);
            assert_eq!(kept.about().authenticated_at(), after.about().authenticated_at());
        }
    }
}

#[test]
fn a_slow_write_takes_the_fresh_proof_away_and_logs_nobody_out() {
    let (sessions, clock) = sessions();
    let request = logged_in(&sessions);
    clock.advance(Duration::from_secs(3600));
    let (_, proved) = respond(&sessions, &request, Session::reauthenticate);
    let (_, slow) = respond(&sessions, &request, |session| session.name = "slow".into());
    let hour = Duration::from_secs(3600);
    let after = load(&sessions, &testing::next_request(&proved));
    assert!(after.about().authenticated_within(hour));
    let after = load(&sessions, &testing::next_request(&slow));
    assert_eq!((after.user, after.about().authenticated_within(hour)), (Some(7), false), "asked again");
}

#[test]
fn a_fresh_proof_in_a_session_of_nobody_is_the_login() {
    let (sessions, clock) = sessions();
    let cart = testing::request(&sessions, |session| session.name = "cart".into());
    for request in [HeaderMap::new(), cart.clone()] {
        let (_, response) = respond(&sessions, &request, Session::reauthenticate);
        let after = testing::read_back(&sessions, &response);
        assert_eq!(after.about().authenticated_at(), Some(clock.now()));
        assert_eq!(after.about().started(), clock.now());
        assert_ne!(after.about().family(), load(&sessions, &cart).about().family());
    }
    // Nor does the proof of a session that has ended in this request count for the next.
    let (_, response) = respond(&sessions, &logged_in(&sessions), |session| {
        session.reauthenticate();
        session.destroy();
        session.name = "nobody".into();
    });
    let after = testing::read_back(&sessions, &response);
    assert_eq!((after.name.as_str(), after.about().authenticated_at()), ("nobody", None));
}

#[test]
fn a_cart_goes_through_a_login_that_marks() {
    let (sessions, clock) = sessions();
    let cart = testing::request(&sessions, |session| session.name = "cart".into());
    let (_, response) = respond(&sessions, &cart, |session| {
        session.mark_authenticated();
        session.user = Some(7);
    });
    let after = testing::read_back(&sessions, &response);
    assert_eq!((after.user, after.name.as_str()), (Some(7), "cart"));
    assert_eq!(after.about().authenticated_at(), Some(clock.now()));
}

#[test]
fn a_copy_can_change_its_id_and_not_its_family() {
    let (sessions, _) = sessions();
    let request = logged_in(&sessions);
    let family = load(&sessions, &request).about().family();
    let after = |handler: fn(&mut Session<Visitor>)| {
        let (_, response) = respond(&sessions, &request, handler);
        testing::read_back(&sessions, &response).about().family()
    };
    assert!(family.is_some());
    assert_eq!(after(Session::cycle_id), family);
    assert_eq!(after(Session::reauthenticate), family);
    assert_eq!(after(|session| session.name = "x".into()), family);
    assert_ne!(after(|session| drop(session.reset())), family);
    assert_ne!(after(Session::mark_authenticated), family);
    assert_eq!(load(&sessions, &HeaderMap::new()).about().family(), None);
    assert_eq!(outcome(&sessions, &request), "ok");
}
