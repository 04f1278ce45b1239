//! The pages of the shop.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::Router;
use axum::extract::{Path, Query, State as Given};
use axum::http::{Extensions, HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{any, get};
use sealed_session::web::Scheme;
use sealed_session::{RequestInfo, Session, Sessions};
use serde::Deserialize;

use super::State;
use super::record::SAVED;
use crate::variants::{Variant, Visitor};

pub(super) fn routes() -> Router<Arc<State>> {
    Router::new()
        .route("/static", get(async || ([(header::CACHE_CONTROL, "max-age=600")], "the same for everybody")))
        .route("/hand-made", get(hand_made))
        .route("/embed", get(embed))
        .route("/leave", get(leave))
        .route("/guarded", get(guarded))
        .route("/cleared", get(cleared))
        .route("/{variant}/{action}", any(answer))
}

#[derive(Deserialize)]
#[serde(default)]
struct Asked {
    user: String,
    /// Bytes of text.
    length: usize,
    /// Wait until the test lets go, with the session in hand.
    hold: bool,
    /// Where to go next.
    to: String,
}

impl Default for Asked {
    fn default() -> Self {
        Self { user: "ada".into(), length: 4, hold: false, to: String::new() }
    }
}

async fn answer(
    Given(state): Given<Arc<State>>,
    Path((variant, action)): Path<(String, String)>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
    extensions: Extensions,
) -> Response {
    let Some(variant) = Variant::ALL.into_iter().find(|known| known.path() == variant) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let sessions = state.sessions(variant);
    let info = RequestInfo::new().scheme(scheme(&headers, &extensions));
    let load = || sessions.load_with(&headers, info.clone());
    let mut session = load();
    if asked.hold {
        state.held.fetch_add(1, Ordering::SeqCst);
        state.gate.acquire().await.unwrap().forget();
    }
    match action.as_str() {
        "login" => {
            let text = std::mem::take(&mut session.text);
            session.log_in(Visitor { user: Some(asked.user), text });
        }
        "write" => session.text = "x".repeat(asked.length),
        "logout" => session.destroy(),
        "fill" => session = fill(sessions, session, load),
        "whoami" | "public" => {}
        _ => return (session.into_data(), StatusCode::NOT_FOUND).1.into_response(),
    }
    let mut response = if asked.to.is_empty() {
        describe(&session).into_response()
    } else {
        (StatusCode::SEE_OTHER, [(header::LOCATION, asked.to)]).into_response()
    };
    if action == "public" {
        let public = HeaderValue::from_static("public, max-age=600");
        response.headers_mut().insert(header::CACHE_CONTROL, public);
    }
    match sessions.save(session, response.headers_mut()) {
        Ok(saved) => with_saved(response, &format!("{saved:?}")),
        Err(error) => {
            let response = (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response();
            with_saved(response, &format!("{error:?}"))
        }
    }
}

/// Whose session it is, or why there is none.
fn describe(session: &Session<Visitor>) -> String {
    match (&session.user, session.about().rejection()) {
        (Some(user), _) => format!("{user}, {} bytes of text", session.text.len()),
        (None, Some(rejection)) => format!("nobody: {}", rejection.as_str()),
        (None, None) => "nobody".into(),
    }
}

/// The session with as much text as the library takes.
fn fill(
    sessions: &Sessions<Visitor>,
    session: Session<Visitor>,
    load: impl Fn() -> Session<Visitor>,
) -> Session<Visitor> {
    drop(session.into_data());
    let with_text = |length| {
        let mut session = load();
        session.text = "x".repeat(length);
        session
    };
    let fits = |length: &usize| sessions.save(with_text(*length), &mut HeaderMap::new()).is_ok();
    let length = (0..4096).rev().find(fits).unwrap();
    with_text(length)
}

fn with_saved(mut response: Response, saved: &str) -> Response {
    response.headers_mut().insert(SAVED, HeaderValue::from_str(saved).unwrap());
    response
}

/// What the proxy says, where there is one; else how the request came.
fn scheme(headers: &HeaderMap, extensions: &Extensions) -> Scheme {
    Scheme::from_forwarded(headers).unwrap_or_else(|| *extensions.get::<Scheme>().unwrap())
}

/// Set-Cookie lines that the test chose.
async fn hand_made(Given(state): Given<Arc<State>>) -> Response {
    let lines = state.hand_made.lock().unwrap().clone();
    let headers = lines.into_iter().map(|line| (header::SET_COOKIE, HeaderValue::try_from(line).unwrap()));
    (headers.collect::<HeaderMap>(), "set").into_response()
}

#[derive(Deserialize)]
struct Target {
    url: String,
    /// The policy of the page that leads there.
    #[serde(default)]
    referrer: String,
}

/// A page with a frame.
async fn embed(Query(Target { url, .. }): Query<Target>) -> Html<String> {
    Html(format!("<!doctype html><title>embed</title><iframe src='{url}'></iframe>"))
}

/// A page with the ways to another one that a person would take: a link and a form.
async fn leave(Query(Target { url, referrer }): Query<Target>) -> Html<String> {
    Html(format!(
        "<!doctype html><title>leave</title><meta name=referrer content='{referrer}'><a id=link href='{url}'>go</a>\
         <form method=post action='{url}'><button id=post>post</button></form>"
    ))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Guarded {
    /// Whether the page loads itself anew where a browser shows it from its back/forward cache.
    reloads: bool,
}

/// A page that nobody may store, of whoever is logged in.
async fn guarded(
    Given(state): Given<Arc<State>>,
    Query(asked): Query<Guarded>,
    headers: HeaderMap,
) -> Response {
    let session = state.sessions(Variant::Default).load(&headers);
    let script = if asked.reloads { RELOADS } else { "" };
    let page = format!("<!doctype html><title>guarded</title><p>{}</p>{script}", describe(&session));
    let mut response = ([(header::CACHE_CONTROL, "no-store")], Html(page)).into_response();
    state.sessions(Variant::Default).save(session, response.headers_mut()).unwrap();
    response
}

const RELOADS: &str = "<script>
    addEventListener('pageshow', event => { if (event.persisted) location.reload(); });
</script>";

#[derive(Deserialize)]
struct Cleared {
    what: String,
}

/// A page that asks the browser to forget what it holds of the site.
async fn cleared(Query(Cleared { what }): Query<Cleared>) -> Response {
    let page = Html("<!doctype html><title>cleared</title>cleared");
    ([("clear-site-data", format!("\"{what}\""))], page).into_response()
}
