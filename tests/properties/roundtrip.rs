//! Any data, under any ring, read back at any time: what was written, or the rejection that arithmetic asks for.

use std::time::{Duration, UNIX_EPOCH};

use http::HeaderMap;
use sealed_session::{Key, KeyRing, Lifetimes, SaveError, Sessions, testing};

use super::input::Input;

#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
struct Data {
    number: u64,
    signed: i32,
    text: String,
    maybe: Option<(bool, char)>,
    bytes: Vec<u8>,
    kind: Kind,
    more: Vec<Option<String>>,
}

#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
enum Kind {
    #[default]
    None,
    One(u8),
    Two(u16, String),
    Named {
        at: i64,
    },
}

impl Data {
    fn of(input: &mut Input<'_>) -> Self {
        Self {
            number: input.number(),
            signed: input.number() as i32,
            text: input.text(),
            maybe: input.flag().then(|| (input.flag(), char::from_u32(input.number() as u32).unwrap_or('?'))),
            bytes: {
                let length = input.below(3000);
                input.bytes(length).to_vec()
            },
            kind: match input.below(4) {
                0 => Kind::None,
                1 => Kind::One(input.byte()),
                2 => Kind::Two(input.number() as u16, input.text()),
                _ => Kind::Named { at: input.number() as i64 },
            },
            more: (0..input.below(5)).map(|_| input.flag().then(|| input.text())).collect(),
        }
    }
}

/// Keys that are published, of both algorithms.
fn key(number: usize) -> Key {
    const XCHACHA: &str =
        "sealed1_xchacha_000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1fa07ea964";
    if number == 0 { testing::key_from_text(XCHACHA).unwrap() } else { testing::key(number as u8) }
}

pub(crate) fn check(data: &[u8]) {
    let mut input = Input(data);
    let began = 1_000_000_000 + input.number() % 3_000_000_000;
    let (idle, absolute) = (input.number() % 1_000_000, 1 + input.number() % 10_000_000);
    let own = input.flag().then(|| input.number() % 20_000_000);
    let max = absolute.max(input.number() % 30_000_000);
    let sealing = input.below(4);
    let opening: Vec<usize> = (0..4).filter(|_| input.flag()).collect();
    let purpose = input.text();
    let clock = testing::Clock::at(began);
    let sessions = |ring| {
        let lifetimes = Lifetimes::default()
            .idle_timeout((idle > 0).then(|| Duration::from_secs(idle)))
            .absolute_timeout(Duration::from_secs(absolute))
            .max_lifetime(Duration::from_secs(max));
        let builder = Sessions::<Data>::builder(ring)
            .schema("pinned, for it takes time to find one")
            .lifetimes(lifetimes)
            .purpose(purpose.as_str())
            .clock(clock.reader());
        builder.build()
    };
    // An idle timeout beyond the absolute one is refused, and so is a purpose that is too long.
    let Ok(writer) = sessions(KeyRing::new(key(sealing))) else { return };

    let sealed = Data::of(&mut input);
    let mut session = writer.load(&HeaderMap::new());
    session.replace(sealed.clone());
    session.mark_changed();
    session.mark_authenticated();
    if let Some(own) = own {
        session.set_lifetime(Duration::from_secs(own));
    }
    let mut response = HeaderMap::new();
    match writer.save(session, &mut response) {
        Ok(_) => {}
        Err(SaveError::TooLarge { bytes, limit }) => {
            assert!(bytes > limit && response.is_empty());
            return;
        }
        // Beyond 2106 the format ends.
        Err(SaveError::Clock) => return assert!(began > u64::from(u32::MAX)),
        Err(error) => panic!("{error}"),
    }
    let request = testing::next_request(&response);

    // Read somewhere else, at another time.
    let mut ring = KeyRing::new(key(opening.first().copied().unwrap_or(5)));
    for number in opening.iter().skip(1) {
        ring = ring.accept(key(*number)).unwrap();
    }
    let reader = sessions(ring).unwrap();
    let lifetime = own.unwrap_or(absolute).clamp(1, max);
    let edges = [
        began - 61,
        began - 60,
        began,
        began + idle - 1,
        began + idle,
        began + lifetime - 1,
        began + lifetime,
    ];
    let now = match input.below(4) {
        0 => input.one_of(&edges),
        1 => began.saturating_sub(input.number()),
        _ => began.saturating_add(input.number()),
    };
    if now > 1 << 40 {
        return;
    }
    clock.set(now);
    let remembered = lifetime > absolute;
    let expected = if !opening.contains(&sealing) {
        Some("unknown_key")
    } else if began > now + 60 {
        Some("from_the_future")
    } else if idle > 0 && !remembered && now >= began + idle {
        Some("idle")
    } else if now >= began + lifetime {
        Some("absolute")
    } else {
        None
    };
    let session = testing::load(&reader, &request);
    let about = session.about();
    assert_eq!(about.rejection().map(|rejection| rejection.as_str()), expected);
    if expected.is_none() {
        let at = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
        assert_eq!((about.started(), about.authenticated_at()), (at(began), Some(at(began))));
        assert_eq!(about.expires_at(), at(began + lifetime));
        assert_eq!(session.into_data(), sealed);
    } else {
        assert_eq!(session.into_data(), Data::default());
    }
}
