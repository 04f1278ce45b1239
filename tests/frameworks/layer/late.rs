//! A change after the headers: an error for whoever makes it, and nothing else.

use std::convert::Infallible;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::routing::get as on_get;
use http_body::Frame;
use sealed_session::handle::{Check, Outcome, SessionSlot, Verdict};
use sealed_session::{Saved, Session, SessionHandle, SessionLayer, testing};
use tower::{Layer, ServiceExt, service_fn};

use super::client::{block_on, caching, get, send, text};
use crate::util::{Slot, Visitor, logged_in, sessions, set_cookie, set_cookies};

type Handle = SessionHandle<Visitor>;

/// A body that holds the session, and is made of it when its first frame is asked for.
struct Late<F>(Option<(Handle, F)>);

impl<F: FnOnce(Handle) -> String + Send + Unpin + 'static> Late<F> {
    fn body(session: Handle, make: F) -> Body {
        Body::new(Self(Some((session, make))))
    }
}

impl<F: FnOnce(Handle) -> String + Unpin> http_body::Body for Late<F> {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Poll::Ready(self.0.take().map(|(session, make)| Ok(Frame::data(make(session).into()))))
    }
}

#[test]
fn a_streaming_body_is_too_late() {
    let (sessions, _) = sessions();
    let stream = async |session: Handle| {
        session.update(|session| session.name = "in time".into()).unwrap();
        Late::body(session, |session| {
            let updated = session.update(|session| session.name = "late".into());
            let debug = format!("{updated:?}");
            assert!(
                debug.starts_with("Err(the response's headers have been sent: ")
                    && debug.ends_with(" (response_gone))")
            );
            format!("{}, {:?}", updated.is_err(), session.read(|session| session.name.clone()))
        })
    };
    let app = Router::new().route("/", on_get(stream)).layer(SessionLayer::new(sessions.clone()));
    block_on(async {
        let response = send(&app, get("/", &logged_in(&sessions))).await;
        let headers = response.headers().clone();
        assert_eq!(set_cookies(&headers).len(), 1);
        assert_eq!(text(response).await, "true, \"in time\"");
        assert_eq!(testing::read_back(&sessions, &headers).name, "in time");
    });
}

/// The headers are gone when it looks, so caches must have been told before.
#[test]
fn a_body_that_alone_looks_at_the_session_is_kept_from_shared_caches_and_renews_it() {
    let (sessions, clock) = sessions();
    let greet = |session: Handle| session.read(|session| format!("hello {:?}", session.user));
    // One of two handles is gone by then.
    let stream = async move |session: Handle| Late::body(session.clone(), greet);
    let public = async move |session: Handle| ([("cache-control", "max-age=60")], Late::body(session, greet));
    let app = Router::new()
        .route("/", on_get(stream))
        .route("/public", on_get(public))
        .layer(SessionLayer::new(sessions.clone()));
    let headers = logged_in(&sessions);
    for (uri, cached) in [("/", "private"), ("/public", "private, max-age=60")] {
        let response = block_on(send(&app, get(uri, &headers)));
        assert_eq!(caching(&response), [cached, "Cookie"], "{uri}");
        assert_eq!(block_on(text(response)), "hello Some(7)");
    }
    clock.advance(Duration::from_secs(12 * 3600));
    let response = block_on(send(&app, get("/", &headers)));
    assert_eq!(response.extensions().get(), Some(&Saved::Renewed));
}

/// As the request's own: from a slot that is opened when the headers are gone comes what a request without cookies has,
/// where nobody looked before; also if somebody could have, and did not.
#[test]
fn who_alone_looks_and_asks_after_the_headers_is_given_a_strangers_session() {
    let (sessions, _) = sessions();
    let kept: Arc<Mutex<Option<SessionSlot<Visitor>>>> = Arc::default();
    let keep = {
        let kept = Arc::clone(&kept);
        move |request: &axum::extract::Request| {
            *kept.lock().unwrap() = request.extensions().get().cloned();
            [("cache-control", "max-age=60")]
        }
    };
    let first = {
        let keep = keep.clone();
        async move |request: axum::extract::Request| keep(&request)
    };
    let unread = async move |_: Handle, request: axum::extract::Request| keep(&request);
    let app = Router::new()
        .route("/first", on_get(first))
        .route("/unread", on_get(unread))
        .layer(SessionLayer::new(sessions.clone()));
    for uri in ["/first", "/unread"] {
        let response = block_on(send(&app, get(uri, &logged_in(&sessions))));
        assert_eq!(caching(&response), ["max-age=60"], "{uri}");
        let slot = kept.lock().unwrap().take().unwrap();
        let handle = block_on(slot.open()).unwrap();
        assert_eq!(handle.read(|session| (session.user, session.about().id())), (None, None), "{uri}");
        assert!(handle.update(|_| ()).is_err(), "{uri}");
    }
}

