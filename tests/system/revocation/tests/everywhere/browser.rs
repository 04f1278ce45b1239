//! A browser of one user, who comes to whichever node the balancer chooses.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{Request, StatusCode};
use harness::jar::Jar;
use tower::ServiceExt;

#[derive(Clone, Default)]
pub(crate) struct Browser {
    jar: Jar,
}

impl Browser {
    /// Sends a request, keeps and removes cookies as it is told; gives the status and the body.
    pub(crate) async fn send(&mut self, node: &Router, request: &str) -> (u16, String) {
        let (method, uri) = request.split_once(' ').unwrap();
        let mut request = Request::builder().method(method).uri(uri);
        let cookies = self.jar.line();
        if !cookies.is_empty() {
            request = request.header(COOKIE, cookies);
        }
        let response = node.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        for line in response.headers().get_all(SET_COOKIE) {
            self.jar.set(line.to_str().unwrap());
        }
        let status = response.status();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            assert_eq!(response.headers().get(SET_COOKIE), None, "the session may still be good");
        }
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status.as_u16(), String::from_utf8(body.to_vec()).unwrap())
    }

    /// What the first page says.
    pub(crate) async fn who(&mut self, node: &Router) -> String {
        let (status, body) = self.send(node, "GET /").await;
        if status == 200 { body } else { status.to_string() }
    }

    /// Whether it still has a session's cookie.
    pub(crate) fn has_session(&self) -> bool {
        self.jar.get("__Host-session").is_some()
    }
}
