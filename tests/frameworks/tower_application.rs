//! The application behind a `SessionLayer`, in a service of no framework.

use axum::body::{Body, to_bytes};
use http::header::HeaderName;
use http::{HeaderValue, Request, Response, StatusCode};
use sealed_session::handle::{Check, OpenError, SessionSlot};
use sealed_session::tower::SessionBody;
use sealed_session::web::{RequestOrigin, Scheme};
use sealed_session::{Guard, RequestInfo, Session, SessionLayer, Sessions};
use tower::{Layer, ServiceExt, service_fn};

use crate::suite::{self, Application, OWN, PUBLIC, Visitor};

struct Tower {
    sessions: Sessions<Visitor>,
}

impl Application for Tower {
    fn new(sessions: Sessions<Visitor>) -> Self {
        Self { sessions }
    }

    async fn answer(&self, request: Request<Vec<u8>>) -> Response<Vec<u8>> {
        let sessions = self.sessions.clone();
        let handler = service_fn(move |request| handle(sessions.clone(), request));
        let guard = Guard::new("/login", suite::lets_pass).layer(handler.clone());
        let layer = SessionLayer::new(self.sessions.clone())
            .request_info(|request| RequestInfo::new().scheme(Scheme::from_forwarded(&request.headers)))
            .check(Check::new(|session: &Session<Visitor>| {
                let user = session.user;
                async move { suite::verdict(user) }
            }));
        let response = if request.uri().path().starts_with("/guarded/") {
            whole(layer.layer(guard).oneshot(request).await.unwrap()).await
        } else {
            whole(layer.layer(handler).oneshot(request).await.unwrap()).await
        };
        let (parts, body) = response.into_parts();
        Response::from_parts(parts, to_bytes(body, usize::MAX).await.unwrap().to_vec())
    }

    fn block_on<F: Future>(answer: F) -> F::Output {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(answer)
    }
}

async fn whole<B>(response: Response<SessionBody<B>>) -> Response<Body>
where
    SessionBody<B>:
        http_body::Body<Data = axum::body::Bytes, Error: std::error::Error + Send + Sync> + Send + 'static,
{
    response.map(Body::new)
}

async fn handle(
    sessions: Sessions<Visitor>,
    request: Request<Vec<u8>>,
) -> Result<Response<String>, std::convert::Infallible> {
    Ok(try_handle(sessions, request).await.unwrap_or_else(|_: OpenError| {
        // Whatever is said here, the layer says 503.
        answer(StatusCode::OK, &OWN, "not seen".into())
    }))
}

async fn try_handle(
    sessions: Sessions<Visitor>,
    request: Request<Vec<u8>>,
) -> Result<Response<String>, OpenError> {
    let slot = request.extensions().get::<SessionSlot<Visitor>>().unwrap().clone();
    let route = (request.method().as_str(), request.uri().path());
    let change = match route {
        ("GET", "/untouched") => return Ok(text("untouched".into())),
        (_, "/guarded/page") => return Ok(text("guarded".into())),
        ("GET", "/read") => return Ok(text(slot.open().await?.read(suite::read))),
        ("GET", "/public") => {
            return Ok(answer(StatusCode::OK, &PUBLIC, slot.open().await?.read(suite::read)));
        }
        ("GET", "/own") => return Ok(answer(StatusCode::OK, &OWN, slot.open().await?.read(suite::read))),
        ("POST", "/own") => {
            let body = slot.open().await?.update(suite::click).unwrap();
            return Ok(answer(StatusCode::OK, &OWN, body));
        }
        ("GET", "/form") => {
            let form = slot.open().await?.update(|session| suite::form(&sessions, session));
            return Ok(text(form.unwrap().unwrap()));
        }
        ("POST", "/form") => {
            let origin = RequestOrigin::of(request.uri(), request.headers());
            let is_ours =
                slot.open().await?.read(|session| suite::submit(&sessions, session, origin, request.body()));
            return Ok(if is_ours {
                text("done".into())
            } else {
                answer(StatusCode::FORBIDDEN, &[], "refused".into())
            });
        }
        ("POST", "/panic") => {
            let session = slot.open().await?;
            panic!("after {:?}", session.update(suite::click));
        }
        ("POST", "/write") => suite::click,
        ("POST", "/nothing") => suite::touch,
        ("POST", "/login") => suite::log_in,
        ("POST", "/logout") => suite::log_out,
        ("POST", "/renew") => suite::renew,
        ("POST", "/large") => suite::grow,
        other => panic!("no route for {other:?}"),
    };
    Ok(text(slot.open().await?.update(change).unwrap()))
}

fn text(body: String) -> Response<String> {
    Response::new(body)
}

fn answer(status: StatusCode, headers: &[(&'static str, &'static str)], body: String) -> Response<String> {
    let mut response = text(body);
    *response.status_mut() = status;
    for (name, value) in headers {
        response.headers_mut().append(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    response
}

crate::suite!(Tower);
