//! Several tenants in one application: one `Sessions` each, and a layer that chooses by the request.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::util::{Visitor, logged_in, outcome, set_cookies};
use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::header::{COOKIE, HOST, SET_COOKIE};
use http::{HeaderMap, Request, Response, StatusCode};
use sealed_session::handle::ResponseGoneError;
use sealed_session::{CookieConfig, SameSite, SaveError, SessionHandle, SessionLayer, Sessions, testing};
use tower::ServiceExt;

/// The tenants by their hosts. Two share a cookie's name, as subdomains of one domain may.
fn tenants() -> HashMap<&'static str, Sessions<Visitor>> {
    let cookies = [
        ("acme.example", CookieConfig::new("__Secure-session").domain("acme.example")),
        ("globex.example", CookieConfig::new("__Secure-session").domain("globex.example")),
        ("path.example", CookieConfig::new("app").path("/shop/7")),
        ("embedded.example", CookieConfig::default().same_site(SameSite::None).partitioned(true)),
    ];
    let build = |(host, cookie)| {
        let builder = Sessions::builder(testing::key_ring()).cookie(cookie).purpose(host);
        (host, builder.build().unwrap())
    };
    cookies.into_iter().map(build).collect()
}

async fn log_in(session: SessionHandle<Visitor>) -> Result<(), ResponseGoneError> {
    session.update(|session| {
        session.user = Some(7);
        session.mark_authenticated();
    })
}

async fn who(session: SessionHandle<Visitor>) -> String {
    session.read(|session| session.user.map_or_else(|| "nobody".into(), |user| user.to_string()))
}

fn app() -> Router {
    let tenants = tenants();
    let layer = SessionLayer::by_request(move |request| {
        tenants.get(request.headers.get(HOST)?.to_str().ok()?).cloned()
    });
    Router::new().route("/login", get(log_in)).route("/", get(who)).layer(layer)
}

fn send(host: &str, path: &str, cookie: &str) -> Response<Body> {
    let request = Request::get(path).header(HOST, host).header(COOKIE, cookie);
    let answer = app().oneshot(request.body(Body::empty()).unwrap());
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(answer).unwrap()
}

fn body(response: Response<Body>) -> String {
    let bytes = axum::body::to_bytes(response.into_body(), 1000);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    String::from_utf8(runtime.block_on(bytes).unwrap().to_vec()).unwrap()
}

/// The `name=value` that a login sets.
fn cookie_of(host: &str) -> String {
    let response = send(host, "/login", "");
    let line = response.headers()[SET_COOKIE].to_str().unwrap();
    line.split(';').next().unwrap().to_owned()
}

#[test]
fn each_tenant_has_attributes_of_its_own() {
    let line = |host| set_cookies(send(host, "/login", "").headers())[0].clone();
    let tail = "Secure; HttpOnly; SameSite=Lax; Max-Age=604800";
    assert!(line("acme.example").ends_with(&format!("; Path=/; Domain=acme.example; {tail}")));
    assert!(line("path.example").ends_with(&format!("; Path=/shop/7; {tail}")));
    assert!(line("embedded.example").contains("; Partitioned"));
}

#[test]
fn no_tenants_cookie_opens_at_another() {
    let hosts = ["acme.example", "globex.example", "path.example", "embedded.example"];
    for host in hosts {
        let value = cookie_of(host).split_once('=').unwrap().1.to_owned();
        for other in hosts {
            let name = tenants()[other].name().to_owned();
            let expected = if host == other { "7" } else { "nobody" };
            assert_eq!(body(send(other, "/", &format!("{name}={value}"))), expected, "{host} at {other}");
        }
    }
}

#[test]
fn a_host_that_is_no_tenant_has_no_session() {
    for path in ["/", "/login"] {
        let response = send("newcorp.example", path, &cookie_of("embedded.example"));
        assert_eq!(response.status(), StatusCode::NOT_FOUND);
        assert!(!response.headers().contains_key(SET_COOKIE));
    }
    // Nor that of a layer further out, which is meant for others.
    let inner = SessionLayer::<Visitor>::by_request(|_| None);
    let outer = SessionLayer::new(Sessions::<Visitor>::new(testing::key_ring()).unwrap());
    let app: Router = Router::new().route("/", get(who)).layer(inner).layer(outer);
    let answer = app.oneshot(Request::get("/").body(Body::empty()).unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert_eq!(runtime.block_on(answer).unwrap().status(), StatusCode::NOT_FOUND);
}

#[test]
fn a_session_is_saved_where_it_was_loaded() {
    let tenants = tenants();
    let (acme, globex) = (&tenants["acme.example"], &tenants["globex.example"]);
    let request = logged_in(acme);
    assert_eq!(outcome(acme, &request), "ok");
    let mut session = acme.load(&request);
    session.name = "x".into();
    assert_eq!(globex.save(session, &mut HeaderMap::new()), Err(SaveError::OtherSessions));
}

/// How often a value of the type below was written.
static WRITTEN: AtomicUsize = AtomicUsize::new(0);

#[derive(Default, serde::Deserialize)]
struct Counted {
    user: Option<u64>,
}

impl serde::Serialize for Counted {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        WRITTEN.fetch_add(1, Ordering::SeqCst);
        let mut fields = serializer.serialize_struct("Counted", 1)?;
        fields.serialize_field("user", &self.user)?;
        fields.end()
    }
}

#[test]
fn a_thousand_sessions_of_one_type_walk_it_once() {
    let build = |purpose: usize| {
        let before = WRITTEN.load(Ordering::SeqCst);
        let builder = Sessions::<Counted>::builder(testing::key_ring());
        builder.purpose(purpose.to_string()).sample(Counted { user: Some(1) }).build().unwrap();
        WRITTEN.load(Ordering::SeqCst) - before
    };
    assert!(build(0) > 10, "a walk writes many values");
    for purpose in 1..1000 {
        assert_eq!(build(purpose), 2, "the default and the sample, by which the walk is found");
    }
}
