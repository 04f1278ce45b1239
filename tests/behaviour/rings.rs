//! Dated rings: which key seals at a moment, which ones open, what is refused, and how a ring is rotated.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::util::{DAY, NOW, Visitor, outcome};
use sealed_session::error::{KeyError, KeyRingError, RotateError, TokenOpenError};
use sealed_session::inspect::Timestamp;
use sealed_session::keys::{KeyId, KeyState, Rotation};
use sealed_session::token::Expires;
use sealed_session::{Algorithm, Key, KeyRing, Sessions, Tokens, testing};

const HOUR: u64 = 3600;

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

fn key() -> Key {
    Key::generate(Algorithm::Xaes256Gcm).unwrap()
}

fn entry(key: &Key, seals_from: u64, opens_until: Option<u64>) -> String {
    let until =
        opens_until.map_or(String::new(), |until| format!(" opens-until={}", Timestamp::from(at(until))));
    format!("{} seals-from={}{until}\n", key.expose_text(), Timestamp::from(at(seals_from)))
}

fn read(text: &str) -> Result<KeyRing, KeyRingError> {
    KeyRing::from_text_at(text, at(NOW))
}

/// The old key seals until `NOW + HOUR` and opens until `NOW + 8 * DAY`.
fn two() -> (KeyRing, KeyId, KeyId) {
    let (old, new) = (key(), key());
    let text = entry(&old, NOW - DAY, Some(NOW + 8 * DAY)) + &entry(&new, NOW + HOUR, None);
    (read(&text).unwrap(), old.id(), new.id())
}

fn states(ring: &KeyRing, now: u64) -> Vec<KeyState> {
    ring.status(at(now)).iter().map(|key| key.state).collect()
}

/// The id of the key that the ring seals with, read from a token.
fn seals(ring: &KeyRing, clock: &testing::Clock) -> String {
    let tokens = Tokens::new(ring.clone(), "", "x").unwrap().clock(clock.reader());
    let token = tokens.seal(b"", Expires::Never).unwrap();
    // V is one byte, the id four: the first seven characters hold them, from the second half of the second one on.
    let bits = token.bytes().take(7).fold(0_u64, |bits, c| {
        let value = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'-' => 62,
            _ => 63,
        };
        bits << 6 | u64::from(value)
    });
    format!("{:08x}", (bits >> 2) as u32)
}

#[test]
fn a_ring_is_read_as_it_was_printed() {
    let plain = KeyRing::new(key()).accept(key()).unwrap().accept(key()).unwrap();
    let (dated, ..) = two();
    let rotated = rotate(&dated, NOW + 2 * HOUR).unwrap();
    for (ring, now) in [(plain, NOW), (dated, NOW), (rotated, NOW + 2 * HOUR)] {
        let text = ring.expose_text();
        let again = KeyRing::from_text_at(&text, at(now)).unwrap();
        assert_eq!(again.expose_text(), text);
        assert_eq!(again.status(at(now)), ring.status(at(now)));
        assert_eq!(again.key_ids().collect::<Vec<_>>(), ring.key_ids().collect::<Vec<_>>());
    }
}

#[test]
fn the_clock_alone_decides_which_key_seals() {
    let (ring, old, new) = two();
    let clock = testing::Clock::at(NOW);
    for (now, sealing) in
        [(NOW, old), (NOW + HOUR - 1, old), (NOW + HOUR, new), (NOW + 900 * DAY, new), (NOW, old)]
    {
        clock.set(now);
        assert_eq!(seals(&ring, &clock), sealing.to_string(), "{now}");
    }
    assert_eq!(ring.key_ids().next(), Some(old));
}

#[test]
fn all_sessions_of_a_ring_follow_the_clock() {
    let (ring, old, new) = two();
    let clock = testing::Clock::at(NOW);
    let sessions: Sessions<Visitor> = Sessions::builder(ring).clock(clock.reader()).build().unwrap();
    let before = crate::util::logged_in(&sessions);
    clock.advance(Duration::from_secs(HOUR));
    let after = crate::util::logged_in(&sessions);
    assert_eq!(testing::load(&sessions, &before).about().key_id(), Some(old), "it still opens");
    assert_eq!(testing::load(&sessions, &after).about().key_id(), Some(new));
}

