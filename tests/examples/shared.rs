//! What the tests of the examples share: a key, a server with it, cookies that are none, origins.

use std::time::SystemTime;

use http::HeaderMap;
use http::header::COOKIE;
use sealed_session::{Algorithm, Builder, Key, SessionData, Sessions, testing};

use crate::process::{Server, example};

pub(crate) const RIGHT: &str = "user=Ada&password=sesame";

/// The same type as in the examples, as far as its cookies go.
#[derive(Default, serde::Serialize, serde::Deserialize)]
pub(crate) struct Visitor {
    pub(crate) user: Option<String>,
}

pub(crate) fn key() -> String {
    Key::generate(Algorithm::Xaes256Gcm).unwrap().expose_text().to_string()
}

pub(crate) fn start(name: &str, key: &str) -> Server {
    let mut command = example(name);
    command.env("SESSION_KEYS", key).env("PORT", "0");
    Server::run(command)
}

/// The sessions of an example that runs with this key.
pub(crate) fn sessions<T: SessionData>(
    key: &str,
    settings: impl FnOnce(Builder<T>) -> Builder<T>,
) -> Sessions<T> {
    let ring = testing::key_ring_from_text(key).unwrap();
    settings(Sessions::builder(ring).insecure_for_localhost()).build().unwrap()
}

pub(crate) fn token(request: &HeaderMap) -> String {
    request[COOKIE].to_str().unwrap().split_once('=').unwrap().1.to_owned()
}

/// Cookies beside a genuine one that are none, each with what is wrong with it.
pub(crate) fn not_genuine(token: &str, key: &str) -> Vec<(&'static str, String)> {
    let flipped = |at: usize| {
        let other = if token.as_bytes()[at] == b'A' { "B" } else { "A" };
        format!("{}{other}{}", &token[..at], &token[at + 1..])
    };
    let ada = || Visitor { user: Some("Ada".into()) };
    let of = |sessions: &Sessions<Visitor>| {
        let cookie = testing::cookie(sessions, ada());
        cookie.to_str().unwrap().split_once('=').unwrap().1.to_owned()
    };
    vec![
        ("another byte in the middle", flipped(token.len() / 2)),
        ("another byte in the tag", flipped(token.len() - 4)),
        ("cut", token[..token.len() - 4].to_owned()),
        ("longer", format!("{token}AAAA")),
        ("twice itself", token.repeat(2)),
        ("empty", String::new()),
        ("no base64url", "%00%ff".into()),
        ("huge", "A".repeat(5000)),
        ("of another key", of(&sessions(&self::key(), |builder| builder))),
        ("of another name", of(&sessions(key, |builder| builder.name("cart")))),
        ("of another purpose", of(&sessions(key, |builder| builder.purpose("cart")))),
        ("too old", of(&sessions(key, |builder| builder.clock(|| SystemTime::UNIX_EPOCH)))),
        ("plain", "user=Ada".into()),
    ]
}

/// What a browser may say of where a POST comes from, and the answer.
pub(crate) fn origins(server: &Server) -> Vec<(String, u16)> {
    let host = &server.address;
    vec![
        ("Sec-Fetch-Site: same-origin\r\n".into(), 303),
        ("Sec-Fetch-Site: same-site\r\n".into(), 403),
        ("Sec-Fetch-Site: cross-site\r\n".into(), 403),
        ("Sec-Fetch-Site: none\r\n".into(), 303),
        ("Sec-Fetch-Site: \r\n".into(), 403),
        (format!("Sec-Fetch-Site: cross-site\r\nOrigin: http://{host}\r\n"), 403),
        (format!("Origin: http://{host}\r\n"), 303),
        (format!("Origin: ftp://{host}\r\n"), 403),
        (format!("Origin: http://{host}.evil.example\r\n"), 403),
        ("Origin: http://127.0.0.1:1\r\n".into(), 403),
        ("Origin: null\r\n".into(), 403),
        ("Origin: \r\n".into(), 403),
        (String::new(), 403),
    ]
}

pub(crate) fn own_origin(server: &Server) -> String {
    format!("Origin: http://{}\r\n", server.address)
}
