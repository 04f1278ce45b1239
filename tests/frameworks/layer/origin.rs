//! The extractor of a request's origin: with what the layer knows about the request, and the origins that the
//! application trusts.

use axum::routing::{get, post};
use axum::{Extension, Router};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use sealed_session::web::{RequestOrigin, Scheme, TrustedOrigins};
use sealed_session::{Guard, RequestInfo, Session, SessionHandle, SessionLayer, testing};

use super::client::{block_on, request, send, text};
use crate::util::{Visitor, sessions, sessions_with};

fn said(app: &Router, uri: &str, lines: &[(&'static str, &'static str)]) -> String {
    let mut request = request(Method::POST, uri, &HeaderMap::new());
    for (name, value) in lines {
        request.headers_mut().append(*name, HeaderValue::from_static(value));
    }
    block_on(async { text(send(app, request).await).await })
}

fn app() -> Router {
    let origin = async |origin: RequestOrigin| origin.as_str();
    Router::new().route("/", post(origin)).nest("/shop", Router::new().route("/page", post(origin)))
}

#[test]
fn the_extractor_knows_what_the_layer_and_the_application_know() {
    let plain = app();
    let own = [("host", "shop.example"), ("origin", "https://shop.example")];
    for uri in ["/", "/shop/page", "https://shop.example/shop/page"] {
        assert_eq!(said(&plain, uri, &own), "same", "{uri}");
        assert_eq!(said(&plain, uri, &own[..1]), "unknown", "{uri}");
        assert_eq!(said(&plain, uri, &[own[0], ("origin", "https://evil.example")]), "other", "{uri}");
    }

    let behind = |info: fn(&HeaderMap) -> RequestInfo| {
        app().layer(SessionLayer::new(sessions().0).request_info(move |request| info(&request.headers)))
    };
    let proxied = [("host", "10.0.0.7"), ("x-forwarded-host", "shop.example"), own[1]];
    assert_eq!(said(&plain, "/", &proxied), "other");
    assert_eq!(said(&behind(RequestInfo::from_forwarded), "/", &proxied), "same");
    assert_eq!(said(&behind(|_| RequestInfo::new().host("shop.example")), "/shop/page", &proxied), "same");
    assert_eq!(said(&behind(|_| RequestInfo::new().host("other.example")), "/", &own), "other");

    let trusted = TrustedOrigins::new().trust("https://app.example").unwrap();
    let trusting = app().layer(Extension(trusted));
    let from_app = [own[0], ("origin", "https://app.example"), ("sec-fetch-site", "cross-site")];
    assert_eq!(
        (said(&plain, "/", &from_app), said(&trusting, "/", &from_app)),
        ("other".into(), "same".into())
    );
}

/// One layer tells the host, and one of other sessions the prefix.
#[test]
fn what_two_layers_know_is_known_in_either_order() {
    let tells = |name: &str, info: fn() -> RequestInfo| {
        let (sessions, _) = sessions_with::<Visitor>(|builder| builder.name(name));
        SessionLayer::new(sessions).request_info(move |_| info())
    };
    let host = || tells("__Host-one", || RequestInfo::new().host("shop.example"));
    let prefix = || tells("__Host-two", || RequestInfo::new().path_prefix("/shop"));
    let proxied = [("host", "10.0.0.7"), ("origin", "https://shop.example")];
    for (inner, outer) in [(host(), prefix()), (prefix(), host())] {
        let guarded = Router::new()
            .route("/page", get(async || ""))
            .route_layer(Guard::new("/login", |_: &Session<Visitor>| false));
        let app = app().merge(guarded).layer(inner).layer(outer);
        assert_eq!(said(&app, "/", &proxied), "same");
        let to_login = block_on(send(&app, request(Method::GET, "/page", &HeaderMap::new())));
        assert_eq!(to_login.headers()["location"], "/login?next=%2Fshop%2Fpage");
    }
}

/// What a layer of another type, or the application, knows counts for a guard and for a save as well.
#[test]
fn what_is_known_about_a_request_is_known_to_every_layer_further_in() {
    let guard = || Guard::new("/login", |session: &Session<Visitor>| session.user.is_some());
    let change = async |session: SessionHandle<Visitor>| session.update(|s| s.name.push('x')).unwrap();
    let (visitors, _) = sessions();
    let inside = Router::new()
        .route("/page", get(async || "").route_layer(guard()))
        .route("/write", post(change))
        .layer(SessionLayer::new(visitors));
    let info = || RequestInfo::new().path_prefix("/shop").scheme(Scheme::Http);
    let (others, _) = sessions_with::<u64>(|builder| builder.name("__Host-count"));
    let by_layer = inside.clone().layer(SessionLayer::new(others).request_info(move |_| info()));
    for app in [by_layer, inside.layer(Extension(info()))] {
        let to_login = block_on(send(&app, request(Method::GET, "/page", &HeaderMap::new())));
        assert_eq!(to_login.headers()["location"], "/login?next=%2Fshop%2Fpage");
        let write = block_on(send(&app, request(Method::POST, "/write", &HeaderMap::new())));
        assert_eq!(write.status(), StatusCode::INTERNAL_SERVER_ERROR, "a Secure cookie over plain http");
    }
}

#[test]
fn a_handle_asks_the_origin_and_then_the_token() {
    let (sessions, _) = sessions();
    let mut token = String::new();
    let headers = testing::request(&sessions, |session| token = sessions.csrf_token(session).unwrap());
    let change = async |session: SessionHandle<Visitor>, origin: RequestOrigin, token: String| match session
        .check_request(origin, Some(&token))
    {
        Ok(()) => StatusCode::OK,
        Err(_) => StatusCode::FORBIDDEN,
    };
    let app = Router::new().route("/", post(change)).layer(SessionLayer::new(sessions.clone()));
    for (site, token, status) in [
        (None, &*token, 200),
        (None, "junk", 403),
        (None, "", 403),
        (Some("same-origin"), "", 200),
        (Some("cross-site"), &*token, 403),
    ] {
        let mut request = request(Method::POST, "/", &headers);
        *request.body_mut() = token.to_owned().into();
        if let Some(site) = site {
            request.headers_mut().insert("sec-fetch-site", HeaderValue::from_static(site));
        }
        assert_eq!(block_on(send(&app, request)).status(), status, "{site:?} {token}");
    }
}
