//! The flow that every session library's guide begins with, on axum, with plain `load` and `save`:
//! `cargo run --example login`.
//!
//! `PORT` is where it listens (default 3000; 0 picks a free port). Its keys are in `SESSION_KEYS`, or else in the file
//! `login.keys`, which the first run makes, so that a restart logs nobody out.

mod inside;
mod keys;
mod page;
mod pages;
mod same_origin;

use std::env;
use std::error::Error;
use std::io::{self, Write};
use std::net::Ipv4Addr;
use std::process::ExitCode;

use axum::extract::{Form, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{Router, get};
use sealed_session::{ConfigError, KeyRing, Rejection, Session, Sessions};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

/// What a session holds. `Default` is what every stranger gets: a visitor with no rights.
#[derive(Default, Deserialize, Serialize)]
struct Visitor {
    user: Option<String>,
    /// For show. Whoever keeps an old cookie can bring an old number back, so nothing may depend on it.
    logins: u32,
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("login: {error}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    if env::args_os().len() > 1 {
        return Err("takes no arguments: its settings are the variables PORT and SESSION_KEYS".into());
    }
    let port = port()?;
    let sessions = sessions(keys::key_ring()?)?;
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(|error| {
            format!("cannot listen on 127.0.0.1:{port}: {error}: set PORT to another, or to 0 for a free one")
        })?;
        writeln!(io::stdout(), "The demo is at http://{}/", listener.local_addr()?)?;
        axum::serve(listener, routes(sessions)).await?;
        Ok(())
    })
}

fn port() -> Result<u16, &'static str> {
    match env::var("PORT") {
        Ok(text) => text.parse().ok(),
        Err(env::VarError::NotPresent) => Some(3000),
        Err(env::VarError::NotUnicode(_)) => None,
    }
    .ok_or("PORT is no port: expected a number from 0 to 65535, where 0 picks a free port")
}

fn sessions(ring: KeyRing) -> Result<Sessions<Visitor>, ConfigError> {
    Sessions::builder(ring)
        .name("__Host-login-demo") // browsers keep one set of cookies for all ports of this machine
        // The demo speaks plain http on 127.0.0.1, where a Secure cookie would be dropped. Leave this line out
        // wherever there are users.
        .insecure_for_localhost()
        .build()
}

fn routes(sessions: Sessions<Visitor>) -> Router {
    Router::new()
        .route("/", get(home))
        .route("/login", get(ask_to_log_in).post(log_in))
        .route("/admin/", get(admin))
        .route("/session", get(show_session))
        .route("/logout", get(ask_to_log_out).post(log_out))
        .fallback(nothing_here)
        .layer(middleware::from_fn(same_origin::check))
        .layer(middleware::map_response(page::confine))
        .with_state(sessions)
}

/// Loads the session of a request, has the handler answer it, and saves the session into the answer: every answer, also
/// one that only read, because `save` knows what is due and tells caches whose page this is.
fn with_session(
    sessions: &Sessions<Visitor>,
    request: &HeaderMap,
    handle: impl FnOnce(&mut Session<Visitor>) -> Response,
) -> Response {
    let mut session = sessions.load(request);
    // The client learns that there is no session, the operator learns why.
    if let Some(rejection) = session.about().rejection().filter(|why| *why != Rejection::Absent) {
        report(format_args!("a session cookie was not accepted: {rejection}"));
    }
    let mut response = handle(&mut session);
    match sessions.save(session, response.headers_mut()) {
        Ok(_) => response,
        Err(error) => {
            report(error);
            (StatusCode::INTERNAL_SERVER_ERROR, pages::failure()).into_response()
        }
    }
}

async fn home(State(sessions): State<Sessions<Visitor>>, headers: HeaderMap) -> Response {
    with_session(&sessions, &headers, |session| pages::home(session.user.as_deref()))
}

async fn ask_to_log_in(State(sessions): State<Sessions<Visitor>>, headers: HeaderMap) -> Response {
    with_session(&sessions, &headers, |session| pages::login(session.user.as_deref()))
}

async fn log_in(
    State(sessions): State<Sessions<Visitor>>,
    headers: HeaderMap,
    Form(form): Form<Credentials>,
) -> Response {
    with_session(&sessions, &headers, |session| {
        if !form.are_right() {
            let page = pages::login_failed(session.user.as_deref(), &form.username);
            return (StatusCode::UNAUTHORIZED, page).into_response();
        }
        session.user = Some(form.username);
        session.logins = session.logins.saturating_add(1);
        session.authenticated(); // a new id, and both clocks begin
        Redirect::to("/admin/").into_response()
    })
}

async fn admin(State(sessions): State<Sessions<Visitor>>, headers: HeaderMap) -> Response {
    with_session(&sessions, &headers, |session| {
        never_cached(match guard(session) {
            Ok(user) => pages::admin(user, session.logins),
            Err(to_login) => to_login.into_response(),
        })
    })
}

async fn show_session(State(sessions): State<Sessions<Visitor>>, headers: HeaderMap) -> Response {
    with_session(&sessions, &headers, |session| {
        never_cached(match inside::Cookie::find(&headers, sessions.name()) {
            Some(cookie) if !session.about().is_new() => pages::session(session, &cookie),
            _ => pages::no_session(),
        })
    })
}

async fn ask_to_log_out(State(sessions): State<Sessions<Visitor>>, headers: HeaderMap) -> Response {
    with_session(&sessions, &headers, |session| pages::logout(session.user.as_deref()))
}

async fn log_out(State(sessions): State<Sessions<Visitor>>, headers: HeaderMap) -> Response {
    with_session(&sessions, &headers, |session| {
        session.destroy();
        Redirect::to("/").into_response()
    })
}

async fn nothing_here(State(sessions): State<Sessions<Visitor>>, headers: HeaderMap) -> Response {
    with_session(&sessions, &headers, |session| {
        (StatusCode::NOT_FOUND, pages::nothing_here(session.user.as_deref())).into_response()
    })
}

/// The guard: who is logged in, or the way to the form. The way is a fixed one: a page to go on to, taken from the
/// request, would have to be checked, or the login would send people anywhere.
fn guard(session: &Session<Visitor>) -> Result<&str, Redirect> {
    session.user.as_deref().ok_or_else(|| Redirect::to("/login"))
}

/// Keeps a page out of the browser's cache as well: after logout, its Back button must not show it.
fn never_cached(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A field that is missing is a wrong one.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Credentials {
    username: String,
    password: String,
}

impl Credentials {
    /// Compares, because these two stand on the page for everyone to read. A real application verifies a hash of the
    /// password (Argon2id), also for users that do not exist, so that the time it takes tells nothing, and counts the
    /// attempts on the server: a counter in the session is in the hands of whoever attacks.
    fn are_right(&self) -> bool {
        self.username == pages::DEMO_USER && self.password == pages::DEMO_PASSWORD
    }
}

/// One line for the operator. That nobody may be reading is no reason to fail.
fn report(what: impl std::fmt::Display) {
    let _ = writeln!(io::stderr(), "login: {what}");
}
