//! The question after every load: keep, end, or no answer, which is 503 whatever the handler says.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use axum::Router;
use axum::routing::get as on_get;
use http::{HeaderMap, StatusCode};
use sealed_session::axum::{SessionRejection, Snapshot};
use sealed_session::handle::{Check, OnSaveError, Outcome, SessionSlot, Verdict};
use sealed_session::{Guard, Rejection, Saved, Session, SessionHandle, SessionLayer, Sessions, testing};

use super::client::{block_on, caching, get, send, text};
use crate::util::{Slot, Visitor, logged_in, sessions, set_cookies, with_cookie};

type Handle = SessionHandle<Visitor>;

/// How often a question was asked.
type Count = Arc<AtomicUsize>;

/// A check that gives this answer, after a while.
fn check(answer: impl Fn() -> Result<Verdict, io::Error> + Send + Sync + 'static) -> (Check<Visitor>, Count) {
    let count = Count::default();
    let answer = Arc::new(answer);
    let check = Check::new({
        let count = Arc::clone(&count);
        move |session: &Session<Visitor>| {
            assert_eq!(session.user, Some(7), "what is asked about");
            count.fetch_add(1, Ordering::Relaxed);
            let answer = Arc::clone(&answer);
            async move {
                tokio::task::yield_now().await;
                answer()
            }
        }
    });
    (check, count)
}

fn no_answer() -> Result<Verdict, io::Error> {
    Err(io::Error::other("no answer"))
}

fn app(sessions: &Sessions<Visitor>, check: Check<Visitor>) -> Router {
    let look = async |session: Handle| {
        session.read(|session| format!("{:?} {:?}", session.user, session.about().rejection()))
    };
    let result = async |session: Result<Handle, SessionRejection>| format!("{:?}", session.map(|_| ()));
    let option =
        async |session: Option<Snapshot<Visitor>>| format!("{:?}", session.map(|found| found.0.user));
    let again = async |session: Result<Handle, SessionRejection>, other: Result<Handle, SessionRejection>| {
        format!("{:?} {:?}", session.map(|_| ()), other.map(|_| ()))
    };
    Router::new()
        .route("/untouched", on_get(async || "untouched"))
        .route("/look", on_get(look))
        .route("/result", on_get(result))
        .route("/option", on_get(option))
        .route("/again", on_get(again))
        .layer(SessionLayer::new(sessions.clone()).check(check).on_save_error(|_| OnSaveError::KeepResponse))
}

#[test]
fn a_session_that_is_kept_is_looked_at_by_the_handler_alone() {
    let (sessions, _) = sessions();
    let (check, count) = check(|| Ok(Verdict::Keep));
    let app = app(&sessions, check);
    let headers = logged_in(&sessions);
    block_on(async {
        assert_eq!(text(send(&app, get("/look", &headers)).await).await, "Some(7) None");
        let response = send(&app, get("/result", &headers)).await;
        assert_eq!(caching(&response), [] as [&str; 0], "extracted, asked about, and not looked at");
        assert_eq!(count.load(Ordering::Relaxed), 2);
        assert_eq!(text(send(&app, get("/again", &headers)).await).await, "Ok(()) Ok(())");
        assert_eq!(count.load(Ordering::Relaxed), 3, "once for a request");
    });
}

#[test]
fn a_session_that_is_over_is_fresh_and_its_cookies_stay() {
    let (sessions, _) = sessions();
    let (check, _) = check(|| Ok(Verdict::End));
    let app = app(&sessions, check);
    let headers = logged_in(&sessions);
    block_on(async {
        for (uri, said) in [
            ("/look", "None Some(Revoked)"),
            ("/option", "None"),
            ("/result", "Ok(())"),
            ("/again", "Ok(()) Ok(())"),
        ] {
            let response = send(&app, get(uri, &headers)).await;
            assert_eq!(set_cookies(response.headers()), [] as [&str; 0], "{uri}");
            assert_eq!(caching(&response), ["private", "Cookie"], "{uri}");
            assert_eq!(response.extensions().get(), Some(&Saved::Unchanged), "{uri}");
            assert_eq!(text(response).await, said, "{uri}");
        }
    });
}

