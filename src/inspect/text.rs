//! Words and numbers as tools read and write them.

use std::time::Duration;

use crate::keys::{Algorithm, Key};
use crate::time::duration;

/// Reads a span of time: a number with `s`, `m`, `h`, `d` or `w`.
///
/// ```
/// use std::time::Duration;
/// use sealed_session::inspect::duration_from_text;
///
/// assert_eq!(duration_from_text("7d"), Ok(Duration::from_secs(7 * 86_400)));
/// assert!(duration_from_text("7 days").is_err());
/// ```
///
/// # Errors
/// What was expected, if the text is anything else.
pub fn duration_from_text(text: &str) -> Result<Duration, &'static str> {
    duration::parse(text)
}

/// The word of an algorithm in the text of its keys, such as `xaes`.
///
/// ```
/// use sealed_session::Algorithm;
/// use sealed_session::inspect::{algorithm_from_word, word_of_algorithm};
///
/// assert_eq!(word_of_algorithm(Algorithm::Xaes256Gcm), "xaes");
/// assert_eq!(algorithm_from_word("xchacha"), Some(Algorithm::XChaCha20Poly1305));
/// ```
#[must_use]
pub fn word_of_algorithm(algorithm: Algorithm) -> &'static str {
    algorithm.word()
}

/// The algorithm of this word; `None` if there is none.
#[must_use]
pub fn algorithm_from_word(word: &str) -> Option<Algorithm> {
    Algorithm::ALL.into_iter().find(|algorithm| algorithm.word() == word)
}

/// Whether a text holds a key, or most of one: then it must not stand in an error or a log.
///
/// ```
/// use sealed_session::inspect::may_hold_a_key;
///
/// assert!(may_hold_a_key("sealed1_xaes_…"));
/// assert!(!may_hold_a_key("session.keys"));
/// ```
#[must_use]
pub fn may_hold_a_key(text: &str) -> bool {
    Key::may_be_in(text)
}
