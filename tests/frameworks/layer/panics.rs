//! Handlers that do not come to their end: nothing of what they did is saved.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::get as on_get;
use http::StatusCode;
use sealed_session::handle::{Check, OnSaveError, Verdict};
use sealed_session::{Rejection, Saved, Session, SessionHandle, SessionLayer, Sessions, testing};

use super::client::{block_on, caching, get, send, text};
use crate::util::{Slot, Visitor, logged_in, sessions, set_cookies};

type Handle = SessionHandle<Visitor>;

/// Polls a future to its end, or to its panic.
async fn caught<F: Future>(future: F) -> Result<F::Output, Box<dyn Any + Send>> {
    let mut future = pin!(future);
    std::future::poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
        Ok(poll) => poll.map(Ok),
        Err(panic) => Poll::Ready(Err(panic)),
    })
    .await
}

/// Answers 500 in place of a handler that panicked.
async fn catch(request: Request, next: Next) -> Response {
    caught(next.run(request)).await.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

fn app(sessions: &Sessions<Visitor>) -> Router {
    let after = async |session: Handle| -> String {
        session.update(|session| session.name = "half".into()).unwrap();
        tokio::task::yield_now().await;
        panic!("after an update");
    };
    let within = async |session: Handle| -> String {
        session
            .update(|session| {
                session.name = "half".into();
                panic!("within an update");
            })
            .unwrap()
    };
    let logout = async |session: Handle| -> String {
        session.update(Session::destroy).unwrap();
        panic!("after a logout");
    };
    let caught_within = async |session: Handle| {
        let update = || {
            session.update(|session| -> () {
                session.name = "half".into();
                panic!("within an update");
            })
        };
        assert!(catch_unwind(AssertUnwindSafe(update)).is_err());
        "goes on"
    };
    Router::new()
        .route("/after", on_get(after))
        .route("/within", on_get(within))
        .route("/logout", on_get(logout))
        .route("/caught", on_get(caught_within))
        .layer(from_fn(async |request: Request, next: Next| next.run(request).await))
        .with_state(sessions.clone())
}

const PANICS: [&str; 3] = ["/after", "/within", "/logout"];

#[test]
fn a_panic_that_is_caught_outside_saves_nothing() {
    let (sessions, _) = sessions();
    let app = app(&sessions).layer(SessionLayer::new(sessions.clone())).layer(from_fn(catch));
    for uri in PANICS {
        let response = block_on(send(&app, get(uri, &logged_in(&sessions))));
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR, "{uri}");
        assert_eq!(set_cookies(response.headers()), [] as [&str; 0], "{uri}");
    }
}

#[test]
fn a_panic_that_is_caught_inside_saves_nothing() {
    let (sessions, _) = sessions();
    let app = app(&sessions).layer(from_fn(catch)).layer(SessionLayer::new(sessions.clone()));
    for uri in PANICS {
        let response = block_on(send(&app, get(uri, &logged_in(&sessions))));
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR, "{uri}");
        assert_eq!(set_cookies(response.headers()), [] as [&str; 0], "{uri}");
        assert_eq!(caching(&response), ["private", "Cookie"], "{uri}: it may show what was seen before");
        assert_eq!(response.extensions().get(), Some(&Saved::Unchanged), "{uri}");
    }
}

/// The layer learns of a panic from a handle that is dropped by it, or that is left while the answer is a 5xx.
#[test]
fn a_handle_that_was_handed_on_does_not_save_what_a_panic_left_half_done() {
    let (sessions, _) = sessions();
    // To a task that goes on, by value and as a clone.
    let moved = async |session: Handle| -> String {
        let (done, is_done) = tokio::sync::oneshot::channel();
        tokio::spawn(async move {
            session.update(|session| session.name = "half".into()).unwrap();
            done.send(()).unwrap();
            std::future::pending::<()>().await;
        });
        is_done.await.unwrap();
        panic!("after a task has changed the session");
    };
    // To what outlives the request.
    let kept = async |session: Handle| -> String {
        static KEPT: std::sync::Mutex<Vec<Handle>> = std::sync::Mutex::new(Vec::new());
        session.update(Session::destroy).unwrap();
        KEPT.lock().unwrap().push(session);
        panic!("after it was put away");
    };
    // A task whose panic the handler passes on.
    let joined = async |session: Handle| -> String {
        session.update(Session::mark_authenticated).unwrap();
        let task = tokio::spawn(async move {
            let _session = session;
            panic!("in a task");
        });
        std::panic::resume_unwind(task.await.unwrap_err().into_panic())
    };
    // A future that is dropped by the panic of another.
    let beside = async |session: Handle| -> String {
        let change = async move {
            session.update(|session| session.name = "half".into()).unwrap();
            std::future::pending::<()>().await;
        };
        tokio::join!(change, async { panic!("beside it") });
        String::new()
    };
    let app = Router::new()
        .route("/moved", on_get(moved))
        .route("/kept", on_get(kept))
        .route("/joined", on_get(joined))
        .route("/beside", on_get(beside))
        .layer(from_fn(catch))
        .layer(SessionLayer::new(sessions.clone()));
    for uri in ["/moved", "/kept", "/joined", "/beside"] {
        let response = block_on(send(&app, get(uri, &logged_in(&sessions))));
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR, "{uri}");
        assert_eq!(set_cookies(response.headers()), [] as [&str; 0], "{uri}");
        assert_eq!(response.extensions().get(), Some(&Saved::Unchanged), "{uri}");
    }
}