#[test]
fn what_cannot_be_checked_is_503_whatever_the_handler_answers() {
    let (sessions, _) = sessions();
    let (check, _) = check(no_answer);
    let app = app(&sessions, check);
    block_on(async {
        for uri in ["/look", "/result", "/option", "/again"] {
            let response = send(&app, get(uri, &logged_in(&sessions))).await;
            assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE, "{uri}");
            assert_eq!(set_cookies(response.headers()), [] as [&str; 0], "{uri}");
            assert_eq!(caching(&response), ["no-store"], "{uri}");
            assert_eq!(text(response).await, "", "{uri}");
        }
    });
}

#[test]
fn after_no_answer_nobody_asks_again() {
    let (sessions, _) = sessions();
    let (check, count) = check(no_answer);
    let app = app(&sessions, check);
    block_on(send(&app, get("/again", &logged_in(&sessions))));
    assert_eq!(count.load(Ordering::Relaxed), 1);
}

#[test]
fn nobody_asks_about_strangers_or_where_nobody_looks() {
    let (sessions, clock) = sessions();
    let (check, count) = check(no_answer);
    let app = app(&sessions, check);
    let headers = logged_in(&sessions);
    let status = |uri: &str, headers: &HeaderMap| block_on(send(&app, get(uri, headers))).status();
    assert_eq!(status("/untouched", &headers), StatusCode::OK);
    assert_eq!(status("/look", &HeaderMap::new()), StatusCode::OK);
    assert_eq!(status("/look", &with_cookie("__Host-session=junk")), StatusCode::OK);
    clock.advance(std::time::Duration::from_secs(86_400));
    assert_eq!(status("/look", &headers), StatusCode::OK, "idle");
    assert_eq!(count.load(Ordering::Relaxed), 0);
}

#[test]
fn the_guard_lets_nothing_pass_that_cannot_be_checked() {
    let (sessions, _) = sessions();
    for (check, status) in [
        (check(no_answer).0, StatusCode::SERVICE_UNAVAILABLE),
        (check(|| Ok(Verdict::End)).0, StatusCode::SEE_OTHER),
        (check(|| Ok(Verdict::Keep)).0, StatusCode::OK),
    ] {
        let app = Router::new()
            .route("/", on_get(async || "secret"))
            .layer(Guard::new("/login", |session: &Session<Visitor>| session.user.is_some()))
            .layer(SessionLayer::new(sessions.clone()).check(check));
        let response = block_on(send(&app, get("/", &logged_in(&sessions))));
        assert_eq!(response.status(), status);
        assert_eq!(block_on(text(response)) == "secret", status == StatusCode::OK);
    }
}

type Answer = Result<Verdict, io::Error>;

/// Two who have asked about one session at the same time, and are answered in this order when they are polled.
fn asked_twice(first: fn() -> Answer, second: fn() -> Answer) -> (Slot<Visitor>, [Asked; 2]) {
    let (sessions, _) = sessions();
    let answers = std::sync::Mutex::new(vec![second, first]);
    let check = Check::new(move |_: &Session<Visitor>| {
        let answer = answers.lock().unwrap().pop().unwrap();
        async move {
            tokio::task::yield_now().await;
            answer()
        }
    });
    let headers = logged_in(&sessions);
    let slot = Slot::new(&sessions, &headers, Some(check));
    let mut asked = [Asked::of(&slot.slot), Asked::of(&slot.slot)];
    assert!(asked.iter_mut().all(|asked| asked.poll().is_pending()));
    (slot, asked)
}

struct Asked(Pin<Box<dyn Future<Output = Option<Handle>>>>);

impl Asked {
    fn of(slot: &SessionSlot<Visitor>) -> Self {
        let slot = slot.clone();
        Self(Box::pin(async move { slot.open().await.ok() }))
    }

    fn poll(&mut self) -> Poll<Option<Handle>> {
        let mut context = Context::from_waker(Waker::noop());
        self.0.as_mut().poll(&mut context)
    }

    fn answer(&mut self) -> Option<Handle> {
        match self.poll() {
            Poll::Ready(handle) => handle,
            Poll::Pending => panic!("it has been answered"),
        }
    }
}

/// What two see, and what `close` then says.
fn race(first: fn() -> Answer, second: fn() -> Answer) -> String {
    let (slot, asked) = asked_twice(first, second);
    let seen = asked.map(|mut asked| asked.answer().map(|handle| handle.read(|session| session.user)));
    let closed = match slot.close(&mut HeaderMap::new()) {
        Outcome::Pass(saved) => saved.unwrap().as_str().to_owned(),
        Outcome::Replace(status) => status.as_str().to_owned(),
    };
    format!("{seen:?} {closed}")
}

