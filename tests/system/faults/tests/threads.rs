//! Threads that load and save while the ring is exchanged under them: no session is lost while its key is in the ring.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::SystemTime;

use http::HeaderMap;
use sealed_session::keys::SwappableKeyRing;
use sealed_session::{Algorithm, Key, KeyRing, Sessions, testing};

/// So many exchanges that a thread which has met one key alone is not told of them.
const MANY: usize = 100_000;

#[test]
fn rings_are_exchanged_under_load() {
    let keys: Vec<_> = (0..8).map(|_| Key::generate(Algorithm::Xaes256Gcm).unwrap()).collect();
    let ring = |sealing: usize| {
        let others = keys.iter().enumerate().filter(|(at, _)| *at != sealing);
        others.fold(KeyRing::new(keys[sealing].clone()), |ring, (_, key)| ring.accept(key.clone()).unwrap())
    };
    let live = SwappableKeyRing::new(ring(0));
    let sessions: Sessions<u64> = Sessions::new(live.ring()).unwrap();
    let (is_over, exchanges) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..4_u64)
            .map(|worker| {
                let (sessions, exchanges) = (sessions.clone(), &exchanges);
                scope.spawn(move || {
                    let (mut request, mut seals) = (HeaderMap::new(), std::collections::BTreeSet::new());
                    for turn in 0.. {
                        // Long enough, and until it has met two keys, whoever of the threads is first to run.
                        if turn >= 5000 && (seals.len() > 1 || exchanges.load(Ordering::Relaxed) > MANY) {
                            break;
                        }
                        let mut session = sessions.load(&request);
                        let expected = if turn == 0 { 0 } else { worker << 32 | (turn - 1) };
                        assert_eq!(*session, expected, "{:?}", session.about().rejection());
                        seals.extend(session.about().key_id());
                        *session = worker << 32 | turn;
                        session.mark_changed();
                        let mut response = HeaderMap::new();
                        sessions.save(session, &mut response).unwrap();
                        request = testing::next_request(&response);
                    }
                    seals.len()
                })
            })
            .collect();
        scope.spawn(|| {
            for at in (0..keys.len()).cycle() {
                if is_over.load(Ordering::Relaxed) {
                    break;
                }
                let _ = live.replace(&ring(at), SystemTime::now());
                exchanges.fetch_add(1, Ordering::Relaxed);
            }
        });
        let results: Vec<_> = workers.into_iter().map(|worker| worker.join()).collect();
        is_over.store(true, Ordering::Relaxed);
        for result in results {
            assert!(result.unwrap() > 1, "the ring was exchanged meanwhile");
        }
    });
}
