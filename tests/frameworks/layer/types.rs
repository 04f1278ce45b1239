//! What the compiler has to grant: services and futures go to any thread, and clone, whatever the session's type.

use std::convert::Infallible;
use std::future::{Ready, ready};

use http::{Request, Response};
use sealed_session::handle::{Check, SessionSlot, Verdict};
use sealed_session::tower::SessionService;
use sealed_session::{Guard, Session, SessionHandle, SessionLayer};
use tower::{Layer, Service};

use crate::util::sessions_with;

/// A session type that is neither `Clone` nor `Debug`, and has no `Default` of its own but serde's own.
#[derive(Default, serde::Serialize, serde::Deserialize)]
struct Plain {
    user: u64,
}

/// A body that nothing is known of.
struct Bytes;

#[derive(Clone)]
struct Inner;

impl Service<Request<Bytes>> for Inner {
    type Response = Response<Bytes>;
    type Error = Infallible;
    type Future = Ready<Result<Response<Bytes>, Infallible>>;

    fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> std::task::Poll<Result<(), Infallible>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<Bytes>) -> Self::Future {
        ready(Ok(Response::new(Bytes)))
    }
}

/// A service that cannot be cloned, as some are.
struct Single;

impl Service<Request<Bytes>> for Single {
    type Response = Response<Bytes>;
    type Error = Infallible;
    type Future = Ready<Result<Response<Bytes>, Infallible>>;

    fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> std::task::Poll<Result<(), Infallible>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<Bytes>) -> Self::Future {
        ready(Ok(Response::new(Bytes)))
    }
}

fn goes_anywhere<V: Send + Sync + 'static>(_: &V) {}
fn clones<V: Clone>(_: &V) {}

#[test]
fn services_and_futures_go_to_any_thread() {
    let layer = SessionLayer::new(sessions_with::<Plain>(|builder| builder).0)
        .check(Check::new(|_: &Session<Plain>| async { Ok::<_, Infallible>(Verdict::Keep) }));
    let guard = Guard::new("/login", |session: &Session<Plain>| session.user == 7);
    let mut service = layer.layer(guard.layer(Inner));
    goes_anywhere(&layer);
    clones(&layer);
    goes_anywhere(&guard);
    clones(&guard);
    goes_anywhere(&service);
    clones(&service);
    let future = service.call(Request::new(Bytes));
    fn is_send<V: Send + 'static>(_: &V) {}
    is_send(&future);
    drop(future);

    let mut single: SessionService<Single, Plain> = layer.layer(Single);
    is_send(&single.call(Request::new(Bytes)));
}

#[test]
fn handles_go_to_any_thread() {
    fn hold<V: Send + Sync + Clone + std::fmt::Debug + 'static>() {}
    hold::<SessionHandle<Plain>>();
    hold::<SessionSlot<Plain>>();
    hold::<Check<Plain>>();
}
