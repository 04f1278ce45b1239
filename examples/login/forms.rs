//! Forms that no other site has sent in the visitor's name (CSRF): the browser tells, or a token in a hidden field.

use axum::extract::{Form, FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use sealed_session::web::RequestOrigin;
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

/// The fields of a form that no other site has sent in the visitor's name: an extractor.
pub(crate) struct OwnForm<F = ()>(pub(crate) F);

#[derive(Deserialize)]
struct Fields<F> {
    csrf: Option<String>,
    #[serde(flatten)]
    others: F,
}

impl<V: AnyVisitor, F: DeserializeOwned> FromRequest<Sessions<V>> for OwnForm<F> {
    type Rejection = Response;

    async fn from_request(request: Request, sessions: &Sessions<V>) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let session = SessionHandle::<V>::from_request_parts(&mut parts, sessions).await;
        let session = session.map_err(IntoResponse::into_response)?;
        let Ok(origin) = RequestOrigin::from_request_parts(&mut parts, sessions).await;
        let form = Form::from_request(Request::from_parts(parts, body), sessions).await;
        let Form(Fields { csrf, others }) = form.map_err(IntoResponse::into_response)?;
        match session.check_request(origin, csrf.as_deref()) {
            Ok(()) => Ok(Self(others)),
            Err(why) => {
                report(format_args!("a form was not accepted: {why}"));
                Err((StatusCode::FORBIDDEN, pages::not_your_form()).into_response())
            }
        }
    }
}
