//! Threads that load and save while the ring is exchanged under them: each session opens under the ring that has its key.

use std::sync::RwLock;
use std::sync::atomic::{AtomicBool, Ordering};

use http::HeaderMap;
use sealed_session::{Algorithm, Key, KeyRing, Sessions};
use sealed_session_faults::sessions;

#[test]
fn rings_are_exchanged_under_load() {
    let keys: Vec<_> = (0..8).map(|_| Key::generate(Algorithm::Xaes256Gcm).unwrap()).collect();
    let ring = |sealing: usize| {
        let others = keys.iter().enumerate().filter(|(at, _)| *at != sealing);
        others.fold(KeyRing::new(keys[sealing].clone()), |ring, (_, key)| ring.accept(key.clone()).unwrap())
    };
    let current: RwLock<Sessions<u64>> = RwLock::new(sessions().with_key_ring(ring(0)));
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..4_u64)
            .map(|worker| {
                let current = &current;
                scope.spawn(move || {
                    let mut request = HeaderMap::new();
                    for turn in 0..5000 {
                        let sessions = current.read().unwrap().clone();
                        let mut session = sessions.load(&request);
                        let expected = if turn == 0 { 0 } else { worker << 32 | (turn - 1) };
                        assert_eq!(*session, expected, "{:?}", session.about().rejection());
                        *session = worker << 32 | turn;
                        session.mark_changed();
                        let sessions = current.read().unwrap().clone();
                        let mut response = HeaderMap::new();
                        sessions.save(session, &mut response).unwrap();
                        request = sealed_session::testing::next_request(&response);
                    }
                })
            })
            .collect();
        scope.spawn(|| {
            for at in (0..keys.len()).cycle() {
                if is_over.load(Ordering::Relaxed) {
                    break;
                }
                let next = current.read().unwrap().with_key_ring(ring(at));
                *current.write().unwrap() = next;
            }
        });
        let results: Vec<_> = workers.into_iter().map(|worker| worker.join()).collect();
        is_over.store(true, Ordering::Relaxed);
        results.into_iter().for_each(|result| result.unwrap());
    });
}
