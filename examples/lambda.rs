//! A function from one request to one response, as cloud functions have it, with a few events to run it on:
//! `cargo run --example lambda`.
//!
//! `handle` is all there is. A runtime such as `lambda_http` calls it for every event, with `sessions` made once, at
//! the cold start; in place of a runtime, `main` here plays the browser and the gateway.
//!
//! Every instance reads the same keys from `SESSION_KEYS`, so it does not matter which of them answers, or that the one
//! that answered before is gone.

use std::error::Error;

use http::header::{ALLOW, CONTENT_TYPE, COOKIE, HeaderName, HeaderValue, LOCATION, SET_COOKIE};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use sealed_session::error::KeyRingError;
use sealed_session::web::{RequestOrigin, TrustedOrigins, may_change_something};
use sealed_session::{Algorithm, Key, KeyRing, RequestInfo, Session, Sessions};
use serde::{Deserialize, Serialize};

/// What a session holds. The default is what every stranger gets: a visitor with no rights.
#[derive(Default, Deserialize, Serialize)]
pub(crate) struct Visitor {
    pub(crate) user: Option<String>,
}

/// The gateway in front ends TLS, and says in `X-Forwarded-Proto` how the browser came. Nobody else can reach the
/// function, so that header can be believed.
pub(crate) fn handle(sessions: &Sessions<Visitor>, request: &Request<Vec<u8>>) -> Response<String> {
    let headers = request.headers();
    let info = RequestInfo::from_forwarded(headers);
    let origin = TrustedOrigins::new().origin_of(request.uri(), headers, &info);
    if may_change_something(request.method(), headers) && origin != RequestOrigin::Same {
        return text(StatusCode::FORBIDDEN, "Pages of other sites may not post here.");
    }
    let mut session = sessions.load_with(headers, info);
    let mut response = route(&mut session, request);
    match sessions.save(session, response.headers_mut()) {
        Ok(_) => response,
        Err(why) => {
            // Not the response with a change that was not saved: it would say that a login or a logout has worked.
            eprintln!("lambda: {why}");
            text(StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong.")
        }
    }
}

fn route(session: &mut Session<Visitor>, request: &Request<Vec<u8>>) -> Response<String> {
    match (request.method(), request.uri().path()) {
        (&Method::GET | &Method::HEAD, "/") => match &session.user {
            Some(user) => text(StatusCode::OK, format!("You are {user}.")),
            None => text(StatusCode::OK, "Who are you?"),
        },
        (&Method::POST, "/login") => log_in(session, request.body()),
        (&Method::POST, "/logout") => {
            session.destroy();
            with(StatusCode::SEE_OTHER, LOCATION, "/")
        }
        (_, "/") => with(StatusCode::METHOD_NOT_ALLOWED, ALLOW, "GET, HEAD"),
        (_, "/login" | "/logout") => with(StatusCode::METHOD_NOT_ALLOWED, ALLOW, "POST"),
        _ => text(StatusCode::NOT_FOUND, "There is nothing here."),
    }
}

/// Whoever knows the one password may take any name, and `save` refuses a name that no cookie can hold. A real
/// application verifies a hash of the password, and checks the length of what it stores.
fn log_in(session: &mut Session<Visitor>, body: &[u8]) -> Response<String> {
    let field =
        |wanted| form_urlencoded::parse(body).find_map(|(name, value)| (name == wanted).then_some(value));
    match (field("user"), field("password").as_deref()) {
        (Some(user), Some("sesame")) => {
            // A new id, both clocks begin, and the data of an earlier user is gone.
            session.log_in(Visitor { user: Some(user.into_owned()) });
            with(StatusCode::SEE_OTHER, LOCATION, "/")
        }
        _ => text(StatusCode::UNAUTHORIZED, "Wrong name or password."),
    }
}

fn text(status: StatusCode, text: impl Into<String>) -> Response<String> {
    let mut response = with(status, CONTENT_TYPE, "text/plain; charset=utf-8");
    *response.body_mut() = text.into() + "\n";
    response
}

fn with(status: StatusCode, name: HeaderName, value: &'static str) -> Response<String> {
    let mut response = Response::new(String::new());
    *response.status_mut() = status;
    response.headers_mut().insert(name, HeaderValue::from_static(value));
    response
}

/// In place of the gateway: a stranger comes, logs in at the second attempt, is known, and logs out.
pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    let ring = match KeyRing::from_env("SESSION_KEYS") {
        Err(KeyRingError::MissingVariable { .. }) => KeyRing::new(Key::generate(Algorithm::Xaes256Gcm)?),
        ring => ring?,
    };
    let sessions: Sessions<Visitor> = Sessions::new(ring)?;
    let mut browser = Vec::<(String, String)>::new();
    for (method, path, body) in [
        (Method::GET, "/", ""),
        (Method::POST, "/login", "user=Ada&password=guess"),
        (Method::POST, "/login", "user=Ada&password=sesame"),
        (Method::GET, "/", ""),
        (Method::POST, "/logout", ""),
        (Method::GET, "/", ""),
    ] {
        let mut event = Request::builder()
            .method(&method)
            .uri(path)
            .header("host", "shop.example")
            .header("x-forwarded-proto", "https")
            .header("sec-fetch-site", "same-origin")
            .body(body.into())?;
        for (name, value) in &browser {
            event.headers_mut().append(COOKIE, format!("{name}={value}").parse()?);
        }
        let response = handle(&sessions, &event);
        println!("{method} {path}: {} {}", response.status().as_u16(), response.body().trim_end());
        keep_cookies(&mut browser, response.headers());
        for (name, _) in &browser {
            println!("    the browser has {name}"); // the name alone: the value is the session
        }
    }
    Ok(())
}

/// As a browser does: what is set again replaces, and `Max-Age=0` removes.
fn keep_cookies(browser: &mut Vec<(String, String)>, response: &HeaderMap) {
    for line in response.get_all(SET_COOKIE).iter().filter_map(|line| line.to_str().ok()) {
        let Some((name, rest)) = line.split_once('=') else { continue };
        browser.retain(|(kept, _)| kept != name);
        if !rest.contains("; Max-Age=0") {
            let value = rest.split(';').next().unwrap_or_default();
            browser.push((name.into(), value.into()));
        }
    }
}
