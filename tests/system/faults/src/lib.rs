//! What the tests of this folder share. They are about what goes wrong outside: a process that forks, memory, threads.

use http::HeaderMap;
use sealed_session::{Algorithm, Key, KeyRing, Sessions};

/// Sessions with keys that nobody else has.
#[must_use]
pub fn sessions<T: sealed_session::SessionData>() -> Sessions<T> {
    Sessions::new(ring()).unwrap()
}

/// A ring of two keys.
#[must_use]
pub fn ring() -> KeyRing {
    let [xaes, xchacha] = [Algorithm::Xaes256Gcm, Algorithm::XChaCha20Poly1305]
        .map(|algorithm| Key::generate(algorithm).unwrap());
    KeyRing::new(xaes).accept(xchacha).unwrap()
}

/// A request with one Cookie line.
#[must_use]
pub fn request(line: &[u8]) -> HeaderMap {
    HeaderMap::from_iter([(http::header::COOKIE, http::HeaderValue::from_bytes(line).unwrap())])
}
