//! No edit of a cookie opens: every bit, every length, every context, every key.

use crate::util::{
    NOW, Visitor, base64url, logged_in, outcome, sessions, sessions_of, sessions_with, value, with_cookie,
};
use sealed_session::{Algorithm, Key, KeyRing, Sessions, Tokens, testing};

/// One session for each algorithm, and its envelope.
fn envelopes() -> Vec<(Sessions<Visitor>, Vec<u8>)> {
    [Algorithm::Xaes256Gcm, Algorithm::XChaCha20Poly1305]
        .into_iter()
        .map(|algorithm| {
            let ring = KeyRing::new(Key::generate(algorithm).unwrap());
            let sessions = sessions_of(ring, &testing::Clock::at(NOW));
            let envelope = base64url::decode(&value(&logged_in(&sessions)));
            (sessions, envelope)
        })
        .collect()
}

fn try_envelope(sessions: &Sessions<Visitor>, envelope: &[u8]) -> &'static str {
    outcome(sessions, &with_cookie(format!("__Host-session={}", base64url::encode(envelope))))
}

#[test]
fn no_flipped_bit_opens() {
    for (sessions, envelope) in envelopes() {
        assert_eq!(try_envelope(&sessions, &envelope), "ok");
        for at in 0..envelope.len() {
            for bit in 0..8 {
                let mut flipped = envelope.clone();
                flipped[at] ^= 1 << bit;
                let expected = match at {
                    0 => "malformed",
                    1..=4 => "unknown_key",
                    _ => "forged",
                };
                assert_eq!(try_envelope(&sessions, &flipped), expected, "byte {at}, bit {bit}");
            }
        }
    }
}

#[test]
fn no_changed_character_opens() {
    let (sessions, _) = sessions();
    let text = value(&logged_in(&sessions));
    for at in 0..text.len() {
        for character in (b' '..=b'~').filter(|c| *c != b';' && *c != text.as_bytes()[at]) {
            let mut changed = text.clone().into_bytes();
            changed[at] = character;
            let line = [b"__Host-session=", &*changed].concat();
            // A blank at either end is taken off the value, which then is too short.
            assert_ne!(outcome(&sessions, &with_cookie(line)), "ok", "{character} at {at}");
        }
    }
}

#[test]
fn no_truncation_and_no_extension_opens() {
    for (sessions, envelope) in envelopes() {
        for length in 0..envelope.len() {
            let expected = if length < 45 { "malformed" } else { "forged" };
            assert_eq!(try_envelope(&sessions, &envelope[..length]), expected, "{length}");
        }
        for extra in [&[0][..], &[0; 16], &envelope] {
            assert_eq!(try_envelope(&sessions, &[&envelope, extra].concat()), "forged");
        }
        let text = base64url::encode(&envelope);
        for length in 0..text.len() {
            assert_ne!(outcome(&sessions, &with_cookie(format!("__Host-session={}", &text[..length]))), "ok");
        }
    }
}

#[test]
fn no_mixture_of_two_tokens_opens() {
    let (sessions, _) = sessions();
    let [one, two] = [0; 2].map(|_| base64url::decode(&value(&logged_in(&sessions))));
    assert_eq!(one.len(), two.len());
    for at in 6..one.len() {
        for mixed in [[&one[..at], &two[at..]].concat(), [&two[..at], &one[at..]].concat()] {
            assert_eq!(try_envelope(&sessions, &mixed), "forged", "{at}");
        }
    }
}

#[test]
fn another_name_purpose_key_or_algorithm_does_not_open() {
    let (sessions, clock) = sessions();
    let text = value(&logged_in(&sessions));
    let under = |name: &str, purpose: &str| {
        let (sessions, _) = sessions_with::<Visitor>(|builder| builder.name(name).purpose(purpose));
        outcome(&sessions, &with_cookie(format!("{name}={text}")))
    };
    assert_eq!(under("__Host-session", ""), "ok");
    for (name, purpose) in [
        ("__Host-sessio", ""),
        ("__Host-sessions", ""),
        ("__Host-Session", ""),
        ("session", ""),
        ("__Host-session", "a"),
        ("__Host-session", "\u{1}"),
        // The same bytes, cut elsewhere.
        ("__Host-", "session"),
    ] {
        assert_eq!(under(name, purpose), "forged", "{name} {purpose:?}");
    }
    let (key, bytes) = (testing::key(7), "07".repeat(32));
    assert!(key.expose_text().contains(&bytes));
    let other = testing::key_from_text(&format!("sealed1_xchacha_{bytes}00000000"));
    assert!(other.is_err(), "the id is another under the other algorithm");
    assert_eq!(
        outcome(&sessions_of(KeyRing::new(testing::key(9)), &clock), &logged_in(&sessions)),
        "unknown_key"
    );
}

#[test]
fn another_kind_does_not_open() {
    let clock = testing::Clock::at(NOW);
    // The name of the cookie is the label, and the purpose the same: only the kind differs.
    let (sessions, _) = sessions();
    let tokens = Tokens::new(testing::key_ring(), "", "__Host-session").unwrap();
    let token = tokens.seal(&[0; 40], sealed_session::token::Expires::Never).unwrap();
    assert_eq!(outcome(&sessions, &with_cookie(format!("__Host-session={token}"))), "forged");
    let session = value(&logged_in(&sessions));
    assert_eq!(tokens.open_at(&session, clock.now()), Err(sealed_session::error::TokenOpenError::Forged));
}

#[test]
fn nothing_that_fits_no_other_rule_is_too_long_to_refuse() {
    let (sessions, _) = sessions();
    for length in [4078, 4079, 4096, 4097, 100_000, 1_000_000] {
        let line = format!("__Host-session={}", "A".repeat(length));
        let expected = if length <= 4078 { "malformed" } else { "too_long" };
        assert_eq!(outcome(&sessions, &with_cookie(line)), expected, "{length}");
    }
}
