//! Forms that a page of this very session held, which a token in a hidden field proves (CSRF).

use axum::extract::{Form, FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use sealed_session::{SessionHandle, Sessions};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::failure::Failure;
use crate::visitor::AnyVisitor;
use crate::{pages, report};

/// A token for the forms of a page. A visitor without a session gets one, and a cookie with it: a form has to be bound
/// to something.
pub(crate) fn token<V: AnyVisitor>(
    sessions: &Sessions<V>,
    session: &SessionHandle<V>,
) -> Result<String, Failure> {
    Ok(session.update(|session| sessions.csrf_token(session))??)
}

/// The answer to a form of somebody else's.
pub(crate) fn check<V: AnyVisitor>(
    sessions: &Sessions<V>,
    session: &SessionHandle<V>,
    token: &str,
) -> Result<(), Response> {
    session.read(|session| sessions.check_csrf(session, token)).map_err(|why| {
        report(format_args!("a form was not accepted: {why}"));
        (StatusCode::FORBIDDEN, pages::not_your_form()).into_response()
    })
}

/// The fields of a form whose token is one of this session: an extractor.
pub(crate) struct OwnForm<F = ()>(pub(crate) F);

#[derive(Deserialize)]
struct Fields<F> {
    #[serde(default)]
    csrf: String,
    #[serde(flatten)]
    others: F,
}

impl<V: AnyVisitor, F: DeserializeOwned> FromRequest<Sessions<V>> for OwnForm<F> {
    type Rejection = Response;

    async fn from_request(request: Request, sessions: &Sessions<V>) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let session = SessionHandle::<V>::from_request_parts(&mut parts, sessions).await;
        let session = session.map_err(IntoResponse::into_response)?;
        let form = Form::from_request(Request::from_parts(parts, body), sessions).await;
        let Form(Fields { csrf, others }) = form.map_err(IntoResponse::into_response)?;
        check(sessions, &session, &csrf).map(|()| Self(others))
    }
}
