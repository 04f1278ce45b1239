//! Tokens against forged requests: good for one session and for a while, and for nothing else.

use std::time::Duration;

use crate::util::{
    DAY, Visitor, logged_in, respond, sessions, sessions_of, sessions_with, value, with_cookie,
};
use http::HeaderMap;
use http::header::COOKIE;
use sealed_session::error::TokenOpenError;
use sealed_session::token::Expires;
use sealed_session::{KeyRing, Session, Sessions, Tokens, testing};

/// A token for the session of a request.
fn token(sessions: &Sessions<Visitor>, headers: &HeaderMap) -> String {
    sessions.csrf_token(&mut testing::load(sessions, headers)).unwrap()
}

fn check(sessions: &Sessions<Visitor>, headers: &HeaderMap, token: &str) -> Result<(), TokenOpenError> {
    sessions.check_csrf(&testing::load(sessions, headers), token)
}

#[test]
fn a_token_is_good_for_its_session_as_often_as_it_comes() {
    let (sessions, _) = sessions();
    let headers = logged_in(&sessions);
    let (one, two) = (token(&sessions, &headers), token(&sessions, &headers));
    assert_ne!(one, two, "each is sealed anew, so that nothing can be learned from its compressed length");
    for token in [&one, &two, &one] {
        assert_eq!(check(&sessions, &headers, token), Ok(()));
    }
}

#[test]
fn a_token_lives_as_long_as_the_family() {
    let (sessions, _) = sessions();
    let headers = logged_in(&sessions);
    let token = token(&sessions, &headers);
    let after = |change: fn(&mut Session<Visitor>)| {
        let (_, response) = respond(&sessions, &headers, change);
        check(&sessions, &testing::next_request(&response), &token)
    };
    assert_eq!(after(|session| session.name = "x".into()), Ok(()));
    assert_eq!(after(Session::mark_authenticated), Err(TokenOpenError::OtherSession), "a login");
    assert_eq!(after(Session::cycle_id), Ok(()), "other tabs keep their forms");
    assert_eq!(after(Session::reauthenticate), Ok(()));
    assert_eq!(after(|session| session.log_in(Visitor::default())), Err(TokenOpenError::OtherSession));
    assert_eq!(after(|session| drop(session.reset())), Err(TokenOpenError::OtherSession));
    assert_eq!(after(Session::destroy), Err(TokenOpenError::OtherSession), "a logout");
}

#[test]
fn within_the_request_of_a_login_a_new_token_is_for_the_new_family() {
    let (sessions, _) = sessions();
    let headers = logged_in(&sessions);
    let old = token(&sessions, &headers);
    let mut new = String::new();
    let (_, response) = respond(&sessions, &headers, |session| {
        session.mark_authenticated();
        assert_eq!(sessions.check_csrf(session, &old), Err(TokenOpenError::OtherSession));
        new = sessions.csrf_token(session).unwrap();
        assert_eq!(sessions.check_csrf(session, &new), Ok(()));
    });
    assert_eq!(check(&sessions, &testing::next_request(&response), &new), Ok(()));
    assert_eq!(check(&sessions, &headers, &new), Err(TokenOpenError::OtherSession), "an older copy");
}

#[test]
fn a_token_expires_with_the_idle_timeout_whatever_renews_the_session() {
    for (settings, lasts) in [
        (sessions(), DAY),
        (sessions_with(|builder| builder.idle_timeout(Duration::from_secs(600))), 600),
        (sessions_with(|builder| builder.idle_timeout(None)), 7 * DAY),
    ] {
        let (sessions, clock) = settings;
        let mut session = testing::load(&sessions, &logged_in(&sessions));
        let token = sessions.csrf_token(&mut session).unwrap();
        clock.advance(Duration::from_secs(lasts - 1));
        assert_eq!(sessions.check_csrf(&session, &token), Ok(()), "{lasts}");
        clock.advance(Duration::from_secs(1));
        assert_eq!(sessions.check_csrf(&session, &token), Err(TokenOpenError::Expired), "{lasts}");
    }
}

#[test]
fn a_stranger_gets_an_id_with_the_token() {
    let (sessions, _) = sessions();
    let mut form = String::new();
    let (_, response) = respond(&sessions, &HeaderMap::new(), |session| {
        form = sessions.csrf_token(session).unwrap();
    });
    assert_eq!(check(&sessions, &testing::next_request(&response), &form), Ok(()));
    assert_eq!(check(&sessions, &HeaderMap::new(), &form), Err(TokenOpenError::OtherSession));
    assert_eq!(check(&sessions, &logged_in(&sessions), &form), Err(TokenOpenError::OtherSession));
}

