//! Layers over tower: the same request through a service with the layer and through the service alone.

use std::convert::Infallible;
use std::hint::black_box;
use std::sync::{Arc, Mutex};

use http::{HeaderMap, Request, Response};
use tower::Service;

use crate::data::Data;
use crate::subject::{Measure, Subject, Timed, at_once, pair, prepared, request, value_length};

pub type Pool<T> = Arc<Mutex<Vec<T>>>;
pub type Answer = Result<Response<String>, Infallible>;

/// `write` and `read` are the layered services. `is_stored`: a save goes on with the session that the cookie names.
pub fn subject<T: Data>(
    name: &str,
    data: &T,
    pool: &Pool<T>,
    is_stored: bool,
    write: impl Service<Request<String>, Response = Response<String>, Error = Infallible> + Clone + 'static,
    read: impl Service<Request<String>, Response = Response<String>, Error = Infallible> + 'static,
) -> Subject {
    put(pool, data);
    let cookie = pair(call(&mut write.clone(), &request("a=b")).headers());
    let carried = request(&cookie);
    let saved_over = if is_stored { carried.clone() } else { request("a=b") };
    let alone = tower::service_fn(|_: Request<String>| async { Answer::Ok(Response::default()) });
    let dropped = Arc::clone(pool);
    let dropping = tower::service_fn(move |_: Request<String>| {
        drop(take(&dropped));
        async { Answer::Ok(Response::default()) }
    });
    Subject {
        name: name.into(),
        value: value_length(&cookie),
        load: Some(Timed {
            with: measure(read, &carried, || ()),
            without: Some(measure(alone, &carried, || ())),
        }),
        save: Some(Timed {
            with: measure(write, &saved_over, filling(pool, data)),
            without: Some(measure(dropping, &saved_over, filling(pool, data))),
        }),
    }
}

/// One of the values that a save is to write.
pub fn take<T>(pool: &Pool<T>) -> T {
    pool.lock().expect("one thread").pop().expect("one for each call")
}

fn put<T: Data>(pool: &Pool<T>, data: &T) {
    pool.lock().expect("one thread").push(data.clone());
}

fn filling<T: Data>(pool: &Pool<T>, data: &T) -> impl FnMut() + use<T> {
    let (pool, data) = (Arc::clone(pool), data.clone());
    move || put(&pool, &data)
}

fn measure<S>(mut service: S, headers: &HeaderMap, mut before: impl FnMut() + 'static) -> Measure
where
    S: Service<Request<String>, Response = Response<String>, Error = Infallible> + 'static,
{
    let headers = headers.clone();
    Box::new(move || prepared(&mut before, |()| drop(black_box(call(&mut service, &headers)))))
}

fn call<S>(service: &mut S, headers: &HeaderMap) -> Response<String>
where
    S: Service<Request<String>, Response = Response<String>, Error = Infallible>,
{
    let mut request = Request::new(String::new());
    *request.headers_mut() = headers.clone();
    at_once(service.call(request)).expect("cannot fail")
}