#[test]
fn of_two_answers_at_the_same_time_the_stricter_one_counts() {
    let keep = || Ok(Verdict::Keep);
    let end = || Ok(Verdict::End);
    assert_eq!(race(keep, keep), "[Some(Some(7)), Some(Some(7))] unchanged");
    assert_eq!(race(end, keep), "[Some(None), Some(None)] unchanged");
    assert_eq!(race(keep, end), "[Some(Some(7)), Some(None)] unchanged");
    assert_eq!(race(end, end), "[Some(None), Some(None)] unchanged");
    assert_eq!(race(no_answer, keep), "[None, None] 503");
    assert_eq!(race(keep, no_answer), "[Some(Some(7)), None] 503");
    assert_eq!(race(no_answer, end), "[None, None] 503");
    assert_eq!(race(end, no_answer), "[Some(None), None] 503");
}

/// The first may go on and changes the session, and then the second hears that it is over. Who it is of afterwards, and
/// what `close` says.
fn end_after(change: impl FnOnce(&mut Session<Visitor>)) -> (Option<u64>, &'static str) {
    let (slot, [mut one, mut two]) = asked_twice(|| Ok(Verdict::Keep), || Ok(Verdict::End));
    let handle = one.answer().unwrap();
    handle.update(change).unwrap();
    two.answer().unwrap();
    let Outcome::Pass(Some(saved)) = slot.close(&mut HeaderMap::new()) else { panic!("it is saved") };
    (handle.read(|session| session.user), saved.as_str())
}

#[test]
fn a_new_id_does_not_save_a_session_that_is_over_and_a_login_does() {
    assert_eq!(end_after(|session| session.name = "half".into()), (None, "unchanged"));
    assert_eq!(end_after(Session::cycle_id), (None, "unchanged"));
    let renew = |session: &mut Session<Visitor>| {
        session.cycle_id();
        session.ensure_id().unwrap();
    };
    assert_eq!(end_after(renew), (None, "unchanged"));
    assert_eq!(end_after(Session::destroy), (None, "removed"), "a logout is not forgotten");
    assert_eq!(end_after(Session::mark_authenticated), (Some(7), "written"));
    let log_in = |session: &mut Session<Visitor>| {
        session.mark_authenticated();
        session.ensure_id().unwrap();
    };
    assert_eq!(end_after(log_in), (Some(7), "written"));
}

#[test]
fn a_question_that_is_given_up_passes_nothing() {
    let (sessions, _) = sessions();
    let headers = logged_in(&sessions);
    let never = Check::new(|_: &Session<Visitor>| std::future::pending::<Result<Verdict, io::Error>>());
    let give_up = async |request: axum::extract::Request| {
        let slot = request.extensions().get::<SessionSlot<Visitor>>().unwrap().clone();
        let mut opening = Box::pin(slot.open());
        let mut context = Context::from_waker(Waker::noop());
        format!("{}", opening.as_mut().poll(&mut context).is_pending())
    };
    let app =
        Router::new().route("/", on_get(give_up)).layer(SessionLayer::new(sessions.clone()).check(never));
    block_on(async {
        let response = send(&app, get("/", &headers)).await;
        assert_eq!(set_cookies(response.headers()), [] as [&str; 0]);
        assert_eq!(text(response).await, "true");
    });
}

#[test]
fn a_login_after_a_session_that_is_over_is_not_asked_about() {
    let (sessions, _) = sessions();
    let (check, count) = check(|| Ok(Verdict::End));
    let log_in = async |session: Handle, other: Handle| {
        let rejection = other.read(|session| session.about().rejection());
        session
            .update(|session| {
                session.user = Some(7);
                session.mark_authenticated();
            })
            .unwrap();
        assert_eq!(rejection, Some(Rejection::Revoked));
    };
    let app =
        Router::new().route("/", on_get(log_in)).layer(SessionLayer::new(sessions.clone()).check(check));
    let response = block_on(send(&app, get("/", &logged_in(&sessions))));
    assert_eq!(count.load(Ordering::Relaxed), 1);
    let next = testing::next_request(response.headers());
    assert_eq!(testing::load(&sessions, &next).user, Some(7));
}
