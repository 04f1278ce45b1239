//! What a token says in clear, without any key.

use crate::crypto::base64url;
use crate::error::Rejection;
use crate::keys::{Algorithm, KeyId};
use crate::token::{self, MAX_TOKEN, OVERHEAD};

/// What stands in clear in a token, which nobody has authenticated: anybody can write what they like there.
///
/// ```
/// use sealed_session::inspect::Envelope;
/// use sealed_session::token::Expires;
/// use sealed_session::{Rejection, Tokens};
///
/// # let ring = sealed_session::testing::key_ring();
/// # let id = ring.key_ids().next().unwrap();
/// let token = Tokens::new(ring, "", "link")?.seal(b"ada", Expires::Never)?;
/// let envelope = Envelope::parse(&token).unwrap();
/// assert_eq!((envelope.version, envelope.key_id), (1, id));
/// assert_eq!((envelope.characters, envelope.bytes, envelope.plaintext), (70, 52, 7));
/// assert_eq!(Envelope::parse("no token"), Err(Rejection::Malformed));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Envelope {
    /// The version of the format.
    pub version: u8,
    /// The algorithm that it names; the one that counts is its key's.
    pub algorithm: Algorithm,
    /// The key that it names.
    pub key_id: KeyId,
    /// How long its text is.
    pub characters: usize,
    /// How long the envelope is.
    pub bytes: usize,
    /// How long the plaintext is.
    pub plaintext: usize,
}

impl Envelope {
    /// Steps 1 to 3 of FORMAT §6.2.
    ///
    /// # Errors
    /// `TooLong`, or `Malformed`.
    pub fn parse(token: &str) -> Result<Self, Rejection> {
        if token.len() > MAX_TOKEN {
            return Err(Rejection::TooLong);
        }
        let envelope = base64url::decode(token.as_bytes()).ok_or(Rejection::Malformed)?;
        let plaintext = envelope.len().checked_sub(OVERHEAD).ok_or(Rejection::Malformed)?;
        let ([v, id @ ..], _) = envelope.split_first_chunk::<5>().ok_or(Rejection::Malformed)?;
        Ok(Self {
            version: v >> 4,
            algorithm: token::algorithm_of(*v).ok_or(Rejection::Malformed)?,
            key_id: KeyId::from_bytes(*id),
            characters: token.len(),
            bytes: envelope.len(),
            plaintext,
        })
    }
}
