//! The guard: whom it sends to the login, with which target, and what it tells caches.

use axum::Router;
use axum::routing::get as on_get;
use http::header::{CACHE_CONTROL, HeaderValue, LOCATION};
use http::{HeaderMap, Method, StatusCode};
use sealed_session::{Guard, ReturnTo, Session, SessionHandle, SessionLayer};

use super::client::{block_on, caching, get, request, send, text};
use crate::util::{Visitor, logged_in, sessions};

fn guard() -> Guard<Visitor> {
    Guard::new("/login", |session: &Session<Visitor>| session.user.is_some())
}

fn app(page: Router) -> Router {
    page.layer(SessionLayer::new(sessions().0))
}

fn location(app: &Router, method: Method, uri: &str) -> String {
    let response = block_on(send(app, request(method, uri, &HeaderMap::new())));
    assert_eq!(response.status(), StatusCode::SEE_OTHER, "{uri}");
    assert_eq!(caching(&response), ["no-store", "Cookie"], "{uri}");
    let location = response.headers()[LOCATION].to_str().unwrap().to_owned();
    assert_eq!(block_on(text(response)), "");
    location
}

#[test]
fn nested_routers_keep_the_whole_path() {
    let inner = Router::new().route("/page", on_get(async || "secret")).layer(guard());
    let nested = app(Router::new().nest("/a", Router::new().nest("/b", inner)));
    assert_eq!(location(&nested, Method::GET, "/a/b/page?x=1"), "/login?next=%2Fa%2Fb%2Fpage%3Fx%3D1");
    assert_eq!(
        location(&nested, Method::GET, "https://site.example/a/b/page"),
        "/login?next=%2Fa%2Fb%2Fpage"
    );
}

#[test]
fn only_what_can_be_gone_back_to_is_kept() {
    let page = app(Router::new().fallback(async || "secret").layer(guard()));
    assert_eq!(location(&page, Method::GET, "/page"), "/login?next=%2Fpage");
    assert_eq!(location(&page, Method::HEAD, "/page"), "/login?next=%2Fpage");
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS, Method::TRACE] {
        assert_eq!(location(&page, method, "/page"), "/login");
    }
    for elsewhere in
        ["//evil.example", "//evil.example/page", "/%2Fevil.example", "/%5Cevil.example", "/%09/evil"]
    {
        assert_eq!(location(&page, Method::GET, elsewhere), "/login", "{elsewhere}");
    }
    assert_eq!(location(&page, Method::GET, &format!("/{}", "x".repeat(ReturnTo::MAX))), "/login");
}

#[test]
fn what_lies_behind_is_not_run_for_those_who_do_not_pass() {
    let page = app(Router::new().fallback(async || -> &str { panic!("was run") }).layer(guard()));
    location(&page, Method::GET, "/page");
    location(&page, Method::POST, "/page");
}

#[test]
fn pages_behind_it_are_kept_by_nobody() {
    let (sessions, _) = sessions();
    for (said, sent) in [
        ("", "no-store"),
        ("public, max-age=60", "no-store"),
        ("private", "no-store"),
        ("no-cache", "no-store"),
        ("must-understand, no-store", "no-store"),
        ("no-storeish", "no-store"),
        ("no-store", "no-store"),
        ("private, no-store", "private, no-store"),
        ("No-Store, max-age=0", "No-Store, max-age=0"),
    ] {
        let page = async move |_: SessionHandle<Visitor>| {
            let mut headers = HeaderMap::new();
            if !said.is_empty() {
                headers.insert(CACHE_CONTROL, HeaderValue::from_static(said));
            }
            (headers, "secret")
        };
        let app = app(Router::new().route("/", on_get(page)).layer(guard()));
        let response = block_on(send(&app, get("/", &logged_in(&sessions))));
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(caching(&response), [sent, "Cookie"], "{said}");
    }
}

#[test]
fn without_a_layer_nobody_passes() {
    let app = Router::new().route("/", on_get(async || "secret")).layer(guard());
    let response = block_on(send(&app, get("/", &HeaderMap::new())));
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(block_on(text(response)), "");
}

#[test]
fn a_login_page_may_have_a_query() {
    let guard = Guard::new("/login?theme=dark", |session: &Session<Visitor>| session.user.is_some());
    let page = app(Router::new().fallback(async || "secret").layer(guard));
    assert_eq!(
        location(&page, Method::GET, "/a&next=//evil"),
        "/login?theme=dark&next=%2Fa%26next%3D%2F%2Fevil"
    );
}

#[test]
#[should_panic(expected = "cannot stand in a header")]
fn a_login_page_that_cannot_stand_in_a_header_is_refused() {
    let _: Guard<Visitor> = Guard::new("/login\r\nset-cookie: a=1", |_| true);
}
