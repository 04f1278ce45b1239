//! The other libraries, each as its documentation says, and with the attributes that this one sets.

mod actix;
mod axum_extra;
mod biscotti;
mod cookie;
mod layered;
mod seshcookie;
mod tower_sessions;

use crate::data::Data;
use crate::subject::Subject;

pub fn subjects<T: Data>(data: &T) -> Vec<Subject> {
    vec![
        cookie::subject(data, true),
        cookie::subject(data, false),
        axum_extra::subject(data),
        biscotti::subject(data),
        actix::subject(data),
        seshcookie::subject(data),
        tower_sessions::subject(data),
    ]
}

/// How long their cookies live, in seconds: as long as ours.
const MAX_AGE: i64 = 7 * 86_400;
