//! What tools must not print.

use crate::keys::Key;

/// Whether a path holds a key, or most of one, because somebody gave a key in place of a file. Then no error or log may
/// show it.
///
/// ```
/// use sealed_session::inspect::may_hold_a_key;
///
/// assert!(may_hold_a_key("sealed1_xaes_…"));
/// assert!(!may_hold_a_key("session.keys"));
/// ```
#[must_use]
pub fn may_hold_a_key(path: &str) -> bool {
    Key::may_be_in_path(path)
}