#[test]
fn when_the_clock_goes_back_before_every_key_the_one_that_sealed_last_goes_on() {
    let (ring, old, new) = two();
    let clock = testing::Clock::at(NOW - 2 * DAY);
    assert_eq!(states(&ring, NOW + HOUR)[1], KeyState::Sealing, "which it is asked, and changes nothing");
    assert_eq!(seals(&ring, &clock), old.to_string(), "it would have sealed when the ring was read");
    clock.set(NOW + HOUR);
    assert_eq!(seals(&ring, &clock), new.to_string());
    clock.set(NOW - 2 * DAY);
    assert_eq!(seals(&ring, &clock), new.to_string());
    assert_eq!(states(&ring, NOW - 2 * DAY), [KeyState::Opening, KeyState::Sealing]);
    clock.set(NOW);
    assert_eq!(seals(&ring, &clock), old.to_string(), "it is not before every key");
}

#[test]
fn an_announced_key_opens_and_an_expired_one_is_unknown() {
    let (ring, ..) = two();
    let clock = testing::Clock::at(NOW);
    let sessions_of = |ring: &KeyRing| -> Sessions<Visitor> {
        let builder = Sessions::builder(ring.clone()).clock(clock.reader()).idle_timeout(None);
        builder.absolute_timeout(Duration::from_secs(30 * DAY)).build().unwrap()
    };
    let here = sessions_of(&ring);
    let request = crate::util::logged_in(&here);
    let tokens = Tokens::new(ring.clone(), "", "x").unwrap().clock(clock.reader());
    let token = tokens.seal(b"", Expires::Never).unwrap();

    // A neighbour whose clock is ahead seals with the announced key.
    let ahead = testing::Clock::at(NOW + HOUR);
    let there = Tokens::new(ring.clone(), "", "x").unwrap().clock(ahead.reader());
    assert!(tokens.open_at(&there.seal(b"", Expires::Never).unwrap(), at(NOW)).is_ok());

    clock.set(NOW + 8 * DAY - 1);
    assert_eq!(outcome(&here, &request), "ok");
    assert!(tokens.open_at(&token, clock.now()).is_ok());
    clock.set(NOW + 8 * DAY);
    assert_eq!(outcome(&here, &request), "unknown_key");
    assert_eq!(tokens.open_at(&token, clock.now()), Err(TokenOpenError::UnknownKey));
    clock.set(NOW);
    assert_eq!(outcome(&here, &request), "ok", "expired is a matter of the clock, nothing was dropped");
}

#[test]
fn a_renewal_is_sealed_with_the_key_of_its_session() {
    let (ring, old, new) = two();
    let clock = testing::Clock::at(NOW);
    let sessions: Sessions<Visitor> = Sessions::builder(ring.clone()).clock(clock.reader()).build().unwrap();
    let request = crate::util::logged_in(&sessions);
    clock.set(NOW + DAY / 2);
    let (_, response) = crate::util::respond(&sessions, &request, |session| {
        assert_eq!(session.user, Some(7));
    });
    let line = crate::util::set_cookie(&response);
    assert!(line.starts_with("__Host-session.seen="));
    // Without the old key the last-seen cookie cannot be read, without the new one it can.
    let only = |id: KeyId| {
        let text = ring.expose_text();
        let line = text.lines().find(|line| line.contains(&format!("{id} "))).unwrap();
        let key = Key::from_text(line.split(' ').next().unwrap()).unwrap();
        crate::util::sessions_of(KeyRing::new(key), &clock)
    };
    let cookie = crate::util::value(&request);
    let seen = line.split(['=', ';']).nth(1).unwrap();
    let both = crate::util::with_cookie(format!("__Host-session={cookie}; __Host-session.seen={seen}"));
    clock.set(NOW + DAY);
    assert_eq!(outcome(&only(old), &both), "ok");
    assert_eq!(outcome(&only(old), &request), "idle");
    assert_eq!(outcome(&only(new), &both), "unknown_key");
}

