//! A session that cannot be saved, and a layer that is not there.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::response::AppendHeaders;
use axum::routing::get as on_get;
use http::{Response, StatusCode};
use sealed_session::axum::{SessionRejection, Snapshot};
use sealed_session::handle::OnSaveError;
use sealed_session::web::Scheme;
use sealed_session::{RequestInfo, SaveError, Saved, SessionHandle, SessionLayer};

use super::client::{block_on, caching, get, send, text};
use crate::util::{Visitor, logged_in, sessions, sessions_with, set_cookies};

type Handle = SessionHandle<Visitor>;

const OWN: [(&str, &str); 2] = [("set-cookie", "own=1"), ("x-own", "stays")];

async fn grow(session: Handle) -> (AppendHeaders<[(&'static str, &'static str); 2]>, &'static str) {
    session.update(|session| session.name = "x".repeat(5000)).unwrap();
    (AppendHeaders(OWN), "all went well")
}

fn app(layer: SessionLayer<Visitor>) -> Router {
    Router::new().route("/", on_get(grow)).layer(layer)
}

#[test]
fn a_session_that_is_not_saved_is_an_empty_500() {
    let (sessions, _) = sessions();
    let response = block_on(send(&app(SessionLayer::new(sessions.clone())), get("/", &logged_in(&sessions))));
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(set_cookies(response.headers()), [] as [&str; 0]);
    assert_eq!(response.headers().get("x-own"), None);
    assert_eq!(caching(&response), ["no-store"]);
    assert_eq!(response.extensions().get::<Saved>(), None);
    assert_eq!(block_on(text(response)), "");
}

#[test]
fn the_application_may_keep_its_answer() {
    let (sessions, _) = sessions();
    let heard: Arc<Mutex<Vec<SaveError>>> = Arc::default();
    let layer = SessionLayer::new(sessions.clone()).on_save_error({
        let heard = Arc::clone(&heard);
        move |error| {
            heard.lock().unwrap().push(error.clone());
            OnSaveError::KeepResponse
        }
    });
    let response = block_on(send(&app(layer), get("/", &logged_in(&sessions))));
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(set_cookies(response.headers()), ["own=1"]);
    assert_eq!(response.headers()["x-own"], "stays");
    assert_eq!(caching(&response), ["private", "Cookie"], "it may show the session all the same");
    assert_eq!(response.extensions().get::<Saved>(), None);
    assert_eq!(block_on(text(response)), "all went well");
    assert!(matches!(heard.lock().unwrap()[..], [SaveError::TooLarge { bytes: 5000.., .. }]));
}

#[test]
fn the_application_may_tell_errors_apart() {
    let (sessions, _) = sessions();
    let layer = SessionLayer::new(sessions.clone()).on_save_error(|error| match error {
        SaveError::PlainHttp => OnSaveError::KeepResponse,
        _ => OnSaveError::Fail,
    });
    let status = |layer| block_on(send(&app(layer), get("/", &logged_in(&sessions)))).status();
    assert_eq!(status(layer.clone()), StatusCode::INTERNAL_SERVER_ERROR, "it is too large");
    assert_eq!(
        status(layer.clone().request_info(|_| RequestInfo::new().scheme(Some(Scheme::Http)))),
        StatusCode::OK
    );
}

#[test]
fn a_failure_outside_takes_what_was_saved_inside() {
    let ((outer, _), (inner, _)) = (sessions(), sessions_with::<u64>(|builder| builder.name("inner")));
    let both = async |count: SessionHandle<u64>, session: Handle| {
        count.update(|session| **session += 1).unwrap();
        grow(session).await
    };
    let app = Router::new()
        .route("/", on_get(both))
        .layer(SessionLayer::new(inner))
        .layer(SessionLayer::new(outer.clone()));
    let response = block_on(send(&app, get("/", &logged_in(&outer))));
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(set_cookies(response.headers()), [] as [&str; 0], "nobody is told of half a success");
}

/// The client learns nothing; the log tells the developer what is missing.
#[test]
fn a_missing_layer_is_an_empty_500_that_names_no_type() {
    let other = sessions_with::<u64>(|builder| builder).0;
    let look = async |_: Handle| "not reached";
    let snapshot = async |_: Snapshot<Visitor>| "not reached";
    let option = async |_: Option<Snapshot<Visitor>>| "not reached";
    let result = async |result: Result<Handle, SessionRejection>| format!("{:?}", result.map(|_| ()));
    let app = Router::new()
        .route("/look", on_get(look))
        .route("/snapshot", on_get(snapshot))
        .route("/option", on_get(option))
        .route("/result", on_get(result))
        .layer(SessionLayer::new(other)); // of another type
    let answer = |uri: &str| -> Response<_> { block_on(send(&app, get(uri, &http::HeaderMap::new()))) };
    for uri in ["/look", "/snapshot", "/option"] {
        let response = answer(uri);
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR, "{uri}");
        let headers = format!("{:?}", response.headers());
        assert!(!headers.contains("Visitor"), "{headers}");
        assert_eq!(block_on(text(response)), "", "{uri}");
    }
    // Whatever an application makes of the error, it can tell no client what its types are called.
    let said = block_on(text(answer("/result")));
    assert!(said.starts_with("Err(no SessionLayer ") && said.ends_with(" (no_layer))"), "{said}");
    let said = SessionRejection::NoLayer.to_string();
    assert!(said.contains("add .layer(SessionLayer::new(sessions))"), "{said}");
}
