//! tower-sessions with its MemoryStore: a map in this process, which any real store is slower than.

use std::hint::black_box;

use http::{Request, Response};
use time::Duration;
use tower::Layer;
use tower_sessions::{Expiry, MemoryStore, Session, SessionManagerLayer};

use super::MAX_AGE;
use super::layered::{self, Answer, Pool};
use crate::data::Data;
use crate::subject::{NAME, Subject};

pub fn subject<T: Data>(data: &T) -> Subject {
    let layer = SessionManagerLayer::new(MemoryStore::default())
        .with_name(NAME)
        .with_expiry(Expiry::OnInactivity(Duration::seconds(MAX_AGE)));
    let pool: Pool<T> = Pool::default();
    let filled = pool.clone();
    let write = layer.layer(tower::service_fn(move |request: Request<String>| {
        let data = layered::take(&filled);
        async move {
            session(&request).insert("data", data).await.expect("it serializes");
            Answer::Ok(Response::default())
        }
    }));
    let read = layer.layer(tower::service_fn(|request: Request<String>| async move {
        black_box(session(&request).get::<T>("data").await.expect("JSON").expect("it is there"));
        Answer::Ok(Response::default())
    }));
    layered::subject("tower-sessions, MemoryStore", data, &pool, true, write, read)
}

fn session(request: &Request<String>) -> &Session {
    request.extensions().get().expect("within the layer")
}
