//! Keeps other sites' pages from posting here in a visitor's name (CSRF).
//!
//! `SameSite=Lax` on the session cookie is the first line. It says nothing about the login itself, which needs no
//! cookie, and to it every port of this machine is one site.

use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sealed_session::web::{RequestOrigin, may_change_something};

use crate::pages;

pub(crate) async fn check(origin: RequestOrigin, request: Request, next: Next) -> Response {
    if origin == RequestOrigin::Other && may_change_something(request.method(), request.headers()) {
        (StatusCode::FORBIDDEN, pages::other_origin()).into_response()
    } else {
        next.run(request).await
    }
}
