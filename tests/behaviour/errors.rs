//! The exact text and label of every error: people search for the one and alert on the other.

use std::error::Error;
use std::time::{Duration, SystemTime};

use sealed_session::axum::SessionRejection;
use sealed_session::error::{
    KeyError, KeyRingError, RevokeError, RotateError, SchemaError, TokenOpenError, TokenSealError,
};
use sealed_session::handle::OpenError;
use sealed_session::revocation::Revocations;
use sealed_session::{
    Builder, CookieConfig, Lifetimes, Rejection, SameSite, SaveError, Sessions, Tokens, testing,
};

#[test]
fn rejections_are_labels_in_the_order_of_the_checks() {
    let in_order = [
        (Rejection::Absent, "absent"),
        (Rejection::TooLong, "too_long"),
        (Rejection::Malformed, "malformed"),
        (Rejection::UnknownKey, "unknown_key"),
        (Rejection::Forged, "forged"),
        (Rejection::SchemaMismatch, "schema_mismatch"),
        (Rejection::FromTheFuture, "from_the_future"),
        (Rejection::Idle, "idle"),
        (Rejection::Absolute, "absolute"),
        (Rejection::Ended, "ended"),
        (Rejection::Unbound, "unbound"),
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
fn revocations() {
    for (error, label, text) in [
        (
            RevokeError::NoSessions,
            "no_sessions",
            "no Sessions use these revocations: give them to a builder, and build",
        ),
        (RevokeError::Clock, "clock", "the clock shows a time after 2106-02-07: set the clock"),
        (RevokeError::Random, "random", "the operating system's random generator failed"),
    ] {
        assert_eq!((error.as_str(), error.to_string().as_str()), (label, text));
        assert_eq!(format!("{error:?}"), format!("{text} ({label})"));
    }
    let revocations = Revocations::new();
    let missing = std::env::temp_dir().join("sealed-session-no-such-folder/revoked");
    let no_sessions = revocations.watch_file(std::env::temp_dir()).unwrap_err();
    assert!(no_sessions.to_string().ends_with("not a file"), "{no_sessions}");
    let error = revocations.watch_file(&missing).unwrap_err();
    assert_eq!(error.to_string(), format!("revocation file {missing:?}: entity not found"));
    assert_eq!(format!("{error:?}"), format!("{error} (revocation_file)"));
    let sessions = |purpose| {
        let builder = Sessions::<u64>::builder(testing::key_ring()).purpose(purpose);
        builder.revocations(&revocations).build()
    };
    drop(sessions("a").unwrap());
    let error = sessions("b").unwrap_err();
    assert_eq!((error.setting(), error.as_str()), ("revocations", "revocations"));
    assert_eq!(
        error.to_string(),
        "revocations: other Sessions use these with another name or purpose: give each its own Revocations"
    );
    let text = "log_out_others needs to know whose session it is: call Builder::revocations and Builder::subject, \
                and log in first";
    assert_eq!(
        (SaveError::NoSubject.as_str(), SaveError::NoSubject.to_string().as_str()),
        ("no_subject", text)
    );
}

#[test]
fn a_schema_that_nobody_could_tell_has_a_label() {
    let path = || "a.b".to_owned();
    for (error, label) in [
        (SchemaError::Refused { paths: vec![path()] }, "refused"),
        (SchemaError::DecodesAny { path: path() }, "decodes_any"),
        (SchemaError::UnknownLength { path: path() }, "unknown_length"),
        (SchemaError::SkipsField { path: path() }, "skips_field"),
        (SchemaError::SkippedVariant { path: path() }, "skipped_variant"),
        (SchemaError::Unlike { path: path(), written: "u8".into(), read: "i8".into() }, "unlike"),
        (SchemaError::RoundTrip { path: path() }, "round_trip"),
        (SchemaError::TooComplex { path: path() }, "too_complex"),
    ] {
        assert_eq!(error.as_str(), label);
        let text = error.to_string();
        assert!(text.contains("a.b") && format!("{error:?}").starts_with(&text), "{text}");
    }
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
            "the key ring is longer than 65536 bytes: take out old keys and comments",
        ),
        (
            KeyRingError::ByteOrderMark,
            "byte_order_mark",
            "the key ring begins with a byte order mark: save it as UTF-8 without one",
        ),
        (
            KeyRingError::Nul { line: 2 },
            "nul",
            "line 2 of the key ring holds a NUL: save it as UTF-8, or write it anew",
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
            "the environment variable \"SESSION_KEYS\" is not UTF-8: set it to the text of a key or of a key ring",
        ),
        (
            KeyRingError::CannotRead { path: path(), kind: std::io::ErrorKind::NotFound },
            "cannot_read",
            "the key ring file \"/etc/keys\" does not exist: put it there, or make it with `sealed-session rotate \
             \"/etc/keys\" --longest-lifetime 7d`",
        ),
        (
            KeyRingError::CannotRead { path: path(), kind: std::io::ErrorKind::PermissionDenied },
            "cannot_read",
            "the key ring file \"/etc/keys\" cannot be read: permission denied: let the user of this process read it",
        ),
        (
            KeyRingError::CannotRead { path: path(), kind: std::io::ErrorKind::TimedOut },
            "cannot_read",
            "the key ring file \"/etc/keys\" cannot be read: timed out: check its path, disk and mount",
        ),
        (
            KeyRingError::NotAFile { path: path() },
            "not_a_file",
            "the key ring \"/etc/keys\" is not a file: name the file itself",
        ),
        (
            KeyRingError::WritableByOthers { path: path() },
            "writable_by_others",
            "the key ring file \"/etc/keys\" can be written by others than its owner: chmod go-w",
        ),
        (
            KeyRingError::FileNotText { path: path() },
            "file_not_text",
            "the key ring file \"/etc/keys\" is not UTF-8: save it as UTF-8, or name another file",
        ),
        (
            KeyRingError::NoThread,
            "no_thread",
            "the thread that watches the key ring file cannot be started: allow this process more threads",
        ),
        (
            KeyRingError::ClockPanicked,
            "clock_panicked",
            "the clock of the watcher panicked: fix the function that was given as its clock",
        ),
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
            RotateError::TooEarly,
            "too_early",
            "the time of the rotation lies before 2001, so the old key would stop opening at once: set the clock",
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
    let cases: [(Settings, &str, &str); 17] = [
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
        (
            |b| b.cookie(CookieConfig::default().partitioned(true)),
            "partitioned_same_site",
            "partitioned: needs SameSite=None, or no frame of another site gets it: add same_site(SameSite::None)",
        ),
        (
            |b| b.lifetimes(Lifetimes::default().not_before(SystemTime::UNIX_EPOCH)),
            "not_before",
            "not_before: must be after 2000 and not in the future: are its seconds milliseconds?",
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
    let origin = sealed_session::web::TrustedOrigins::new().trust("*").unwrap_err();
    assert_eq!(
        origin.to_string(),
        "trusted origin: must be http:// or https://, a host, and a port if it is not the default, and nothing else"
    );
    let schema = Sessions::<serde_json::Value>::new(testing::key_ring()).unwrap_err();
    assert_eq!((schema.as_str(), schema.setting()), ("schema", "session type"));
    let of_schema = schema.schema_error().unwrap().to_string();
    assert_eq!(schema.to_string(), format!("session type: {of_schema}"));
    assert!(schema.source().is_none(), "a report of the chain would say it twice");
}

/// A `main` that returns an error prints its `Debug`. What a reader sees there is the sentence, and the label.
#[test]
fn debug_is_the_sentence_and_the_label() {
    fn check(error: impl Error + 'static, label: &str) {
        let sentence = error.to_string();
        let expected = if sentence == label { sentence } else { format!("{sentence} ({label})") };
        let boxed: Box<dyn Error> = Box::new(error);
        assert_eq!((format!("{boxed:?}"), format!("{boxed:#?}")), (expected.clone(), expected));
    }
    let missing = sealed_session::KeyRing::from_env("SEALED_SESSION_TEST_NOT_SET").unwrap_err();
    assert_eq!(
        format!("{missing:?}"),
        "the environment variable \"SEALED_SESSION_TEST_NOT_SET\" is not set: make a key with \
         `sealed-session keygen` (missing_variable)"
    );
    check(missing, "missing_variable");
    check(KeyRingError::Entry { number: 3, line: Some(7), error: KeyError::Weak }, "weak");
    check(KeyError::Checksum, "checksum");
    check(RotateError::Announced, "announced");
    check(SaveError::TooLarge { bytes: 5120, limit: 4093 }, "too_large");
    check(TokenSealError::TooLong, "too_long");
    check(TokenOpenError::Expired, "expired");
    let config = Sessions::<u64>::builder(testing::key_ring()).name("a.seen").build().unwrap_err();
    check(config, "name_reserved");
    let config = Sessions::<serde_json::Value>::new(testing::key_ring()).unwrap_err();
    check(config.schema_error().unwrap().clone(), "decodes_any");
    check(config, "schema");
    check(OpenError::Check, "check");
    check(OpenError::NoSessions, "no_sessions");
    check(SessionRejection::Open(OpenError::Check), "check");
}

/// Every error of the crates prints its sentence: none derives `Debug`, and a new one is added here.
#[test]
fn no_error_derives_debug() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut seen, mut folders) = (0, vec![root.join("src"), root.join("actix/src")]);
    while let Some(folder) = folders.pop() {
        // A package has no actix.
        let Ok(entries) = std::fs::read_dir(folder) else { continue };
        for path in entries.map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            for line in text.lines() {
                let Some((_, name)) = line.split_once("Error for ") else { continue };
                let name = name.trim_end_matches([' ', '{', '}']);
                if !text.contains(&format!("pub enum {name}"))
                    && !text.contains(&format!("pub struct {name}"))
                {
                    continue;
                }
                seen += 1;
                assert!(
                    text.contains(&format!("fmt::Debug for {name} {{")),
                    "{} derives Debug of {name}",
                    path.display()
                );
            }
        }
    }
    assert!(seen >= 12, "{seen}");
}

#[test]
fn a_forgery_is_told_with_its_remedy() {
    use sealed_session::error::{ForgeryError, TokenOpenError};
    for (error, label, text) in [
        (
            ForgeryError::OtherOrigin,
            "other_origin",
            "a page of another origin made the request: trust that origin if it is one of your own",
        ),
        (
            ForgeryError::NoToken,
            "no_token",
            "the browser does not tell which page made the request, and it has no token: put one into the form",
        ),
    ] {
        assert_eq!((error.as_str(), error.to_string().as_str()), (label, text));
    }
    let token = ForgeryError::Token(TokenOpenError::Expired);
    assert_eq!((token.as_str(), token.to_string()), ("expired", TokenOpenError::Expired.to_string()));
}
