//! Sessions that the server ends: one, a person's, all but one; here, and on other processes.

use std::time::Duration;

use http::HeaderMap;
use sealed_session::error::RevokeError;
use sealed_session::revocation::{Mark, Revocations};
use sealed_session::{Key, KeyRing, Lifetimes, Rejection, SaveError, Saved, Session, Sessions, testing};

type Visitor = Option<u64>;

const WEEK: u64 = 7 * 86_400;

/// A process with its own clock.
struct Node {
    sessions: Sessions<Visitor>,
    revocations: Revocations,
    clock: testing::Clock,
}

impl Node {
    fn new() -> Self {
        Self::with(testing::key_ring(), "")
    }

    fn with(ring: KeyRing, purpose: &str) -> Self {
        let (revocations, clock) = (Revocations::new(), testing::Clock::at(1_800_000_000));
        let sessions = Sessions::builder(ring)
            .purpose(purpose)
            .revocations(&revocations)
            .subject(|user: &Visitor| user.map(u64::to_be_bytes))
            .clock(clock.reader())
            .build()
            .unwrap();
        Self { sessions, revocations, clock }
    }

    fn ahead(seconds: i64) -> Self {
        let node = Self::new();
        node.clock.set(1_800_000_000_u64.checked_add_signed(seconds).unwrap());
        node
    }

    fn log_in(&self, user: u64) -> HeaderMap {
        testing::request(&self.sessions, |session| session.log_in(Some(user)))
    }

    /// The user, or why there is none.
    fn load(&self, request: &HeaderMap) -> Result<u64, Rejection> {
        let session = testing::load(&self.sessions, request);
        session.ok_or_else(|| session.about().rejection().unwrap())
    }

    /// The request that follows a handler.
    fn handle(&self, request: &HeaderMap, handler: impl FnOnce(&mut Session<Visitor>)) -> HeaderMap {
        let (mut session, mut response) = (self.sessions.load(request), HeaderMap::new());
        handler(&mut session);
        self.sessions.save(session, &mut response).unwrap();
        testing::next_request(&response)
    }

    fn hear(&self, other: &Self) {
        self.revocations.merge(other.revocations.changes(&mut Mark::default()).unwrap().join("\n")).unwrap();
    }
}

const REVOKED: Result<u64, Rejection> = Err(Rejection::Revoked);

#[test]
fn one_session_ends_with_every_copy_of_it() {
    let node = Node::new();
    let (copied, other) = (node.log_in(7), node.log_in(7));
    let cycled = node.handle(&copied, Session::cycle_id);
    node.revocations.revoke(&testing::load(&node.sessions, &copied)).unwrap();
    assert_eq!((node.load(&copied), node.load(&cycled), node.load(&other)), (REVOKED, REVOKED, Ok(7)));

    let family = testing::load(&node.sessions, &other).about().family().unwrap();
    node.revocations.revoke_family(family).unwrap();
    assert_eq!(node.load(&other), REVOKED);
    assert_eq!(node.revocations.status().families, 2);
}

#[test]
fn a_revoked_session_is_absent_and_its_cookie_stays_until_a_handler_writes() {
    let node = Node::new();
    let request = node.log_in(7);
    node.revocations.revoke_subject(7_u64.to_be_bytes()).unwrap();

    let (session, mut response) = (node.sessions.load(&request), HeaderMap::new());
    assert_eq!(*session, None, "a slow poll must not remove the cookie of a login that came in between");
    assert_eq!(node.sessions.save(session, &mut response), Ok(Saved::Unchanged));
    let again = node.handle(&request, |session| session.log_in(Some(7)));
    assert_eq!(node.load(&again), Ok(7), "the login seals the entry");
    let (mut session, mut response) = (node.sessions.load(&request), HeaderMap::new());
    session.destroy();
    assert_eq!(node.sessions.save(session, &mut response), Ok(Saved::Removed));
}

