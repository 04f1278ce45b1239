//! Where the absolute clock of a session stands.

use crate::record::lifetime::Limits;
use crate::time::Seconds;

/// The absolute clock.
#[derive(Clone, Copy)]
pub(crate) enum Clocks {
    /// Begins when the session is saved.
    Begin { authenticated: bool },
    /// Began in an earlier request.
    GoOn { started: Seconds, deadline: Seconds, authenticated: bool, remembered: bool },
}

impl Clocks {
    /// When the absolute clock runs out, if it begins now where it begins.
    pub(crate) fn deadline(&self, limits: &Limits, now: Seconds, lifetime: Option<u64>) -> Seconds {
        match *self {
            Self::Begin { .. } => now.plus(limits.of_new(lifetime).0),
            Self::GoOn { started, deadline, remembered, .. } => {
                let sealed = lifetime.map_or(deadline, |own| deadline.min(started.plus(own)));
                limits.deadline(started, sealed, remembered)
            }
        }
    }
}
