//! A layer inside another one for the same type: together they are as strict as the stricter of the two.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::get as on_get;
use http::{HeaderMap, StatusCode};
use sealed_session::handle::{Check, OnSaveError, Verdict};
use sealed_session::web::Scheme;
use sealed_session::{RequestInfo, Saved, Session, SessionHandle, SessionLayer, Sessions, testing};

use super::client::{block_on, caching, get, send, text};
use crate::util::{Visitor, logged_in, sessions, sessions_with, set_cookie, set_cookies};

type Handle = SessionHandle<Visitor>;
type Answer = Result<Verdict, io::Error>;
type Ask = fn() -> Answer;

fn keep() -> Answer {
    Ok(Verdict::Keep)
}

fn end() -> Answer {
    Ok(Verdict::End)
}

fn no_answer() -> Answer {
    Err(io::Error::other("the store is down"))
}

/// A check that answers like this, and how often it has been asked.
fn check(answer: Ask) -> (Check<Visitor>, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let check = Check::new(move |_: &Session<Visitor>| {
        counted.fetch_add(1, Ordering::Relaxed);
        async move { answer() }
    });
    (check, count)
}

fn layer(sessions: &Sessions<Visitor>, answer: Option<Ask>) -> SessionLayer<Visitor> {
    let layer = SessionLayer::new(sessions.clone());
    match answer {
        Some(answer) => layer.check(check(answer).0),
        None => layer,
    }
}

async fn who(session: Handle) -> String {
    session.read(|session| format!("{:?}", session.user))
}

/// What a handler sees within these two layers.
fn seen(inner: SessionLayer<Visitor>, outer: SessionLayer<Visitor>, headers: &HeaderMap) -> String {
    let app = Router::new().route("/", on_get(who)).layer(inner).layer(outer);
    let response = block_on(send(&app, get("/", headers)));
    assert_eq!(set_cookies(response.headers()), [] as [&str; 0]);
    if response.status() == StatusCode::OK { block_on(text(response)) } else { response.status().to_string() }
}

#[test]
fn the_stricter_of_two_checks_counts_in_either_order() {
    let (sessions, _) = sessions();
    let headers = logged_in(&sessions);
    const KEPT: &str = "Some(7)";
    const UNAVAILABLE: &str = "503 Service Unavailable";
    let answers: [(Option<Ask>, &str); 4] =
        [(None, KEPT), (Some(keep), KEPT), (Some(end), "None"), (Some(no_answer), UNAVAILABLE)];
    for (at, (inner, alone)) in answers.into_iter().enumerate() {
        for (other, (outer, other_alone)) in answers.into_iter().enumerate() {
            let expected = if at > other { alone } else { other_alone };
            let seen = seen(layer(&sessions, inner), layer(&sessions, outer), &headers);
            // A session that is over is not asked about any more.
            let expected = if (at, other) == (3, 2) { "None" } else { expected };
            assert_eq!(seen, expected, "inner {at}, outer {other}");
        }
    }
}

/// Two values that were built from the same settings read the same cookie.
#[test]
fn a_check_counts_for_other_sessions_of_the_same_cookie_and_not_for_another_cookie() {
    let ((one, _), (same_name, _)) = (sessions(), sessions());
    let headers = logged_in(&one);
    assert_eq!(seen(layer(&same_name, None), layer(&one, Some(end)), &headers), "None");
    assert_eq!(seen(layer(&same_name, Some(end)), layer(&one, None), &headers), "None");

    let (other_name, _) = sessions_with::<Visitor>(|builder| builder.name("__Host-staff"));
    let staff = testing::request(&other_name, |session| session.user = Some(8));
    assert_eq!(seen(layer(&other_name, None), layer(&one, Some(end)), &staff), "Some(8)");
}

/// The layer whose session it is need not be the next one further out.
#[test]
fn a_check_counts_through_a_layer_of_another_cookie_or_of_none() {
    let ((one, _), (same_name, _)) = (sessions(), sessions());
    let (other_name, _) = sessions_with::<Visitor>(|builder| builder.name("__Host-staff"));
    let between = [SessionLayer::new(other_name), SessionLayer::by_request(|_| None)];
    for between in between {
        for inner in [&one, &same_name] {
            let app = Router::new()
                .route("/", on_get(who))
                .layer(layer(inner, None))
                .layer(between.clone())
                .layer(layer(&one, Some(end)));
            let said = block_on(async { text(send(&app, get("/", &logged_in(&one))).await).await });
            assert_eq!(said, "None");
        }
    }
}

