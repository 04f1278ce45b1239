//! The application of `tests/frameworks` of the library, in actix-web: it has to answer as the others do.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may panic"
)]

#[path = "../../../tests/frameworks/suite.rs"]
mod suite;

use actix_web::body::to_bytes;
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, HttpRequest, HttpResponse, Responder, web};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode};
use sealed_session::handle::Check;
use sealed_session::web::Scheme;
use sealed_session::{RequestInfo, Session, Sessions};
use sealed_session_actix::{Guard, ResponseGoneError, SessionHandle, SessionMiddleware, request_origin};
use suite::{Application, OWN, PUBLIC, Visitor};

struct Actix {
    sessions: Sessions<Visitor>,
}

impl Application for Actix {
    fn new(sessions: Sessions<Visitor>) -> Self {
        Self { sessions }
    }

    async fn answer(&self, request: Request<Vec<u8>>) -> Response<Vec<u8>> {
        let middleware = SessionMiddleware::new(self.sessions.clone())
            .request_info(|request| {
                let is_plain = request.connection_info().scheme() == "http";
                let says = request.headers().contains_key("x-forwarded-proto");
                RequestInfo::new().scheme((says && is_plain).then_some(Scheme::Http))
            })
            .check(Check::new(|session: &Session<Visitor>| {
                let user = session.user;
                async move { suite::verdict(user) }
            }));
        let guarded = web::scope("/guarded")
            .wrap(Guard::new("/login", suite::lets_pass))
            .route("/page", web::get().to(async || "guarded"))
            .route("/page", web::post().to(async || "guarded"));
        let app = App::new()
            .app_data(web::Data::new(self.sessions.clone()))
            .service(guarded)
            .route("/untouched", web::get().to(async || "untouched"))
            .route("/read", web::get().to(async |session: Handle| session.read(suite::read)))
            .route("/public", web::get().to(async |session: Handle| with(&PUBLIC, session.read(suite::read))))
            .route("/own", web::get().to(async |session: Handle| with(&OWN, session.read(suite::read))))
            .route("/own", web::post().to(own))
            .route("/write", web::post().to(async |session: Handle| session.update(suite::click)))
            .route("/nothing", web::post().to(async |session: Handle| session.update(suite::touch)))
            .route("/login", web::post().to(async |session: Handle| session.update(suite::log_in)))
            .route("/logout", web::post().to(async |session: Handle| session.update(suite::log_out)))
            .route("/renew", web::post().to(async |session: Handle| session.update(suite::renew)))
            .route("/large", web::post().to(async |session: Handle| session.update(suite::grow)))
            .route("/panic", web::post().to(panic))
            .route("/form", web::get().to(form))
            .route("/form", web::post().to(submit))
            .wrap(middleware);
        let app = init_service(app).await;

        let (parts, body) = request.into_parts();
        let method = actix_web::http::Method::from_bytes(parts.method.as_str().as_bytes()).unwrap();
        let mut request = TestRequest::with_uri(&parts.uri.to_string()).method(method).set_payload(body);
        for (name, value) in &parts.headers {
            request = request.append_header((name.as_str(), value.as_bytes()));
        }
        let answer = call_service(&app, request.to_request()).await;

        let mut response = Response::new(Vec::new());
        *response.status_mut() = StatusCode::from_u16(answer.status().as_u16()).unwrap();
        *response.headers_mut() = carried(answer.headers());
        *response.body_mut() = to_bytes(answer.into_body()).await.unwrap().to_vec();
        response
    }

    fn block_on<F: Future>(answer: F) -> F::Output {
        actix_web::rt::System::new().block_on(answer)
    }
}

type Handle = SessionHandle<Visitor>;

fn carried(headers: &actix_web::http::header::HeaderMap) -> HeaderMap {
    let pair =
        |(name, value): (&actix_web::http::header::HeaderName, &actix_web::http::header::HeaderValue)| {
            let name = HeaderName::from_bytes(name.as_str().as_bytes()).unwrap();
            (name, HeaderValue::from_bytes(value.as_bytes()).unwrap())
        };
    let mut carried = HeaderMap::new();
    for (name, value) in headers.iter().map(pair) {
        carried.append(name, value);
    }
    carried
}

fn with(headers: &[(&'static str, &'static str)], body: String) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    for pair in headers {
        response.append_header(*pair);
    }
    response.body(body)
}

async fn own(session: Handle) -> Result<HttpResponse, ResponseGoneError> {
    Ok(with(&OWN, session.update(suite::click)?))
}

async fn panic(session: Handle) -> String {
    panic!("after {:?}", session.update(suite::click))
}

async fn form(sessions: web::Data<Sessions<Visitor>>, session: Handle) -> Result<String, ResponseGoneError> {
    session.update(|session| suite::form(&sessions, session).unwrap())
}

async fn submit(
    sessions: web::Data<Sessions<Visitor>>,
    session: Handle,
    request: HttpRequest,
    token: web::Bytes,
) -> impl Responder {
    let origin = request_origin(&request);
    if session.read(|session| suite::submit(&sessions, session, origin, &token)) {
        ("done", actix_web::http::StatusCode::OK)
    } else {
        ("refused", actix_web::http::StatusCode::FORBIDDEN)
    }
}

suite!(Actix);
