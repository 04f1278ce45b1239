//! What is actix-web's own: its headers, its errors, its bodies, its scopes.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may panic"
)]

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use actix_web::body::{BodySize, BoxBody, MessageBody, to_bytes};
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::HeaderValue;
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, FromRequest, HttpResponse, ResponseError, web};
use sealed_session::handle::{Check, OnSaveError, Verdict};
use sealed_session::{Saved, Session, SessionData, Sessions, testing};
use sealed_session_actix::{Guard, SessionHandle, SessionMiddleware, SessionRejection, Snapshot};

#[derive(Clone, Default, serde::Serialize, serde::Deserialize)]
struct Visitor {
    user: Option<u64>,
    name: String,
}

type Handle = SessionHandle<Visitor>;

fn sessions_named<T: SessionData>(name: &str) -> Sessions<T> {
    let clock = testing::Clock::at(1_800_000_000);
    Sessions::builder(testing::key_ring()).name(name).clock(clock.reader()).build().unwrap()
}

fn sessions() -> Sessions<Visitor> {
    sessions_named("__Host-session")
}

fn block_on<F: Future>(future: F) -> F::Output {
    actix_web::rt::System::new().block_on(future)
}

/// A request of user 7.
fn member(sessions: &Sessions<Visitor>, uri: &str) -> TestRequest {
    let headers = testing::request(sessions, |session| session.user = Some(7));
    TestRequest::with_uri(uri).insert_header(("cookie", headers["cookie"].as_bytes()))
}

/// The lines of a header.
fn lines<B>(response: &ServiceResponse<B>, name: &str) -> Vec<String> {
    response
        .headers()
        .get_all(name)
        .map(|line| String::from_utf8_lossy(line.as_bytes()).into_owned())
        .collect()
}

async fn text<B: MessageBody>(response: ServiceResponse<B>) -> String {
    let Ok(body) = to_bytes(response.into_body()).await else { panic!("a body that fails") };
    String::from_utf8(body.to_vec()).unwrap()
}

async fn name(session: Handle) -> HttpResponse {
    session.update(|session| session.name = "x".into()).unwrap();
    HttpResponse::Ok().finish()
}

async fn grow(session: Handle) -> HttpResponse {
    session.update(|session| session.name = "x".repeat(5000)).unwrap();
    HttpResponse::Ok()
        .append_header(("set-cookie", "own=1"))
        .append_header(("x-own", "stays"))
        .body("all went well")
}

#[test]
fn headers_of_the_application_stay_byte_by_byte() {
    block_on(async {
        let own = async |session: Handle| {
            session.update(|session| session.name = "x".into()).unwrap();
            let mut response = HttpResponse::Ok().finish();
            let odd = HeaderValue::from_bytes(b"own=\xfc\xff").unwrap();
            response.headers_mut().append("set-cookie".parse().unwrap(), odd);
            for vary in ["Accept-Encoding", "Origin"] {
                response.headers_mut().append("vary".parse().unwrap(), HeaderValue::from_static(vary));
            }
            for said in ["max-age=60", "public"] {
                response
                    .headers_mut()
                    .append("cache-control".parse().unwrap(), HeaderValue::from_static(said));
            }
            response
        };
        let sessions = sessions();
        let app = App::new().default_service(web::to(own)).wrap(SessionMiddleware::new(sessions.clone()));
        let app = init_service(app).await;
        let response = call_service(&app, member(&sessions, "/").to_request()).await;
        let cookies: Vec<_> = response.headers().get_all("set-cookie").collect();
        assert_eq!(cookies.len(), 2);
        assert_eq!(cookies[0].as_bytes(), b"own=\xfc\xff");
        assert!(cookies[1].as_bytes().starts_with(b"__Host-session="));
        assert!(!cookies[0].is_sensitive() && cookies[1].is_sensitive());
        assert_eq!(lines(&response, "vary"), ["Accept-Encoding, Cookie", "Origin"]);
        assert_eq!(lines(&response, "cache-control"), ["private, no-store"]);
    });
}

