//! An algorithm and a key become a cipher. The only file that names the AEAD crates.

use std::str::FromStr;

use aes_gcm::aead::inout::InOutBuf;
use aes_gcm::aead::{AeadInOut, KeyInit};
use chacha20poly1305::XChaCha20Poly1305;
use xaes_256_gcm::Xaes256Gcm;

use crate::error::KeyError;

/// The authenticated encryption that a key is bound to (FORMAT §2).
///
/// The algorithm belongs to the key, never to the message: no client can choose it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// XAES-256-GCM, specified by C2SP. Right wherever the processor has AES instructions, which is nearly everywhere.
    Xaes256Gcm,
    /// XChaCha20-Poly1305, for processors without AES instructions.
    XChaCha20Poly1305,
}

impl Algorithm {
    /// The name that RFCs and specifications use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Xaes256Gcm => "XAES-256-GCM",
            Self::XChaCha20Poly1305 => "XChaCha20-Poly1305",
        }
    }

    /// The word in key text (FORMAT §2), such as `xaes`. It parses to the algorithm.
    ///
    /// ```
    /// use sealed_session::Algorithm;
    ///
    /// assert_eq!(Algorithm::Xaes256Gcm.word(), "xaes");
    /// assert_eq!("xchacha".parse(), Ok(Algorithm::XChaCha20Poly1305));
    /// ```
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Xaes256Gcm => "xaes",
            Self::XChaCha20Poly1305 => "xchacha",
        }
    }

    /// `a` of FORMAT §2.
    pub(crate) const fn number(self) -> u8 {
        match self {
            Self::Xaes256Gcm => 1,
            Self::XChaCha20Poly1305 => 2,
        }
    }

    /// All of them.
    pub(crate) const ALL: [Self; 2] = [Self::Xaes256Gcm, Self::XChaCha20Poly1305];
}

impl FromStr for Algorithm {
    type Err = KeyError;

    fn from_str(word: &str) -> Result<Self, KeyError> {
        Self::ALL.into_iter().find(|algorithm| algorithm.word() == word).ok_or(KeyError::UnknownAlgorithm)
    }
}

/// A key, expanded once and ready for use. Both ciphers wipe their state when dropped.
pub(crate) enum Cipher {
    // Boxed: its expanded keys take half a kilobyte.
    Xaes256Gcm(Box<Xaes256Gcm>),
    XChaCha20Poly1305(XChaCha20Poly1305),
}

impl Cipher {
    pub(crate) fn new(algorithm: Algorithm, key: &[u8; KEY]) -> Self {
        match algorithm {
            Algorithm::Xaes256Gcm => Self::Xaes256Gcm(Box::new(Xaes256Gcm::new(key.into()))),
            Algorithm::XChaCha20Poly1305 => Self::XChaCha20Poly1305(XChaCha20Poly1305::new(key.into())),
        }
    }

    /// Encrypts in place and returns the tag; `None` beyond the cipher's limits, which are 64 GiB.
    pub(crate) fn seal(&self, nonce: &[u8; NONCE], associated: &[u8], text: &mut [u8]) -> Option<[u8; TAG]> {
        let text = InOutBuf::from(text);
        match self {
            Self::Xaes256Gcm(cipher) => cipher.encrypt_inout_detached(nonce.into(), associated, text),
            Self::XChaCha20Poly1305(cipher) => cipher.encrypt_inout_detached(nonce.into(), associated, text),
        }
        .ok()
        .map(Into::into)
    }

    /// Verifies, then decrypts in place. On `None` nothing has been decrypted.
    pub(crate) fn open(
        &self,
        nonce: &[u8; NONCE],
        associated: &[u8],
        text: &mut [u8],
        tag: &[u8; TAG],
    ) -> Option<()> {
        let text = InOutBuf::from(text);
        match self {
            Self::Xaes256Gcm(cipher) => {
                cipher.decrypt_inout_detached(nonce.into(), associated, text, tag.into())
            }
            Self::XChaCha20Poly1305(cipher) => {
                cipher.decrypt_inout_detached(nonce.into(), associated, text, tag.into())
            }
        }
        .ok()
    }
}

pub(crate) const KEY: usize = 32;
pub(crate) const NONCE: usize = 24;
pub(crate) const TAG: usize = 16;

#[cfg(test)]
mod vectors;

#[cfg(test)]
mod tests {
    use crate::crypto::secret::ZeroizeOnDrop;

    use super::*;

    const MESSAGE: &[u8; 12] = b"XAES-256-GCM";

    /// Wiping is a feature of those crates. This does not compile without it.
    #[test]
    fn ciphers_wipe_themselves() {
        fn wipes_itself<T: ZeroizeOnDrop>() {}
        wipes_itself::<Xaes256Gcm>();
        wipes_itself::<XChaCha20Poly1305>();
    }

    #[test]
    fn a_wrong_tag_decrypts_nothing() {
        for algorithm in Algorithm::ALL {
            let cipher = Cipher::new(algorithm, &[1; KEY]);
            let mut text = *MESSAGE;
            let mut tag = cipher.seal(&[2; NONCE], b"a", &mut text).unwrap();
            tag[0] ^= 1;
            let sealed = text;
            assert_eq!(cipher.open(&[2; NONCE], b"a", &mut text, &tag), None);
            assert_eq!(text, sealed);
            tag[0] ^= 1;
            assert_eq!(cipher.open(&[2; NONCE], b"b", &mut text, &tag), None);
            assert_eq!(cipher.open(&[2; NONCE], b"a", &mut text, &tag), Some(()));
            assert_eq!(&text, MESSAGE);
        }
    }
}