/// The question is asked before the headers, and answered after them.
#[test]
fn who_is_answered_after_the_headers_is_given_a_strangers_session() {
    let (sessions, _) = sessions();
    let asked = Arc::new(AtomicBool::new(false));
    let check = {
        let asked = Arc::clone(&asked);
        Check::new(move |_: &Session<Visitor>| {
            let asked = Arc::clone(&asked);
            std::future::poll_fn(move |_| {
                if asked.swap(true, Ordering::Relaxed) {
                    Poll::Ready(Ok::<_, Infallible>(Verdict::Keep))
                } else {
                    Poll::Pending
                }
            })
        })
    };
    let slot = Slot::new(&sessions, &logged_in(&sessions), Some(check));
    let mut opening = pin!(slot.open());
    let mut context = Context::from_waker(std::task::Waker::noop());
    assert!(opening.as_mut().poll(&mut context).is_pending());
    let mut response = http::HeaderMap::new();
    assert_eq!(slot.close(&mut response), Outcome::Pass(Some(Saved::Unchanged)));
    assert!(response.is_empty());
    let Poll::Ready(Ok(handle)) = opening.poll(&mut context) else { panic!("it has been answered") };
    assert_eq!(handle.read(|session| session.user), None);
}

#[test]
fn a_change_after_the_headers_is_refused_and_not_run() {
    let (sessions, _) = sessions();
    let kept: Arc<Mutex<Option<Handle>>> = Arc::default();
    let keep = {
        let kept = Arc::clone(&kept);
        async move |session: Handle| *kept.lock().unwrap() = Some(session)
    };
    let app = Router::new().route("/", on_get(keep)).layer(SessionLayer::new(sessions.clone()));
    let response = block_on(send(&app, get("/", &logged_in(&sessions))));
    let handle = kept.lock().unwrap().take().unwrap();
    let mut was_called = false;
    assert!(handle.update(|_| was_called = true).is_err());
    assert!(!was_called);
    assert_eq!(handle.read(|session| session.user), Some(7));
    assert_eq!(set_cookies(response.headers()), [] as [&str; 0]);
    assert_eq!(response.extensions().get(), Some(&Saved::Unchanged));
}

#[test]
fn after_a_request_that_was_cancelled_a_change_is_too_late() {
    let (sessions, _) = sessions();
    let kept: Arc<Mutex<Option<Handle>>> = Arc::default();
    let hang = {
        let kept = Arc::clone(&kept);
        async move |session: Handle| {
            session.update(|session| session.name = "half".into()).unwrap();
            *kept.lock().unwrap() = Some(session);
            std::future::pending::<()>().await;
        }
    };
    let app = Router::new().route("/", on_get(hang)).layer(SessionLayer::new(sessions.clone()));
    let mut answer = Box::pin(send_to_end(app, logged_in(&sessions)));
    let waker = std::task::Waker::noop();
    assert!(answer.as_mut().poll(&mut Context::from_waker(waker)).is_pending());
    let handle = kept.lock().unwrap().take().unwrap();
    assert_eq!(
        handle.update(|session| session.name.clone()).unwrap(),
        "half",
        "as long as it may be answered"
    );
    drop(answer);
    assert!(handle.update(|session| session.name.clone()).is_err());
}

async fn send_to_end(app: Router, headers: http::HeaderMap) -> http::Response<Body> {
    send(&app, get("/", &headers)).await
}

#[test]
fn after_an_error_of_the_service_a_change_is_too_late() {
    let (sessions, _) = sessions();
    let kept: Arc<Mutex<Option<Handle>>> = Arc::default();
    let fail = service_fn(async |request: http::Request<Body>| {
        let slot = request.extensions().get::<SessionSlot<Visitor>>().unwrap().clone();
        *kept.lock().unwrap() = Some(slot.open().await.unwrap());
        Err::<http::Response<String>, _>("the service is gone")
    });
    let layer = SessionLayer::new(sessions.clone()).layer(fail);
    let answer = block_on(layer.oneshot(get("/", &logged_in(&sessions))));
    assert_eq!(answer.map(|_| ()), Err("the service is gone"));
    let handle = kept.lock().unwrap().take().unwrap();
    assert!(handle.update(|_| ()).is_err());
}

#[test]
fn what_another_part_changes_while_the_handler_runs_is_saved() {
    let (sessions, _) = sessions();
    let spawn = async |session: Handle| {
        let other = session.clone();
        tokio::spawn(async move { other.update(|session| session.name = "spawned".into()) })
            .await
            .unwrap()
            .unwrap();
        session.read(|session| session.name.clone())
    };
    let app = Router::new().route("/", on_get(spawn)).layer(SessionLayer::new(sessions.clone()));
    block_on(async {
        let response = send(&app, get("/", &logged_in(&sessions))).await;
        set_cookie(response.headers());
        assert_eq!(testing::read_back(&sessions, response.headers()).name, "spawned");
        assert_eq!(text(response).await, "spawned");
    });
}
