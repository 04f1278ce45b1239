//! One key: its bytes, its algorithm, its id and its text (FORMAT §2).

use std::fmt;

use crate::crypto::aead::{Algorithm, Cipher, KEY, NONCE};
use crate::crypto::hex;
use crate::crypto::mac::Mac;
use crate::crypto::random;
use crate::crypto::secret::Zeroizing;
use crate::error::{KeyError, RandomError};

/// A 256-bit secret that is bound to one algorithm.
///
/// Its text form is `sealed1_xaes_` or `sealed1_xchacha_`, 64 hexadecimal digits, and 8 more that are the
/// [`KeyId`] and the checksum. There is no way to make one from a passphrase. It is wiped when dropped, `Debug` shows
/// its id alone, and [`expose_text`](Self::expose_text) is the one way out.
///
/// ```
/// use sealed_session::{Algorithm, Key};
///
/// let key = Key::generate(Algorithm::Xaes256Gcm)?;
/// let text = key.expose_text();
/// assert!(text.starts_with("sealed1_xaes_") && text.len() == 13 + 72);
/// assert_eq!(Key::from_text(&text)?.id(), key.id());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Key {
    algorithm: Algorithm,
    bytes: Zeroizing<[u8; KEY]>,
    id: KeyId,
}

impl Key {
    /// Draws a new key from the operating system's generator.
    ///
    /// # Errors
    /// If that generator fails.
    pub fn generate(algorithm: Algorithm) -> Result<Self, RandomError> {
        loop {
            let key = Self::from_bytes(algorithm, Zeroizing::new(random::bytes()?));
            if !key.is_weak() {
                return Ok(key); // always: the other way has a probability of 2^-246
            }
        }
    }

    /// Reads a key from its text. ASCII white space around it is ignored.
    ///
    /// # Errors
    /// If the text is not a key, or one that is published or trivial. The error does not hold the text.
    pub fn from_text(text: &str) -> Result<Self, KeyError> {
        let key = Self::parse(text.trim_matches(|c: char| c.is_ascii_whitespace()))?;
        if key.is_weak() { Err(KeyError::Weak) } else { Ok(key) }
    }

    /// The key's text, which is the whole secret: for the place where keys are kept, and nowhere else.
    #[must_use]
    pub fn expose_text(&self) -> String {
        let mut text = String::with_capacity(HEAD.len() + "xchacha_".len() + 2 * KEY + 2 * KeyId::LEN);
        text.push_str(HEAD);
        text.push_str(self.algorithm.word());
        text.push('_');
        text.extend(hex::digits(&*self.bytes).chain(hex::digits(&self.id.0)).map(char::from));
        text
    }

    /// Its public name.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// The algorithm that it is bound to.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    pub(crate) fn cipher(&self) -> Cipher {
        Cipher::new(self.algorithm, &self.bytes)
    }

    /// Any 32 bytes, trivial ones too: the door for tests.
    pub(crate) fn from_bytes(algorithm: Algorithm, bytes: Zeroizing<[u8; KEY]>) -> Self {
        // I: the first four bytes of the key stream under N0 (FORMAT §2.1).
        let mut id = [0; KeyId::LEN];
        let tag = Cipher::new(algorithm, &bytes).seal(N0, &[], &mut id);
        debug_assert!(tag.is_some(), "four bytes are within every cipher's limits");
        Self { algorithm, bytes, id: KeyId(id) }
    }

    /// Reads a key without asking whether it is trivial: the other door for tests.
    pub(crate) fn parse(text: &str) -> Result<Self, KeyError> {
        let text = text.strip_prefix(HEAD).ok_or(KeyError::Malformed)?;
        let (word, digits) = text.split_once('_').ok_or(KeyError::Malformed)?;
        let algorithm = word.parse()?;
        let (bytes, checksum) = digits.as_bytes().split_at_checked(2 * KEY).ok_or(KeyError::Malformed)?;
        let bytes = hex::bytes(bytes).ok_or(KeyError::Malformed)?;
        let checksum = hex::bytes::<{ KeyId::LEN }>(checksum).ok_or(KeyError::Malformed)?;
        let key = Self::from_bytes(algorithm, bytes);
        if key.id.0 == *checksum { Ok(key) } else { Err(KeyError::Checksum) }
    }

    /// The code of last-seen cookies, under the subkey of FORMAT §9.
    pub(crate) fn mac(&self) -> Mac {
        let mut subkey = Zeroizing::new([0; KEY]);
        let tag = self.cipher().seal(N1, &[], subkey.as_mut_slice());
        debug_assert!(tag.is_some(), "32 bytes are within every cipher's limits");
        Mac::new(self.algorithm, &subkey)
    }

    /// Whether a text may hold a key, or most of one, that was given where something else was expected. Then no error
    /// may show it.
    pub(crate) fn may_be_in(text: &str) -> bool {
        let mut digits = text.split(|c: char| !c.is_ascii_hexdigit());
        text.contains(HEAD) || digits.any(|run| run.len() >= KEY)
    }

    /// As [`may_be_in`](Self::may_be_in), for a path. Its folders may have names of many digits, as containers give
    /// them.
    pub(crate) fn may_be_in_path(path: &str) -> bool {
        let name = path.trim_end_matches(['/', '\\']).rsplit(['/', '\\']).next().unwrap_or_default();
        path.contains(HEAD) || Self::may_be_in(name)
    }

    /// Whether it is published or trivial: all bytes equal, or each the one before plus or minus one (FORMAT §2.2).
    pub(crate) fn is_weak(&self) -> bool {
        let step =
            |by: u8| self.bytes.windows(2).all(|pair| matches!(pair, [a, b] if a.wrapping_add(by) == *b));
        step(0) || step(1) || step(u8::MAX)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("id", &self.id)
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

/// The short public name of a key: four bytes that are derived from it and stand in clear in every cookie.
///
/// Count it to see which keys are still in use. `Display` writes the last eight digits of the key's text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; Self::LEN]);

impl KeyId {
    /// How many bytes it has.
    pub const LEN: usize = 4;

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }

    pub(crate) const fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex::write(&self.0, f)
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

const HEAD: &str = "sealed1_";
/// Nonces that nothing else is sealed with.
const N0: &[u8; NONCE] = b"sealed-session/key-id/v1";
const N1: &[u8; NONCE] = b"sealed-session/last-seen";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::secret::ZeroizeOnDrop;

    #[test]
    fn a_key_in_the_place_of_a_name_is_noticed() {
        let key = Key::generate(Algorithm::Xaes256Gcm).unwrap();
        let text = key.expose_text().to_string();
        let digits = text.rsplit('_').next().unwrap();
        for given in [
            text.clone(),
            digits.to_owned(),
            format!("{digits}/"),
            format!("{digits}.keys"),
            text.to_uppercase(),
        ] {
            assert!(Key::may_be_in_path(&given), "{given}");
            assert!(Key::may_be_in(&given), "{given}");
        }
        assert!(Key::may_be_in(&format!("{digits}/x")) && Key::may_be_in_path(&format!("{text}/x")));
        for path in
            ["session.keys", "/run/secrets/session", "", "/", &format!("/overlay2/{digits}/session.keys")]
        {
            assert!(!Key::may_be_in_path(path), "{path}");
        }
    }

    /// Does not compile if the part that holds the bytes is not wiped, or if a key has another part.
    #[test]
    fn keys_wipe_themselves() {
        fn wipes_itself<T: ZeroizeOnDrop>(_: &T) {}
        let Key { algorithm: _, bytes, id: _ } = &Key::generate(Algorithm::Xaes256Gcm).unwrap();
        wipes_itself(bytes);
    }
}