#[test]
fn a_missing_middleware_is_an_empty_500_that_names_no_type() {
    block_on(async {
        let app = App::new()
            .route("/handle", web::to(async |_: Handle| "not reached"))
            .route("/snapshot", web::to(async |_: Snapshot<Visitor>| "not reached"))
            .route(
                "/result",
                web::to(async |found: Result<Handle, SessionRejection>| format!("{:?}", found.map(|_| ()))),
            )
            .service(
                web::scope("/guarded")
                    .wrap(Guard::new("/login", |_: &Session<Visitor>| true))
                    .route("", web::to(async || "not reached")),
            )
            .wrap(SessionMiddleware::new(sessions_named::<u64>("other"))); // of another type
        let app = init_service(app).await;
        for uri in ["/handle", "/snapshot"] {
            let response = call_service(&app, TestRequest::with_uri(uri).to_request()).await;
            assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR, "{uri}");
            assert_eq!(text(response).await, "", "{uri}");
        }
        let response = call_service(&app, TestRequest::with_uri("/result").to_request()).await;
        let said = text(response).await;
        assert!(
            said.starts_with("Err(no SessionMiddleware ") && said.ends_with(" (no_middleware))"),
            "{said}"
        );
        let said = SessionRejection::NoMiddleware.to_string();
        assert!(said.contains("add .wrap(SessionMiddleware::new(sessions))"), "{said}");
        let response = call_service(&app, TestRequest::with_uri("/guarded").to_request()).await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(text(response).await, "");
    });
}

#[test]
fn a_session_that_is_not_saved_is_an_empty_500_unless_the_answer_is_kept() {
    block_on(async {
        let sessions = sessions();
        let middleware = SessionMiddleware::new(sessions.clone());
        let app = init_service(App::new().default_service(web::to(grow)).wrap(middleware.clone())).await;
        let response = call_service(&app, member(&sessions, "/").to_request()).await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(lines(&response, "set-cookie"), [] as [&str; 0]);
        assert_eq!(lines(&response, "x-own"), [] as [&str; 0]);
        assert_eq!(lines(&response, "cache-control"), ["no-store"]);
        assert_eq!(text(response).await, "");

        let keeps = middleware.on_save_error(|_| OnSaveError::KeepResponse);
        let app = init_service(App::new().default_service(web::to(grow)).wrap(keeps)).await;
        let response = call_service(&app, member(&sessions, "/").to_request()).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(lines(&response, "set-cookie"), ["own=1"]);
        assert_eq!(lines(&response, "cache-control"), ["private"]);
        assert_eq!(lines(&response, "vary"), ["Cookie"]);
        assert!(response.response().extensions().get::<Saved>().is_none());
        assert_eq!(text(response).await, "all went well");
    });
}

#[test]
fn what_cannot_be_checked_is_503_whatever_the_handler_answers() {
    block_on(async {
        let sessions = sessions();
        let check = Check::new(|_: &Session<Visitor>| async {
            Err::<Verdict, _>(std::io::Error::other("no answer"))
        });
        let middleware = SessionMiddleware::new(sessions.clone())
            .check(check)
            .on_save_error(|_| OnSaveError::KeepResponse);
        let app = App::new()
            .route("/handle", web::to(name))
            .route("/option", web::to(async |_: Option<Snapshot<Visitor>>| "seen"))
            .route("/result", web::to(async |_: Result<Handle, SessionRejection>| "seen"))
            .route("/untouched", web::to(async || "not asked for"))
            .wrap(middleware);
        let app = init_service(app).await;
        for uri in ["/handle", "/option", "/result"] {
            let response = call_service(&app, member(&sessions, uri).to_request()).await;
            assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE, "{uri}");
            assert_eq!(lines(&response, "set-cookie"), [] as [&str; 0], "{uri}");
            assert_eq!(text(response).await, "", "{uri}");
        }
        let response = call_service(&app, member(&sessions, "/untouched").to_request()).await;
        assert_eq!(text(response).await, "not asked for");
        let response = call_service(&app, TestRequest::with_uri("/option").to_request()).await;
        assert_eq!(text(response).await, "seen", "a stranger is not asked about");
    });
}

/// A body that holds the session, and is made of it when its first part is asked for.
struct Late<F>(Option<(Handle, F)>);

