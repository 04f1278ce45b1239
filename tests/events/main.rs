//! What an operator's log hears: names, levels and labels that stay, and nothing that is secret.
//!
//! A process of its own, since `tracing` remembers for all of it whether anybody listens.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may panic"
)]

#[path = "../util/mod.rs"]
mod util;

use std::fmt;
use std::sync::{Arc, Mutex, Once};

use http::header::COOKIE;
use http::{HeaderMap, StatusCode};
use sealed_session::handle::{Check, Outcome, SessionSlot, Verdict};
use sealed_session::revocation::Revocations;
use sealed_session::web::Scheme;
use sealed_session::{
    Algorithm, Builder, Key, KeyRing, Rejection, RequestInfo, Saved, Session, SessionData, SessionHandle,
    SessionLayer, Sessions, testing,
};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};
use util::{Slot, Visitor, logged_in, respond, value, with_cookie};

/// Hears everything, and writes each event as one line: level, target, name, fields. Of the message, which begins with
/// the name, what follows.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Subscriber for Log {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let about = event.metadata();
        let start = format!("{} {} {}", about.level(), about.target(), about.name());
        let mut line = Line(start, Vec::new(), about.name());
        event.record(&mut line);
        assert!(line.1.contains(&"message"), "{} has no message", line.0);
        self.0.lock().unwrap().push(line.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// A line, the names of the fields that it has, and the name of the event.
struct Line(String, Vec<&'static str>, &'static str);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        assert!(!self.1.contains(&field.name()), "a log may keep one of two fields named {}", field.name());
        self.1.push(field.name());
        let mut value = format!("{value:?}");
        if field.name() == "message" {
            let rest = value.strip_prefix(self.2).unwrap_or_else(|| panic!("{value}: the name is missing"));
            if rest.is_empty() {
                return;
            }
            value = rest.trim_start_matches(": ").to_owned();
        }
        self.0.push_str(&format!(" {}={value}", field.name()));
    }
}

/// Somebody listens from before the first event on: else `tracing` may take a note for good that nobody does, when one
/// test speaks for the first time while another begins to listen.
fn sessions_with<T: SessionData>(
    settings: impl FnOnce(Builder<T>) -> Builder<T>,
) -> (Sessions<T>, testing::Clock) {
    static LISTENING: Once = Once::new();
    LISTENING.call_once(|| tracing::subscriber::set_global_default(Log::default()).unwrap());
    util::sessions_with(settings)
}

fn sessions() -> (Sessions<Visitor>, testing::Clock) {
    sessions_with(|builder| builder)
}

/// What is heard while `act` runs.
fn heard(act: impl FnOnce()) -> Vec<String> {
    let log = Log::default();
    tracing::subscriber::with_default(log.clone(), act);
    std::mem::take(&mut *log.0.lock().unwrap())
}

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn key_id(sessions: &Sessions<Visitor>, headers: &HeaderMap) -> String {
    testing::load(sessions, headers).about().key_id().unwrap().to_string()
}