#[test]
fn a_token_of_other_sessions_does_not_open() {
    let (own, _) = sessions();
    let headers = logged_in(&own);
    let other = |settings| check(&own, &headers, &token(&settings, &headers_of(&settings)));
    let others: [Sessions<Visitor>; 2] = [
        sessions_with(|builder| builder.name("__Host-other")).0,
        sessions_with(|builder| builder.purpose("other")).0,
    ];
    for settings in others {
        assert_eq!(other(settings), Err(TokenOpenError::Forged));
    }
    let foreign = Sessions::new(KeyRing::new(testing::key(9))).unwrap();
    assert_eq!(other(foreign), Err(TokenOpenError::UnknownKey));
}

fn headers_of(sessions: &Sessions<Visitor>) -> HeaderMap {
    logged_in(sessions)
}

#[test]
fn a_token_of_another_purpose_does_not_open() {
    let [acme, globex] = ["acme", "globex"].map(|tenant| {
        let (sessions, _) = sessions_with::<Visitor>(|builder| builder.purpose(tenant));
        let headers = logged_in(&sessions);
        let token = token(&sessions, &headers);
        (sessions, headers, token)
    });
    assert_eq!(check(&acme.0, &acme.1, &acme.2), Ok(()));
    assert_eq!(check(&globex.0, &globex.1, &globex.2), Ok(()));
    assert_eq!(check(&acme.0, &acme.1, &globex.2), Err(TokenOpenError::Forged));
    assert_eq!(check(&globex.0, &globex.1, &acme.2), Err(TokenOpenError::Forged));
}

#[test]
fn no_other_kind_of_token_is_one() {
    let (sessions, _) = sessions();
    let headers = logged_in(&sessions);
    let token = token(&sessions, &headers);
    assert_eq!(
        check(&sessions, &headers, &value(&headers)),
        Err(TokenOpenError::Forged),
        "the session's own"
    );
    let label = Tokens::new(testing::key_ring(), "", "__Host-session").unwrap();
    let message = testing::load(&sessions, &headers).about().id().unwrap();
    let of_application = label.seal(message.as_bytes(), Expires::Never).unwrap();
    assert_eq!(check(&sessions, &headers, &of_application), Err(TokenOpenError::Forged), "the application's");

    // And the other way round.
    let request = with_cookie(format!("__Host-session={token}"));
    assert_eq!(crate::util::outcome(&sessions, &request), "forged");
    let mut seen = headers.clone();
    seen.append(COOKIE, format!("__Host-session.seen={token}").parse().unwrap());
    assert_eq!(crate::util::outcome(&sessions, &seen), "ok");
    assert!(label.open_at(&token, std::time::UNIX_EPOCH).is_err());
}

#[test]
fn a_damaged_token_is_none() {
    let (sessions, _) = sessions();
    let headers = logged_in(&sessions);
    let token = token(&sessions, &headers);
    for length in 0..token.len() {
        assert!(check(&sessions, &headers, &token[..length]).is_err(), "cut to {length}");
    }
    for at in 0..token.len() {
        let mut bytes = token.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let damaged = String::from_utf8(bytes).unwrap();
        assert!(check(&sessions, &headers, &damaged).is_err(), "another character at {at}");
    }
    for damaged in [
        String::new(),
        " ".into(),
        "\0".into(),
        format!(" {token}"),
        format!("{token} "),
        format!("{token}="),
        format!("{token}A"),
        format!("{token}{token}"),
        "\u{fc}".repeat(50),
        "A".repeat(10_000_000),
    ] {
        assert!(check(&sessions, &headers, &damaged).is_err());
    }
}

#[test]
fn a_token_outlives_the_rotation_of_its_key() {
    let (sessions, clock) = sessions();
    let headers = logged_in(&sessions);
    let token = token(&sessions, &headers);
    let rotated = sessions_of(KeyRing::new(testing::key(9)).accept(testing::key(7)).unwrap(), &clock);
    assert_eq!(check(&rotated, &headers, &token), Ok(()));
    let retired = sessions_of(KeyRing::new(testing::key(9)), &clock);
    let session = testing::load(&sessions, &headers);
    assert_eq!(retired.check_csrf(&session, &token), Err(TokenOpenError::UnknownKey));
}
