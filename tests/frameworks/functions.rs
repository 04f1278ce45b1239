//! The application over bare functions: `load`, a handler, `save`.

use http::header::{CACHE_CONTROL, HeaderName, LOCATION};
use http::{HeaderValue, Request, Response, StatusCode};
use sealed_session::handle::Verdict;
use sealed_session::web::{RequestOrigin, Scheme};
use sealed_session::{RequestInfo, ReturnTo, Session, Sessions};

use crate::suite::{self, Application, OWN, PUBLIC, Visitor};

struct Functions {
    sessions: Sessions<Visitor>,
}

impl Application for Functions {
    fn new(sessions: Sessions<Visitor>) -> Self {
        Self { sessions }
    }

    async fn answer(&self, request: Request<Vec<u8>>) -> Response<Vec<u8>> {
        if request.uri().path() == "/untouched" {
            return text("untouched");
        }
        let place = RequestInfo::new().scheme(Scheme::from_forwarded(request.headers()));
        let mut session = self.sessions.load_with(request.headers(), place);
        if session.about().key_id().is_some() {
            match suite::verdict(session.user) {
                Ok(Verdict::Keep) => {}
                Ok(Verdict::End) => session.revoke(),
                Err(_) => {
                    session.into_data();
                    return empty(StatusCode::SERVICE_UNAVAILABLE);
                }
            }
        }
        let mut response = self.handle(&request, &mut session);
        match self.sessions.save(session, response.headers_mut()) {
            Ok(_) => response,
            Err(_) => empty(StatusCode::INTERNAL_SERVER_ERROR),
        }
    }

    fn block_on<F: Future>(answer: F) -> F::Output {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(answer)
    }
}

impl Functions {
    fn handle(&self, request: &Request<Vec<u8>>, session: &mut Session<Visitor>) -> Response<Vec<u8>> {
        match (request.method().as_str(), request.uri().path()) {
            ("GET", "/read") => text(suite::read(session)),
            ("GET", "/public") => with(&PUBLIC, suite::read(session)),
            ("GET", "/own") => with(&OWN, suite::read(session)),
            ("POST", "/own") => with(&OWN, suite::click(session)),
            ("POST", "/write") => text(suite::click(session)),
            ("POST", "/nothing") => text(suite::touch(session)),
            ("POST", "/login") => text(suite::log_in(session)),
            ("POST", "/logout") => text(suite::log_out(session)),
            ("POST", "/renew") => text(suite::renew(session)),
            ("POST", "/large") => text(suite::grow(session)),
            ("POST", "/panic") => panic!("after {}", suite::click(session)),
            ("GET", "/form") => text(suite::form(&self.sessions, session).unwrap()),
            ("POST", "/form") => {
                let origin = RequestOrigin::of(request.uri(), request.headers());
                let is_ours = suite::submit(&self.sessions, session, origin, request.body());
                if is_ours { text("done") } else { refused() }
            }
            (_, "/guarded/page") => {
                if suite::lets_pass(session) {
                    return with(&[("cache-control", "no-store")], "guarded");
                }
                let mut response = empty(StatusCode::SEE_OTHER);
                let target = ReturnTo::of_request(request.method(), request.uri()).from_login("/login");
                response.headers_mut().insert(LOCATION, target.parse().unwrap());
                response
            }
            other => panic!("no route for {other:?}"),
        }
    }
}

fn text(body: impl Into<String>) -> Response<Vec<u8>> {
    Response::new(body.into().into_bytes())
}

fn with(headers: &[(&'static str, &'static str)], body: impl Into<String>) -> Response<Vec<u8>> {
    let mut response = text(body);
    for (name, value) in headers {
        response.headers_mut().append(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    response
}

fn empty(status: StatusCode) -> Response<Vec<u8>> {
    let mut response = with(&[(CACHE_CONTROL.as_str(), "no-store")], "");
    *response.status_mut() = status;
    response
}

fn refused() -> Response<Vec<u8>> {
    let mut response = text("refused");
    *response.status_mut() = StatusCode::FORBIDDEN;
    response
}

crate::suite!(Functions);
