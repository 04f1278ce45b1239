//! The session layer among the usual ones of tower-http, in the order that the guide documents, and in others.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::routing::get as on_get;
use http::header::{
    ACCEPT_ENCODING, ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_ENCODING, ORIGIN, VARY,
};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use sealed_session::{Saved, SessionHandle, SessionLayer, Sessions, testing};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::cors::CorsLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;

use super::client::{get, request, send};
use crate::util::{Visitor, logged_in, sessions, set_cookie, set_cookies};

type Handle = SessionHandle<Visitor>;

const PUBLIC: HeaderValue = HeaderValue::from_static("public, max-age=60");

/// Changes the session, whole, and gives the handle back to nobody.
async fn rename(session: Handle) {
    session.update(|session| session.name = "changed".into()).unwrap();
}

fn pages() -> Router {
    let read = async |session: Handle| session.read(|session| format!("{:?} ", session.user).repeat(100));
    let panic = async |session: Handle| -> String {
        rename(session).await;
        panic!("after a function has changed the session")
    };
    let hang = async |session: Handle| {
        rename(session).await;
        std::future::pending::<()>().await;
    };
    Router::new()
        .route("/write", on_get(async |session: Handle| rename(session).await))
        .route("/read", on_get(read))
        .route("/same", on_get(async || "the same for everybody ".repeat(10)))
        .route("/panic", on_get(panic))
        .route("/hang", on_get(hang))
}

fn timeout() -> TimeoutLayer {
    TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, Duration::from_millis(1))
}

fn cached() -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::overriding(CACHE_CONTROL, PUBLIC)
}

/// As the guide has it.
fn documented(sessions: &Sessions<Visitor>) -> Router {
    pages()
        .layer(SetResponseHeaderLayer::if_not_present(CACHE_CONTROL, PUBLIC))
        .layer(SessionLayer::new(sessions.clone()))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, Duration::from_secs(3600)))
        .layer(CatchPanicLayer::new())
        .layer(CompressionLayer::new())
        .layer(CorsLayer::new().allow_origin(HeaderValue::from_static("https://app.example")))
}

fn answer(app: &Router, request: Request<Body>) -> Response<Body> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(send(app, request))
}

fn cache_control(response: &Response<Body>) -> Vec<&HeaderValue> {
    response.headers().get_all(CACHE_CONTROL).iter().collect()
}

fn varies(response: &Response<Body>) -> String {
    let lines: Vec<_> = response.headers().get_all(VARY).iter().map(|line| line.to_str().unwrap()).collect();
    lines.join(", ").to_ascii_lowercase()
}

#[test]
fn in_the_documented_order_a_session_is_private_and_all_else_as_it_was() {
    let (sessions, _) = sessions();
    let app = documented(&sessions);
    let headers = logged_in(&sessions);
    let zipped = |uri| {
        let mut request = get(uri, &headers);
        request.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        request.headers_mut().insert(ORIGIN, HeaderValue::from_static("https://app.example"));
        answer(&app, request)
    };
    let write = zipped("/write");
    assert_eq!(cache_control(&write), ["private, no-store"]);
    assert!(set_cookie(write.headers()).starts_with("__Host-session="));
    assert!(matches!(write.extensions().get(), Some(Saved::Written { .. })));
    assert_eq!(testing::read_back(&sessions, write.headers()).name, "changed");

    // The application said `public` itself.
    for (uri, depends) in [("/read", true), ("/same", false)] {
        let response = zipped(uri);
        assert_eq!(cache_control(&response), [PUBLIC], "{uri}");
        assert_eq!(response.headers()[CONTENT_ENCODING], "gzip", "{uri}");
        assert_eq!(response.headers()[ACCESS_CONTROL_ALLOW_ORIGIN], "https://app.example", "{uri}");
        let varies = varies(&response);
        assert!(varies.contains("accept-encoding") && varies.contains("origin"), "{uri}: {varies}");
        assert_eq!(varies.contains("cookie"), depends, "{uri}: {varies}");
        assert_eq!(set_cookies(response.headers()), [] as [&str; 0], "{uri}");
    }
    let mut preflight = request(Method::OPTIONS, "/write", &headers);
    preflight.headers_mut().insert("access-control-request-method", HeaderValue::from_static("POST"));
    let response = answer(&app, preflight);
    assert_eq!((response.status(), set_cookies(response.headers()).len()), (StatusCode::OK, 0));
    assert!(!varies(&response).contains("cookie"));
}

#[test]
fn what_is_cut_off_inside_the_session_layer_saves_nothing() {
    let (sessions, _) = sessions();
    let headers = logged_in(&sessions);
    let app = pages().layer(SessionLayer::new(sessions)).layer(timeout()).layer(CatchPanicLayer::new());
    for (uri, status) in
        [("/panic", StatusCode::INTERNAL_SERVER_ERROR), ("/hang", StatusCode::REQUEST_TIMEOUT)]
    {
        let response = answer(&app, get(uri, &headers));
        assert_eq!((response.status(), set_cookies(response.headers()).len()), (status, 0), "{uri}");
    }
}

/// What the guide warns of: the layer cannot tell these answers from others.
#[test]
fn what_a_function_has_changed_is_saved_where_the_panic_or_the_timeout_is_caught_inside() {
    let (sessions, _) = sessions();
    let headers = logged_in(&sessions);
    let app = pages().layer(timeout()).layer(CatchPanicLayer::new()).layer(SessionLayer::new(sessions));
    for uri in ["/panic", "/hang"] {
        let response = answer(&app, get(uri, &headers));
        assert!(response.status().is_client_error() || response.status().is_server_error());
        assert_eq!(set_cookies(response.headers()).len(), 1, "{uri}");
        assert_eq!(cache_control(&response), ["private, no-store"], "{uri}");
    }
}

/// A second layer of the same sessions inside tells the outer one that it was cut off.
#[test]
fn a_layer_on_either_side_saves_nothing_of_what_is_cut_off_between() {
    let (sessions, _) = sessions();
    let headers = logged_in(&sessions);
    let layer = || SessionLayer::new(sessions.clone());
    let app = pages().layer(layer()).layer(timeout()).layer(CatchPanicLayer::new()).layer(layer());
    for uri in ["/panic", "/hang"] {
        let response = answer(&app, get(uri, &headers));
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR, "{uri}");
        assert_eq!(set_cookies(response.headers()), [] as [&str; 0], "{uri}");
    }
    let response = answer(&app, get("/write", &headers));
    assert!(set_cookie(response.headers()).starts_with("__Host-session="));
}

#[test]
fn a_cache_header_is_made_strict_where_it_is_set_inside_and_stays_where_it_is_set_outside() {
    let (sessions, _) = sessions();
    let layer = || SessionLayer::new(sessions.clone());
    let inside = pages().layer(cached()).layer(layer());
    let outside = pages().layer(layer()).layer(cached());
    let careful = pages().layer(layer()).layer(SetResponseHeaderLayer::if_not_present(CACHE_CONTROL, PUBLIC));
    let said = |app: &Router, uri| {
        let response = answer(app, get(uri, &logged_in(&sessions)));
        cache_control(&response).iter().map(|line| line.to_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    for app in [&inside, &careful] {
        assert_eq!(said(app, "/write"), ["private, no-store"]);
    }
    assert_eq!(said(&careful, "/read"), ["private"]);
    assert_eq!(said(&outside, "/write"), [PUBLIC], "what the guide warns of");
}
