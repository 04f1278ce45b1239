//! Forms that a page of this very session held, which a token in a hidden field proves (CSRF).

use axum::extract::{Form, FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use sealed_session::error::TokenOpenError;
use sealed_session::{Rejection, Session, SessionHandle, Sessions};
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

/// Whoever carries a session that this process cannot read, of another version or another key, gets no other in its
/// place (`keep_unreadable`), and has no id that a token could be bound to. There is nothing in such a request to be
/// misused, and the check of the origin stands alone.
fn check<V: AnyVisitor>(
    sessions: &Sessions<V>,
    session: &Session<V>,
    token: &str,
) -> Result<(), TokenOpenError> {
    match session.about().rejection() {
        Some(Rejection::SchemaMismatch | Rejection::UnknownKey) => Ok(()),
        _ => sessions.check_csrf(session, token),
    }
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
        match session.read(|session| check(sessions, session, &csrf)) {
            Ok(()) => Ok(Self(others)),
            Err(why) => {
                report(format_args!("a form was not accepted: {why}"));
                Err((StatusCode::FORBIDDEN, pages::not_your_form()).into_response())
            }
        }
    }
}
