//! Where events of a ring go that nobody asked for: to standard error, so that none is lost in silence.

use std::io::{self, Write};

use crate::key_ring::RingEvent;

pub(crate) fn report(event: &RingEvent) {
    // There is nobody to tell that standard error is closed.
    let _ = writeln!(io::stderr(), "sealed-session: {event}");
}
