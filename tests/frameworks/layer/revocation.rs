//! A channel of revocations that is silent for too long: 503 for who has a session, if the application asks for that.

use std::time::Duration;

use axum::Router;
use axum::routing::get as on_get;
use http::{HeaderMap, StatusCode};
use sealed_session::revocation::Revocations;
use sealed_session::{SessionHandle, SessionLayer, Sessions, testing};

use super::client::{block_on, get, send, text};

#[test]
fn a_silent_channel_answers_503_to_who_has_a_session() {
    let (revocations, clock) = (Revocations::new(), testing::Clock::at(1_800_000_000));
    let builder = Sessions::<u64>::builder(testing::key_ring()).clock(clock.reader());
    let sessions = builder.revocations(&revocations).build().unwrap();
    let user = async |session: SessionHandle<u64>| session.read(|session| session.to_string());
    let app = Router::new().route("/", on_get(user)).layer(SessionLayer::new(sessions.clone()));
    let (request, stranger) = (testing::request(&sessions, |session| session.log_in(7)), HeaderMap::new());
    let status = |headers: &HeaderMap| block_on(send(&app, get("/", headers))).status();

    assert_eq!(status(&request), StatusCode::OK, "without the setting it serves");
    revocations.fail_closed_after(Duration::from_secs(10));
    assert_eq!(status(&request), StatusCode::SERVICE_UNAVAILABLE, "it has heard nothing since its start");
    assert_eq!(status(&stranger), StatusCode::OK, "there is nothing to revoke");
    revocations.merge("").unwrap();
    assert_eq!(block_on(text(block_on(send(&app, get("/", &request))))), "7");
    clock.advance(Duration::from_secs(11));
    assert_eq!(status(&request), StatusCode::SERVICE_UNAVAILABLE);
}

#[test]
fn log_out_others_takes_effect_with_the_response() {
    let revocations = Revocations::new();
    let builder = Sessions::<u64>::builder(testing::key_ring()).revocations(&revocations);
    let sessions = builder.subject(|user| Some(user.to_be_bytes())).build().unwrap();
    let log_in = || testing::request(&sessions, |session| session.log_in(7));
    let (here, elsewhere) = (log_in(), log_in());
    let before = (sessions.clone(), elsewhere.clone());
    let log_out_others = async move |session: SessionHandle<u64>| {
        session.update(|session| session.log_out_others()).unwrap();
        testing::load(&before.0, &before.1).to_string()
    };
    let app = Router::new().route("/", on_get(log_out_others)).layer(SessionLayer::new(sessions.clone()));
    let user = |request: &HeaderMap| *testing::load(&sessions, request);

    let response = block_on(send(&app, get("/", &here)));
    let moved = testing::read_back(&sessions, response.headers());
    assert_eq!((*moved, user(&here), user(&elsewhere)), (7, 0, 0));
    assert_eq!(block_on(text(response)), "7", "the handler saw the other session still valid");
}
