//! Requests to a service under test, and what is to be seen of its answers.

use axum::Router;
use axum::body::{Body, to_bytes};
use http::header::{CACHE_CONTROL, COOKIE, VARY};
use http::{HeaderMap, Method, Request, Response};
use tower::ServiceExt;

pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// A GET with the cookies of these headers.
pub(crate) fn get(uri: &str, headers: &HeaderMap) -> Request<Body> {
    request(Method::GET, uri, headers)
}

pub(crate) fn request(method: Method, uri: &str, headers: &HeaderMap) -> Request<Body> {
    let mut request = Request::new(Body::empty());
    *request.method_mut() = method;
    *request.uri_mut() = uri.parse().unwrap();
    for line in headers.get_all(COOKIE) {
        request.headers_mut().append(COOKIE, line.clone());
    }
    request
}

pub(crate) async fn send(router: &Router, request: Request<Body>) -> Response<Body> {
    router.clone().oneshot(request).await.unwrap()
}

pub(crate) async fn text(response: Response<Body>) -> String {
    String::from_utf8(to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec()).unwrap()
}

/// The headers that are ours to write, but for Set-Cookie.
pub(crate) fn caching(response: &Response<Body>) -> Vec<&str> {
    let headers = response.headers();
    let lines = headers.get_all(CACHE_CONTROL).iter().chain(headers.get_all(VARY));
    lines.map(|line| line.to_str().unwrap()).collect()
}
