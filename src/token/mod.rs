//! Seal and open: bytes become a token and come back (FORMAT §4 to §6.2).
//!
//! The library's own tokens are cookies; [`Tokens`] seals messages of the application. This module knows neither http
//! nor serde, and takes the time as an argument. An `OpenedToken` exists only if a seal was verified.

mod application;

pub use application::{Expires, Tokens};

pub(crate) use crate::crypto::aead::TAG;
use crate::crypto::aead::{Algorithm, NONCE};
use crate::crypto::base64url;
use crate::crypto::random;
use crate::crypto::secret::{SecretBuffer, SecretBytes};
use crate::error::{RandomError, Rejection, TokenSealError};
use crate::keys::key::KeyId;
use crate::keys::key_ring::{KeyRing, Keys, RingKey};
use crate::time::Seconds;

/// What a token is for: `K` of FORMAT §4.1. A token of one kind never opens as another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Session = 1,
    LastSeen = 2,
    Application = 3,
    Form = 4,
    #[cfg(feature = "revocation")]
    Revocation = 5,
}

/// What a token is bound to beside its key. It is not sent, so both sides must know it.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    // K ‖ len8(name) ‖ len8(purpose)
    bytes: Vec<u8>,
}

impl Context {
    /// `K ‖ len8(name) ‖ len8(purpose)`.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// `None` if the name or the purpose has more than 255 bytes.
    pub(crate) fn new(kind: Kind, name: &str, purpose: &str) -> Option<Self> {
        let mut bytes = vec![kind as u8];
        for text in [name, purpose] {
            bytes.push(u8::try_from(text.len()).ok()?);
            bytes.extend_from_slice(text.as_bytes());
        }
        Some(Self { bytes })
    }

    /// Calls `with` with `A = V ‖ I ‖ K ‖ len8(name) ‖ len8(purpose)`, on the stack.
    fn with_associated_data<R>(&self, header: [u8; HEADER], with: impl FnOnce(&[u8]) -> R) -> Option<R> {
        // Nearly every name and purpose fit into the small space, and a large one takes time to be zeroed.
        let (mut small, mut large);
        let length = HEADER.saturating_add(self.bytes.len());
        let associated = if length <= 64 {
            small = [0; 64];
            small.get_mut(..length)?
        } else {
            large = [0; HEADER + MAX_CONTEXT];
            large.get_mut(..length)?
        };
        let (v_i, context) = associated.split_first_chunk_mut()?;
        *v_i = header;
        context.copy_from_slice(&self.bytes);
        Some(with(associated))
    }
}

/// A plaintext on its way to be sealed, with the room in front that the envelope needs.
pub(crate) struct Plaintext(SecretBuffer);

impl Plaintext {
    pub(crate) fn new() -> Self {
        Self::expecting(0)
    }

    /// As [`new`](Self::new), for a plaintext that may be about this long.
    pub(crate) fn expecting(plaintext: usize) -> Self {
        let mut buffer = SecretBuffer::expecting(plaintext.saturating_add(OVERHEAD), MAX_ENVELOPE);
        buffer.push(&[0; HEADER + NONCE]);
        Self(buffer)
    }

    pub(crate) fn as_slice(&self) -> &[u8] {
        self.0.as_slice().get(HEADER + NONCE..).unwrap_or_default()
    }

    pub(crate) fn as_mut_slice(&mut self) -> &mut [u8] {
        self.0.as_mut_slice().get_mut(HEADER + NONCE..).unwrap_or_default()
    }

    /// Where the plaintext is to be appended to.
    pub(crate) fn buffer(&mut self) -> &mut SecretBuffer {
        &mut self.0
    }

    /// How many characters the token will have, or would have without the limit.
    pub(crate) fn token_length(&self) -> usize {
        token_length(self.length())
    }

    /// How long the plaintext is, or would be without the limit.
    pub(crate) fn length(&self) -> usize {
        self.0.length().saturating_sub(HEADER + NONCE)
    }
}

/// How many characters the token of a plaintext has.
pub(crate) fn token_length(plaintext: usize) -> usize {
    base64url::encoded_length(plaintext.saturating_add(OVERHEAD))
}

/// `N`, for one token: sealing consumes it.
pub(crate) struct Nonce([u8; NONCE]);

impl Nonce {
    pub(crate) fn draw() -> Result<Self, RandomError> {
        random::bytes().map(Self)
    }

    /// And other random bytes, in the same call of the system.
    pub(crate) fn draw_beside<const N: usize>() -> Result<(Self, [u8; N]), RandomError> {
        random::two().map(|(nonce, others)| (Self(nonce), others))
    }
}

