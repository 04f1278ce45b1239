//! The last-seen cookie, which carries the idle clock of a session that is only read (FORMAT §9).
//!
//! It is authenticated and not encrypted: the moment of the last activity is no secret of the person who sends it.

use crate::crypto::base64url;
use crate::keys::key_ring::{KeyRing, RingKey};
use crate::time::Seconds;
use crate::token::{self, Context, HEADER, TAG};

/// Appends the value that renews the session cookie of this tag; `None` if the format cannot express the moment.
pub(crate) fn put(
    key: &RingKey,
    context: &Context,
    tag: &[u8; TAG],
    renewed: Seconds,
    text: &mut Vec<u8>,
) -> Option<()> {
    let renewed = u32::try_from(renewed.get()).ok()?.to_be_bytes();
    let header = token::header_of(key);
    let code = key.mac().of(&[&header, context.as_bytes(), tag, &renewed]);
    let mut bytes = [0; LEN];
    let parts = header.iter().chain(&renewed).chain(&code);
    bytes.iter_mut().zip(parts).for_each(|(place, byte)| *place = *byte);
    base64url::encode(&bytes, text);
    Some(())
}

/// When this value renewed the session cookie of this tag. Whatever is wrong with it, it is as if it were not there.
pub(crate) fn renewed(
    ring: &KeyRing,
    context: &Context,
    tag: &[u8; TAG],
    text: &[u8],
    now: Seconds,
) -> Option<Seconds> {
    let bytes: [u8; LEN] = base64url::decode_array(text)?;
    let (header, rest) = bytes.split_first_chunk::<HEADER>()?;
    let (renewed, code) = rest.split_first_chunk()?;
    let keys = ring.keys();
    let key = token::key_of(&keys, header, now).ok()?;
    let is_right = key.mac().verifies(&[header, context.as_bytes(), tag, renewed], code.first_chunk()?);
    is_right.then(|| Seconds::new(u32::from_be_bytes(*renewed).into()))
}

/// `V ‖ I ‖ u32(renewed) ‖ M`.
const LEN: usize = HEADER + 4 + TAG;

/// The characters of a value.
pub(crate) const TEXT: usize = base64url::encoded_length(LEN);

/// Follows the name of the session's cookie.
pub(crate) const SUFFIX: &str = ".seen";
