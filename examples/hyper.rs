//! Sessions on hyper 1, without a framework: `cargo run --example hyper`. Then, in another terminal:
//!
//! ```sh
//! curl -c jar -b jar localhost:3000/                                     # Who are you?
//! curl -c jar -b jar localhost:3000/login -d 'user=Ada&password=sesame'
//! curl -c jar -b jar localhost:3000/                                     # You are Ada.
//! curl -c jar -b jar localhost:3000/logout -X POST
//! ```
//!
//! `PORT` is where it listens, `SESSION_KEYS` holds its keys (`cargo run --example keygen` makes one). Without them it
//! draws a key of its own, and a restart logs everybody out.

use std::convert::Infallible;
use std::env;
use std::error::Error;
use std::net::Ipv4Addr;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderName, LOCATION};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
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
    let port = env::var("PORT").map_or(Ok(3000), |port| port.parse())?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    println!("Listening on http://{}/", listener.local_addr()?);
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue }; // a client that was gone again
        let sessions = sessions.clone(); // a pointer
        tokio::spawn(async move {
            let service =
                service_fn(|request| async { Ok::<_, Infallible>(answer(&sessions, request).await) });
            if let Err(why) = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await {
                eprintln!("hyper: {why}");
            }
        });
    }
}

/// Everything that waits comes first: between `load` and `save` nothing does, and no client that hangs up can come in
/// between.
async fn answer(sessions: &Sessions<Visitor>, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let (request, body) = request.into_parts();
    let is_own = RequestOrigin::of(&request.uri, &request.headers) == RequestOrigin::Same;
    if may_change_something(&request.method, &request.headers) && !is_own {
        return text(StatusCode::FORBIDDEN, "Pages of other sites may not post here.");
    }
    let Ok(body) = Limited::new(body, MAX_BODY).collect().await else {
        return text(StatusCode::PAYLOAD_TOO_LARGE, "That was too much.");
    };
    let mut session = sessions.load(&request.headers);
    let mut response = route(&mut session, &request.method, request.uri.path(), &body.to_bytes());
    match sessions.save(session, response.headers_mut()) {
        Ok(_) => response,
        Err(why) => {
            // Not the response with a change that was not saved: it would say that a login or a logout has worked.
            eprintln!("hyper: {why}");
            text(StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong.")
        }
    }
}

fn route(session: &mut Session<Visitor>, method: &Method, path: &str, body: &[u8]) -> Response<Full<Bytes>> {
    match (method, path) {
        (&Method::GET | &Method::HEAD, "/") => match &session.user {
            Some(user) => text(StatusCode::OK, format!("You are {user}.")),
            None => text(StatusCode::OK, "Who are you?"),
        },
        (&Method::POST, "/login") => log_in(session, body),
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
fn log_in(session: &mut Session<Visitor>, body: &[u8]) -> Response<Full<Bytes>> {
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

fn text(status: StatusCode, text: impl Into<String>) -> Response<Full<Bytes>> {
    let mut response = with(status, CONTENT_TYPE, "text/plain; charset=utf-8");
    *response.body_mut() = Full::from(text.into() + "\n");
    response
}

fn with(status: StatusCode, name: HeaderName, value: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response.headers_mut().insert(name, hyper::header::HeaderValue::from_static(value));
    response
}

/// The bytes of a form that are read; whoever sends more is cut off.
const MAX_BODY: usize = 16 * 1024;
