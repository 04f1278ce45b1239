//! Any octets as a Cookie line and as an application token: no panic, and what opens was sealed.
//!
//! The oracle: nobody but the library holds the key, and this process has sealed exactly two texts. Whatever opens
//! must be one of those, to the octet.
#![no_main]

use std::sync::LazyLock;
use std::time::UNIX_EPOCH;

use http::{HeaderMap, HeaderValue, header};
use libfuzzer_sys::fuzz_target;
use sealed_session::{Algorithm, Expires, Key, KeyRing, Sessions, Tokens, testing};

struct Sealed {
    sessions: Sessions<String>,
    cookie: Vec<u8>,
    tokens: Tokens,
    token: String,
}

static SEALED: LazyLock<Sealed> = LazyLock::new(|| {
    let ring = KeyRing::new(Key::generate(Algorithm::Xaes256Gcm).unwrap())
        .accept(Key::generate(Algorithm::XChaCha20Poly1305).unwrap())
        .unwrap();
    let sessions = Sessions::builder(ring.clone()).name("s").build().unwrap();
    let cookie = testing::cookie(&sessions, "data".to_owned()).as_bytes().to_vec();
    let tokens = Tokens::new(ring, "", "label").unwrap();
    let token = tokens.seal(b"message", Expires::Never).unwrap();
    Sealed { sessions, cookie, tokens, token }
});

fuzz_target!(|data: &[u8]| {
    let Sealed { sessions, cookie, tokens, token } = &*SEALED;
    if let Ok(text) = std::str::from_utf8(data) {
        assert!(tokens.open(text, UNIX_EPOCH).is_err() || text == token);
    }
    for (line, is_ours) in [
        (data.to_vec(), false),
        ([b"s=", data].concat(), false),
        // The sealed cookie stays valid beside anything that is not a fifth cookie of its name.
        ([cookie, &b"; "[..], data].concat(), true),
    ] {
        let Ok(line) = HeaderValue::from_bytes(&line) else { return };
        let request = HeaderMap::from_iter([(header::COOKIE, line)]);
        let session = sessions.load(&request);
        assert_eq!(session.about().rejection().is_none(), is_ours);
        assert_eq!(session.into_data(), if is_ours { "data" } else { "" });
    }
});
