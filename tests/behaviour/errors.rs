//! The exact text and label of every error: people search for the one and alert on the other.

use std::error::Error;
use std::time::Duration;

use sealed_session::error::{KeyError, KeyRingError, RotateError, TokenOpenError, TokenSealError};
use sealed_session::{
    Builder, CookieConfig, Lifetimes, Padding, Rejection, SameSite, SaveError, Sessions, Tokens, testing,
};

#[test]
fn rejections_are_labels_in_the_order_of_the_checks() {
    let in_order = [
        (Rejection::Absent, "absent"),
        (Rejection::TooLong, "too_long"),
        (Rejection::Malformed, "malformed"),
        (Rejection::UnknownKey, "unknown_key"),
        (Rejection::Forged, "forged"),
        (Rejection::FromTheFuture, "from_the_future"),
        (Rejection::Idle, "idle"),
        (Rejection::Absolute, "absolute"),
        (Rejection::Ended, "ended"),
        (Rejection::SchemaMismatch, "schema_mismatch"),
        (Rejection::Payload, "payload"),
        (Rejection::Refused, "refused"),
        (Rejection::Revoked, "revoked"),
    ];
    for (rejection, label) in in_order {
        assert_eq!(rejection.as_str(), label);
        assert_eq!(rejection.to_string(), label);
    }
    assert!(in_order.is_sorted_by(|one, two| one.0 < two.0));
}

#[test]
fn tokens() {
    let in_order = [
        (TokenOpenError::TooLong, "too_long"),
        (TokenOpenError::Malformed, "malformed"),
        (TokenOpenError::UnknownKey, "unknown_key"),
        (TokenOpenError::Forged, "forged"),
        (TokenOpenError::Expired, "expired"),
        (TokenOpenError::OtherSession, "other_session"),
    ];
    for (error, label) in in_order {
        assert_eq!((error.as_str(), error.to_string().as_str()), (label, label));
    }
    assert!(in_order.is_sorted_by(|one, two| one.0 < two.0));
    assert_eq!((TokenSealError::Random.as_str(), TokenSealError::TooLong.as_str()), ("random", "too_long"));
    assert_eq!(TokenSealError::Random.to_string(), "the operating system's random generator failed");
    assert_eq!(TokenSealError::TooLong.to_string(), "the message is longer than a token can hold: send less");
}

#[test]
fn save() {
    for (error, label, text) in [
        (SaveError::Random, "random", "the operating system's random generator failed"),
        (SaveError::Serialize, "serialize", "the session's data does not serialize with postcard"),
        (
            SaveError::RoundTrip { path: "user.name".into() },
            "round_trip",
            "user.name: the session's data would not come back as it is: take skip_serializing_if out, and let \
             Serialize and Deserialize agree for every value",
        ),
        (
            SaveError::SkippedVariant { path: "role::Root".into() },
            "skipped_variant",
            "role::Root: the variant is not serialized: take the attribute #[serde(skip)] out, or keep the variant out \
             of the session",
        ),
        (
            SaveError::TooDeep,
            "too_deep",
            "the session's data nests more than 128 levels deep: bound what a client can make it nest",
        ),
        (
            SaveError::TooLarge { bytes: 5120, limit: 4093 },
            "too_large",
            "session cookie of 5120 bytes does not fit the 4093 that browsers keep: store less in the session, or an \
             id of what is stored elsewhere",
        ),
        (SaveError::HeadersFull, "headers_full", "the response has no room for another header"),
        (
            SaveError::PlainHttp,
            "plain_http",
            "a Secure cookie would go out over plain http, where browsers drop it: serve https, or build the sessions \
             with insecure_for_localhost() while developing",
        ),
        (
            SaveError::OtherSessions,
            "other_sessions",
            "the session was loaded by other Sessions: save it with those that loaded it",
        ),
        (SaveError::Clock, "clock", "the clock shows a time after 2106-02-07: set the clock"),
    ] {
        assert_eq!((error.as_str(), error.to_string().as_str()), (label, text));
    }
}

