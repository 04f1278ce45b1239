//! Any text as a key ring: the keys that a naive reader finds, and what is printed is read again.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sealed_session::error::{KeyRingError, RotateError};
use sealed_session::keys::{KeyState, Rotation};
use sealed_session::{KeyRing, testing};

use super::input::Input;

/// The time by which rings are read: 2026-09-21T14:14:20Z.
const NOW: u64 = 1_790_000_060;

pub(crate) fn check(data: &[u8]) {
    let mut input = Input(data);
    let bytes = if input.flag() { pieces(&mut input) } else { input.0.to_vec() };
    let Ok(text) = std::str::from_utf8(&bytes) else { return };
    let now = UNIX_EPOCH + Duration::from_secs(NOW);
    // No key that anybody knows comes in by the front door.
    assert!(KeyRing::from_text_at(text, now).is_err(), "{text:?}");
    match (testing::key_ring_from_text_at(text, now), naive(text)) {
        (Ok(ring), Ok(keys)) => {
            assert_eq!(ids(&ring), keys, "{text:?}");
            // What is printed is read again, and printed the same.
            let printed = ring.expose_text();
            let again = testing::key_ring_from_text_at(&printed, now).unwrap();
            assert_eq!(again.expose_text(), printed);
            for after in [0, 1, 86_400, 1 << 33] {
                let moment = now + Duration::from_secs(after);
                assert_eq!(again.status(moment), ring.status(moment), "{text:?}");
            }
            rotates(&ring, now);
        }
        (Err(error), Err(naive)) => {
            let label = match &error {
                KeyRingError::Entry { error, .. } => error.as_str(),
                error => error.as_str(),
            };
            assert_eq!(label, naive, "{text:?}");
            assert!(!format!("{error} {error:?}").contains("42424242"), "{error:?}");
        }
        (ring, naive) => panic!("{ring:?} is not {naive:?}: {text:?}"),
    }
}

/// What opens goes on to open for as long as it has to, what seals goes on to seal until all have heard of the next
/// key.
fn rotates(ring: &KeyRing, now: SystemTime) {
    let (longest_lifetime, announce) = (Duration::from_secs(86_400), Duration::from_secs(3600));
    let rotation = Rotation { longest_lifetime, announce, now };
    let key = testing::key(0xee);
    let new = key.id();
    let rotated = match ring.rotate(key, rotation) {
        Ok(rotated) => rotated,
        Err(RotateError::Announced) => {
            return assert!(ring.status(now).iter().any(|key| key.state == KeyState::Announced));
        }
        Err(
            RotateError::Repeated | RotateError::TooMany { .. } | RotateError::NotYet | RotateError::SameTime,
        ) => return,
        Err(error) => panic!("{error}"),
    };
    let printed = rotated.expose_text();
    let read = testing::key_ring_from_text_at(&printed, now).unwrap();
    assert_eq!(read.expose_text(), printed);
    let state = |moment: SystemTime, id| {
        read.status(moment).into_iter().find(|key| key.id == id).map(|key| key.state)
    };
    for key in ring.status(now) {
        let opens = key.state != KeyState::Expired;
        assert!(!opens || state(now, key.id) == Some(key.state), "{printed}");
        if key.state == KeyState::Sealing {
            let last = now + announce * 2 + longest_lifetime - Duration::from_secs(1);
            assert_eq!(state(last, key.id), Some(KeyState::Opening), "{printed}");
        }
    }
    assert_eq!(state(now, new), Some(KeyState::Announced));
    assert_eq!(state(now + announce, new), Some(KeyState::Sealing));
}

/// The ids as text, the sealing key first and the others sorted.
fn ids(ring: &KeyRing) -> Vec<String> {
    let mut ids: Vec<_> = ring.key_ids().map(|id| id.to_string()).collect();
    ids[1..].sort();
    ids
}

/// An entry, with the seconds of its words.
struct Entry {
    id: String,
    from: Option<u64>,
    until: Option<u64>,
}

