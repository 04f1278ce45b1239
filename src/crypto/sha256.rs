//! SHA-256, by which a schema becomes a fingerprint. Beside mac.rs the only file that names `sha2`.

use sha2::{Digest, Sha256};

/// The hash of these parts, one after the other.
pub(crate) fn hash(parts: &[&[u8]]) -> [u8; 32] {
    parts.iter().fold(Sha256::new(), |hash, part| hash.chain_update(part)).finalize().into()
}
