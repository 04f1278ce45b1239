//! What the layer costs beside the two functions, without a network: `cargo bench --bench layer`.
//!
//! A router of axum answers a request whose handler reads a session of about 240 bytes. Nanoseconds; lower quartiles of
//! rounds in which the rows take turns. Compare rows of one run.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a benchmark may panic")]

use std::convert::Infallible;
use std::future::Future;
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{HeaderMap, Request, header};
use sealed_session::{Algorithm, Key, KeyRing, SessionHandle, SessionLayer, Sessions, testing};
use tower::Service;
use tower::util::MapRequestLayer;

const ROUNDS: usize = 400;
const CALLS: u32 = 64;

fn main() {
    let ring = KeyRing::new(Key::generate(Algorithm::Xaes256Gcm).expect("random bytes"));
    let sessions: Sessions<String> = Sessions::new(ring).expect("the defaults");
    let headers = HeaderMap::from_iter([(header::COOKIE, testing::cookie(&sessions, "s".repeat(230)))]);

    let none = async || "s";
    let nothing = |request: Request<Body>| request;
    let functions = async |State(sessions): State<Sessions<String>>, headers: HeaderMap| -> Response {
        let session = sessions.load(&headers);
        let mut response = session.len().to_string().into_response();
        let saved = sessions.save(session, response.headers_mut());
        black_box(saved).map_or_else(|_| "error".into_response(), |_| response)
    };
    let layer = async |session: SessionHandle<String>| {
        session.read(|session| session.len().to_string().into_response())
    };
    let untouched = async || "s".into_response();
    let mut rows = [
        ("no session", Router::new().route("/", get(none)).with_state(())),
        (
            "a layer that does nothing",
            Router::new().route("/", get(none)).layer(MapRequestLayer::new(nothing)),
        ),
        ("the functions", Router::new().route("/", get(functions)).with_state(sessions.clone())),
        ("the layer", Router::new().route("/", get(layer)).layer(SessionLayer::new(sessions.clone()))),
        (
            "the layer, nobody asks",
            Router::new().route("/", get(untouched)).layer(SessionLayer::new(sessions)),
        ),
    ]
    .map(|(name, router)| (name, router, Vec::new()));

    for _ in 0..ROUNDS {
        for (_, router, spent) in &mut rows {
            (0..CALLS / 4).for_each(|_| call(router, &headers));
            let start = Instant::now();
            (0..CALLS).for_each(|_| call(router, &headers));
            spent.push(start.elapsed().as_nanos() as f64 / f64::from(CALLS));
        }
    }
    println!("| a request | ns | more than without a session |\n|---|---:|---:|");
    let mut first = None;
    for (name, _, spent) in &mut rows {
        spent.sort_by(f64::total_cmp);
        let spent = spent[spent.len() / 4];
        println!("| {name} | {spent:.0} | {:.0} |", spent - *first.get_or_insert(spent));
    }
}

/// The handlers wait for nothing, so one poll is enough.
fn call(router: &mut Router, headers: &HeaderMap) {
    let mut request = Request::new(Body::empty());
    *request.headers_mut() = headers.clone();
    let future = pin!(Service::<Request<Body>>::call(router, request));
    let response: Poll<Result<Response, Infallible>> = future.poll(&mut Context::from_waker(Waker::noop()));
    assert!(matches!(black_box(response), Poll::Ready(Ok(response)) if response.status().is_success()));
}