impl<F: FnOnce(Handle) -> String + Unpin + 'static> Late<F> {
    fn response(session: Handle, make: F) -> HttpResponse {
        HttpResponse::Ok().body(BoxBody::new(Self(Some((session, make)))))
    }
}

impl<F: FnOnce(Handle) -> String + Unpin> MessageBody for Late<F> {
    type Error = std::convert::Infallible;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<web::Bytes, Self::Error>>> {
        Poll::Ready(self.0.take().map(|(session, make)| Ok(make(session).into())))
    }
}

#[test]
fn a_streaming_body_is_too_late() {
    block_on(async {
        let sessions = sessions();
        let stream = async |session: Handle| {
            session.update(|session| session.name = "in time".into()).unwrap();
            Late::response(session, |session| {
                let is_late = session.update(|session| session.name = "late".into()).is_err();
                format!("{is_late}, {:?}", session.read(|session| session.name.clone()))
            })
        };
        let app = App::new().default_service(web::to(stream)).wrap(SessionMiddleware::new(sessions.clone()));
        let app = init_service(app).await;
        let response = call_service(&app, member(&sessions, "/").to_request()).await;
        assert_eq!(lines(&response, "set-cookie").len(), 1);
        assert_eq!(text(response).await, "true, \"in time\"");
    });
}

/// The headers are gone when it looks, so caches must have been told before.
#[test]
fn a_body_that_alone_looks_at_the_session_is_kept_from_shared_caches() {
    block_on(async {
        let sessions = sessions();
        let greet = |session: Handle| session.read(|session| format!("hello {:?}", session.name));
        let stream = move |session: Handle| async move { Late::response(session, greet) };
        let app = App::new().default_service(web::to(stream)).wrap(SessionMiddleware::new(sessions.clone()));
        let app = init_service(app).await;
        let response = call_service(&app, member(&sessions, "/").to_request()).await;
        assert_eq!(lines(&response, "cache-control"), ["private"]);
        assert_eq!(lines(&response, "vary"), ["Cookie"]);
        assert!(text(response).await.starts_with("hello"));
    });
}

#[test]
fn a_request_that_is_cancelled_or_fails_saves_nothing_and_says_so() {
    block_on(async {
        let sessions = sessions();
        let kept: Rc<RefCell<Option<Handle>>> = Rc::default();
        let hang = {
            let kept = Rc::clone(&kept);
            move |session: Handle| {
                let kept = Rc::clone(&kept);
                async move {
                    session.update(|session| session.name = "half".into()).unwrap();
                    *kept.borrow_mut() = Some(session);
                    std::future::pending::<HttpResponse>().await
                }
            }
        };
        let fail = {
            let kept = Rc::clone(&kept);
            move |request: actix_web::dev::ServiceRequest, _: &_| {
                let kept = Rc::clone(&kept);
                async move {
                    let (request, mut payload) = request.into_parts();
                    let handle = Handle::from_request(&request, &mut payload).await?;
                    handle.update(|session| session.name = "half".into())?;
                    *kept.borrow_mut() = Some(handle);
                    Err::<ServiceResponse, _>(actix_web::error::ErrorImATeapot("from a middleware"))
                }
            }
        };
        let failing = App::new()
            .default_service(web::to(name))
            .wrap_fn(fail)
            .wrap(SessionMiddleware::new(sessions.clone()));
        let failing = init_service(failing).await;
        let answer = failing.call(member(&sessions, "/").to_request()).await;
        assert_eq!(answer.err().unwrap().to_string(), "from a middleware");
        assert!(kept.borrow_mut().take().unwrap().update(|_| ()).is_err());

        let app = App::new().default_service(web::to(hang)).wrap(SessionMiddleware::new(sessions.clone()));
        let app = init_service(app).await;
        let mut answer = Box::pin(app.call(member(&sessions, "/").to_request()));
        let mut context = Context::from_waker(Waker::noop());
        assert!(answer.as_mut().poll(&mut context).is_pending());
        let handle = kept.borrow_mut().take().unwrap();
        assert!(handle.update(|_| ()).is_ok(), "as long as it may be answered");
        drop(answer);
        let late = handle.update(|_| ()).unwrap_err().error_response();
        assert_eq!(late.status(), StatusCode::INTERNAL_SERVER_ERROR);
    });
}

