//! The guard: whom it sends to the login, with which target, and what it tells caches.

use axum::Router;
use axum::routing::get as on_get;
use http::header::{CACHE_CONTROL, HeaderValue, LOCATION};
use http::request::Parts;
use http::{HeaderMap, Method, StatusCode};
use sealed_session::{Guard, RequestInfo, ReturnTo, Session, SessionHandle, SessionLayer};

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

/// The layer sees the path without what `nest` has taken from it.
#[test]
fn a_layer_inside_a_nested_router_keeps_the_whole_path() {
    let inner = || app(Router::new().route("/page", on_get(async || "secret")).layer(guard()));
    let nested = Router::new().nest("/shop", inner());
    assert_eq!(location(&nested, Method::GET, "/shop/page?x=1"), "/login?next=%2Fshop%2Fpage%3Fx%3D1");
    assert_eq!(location(&nested, Method::POST, "/shop/page"), "/login");
    let deeper = Router::new().nest("/a", Router::new().nest("/{tenant}", inner()));
    assert_eq!(location(&deeper, Method::GET, "/a/b/page"), "/login?next=%2Fa%2Fb%2Fpage");
    let within_layers = deeper.layer(SessionLayer::new(sessions().0));
    assert_eq!(location(&within_layers, Method::GET, "/a/b/page"), "/login?next=%2Fa%2Fb%2Fpage");
}

#[test]
fn behind_a_proxy_that_takes_a_prefix_away_the_guard_puts_it_back() {
    let page = |info: fn(&Parts) -> RequestInfo| {
        let layer = SessionLayer::new(sessions().0).request_info(info);
        Router::new().fallback(async || "secret").layer(guard()).layer(layer)
    };
    let fixed = page(|_| RequestInfo::new().path_prefix("/shop/"));
    assert_eq!(location(&fixed, Method::GET, "/page?x=1"), "/login?next=%2Fshop%2Fpage%3Fx%3D1");
    assert_eq!(location(&fixed, Method::GET, "/"), "/login?next=%2Fshop%2F");
    assert_eq!(location(&fixed, Method::POST, "/page"), "/login");
    assert_eq!(
        location(&page(|_| RequestInfo::new().path_prefix("/")), Method::GET, "/page"),
        "/login?next=%2Fpage"
    );

    let told = page(|request| RequestInfo::from_forwarded(&request.headers));
    for (lines, next) in [
        (&["/shop"][..], "/login?next=%2Fshop%2Fpage"),
        (&[], "/login?next=%2Fpage"),
        (&[""], "/login?next=%2Fpage"),
        (&["/a, /b"], "/login?next=%2Fpage"),
        (&["/a", "/b"], "/login?next=%2Fpage"),
        (&["//evil.example"], "/login"),
        (&["/\\evil.example"], "/login"),
        (&["/%2fevil.example"], "/login"),
        (&["evil.example"], "/login"),
        (&["https://evil.example"], "/login"),
        (&["/shop/.."], "/login"),
    ] {
        let mut request = request(Method::GET, "/page", &HeaderMap::new());
        for line in lines {
            request.headers_mut().append("x-forwarded-prefix", HeaderValue::from_static(line));
        }
        let response = block_on(send(&told, request));
        assert_eq!(response.headers()[LOCATION], next, "{lines:?}");
    }
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
fn a_login_page_may_have_a_fragment() {
    for (login, location_of_page) in [
        ("/login#top", "/login?next=%2Fpage#top"),
        ("/login?a=b#top", "/login?a=b&next=%2Fpage#top"),
        ("/#/login?a=b", "/?next=%2Fpage#/login?a=b"),
        ("#", "?next=%2Fpage#"),
    ] {
        let guard = Guard::new(login, |session: &Session<Visitor>| session.user.is_some());
        let page = app(Router::new().fallback(async || "secret").layer(guard));
        assert_eq!(location(&page, Method::GET, "/page"), location_of_page);
        assert_eq!(location(&page, Method::POST, "/page"), login);
    }
}

#[test]
#[should_panic(expected = "cannot stand in a header")]
fn a_login_page_that_cannot_stand_in_a_header_is_refused() {
    let _: Guard<Visitor> = Guard::new("/login\r\nset-cookie: a=1", |_| true);
}
