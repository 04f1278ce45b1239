//! One node of a fleet whose users can log out everywhere: sessions in cookies, and one moment for each user in Redis.

mod revocations;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
pub use revocations::Revocations;
use sealed_session::handle::ResponseGoneError;
use sealed_session::{Guard, Session, SessionHandle, SessionLayer, Sessions};

#[derive(Clone, Default, serde::Serialize, serde::Deserialize)]
pub struct Visitor {
    pub user: Option<u64>,
}

type Handle = SessionHandle<Visitor>;

/// A node. All nodes have the same keys and ask the same Redis.
pub fn node(sessions: Sessions<Visitor>, revocations: &Revocations) -> Router {
    Router::new()
        .route("/everywhere", post(log_out_everywhere))
        .route("/logout", post(log_out))
        .route_layer(Guard::new("/login", |session: &Session<Visitor>| session.user.is_some()))
        .route("/", get(who))
        .route("/login/{user}", post(log_in))
        .route("/health", get(async || "well"))
        .with_state(revocations.clone())
        .layer(SessionLayer::new(sessions).check(revocations.check()))
}

async fn who(session: Handle) -> String {
    session.read(|session| session.user.map_or("nobody".into(), |user| format!("user {user}")))
}

/// A password would be asked for here.
async fn log_in(Path(user): Path<u64>, session: Handle) -> Result<(), ResponseGoneError> {
    session.update(|session| session.log_in(Visitor { user: Some(user) }))
}

async fn log_out(session: Handle) -> Result<(), ResponseGoneError> {
    session.update(Session::destroy)
}

/// First the moment, then the cookie: if Redis does not answer the person is told, and nothing has been done by halves.
async fn log_out_everywhere(
    State(revocations): State<Revocations>,
    session: Handle,
) -> Result<(), StatusCode> {
    if let Some(user) = session.read(|session| session.user) {
        revocations.log_out_everywhere(user).await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    }
    session.update(Session::destroy).map_err(|ResponseGoneError { .. }| StatusCode::INTERNAL_SERVER_ERROR)
}

/// The code of the page about it, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Page;
