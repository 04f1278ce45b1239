//! What the operator's log hears, through `tracing`: stable names, labels and public ids; never a value, a token or a
//! key.
//!
//! Every message begins with the name of its event, because `tracing_subscriber::fmt` and others print no names. An
//! event to which nobody listens formats nothing. Without the feature `tracing` nothing of it is compiled.

use std::fmt::Display;
use std::io::{self, Write};

use crate::error::{Rejection, SaveError};

/// What every event's target is, for filters.
#[cfg(feature = "tracing")]
const TARGET: &str = "sealed_session";

/// `session.loaded`: a cookie became a session. At TRACE, since every request of a visitor says it.
#[cfg_attr(not(feature = "tracing"), expect(unused_variables, reason = "nobody listens"))]
pub(crate) fn loaded(cookie: &str, key_id: impl Display) {
    #[cfg(feature = "tracing")]
    tracing::trace!(name: "session.loaded", target: TARGET, cookie, %key_id, "session.loaded");
}

/// `session.rejected`: a cookie did not become a session. That there was none is at TRACE, all else at DEBUG: any
/// stranger can make it happen, as often as they like.
#[cfg_attr(not(feature = "tracing"), expect(unused_variables, reason = "nobody listens"))]
pub(crate) fn rejected(cookie: &str, rejection: Rejection) {
    #[cfg(feature = "tracing")]
    {
        let label = rejection.as_str();
        if rejection == Rejection::Absent {
            tracing::trace!(
                name: "session.rejected", target: TARGET, cookie, rejection = label, "session.rejected"
            );
        } else {
            tracing::debug!(
                name: "session.rejected", target: TARGET, cookie, rejection = label, "session.rejected"
            );
        }
    }
}

/// `session.saved`: something was due in a response. A mere read says nothing.
#[cfg_attr(not(feature = "tracing"), expect(unused_variables, reason = "nobody listens"))]
pub(crate) fn saved(cookie: &str, saved: &str, bytes: Option<usize>) {
    #[cfg(feature = "tracing")]
    tracing::debug!(name: "session.saved", target: TARGET, cookie, saved, bytes, "session.saved");
}

/// `session.save_failed`: a change was lost, and the application or its operator has to know.
#[cfg_attr(not(feature = "tracing"), expect(unused_variables, reason = "nobody listens"))]
pub(crate) fn save_failed(cookie: &str, error: &SaveError) {
    #[cfg(feature = "tracing")]
    tracing::error!(
        name: "session.save_failed", target: TARGET, cookie, error = error.as_str(),
        "session.save_failed: {error}"
    );
}

/// `session.save_failed`, too: what held the session panicked or was cancelled, so a change is lost.
#[cfg(feature = "handle")]
pub(crate) fn interrupted(cookie: &str) {
    tracing::error!(
        name: "session.save_failed", target: TARGET, cookie, error = "panicked",
        "session.save_failed: a panic or a cancellation lost the change"
    );
}

/// `ring`, with its label: something about the key ring, a warning if somebody should do something about it. To
/// standard error where nobody listens to this thread, so that none is lost in silence.
pub(crate) fn ring(label: &str, is_problem: bool, event: &dyn Display) {
    #[cfg(feature = "tracing")]
    if !tracing::dispatcher::get_default(|dispatch| dispatch.is::<tracing::subscriber::NoSubscriber>()) {
        if is_problem {
            tracing::warn!(name: "ring", target: TARGET, label, "ring: {event}");
        } else {
            tracing::info!(name: "ring", target: TARGET, label, "ring: {event}");
        }
        return;
    }
    #[cfg(not(feature = "tracing"))]
    let _ = (label, is_problem);
    // There is nobody to tell that standard error is closed.
    let _ = writeln!(io::stderr(), "sealed-session: {event}");
}

/// `revocation.unread`: a channel brought lines that are no revocations for this process. Whoever writes to the channel
/// can make it happen.
#[cfg(feature = "revocation")]
#[cfg_attr(not(feature = "tracing"), expect(unused_variables, reason = "nobody listens"))]
pub(crate) fn revocations_unread(unknown_key: usize, refused: usize) {
    #[cfg(feature = "tracing")]
    tracing::warn!(name: "revocation.unread", target: TARGET, unknown_key, refused, "revocation.unread");
}

/// `revocation.silent`: the channel has not been heard for as long as the application allows, so the request was not
/// answered.
#[cfg(feature = "handle")]
pub(crate) fn revocations_silent(cookie: &str) {
    tracing::error!(name: "revocation.silent", target: TARGET, cookie, "revocation.silent");
}

/// `revocation.file`: the file of revocations cannot be read or written. To standard error where nobody listens.
#[cfg(all(feature = "revocation", feature = "watch"))]
pub(crate) fn revocation_file(error: &dyn Display) {
    #[cfg(feature = "tracing")]
    if !tracing::dispatcher::get_default(|dispatch| dispatch.is::<tracing::subscriber::NoSubscriber>()) {
        tracing::warn!(name: "revocation.file", target: TARGET, "revocation.file: {error}");
        return;
    }
    // There is nobody to tell that standard error is closed.
    let _ = writeln!(io::stderr(), "sealed-session: {error}");
}

/// `session.check_failed`: the question after a load could not be answered, so the request was.
#[cfg(feature = "handle")]
pub(crate) fn check_failed(cookie: &str, error: &(dyn std::error::Error + Send + Sync)) {
    tracing::error!(name: "session.check_failed", target: TARGET, cookie, error = %error, "session.check_failed");
}

/// `session.response_gone`: a change, or the first to ask, came after the response's headers had been sent.
#[cfg(feature = "handle")]
pub(crate) fn response_gone(cookie: &str) {
    tracing::error!(name: "session.response_gone", target: TARGET, cookie, "session.response_gone");
}

/// `session.no_layer`: a handler asked for a session that no layer has brought.
#[cfg(feature = "tower")]
pub(crate) fn no_layer(data: &str) {
    tracing::error!(name: "session.no_layer", target: TARGET, data, "session.no_layer");
}

/// `session.no_sessions`: the layer chose none for this request. Any stranger can make it happen.
#[cfg(feature = "handle")]
pub(crate) fn no_sessions() {
    tracing::debug!(
        name: "session.no_sessions", target: TARGET,
        "session.no_sessions: the layer chose no sessions for this request"
    );
}

/// `session.reauthenticated_nobody`: the application said that a person had proved again who they are, in a session
/// that no login began.
pub(crate) fn reauthenticated_nobody() {
    #[cfg(feature = "tracing")]
    tracing::warn!(
        name: "session.reauthenticated_nobody", target: TARGET,
        "session.reauthenticated_nobody: no login began the session"
    );
}
