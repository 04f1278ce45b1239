//! seshcookie's layer.

use std::hint::black_box;

use axum::extract::FromRequestParts;
use http::{Request, Response};
use seshcookie::{Session, SessionConfig, SessionKeys, SessionLayer};
use tower::Layer;

use super::layered::{self, Answer, Pool};
use crate::data::Data;
use crate::subject::{NAME, Subject};

pub fn subject<T: Data>(data: &T) -> Subject {
    let keys = SessionKeys::new(&[7; 32]).expect("a key");
    let layer: SessionLayer<T> =
        SessionLayer::new(keys, SessionConfig::default().cookie_name(NAME)).expect("a layer");
    let pool: Pool<T> = Pool::default();
    let filled = pool.clone();
    let write = layer.layer(tower::service_fn(move |request: Request<String>| {
        let data = layered::take(&filled);
        async move {
            session::<T>(request).await.insert(data).await;
            Answer::Ok(Response::default())
        }
    }));
    let read = layer.layer(tower::service_fn(|request: Request<String>| async {
        black_box(session::<T>(request).await.get().await.expect("it opens"));
        Answer::Ok(Response::default())
    }));
    layered::subject("seshcookie", data, &pool, false, write, read)
}

async fn session<T: Data>(request: Request<String>) -> Session<T> {
    Session::from_request_parts(&mut request.into_parts().0, &()).await.expect("within the layer")
}