/// As an application's log prints them: `tracing_subscriber::fmt` prints messages and fields, and no names.
#[test]
fn every_event_is_found_in_a_formatted_log_by_its_name() {
    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Written {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    let (sessions, _) = sessions();
    let headers = logged_in(&sessions);
    let failing =
        Check::new(|_: &Session<Visitor>| async { Err::<Verdict, _>(std::io::Error::other("no answer")) });
    let act = || {
        drop(respond(&sessions, &headers, |session| session.name = "anna".into()));
        drop(testing::load(&sessions, &with_cookie("__Host-session=junk")));
        drop(respond(&sessions, &HeaderMap::new(), Session::reauthenticate));
        let mut large = sessions.load(&headers);
        large.name = "x".repeat(5000);
        sessions.save(large, &mut HeaderMap::new()).unwrap_err();
        for check in [Some(failing), None] {
            let slot = Slot::new(&sessions, &headers, check);
            let handle = block_on(slot.open());
            let _ = slot.close(&mut HeaderMap::new());
            let _ = handle.map(|handle| handle.update(|_| ()));
        }
        let read = async |_: SessionHandle<Visitor>| "not reached";
        let layer: SessionLayer<Visitor> = SessionLayer::by_request(|_| None);
        let routes: axum::Router = axum::Router::new().route("/", axum::routing::get(read));
        for app in [routes.clone(), routes.layer(layer)] {
            let request = http::Request::new(axum::body::Body::empty());
            drop(block_on(tower::ServiceExt::oneshot(app, request)));
        }
        let revocations = Revocations::new();
        let silent = Sessions::builder(testing::key_ring()).revocations(&revocations).build().unwrap();
        revocations.fail_closed_after(std::time::Duration::from_secs(1));
        block_on(Slot::new(&silent, &logged_in(&silent), None).open()).unwrap_err();
        revocations.merge("junk").unwrap();
        let file = std::env::temp_dir(); // a folder is none
        revocations.watch_file(&file).unwrap_err();
        ring_that_ends_too_soon();
    };
    let written = Written::default();
    let writer = written.clone();
    let log = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_ansi(false);
    tracing::subscriber::with_default(log.with_writer(move || writer.clone()).finish(), act);

    let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
    let source = include_str!("../../src/events.rs");
    let names: std::collections::BTreeSet<_> =
        source.split("name: \"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(names.len() > 9, "{names:?}");
    for name in names {
        let found = text.lines().any(|line| line.contains(&format!(" sealed_session: {name}")));
        assert!(found, "{name} is not in\n{text}");
    }
}

/// Builds sessions that live for a week, with a ring whose key opens for a day.
fn ring_that_ends_too_soon() {
    use std::time::{Duration, SystemTime};

    use sealed_session::keys::Rotation;

    let (day, now) = (Duration::from_secs(86_400), SystemTime::now());
    let rotation = Rotation { longest_lifetime: day, announce: day, now };
    let key = || Key::generate(Algorithm::Xaes256Gcm).unwrap();
    let ring = KeyRing::dated(key(), now).rotate(key(), rotation).unwrap();
    drop(Sessions::<Visitor>::new(ring).unwrap());
}

/// An error that counts how often somebody made text of it.
#[test]
fn an_event_that_nobody_hears_formats_nothing() {
    struct Deaf;

    impl Subscriber for Deaf {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            false
        }

        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }

        fn record(&self, _: &Id, _: &Record<'_>) {}

        fn record_follows_from(&self, _: &Id, _: &Id) {}

        fn event(&self, event: &Event<'_>) {
            panic!("{event:?}");
        }

        fn enter(&self, _: &Id) {}

        fn exit(&self, _: &Id) {}
    }

    static FORMATTED: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);

    #[derive(Debug)]
    struct Counting;

    impl fmt::Display for Counting {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            FORMATTED.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            f.write_str("counted")
        }
    }

    impl std::error::Error for Counting {}

    let (sessions, _) = sessions();
    let headers = logged_in(&sessions);
    let fail = || {
        let check = Check::new(|_: &Session<Visitor>| async { Err::<Verdict, _>(Counting) });
        let slot = Slot::new(&sessions, &headers, Some(check));
        drop(block_on(slot.open()));
        let _ = slot.close(&mut HeaderMap::new());
    };
    let formatted = || FORMATTED.load(std::sync::atomic::Ordering::Relaxed);
    tracing::subscriber::with_default(Deaf, fail);
    assert_eq!(formatted(), 0);
    drop(heard(fail));
    assert!(formatted() > 0);
}

#[test]
fn a_read_is_heard_at_trace() {
    let (sessions, _) = sessions();
    let headers = logged_in(&sessions);
    let key_id = key_id(&sessions, &headers);
    let read = || drop(respond(&sessions, &headers, |session| assert_eq!(session.user, Some(7))));
    assert_eq!(
        heard(read),
        [format!("TRACE sealed_session session.loaded cookie=\"__Host-session\" key_id={key_id}")]
    );
}

#[test]
fn a_stranger_is_heard_at_trace_and_a_rejection_at_debug() {
    let (sessions, clock) = sessions();
    let load = |headers: &HeaderMap| heard(|| drop(testing::load(&sessions, headers)));
    let line = |level: &str, label: &str| {
        [format!("{level} sealed_session session.rejected cookie=\"__Host-session\" rejection=\"{label}\"")]
    };
    assert_eq!(load(&HeaderMap::new()), line("TRACE", "absent"));
    assert_eq!(load(&with_cookie("__Host-session=junk")), line("DEBUG", "malformed"));
    assert_eq!(load(&with_cookie(format!("__Host-session={}", "a".repeat(5000)))), line("DEBUG", "too_long"));
    let headers = logged_in(&sessions);
    let other = sessions_with::<Visitor>(|builder| builder.purpose("other")).0;
    assert_eq!(heard(|| drop(testing::load(&other, &headers))), line("DEBUG", "forged"));
    clock.advance(std::time::Duration::from_secs(86_400));
    assert_eq!(load(&headers), line("DEBUG", "idle"));
}