#[test]
fn a_check_that_two_layers_pass_on_is_asked_once() {
    let [(one, _), (two, _), (three, _)] = [sessions(), sessions(), sessions()];
    let ((outer, outer_count), (inner, inner_count)) = (check(keep), check(keep));
    let app = Router::new()
        .route("/", on_get(who))
        .layer(layer(&three, None))
        .layer(layer(&one, None))
        .layer(SessionLayer::new(two).check(inner))
        .layer(SessionLayer::new(one.clone()).check(outer));
    let said = block_on(async { text(send(&app, get("/", &logged_in(&one))).await).await });
    assert_eq!(said, "Some(7)");
    assert_eq!((outer_count.load(Ordering::Relaxed), inner_count.load(Ordering::Relaxed)), (1, 1));
}

/// As the guide advises for a timeout inside the layer.
#[test]
fn a_clone_of_a_layer_asks_its_check_no_second_time() {
    let (sessions, _) = sessions();
    let (check, count) = check(keep);
    let layer = SessionLayer::new(sessions.clone()).check(check.clone());
    let other = SessionLayer::new(self::sessions().0).check(check);
    for inner in [layer.clone(), other] {
        let app = Router::new().route("/", on_get(who)).layer(inner).layer(layer.clone());
        let said = block_on(async { text(send(&app, get("/", &logged_in(&sessions))).await).await });
        assert_eq!((said.as_str(), count.swap(0, Ordering::Relaxed)), ("Some(7)", 1));
    }
}

/// The handler gets the session of the outermost layer, and one of the same cookie further in has a check.
#[test]
fn a_check_between_two_layers_that_share_a_session_counts() {
    let [(one, _), (two, _)] = [sessions(), sessions()];
    let app = Router::new()
        .route("/", on_get(who))
        .layer(layer(&one, None))
        .layer(layer(&two, Some(end)))
        .layer(layer(&one, None));
    let said = block_on(async { text(send(&app, get("/", &logged_in(&one))).await).await });
    assert_eq!(said, "None");
}

#[test]
fn two_layers_share_one_session_through_a_layer_of_another_cookie() {
    let (sessions, _) = sessions();
    let (other_name, _) = sessions_with::<Visitor>(|builder| builder.name("__Host-staff"));
    let change =
        async |session: Handle| session.update(|session| session.name.push('b')).map_err(|_| "too late");
    let app = Router::new()
        .route("/", on_get(change))
        .layer(layer(&sessions, None))
        .layer(layer(&other_name, None))
        .layer(from_fn(between))
        .layer(layer(&sessions, None));
    let response = block_on(send(&app, get("/", &logged_in(&sessions))));
    assert_eq!(testing::read_back(&sessions, response.headers()).name, "abc");
}

#[test]
fn each_check_is_asked_once_and_none_about_a_login_of_this_request() {
    let (sessions, _) = sessions();
    let ((inner, inner_count), (outer, outer_count)) = (check(keep), check(keep));
    let log_in = from_fn(async |session: Handle, request: Request, next: Next| -> Response {
        if request.uri().path() == "/login" {
            session
                .update(|session| {
                    session.user = Some(8);
                    session.mark_authenticated();
                    session.ensure_id().unwrap();
                })
                .unwrap();
        }
        next.run(request).await
    });
    let app = Router::new()
        .route("/", on_get(async |one: Handle, _: Handle| who(one).await))
        .route("/login", on_get(who))
        .layer(SessionLayer::new(sessions.clone()).check(inner))
        .layer(log_in)
        .layer(SessionLayer::new(sessions.clone()).check(outer));
    let counts = || (inner_count.load(Ordering::Relaxed), outer_count.load(Ordering::Relaxed));
    let answer = |uri| block_on(async { text(send(&app, get(uri, &logged_in(&sessions))).await).await });
    assert_eq!((answer("/"), counts()), ("Some(7)".into(), (1, 1)));
    assert_eq!((answer("/login"), counts()), ("Some(8)".into(), (1, 2)));
}

/// Appends to the name on the way in and on the way out.
async fn between(session: Handle, request: Request, next: Next) -> Response {
    session.update(|session| session.name.push('a')).unwrap();
    let response = next.run(request).await;
    session.update(|session| session.name.push('c')).unwrap();
    response
}

