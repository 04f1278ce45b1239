//! A WebSocket that knows who opened it, on axum with plain `load` and `save`: `cargo run --example websocket`, then
//! open the page that it names.
//!
//! The session of a socket is that of the moment of the upgrade. A logout in another tab, or a change of rights, does
//! not reach a socket that is open. This one ends when the session would have ended; an application whose sockets must
//! end with the logout keeps them by the session's id, or asks the user's row before what matters.
//!
//! `PORT` is where it listens, `SESSION_KEYS` holds its keys (`cargo run --example keygen` makes one). Without them it
//! draws a key of its own, and a restart logs everybody out.

use std::env;
use std::error::Error;
use std::net::Ipv4Addr;
use std::time::{Duration, SystemTime};

use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::extract::{Form, Request, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{Router, get, post};
use sealed_session::error::KeyRingError;
use sealed_session::web::{RequestOrigin, may_change_something};
use sealed_session::{Algorithm, Key, KeyRing, Session, Sessions};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

/// What a session holds. The default is what every stranger gets: a visitor with no rights.
#[derive(Default, Deserialize, Serialize)]
struct Visitor {
    user: Option<String>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let ring = match KeyRing::from_env("SESSION_KEYS") {
        Err(KeyRingError::MissingVariable { .. }) => KeyRing::new(Key::generate(Algorithm::Xaes256Gcm)?),
        ring => ring?,
    };
    let sessions: Sessions<Visitor> = Sessions::builder(ring)
        .insecure_for_localhost() // plain http on this machine: leave this line out wherever there are users
        .build()?;
    let routes = Router::new()
        .route("/", get(Html(PAGE)))
        .route("/login", post(log_in))
        .route("/logout", post(log_out))
        .layer(middleware::from_fn(only_own_pages_post))
        .route("/socket", get(open_socket))
        .with_state(sessions);
    let port = env::var("PORT").map_or(Ok(3000), |port| port.parse())?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    println!("Listening on http://{}/", listener.local_addr()?);
    Ok(axum::serve(listener, routes).await?)
}

/// `SameSite` keeps the cookie from other sites' requests, but to it every port and subdomain is one site, and no
/// browser asks before it opens a socket to another origin (CORS does not apply). So `Origin` is checked here, or any
/// such page could talk in its visitor's name. Browsers always send it (RFC 6455 §4.1).
async fn open_socket(
    State(sessions): State<Sessions<Visitor>>,
    uri: Uri,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    if RequestOrigin::of(&uri, &headers) != RequestOrigin::Same {
        return (StatusCode::FORBIDDEN, "Pages of other sites may not talk here.").into_response();
    }
    // Nothing is saved: a socket that opens by itself again and again is nobody's activity. So the data is taken out.
    let session = sessions.load(&headers);
    let ends = session.about().idle_expires_at().unwrap_or(session.about().expires_at());
    let Some(user) = session.into_data().user else {
        return (StatusCode::UNAUTHORIZED, "Who are you?").into_response();
    };
    let left = ends.duration_since(SystemTime::now()).unwrap_or_default();
    upgrade.max_message_size(MAX_MESSAGE).on_upgrade(move |socket| serve(socket, user, left))
}

/// Until either side has enough, and at most for what was left of the session.
async fn serve(mut socket: WebSocket, user: String, left: Duration) {
    if tokio::time::timeout(left, talk(&mut socket, &user)).await.is_err() {
        let frame = CloseFrame { code: close_code::POLICY, reason: "the session has ended".into() };
        let _ = socket.send(Message::Close(Some(frame))).await;
    }
}

async fn talk(socket: &mut WebSocket, user: &str) -> Option<()> {
    socket.send(format!("You are {user}.").into()).await.ok()?;
    while let Message::Text(text) = next(socket).await? {
        socket.send(format!("{user}: {text}").into()).await.ok()?;
    }
    None
}

/// The next message that says something; axum answers pings by itself.
async fn next(socket: &mut WebSocket) -> Option<Message> {
    loop {
        match socket.recv().await?.ok()? {
            Message::Ping(_) | Message::Pong(_) => {}
            message => return Some(message),
        }
    }
}

/// Whoever knows the one password may take any name, and `save` refuses a name that no cookie can hold. A real
/// application verifies a hash of the password, and checks the length of what it stores.
async fn log_in(
    State(sessions): State<Sessions<Visitor>>,
    headers: HeaderMap,
    Form(form): Form<Credentials>,
) -> Response {
    with_session(&sessions, &headers, |session| {
        if form.password != "sesame" {
            return (StatusCode::UNAUTHORIZED, "Wrong name or password.").into_response();
        }
        session.log_in(Visitor { user: Some(form.user) }); // a new id, and both clocks begin
        Redirect::to("/").into_response()
    })
}

async fn log_out(State(sessions): State<Sessions<Visitor>>, headers: HeaderMap) -> Response {
    with_session(&sessions, &headers, |session| {
        session.destroy();
        Redirect::to("/").into_response()
    })
}

fn with_session(
    sessions: &Sessions<Visitor>,
    request: &HeaderMap,
    handle: impl FnOnce(&mut Session<Visitor>) -> Response,
) -> Response {
    let mut session = sessions.load(request);
    let mut response = handle(&mut session);
    match sessions.save(session, response.headers_mut()) {
        Ok(_) => response,
        Err(why) => {
            // Not the response with a change that was not saved: it would say that a login or a logout has worked.
            eprintln!("websocket: {why}");
            (StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong.").into_response()
        }
    }
}

async fn only_own_pages_post(origin: RequestOrigin, request: Request, next: Next) -> Response {
    if may_change_something(request.method(), request.headers()) && origin != RequestOrigin::Same {
        return (StatusCode::FORBIDDEN, "Pages of other sites may not post here.").into_response();
    }
    next.run(request).await
}

/// A form without one of them is answered with 422.
#[derive(Deserialize)]
struct Credentials {
    user: String,
    password: String,
}

/// The longest message that is read, in bytes.
const MAX_MESSAGE: usize = 16 * 1024;

/// It is the same for everybody: who the visitor is comes over the socket.
const PAGE: &str = r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>A WebSocket with a session</title>
<form method="post" action="/login">
  <input name="user" placeholder="any name" required>
  <input name="password" type="password" placeholder="sesame" required>
  <button>Log in</button>
</form>
<form method="post" action="/logout"><button>Log out</button></form>
<form id="talk"><input id="text" placeholder="say something"><button>Send</button></form>
<pre id="log"></pre>
<script>
  const log = text => document.getElementById("log").append(text + "\n");
  const socket = new WebSocket(`ws://${location.host}/socket`);
  socket.onmessage = event => log(event.data);
  socket.onclose = () => log("The socket is closed.");
  document.getElementById("talk").onsubmit = event => {
    event.preventDefault();
    socket.send(document.getElementById("text").value);
  };
</script>
"#;
