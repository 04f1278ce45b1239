//! Layers inside layers, and many requests through one: sessions keep to themselves.

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::get as on_get;
use http::HeaderMap;
use http::header::COOKIE;
use sealed_session::axum::Snapshot;
use sealed_session::{Saved, SessionHandle, SessionLayer, Sessions, testing};

use super::client::{block_on, caching, get, send, text};
use crate::util::{Visitor, logged_in, sessions, sessions_with, set_cookie, set_cookies};

#[derive(Clone, Default, serde::Serialize, serde::Deserialize)]
struct Cart {
    things: Vec<String>,
}

fn carts() -> Sessions<Cart> {
    sessions_with(|builder| builder.name("__Host-cart")).0
}

fn app(visitors: &Sessions<Visitor>, carts: &Sessions<Cart>) -> Router {
    let both = async |visitor: SessionHandle<Visitor>, cart: SessionHandle<Cart>| {
        visitor.update(|session| session.name = "x".into()).unwrap();
        cart.update(|session| session.things.push("a pen".into())).unwrap();
    };
    let cart = async |cart: SessionHandle<Cart>| cart.update(|session| session.things.push("ink".into()));
    let look = async |visitor: Snapshot<Visitor>, cart: Snapshot<Cart>| {
        format!("{:?} {:?}", visitor.0.user, cart.0.things)
    };
    Router::new()
        .route("/both", on_get(both))
        .route("/cart", on_get(async move |handle| cart(handle).await.unwrap()))
        .route("/look", on_get(look))
        .layer(SessionLayer::new(carts.clone()))
        .layer(SessionLayer::new(visitors.clone()))
}

#[test]
fn two_types_each_have_their_cookie() {
    let ((visitors, _), carts) = (sessions(), carts());
    let app = app(&visitors, &carts);
    let both = block_on(send(&app, get("/both", &logged_in(&visitors))));
    let names: Vec<_> = set_cookies(both.headers());
    assert_eq!(names.len(), 2);
    assert!(names[0].starts_with("__Host-cart="), "the inner one first");
    assert!(names[1].starts_with("__Host-session="));
    assert_eq!(caching(&both), ["private, no-store", "Cookie"]);
    assert!(matches!(both.extensions().get(), Some(Saved::Written { .. })));

    let request = testing::next_request(both.headers());
    assert_eq!(testing::load(&visitors, &request).user, Some(7));
    assert_eq!(testing::load(&carts, &request).things, ["a pen"]);
    let look = block_on(async { text(send(&app, get("/look", &request)).await).await });
    assert_eq!(look, "Some(7) [\"a pen\"]");
}

#[test]
fn only_the_one_that_changed_is_written_and_told_of() {
    let ((visitors, _), carts) = (sessions(), carts());
    let response = block_on(send(&app(&visitors, &carts), get("/cart", &logged_in(&visitors))));
    assert!(set_cookie(response.headers()).starts_with("__Host-cart="));
    let saved = response.extensions().get();
    assert!(matches!(saved, Some(Saved::Written { .. })), "the outer one has done nothing: {saved:?}");
}

#[test]
fn of_two_layers_for_one_type_the_inner_one_counts() {
    let ((outer, _), (inner, _)) = (sessions(), sessions_with::<Visitor>(|builder| builder.name("inner")));
    let change = async |session: SessionHandle<Visitor>| {
        session.update(|session| session.name = format!("{:?}", session.user)).unwrap();
    };
    let app = Router::new()
        .route("/", on_get(change))
        .layer(SessionLayer::new(inner.clone()))
        .layer(SessionLayer::new(outer.clone()));
    let response = block_on(send(&app, get("/", &logged_in(&outer))));
    assert!(set_cookie(response.headers()).starts_with("inner="));
    assert_eq!(testing::read_back(&inner, response.headers()).name, "None", "the outer one's was not seen");
    assert!(matches!(response.extensions().get(), Some(Saved::Written { .. })));
}

#[test]
fn middleware_and_every_extractor_see_one_session() {
    let (sessions, _) = sessions();
    let middleware =
        from_fn(async |session: SessionHandle<Visitor>, request: Request, next: Next| -> Response {
            session.update(|session| session.name.push('a')).unwrap();
            let response = next.run(request).await;
            session.update(|session| session.name.push('d')).unwrap();
            response
        });
    let twice = async |one: SessionHandle<Visitor>,
                       two: SessionHandle<Visitor>,
                       Snapshot(before): Snapshot<Visitor>| {
        one.update(|session| session.name.push('b')).unwrap();
        two.update(|session| session.name.push('c')).unwrap();
        format!("{} {}", before.name, one.read(|session| session.name.clone()))
    };
    let app =
        Router::new().route("/", on_get(twice)).layer(middleware).layer(SessionLayer::new(sessions.clone()));
    block_on(async {
        let response = send(&app, get("/", &logged_in(&sessions))).await;
        set_cookie(response.headers());
        assert_eq!(testing::read_back(&sessions, response.headers()).name, "abcd");
        assert_eq!(text(response).await, "a abc", "a snapshot is what it was");
    });
}

#[test]
fn an_optional_snapshot_is_none_for_strangers_alone() {
    let (sessions, _) = sessions();
    let look =
        async |snapshot: Option<Snapshot<Visitor>>| format!("{:?}", snapshot.map(|found| found.0.user));
    let app = Router::new().route("/", on_get(look)).layer(SessionLayer::new(sessions.clone()));
    let answer = |headers: HeaderMap| block_on(async { text(send(&app, get("/", &headers)).await).await });
    assert_eq!(answer(HeaderMap::new()), "None");
    assert_eq!(answer(crate::util::with_cookie("__Host-session=junk")), "None");
    assert_eq!(answer(logged_in(&sessions)), "Some(Some(7))");
    assert_eq!(answer(testing::request(&sessions, |_| {})), "Some(None)");
}

/// Four threads, each with 25 requests that wait for one another in between.
#[test]
fn a_hundred_concurrent_requests_never_mix() {
    let (sessions, _) = sessions();
    let change = async |session: SessionHandle<Visitor>| {
        let user = session.read(|session| session.user).unwrap();
        for _ in 0..=user % 7 {
            tokio::task::yield_now().await;
        }
        session.update(|session| session.name.push_str(&user.to_string())).unwrap();
        tokio::task::yield_now().await;
        format!("{user} {}", session.read(|session| session.user.unwrap()))
    };
    let app = Router::new().route("/", on_get(change)).layer(SessionLayer::new(sessions.clone()));
    let (app, sessions) = (&app, &sessions);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            scope.spawn(move || {
                let visit = |user: u64| {
                    let (app, sessions) = (app.clone(), sessions.clone());
                    async move {
                        let headers = testing::request(&sessions, |session| session.user = Some(user));
                        let response = send(&app, get("/", &headers)).await;
                        let next = testing::next_request(response.headers());
                        let session = testing::load(&sessions, &next);
                        assert_eq!((session.user, &session.name), (Some(user), &user.to_string()));
                        assert_ne!(next[COOKIE], headers[COOKIE]);
                        assert_eq!(text(response).await, format!("{user} {user}"));
                    }
                };
                block_on(async {
                    let tasks: Vec<_> = (0..25).map(|at| tokio::spawn(visit(thread * 25 + at))).collect();
                    for task in tasks {
                        task.await.unwrap();
                    }
                });
            });
        }
    });
}
