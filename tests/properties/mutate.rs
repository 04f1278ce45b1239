//! Sealed tokens after a script of edits: nothing opens but what is identical to the byte.

use std::sync::LazyLock;
use std::time::UNIX_EPOCH;

use http::{HeaderMap, HeaderValue, header};
use sealed_session::token::Expires;
use sealed_session::{Algorithm, Key, KeyRing, Sessions, Tokens, testing};

use super::input::Input;

/// Tokens of one kind, with what they hold.
type Tokens64 = Vec<(Vec<u8>, u64)>;

struct Sealed {
    sessions: Sessions<u64>,
    cookies: Tokens64,
    tokens: Tokens,
    messages: Tokens64,
    /// A session that only its last-seen cookie keeps alive.
    idle: Sessions<u64>,
    renewed: Vec<u8>,
    last_seen: Vec<u8>,
    /// The requests of two visitors, and the token for the forms of each.
    visitors: [HeaderMap; 2],
    forms: Tokens64,
}

static SEALED: LazyLock<Sealed> = LazyLock::new(|| {
    let [xaes, xchacha] = [Algorithm::Xaes256Gcm, Algorithm::XChaCha20Poly1305]
        .map(|algorithm| Key::generate(algorithm).unwrap());
    let ring = KeyRing::new(xaes.clone()).accept(xchacha.clone()).unwrap();
    let other = KeyRing::new(xchacha).accept(xaes).unwrap();
    let of = |ring: &KeyRing, seconds: u64| {
        let clock = testing::Clock::at(1_800_000_000 + seconds);
        Sessions::builder(ring.clone()).name("s").clock(clock.reader()).build().unwrap()
    };
    let (sessions, later, idle) = (of(&ring, 0), of(&ring, 80_000), of(&ring, 90_000));
    let mut cookies = Vec::new();
    for data in [0, 1, u64::MAX] {
        for sessions in [&sessions, &of(&other, 0)] {
            cookies.push((value(&testing::cookie(sessions, data)), data));
        }
    }
    let label = |ring| Tokens::new(ring, "", "label").unwrap();
    let (tokens, others) = (label(ring.clone()), label(other));
    let mut messages = Vec::new();
    for data in [0, 7, u64::MAX] {
        for tokens in [&tokens, &others] {
            messages.push((tokens.seal(&data.to_be_bytes(), Expires::Never).unwrap().into_bytes(), data));
        }
    }
    let renewed = testing::cookie(&sessions, 7);
    let request = HeaderMap::from_iter([(header::COOKIE, renewed.clone())]);
    let session = testing::load(&later, &request);
    assert_eq!(*session, 7);
    let mut response = HeaderMap::new();
    later.save(session, &mut response).unwrap();
    let last_seen = value(&testing::next_request(&response)[header::COOKIE]);
    let mut forms = Vec::new();
    let visitors = [0, 1].map(|visitor| {
        testing::request(&sessions, |session| {
            let token = sessions.csrf_token(session).unwrap();
            forms.push((token.into_bytes(), visitor));
        })
    });
    let renewed = value(&renewed);
    Sealed { sessions, cookies, tokens, messages, idle, renewed, last_seen, visitors, forms }
});

fn value(cookie: &HeaderValue) -> Vec<u8> {
    let at = cookie.as_bytes().iter().position(|byte| *byte == b'=').unwrap();
    cookie.as_bytes()[at + 1..].to_vec()
}

pub(crate) fn check(data: &[u8]) {
    let mut input = Input(data);
    let sealed = &*SEALED;
    match input.below(4) {
        0 => {
            let edited = edit(&sealed.cookies, &mut input);
            let Some(session) = load(&sealed.sessions, &[(b"s", &edited)]) else { return };
            let expected = held(&sealed.cookies, trimmed(&edited));
            assert_eq!(session, expected.unwrap_or(0), "{}", String::from_utf8_lossy(&edited));
        }
        1 => {
            let edited = edit(&sealed.messages, &mut input);
            let Ok(text) = std::str::from_utf8(&edited) else { return };
            let opened = sealed.tokens.open_at(text, UNIX_EPOCH).ok();
            let expected = held(&sealed.messages, &edited).map(|data| data.to_be_bytes().to_vec());
            assert_eq!(opened, expected, "{text}");
        }
        2 => {
            let edited = edit(&sealed.forms, &mut input);
            let Ok(text) = std::str::from_utf8(&edited) else { return };
            for (visitor, request) in (0..).zip(&sealed.visitors) {
                let session = testing::load(&sealed.sessions, request);
                let is_genuine = held(&sealed.forms, &edited) == Some(visitor);
                assert_eq!(sealed.sessions.check_csrf(&session, text).is_ok(), is_genuine, "{text}");
            }
        }
        _ => {
            let genuine = [(sealed.last_seen.clone(), 7)];
            let edited = edit(&genuine, &mut input);
            let Some(session) = load(&sealed.idle, &[(b"s", &sealed.renewed), (b"s.seen", &edited)]) else {
                return;
            };
            let expected = held(&genuine, trimmed(&edited));
            assert_eq!(session, expected.unwrap_or(0), "{}", String::from_utf8_lossy(&edited));
        }
    }
}

/// One of the tokens, and what an attacker with two of them and a text editor can do.
fn edit(tokens: &[(Vec<u8>, u64)], input: &mut Input<'_>) -> Vec<u8> {
    let mut text = tokens[input.below(tokens.len())].0.clone();
    for _ in 0..8 {
        if input.is_empty() {
            break;
        }
        let at = input.below(text.len() + 1);
        match input.below(8) {
            0 => text.insert(at, input.byte()),
            1 if at < text.len() => drop(text.remove(at)),
            2 if at < text.len() => text[at] = input.byte(),
            // A bit of the bytes beneath: the next character of the alphabet, or the one 32 further.
            3 if at < text.len() => text[at] = neighbour(text[at], input.byte()),
            4 => text.truncate(at),
            5 => drop(text.splice(at..at, input.bytes(16).iter().copied())),
            6 => {
                let other = &tokens[input.below(tokens.len())].0;
                let from = at.min(other.len());
                text.truncate(at);
                text.extend_from_slice(&other[from..]);
            }
            _ => {
                let middle = at.min(text.len());
                text.rotate_left(middle);
            }
        }
    }
    text
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn neighbour(character: u8, mask: u8) -> u8 {
    let at = ALPHABET.iter().position(|known| *known == character).unwrap_or(0);
    ALPHABET[(at ^ usize::from(mask)) % 64]
}

fn held(tokens: &[(Vec<u8>, u64)], text: &[u8]) -> Option<u64> {
    tokens.iter().find(|(token, _)| token == text).map(|(_, data)| *data)
}

fn trimmed(text: &[u8]) -> &[u8] {
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let start = text.iter().position(|byte| !is_blank(byte)).unwrap_or(text.len());
    let end = text.iter().rposition(|byte| !is_blank(byte)).map_or(start, |at| at + 1);
    &text[start..end]
}

/// The data of the session of these cookies; `None` where a value would be more than one cookie, or none.
fn load(sessions: &Sessions<u64>, cookies: &[(&[u8], &[u8])]) -> Option<u64> {
    if cookies.iter().any(|(_, value)| value.contains(&b';')) {
        return None;
    }
    let pairs: Vec<_> = cookies.iter().map(|(name, value)| [name, &b"="[..], value].concat()).collect();
    let line = HeaderValue::from_bytes(&pairs.join(&b"; "[..])).ok()?;
    Some(testing::load(sessions, &HeaderMap::from_iter([(header::COOKIE, line)])).into_data())
}
