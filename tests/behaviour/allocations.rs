//! What a load and a save allocate: counted, so that no machine's speed decides.
//!
//! A load makes what the data is made of and one buffer for the token. A save makes a buffer and the header line,
//! whatever the size; the snapshot that shows a change is one more.

use std::collections::BTreeMap;

use crate::util::DAY;
use allocation_counter::measure;
use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};
use sealed_session::{Rejection, Saved, SessionData, Sessions, testing};
use serde::{Deserialize, Serialize};

#[derive(Clone, Default, Serialize, Deserialize)]
struct Small {
    user: u64,
    is_admin: bool,
}

#[derive(Clone, Default, Serialize, Deserialize)]
struct Middling {
    name: String,
    permissions: Vec<String>,
    csrf_token: String,
}

fn middling() -> Middling {
    let permissions = (0..8).map(|number| format!("projects:permission-{number}")).collect();
    Middling { name: "Ada Lovelace".into(), permissions, csrf_token: "0123456789abcdef".repeat(2) }
}

fn large() -> Vec<Middling> {
    vec![middling(); 8]
}

/// How often the work allocates, once everything that is made once has been made.
fn allocations<R>(mut prepare: impl FnMut() -> R, mut work: impl FnMut(R)) -> u64 {
    work(prepare());
    let prepared = prepare();
    measure(|| work(prepared)).count_total
}

/// How often a copy of the data allocates, which is what it takes to make it of bytes, too.
fn own<T: Clone>(data: &T) -> u64 {
    measure(|| drop(data.clone())).count_total
}

fn sessions<T: SessionData>() -> Sessions<T> {
    Sessions::new(testing::key_ring()).unwrap()
}

fn load<T: SessionData>(sessions: &Sessions<T>, request: &HeaderMap) -> u64 {
    allocations(|| (), |()| drop(sessions.load(request)))
}

/// Of a save into headers that have room, after `change` outside the count and `within` inside of it.
fn save<T: SessionData>(
    sessions: &Sessions<T>,
    request: &HeaderMap,
    change: impl Fn(&mut sealed_session::Session<T>),
    within: impl Fn(&mut sealed_session::Session<T>),
    expected: impl Fn(Saved) -> bool,
) -> u64 {
    let mut headers = HeaderMap::with_capacity(16);
    let loaded = || {
        let mut session = sessions.load(request);
        change(&mut session);
        session
    };
    allocations(loaded, |mut session| {
        headers.clear();
        within(&mut session);
        assert!(expected(sessions.save(session, &mut headers).unwrap()));
    })
}

fn written(saved: Saved) -> bool {
    matches!(saved, Saved::Written { .. })
}

/// What it takes to verify a write: the data once more, and its bytes.
fn verified<T: Clone>(data: &T) -> u64 {
    if cfg!(debug_assertions) { own(data) + 1 } else { 0 }
}

/// The bounds for data of one size.
#[track_caller]
fn keeps_the_bounds<T: SessionData + Clone>(data: &T) {
    let sessions = sessions::<T>();
    let request = testing::request(&sessions, |session| *session.data_mut() = data.clone());
    assert_eq!(load(&sessions, &request), own(data) + 1);
    assert_eq!(
        save(&sessions, &request, |session| session.mark_changed(), |_| (), written),
        2 + verified(data)
    );

    let change = |session: &mut sealed_session::Session<T>| {
        session.data_mut();
        session.mark_changed();
    };
    assert_eq!(save(&sessions, &request, |_| (), change, written), 3 + verified(data));
    assert_eq!(
        save(&sessions, &request, |session| _ = session.data(), |_| (), |saved| saved == Saved::Unchanged),
        0
    );
}

#[test]
fn a_small_session() {
    keeps_the_bounds(&Small { user: 7, is_admin: true });
}

#[test]
fn a_middling_session() {
    keeps_the_bounds(&middling());
}

#[test]
fn a_large_session() {
    keeps_the_bounds(&large());
}

#[test]
fn a_first_session_and_one_that_grows() {
    let sessions = sessions::<Vec<Middling>>();
    let stranger = HeaderMap::new();
    let written_first = |count| {
        save(&sessions, &stranger, |_| (), |session| **session = vec![middling(); count], written)
            - own(&vec![middling(); count])
            - verified(&vec![middling(); count])
    };
    // The snapshot of an empty session, the buffer, the line; and a larger buffer for a large one.
    assert_eq!(written_first(1), 3);
    assert_eq!(written_first(8), 4);
}

