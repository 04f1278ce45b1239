//! The part of a token that is not encrypted (FORMAT §4), read without the library.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The ID of its key: bytes 1 to 4 of the envelope, in hex.
#[track_caller]
pub fn key_id(token: &str) -> String {
    start(token)[1..5].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Its nonce: bytes 5 to 28 of the envelope.
#[track_caller]
pub fn nonce(token: &str) -> [u8; 24] {
    start(token)[5..29].try_into().unwrap()
}

#[track_caller]
fn start(token: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(&token[..40]).unwrap()
}
