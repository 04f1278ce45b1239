//! The text of a ring, read and written (FORMAT §3).

use std::fmt::Write;

use super::Key;
use super::KeyRing;
use super::keys::{Entry, Keys};
use crate::crypto::secret::Zeroizing;
use crate::error::{KeyError, KeyRingError};
use crate::time::Seconds;
use crate::time::timestamp::Timestamp;

/// How many bytes a text may have: room for 64 dated keys and a comment of ten lines on each.
pub(super) const MAX_TEXT: usize = 65_536;

/// `read_key` is [`Key::from_text`], or the way around the rule against trivial keys that tests take.
pub(super) fn read(
    text: &str,
    now: Seconds,
    read_key: impl Fn(&str) -> Result<Key, KeyError>,
) -> Result<Keys, KeyRingError> {
    if text.len() > MAX_TEXT {
        return Err(KeyRingError::TooLong { limit: MAX_TEXT });
    }
    if text.starts_with('\u{feff}') {
        return Err(KeyRingError::ByteOrderMark);
    }
    if let Some((line, _)) = (1..).zip(text.lines()).find(|(_, content)| content.contains('\0')) {
        return Err(KeyRingError::Nul { line });
    }
    let (mut entries, mut lines) = (Vec::new(), Vec::new());
    for (line, content) in (1..).zip(text.lines()) {
        let content = content.split('#').next().unwrap_or_default();
        for words in content.split(',') {
            let mut words = words.split_ascii_whitespace();
            let Some(key) = words.next() else { continue };
            let number = entries.len().saturating_add(1);
            if number > KeyRing::MAX_KEYS {
                return Err(KeyRingError::TooMany { limit: KeyRing::MAX_KEYS });
            }
            let refused = |error| KeyRingError::Entry { number, line: Some(line), error };
            let key = read_key(key).map_err(&refused)?;
            entries.push(read_times(Entry::new(key), words).map_err(refused)?);
            lines.push(line);
        }
    }
    let (first, others) = entries.split_first().ok_or(KeyRingError::Empty)?;
    Keys::new(first.clone(), others, now).map_err(|(at, error)| KeyRingError::Entry {
        number: at.saturating_add(1),
        line: lines.get(at).copied(),
        error,
    })
}

/// The words behind a key. They may come from a mistyped ring, so no error shows them: one may be a key.
fn read_times<'a>(mut entry: Entry, words: impl Iterator<Item = &'a str>) -> Result<Entry, KeyError> {
    for word in words {
        let (name, time) = word.split_once('=').ok_or(KeyError::UnknownWord)?;
        let slot = match name {
            SEALS_FROM => &mut entry.seals_from,
            OPENS_UNTIL => &mut entry.opens_until,
            _ => return Err(KeyError::UnknownWord),
        };
        let Timestamp(time) = Timestamp::parse(time).ok_or(KeyError::Time)?;
        if slot.replace(time).is_some() {
            return Err(KeyError::RepeatedWord);
        }
    }
    Ok(entry)
}

/// A line a key, in the order of [`Keys::in_order`].
pub(super) fn write(keys: &Keys) -> String {
    // Enough from the start: a text that grows leaves copies of keys behind.
    let mut text = String::with_capacity(keys.len() * MAX_LINE);
    for entry in keys.in_order() {
        text.push_str(&Zeroizing::new(entry.key.key().expose_text()));
        for (name, time) in [(SEALS_FROM, entry.seals_from), (OPENS_UNTIL, entry.opens_until)] {
            if let Some(time) = time {
                let written = write!(text, " {name}={}", Timestamp(time));
                debug_assert!(written.is_ok(), "a String takes everything");
            }
        }
        text.push('\n');
    }
    text
}

const SEALS_FROM: &str = "seals-from";
const OPENS_UNTIL: &str = "opens-until";
/// The longest line that [`write`] writes, and some bytes more.
const MAX_LINE: usize = 192;