#[test]
fn keys_and_rings() {
    for (error, label, text) in [
        (
            KeyError::Malformed,
            "malformed",
            "not a key: expected sealed1_xaes_ or sealed1_xchacha_ and 72 lower-case hexadecimal digits",
        ),
        (
            KeyError::UnknownAlgorithm,
            "unknown_algorithm",
            "a key of an unknown algorithm: expected sealed1_xaes_ or sealed1_xchacha_",
        ),
        (KeyError::Checksum, "checksum", "the checksum of the key is wrong: it was mistyped or cut off"),
        (KeyError::Weak, "weak", "a key that is published or trivial: make one of your own"),
    ] {
        assert_eq!((error.as_str(), error.to_string().as_str()), (label, text));
        let entry = KeyRingError::Entry { number: 3, line: Some(7), error };
        let text = format!("line 7 of the key ring, entry 3: {text}");
        assert_eq!((entry.as_str(), entry.to_string()), (label, text));
    }
    let (name, path) = (|| "SESSION_KEYS".to_owned(), || "/etc/keys".to_owned());
    for (error, label, text) in [
        (KeyRingError::Empty, "empty", "no key in the key ring: make a key with `sealed-session keygen`"),
        (
            KeyRingError::TooMany { limit: 64 },
            "too_many",
            "more than 64 keys in the key ring: take out those whose cookies have expired",
        ),
        (
            KeyRingError::TooLong { limit: 65_536 },
            "too_long",
            "the key ring is longer than 65536 bytes: it is another file, or take out old keys",
        ),
        (
            KeyRingError::ByteOrderMark,
            "byte_order_mark",
            "the key ring begins with a byte order mark: save it as UTF-8 without one",
        ),
        (
            KeyRingError::Nul { line: 2 },
            "nul",
            "line 2 of the key ring: holds a NUL: save it as UTF-8, or write it anew",
        ),
        (
            KeyRingError::Entry { number: 2, line: None, error: KeyError::Repeated },
            "repeated",
            "entry 2 of the key ring: has the id of an earlier one: take one of them out",
        ),
        (
            KeyRingError::MissingVariable { name: name() },
            "missing_variable",
            "the environment variable \"SESSION_KEYS\" is not set: make a key with `sealed-session keygen`",
        ),
        (
            KeyRingError::VariableNotText { name: name() },
            "variable_not_text",
            "the environment variable \"SESSION_KEYS\" is not UTF-8",
        ),
        (
            KeyRingError::CannotRead { path: path(), kind: std::io::ErrorKind::NotFound },
            "cannot_read",
            "the key ring file \"/etc/keys\" cannot be read: entity not found",
        ),
        (KeyRingError::NotAFile { path: path() }, "not_a_file", "the key ring \"/etc/keys\" is not a file"),
        (
            KeyRingError::WritableByOthers { path: path() },
            "writable_by_others",
            "the key ring file \"/etc/keys\" can be written by others than its owner: chmod go-w",
        ),
        (
            KeyRingError::FileNotText { path: path() },
            "file_not_text",
            "the key ring file \"/etc/keys\" is not UTF-8",
        ),
        (KeyRingError::NoThread, "no_thread", "the thread that watches the key ring file cannot be started"),
    ] {
        assert_eq!((error.as_str(), error.to_string().as_str()), (label, text));
    }
}

#[test]
fn entries_and_rotations() {
    for (error, label, text) in [
        (KeyError::Repeated, "repeated", "has the id of an earlier one: take one of them out"),
        (
            KeyError::UnknownWord,
            "unknown_word",
            "a word that is neither seals-from= nor opens-until=: put a comma or a line end between keys, and # before \
             a comment",
        ),
        (
            KeyError::RepeatedWord,
            "repeated_word",
            "says seals-from= or opens-until= twice: take one of them out",
        ),
        (KeyError::Time, "time", "not a time: expected the form 2026-11-01T00:00:00Z"),
        (
            KeyError::MissingSealsFrom,
            "missing_seals_from",
            "seals-from= is missing: either every key of a ring has it, or none has a time",
        ),
        (
            KeyError::EndsBeforeItSeals,
            "ends_before_it_seals",
            "opens-until is not after seals-from: set it later",
        ),
        (KeyError::SameTime, "same_time", "has the seals-from of another key: change one of them"),
        (
            KeyError::EndsWhileSealing,
            "ends_while_sealing",
            "stops opening while it is still the key that seals: set opens-until later than the seals-from of the next \
             key, or, where this is the newest key, take it off",
        ),
        (
            KeyError::NotYet,
            "not_yet",
            "no key may seal yet: this is the first to, and its seals-from is still to come: set it earlier, or set the \
             clock",
        ),
    ] {
        assert_eq!((error.as_str(), error.to_string().as_str()), (label, text));
    }
    for (error, label, text) in [
        (
            RotateError::Announced,
            "announced",
            "a key is announced already and does not seal yet: rotate again when it does, or take it out first",
        ),
        (RotateError::NotYet, "not_yet", "by this clock no key of the ring seals yet: set the clock"),
        (
            RotateError::LifetimeZero,
            "lifetime_zero",
            "the longest lifetime is zero: give that of the longest session or token that the ring seals",
        ),
        (
            RotateError::TooFar,
            "too_far",
            "a time of the rotation lies beyond the year 9999: shorten it, or set the clock",
        ),
        (
            RotateError::TooMany { limit: 64 },
            "too_many",
            "the key ring has 64 keys already: rotate less often than a lifetime passes",
        ),
        (RotateError::Repeated, "repeated", "the new key is in the key ring already: make another"),
        (
            RotateError::SameTime,
            "same_time",
            "another key seals from this very second on: try again in a second",
        ),
    ] {
        assert_eq!((error.as_str(), error.to_string().as_str()), (label, text));
    }
}