#[test]
fn broken_dated_rings_are_refused_with_line_and_entry() {
    let (one, other) = (key(), key());
    let error = |text: &str| match read(text).unwrap_err() {
        KeyRingError::Entry { number, line, error } => (number, line.unwrap(), error),
        other => panic!("{other}"),
    };
    let head = "# sealed-session key ring\n\n";
    let old = entry(&one, NOW - DAY, Some(NOW + DAY));
    let new = entry(&other, NOW + HOUR, None);
    let (one_text, other_text) = (one.expose_text(), other.expose_text());

    assert_eq!(error(&format!("{head}{old}{other_text}\n")), (2, 4, KeyError::MissingSealsFrom));
    assert_eq!(error(&format!("{head}{one_text}\n{new}")), (1, 3, KeyError::MissingSealsFrom));
    let same = entry(&other, NOW - DAY, None);
    assert_eq!(error(&format!("{head}{old}{same}")), (2, 4, KeyError::SameTime));
    let inverted = entry(&other, NOW, Some(NOW - 1));
    assert_eq!(error(&format!("{head}{old}{inverted}")), (2, 4, KeyError::EndsBeforeItSeals));
    let early = entry(&one, NOW - DAY, Some(NOW + HOUR));
    assert_eq!(error(&format!("{head}{new}{early}")), (2, 4, KeyError::EndsWhileSealing));
    assert_eq!(error(&format!("{head}{old}")), (1, 3, KeyError::EndsWhileSealing), "the last line is gone");
    let late = entry(&one, NOW + 61, None);
    assert_eq!(error(&format!("{new}{late}")), (2, 2, KeyError::NotYet));
    assert!(read(&entry(&one, NOW + 60, None)).is_ok(), "clocks may differ by 60 seconds");
    assert_eq!(error(&format!("{old}{}", new.replace("seals-from", "from"))), (2, 2, KeyError::UnknownWord));
    let twice = new.replace('\n', " seals-from=2027-01-01T00:00:00Z\n");
    assert_eq!(error(&format!("{old}{twice}")), (2, 2, KeyError::RepeatedWord));
}

#[test]
fn a_dated_ring_that_lost_its_end_is_refused_unless_it_ends_with_a_whole_word() {
    let (old, middle, new) = (key(), key(), key());
    let text = entry(&old, NOW - DAY, Some(NOW + DAY))
        + &entry(&middle, NOW - HOUR, Some(NOW + DAY))
        + &entry(&new, NOW + HOUR, None);
    for length in 0..text.trim_end().len() {
        let (found, lost) = text.split_at(length);
        let is_within_a_line = !found.ends_with('\n') && !lost.starts_with('\n');
        let is_after_a_word = found.ends_with(' ') || lost.starts_with(' ');
        assert!(read(found).is_err() || is_within_a_line && is_after_a_word, "cut at {length}");
    }
    assert!(read(text.trim_end()).is_ok(), "a line end at the end is not asked for");
}

#[test]
fn no_error_shows_a_word_of_the_text() {
    let (one, other) = (key(), key());
    let (text, other_text) = (one.expose_text(), other.expose_text());
    let secret = &other_text["sealed1_xaes_".len()..][..16];
    for broken in [
        format!("{text} {other_text}"),
        format!("{text} seals-from={other_text}"),
        format!("{text} {other_text}=2026-11-01T00:00:00Z"),
        format!("{other_text} seals-from=2026-11-01T00:00:00Z opens-until=2026-11-01T00:00:00Z"),
        format!("{other_text} seals-from=2096-11-01T00:00:00Z"),
        format!("{other_text}\n{other_text}"),
        format!("\u{feff}{other_text}"),
        format!("{other_text}\0"),
        format!("{}{}", entry(&one, NOW, None), entry(&other, NOW, None)),
    ] {
        let error = read(&broken).unwrap_err();
        assert!(!format!("{error} {error:?}").contains(secret), "{error}");
    }
}

/// Texts that differ from a good one in a few places: whatever is read is read again as it was printed, and never does
/// an error show what it was about.
#[test]
fn rings_that_were_damaged_are_refused_or_read_the_same_again() {
    let (one, other) = (key(), key());
    let good = entry(&one, NOW - DAY, Some(NOW + DAY)) + &entry(&other, NOW - HOUR, None);
    let secret = &other.expose_text()["sealed1_xaes_".len()..][..16];
    let pieces = [
        "",
        "\n",
        ",",
        "#",
        " ",
        "=",
        "Z",
        "\0",
        "\u{feff}",
        "\r",
        "9",
        "seals-from",
        "sealed1_xaes_",
        "\u{661}",
    ];
    let mut state = 0x2545_f491_4f6c_dd1d_u64; // xorshift64, the same every time
    let mut below = |limit: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % limit as u64) as usize
    };
    let (mut refused, mut read_well) = (0, 0);
    for _ in 0..5_000 {
        let mut text = good.clone();
        for _ in 0..=below(2) {
            let (from, length) = (below(text.len()), [0, 1, 1, 40, 160][below(5)]);
            let to = (from + length).min(text.len());
            if text.is_char_boundary(from) && text.is_char_boundary(to) {
                text.replace_range(from..to, pieces[below(pieces.len())]);
            }
        }
        match read(&text) {
            Ok(ring) => {
                let printed = ring.expose_text();
                assert_eq!(read(&printed).unwrap().expose_text(), printed);
                assert!(ring.key_ids().count() > 0);
                read_well += 1;
            }
            Err(error) => {
                assert!(!format!("{error} {error:?}").contains(secret), "{error}");
                refused += 1;
            }
        }
    }
    assert!(refused > 1_000 && read_well > 20, "{refused} {read_well}");
}

