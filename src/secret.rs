//! Memory that is wiped when it is given back: keys, plaintexts, the snapshots that show a change.
//!
//! The only file that names `zeroize`. What cannot be wiped from here: copies that the application makes, memory that
//! the system has written to swap or into a core dump.

#[cfg(test)]
pub(crate) use zeroize::ZeroizeOnDrop;
pub(crate) use zeroize::Zeroizing;

/// Octets that grow up to a limit, without ever leaving a copy behind.
///
/// A `Vec` that grows moves its content and forgets the old place unwiped. This one moves it by hand, and beyond its
/// limit it only counts, so that the error about a session that is too large can say how large.
pub(crate) struct SecretBuffer {
    bytes: Zeroizing<Vec<u8>>,
    limit: usize,
    beyond: usize,
}

impl SecretBuffer {
    pub(crate) fn with_limit(limit: usize) -> Self {
        Self { bytes: Zeroizing::new(Vec::with_capacity(FIRST_CAPACITY.min(limit))), limit, beyond: 0 }
    }

    pub(crate) fn push(&mut self, more: &[u8]) {
        let length = self.bytes.len().saturating_add(more.len());
        if self.beyond > 0 || length > self.limit {
            self.beyond = self.beyond.saturating_add(more.len());
            return;
        }
        if length > self.bytes.capacity() {
            let capacity = length.max(self.bytes.capacity().saturating_mul(2)).min(self.limit);
            let mut larger = Zeroizing::new(Vec::with_capacity(capacity));
            larger.extend_from_slice(&self.bytes);
            self.bytes = larger; // the old one is wiped here
        }
        self.bytes.extend_from_slice(more);
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

// Most sessions fit, together with what surrounds them; larger ones pay for one or two moves.
const FIRST_CAPACITY: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows_and_keeps_its_content() {
        let mut buffer = SecretBuffer::with_limit(2000);
        for octet in 0..=255_u8 {
            buffer.push(&[octet; 5]);
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