/// Seals the plaintext with a key of the ring and appends the token to `text`.
pub(crate) fn seal(
    key: &RingKey,
    context: &Context,
    Nonce(nonce): Nonce,
    plaintext: Plaintext,
    text: &mut Vec<u8>,
) -> Result<(), TokenSealError> {
    let Plaintext(mut envelope) = plaintext;
    if !envelope.is_whole() {
        return Err(TokenSealError::TooLong);
    }
    let header = header_of(key);

    // C ‖ T = AEAD-Seal(key, N, P, A)
    let tag = envelope.as_mut_slice().split_first_chunk_mut().and_then(|(v_i, rest)| {
        let (n, p) = rest.split_first_chunk_mut()?;
        (*v_i, *n) = (header, nonce);
        context.with_associated_data(header, |associated| key.cipher().seal(&nonce, associated, p))?
    });
    envelope.push(&tag.ok_or(TokenSealError::TooLong)?);
    if !envelope.is_whole() {
        return Err(TokenSealError::TooLong);
    }
    base64url::encode(envelope.as_slice(), text);
    Ok(())
}

/// As [`seal`], for a token that stands by itself.
pub(crate) fn seal_text(
    key: &RingKey,
    context: &Context,
    plaintext: Plaintext,
) -> Result<String, TokenSealError> {
    let mut text = Vec::with_capacity(plaintext.token_length());
    seal(key, context, Nonce::draw()?, plaintext, &mut text)?;
    // Base64 is ASCII, so the other arm is never taken.
    String::from_utf8(text).map_err(|_| TokenSealError::TooLong)
}

/// What came out of a token whose seal held.
pub(crate) struct OpenedToken {
    // The envelope, decrypted in place: V ‖ I ‖ N ‖ P ‖ T.
    envelope: SecretBytes,
    pub(crate) key_id: KeyId,
}

impl OpenedToken {
    /// `T`, which no two tokens share.
    pub(crate) fn tag(&self) -> [u8; TAG] {
        self.envelope.last_chunk().copied().unwrap_or_default()
    }

    pub(crate) fn plaintext(&self) -> &[u8] {
        let end = self.envelope.len().saturating_sub(TAG);
        self.envelope.get(HEADER + NONCE..end).unwrap_or_default()
    }
}

/// Opens a token, in the order of FORMAT §6.2.
pub(crate) fn open(
    ring: &KeyRing,
    context: &Context,
    token: &[u8],
    now: Seconds,
) -> Result<OpenedToken, Rejection> {
    // 1: before anything that costs more with every byte.
    if token.len() > MAX_TOKEN {
        return Err(Rejection::TooLong);
    }
    // 2
    let mut envelope = base64url::decode(token).ok_or(Rejection::Malformed)?;
    let (header, rest) = envelope.split_first_chunk_mut::<HEADER>().ok_or(Rejection::Malformed)?;
    let (nonce, rest) = rest.split_first_chunk_mut::<NONCE>().ok_or(Rejection::Malformed)?;
    let (ciphertext, tag) = rest.split_last_chunk_mut::<TAG>().ok_or(Rejection::Malformed)?;
    // 3 to 5
    let keys = ring.keys();
    let key = key_of(&keys, header, now)?;
    // 6
    context
        .with_associated_data(*header, |associated| key.cipher().open(nonce, associated, ciphertext, tag))
        .flatten()
        .ok_or(Rejection::Forged)?;
    let key_id = key.id();
    Ok(OpenedToken { envelope, key_id })
}

/// The key that `V ‖ I` names, in the order of FORMAT §6.2.
pub(crate) fn key_of<'k>(
    keys: &'k Keys,
    header: &[u8; HEADER],
    now: Seconds,
) -> Result<&'k RingKey, Rejection> {
    // 3
    let [v, id @ ..] = *header;
    let algorithm = algorithm_of(v).ok_or(Rejection::Malformed)?;
    // 4
    let key = keys.find(KeyId::from_bytes(id), now).ok_or(Rejection::UnknownKey)?;
    // 5
    if key.algorithm() == algorithm { Ok(key) } else { Err(Rejection::Malformed) }
}

/// `V ‖ I` of what this key seals.
pub(crate) fn header_of(key: &RingKey) -> [u8; HEADER] {
    let [i0, i1, i2, i3] = *key.id().as_bytes();
    [version_and_algorithm(key.algorithm()), i0, i1, i2, i3]
}

/// `None` if `V` is not of this version, or of no algorithm.
pub(crate) fn algorithm_of(v: u8) -> Option<Algorithm> {
    Algorithm::ALL.into_iter().find(|algorithm| version_and_algorithm(*algorithm) == v)
}

/// `V = 16 · version + a`.
const fn version_and_algorithm(algorithm: Algorithm) -> u8 {
    VERSION << 4 | algorithm.number()
}

const VERSION: u8 = 1;
/// `V ‖ I`.
pub(crate) const HEADER: usize = 1 + KeyId::LEN;
/// `K ‖ len8(name) ‖ len8(purpose)` at their longest.
const MAX_CONTEXT: usize = 1 + 256 + 256;
/// Bytes that an envelope has beside its plaintext.
pub(crate) const OVERHEAD: usize = HEADER + NONCE + TAG;
/// Characters (FORMAT §13).
pub(crate) const MAX_TOKEN: usize = 4096;
/// The bytes that fit into [`MAX_TOKEN`] characters.
pub(crate) const MAX_ENVELOPE: usize = MAX_TOKEN / 4 * 3;