#[test]
fn a_session_of_nobody_and_of_no_cookie_is_not_revoked() {
    let node = Node::new();
    node.revocations.revoke(&testing::load(&node.sessions, &HeaderMap::new())).unwrap();
    assert_eq!(node.revocations.status().families, 0);
    let anonymous = testing::request(&node.sessions, Session::mark_changed);
    node.revocations.revoke_subject(7_u64.to_be_bytes()).unwrap();
    let session = testing::load(&node.sessions, &anonymous);
    assert_eq!((*session, session.about().rejection()), (None, None));
}

#[test]
fn log_out_others_moves_the_session_that_asks_and_ends_a_copy_of_it() {
    let node = Node::new();
    let (here, elsewhere, somebody) = (node.log_in(7), node.log_in(7), node.log_in(8));
    let before = testing::load(&node.sessions, &here);
    node.clock.advance(Duration::from_secs(3600));
    let moved = node.handle(&here, Session::log_out_others);
    assert_eq!((node.load(&here), node.load(&elsewhere)), (REVOKED, REVOKED));
    assert_eq!((node.load(&moved), node.load(&somebody)), (Ok(7), Ok(8)));
    let after = testing::load(&node.sessions, &moved);
    let clocks = |session: &Session<Visitor>| {
        let about = session.about();
        (about.started(), about.expires_at(), about.authenticated_at())
    };
    assert_eq!(clocks(&after), clocks(&before));
    assert_ne!(after.about().family(), before.about().family());

    // Wherever it is written afterwards, it goes on; and so does what cycles its ID.
    let mut later = moved;
    for change in [Session::mark_changed, Session::cycle_id, Session::reauthenticate] {
        later = node.handle(&later, change);
        assert_eq!(node.load(&later), Ok(7));
    }
    // Who presses the button again ends it, too, in the same second.
    let second = node.log_in(7);
    let moved = node.handle(&second, Session::log_out_others);
    assert_eq!((node.load(&later), node.load(&second), node.load(&moved)), (REVOKED, REVOKED, Ok(7)));
}

#[test]
fn a_slow_response_does_not_bring_the_family_back_that_log_out_others_left() {
    let node = Node::new();
    let here = node.log_in(7);
    let (mut session, mut response) = (node.sessions.load(&here), HeaderMap::new());
    let family = session.about().family().unwrap();
    session.log_out_others();
    node.sessions.save(session, &mut response).unwrap();
    let is_tombstone = |line: &http::HeaderValue| line.to_str().unwrap().contains(&format!(".out.{family}="));
    assert_eq!(response.get_all("set-cookie").iter().filter(|line| is_tombstone(line)).count(), 1);
}

#[test]
fn log_out_others_needs_a_person() {
    let node = Node::new();
    let (mut session, mut response) = (node.sessions.load(&HeaderMap::new()), HeaderMap::new());
    session.log_out_others();
    assert_eq!(node.sessions.save(session, &mut response), Err(SaveError::NoSubject));
    assert!(response.is_empty());
    let sessions: Sessions<Visitor> = Sessions::new(testing::key_ring()).unwrap();
    let mut session = sessions.load(&testing::request(&sessions, |session| session.log_in(Some(7))));
    session.log_out_others();
    assert_eq!(sessions.save(session, &mut response), Err(SaveError::NoSubject));
}

#[test]
fn what_replaces_the_person_takes_log_out_others_back() {
    let node = Node::new();
    for handler in [
        |session: &mut Session<Visitor>| session.log_in(Some(8)),
        |session: &mut Session<Visitor>| _ = session.reset(),
        Session::destroy,
    ] {
        let (other, request) = (node.log_in(7), node.log_in(7));
        node.handle(&request, |session| {
            session.log_out_others();
            handler(session);
        });
        assert_eq!(node.load(&other), Ok(7));
    }
    let (other, request) = (node.log_in(7), node.log_in(7));
    let moved = node.handle(&request, |session| {
        session.mark_authenticated();
        session.log_out_others();
        session.cycle_id();
    });
    assert_eq!((node.load(&other), node.load(&request), node.load(&moved)), (REVOKED, REVOKED, Ok(7)));
}

