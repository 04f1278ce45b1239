//! The application in axum: extractors, a guard around its routes, the layer around all of it.

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::State;
use axum::response::{AppendHeaders, IntoResponse};
use axum::routing::{get, post};
use http::{Request, Response, StatusCode};
use sealed_session::handle::{Check, ResponseGoneError};
use sealed_session::web::{RequestOrigin, Scheme};
use sealed_session::{Guard, RequestInfo, Session, SessionHandle, SessionLayer, Sessions};
use tower::ServiceExt;

use crate::suite::{self, Application, OWN, PUBLIC, Visitor};

struct Axum {
    router: Router,
}

impl Application for Axum {
    fn new(sessions: Sessions<Visitor>) -> Self {
        let layer = SessionLayer::new(sessions.clone())
            .request_info(|request| RequestInfo::new().scheme(Scheme::from_forwarded(&request.headers)))
            .check(Check::new(|session: &Session<Visitor>| {
                let user = session.user;
                async move { suite::verdict(user) }
            }));
        let guarded = Router::new()
            .route("/page", get(|| async { "guarded" }).post(|| async { "guarded" }))
            .layer(Guard::new("/login", suite::lets_pass));
        let router = Router::new()
            .nest("/guarded", guarded)
            .route("/untouched", get(|| async { "untouched" }))
            .route("/read", get(read))
            .route("/public", get(async |session: Handle| (AppendHeaders(PUBLIC), read(session).await)))
            .route("/own", get(async |session: Handle| (AppendHeaders(OWN), read(session).await)).post(own))
            .route("/write", post(async |session: Handle| session.update(suite::click)))
            .route("/nothing", post(async |session: Handle| session.update(suite::touch)))
            .route("/login", post(async |session: Handle| session.update(suite::log_in)))
            .route("/logout", post(async |session: Handle| session.update(suite::log_out)))
            .route("/renew", post(async |session: Handle| session.update(suite::renew)))
            .route("/large", post(async |session: Handle| session.update(suite::grow)))
            .route("/panic", post(panic))
            .route("/form", get(form).post(submit))
            .with_state(sessions)
            .layer(layer);
        Self { router }
    }

    async fn answer(&self, request: Request<Vec<u8>>) -> Response<Vec<u8>> {
        let response = self.router.clone().oneshot(request.map(Body::from)).await.unwrap();
        let (parts, body) = response.into_parts();
        Response::from_parts(parts, to_bytes(body, usize::MAX).await.unwrap().to_vec())
    }

    fn block_on<F: Future>(answer: F) -> F::Output {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(answer)
    }
}

type Handle = SessionHandle<Visitor>;

async fn read(session: Handle) -> String {
    session.read(suite::read)
}

async fn own(session: Handle) -> Result<impl IntoResponse, ResponseGoneError> {
    Ok((AppendHeaders(OWN), session.update(suite::click)?))
}

async fn panic(session: Handle) -> String {
    panic!("after {:?}", session.update(suite::click))
}

async fn form(
    State(sessions): State<Sessions<Visitor>>,
    session: Handle,
) -> Result<String, ResponseGoneError> {
    session.update(|session| suite::form(&sessions, session).unwrap())
}

async fn submit(
    State(sessions): State<Sessions<Visitor>>,
    session: Handle,
    origin: RequestOrigin,
    token: Bytes,
) -> (StatusCode, &'static str) {
    if session.read(|session| suite::submit(&sessions, session, origin, &token)) {
        (StatusCode::OK, "done")
    } else {
        (StatusCode::FORBIDDEN, "refused")
    }
}

crate::suite!(Axum);
