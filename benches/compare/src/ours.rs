//! This library: as it is, with a last-seen cookie in the request, and with the snapshot that shows a change.

use std::hint::black_box;
use std::time::{Duration, SystemTime};

use http::HeaderMap;
use sealed_session::{Algorithm, Key, KeyRing, Saved, Session, Sessions};

use crate::data::Data;
use crate::subject::{Measure, NAME, Subject, block, pair, prepared, request, value_length};

pub fn subjects<T: Data>(data: &T) -> Vec<Subject> {
    let ring = KeyRing::new(Key::generate(Algorithm::Xaes256Gcm).expect("random bytes"));
    let sessions: Sessions<T> = Sessions::new(ring.clone()).expect("the defaults");

    let cookie = write(&sessions, data);
    let plain = request(&cookie);
    assert_eq!(sessions.load(&plain).data(), data);

    // Sealed three hours ago and renewed just now.
    let earlier = || SystemTime::now() - Duration::from_secs(3 * 3600);
    let past = Sessions::builder(ring).clock(earlier).build().expect("the defaults");
    let old = write(&past, data);
    let mut renewal = HeaderMap::new();
    let session = sessions.load(&request(&old));
    assert_eq!(session.data(), data);
    sessions.save(session, &mut renewal).expect("a last-seen cookie");
    let last_seen = pair(&renewal);
    assert!(last_seen.starts_with(&format!("{NAME}.seen=")));
    let renewed = request(&format!("{old}; {last_seen}"));
    assert_eq!(sessions.load(&renewed).about().rejection(), None);

    let value = value_length(&cookie);
    vec![
        Subject {
            name: "sealed-session".into(),
            value,
            load: Some(load(&sessions, &plain).into()),
            save: Some(save(&sessions, &plain, Session::mark_changed, |_| ()).into()),
        },
        Subject {
            name: "… with a last-seen cookie in the request".into(),
            value,
            load: Some(load(&sessions, &renewed).into()),
            save: None,
        },
        Subject {
            name: "… with the snapshot for change detection".into(),
            value,
            load: None,
            save: Some(save(&sessions, &plain, |_| (), |session| session.data_mut().change()).into()),
        },
        Subject {
            name: "… as a login: new ID, both clocks, a tombstone".into(),
            value,
            load: None,
            save: Some(save(&sessions, &plain, |_| (), Session::mark_authenticated).into()),
        },
    ]
}

fn write<T: Data>(sessions: &Sessions<T>, data: &T) -> String {
    let mut session = sessions.load(&HeaderMap::new());
    *session = data.clone();
    session.mark_changed();
    let mut response = HeaderMap::new();
    sessions.save(session, &mut response).expect("it fits");
    pair(&response)
}

fn load<T: Data>(sessions: &Sessions<T>, request: &HeaderMap) -> Measure {
    let (sessions, request) = (sessions.clone(), request.clone());
    Box::new(move || {
        block(|| {
            let session = sessions.load(black_box(&request));
            black_box(session.data());
        })
    })
}

/// `before` is what has happened to the session when the time begins, `within` what happens in it.
fn save<T: Data>(
    sessions: &Sessions<T>,
    request: &HeaderMap,
    before: fn(&mut Session<T>),
    within: fn(&mut Session<T>),
) -> Measure {
    let (sessions, request) = (sessions.clone(), request.clone());
    let mut response = HeaderMap::with_capacity(8);
    Box::new(move || {
        let loaded = || {
            let mut session = sessions.load(&request);
            before(&mut session);
            session
        };
        prepared(loaded, |mut session| {
            response.clear();
            within(&mut session);
            let saved = sessions.save(session, black_box(&mut response));
            assert!(matches!(saved, Ok(Saved::Written { .. })));
        })
    })
}
