//! Any bytes as a Cookie line and as an application token: no panic, and what opens was sealed.
//!
//! Two oracles. Of a key that nobody else has, this process has sealed exactly two texts, and whatever opens is one of
//! them. Of the published keys of the test vectors there are cookies in the corpus; what opens there opens to the same
//! after it was sealed again.

use std::sync::LazyLock;
use std::time::UNIX_EPOCH;

use http::{HeaderMap, HeaderValue, header};
use sealed_session::token::Expires;
use sealed_session::{Algorithm, Key, KeyRing, SaveError, Sessions, Tokens, testing};

use super::types::Visitor;

struct Sealed {
    sessions: Sessions<String>,
    cookie: Vec<u8>,
    tokens: Tokens,
    token: String,
    vectors: Sessions<Visitor>,
}

static SEALED: LazyLock<Sealed> = LazyLock::new(|| {
    let ring = KeyRing::new(Key::generate(Algorithm::Xaes256Gcm).unwrap())
        .accept(Key::generate(Algorithm::XChaCha20Poly1305).unwrap())
        .unwrap();
    let sessions = Sessions::builder(ring.clone()).name("s").build().unwrap();
    let cookie = testing::cookie(&sessions, "data".to_owned()).as_bytes().to_vec();
    let tokens = Tokens::new(ring, "", "label").unwrap();
    let token = tokens.seal(b"message", Expires::Never).unwrap();
    let counting: String = (0..32).map(|byte| format!("{byte:02x}")).collect();
    let published = testing::key_ring_from_text(&format!("sealed1_xchacha_{counting}a07ea964")).unwrap();
    let published = published.accept(testing::key(0x42)).unwrap();
    let clock = testing::Clock::at(VECTORS_NOW);
    let vectors = Sessions::builder(published).clock(clock.reader()).build().unwrap();
    Sealed { sessions, cookie, tokens, token, vectors }
});

/// When most of the test vectors are read.
pub(crate) const VECTORS_NOW: u64 = 1_790_000_060;

pub(crate) fn check(data: &[u8]) {
    let Sealed { sessions, cookie, tokens, token, vectors } = &*SEALED;
    if let Ok(text) = std::str::from_utf8(data) {
        assert!(tokens.open_at(text, UNIX_EPOCH).is_err() || text == token);
    }
    for (line, is_ours) in [
        (data.to_vec(), false),
        ([b"s=", data].concat(), false),
        // The sealed cookie stays valid beside anything that is not a fifth cookie of its name.
        ([cookie, &b"; "[..], data].concat(), true),
    ] {
        let Ok(line) = HeaderValue::from_bytes(&line) else { return };
        let request = HeaderMap::from_iter([(header::COOKIE, line)]);
        let session = testing::load(sessions, &request);
        assert_eq!(session.about().rejection().is_none(), is_ours);
        assert_eq!(session.into_data(), if is_ours { "data" } else { "" });
    }
    for line in [data.to_vec(), [b"__Host-session=", data].concat()] {
        let Ok(line) = HeaderValue::from_bytes(&line) else { return };
        opens_again(vectors, &HeaderMap::from_iter([(header::COOKIE, line)]));
    }
}

fn opens_again(vectors: &Sessions<Visitor>, request: &HeaderMap) {
    let mut session = vectors.load(request);
    if session.about().rejection().is_some() {
        assert_eq!(session.into_data(), Visitor::default());
        return;
    }
    let about = session.about();
    let facts = (about.id(), about.started(), about.expires_at(), about.authenticated_at());
    let data = session.clone();
    session.mark_changed();
    let mut response = HeaderMap::new();
    if let Err(error) = vectors.save(session, &mut response) {
        // Written by somebody who leaves no room for the age of a session to grow.
        return assert!(matches!(error, SaveError::TooLarge { .. }), "{error}");
    }
    let again = testing::read_back(vectors, &response);
    let about = again.about();
    assert_eq!((about.id(), about.started(), about.expires_at(), about.authenticated_at()), facts);
    assert_eq!(again.into_data(), data);
}
