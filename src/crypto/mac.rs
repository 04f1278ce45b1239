//! An algorithm and a key become a message authentication code of 16 bytes. The only file that names `cmac` and `hmac`.

use aes_gcm::aes::Aes256;
use cmac::Cmac;
use hmac::Hmac;
use hmac::digest::{KeyInit, Mac as _};
use sha2::Sha256;

use super::aead::{Algorithm, KEY, TAG};

/// A code under one key, expanded once. Both wipe their state when dropped.
pub(crate) enum Mac {
    // Boxed: the expanded keys take a quarter of a kilobyte.
    Aes256Cmac(Box<Cmac<Aes256>>),
    HmacSha256(Box<Hmac<Sha256>>),
}

impl Mac {
    /// The code that belongs to an algorithm (FORMAT §9), and is fast on the same processors.
    pub(crate) fn new(algorithm: Algorithm, key: &[u8; KEY]) -> Self {
        match algorithm {
            Algorithm::Xaes256Gcm => Self::Aes256Cmac(Box::new(Cmac::new(key.into()))),
            Algorithm::XChaCha20Poly1305 => {
                #[expect(clippy::expect_used, reason = "HMAC takes a key of any length (RFC 2104)")]
                let keyed = Hmac::new_from_slice(key).expect("a key of 32 bytes");
                Self::HmacSha256(Box::new(keyed))
            }
        }
    }

    /// The code of these parts, one after the other.
    pub(crate) fn of(&self, parts: &[&[u8]]) -> [u8; TAG] {
        match self {
            Self::Aes256Cmac(keyed) => truncated(&after(&**keyed, parts).finalize().into_bytes()),
            Self::HmacSha256(keyed) => truncated(&after(&**keyed, parts).finalize().into_bytes()),
        }
    }

    /// Whether `code` is that of these parts. Takes the same time, whichever bytes of it are wrong.
    pub(crate) fn verifies(&self, parts: &[&[u8]], code: &[u8; TAG]) -> bool {
        match self {
            Self::Aes256Cmac(keyed) => after(&**keyed, parts).verify_truncated_left(code),
            Self::HmacSha256(keyed) => after(&**keyed, parts).verify_truncated_left(code),
        }
        .is_ok()
    }
}

fn after<M: hmac::Mac + Clone>(keyed: &M, parts: &[&[u8]]) -> M {
    let mut mac = keyed.clone();
    // In one piece, as nearly every message is: an update of a few bytes costs as much as one of many.
    let mut gathered = [0; 128];
    let mut rest = &mut gathered[..];
    for part in parts {
        let Some((place, left)) = std::mem::take(&mut rest).split_at_mut_checked(part.len()) else {
            return parts.iter().fold(mac, |mac, part| mac.chain_update(part));
        };
        place.copy_from_slice(part);
        rest = left;
    }
    let left = rest.len();
    mac.update(gathered.get(..gathered.len().saturating_sub(left)).unwrap_or_default());
    mac
}

fn truncated(code: &[u8]) -> [u8; TAG] {
    code.first_chunk().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use hmac::digest::block_api::{Buffer, CoreProxy};

    use super::*;
    use crate::crypto::hex;
    use crate::crypto::secret::ZeroizeOnDrop;

    /// Wiping is a feature of those crates, and of those below them. This does not compile without it.
    #[test]
    fn codes_wipe_themselves() {
        fn wipes_itself<T: ZeroizeOnDrop>() {}
        wipes_itself::<<Cmac<Aes256> as CoreProxy>::Core>();
        wipes_itself::<Buffer<<Cmac<Aes256> as CoreProxy>::Core>>();
        // HMAC has no key beside two states of its hash.
        wipes_itself::<<Sha256 as CoreProxy>::Core>();
        wipes_itself::<Buffer<<Hmac<Sha256> as CoreProxy>::Core>>();
    }

    /// NIST SP 800-38B, example 3 of AES-256: no byte, 16, 40 and 64.
    #[test]
    fn cmac_is_that_of_nist() {
        let key = hex::bytes(b"603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4").unwrap();
        let message = hex::bytes::<64>(
            b"6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51\
              30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
        )
        .unwrap();
        let mac = Mac::new(Algorithm::Xaes256Gcm, &key);
        for (length, code) in [
            (0, b"028962f61b7bf89efc6b551f4667d983"),
            (16, b"28a7023f452e8f82bd4bf28d8c37c35c"),
            (40, b"aaf3d8f1de5640c232f5b169b9c911e6"),
            (64, b"e1992190549f6ed5696a2c056c315410"),
        ] {
            assert_eq!(mac.of(&[&message[..length]]), *hex::bytes(code).unwrap(), "{length}");
        }
    }

    /// RFC 4231, test case 3, whose key is filled up to 32 bytes here as HMAC itself would do.
    #[test]
    fn hmac_is_that_of_the_rfc() {
        let mut key = [0; KEY];
        key[..20].fill(0xaa);
        let mac = Mac::new(Algorithm::XChaCha20Poly1305, &key);
        let code = hex::bytes(b"773ea91e36800e46854db8ebd09181a7").unwrap();
        assert_eq!(mac.of(&[&[0xdd; 20], &[0xdd; 30]]), *code);
    }

    #[test]
    fn only_the_right_code_verifies() {
        for algorithm in Algorithm::ALL {
            let mac = Mac::new(algorithm, &[7; KEY]);
            let long = [7; 130];
            for at in [0, 1, 64, 99, 127, 128, 129, 130] {
                let (one, two) = long.split_at(at);
                assert_eq!(mac.of(&[one, two]), mac.of(&[&long]), "longer than what is gathered");
                assert_eq!(
                    mac.of(&[&one[..at.min(99)], b"two"]),
                    mac.of(&[&[&one[..at.min(99)], b"two"].concat()])
                );
            }
            let code = mac.of(&[b"one", b"two"]);
            assert!(mac.verifies(&[b"onet", b"wo"], &code), "the parts are one message");
            assert!(!mac.verifies(&[b"one", b"tWo"], &code));
            for bit in 0..TAG * 8 {
                let mut wrong = code;
                wrong[bit / 8] ^= 1 << (bit % 8);
                assert!(!mac.verifies(&[b"one", b"two"], &wrong), "{bit}");
            }
            assert!(!Mac::new(algorithm, &[8; KEY]).verifies(&[b"one", b"two"], &code));
        }
    }
}