/// A revocation and a login of the same person in the same second, on two nodes, in both orders, with clocks a minute
/// apart either way (DIRECTION: in doubt the session ends).
#[test]
fn a_login_in_the_second_of_a_revocation() {
    for (here, there) in [(0, 0), (0, 60), (60, 0), (0, -60), (-60, 0)] {
        let (a, b) = (Node::ahead(here), Node::ahead(there));
        let before = b.log_in(7);
        a.revocations.revoke_subject(7_u64.to_be_bytes()).unwrap();
        let unheard = b.log_in(7);
        assert_eq!(b.load(&unheard), Ok(7), "it has not heard yet");
        b.hear(&a);
        let heard = b.log_in(7);
        for node in [&a, &b] {
            let seen = [&before, &unheard, &heard].map(|request| node.load(request));
            // Two minutes ahead is from the future.
            assert!(seen[..2].iter().all(|seen| *seen == REVOKED), "{here} {there} {seen:?}");
            assert_eq!(seen[2], Ok(7), "{here} {there}");
        }
    }
}

#[test]
fn after_a_minute_a_login_is_valid_where_nobody_has_heard() {
    let (a, b) = (Node::new(), Node::new());
    a.revocations.revoke_subject(7_u64.to_be_bytes()).unwrap();
    for (seconds, expected) in [(60, REVOKED), (61, Ok(7))] {
        b.clock.set(1_800_000_000 + seconds);
        a.clock.set(1_800_000_000 + seconds);
        assert_eq!(a.load(&b.log_in(7)), expected, "{seconds}");
    }
}

#[test]
fn entries_end_by_themselves() {
    let node = Node::new();
    node.revocations.revoke_subject(7_u64.to_be_bytes()).unwrap();
    node.revocations.revoke(&testing::load(&node.sessions, &node.log_in(8))).unwrap();
    let count = || {
        let status = node.revocations.status();
        (status.families, status.subjects)
    };
    for (seconds, left) in [(WEEK + 59, (1, 1)), (WEEK + 60, (0, 0))] {
        node.clock.set(1_800_000_000 + seconds);
        assert_eq!(count(), left, "{seconds}");
    }
    assert!(node.revocations.changes(&mut Mark::default()).unwrap().is_empty());
}

#[test]
fn a_revocation_reaches_another_process_as_often_as_it_is_told() {
    let (a, b) = (Node::new(), Node::new());
    let request = a.log_in(7);
    let mut mark = Mark::default();
    a.revocations.revoke_subject(7_u64.to_be_bytes()).unwrap();
    let first = a.revocations.changes(&mut mark).unwrap();
    a.revocations.revoke(&testing::load(&a.sessions, &a.log_in(8))).unwrap();
    let second = a.revocations.changes(&mut mark).unwrap();
    assert_eq!((first.len(), second.len()), (1, 1));

    let text = [&second[..], &first, &second].concat().join("\n");
    let merged = b.revocations.merge(format!("# a comment\n\n {text}\r\n")).unwrap();
    assert_eq!((merged.added, merged.known), (2, 1));
    assert_eq!(b.load(&request), REVOKED);
    let merged = b.revocations.merge(&text).unwrap();
    assert_eq!((merged.added, merged.known), (0, 3));
    // What came from there is no news of this process, and can be told to a third one all the same.
    assert!(b.revocations.changes(&mut Mark::default()).unwrap().is_empty());
    let (_, back) = b.revocations.sync("").unwrap();
    assert_eq!(a.revocations.merge(back.join("\n")).unwrap().known, 2);
    assert_eq!(a.revocations.changes(&mut mark).unwrap(), Vec::<String>::new());
}