/// The visitor must not be told that something was done which is lost.
#[test]
fn where_a_change_is_lost_in_a_panic_the_answer_of_a_handler_that_goes_on_is_a_500() {
    let (sessions, _) = sessions();
    // Of a task that panics the handler learns, or does not ask.
    let task = async |session: Handle| {
        session.update(Session::mark_authenticated).unwrap();
        let task = tokio::spawn(async move { session.read(|_| panic!("in a task")) });
        format!("you are logged in: {}", task.await.is_ok_and(|()| true))
    };
    let logout = async |session: Handle| {
        session.update(Session::destroy).unwrap();
        let _ = tokio::spawn(async move { session.read(|_| panic!("in a task")) }).await;
    };
    // What has changed nothing has lost nothing.
    let reads = async |session: Handle| {
        session.update(|session| assert_eq!(session.data_mut().user, Some(7))).unwrap();
        let _ = tokio::spawn(async move { session.read(|session| panic!("{:?}", session.user)) }).await;
        "read"
    };
    let app = app(&sessions)
        .route("/task", on_get(task))
        .route("/task-logout", on_get(logout))
        .route("/reads", on_get(reads))
        .layer(SessionLayer::new(sessions.clone()).on_save_error(|_| OnSaveError::KeepResponse));
    for uri in ["/caught", "/task", "/task-logout"] {
        let response = block_on(send(&app, get(uri, &logged_in(&sessions))));
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR, "{uri}");
        assert_eq!(set_cookies(response.headers()), [] as [&str; 0], "{uri}");
        assert_eq!(caching(&response), ["no-store"], "{uri}");
        assert_eq!(block_on(text(response)), "", "{uri}");
    }
    let response = block_on(send(&app, get("/reads", &logged_in(&sessions))));
    assert_eq!((response.status(), caching(&response)), (StatusCode::OK, vec!["private", "Cookie"]));
}

/// Data whose destructor may panic.
#[derive(Default, serde::Serialize, serde::Deserialize)]
struct Fragile(u64);

thread_local!(static IS_FRAGILE: Cell<bool> = const { Cell::new(false) });

impl Drop for Fragile {
    fn drop(&mut self) {
        if self.0 == 7 && IS_FRAGILE.take() {
            panic!("in a destructor");
        }
    }
}

#[test]
fn a_session_that_a_check_ends_is_over_although_its_destructor_panics() {
    let sessions: Sessions<Fragile> = Sessions::new(testing::key_ring()).unwrap();
    let request = testing::request(&sessions, |session| session.log_in(Fragile(7)));
    let end = Check::new(|_: &Session<Fragile>| async { Ok::<_, std::io::Error>(Verdict::End) });
    let slot = Slot::new(&sessions, &request, Some(end));
    IS_FRAGILE.set(true);
    catch_unwind(AssertUnwindSafe(|| block_on(slot.open()))).unwrap_err();
    let handle = block_on(slot.open()).unwrap();
    handle.read(|session| {
        assert_eq!((session.0, session.about().rejection()), (0, Some(Rejection::Revoked)));
        assert_eq!(session.about().authenticated_at(), None);
    });
}

#[test]
fn the_next_request_is_none_the_worse() {
    let (sessions, _) = sessions();
    let change = async |session: Handle| session.update(|session| session.name = "whole".into());
    let app = app(&sessions)
        .route("/change", on_get(change))
        .layer(SessionLayer::new(sessions.clone()))
        .layer(from_fn(catch));
    let headers = logged_in(&sessions);
    for uri in PANICS {
        block_on(send(&app, get(uri, &headers)));
    }
    let response = block_on(send(&app, get("/change", &headers)));
    assert_eq!(testing::read_back(&sessions, response.headers()).name, "whole");
}

#[test]
fn a_request_that_is_cancelled_saves_nothing() {
    let (sessions, _) = sessions();
    let hang = async |session: Handle| {
        session.update(|session| session.name = "half".into()).unwrap();
        std::future::pending::<()>().await;
    };
    // Cancelled by what lies outside the layer, which answers in its place.
    let give_up = async |request: Request, next: Next| -> Response {
        let mut answer = Box::pin(next.run(request));
        let answer = std::future::poll_fn(|context| Poll::Ready(answer.as_mut().poll(context))).await;
        match answer {
            Poll::Ready(response) => response,
            Poll::Pending => StatusCode::GATEWAY_TIMEOUT.into_response(),
        }
    };
    let app = Router::new()
        .route("/", on_get(hang))
        .layer(SessionLayer::new(sessions.clone()))
        .layer(from_fn(give_up));
    let response = block_on(send(&app, get("/", &logged_in(&sessions))));
    assert_eq!(response.status(), StatusCode::GATEWAY_TIMEOUT);
    assert_eq!(set_cookies(response.headers()), [] as [&str; 0]);
}