#[test]
fn a_key_without_times_is_not_accepted_into_a_dated_ring() {
    let (ring, ..) = two();
    let error = ring.accept(key()).unwrap_err();
    assert_eq!(error, KeyRingError::Entry { number: 3, line: None, error: KeyError::MissingSealsFrom });
}

#[test]
fn status_says_since_when_and_until_when() {
    let (ring, old, new) = two();
    let of = |now: u64| {
        let status = ring.status(at(now));
        assert_eq!(status.iter().map(|key| key.id).collect::<Vec<_>>(), [old, new]);
        assert_eq!(status[0].opens_until, Some(at(NOW + 8 * DAY)));
        assert_eq!((status[1].seals_from, status[1].opens_until), (Some(at(NOW + HOUR)), None));
        status.iter().map(|key| (key.state, key.since, key.until)).collect::<Vec<_>>()
    };
    let (switch, end) = (Some(at(NOW + HOUR)), Some(at(NOW + 8 * DAY)));
    assert_eq!(
        of(NOW),
        [(KeyState::Sealing, Some(at(NOW - DAY)), switch), (KeyState::Announced, None, switch)]
    );
    assert_eq!(of(NOW + HOUR), [(KeyState::Opening, switch, end), (KeyState::Sealing, switch, None)]);
    assert_eq!(of(NOW + 8 * DAY), [(KeyState::Expired, end, None), (KeyState::Sealing, switch, None)]);

    let plain = KeyRing::new(testing::key(1)).accept(testing::key(2)).unwrap();
    let plain: Vec<_> = plain.status(at(NOW)).iter().map(|key| (key.state, key.since, key.until)).collect();
    assert_eq!(plain, [(KeyState::Sealing, None, None), (KeyState::Opening, None, None)]);
}

fn rotation(now: u64) -> Rotation {
    Rotation {
        longest_lifetime: Duration::from_secs(7 * DAY),
        announce: Duration::from_secs(HOUR),
        now: at(now),
    }
}

fn rotate(ring: &KeyRing, now: u64) -> Result<KeyRing, RotateError> {
    ring.rotate(key(), rotation(now))
}

#[test]
fn rotating_announces_dates_and_drops() {
    let first = KeyRing::dated(key(), at(NOW));
    let second = rotate(&first, NOW + 30 * DAY).unwrap();
    let switch = NOW + 30 * DAY + HOUR;
    let status = second.status(at(NOW + 30 * DAY));
    assert_eq!(
        (status[0].seals_from, status[0].opens_until),
        (Some(at(NOW)), Some(at(switch + 7 * DAY + HOUR)))
    );
    assert_eq!((status[1].seals_from, status[1].opens_until), (Some(at(switch)), None));
    assert_eq!(states(&second, switch - 1), [KeyState::Sealing, KeyState::Announced]);

    // A year of it: never more than three keys, and the times once set are never touched.
    let (mut ring, mut kept) = (second, status[0].opens_until);
    for month in 2..13 {
        let now = NOW + month * 30 * DAY;
        ring = rotate(&ring, now).unwrap();
        let status = ring.status(at(now));
        assert_eq!(states(&ring, now), [KeyState::Sealing, KeyState::Announced]);
        assert!(status.iter().all(|key| key.opens_until != kept), "dropped a day after it expired");
        kept = status[0].opens_until;
    }
}

#[test]
fn a_key_is_kept_for_a_day_after_it_expired() {
    let first = KeyRing::dated(key(), at(NOW));
    let ring = rotate(&first, NOW + DAY).unwrap();
    let end = NOW + DAY + HOUR + 7 * DAY + HOUR;
    assert_eq!(rotate(&ring, end + DAY).unwrap().status(at(end)).len(), 3);
    assert_eq!(rotate(&ring, end + DAY + 1).unwrap().status(at(end)).len(), 2);
}

#[test]
fn fractions_of_a_second_are_rounded_to_the_safe_side() {
    let half = Duration::from_millis(500);
    let times = Rotation { longest_lifetime: half, announce: half, now: at(NOW) + half };
    let ring = KeyRing::dated(key(), at(NOW)).rotate(key(), times).unwrap();
    let status = ring.status(at(NOW));
    assert_eq!((status[0].opens_until, status[1].seals_from), (Some(at(NOW + 3)), Some(at(NOW + 1))));
}