#[test]
fn whoever_writes_the_channel_without_a_key_adds_and_alters_nothing() {
    let node = Node::new();
    let other_key = KeyRing::new(testing::key(8));
    let strangers = [Node::with(other_key, ""), Node::with(testing::key_ring(), "elsewhere")];
    let request = node.log_in(7);
    for stranger in &strangers {
        stranger.revocations.revoke_subject(7_u64.to_be_bytes()).unwrap();
        node.hear(stranger);
    }
    let there = Node::new();
    there.revocations.revoke_subject(7_u64.to_be_bytes()).unwrap();
    let line = there.revocations.changes(&mut Mark::default()).unwrap().remove(0);
    for at in 0..line.len() {
        let mut altered = line.clone().into_bytes();
        altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
        let merged = node.revocations.merge(&altered).unwrap();
        assert_eq!((merged.added, merged.known), (0, 0), "{at}");
    }
    let session = testing::load(&node.sessions, &request);
    let cookie = request["cookie"].to_str().unwrap().split_once('=').unwrap().1;
    for junk in [cookie, "x", &"A".repeat(10_000), "\u{e4}", &line[1..]] {
        assert_eq!(node.revocations.merge(junk).unwrap().refused, 1, "{junk}");
    }
    assert_eq!(*session, Some(7));
    assert_eq!(node.load(&request), Ok(7));
    assert_eq!(node.revocations.merge(&line).unwrap().added, 1);
}

#[test]
fn sync_writes_back_what_the_channel_has_lost_and_what_a_lost_key_sealed() {
    let old = || testing::key(7);
    let (a, b) = (Node::new(), Node::new());
    a.revocations.revoke_subject(7_u64.to_be_bytes()).unwrap();
    a.revocations.revoke(&testing::load(&a.sessions, &a.log_in(8))).unwrap();
    let all = a.revocations.changes(&mut Mark::default()).unwrap();

    let (merged, lacking) = b.revocations.sync(&all[0]).unwrap();
    assert_eq!((merged.added, lacking.len()), (1, 0));
    let (merged, lacking) = a.revocations.sync(&all[0]).unwrap();
    assert_eq!((merged.known, lacking.len()), (1, 1));
    assert_eq!(a.revocations.status().channel.unwrap().lost, 1, "an operator sees it");
    let (_, lacking) = a.revocations.sync([&all[0], &lacking[0][..]].join("\n")).unwrap();
    assert_eq!((lacking.len(), a.revocations.status().channel.unwrap().lost), (0, 0));

    // The old key has leaked and is taken out at once.
    let swappable = sealed_session::keys::SwappableKeyRing::new(KeyRing::new(old()));
    let node = Node::with(swappable.ring(), "");
    node.hear(&a);
    let _ = swappable.replace(&KeyRing::new(testing::key(9)), std::time::SystemTime::now());
    let (merged, lacking) = node.revocations.sync(all.join("\n")).unwrap();
    assert_eq!((merged.unknown_key, lacking.len()), (2, 2));
    let fresh = Node::with(KeyRing::new(testing::key(9)), "");
    assert_eq!(fresh.revocations.sync(lacking.join("\n")).unwrap().0.added, 2);
    let session = fresh.log_in(7);
    assert_eq!(fresh.load(&session), Ok(7));
}

#[test]
fn what_fits_once_fits_after_log_out_others_and_after_a_login() {
    let (revocations, clock) = (Revocations::new(), testing::Clock::at(1_800_000_000));
    let sessions: Sessions<String> = Sessions::builder(testing::key_ring())
        .revocations(&revocations)
        .subject(|user: &String| Some(user.clone()))
        .clock(clock.reader())
        .build()
        .unwrap();
    let fresh = testing::load(&sessions, &HeaderMap::new());
    let user = "x".repeat(sessions.room(&fresh) - 2);
    let request = testing::request(&sessions, |session| session.log_in(user.clone()));
    clock.advance(Duration::from_secs(86_000));
    let (mut session, mut response) = (sessions.load(&request), HeaderMap::new());
    session.skip_renewal();
    session.reauthenticate();
    session.log_out_others();
    sessions.save(session, &mut response).unwrap();
    revocations.revoke_subject(&user).unwrap();
    let (mut session, mut response) = (sessions.load(&request), HeaderMap::new());
    session.log_in(user.clone());
    sessions.save(session, &mut response).unwrap();
    assert_eq!(*testing::read_back(&sessions, &response), user);
}