#[test]
fn two_types_each_have_their_cookie_and_of_one_type_the_inner_one_counts() {
    block_on(async {
        let (visitors, counts) = (sessions(), sessions_named::<u64>("__Host-count"));
        let both = async |visitor: Handle, count: SessionHandle<u64>| {
            visitor.update(|session| session.name = "x".into()).unwrap();
            count.update(|session| **session += 1).unwrap();
            "done"
        };
        let app = App::new()
            .route("/both", web::to(both))
            .route("/visitor", web::to(name))
            .wrap(SessionMiddleware::new(visitors.clone()))
            .wrap(SessionMiddleware::new(counts))
            .wrap(SessionMiddleware::new(sessions_named::<Visitor>("outer")));
        let app = init_service(app).await;
        let response = call_service(&app, member(&visitors, "/both").to_request()).await;
        let set = lines(&response, "set-cookie");
        assert_eq!(set.len(), 2, "{set:?}");
        assert!(set[0].starts_with("__Host-session=") && set[1].starts_with("__Host-count="), "{set:?}");
        assert_eq!(lines(&response, "vary"), ["Cookie"]);
        let response = call_service(&app, member(&visitors, "/visitor").to_request()).await;
        assert_eq!(lines(&response, "set-cookie").len(), 1);
        let extensions = response.response().extensions();
        assert!(matches!(extensions.get(), Some(Saved::Written { .. })), "the outer ones have done nothing");
    });
}

/// The extensions of a request are the same for all middlewares, and those further out go on after those further in.
#[test]
fn what_follows_an_inner_middleware_finds_the_session_of_the_outer_one_again() {
    block_on(async {
        let outer = sessions();
        let app = App::new()
            .route("/", web::to(name))
            .wrap(SessionMiddleware::new(sessions_named::<Visitor>("inner")))
            .wrap_fn(|request, inner| {
                let answer = inner.call(request);
                async {
                    let response = answer.await?;
                    let session = Handle::extract(response.request()).await?;
                    session.update(|session| session.name = "after".into())?;
                    Ok(response)
                }
            })
            .wrap(SessionMiddleware::new(outer.clone()));
        let response = call_service(&init_service(app).await, member(&outer, "/").to_request()).await;
        let set = lines(&response, "set-cookie");
        assert_eq!((response.status(), set.len()), (StatusCode::OK, 2), "{set:?}");
    });
}

#[test]
fn nested_scopes_keep_the_whole_path() {
    block_on(async {
        let guard = Guard::new("/login", |session: &Session<Visitor>| session.user.is_some());
        let inner = web::scope("/b").wrap(guard).route("/page", web::to(async || "secret"));
        let app =
            App::new().service(web::scope("/a").service(inner)).wrap(SessionMiddleware::new(sessions()));
        let app = init_service(app).await;
        for (uri, location) in [
            ("/a/b/page?x=1", "/login?next=%2Fa%2Fb%2Fpage%3Fx%3D1"),
            ("/a/b/no-such-page", "/login?next=%2Fa%2Fb%2Fno-such-page"),
            ("/a/b/page?x=%0D%0A", "/login"),
            ("/a/b/%5Cevil.example", "/login"),
        ] {
            let response = call_service(&app, TestRequest::with_uri(uri).to_request()).await;
            assert_eq!(response.status(), StatusCode::SEE_OTHER, "{uri}");
            assert_eq!(lines(&response, "location"), [location], "{uri}");
            assert_eq!(lines(&response, "cache-control"), ["no-store"], "{uri}");
        }
        let post = TestRequest::post().uri("/a/b/page").to_request();
        assert_eq!(lines(&call_service(&app, post).await, "location"), ["/login"]);
    });
}