#[test]
fn a_plain_ring_becomes_a_dated_one() {
    let (sealing, opening) = (key(), key());
    let plain = KeyRing::new(sealing.clone()).accept(opening.clone()).unwrap();
    let ring = rotate(&plain, NOW).unwrap();
    let status = ring.status(at(NOW));
    let facts: Vec<_> =
        status.iter().map(|key| (key.id, key.state, key.seals_from, key.opens_until)).collect();
    let end = Some(at(NOW + HOUR + 7 * DAY + HOUR));
    assert_eq!(facts[0], (opening.id(), KeyState::Opening, Some(at(0)), end));
    assert_eq!(facts[1], (sealing.id(), KeyState::Sealing, Some(at(1)), end));
    assert_eq!(facts[2].1, KeyState::Announced);
}

#[test]
fn rotations_that_would_do_harm_are_refused() {
    let first = KeyRing::dated(key(), at(NOW));
    let second = rotate(&first, NOW + DAY).unwrap();
    assert_eq!(
        rotate(&second, NOW + DAY + HOUR - 1).unwrap_err(),
        RotateError::Announced,
        "twice by mistake"
    );
    assert!(rotate(&second, NOW + DAY + HOUR).is_ok());
    assert_eq!(rotate(&first, NOW - 1).unwrap_err(), RotateError::NotYet);
    // A machine without a clock begins in 1970: the old key would have stopped opening long ago.
    for wrong in [0, 978_307_199] {
        assert_eq!(rotate(&KeyRing::new(key()), wrong).unwrap_err(), RotateError::TooEarly);
    }
    assert!(rotate(&KeyRing::new(key()), 978_307_200).is_ok());
    let of = |rotation: Rotation| first.rotate(key(), rotation).unwrap_err();
    assert_eq!(of(Rotation { longest_lifetime: Duration::ZERO, ..rotation(NOW) }), RotateError::LifetimeZero);
    assert_eq!(of(Rotation { longest_lifetime: Duration::MAX, ..rotation(NOW) }), RotateError::TooFar);
    assert_eq!(of(Rotation { announce: Duration::MAX, ..rotation(NOW) }), RotateError::TooFar);
    // What still fits is the last second of the year 9999.
    let longest_lifetime = Duration::from_secs(253_402_300_799 - NOW - 2 * HOUR);
    assert!(first.rotate(key(), Rotation { longest_lifetime, ..rotation(NOW) }).is_ok());
    let longer = longest_lifetime + Duration::from_secs(1);
    assert_eq!(of(Rotation { longest_lifetime: longer, ..rotation(NOW) }), RotateError::TooFar);
    assert_eq!(of(Rotation { announce: Duration::ZERO, ..rotation(NOW) }), RotateError::SameTime);
    let again = key();
    let ring = KeyRing::dated(again.clone(), at(NOW));
    assert_eq!(ring.rotate(again, rotation(NOW)).unwrap_err(), RotateError::Repeated);

    let full = (1..64).try_fold(first, |ring, hour| rotate(&ring, NOW + hour * HOUR)).unwrap();
    assert_eq!(rotate(&full, NOW + 64 * HOUR).unwrap_err(), RotateError::TooMany { limit: 64 });
}

#[test]
fn at_every_moment_every_living_session_opens() {
    let mut ring = KeyRing::dated(key(), at(NOW));
    let mut sealed = Vec::new();
    let clock = testing::Clock::at(NOW);
    for hour in (0..24 * 40).step_by(10) {
        let now = NOW + hour * HOUR;
        clock.set(now);
        if hour % 100 == 90 {
            ring = rotate(&ring, now).unwrap();
        }
        let tokens = Tokens::new(ring.clone(), "", "x").unwrap().clock(clock.reader());
        sealed.push((now, tokens.seal(b"", Expires::At(at(now + 7 * DAY))).unwrap()));
        for (since, token) in &sealed {
            let expected = if now < since + 7 * DAY { Ok(()) } else { Err(()) };
            assert_eq!(tokens.open_at(token, at(now)).map(|_| ()).map_err(|_| ()), expected, "{since} {now}");
        }
        assert!(ring.key_ids().count() <= 5);
    }
}

#[test]
fn the_words_for_the_states_stay() {
    for (state, word) in [
        (KeyState::Announced, "announced"),
        (KeyState::Sealing, "sealing"),
        (KeyState::Opening, "opening"),
        (KeyState::Expired, "expired"),
    ] {
        assert_eq!((state.as_str(), state.to_string().as_str()), (word, word));
        assert_eq!(format!("{state:<10}|").len(), 11, "it fills a column");
    }
}
