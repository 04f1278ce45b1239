//! Tokens of the application's own.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sealed_session::error::{TokenOpenError, TokenSealError};
use sealed_session::token::Expires;
use sealed_session::{Tokens, testing};

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

fn tokens(purpose: &str, label: &str) -> Tokens {
    Tokens::new(testing::key_ring(), purpose, label).unwrap()
}

#[test]
fn what_was_sealed_opens_until_it_expires() {
    let tokens = tokens("shop.example", "confirm-address");
    let token = tokens.seal(b"ada", Expires::At(at(1000))).unwrap();
    assert!(token.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-' || c == b'_'), "safe in a URL");
    for (now, expected) in [(0, Ok(())), (999, Ok(())), (1000, Err(())), (1001, Err(())), (1 << 40, Err(()))]
    {
        let opened = tokens.open_at(&token, at(now));
        assert_eq!(opened.clone().map(|_| ()).map_err(|_| ()), expected, "{now}");
        assert!(matches!(opened.as_deref(), Ok(b"ada") | Err(TokenOpenError::Expired)));
    }
}

#[test]
fn never_is_spelled_out_and_a_late_moment_is_not_never() {
    let tokens = tokens("", "x");
    let far = at(1 << 40);
    let never = tokens.seal(b"", Expires::Never).unwrap();
    assert_eq!(tokens.open_at(&never, far).as_deref(), Ok(&b""[..]));
    let late = tokens.seal(b"", Expires::At(far)).unwrap();
    assert_eq!(tokens.open_at(&late, at(u64::from(u32::MAX) - 2)).as_deref(), Ok(&b""[..]));
    assert_eq!(tokens.open_at(&late, at(u64::from(u32::MAX) - 1)), Err(TokenOpenError::Expired));
}

#[test]
fn another_label_or_purpose_does_not_open() {
    let token = tokens("shop", "link").seal(b"ada", Expires::Never).unwrap();
    assert!(tokens("shop", "link").open_at(&token, at(0)).is_ok());
    for (purpose, label) in
        [("shop", "state"), ("shops", "link"), ("", "link"), ("shop", "linkshop"), ("sho", "plink")]
    {
        assert_eq!(
            tokens(purpose, label).open_at(&token, at(0)),
            Err(TokenOpenError::Forged),
            "{purpose} {label}"
        );
    }
}

#[test]
fn what_is_no_token_is_refused() {
    let tokens = tokens("shop", "link");
    let token = tokens.seal(b"ada", Expires::Never).unwrap();
    for (text, expected) in [
        (String::new(), TokenOpenError::Malformed),
        (format!("{token}="), TokenOpenError::Malformed),
        (format!(" {token}"), TokenOpenError::Malformed),
        (format!("{token}AAAA"), TokenOpenError::Forged),
        ("A".repeat(4096), TokenOpenError::Malformed),
        ("A".repeat(4097), TokenOpenError::TooLong),
        ("\u{e4}".repeat(60), TokenOpenError::Malformed),
    ] {
        assert_eq!(tokens.open_at(&text, at(0)), Err(expected), "{text:?}");
    }
    let other = Tokens::new(sealed_session::KeyRing::new(testing::key(9)), "shop", "link").unwrap();
    assert_eq!(other.open_at(&token, at(0)), Err(TokenOpenError::UnknownKey));
}

#[test]
fn messages_have_a_limit_that_is_exact() {
    let tokens = tokens("shop", "link");
    let longest = vec![0; Tokens::MAX_MESSAGE];
    let token = tokens.seal(&longest, Expires::Never).unwrap();
    assert_eq!(token.len(), 4096);
    assert_eq!(tokens.open_at(&token, at(0)), Ok(longest));
    for length in [Tokens::MAX_MESSAGE + 1, Tokens::MAX_MESSAGE + 16, Tokens::MAX_MESSAGE + 17, 1 << 20] {
        assert_eq!(tokens.seal(&vec![0; length], Expires::Never), Err(TokenSealError::TooLong), "{length}");
    }
}

#[test]
fn labels_and_purposes_have_limits() {
    let new = |purpose: &str, label: &str| {
        Tokens::new(testing::key_ring(), purpose, label).map(|_| ()).map_err(|error| error.as_str())
    };
    let (fits, long) = ("x".repeat(255), "x".repeat(256));
    let longest = Tokens::new(testing::key_ring(), &fits, &fits).unwrap();
    let token = longest.seal(b"message", Expires::Never).unwrap();
    assert_eq!(longest.open_at(&token, UNIX_EPOCH).unwrap(), b"message");
    assert_eq!(new(&fits, ""), Err("label"));
    assert_eq!(new(&fits, &long), Err("label"));
    assert_eq!(new(&long, &fits), Err("purpose"));
}

#[test]
fn sealing_and_opening_go_by_the_same_clock() {
    let clock = testing::Clock::at(1_800_000_000);
    let tokens = tokens("shop", "link").clock(clock.reader());
    let hour = Duration::from_secs(3600);
    let token = tokens.seal(b"ada", Expires::after(hour)).unwrap();
    let a_bit_longer = tokens.seal(b"ada", Expires::after(hour + Duration::from_nanos(1))).unwrap();
    assert_eq!(tokens.seal(b"ada", Expires::After(Duration::ZERO)).map(|token| tokens.open(&token)), {
        Ok(Err(TokenOpenError::Expired))
    });
    clock.advance(hour - Duration::from_secs(1));
    assert_eq!(tokens.open(&token).as_deref(), Ok(&b"ada"[..]));
    clock.advance(Duration::from_secs(1));
    assert_eq!(tokens.open(&token), Err(TokenOpenError::Expired));
    assert_eq!(tokens.open(&a_bit_longer).as_deref(), Ok(&b"ada"[..]), "fractions count as a whole second");
    clock.advance(Duration::from_secs(1));
    assert_eq!(tokens.open(&a_bit_longer), Err(TokenOpenError::Expired));
    assert_eq!(
        tokens.open_at(&token, at(1_800_000_000)).as_deref(),
        Ok(&b"ada"[..]),
        "at a time of the caller's"
    );
    clock.set(1_800_000_000 - 86_400);
    assert!(tokens.open(&token).is_ok(), "the clock was set back");
}

#[test]
fn a_span_that_is_too_long_is_not_never() {
    let tokens = tokens("", "x").clock(|| at(1_800_000_000));
    for span in [Duration::MAX, Duration::from_secs(1 << 32)] {
        let token = tokens.seal(b"", Expires::after(span)).unwrap();
        assert_eq!(tokens.open_at(&token, at(u64::from(u32::MAX) - 2)).as_deref(), Ok(&b""[..]));
        assert_eq!(tokens.open_at(&token, at(u64::from(u32::MAX) - 1)), Err(TokenOpenError::Expired));
    }
}
