//! Code of the application that runs in the middle of ours and asks for the session again: it gets an answer, or a
//! panic that names the cause. It never waits for itself.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::time::Duration;

use http::HeaderMap;
use sealed_session::handle::{Check, Verdict};
use sealed_session::{Session, SessionHandle, Sessions, testing};
use serde::{Deserialize, Serialize};
use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

use super::client::block_on;
use crate::util::{Slot, Visitor, logged_in, sessions};

type Handle = SessionHandle<Visitor>;

/// Runs this in a thread of its own; fails if it does not end.
#[track_caller]
fn ends<R: Send + 'static>(run: impl FnOnce() -> R + Send + 'static) -> R {
    let (done, result) = mpsc::channel();
    std::thread::spawn(move || done.send(run()));
    result.recv_timeout(Duration::from_secs(20)).expect("it waits for itself, or has panicked")
}

/// The panic's message.
fn panic_of<R>(run: impl FnOnce() -> R) -> String {
    let panic = catch_unwind(AssertUnwindSafe(run)).err().expect("it panics");
    match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(other) => (*other.downcast::<&str>().unwrap()).to_owned(),
    }
}

const CAUSE: &str = "the session of this request is in use";

#[test]
fn a_handle_that_is_used_inside_a_closure_of_the_same_session_panics_with_the_cause() {
    let closures: [fn(&Handle, &Handle); 4] = [
        |one, two| one.read(|_| two.read(|_| ())),
        |one, two| _ = one.read(|_| two.update(|_| ())),
        |one, two| _ = one.update(|_| two.read(|_| ())),
        |one, two| _ = one.update(|_| two.update(|_| ())),
    ];
    for closure in closures {
        let said = ends(move || {
            let (sessions, _) = sessions();
            let slot = Slot::new(&sessions, &logged_in(&sessions), None);
            let (one, two) = (block_on(slot.open()).unwrap(), block_on(slot.open()).unwrap());
            panic_of(|| closure(&one, &two))
        });
        assert!(said.contains(CAUSE), "{said}");
    }
}

#[test]
fn two_sessions_may_be_used_inside_each_other() {
    ends(|| {
        let (sessions, _) = sessions();
        let slots = [(); 2].map(|()| Slot::new(&sessions, &logged_in(&sessions), None));
        let [one, two] = slots.each_ref().map(|slot| block_on(slot.open()).unwrap());
        one.update(|one| two.update(|two| one.name.clone_from(&two.name))).unwrap().unwrap();
    });
}

#[test]
fn another_thread_waits_for_its_turn() {
    ends(|| {
        let (sessions, _) = sessions();
        let slot = Slot::new(&sessions, &logged_in(&sessions), None);
        let handle = block_on(slot.open()).unwrap();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    (0..100).for_each(|_| handle.update(|session| session.name.push('x')).unwrap())
                });
            }
        });
        assert_eq!(handle.read(|session| session.name.len()), 400);
    });
}

#[test]
fn a_check_that_uses_a_handle_in_its_closure_panics_and_in_its_answer_does_not() {
    ends(|| {
        thread_local!(static OTHER: RefCell<Option<Handle>> = const { RefCell::new(None) });
        fn user() -> Option<u64> {
            OTHER.with_borrow(|other| other.as_ref().and_then(|handle| handle.read(|session| session.user)))
        }
        let (sessions, _) = sessions();
        let headers = logged_in(&sessions);
        // The handle is there from an earlier extraction, before a second check was added.
        let open = |check| {
            let slot = Slot::new(&sessions, &headers, None);
            OTHER.set(block_on(slot.open()).ok());
            let inner = Slot::within(&slot, &sessions, &headers, Some(check));
            block_on(inner.open()).map(|handle| handle.read(|session| session.user))
        };
        let in_answer = Check::new(|_: &Session<Visitor>| async {
            assert_eq!(user(), Some(7));
            Ok::<_, std::io::Error>(Verdict::Keep)
        });
        assert_eq!(open(in_answer), Ok(Some(7)));
        let in_closure = Check::new(|_: &Session<Visitor>| {
            user();
            async { Ok::<_, std::io::Error>(Verdict::Keep) }
        });
        let said = panic_of(|| open(in_closure));
        assert!(said.contains(CAUSE), "{said}");
        OTHER.take();
    });
}

thread_local! {
    /// What code of the application uses in the middle of ours.
    static CURRENT: RefCell<Option<Handle>> = const { RefCell::new(None) };
    static HEARD: Cell<usize> = const { Cell::new(0) };
}

/// A subscriber that adds the user to every event, as tracing layers of applications do.
struct Reader;

impl<S: tracing::Subscriber> Layer<S> for Reader {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        struct Nothing;
        impl Visit for Nothing {
            fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
        }
        event.record(&mut Nothing);
        // Not while it is asked for itself, which is an event as well.
        if let Some(handle) = CURRENT.take() {
            handle.read(|session| session.user);
            CURRENT.set(Some(handle));
            HEARD.set(HEARD.get() + 1);
        }
    }
}