#[test]
fn where_a_change_is_lost_in_a_panic_the_answer_of_a_handler_that_goes_on_is_a_500() {
    block_on(async {
        let sessions = sessions();
        let caught = async |session: Handle| {
            let update = || {
                session.update(|session| -> () {
                    session.name = "half".into();
                    panic!("within an update");
                })
            };
            assert!(catch_unwind(AssertUnwindSafe(update)).is_err());
            "goes on"
        };
        let app = App::new().default_service(web::to(caught)).wrap(SessionMiddleware::new(sessions.clone()));
        let app = init_service(app).await;
        let response = call_service(&app, member(&sessions, "/").to_request()).await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(lines(&response, "set-cookie"), [] as [&str; 0]);
        assert_eq!(text(response).await, "");
    });
}

#[test]
fn an_application_with_it_starts_on_every_worker() {
    fn starts_anywhere<V: Clone + Send + Sync + 'static>(_: &V) {}
    #[derive(Default, serde::Serialize, serde::Deserialize)]
    struct NotClone {
        user: u64,
    }
    let sessions: Sessions<NotClone> = sessions_named("a");
    starts_anywhere(&SessionMiddleware::new(sessions));
    starts_anywhere(&Guard::new("/login", |session: &Session<NotClone>| session.user == 7));
}

/// A middleware of these sessions, with a check that answers like this.
fn checked(
    sessions: &Sessions<Visitor>,
    answer: Option<fn() -> Result<Verdict, std::io::Error>>,
) -> SessionMiddleware<Visitor> {
    let middleware = SessionMiddleware::new(sessions.clone());
    match answer {
        Some(answer) => middleware.check(Check::new(move |_: &Session<Visitor>| async move { answer() })),
        None => middleware,
    }
}

#[test]
fn the_stricter_of_two_checks_counts_in_either_order() {
    block_on(async {
        let who = async |session: Handle| {
            session.read(|session| session.user.map_or("nobody".into(), |id| id.to_string()))
        };
        let (one, other) = (sessions(), sessions());
        for inner in [&one, &other] {
            for (strict, status, said) in [
                ((|| Ok(Verdict::End)) as fn() -> _, StatusCode::OK, "nobody"),
                (|| Err(std::io::Error::other("the store is down")), StatusCode::SERVICE_UNAVAILABLE, ""),
                (|| Ok(Verdict::Keep), StatusCode::OK, "7"),
            ] {
                for answers in [[Some(strict), None], [None, Some(strict)]] {
                    let app = App::new()
                        .default_service(web::to(who))
                        .wrap(checked(inner, answers[0]))
                        .wrap(checked(&one, answers[1]));
                    let app = init_service(app).await;
                    let response = call_service(&app, member(&one, "/").to_request()).await;
                    assert_eq!(response.status(), status);
                    assert_eq!(text(response).await, said);
                }
            }
        }
    });
}

#[test]
fn a_response_has_one_line_of_each_cookie() {
    block_on(async {
        let own = async |session: Handle| {
            session.update(|session| session.name = "inner".into()).unwrap();
            HttpResponse::Ok().append_header(("set-cookie", "own=1")).finish()
        };
        let between = |mut request: actix_web::dev::ServiceRequest, next: &_| {
            let session = request.extract::<Handle>();
            let response = Service::call(next, request);
            async move {
                session.await?.update(|session| session.name.push_str(" and outer"))?;
                response.await
            }
        };
        let (one, other) = (sessions(), sessions());
        for (inner, name) in [(&one, "inner"), (&other, " and outer")] {
            let app = App::new()
                .default_service(web::to(own))
                .wrap(SessionMiddleware::new(inner.clone()))
                .wrap_fn(between)
                .wrap(SessionMiddleware::new(one.clone()));
            let app = init_service(app).await;
            let response = call_service(&app, member(&one, "/").to_request()).await;
            let set = lines(&response, "set-cookie");
            assert_eq!(set.len(), 2, "{set:?}");
            assert!(set[0] == "own=1" && set[1].starts_with("__Host-session="), "{set:?}");
            let saved: http::HeaderMap =
                [(http::header::SET_COOKIE, http::HeaderValue::from_str(&set[1]).unwrap())]
                    .into_iter()
                    .collect();
            assert_eq!(testing::read_back(&one, &saved).name, name);
        }
    });
}
