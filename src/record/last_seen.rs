//! The last-seen cookie, which carries the idle clock of a session that is only read (FORMAT §9).

use crate::crypto::secret::SecretBuffer;
use crate::time::Seconds;
use crate::token::TAG;

/// The plaintext of a last-seen cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LastSeen {
    /// The tag of the one session cookie that it renews.
    pub(crate) tag: [u8; TAG],
    /// When the idle clock last began.
    pub(crate) renewed: Seconds,
}

impl LastSeen {
    /// Appends `T ‖ u32(renewed)`; `None` if the format has no such time.
    pub(crate) fn put(&self, buffer: &mut SecretBuffer) -> Option<()> {
        let renewed = u32::try_from(self.renewed.get()).ok()?;
        buffer.push(&self.tag);
        buffer.push(&renewed.to_be_bytes());
        Some(())
    }

    pub(crate) fn parse(plaintext: &[u8]) -> Option<Self> {
        let (tag, renewed) = plaintext.split_first_chunk()?;
        let renewed = u32::from_be_bytes(renewed.try_into().ok()?);
        Some(Self { tag: *tag, renewed: Seconds::new(renewed.into()) })
    }
}

/// Follows the name of the session's cookie.
pub(crate) const SUFFIX: &str = ".seen";