#[test]
fn a_middleware_between_two_layers_and_the_handler_change_one_session() {
    let (sessions, _) = sessions();
    let change =
        async |session: Handle| session.update(|session| session.name.push('b')).map_err(|_| "too late");
    for answer in [None, Some(keep as Ask)] {
        let app = Router::new()
            .route("/", on_get(change))
            .layer(layer(&sessions, answer))
            .layer(from_fn(between))
            .layer(layer(&sessions, None))
            .layer(layer(&sessions, answer));
        let response = block_on(send(&app, get("/", &logged_in(&sessions))));
        assert!(set_cookie(response.headers()).starts_with("__Host-session="));
        assert_eq!(caching(&response), ["private, no-store", "Cookie"]);
        assert!(matches!(response.extensions().get(), Some(Saved::Written { .. })));
        let saved = testing::read_back(&sessions, response.headers());
        assert_eq!((saved.user, saved.name.as_str()), (Some(7), "abc"));
    }
}

#[test]
fn what_is_cancelled_within_the_inner_layer_saves_nothing() {
    let (sessions, _) = sessions();
    let hang = async |session: Handle| {
        session.update(|session| session.name = "half".into()).unwrap();
        std::future::pending::<()>().await;
    };
    let give_up = async |request: Request, next: Next| -> Response {
        let status = if request.uri().path() == "/504" { 504 } else { 408 };
        let mut answer = Box::pin(next.run(request));
        let answer = std::future::poll_fn(|context| Poll::Ready(answer.as_mut().poll(context))).await;
        match answer {
            Poll::Ready(response) => response,
            Poll::Pending => StatusCode::from_u16(status).unwrap().into_response(),
        }
    };
    let app = Router::new()
        .fallback(hang)
        .layer(layer(&sessions, None))
        .layer(from_fn(give_up))
        .layer(layer(&sessions, None));
    // The client must not be told that its request took too long, and might have succeeded, when a change was lost.
    for (uri, status) in [("/504", StatusCode::GATEWAY_TIMEOUT), ("/408", StatusCode::INTERNAL_SERVER_ERROR)]
    {
        let response = block_on(send(&app, get(uri, &logged_in(&sessions))));
        assert_eq!(response.status(), status);
        assert_eq!(set_cookies(response.headers()), [] as [&str; 0], "{uri}");
    }
}

#[test]
fn a_response_is_kept_without_its_session_only_if_both_layers_say_so() {
    let (sessions, _) = sessions();
    let too_much = async |session: Handle| {
        session.update(|session| session.name = "x".repeat(5000)).unwrap();
        "kept"
    };
    let keeps = || layer(&sessions, None).on_save_error(|_| OnSaveError::KeepResponse);
    let fails = || layer(&sessions, None).on_save_error(|_| OnSaveError::Fail);
    let default = || layer(&sessions, None);
    let status = |inner, outer| {
        let app = Router::new().route("/", on_get(too_much)).layer(inner).layer(outer);
        block_on(send(&app, get("/", &logged_in(&sessions)))).status()
    };
    assert_eq!(status(keeps(), keeps()), StatusCode::OK);
    for (inner, outer) in [(keeps(), fails()), (fails(), keeps()), (default(), keeps()), (keeps(), default())]
    {
        assert_eq!(status(inner, outer), StatusCode::INTERNAL_SERVER_ERROR);
    }
}

#[test]
fn plain_http_is_known_if_either_layer_knows_it() {
    let (sessions, _) = sessions();
    let change = async |session: Handle| session.update(|session| session.name = "x".into()).unwrap();
    let tells = |scheme: Option<Scheme>| {
        layer(&sessions, None).request_info(move |_| RequestInfo::new().scheme(scheme))
    };
    let status = |inner, outer| {
        let app = Router::new()
            .route("/", on_get(change))
            .layer(tells(inner))
            .layer(from_fn(between))
            .layer(tells(outer));
        block_on(send(&app, get("/", &logged_in(&sessions)))).status()
    };
    let (http, https) = (Some(Scheme::Http), Some(Scheme::Https));
    assert_eq!(status(None, None), StatusCode::OK);
    assert_eq!(status(https, None), StatusCode::OK);
    for (inner, outer) in [(http, None), (None, http), (http, https), (https, http)] {
        assert_eq!(status(inner, outer), StatusCode::INTERNAL_SERVER_ERROR, "{inner:?} {outer:?}");
    }
}
