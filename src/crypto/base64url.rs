//! Strict base64url (FORMAT §1): no padding, no unused bits, one text for one value. The only file that names `base64`.

use std::sync::LazyLock;

use base64::engine::general_purpose::GeneralPurposeConfig;
use base64::engine::{DecodePaddingMode, Engine};

use crate::crypto::secret::SecretBytes;

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
type Base64 = base64::engine::Simd;
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
type Base64 = base64::engine::GeneralPurpose;

static ENGINE: LazyLock<Base64> = LazyLock::new(|| {
    let config = GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone)
        .with_decode_allow_trailing_bits(false);
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    return Base64::url_safe(config);
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    return Base64::new(&base64::alphabet::URL_SAFE, config);
});

/// Appends the text of `bytes` to `text`.
pub(crate) fn encode(bytes: &[u8], text: &mut Vec<u8>) {
    let start = text.len();
    text.resize(start.saturating_add(encoded_length(bytes.len())), 0);
    // Cannot fail: the space is exactly what is needed.
    let written = text.get_mut(start..).and_then(|space| ENGINE.encode_slice(bytes, space).ok());
    debug_assert_eq!(written, Some(encoded_length(bytes.len())));
}

/// The bytes of a text in the one canonical form; `None` for any other.
pub(crate) fn decode(text: &[u8]) -> Option<SecretBytes> {
    let mut bytes = SecretBytes::zeros(decoded_length(text.len()));
    let written = ENGINE.decode_slice(text, &mut bytes).ok()?;
    (written == bytes.len()).then_some(bytes)
}

/// As [`decode`], for a text of just so many bytes, which are no secret.
pub(crate) fn decode_array<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    if text.len() != encoded_length(N) {
        return None;
    }
    let mut bytes = [0; N];
    let written = ENGINE.decode_slice(text, &mut bytes).ok()?;
    (written == N).then_some(bytes)
}

/// How many characters `bytes` bytes become.
pub(crate) const fn encoded_length(bytes: usize) -> usize {
    bytes.saturating_mul(4).div_ceil(3)
}

/// How many bytes `characters` characters become.
const fn decoded_length(characters: usize) -> usize {
    // Without the overflow of `characters * 3 / 4`.
    characters / 4 * 3 + characters % 4 * 3 / 4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodes_what_it_decodes_at_every_length() {
        for length in 0..300_u16 {
            let bytes: Vec<u8> = (0..length).map(|at| (at * 7 % 251) as u8).collect();
            let mut text = b"before".to_vec();
            encode(&bytes, &mut text);
            assert_eq!(text.len(), 6 + encoded_length(bytes.len()));
            assert_eq!(decode(&text[6..]).as_deref(), Some(&bytes[..]), "{length}");
            assert_eq!(decode_array::<25>(&text[6..]).is_some(), length == 25);
        }
    }

    #[test]
    fn refuses_every_other_form() {
        for text in ["AAA=", "AA==", "AB", "AAB", "A", "AA A", "AAA\n", "++++", "////", "AAAA=", "\u{e4}AAA"]
        {
            assert!(decode(text.as_bytes()).is_none(), "{text:?}");
        }
        // The same beyond the length at which the SIMD engine takes over.
        let long = "A".repeat(400);
        for at in [0, 63, 64, 127, 200, 399] {
            for wrong in [b'=', b'+', b'/', b' ', b'.', 0, 0xff] {
                let mut text = long.clone().into_bytes();
                text[at] = wrong;
                assert!(decode(&text).is_none(), "{wrong} at {at}");
            }
        }
    }
}
