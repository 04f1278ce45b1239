//! A clock that jumps, by a minute or by ages, between requests and in the middle of one: nothing panics, no session
//! lives longer than it may, and what is not over when the clock is right again was not lost by a mere look.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::util::{DAY, NOW, Visitor, logged_in, outcome, set_cookies};
use http::HeaderMap;
use http::header::{COOKIE, SET_COOKIE};
use sealed_session::{SaveError, Saved, Sessions, testing};

/// Moments around a login at `NOW`, and those that a broken clock shows: before 1970, 1970, ages ahead.
fn moments() -> &'static [SystemTime] {
    static MOMENTS: OnceLock<Vec<SystemTime>> = OnceLock::new();
    let seconds = |seconds: u64| UNIX_EPOCH.checked_add(Duration::from_secs(seconds));
    MOMENTS.get_or_init(|| {
        let after = [NOW - 61, NOW - 60, NOW, NOW + DAY - 1, NOW + DAY, NOW + 7 * DAY, 253_402_300_800];
        let mut moments = vec![UNIX_EPOCH.checked_sub(Duration::from_secs(DAY)).unwrap()];
        moments.extend([0, u64::from(u32::MAX)].into_iter().chain(after).filter_map(seconds));
        // The last one that the platform can say.
        moments.extend([i64::MAX as u64, i64::MAX as u64 / 10_000_000].into_iter().find_map(seconds));
        moments
    })
}

/// The moment as FORMAT §1 counts it.
fn seconds(at: usize) -> u64 {
    moments()[at].duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Whether a session can begin or be written at the moment: until 2106 (FORMAT §7).
fn can_be_said(at: usize) -> bool {
    u32::try_from(seconds(at)).is_ok()
}

/// A clock that shows one of the moments.
#[derive(Clone, Default)]
struct Jumping(Arc<AtomicUsize>);

impl Jumping {
    fn to(&self, at: usize) {
        self.0.store(at, Ordering::Relaxed);
    }

    fn sessions(&self) -> Sessions<Visitor> {
        let shown = Arc::clone(&self.0);
        let clock = move || moments()[shown.load(Ordering::Relaxed)];
        Sessions::builder(testing::key_ring()).clock(clock).build().unwrap()
    }
}

/// Whether a session of the default lifetimes passes: begun at `started`, written last at `sealed`, loaded at `now`.
fn passes(started: u64, sealed: u64, now: u64) -> bool {
    let ahead = started.max(sealed).saturating_sub(now);
    ahead <= 60 && now.saturating_sub(sealed) < DAY && now.saturating_sub(started) < 7 * DAY
}

#[test]
fn every_jump_between_requests_and_within_one() {
    let (clock, all) = (Jumping::default(), 0..moments().len());
    let sessions = clock.sessions();
    for login in all.clone() {
        clock.to(login);
        if !can_be_said(login) {
            let mut session = sessions.load(&HeaderMap::new());
            session.mark_authenticated();
            assert_eq!(sessions.save(session, &mut HeaderMap::new()), Err(SaveError::Clock));
            continue;
        }
        let request = logged_in(&sessions);
        for load in all.clone() {
            clock.to(load);
            let is_found = passes(seconds(login), seconds(login), seconds(load));
            assert_eq!(outcome(&sessions, &request) == "ok", is_found, "{login} {load}");
            if !is_found {
                continue;
            }
            for save in all.clone() {
                clock.to(load);
                let mut session = sessions.load(&request);
                session.name = "changed".into();
                clock.to(save);
                let mut response = HeaderMap::new();
                let saved = sessions.save(session, &mut response);
                if !can_be_said(save) {
                    assert_eq!(saved, Err(SaveError::Clock), "{login} {load} {save}");
                    assert!(response.is_empty());
                    continue;
                }
                // What ran out while the handler did is not written.
                let is_over = !passes(seconds(login), seconds(load), seconds(save).max(seconds(load)));
                assert_eq!(saved == Ok(Saved::Withheld), is_over, "{login} {load} {save}: {saved:?}");
                assert_eq!(response.contains_key(SET_COOKIE), !is_over);
                if is_over {
                    continue;
                }
                let line = &set_cookies(&response)[0];
                let (_, max_age) = line.rsplit_once("Max-Age=").unwrap();
                assert!(max_age.parse::<u64>().unwrap() <= 7 * DAY + 60, "{login} {load} {save}: {line}");
                let changed = testing::next_request(&response);
                for later in all.clone() {
                    clock.to(later);
                    let is_found = passes(seconds(login), seconds(save).max(seconds(login)), seconds(later));
                    let found = outcome(&sessions, &changed);
                    assert_eq!(found == "ok", is_found, "{login} {load} {save} {later}: {found}");
                }
            }
        }
    }
}

#[test]
fn a_look_while_the_clock_is_wrong_loses_nothing() {
    let clock = Jumping::default();
    let sessions = clock.sessions();
    let now = moments().iter().position(|moment| *moment == UNIX_EPOCH + Duration::from_secs(NOW)).unwrap();
    clock.to(now);
    let request = logged_in(&sessions);
    for wrong in 0..moments().len() {
        clock.to(wrong);
        let session = sessions.load(&request);
        assert!(session.user.is_none_or(|user| user == 7));
        let mut response = HeaderMap::new();
        sessions.save(session, &mut response).unwrap();
        clock.to(now);
        assert_eq!(outcome(&sessions, &request), "ok", "{wrong}");
        // Nor does what came with the look: at most a last-seen cookie, which says that there was activity.
        for line in set_cookies(&response) {
            assert!(
                line.starts_with("__Host-session.seen=") && !line.contains("Max-Age=0"),
                "{wrong}: {line}"
            );
        }
        let mut both = request.clone();
        both.extend(testing::next_request(&response).into_iter().map(|(_, line)| (COOKIE, line)));
        assert_eq!(outcome(&sessions, &both), "ok", "{wrong}");
    }
}