/// What a reader of FORMAT §3 would write down first, each rule for the whole text.
fn naive(text: &str) -> Result<Vec<String>, &'static str> {
    let refuse = |is_wrong: bool, label| if is_wrong { Err(label) } else { Ok(()) };
    refuse(text.len() > 65_536, "too_long")?;
    refuse(text.starts_with('\u{feff}'), "byte_order_mark")?;
    refuse(text.contains('\0'), "nul")?;
    let blanks = [' ', '\t', '\n', '\r', '\x0c'];
    let mut entries: Vec<Entry> = Vec::new();
    for line in text.split('\n') {
        for entry in line.split('#').next().unwrap().split(',') {
            let mut words = entry.split(blanks).filter(|word| !word.is_empty());
            let Some(key) = words.next() else { continue };
            refuse(entries.len() == KeyRing::MAX_KEYS, "too_many")?;
            let read = testing::key_from_text(key).map_err(|error| error.as_str())?;
            assert_eq!(read.expose_text(), key, "a key has one text");
            let mut entry = Entry { id: read.id().to_string(), from: None, until: None };
            for word in words {
                let (name, time) = word.split_once('=').ok_or("unknown_word")?;
                let place = match name {
                    "seals-from" => &mut entry.from,
                    "opens-until" => &mut entry.until,
                    _ => return Err("unknown_word"),
                };
                let time = seconds(time).ok_or("time")?;
                refuse(place.replace(time).is_some(), "repeated_word")?;
            }
            entries.push(entry);
        }
    }
    refuse(entries.is_empty(), "empty")?;
    let ids: BTreeSet<_> = entries.iter().map(|entry| entry.id.clone()).collect();
    refuse(ids.len() < entries.len(), "repeated")?;
    let mut sealing = entries[0].id.clone();
    let mut all = entries.iter().map(|entry| entry.id.clone()).collect::<Vec<_>>();
    if entries.iter().any(|entry| entry.from.is_some() || entry.until.is_some()) {
        refuse(entries.iter().any(|entry| entry.from.is_none()), "missing_seals_from")?;
        refuse(
            entries.iter().any(|entry| entry.until.is_some_and(|until| Some(until) <= entry.from)),
            "ends_before_it_seals",
        )?;
        entries.sort_by_key(|entry| entry.from);
        refuse(entries.windows(2).any(|pair| pair[0].from == pair[1].from), "same_time")?;
        let follows = entries.iter().skip(1).map(|entry| entry.from).chain([Some(u64::MAX)]);
        let ends =
            entries.iter().zip(follows).any(|(entry, next)| entry.until.is_some() && entry.until <= next);
        refuse(ends, "ends_while_sealing")?;
        refuse(entries[0].from > Some(NOW + 60), "not_yet")?;
        let begun = entries.iter().rev().find(|entry| entry.from <= Some(NOW));
        sealing = begun.unwrap_or(&entries[0]).id.clone();
    }
    all.retain(|id| *id != sealing);
    all.sort();
    all.insert(0, sealing);
    Ok(all)
}

/// FORMAT §3.1, by counting the days.
fn seconds(time: &str) -> Option<u64> {
    let form = "dddd-dd-ddTdd:dd:ddZ";
    let fits = |(found, asked): (u8, u8)| if asked == b'd' { found.is_ascii_digit() } else { found == asked };
    if time.len() != form.len() || !time.bytes().zip(form.bytes()).all(fits) {
        return None;
    }
    let part = |from: usize, to: usize| time[from..to].parse::<u64>().unwrap();
    let (year, month, day) = (part(0, 4), part(5, 7), part(8, 10));
    let (hour, minute, second) = (part(11, 13), part(14, 16), part(17, 19));
    let is_leap = |year: u64| year % 4 == 0 && year % 100 != 0 || year % 400 == 0;
    let days_of = |year, month| match month {
        2 => 28 + u64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let is_date = year >= 1970 && (1..=12).contains(&month) && (1..=days_of(year, month)).contains(&day);
    if !is_date || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let years: u64 = (1970..year).map(|year| 365 + u64::from(is_leap(year))).sum();
    let months: u64 = (1..month).map(|month| days_of(year, month)).sum();
    Some((((years + months + day - 1) * 24 + hour) * 60 + minute) * 60 + second)
}

/// One piece for each byte: keys, parts of keys, separators, and what looks like them.
fn pieces(input: &mut Input<'_>) -> Vec<u8> {
    let mut text = Vec::new();
    while !input.is_empty() {
        let byte = input.byte();
        match byte {
            0..=99 => text.extend_from_slice(testing::key(byte).expose_text().as_bytes()),
            100..=119 => text.push(b"\n,# \t\r\x0c\x0b"[usize::from(byte % 8)]),
            120..=129 => text.extend_from_slice(b"\r\n"),
            130..=139 => text.extend_from_slice(b"sealed1_xaes_"),
            140..=149 => text.extend_from_slice(b"sealed1_xchacha_"),
            150..=159 => text.extend_from_slice(&[b'4', b'2'].repeat(32)),
            160..=169 => text.extend_from_slice(b"f6f9b541"),
            170..=179 => drop(text.pop()),
            186..=195 => {
                text.extend_from_slice(if byte % 2 == 0 { b" seals-from=" } else { b"\topens-until=" });
                let (day, second) = (input.byte(), input.byte());
                text.extend_from_slice(
                    format!("2026-09-{:02}T14:14:{:02}Z", day % 32, second % 61).as_bytes(),
                );
            }
            196..=199 => text.extend_from_slice(
                input.one_of(&["1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "="]).as_bytes(),
            ),
            180..=185 => text.extend_from_slice("é\u{feff}".as_bytes()),
            _ => text.push(byte & 0x7f),
        }
    }
    text
}
