//! Memory that is wiped when it is given back: keys, plaintexts, the snapshots that show a change.
//!
//! The only file that names `zeroize`. What cannot be wiped from here: copies that the application makes, memory that
//! the system has written to swap or into a core dump.

use std::ops::{Deref, DerefMut};

use zeroize::Zeroize;
#[cfg(test)]
pub(crate) use zeroize::ZeroizeOnDrop;
pub(crate) use zeroize::Zeroizing;

/// Bytes on the heap. They are wiped as one slice, which a `Zeroizing<Vec<u8>>` does byte by byte.
///
/// Nothing makes them fewer, so there is no content beyond the length to be wiped.
#[derive(Default)]
pub(crate) struct SecretBytes(Vec<u8>);

impl SecretBytes {
    /// So many zeros.
    pub(crate) fn zeros(length: usize) -> Self {
        #[expect(
            clippy::slow_vector_initialization,
            reason = "glibc's calloc goes past the thread's free blocks"
        )]
        let bytes = {
            let mut bytes = Vec::with_capacity(length);
            bytes.resize(length, 0);
            bytes
        };
        Self(bytes)
    }
}

impl Deref for SecretBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl DerefMut for SecretBytes {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
}

impl Drop for SecretBytes {
    fn drop(&mut self) {
        self.0.as_mut_slice().zeroize();
    }
}

/// Bytes that grow up to a limit, without ever leaving a copy behind.
///
/// A `Vec` that grows moves its content and forgets the old place unwiped. This one moves it by hand, and beyond its
/// limit it only counts, so that the error about a session that is too large can say how large.
pub(crate) struct SecretBuffer {
    bytes: SecretBytes,
    // Up to where it grows without a move; never beyond the limit.
    room: usize,
    limit: usize,
    beyond: usize,
}

impl SecretBuffer {
    #[cfg(test)]
    pub(crate) fn with_limit(limit: usize) -> Self {
        Self::expecting(0, limit)
    }

    /// For content of about this length: it need not move if it is not much longer.
    pub(crate) fn expecting(length: usize, limit: usize) -> Self {
        let room = length.saturating_add(SPARE).max(USUAL).min(limit);
        Self { bytes: SecretBytes(Vec::with_capacity(room)), room, limit, beyond: 0 }
    }

    #[inline]
    pub(crate) fn push(&mut self, more: &[u8]) {
        let length = self.bytes.len().saturating_add(more.len());
        if length > self.room && !self.grow(length) {
            self.beyond = self.beyond.saturating_add(more.len());
        } else {
            self.bytes.0.extend_from_slice(more);
        }
    }

    /// Makes room for this length, if it is within the limit.
    #[cold]
    fn grow(&mut self, length: usize) -> bool {
        if length > self.limit {
            (self.room, self.limit) = (0, 0); // from here on it only counts
            return false;
        }
        self.room = length.max(self.room.saturating_mul(4)).min(self.limit);
        let mut larger = SecretBytes(Vec::with_capacity(self.room));
        larger.0.extend_from_slice(&self.bytes);
        self.bytes = larger; // the old one is wiped here
        true
    }

    pub(crate) fn as_slice(&self) -> &[u8] {
        &self.bytes
    }

    /// How long the content is, or would be without the limit.
    pub(crate) fn length(&self) -> usize {
        self.bytes.len().saturating_add(self.beyond)
    }

    /// Whether everything that was pushed is there.
    pub(crate) fn is_whole(&self) -> bool {
        self.beyond == 0
    }

    pub(crate) fn as_mut_slice(&mut self) -> &mut [u8] {
        &mut self.bytes
    }
}

// Most sessions fit, together with what surrounds them; larger ones pay for a move or two.
const USUAL: usize = 512;

// What a handler may add to content that is expected to be as long as it was.
const SPARE: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows_and_keeps_its_content() {
        let mut buffer = SecretBuffer::with_limit(2000);
        for byte in 0..=255_u8 {
            buffer.push(&[byte; 5]);
        }
        assert!(buffer.is_whole());
        assert_eq!(buffer.length(), 1280);
        assert_eq!(buffer.as_slice().last(), Some(&255));
    }

    #[test]
    fn beyond_the_limit_it_counts_and_stores_nothing() {
        let mut buffer = SecretBuffer::with_limit(4);
        buffer.push(b"abc");
        buffer.push(b"de");
        buffer.push(b"f");
        assert_eq!(buffer.as_slice(), b"abc");
        assert_eq!(buffer.length(), 6);
        assert!(!buffer.is_whole());
    }
}