#[test]
fn what_is_saved_is_heard_by_its_label() {
    let (sessions, clock) = sessions();
    let headers = logged_in(&sessions);
    let saved = |change: fn(&mut Session<Visitor>)| {
        let mut lines = heard(|| drop(respond(&sessions, &headers, change)));
        assert_eq!(lines.len(), 2, "{lines:?}");
        lines.pop().unwrap()
    };
    let line = |saved: &str| {
        format!("DEBUG sealed_session session.saved cookie=\"__Host-session\" saved=\"{saved}\"")
    };
    let written = saved(|session| session.name = "x".into());
    assert!(written.starts_with(&(line("written") + " bytes=")), "{written}");
    assert_eq!(saved(Session::destroy), line("removed"));
    clock.advance(std::time::Duration::from_secs(8640));
    assert_eq!(saved(|session| assert!(!session.about().is_new())), line("renewed"));
}

#[test]
fn a_change_that_is_lost_is_heard_as_an_error() {
    let (sessions, _) = sessions();
    let headers = logged_in(&sessions);
    let lost = |place: RequestInfo, name: usize| {
        let mut lines = heard(|| {
            let mut session = sessions.load_with(&headers, place);
            session.name = "x".repeat(name);
            sessions.save(session, &mut HeaderMap::new()).unwrap_err();
        });
        lines.pop().unwrap()
    };
    let line = lost(RequestInfo::new(), 5000);
    let start = "ERROR sealed_session session.save_failed ";
    assert!(line.starts_with(start), "{line}");
    assert!(line.contains(" cookie=\"__Host-session\""), "{line}");
    assert!(line.contains(" error=\"too_large\""), "{line}");
    assert!(line.contains(" message=session cookie of "), "{line}");
    let line = lost(RequestInfo::new().scheme(Some(Scheme::Http)), 1);
    assert!(line.contains(" error=\"plain_http\""), "{line}");
}

#[test]
fn what_goes_wrong_in_a_layer_is_heard_as_an_error() {
    let (sessions, _) = sessions();
    let headers = logged_in(&sessions);
    let check =
        Check::new(|_: &Session<Visitor>| async { Err::<Verdict, _>(std::io::Error::other("no answer")) });
    let lines = heard(|| {
        let slot = Slot::new(&sessions, &headers, Some(check));
        block_on(slot.open()).unwrap_err();
        assert_eq!(slot.close(&mut HeaderMap::new()), Outcome::Replace(StatusCode::SERVICE_UNAVAILABLE));
    });
    assert_eq!(
        lines[1..],
        ["ERROR sealed_session session.check_failed cookie=\"__Host-session\" error=no answer"]
    );

    let lines = heard(|| {
        let slot = Slot::new(&sessions, &headers, None);
        let handle = block_on(slot.open()).unwrap();
        assert!(matches!(slot.close(&mut HeaderMap::new()), Outcome::Pass(Some(_))));
        handle.update(|session| session.name = "late".into()).unwrap_err();
    });
    assert_eq!(lines[1..], ["ERROR sealed_session session.response_gone cookie=\"__Host-session\""]);

    let lines = heard(|| {
        let slot = Slot::new(&sessions, &headers, None);
        let handle = block_on(slot.open()).unwrap();
        let update = || handle.update(|_| -> () { panic!("within an update") });
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(update)).is_err());
        assert_eq!(
            slot.close(&mut HeaderMap::new()),
            Outcome::Pass(Some(Saved::Unchanged)),
            "nothing had been changed yet"
        );
    });
    assert_eq!(lines[1..], [] as [&str; 0]);
    let lines = heard(|| {
        let slot = Slot::new(&sessions, &headers, None);
        let handle = block_on(slot.open()).unwrap();
        let update = || {
            handle.update(|session| -> () {
                session.name = "half".into();
                panic!("within an update")
            })
        };
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(update)).is_err());
        assert_eq!(slot.close(&mut HeaderMap::new()), Outcome::Replace(StatusCode::INTERNAL_SERVER_ERROR));
    });
    assert_eq!(
        lines[1..],
        [
            "ERROR sealed_session session.save_failed message=a panic or a cancellation lost the change cookie=\"__Host-session\" \
             error=\"panicked\""
        ]
    );

    let lines = heard(|| {
        let look = async |_: SessionHandle<Visitor>| "not reached";
        let app: axum::Router = axum::Router::new().route("/", axum::routing::get(look));
        let request = http::Request::new(axum::body::Body::empty());
        drop(block_on(tower::ServiceExt::oneshot(app, request)));
    });
    let data = std::any::type_name::<Visitor>();
    assert_eq!(lines, [format!("ERROR sealed_session session.no_layer data={data:?}")]);
}

