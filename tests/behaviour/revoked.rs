//! A session that the application revoked: absent, while its cookies stay until the handler writes or logs out.

use http::HeaderMap;
use http::header::{CACHE_CONTROL, VARY};
use sealed_session::{Rejection, Saved, Session, testing};

use crate::util::{Visitor, logged_in, outcome, respond, sessions, set_cookie, set_cookies, with_cookie};

#[test]
fn a_revoked_session_is_absent_and_its_cookies_stay() {
    let (sessions, clock) = sessions();
    let request = logged_in(&sessions);
    // A renewal is due, and must not be sent.
    clock.advance(std::time::Duration::from_secs(12 * 3600));
    let (saved, response) = respond(&sessions, &request, |session| {
        session.name = "a change that nobody may see".into();
        session.cycle_id();
        session.set_lifetime(std::time::Duration::from_secs(60));
        session.revoke();
        assert_eq!(**session, Visitor::default());
        let about = session.about();
        assert_eq!((about.id(), about.rejection()), (None, Some(Rejection::Revoked)));
        assert!(about.is_new() && about.key_id().is_none() && about.authenticated_at().is_none());
        assert_eq!(about.expires_at(), about.started() + std::time::Duration::from_secs(7 * 86_400));
    });
    assert_eq!(saved, Saved::Unchanged);
    assert_eq!(set_cookies(&response), [] as [&str; 0]);
    assert_eq!(
        (&response[CACHE_CONTROL], &response[VARY]),
        (&"private".parse().unwrap(), &"Cookie".parse().unwrap())
    );
}

/// A poll was sent with the old cookie, and is answered after the person has logged in again.
#[test]
fn a_slow_poll_does_not_delete_the_cookie_of_a_login_that_came_in_between() {
    let (sessions, _) = sessions();
    let old = logged_in(&sessions);
    let (_, login) = respond(&sessions, &old, |session| {
        session.revoke();
        session.user = Some(8);
        session.mark_authenticated();
    });
    let (_, poll) = respond(&sessions, &old, Session::revoke);
    // The jar after both: what the login set, and what the poll removed of it.
    let removed: Vec<_> =
        set_cookies(&poll).into_iter().filter(|line| line.starts_with("__Host-session=")).collect();
    assert_eq!(removed, [] as [&str; 0]);
    assert_eq!(testing::read_back(&sessions, &login).user, Some(8));
}

#[test]
fn a_write_replaces_the_revoked_session_and_a_logout_removes_it() {
    let (sessions, _) = sessions();
    let request = logged_in(&sessions);
    let id = testing::load(&sessions, &request).about().id();
    let tombstone = format!("__Host-session.out.{}=", &id.unwrap().to_string()[..16]);

    let (saved, response) = respond(&sessions, &request, |session| {
        session.revoke();
        session.name = "x".into();
    });
    assert!(matches!(saved, Saved::Written { .. }));
    assert!(set_cookie(&response).starts_with("__Host-session="));
    let written = testing::read_back(&sessions, &response);
    assert_eq!((written.user, written.name.as_str()), (None, "x"));
    assert!(written.about().id() != id && written.about().authenticated_at().is_none());

    // In either order: a logout is not forgotten.
    let log_outs: [fn(&mut Session<Visitor>); 2] = [
        |session| {
            session.revoke();
            session.destroy();
        },
        |session| {
            session.destroy();
            session.revoke();
        },
    ];
    for log_out in log_outs {
        let (saved, response) = respond(&sessions, &request, log_out);
        assert_eq!(saved, Saved::Removed);
        let lines = set_cookies(&response);
        assert!(lines[0].starts_with(&tombstone) && lines[1].starts_with("__Host-session=;"), "{lines:?}");
    }

    let (_, response) = respond(&sessions, &request, |session| {
        session.revoke();
        session.mark_authenticated();
    });
    let lines = set_cookies(&response);
    assert!(lines[0].starts_with("__Host-session=") && lines[1].starts_with(&tombstone), "{lines:?}");
}

#[test]
fn a_stranger_can_be_revoked_too() {
    let (sessions, _) = sessions();
    for request in [HeaderMap::new(), with_cookie("__Host-session=junk")] {
        let (saved, response) = respond(&sessions, &request, Session::revoke);
        assert_eq!((saved, set_cookies(&response).len()), (Saved::Unchanged, 0));
        assert_ne!(outcome(&sessions, &request), "revoked", "for one request");
    }
}
