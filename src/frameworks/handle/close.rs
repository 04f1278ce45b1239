//! What becomes of a response when its session is saved.

use http::StatusCode;

use crate::error::SaveError;
use crate::session::Saved;

/// Why a session was not saved with its response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum CloseError {
    /// The application's check could not answer.
    Check,
    /// [`save`](crate::Sessions::save) refused.
    Save(SaveError),
    /// Something that may have changed the session panicked or was cancelled, so a change is lost.
    Interrupted,
}

/// What becomes of a response whose session could not be saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnSaveError {
    /// An empty 500 takes its place. The default: nobody must be told that something was done which is lost.
    Fail,
    /// It goes out as the handler made it, without the cookie.
    KeepResponse,
}

/// What a layer does with the response of its handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "it says which response goes out"]
pub enum Outcome {
    /// The response goes out. Its extensions tell what was saved, if that is known.
    Pass(Option<Saved>),
    /// An empty response of this status takes its place, with `Cache-Control: no-store` and none of its headers.
    Replace(StatusCode),
}

impl Outcome {
    /// For a response of this status, whose session was closed with this result.
    pub(super) fn of(
        closed: Result<Saved, CloseError>,
        status: StatusCode,
        on_save_error: impl FnOnce(&SaveError) -> OnSaveError,
    ) -> Self {
        match closed {
            Ok(saved) => Self::Pass(Some(saved)),
            // The response is an error already.
            Err(CloseError::Interrupted) if status.is_server_error() => Self::Pass(Some(Saved::Unchanged)),
            Err(CloseError::Interrupted) => Self::Replace(StatusCode::INTERNAL_SERVER_ERROR),
            Err(CloseError::Check) => Self::Replace(StatusCode::SERVICE_UNAVAILABLE),
            Err(CloseError::Save(error)) => match on_save_error(&error) {
                OnSaveError::KeepResponse => Self::Pass(None),
                OnSaveError::Fail => Self::Replace(StatusCode::INTERNAL_SERVER_ERROR),
            },
        }
    }
}