#[test]
fn a_request_for_which_no_sessions_were_chosen_is_nothing_that_a_stranger_fills_the_log_with() {
    let read = async |_: SessionHandle<Visitor>| "not reached";
    let layer: SessionLayer<Visitor> = SessionLayer::by_request(|_| None);
    let app: axum::Router = axum::Router::new().route("/", axum::routing::get(read)).layer(layer);
    let lines = heard(|| {
        let request = http::Request::new(axum::body::Body::empty());
        let response = block_on(tower::ServiceExt::oneshot(app, request)).unwrap();
        assert_eq!(response.status(), StatusCode::NOT_FOUND);
    });
    assert_eq!(
        lines,
        ["DEBUG sealed_session session.no_sessions message=the layer chose no sessions for this request"]
    );
}

#[test]
fn a_ring_that_ends_too_soon_is_reported_once_for_each_lifetime() {
    use std::time::Duration;

    use sealed_session::keys::Rotation;

    let (_, clock) = sessions();
    let (day, now) = (Duration::from_secs(86_400), clock.now());
    let rotation = Rotation { longest_lifetime: day, announce: day, now };
    let key = || Key::generate(Algorithm::Xaes256Gcm).unwrap();
    let ring = KeyRing::dated(key(), now).rotate(key(), rotation).unwrap();
    let build = |days: u32| {
        let builder = Sessions::<Visitor>::builder(ring.clone()).clock(clock.reader());
        builder.idle_timeout(None).absolute_timeout(days * day).build().unwrap()
    };
    let warnings = |days: u32| {
        let lines = heard(|| (0..3).for_each(|_| drop(build(days))));
        lines.iter().filter(|line| line.starts_with("WARN sealed_session ring")).count()
    };
    assert_eq!(warnings(3), 1, "a thousand tenants are one warning");
    assert_eq!(warnings(2), 0, "which held for shorter lifetimes too");
    assert_eq!(warnings(4), 1);
    assert_eq!(build(4).keys_ending_too_soon().len(), 1, "who asks is told");
}

/// Anybody can forge the cookies of such a key. Debug builds, in which tests use it, say nothing.
#[test]
fn a_published_key_is_reported_in_release_builds_once_for_each_ring() {
    drop(sessions());
    let (published, own) = (testing::key(7), Key::generate(Algorithm::Xaes256Gcm).unwrap());
    let id = published.id();
    let warning = format!(
        "WARN sealed_session ring message=key {id} is published or trivial, so anybody can forge its cookies: make one \
         with `sealed-session keygen`, and keep sealed_session::testing to tests label=\"published_key\""
    );
    let expected =
        |times: usize| if cfg!(debug_assertions) { Vec::new() } else { vec![warning.clone(); times] };
    let ring = KeyRing::new(own).accept(published).unwrap(); // one that only opens is as bad
    let build = || drop(Sessions::<Visitor>::new(ring.clone()).unwrap());
    assert_eq!(heard(|| (0..3).for_each(|_| build())), expected(1), "a thousand tenants are one warning");
    assert_eq!(heard(|| drop(Sessions::<Visitor>::new(testing::key_ring()).unwrap())), expected(1));
    let tokens = || drop(sealed_session::Tokens::new(testing::key_ring(), "", "link").unwrap());
    assert_eq!(heard(tokens), expected(1));
    let mut events = Vec::new();
    let own = || KeyRing::new(Key::generate(Algorithm::Xaes256Gcm).unwrap());
    let swappable = sealed_session::keys::SwappableKeyRing::new(own());
    events.extend(swappable.replace(&testing::key_ring(), std::time::SystemTime::now()));
    let found = events.iter().filter(|event| event.as_str() == "published_key" && event.is_problem()).count();
    assert_eq!(found, expected(1).len());
    assert_eq!(heard(|| drop(Sessions::<Visitor>::new(own()).unwrap())), [] as [&str; 0]);
}

#[test]
fn a_revoked_session_is_heard() {
    let (sessions, _) = sessions();
    let headers = logged_in(&sessions);
    let check = Check::new(|_: &Session<Visitor>| async { Ok::<_, std::io::Error>(Verdict::End) });
    let lines = heard(|| {
        let slot = Slot::new(&sessions, &headers, Some(check));
        block_on(slot.open()).unwrap();
        assert!(matches!(slot.close(&mut HeaderMap::new()), Outcome::Pass(Some(_))));
    });
    let rejected = "DEBUG sealed_session session.rejected cookie=\"__Host-session\" rejection=\"revoked\"";
    assert!(lines.contains(&rejected.to_owned()), "{lines:?}");
}

