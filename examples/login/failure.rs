//! What a handler does with an error that is nobody's fault who could read about it: a line for the operator, and a
//! page.

use std::error::Error;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::{pages, report};

/// Any error, reported.
pub(crate) struct Failure;

impl<E: Error> From<E> for Failure {
    fn from(error: E) -> Self {
        report(error);
        Self
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        (StatusCode::INTERNAL_SERVER_ERROR, pages::failure()).into_response()
    }
}