#[test]
fn configuration() {
    type Settings = fn(Builder<u64>) -> Builder<u64>;
    let cases: [(Settings, &str, &str); 16] = [
        (|b| b.name(""), "name", "name: must be 1 to 128 letters, digits or !#$%&'*+-.^_`|~"),
        (
            |b| b.name("a.seen"),
            "name_reserved",
            "name: must not end in .seen, and must not contain .out.: choose another",
        ),
        (
            |b| b.cookie(CookieConfig::default().secure(false)),
            "prefix",
            "name: its prefix asks for Secure: change that, or take a name without the prefix",
        ),
        (
            |b| b.cookie(CookieConfig::new("a").path("")),
            "path",
            "path: must begin with / and hold visible ASCII characters without ; in at most 1024 bytes",
        ),
        (
            |b| b.cookie(CookieConfig::new("a").domain("localhost")),
            "domain",
            "domain: must be a host name of two labels or more, of letters, digits and -, and no address",
        ),
        (
            |b| b.cookie(CookieConfig::default().same_site(SameSite::None)).insecure_for_localhost(),
            "same_site_none",
            "same_site: None needs Secure: take Lax with insecure_for_localhost() or secure(false)",
        ),
        (
            |b| b.cookie(CookieConfig::default().partitioned(true)).insecure_for_localhost(),
            "partitioned",
            "partitioned: needs Secure: leave it out together with insecure_for_localhost() or secure(false)",
        ),
        (|b| b.purpose("x".repeat(256)), "purpose", "purpose: must have at most 255 bytes"),
        (
            |b| b.idle_timeout(Duration::ZERO),
            "idle_zero",
            "idle_timeout: must be at least a second: use None to switch it off",
        ),
        (
            |b| b.idle_timeout(None).absolute_timeout(Duration::ZERO),
            "absolute_zero",
            "absolute_timeout: must be at least a second",
        ),
        (
            |b| b.idle_timeout(Duration::MAX),
            "idle_beyond_absolute",
            "idle_timeout: must not be longer than absolute_timeout: shorten it, or lengthen absolute_timeout",
        ),
        (
            |b| b.absolute_timeout(Duration::MAX),
            "beyond_400_days",
            "absolute_timeout and max_lifetime: must be at most the 400 days that browsers keep a cookie",
        ),
        (
            |b| b.lifetimes(Lifetimes::default().max_lifetime(Duration::from_secs(1))),
            "max_lifetime_below_absolute",
            "max_lifetime: must not be shorter than absolute_timeout",
        ),
        (
            |b| b.lifetimes(Lifetimes::default().renewal_interval(Duration::ZERO)),
            "renewal_interval",
            "renewal_interval: must be at least a second and shorter than idle_timeout",
        ),
        (|b| b.padding(Padding::Block(1)), "padding", "padding: a block must have 2 to 1024 bytes"),
        (
            |b| b.remove_leftovers([CookieConfig::default()]),
            "leftovers",
            "remove_leftovers: at most four cookies, and none that is the one of today",
        ),
    ];
    for (settings, label, text) in cases {
        let error = settings(Sessions::builder(testing::key_ring())).build().unwrap_err();
        assert_eq!((error.as_str(), error.to_string().as_str()), (label, text));
        assert!(text.starts_with(&format!("{}: ", error.setting())), "{text}");
        assert!(error.source().is_none() && error.schema_error().is_none());
    }
    let accepted = Sessions::<u64>::builder(testing::key_ring()).accept::<u64>().build().unwrap_err();
    assert_eq!(accepted.as_str(), "accepted_twice");
    assert_eq!(
        accepted.to_string(),
        "accept: two types of the same schema, or one of the session's own: leave one of them out"
    );
    let label = Tokens::new(testing::key_ring(), "", "").unwrap_err();
    assert_eq!((label.as_str(), label.to_string().as_str()), ("label", "label: must have 1 to 255 bytes"));
    let schema = Sessions::<serde_json::Value>::new(testing::key_ring()).unwrap_err();
    assert_eq!((schema.as_str(), schema.setting()), ("schema", "session type"));
    let of_schema = schema.schema_error().unwrap().to_string();
    assert_eq!(schema.to_string(), format!("session type: {of_schema}"));
    assert!(schema.source().is_none(), "a report of the chain would say it twice");
}