#[test]
fn a_session_is_heard_by_the_name_of_its_own_cookie() {
    let (sessions, clock) = sessions_with::<Visitor>(|builder| builder.name("__Host-acme"));
    let check = |answer: fn() -> Result<Verdict, std::io::Error>| {
        Some(Check::new(move |_: &Session<Visitor>| async move { answer() }))
    };
    let (no_answer, end) = (check(|| Err(std::io::Error::other("no answer"))), check(|| Ok(Verdict::End)));
    let mut response = HeaderMap::new();
    let lines = heard(|| {
        let save = |headers: &HeaderMap, change: fn(&mut Session<Visitor>)| {
            let (mut session, mut response) = (sessions.load(headers), HeaderMap::new());
            change(&mut session);
            let _ = sessions.save(session, &mut response);
            response
        };
        response = save(&HeaderMap::new(), |session| session.name = "anna".into());
        let headers = testing::next_request(&response);
        save(&headers, |session| session.name = "x".repeat(5000));
        for check in [no_answer, end, None] {
            let slot = Slot::new(&sessions, &headers, check);
            let handle = block_on(slot.open());
            let _ = slot.close(&mut HeaderMap::new());
            let _ = handle.map(|handle| handle.update(|_| ()));
        }
        clock.advance(std::time::Duration::from_secs(86_400));
        save(&headers, |_| ());
    });
    let names = ["loaded", "rejected", "saved", "save_failed", "check_failed", "response_gone"];
    for name in names.map(|name| format!(" session.{name} ")) {
        assert!(lines.iter().any(|line| line.contains(&name)), "{name}: {lines:?}");
    }
    for line in lines {
        assert!(line.contains(" cookie=\"__Host-acme\""), "{line}");
    }
}

/// Everything that a session goes through, and then a search of every line for what must not be in it.
#[test]
fn no_line_holds_a_token_a_key_or_data() {
    let key = Key::generate(Algorithm::Xaes256Gcm).unwrap();
    let key_text = key.expose_text().to_string();
    let clock = testing::Clock::at(util::NOW);
    let ring = KeyRing::new(key).accept(testing::key(9)).unwrap();
    let sessions: Sessions<Visitor> = Sessions::builder(ring).clock(clock.reader()).build().unwrap();
    let mut secrets = vec![key_text[14..40].to_owned(), "confidential".to_owned()];
    let mut headers = testing::request(&sessions, |session| {
        session.user = Some(918_273_645);
        session.name = "confidential".into();
        session.mark_authenticated();
    });
    secrets.push("918273645".into());
    let changes: [fn(&mut Session<Visitor>); 7] = [
        |session| session.roles.push("confidential".into()),
        Session::cycle_id,
        Session::mark_authenticated,
        |session| session.name = "confidential".repeat(500),
        |session| drop(session.reset()),
        |session| session.name = "confidential".into(),
        Session::destroy,
    ];
    let lines = heard(|| {
        for change in changes {
            secrets.push(value(&headers));
            let layer = SessionLayer::new(sessions.clone());
            let service = tower::service_fn(async |request: http::Request<()>| {
                let slot = request.extensions().get::<SessionSlot<Visitor>>().unwrap().clone();
                slot.open().await.unwrap().update(change).unwrap();
                Ok::<_, std::convert::Infallible>(http::Response::new(String::new()))
            });
            let mut request = http::Request::new(());
            request.headers_mut().extend(headers.clone());
            let answer = tower::ServiceExt::oneshot(tower::Layer::layer(&layer, service), request);
            let response = block_on(answer).unwrap();
            let mut next = testing::next_request(response.headers());
            if let Some(line) =
                next.get(COOKIE).filter(|line| line.as_bytes().starts_with(b"__Host-session="))
            {
                headers = with_cookie(line.as_bytes());
            }
            next.clear();
            // The same cookie, tampered with, and as a token that it is not.
            let mut tampered = value(&headers);
            tampered.truncate(tampered.len() - 4);
            drop(testing::load(&sessions, &with_cookie(format!("__Host-session={tampered}"))));
            let session = testing::load(&sessions, &headers);
            sessions.check_csrf(&session, &value(&headers)).unwrap_err();
        }
    });
    assert!(lines.len() > 20, "{lines:?}");
    for secret in secrets {
        for part in [&secret[..], &secret[..secret.len().min(24)], &secret[secret.len().saturating_sub(24)..]]
        {
            assert!(!lines.iter().any(|line| line.contains(part)), "{part} in {lines:#?}");
        }
    }
}

#[test]
fn every_label_is_one_word() {
    for rejection in
        [Rejection::Absent, Rejection::FromTheFuture, Rejection::SchemaMismatch, Rejection::Revoked]
    {
        assert!(rejection.as_str().bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'));
    }
}