#[test]
fn nothing_is_done_before_sessions_are_built_and_one_name_and_purpose_is_enough() {
    let revocations = Revocations::new();
    assert_eq!(revocations.revoke_subject("7"), Err(RevokeError::NoSessions));
    assert_eq!(revocations.merge(""), Err(RevokeError::NoSessions));
    let build = |name: &str, purpose: &str| {
        let builder = Sessions::<u64>::builder(testing::key_ring()).name(name).purpose(purpose);
        builder.revocations(&revocations).build().map(|_| ()).map_err(|error| error.as_str())
    };
    let leftovers = ["1", "2", "3", "4", "5"].map(sealed_session::CookieConfig::new);
    let refused = Sessions::<u64>::builder(testing::key_ring()).revocations(&revocations);
    assert!(refused.remove_leftovers(leftovers).build().is_err());
    assert_eq!(build("a", "b"), Ok(()), "settings that were refused leave no trace");
    assert_eq!(
        (build("a", "b"), build("a", "c"), build("b", "b")),
        (Ok(()), Err("revocations"), Err("revocations"))
    );
    assert_eq!(revocations.revoke_subject("7"), Ok(()));
}

#[test]
fn an_entry_lasts_as_long_as_the_longest_session() {
    let (revocations, clock) = (Revocations::new(), testing::Clock::at(1_800_000_000));
    let lifetimes = Lifetimes::default().max_lifetime(Duration::from_secs(30 * 86_400));
    let builder = Sessions::<u64>::builder(testing::key_ring()).lifetimes(lifetimes).clock(clock.reader());
    let sessions = builder.revocations(&revocations).build().unwrap();
    revocations.revoke_family(sealed_session::FamilyId::from_bytes([7; 8])).unwrap();
    clock.set(1_800_000_000 + 30 * 86_400 + 59);
    assert_eq!(revocations.status().families, 1);
    clock.set(1_800_000_000 + 30 * 86_400 + 60);
    assert_eq!(revocations.status().families, 0);
    clock.set((1 << 32) - 100);
    assert_eq!(revocations.revoke_subject("7"), Err(RevokeError::Clock));
    drop(sessions);
}

#[test]
fn a_silent_channel_shows_and_can_close() {
    let node = Node::new();
    let status = || node.revocations.status();
    assert!(status().channel.is_none() && !status().is_silent);
    node.revocations.fail_closed_after(Duration::from_secs(10));
    assert!(status().is_silent, "it has not been heard yet");
    node.revocations.merge("").unwrap();
    for (seconds, is_silent) in [(10, false), (1, true)] {
        node.clock.advance(Duration::from_secs(seconds));
        assert_eq!(status().is_silent, is_silent);
    }
    node.revocations.merge("junk").unwrap();
    assert!(!status().is_silent);
}

#[test]
fn listeners_hear_of_every_revocation_that_is_made_here() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    let (a, b) = (Node::new(), Node::new());
    let heard = Arc::new(AtomicUsize::new(0));
    let (count, revocations) = (Arc::clone(&heard), a.revocations.clone());
    a.revocations.on_revoke(move || {
        assert!(!revocations.changes(&mut Mark::default()).unwrap().is_empty(), "it may ask what is new");
        count.fetch_add(1, Ordering::Relaxed);
    });
    a.revocations.revoke_subject("7").unwrap();
    b.revocations.revoke_subject("8").unwrap();
    a.hear(&b);
    assert_eq!(heard.load(Ordering::Relaxed), 1);
    a.revocations.revoke_family(sealed_session::FamilyId::from_bytes([7; 8])).unwrap();
    assert_eq!(heard.load(Ordering::Relaxed), 2);
    assert_eq!(a.revocations.longest(), Duration::from_secs(WEEK + 3600));
}

#[test]
fn a_ring_key_is_not_shown_and_neither_is_a_person() {
    let node = Node::with(
        KeyRing::new(Key::from_text(&testing::key(7).expose_text()).unwrap_or(testing::key(7))),
        "",
    );
    node.revocations.revoke_subject("ada@example.org").unwrap();
    let lines = node.revocations.changes(&mut Mark::default()).unwrap().join("\n");
    let shown = format!("{:?} {:?} {lines}", node.revocations, node.revocations.status());
    assert!(!shown.contains("ada"), "{shown}");
}