/// From here on the subscriber reads by this handle. Another test's thread, which has no subscriber, may just have made
/// `tracing` note that nobody listens to an event: it asks again.
fn watch(handle: Option<Handle>) {
    tracing::callsite::rebuild_interest_cache();
    CURRENT.set(handle);
}

#[test]
fn a_subscriber_may_read_the_session_during_every_event_of_ours() {
    ends(|| {
        let subscriber = tracing_subscriber::registry().with(Reader);
        tracing::subscriber::with_default(subscriber, || {
            let (sessions, clock) = sessions();
            let heard = |count: usize, what: &str| assert_eq!(HEARD.replace(0), count, "{what}");
            let headers = logged_in(&sessions);

            // A save, a change that is too late.
            let slot = Slot::new(&sessions, &headers, None);
            let handle = block_on(slot.open()).unwrap();
            watch(Some(handle.clone()));
            handle.update(|session| session.name = "x".into()).unwrap();
            let _ = slot.close(&mut HeaderMap::new());
            heard(1, "session.saved");
            assert!(handle.update(|_| ()).is_err());
            heard(1, "session.response_gone");
            CURRENT.take();

            // Somebody proves again who they are, and nobody was logged in.
            let slot = Slot::new(&sessions, &HeaderMap::new(), None);
            let handle = block_on(slot.open()).unwrap();
            watch(Some(handle.clone()));
            handle.update(Session::reauthenticate).unwrap();
            heard(1, "session.reauthenticated_nobody");
            CURRENT.take();

            // A renewal, a save that fails.
            clock.advance(Duration::from_secs(12 * 3600));
            for (name, what) in [("", "session.saved"), (&*"x".repeat(5000), "session.save_failed")] {
                let slot = Slot::new(&sessions, &headers, None);
                let handle = block_on(slot.open()).unwrap();
                watch(Some(handle.clone()));
                handle.update(|session| name.clone_into(&mut session.name)).unwrap();
                let _ = slot.close(&mut HeaderMap::new());
                heard(1, what);
                CURRENT.take();
            }

            // A first access after the headers: `session.response_gone` and a load.
            let slot = Slot::new(&sessions, &headers, None);
            let handle = block_on(slot.open()).unwrap();
            let _ = slot.close(&mut HeaderMap::new());
            watch(Some(handle.clone()));
            assert_eq!(
                handle.read(|session| session.user),
                Some(7),
                "a handle is left, so it counts as accessed"
            );
            drop(CURRENT.take());

            // A check that ends the session, and one that does not answer.
            for answer in [|| Ok(Verdict::End), || Err(std::io::Error::other("the store is down"))] {
                let slot = Slot::new(&sessions, &headers, None);
                watch(block_on(slot.open()).ok());
                let check = Check::new(move |_: &Session<Visitor>| async move { answer() });
                let inner = Slot::within(&slot, &sessions, &headers, Some(check));
                drop(block_on(inner.open()));
                heard(1, "session.rejected or session.check_failed");
                CURRENT.take();
            }

            // A panic.
            let slot = Slot::new(&sessions, &headers, None);
            let handle = block_on(slot.open()).unwrap();
            watch(Some(handle.clone()));
            handle.update(|session| session.name = "half".into()).unwrap();
            panic_of(|| handle.read(|_| panic!("in a handler")));
            let _ = slot.close(&mut HeaderMap::new());
            heard(1, "session.save_failed");
            CURRENT.take();
        });
    });
}

/// Data whose serializer, deserializer, default or destructor uses the session.
#[derive(Default)]
struct Curious(u64);

thread_local!(static WATCHED: RefCell<Option<SessionHandle<Curious>>> = const { RefCell::new(None) });

fn look() {
    let handle = WATCHED.take();
    if let Some(handle) = &handle {
        handle.read(|session| session.0);
    }
}

impl Serialize for Curious {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        look();
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Curious {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        look();
        u64::deserialize(deserializer).map(Self)
    }
}

#[test]
fn a_serializer_that_uses_the_session_panics_with_the_cause() {
    let said = ends(|| {
        let sessions: Sessions<Curious> = Sessions::new(testing::key_ring()).unwrap();
        let request = testing::request(&sessions, |session| session.0 = 7);
        let slot = Slot::new(&sessions, &request, None);
        let handle = block_on(slot.open()).unwrap();
        handle.update(|session| session.0 = 8).unwrap();
        WATCHED.set(Some(handle.clone()));
        let in_close = panic_of(|| slot.close(&mut HeaderMap::new()));

        let slot = Slot::new(&sessions, &request, None);
        let handle = block_on(slot.open()).unwrap();
        WATCHED.set(Some(handle.clone()));
        let in_update = panic_of(|| handle.update(|session| session.0 = 8));
        [in_close, in_update]
    });
    assert!(said.iter().all(|said| said.contains(CAUSE)), "{said:?}");
}