#[test]
fn others_cookies_cost_no_allocation() {
    let sessions = sessions::<Small>();
    let own = testing::cookie(&sessions, Small::default());
    let mut line = "theme=dark; ".repeat(60).into_bytes();
    line.extend_from_slice(own.as_bytes());
    let mut request = HeaderMap::from_iter([(COOKIE, HeaderValue::from_bytes(&line).unwrap())]);
    assert_eq!(load(&sessions, &request), 1);
    // HTTP/2 sends a line for each.
    (0..60).for_each(|_| _ = request.append(COOKIE, HeaderValue::from_static("theme=dark")));
    assert_eq!(load(&sessions, &request), 1);
}

#[test]
fn a_last_seen_cookie_costs_nothing() {
    let clock = testing::Clock::at(crate::util::NOW);
    let sessions: Sessions<Small> =
        Sessions::builder(testing::key_ring()).clock(clock.reader()).build().unwrap();
    let mut request = testing::request(&sessions, |session| session.user = 7);
    clock.set(crate::util::NOW + DAY / 2);
    let mut response = HeaderMap::new();
    let session = sessions.load(&request);
    assert_eq!(session.user, 7);
    assert_eq!(sessions.save(session, &mut response), Ok(Saved::Renewed));
    request.extend(testing::next_request(&response).into_iter().map(|(_, line)| (COOKIE, line)));
    assert_eq!(load(&sessions, &request), 1);
}

#[test]
fn what_is_rejected_allocates_no_more_than_what_is_opened() {
    let sessions = sessions::<Small>();
    let request = |value: &str| {
        let line = format!("{}={value}", sessions.name());
        HeaderMap::from_iter([(COOKIE, HeaderValue::try_from(line).unwrap())])
    };
    assert_eq!(load(&sessions, &HeaderMap::new()), 0, "absent");
    assert_eq!(load(&sessions, &request(&"A".repeat(4097))), 0, "too long");
    assert_eq!(load(&sessions, &request("A")), 0, "no length of base64");
    assert_eq!(load(&sessions, &request(&"A".repeat(4000))), 1, "malformed");
    assert_eq!(load(&sessions, &request(&format!("EQAA{}", "A".repeat(396)))), 1, "unknown key");
    let good = testing::cookie(&sessions, Small::default());
    let forged = good.to_str().unwrap().rsplit_once('=').unwrap().1.replace(['a', 'b', 'c'], "x");
    assert_eq!(load(&sessions, &request(&forged)), 1, "forged");
    assert_eq!(
        load(&sessions, &request(&[&*forged; 9].join(&format!("; {}=", sessions.name())))),
        1,
        "a copy"
    );
    let many = |count: usize| {
        let values: Vec<_> = (0..count).map(|i| format!("{forged}{i:04}")).collect();
        request(&values.join(&format!("; {}=", sessions.name())))
    };
    assert_eq!(load(&sessions, &many(2)), 2, "two of them");
    assert_eq!(load(&sessions, &many(100)), 4, "a hundred, of which four are tried");
}

/// Sessions of this type, under a schema that fits all.
fn of_any_schema<T: SessionData>() -> Sessions<T> {
    Sessions::builder(testing::key_ring()).schema("any").build().unwrap()
}

/// A list that says it has 2³² − 1 elements, of which none follows; sealed, for else nobody would decode it.
#[test]
fn a_claimed_length_allocates_next_to_nothing() {
    fn bytes<T: SessionData>(claim: &HeaderMap) -> u64 {
        let sessions = of_any_schema::<T>();
        let load = || {
            let session = testing::load(&sessions, claim);
            assert_eq!(session.about().rejection(), Some(Rejection::Payload));
        };
        load();
        measure(load).bytes_max
    }
    let claim = testing::request(&of_any_schema::<(u8, u8, u8, u8, u8)>(), |session| {
        **session = (0xff, 0xff, 0xff, 0xff, 0x0f);
    });
    let all = [
        bytes::<Vec<[u64; 32]>>(&claim),
        bytes::<Vec<u8>>(&claim),
        bytes::<String>(&claim),
        bytes::<BTreeMap<u8, u8>>(&claim),
    ];
    // The buffer of the token.
    assert!(all.iter().all(|most| *most < 200), "{all:?}");
}
