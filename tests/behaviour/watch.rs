//! Rings that are replaced while they are in use: from a file, and by hand.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::util::folder::{Folder, set_mode};
use crate::util::{DAY, NOW, Visitor, outcome};
use sealed_session::inspect::Timestamp;
use sealed_session::keys::{KeyRingWatcher, RingEvent, Rotation, SwappableKeyRing};
use sealed_session::token::Expires;
use sealed_session::{Algorithm, Key, KeyRing, Lifetimes, Sessions, Tokens, testing};

const HOUR: u64 = 3600;

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

fn key() -> Key {
    Key::generate(Algorithm::Xaes256Gcm).unwrap()
}

fn rotate(ring: &KeyRing, now: u64) -> KeyRing {
    let (longest_lifetime, announce) = (Duration::from_secs(7 * DAY), Duration::from_secs(HOUR));
    ring.rotate(key(), Rotation { longest_lifetime, announce, now: at(now) }).unwrap()
}

/// A watch that reads when it is told to, its clock, and the labels of what it reports.
fn watch(path: &Path) -> (KeyRingWatcher, testing::Clock, Receiver<RingEvent>) {
    let clock = testing::Clock::at(NOW);
    let (sender, events) = mpsc::channel();
    let builder = KeyRingWatcher::builder(path).interval(Duration::from_secs(86_400)).clock(clock.reader());
    let watch = builder.on_event(move |event| sender.send(event.clone()).unwrap()).start().unwrap();
    (watch, clock, events)
}

fn labels(events: &Receiver<RingEvent>) -> Vec<&'static str> {
    events.try_iter().map(|event| event.as_str()).collect()
}

#[test]
fn everything_that_was_made_with_the_ring_follows_the_file() {
    let folder = Folder::new();
    let first = KeyRing::dated(key(), at(NOW - DAY));
    let path = folder.write("keys", first.expose_text());
    let (watch, clock, events) = watch(&path);
    let sessions = crate::util::sessions_of(watch.ring(), &clock);
    let others: Sessions<u64> = Sessions::builder(watch.ring()).clock(clock.reader()).build().unwrap();
    let tokens = Tokens::new(watch.ring(), "", "x").unwrap().clock(clock.reader());
    let before = crate::util::logged_in(&sessions);
    let token_before = tokens.seal(b"", Expires::Never).unwrap();

    let second = rotate(&first, NOW);
    folder.write("keys", second.expose_text());
    assert!(watch.check_now().is_ok());
    assert_eq!(labels(&events), ["replaced"]);
    assert_eq!(watch.ring().expose_text(), second.expose_text());

    clock.set(NOW + HOUR);
    let new = second.status(at(NOW))[1].id;
    assert_eq!(testing::load(&sessions, &crate::util::logged_in(&sessions)).about().key_id(), Some(new));
    assert_eq!(testing::load(&others, &testing::request(&others, |_| ())).about().key_id(), Some(new));
    assert_eq!(outcome(&sessions, &before), "ok");
    assert!(tokens.open_at(&token_before, clock.now()).is_ok());
    let only_new = KeyRing::from_text_at(last_line(&second.expose_text()), clock.now()).unwrap();
    let only_new = crate::util::sessions_of(only_new, &clock);
    assert_eq!(outcome(&only_new, &before), "unknown_key");
}

#[test]
fn a_file_that_goes_back_to_what_it_was_is_followed() {
    let folder = Folder::new();
    let rings = [key(), key()].map(|key| KeyRing::new(key).expose_text());
    let path = folder.write("keys", &rings[0]);
    let (watch, _, events) = watch(&path);
    for ring in [&rings[1], &rings[0], &rings[1]] {
        folder.write("keys", ring);
        assert!(watch.check_now().is_ok());
        assert_eq!(&watch.ring().expose_text(), ring);
    }
    assert_eq!(labels(&events), ["replaced", "key_lost", "not_announced"].repeat(3));
}

fn last_line(text: &str) -> &str {
    text.trim_end().lines().last().unwrap()
}

#[test]
fn whatever_is_wrong_with_the_file_the_ring_in_use_stays() {
    let folder = Folder::new();
    let first = KeyRing::dated(key(), at(NOW - DAY));
    let good = first.expose_text();
    let path = folder.write("keys", &good);
    let (watch, clock, events) = watch(&path);
    let sessions: Sessions<Visitor> = Sessions::builder(watch.ring()).clock(clock.reader()).build().unwrap();
    let request = crate::util::logged_in(&sessions);
    let mut failures = 0;
    let mut expect = |label: &str| {
        for reported in [vec!["not_replaced"], vec![]] {
            clock.advance(Duration::from_secs(1));
            let status = watch.check_now();
            failures += 1;
            assert_eq!(status.error.as_ref().map(|error| error.as_str()), Some(label), "{label}");
            assert!(!status.is_ok() && status.last_good < status.last_checked);
            assert_eq!((status.failures, status.replacements, status.keys.len()), (failures, 0, 1));
            assert_eq!(labels(&events), reported, "{label}: reported once");
            assert_eq!(watch.ring().expose_text(), good);
            assert_eq!(outcome(&sessions, &request), "ok");
        }
    };

    let (next, half) = (rotate(&first, NOW).expose_text(), good.len() / 2);
    let ten_thousand: String = (0..10_000).map(|_| good.as_str()).collect();
    for (content, label) in [
        (Vec::new(), "empty"),
        (good.as_bytes()[..half].to_vec(), "malformed"),
        (b"# sealed-session key ring\n".to_vec(), "empty"),
        (next.as_bytes()[..good.len() + 50].to_vec(), "malformed"),
        (next.lines().next().unwrap().into(), "ends_while_sealing"),
        (format!("\u{feff}{good}").into(), "byte_order_mark"),
        (format!("{good}\0").into(), "nul"),
        (format!("{good}{}", testing::key_ring().expose_text()).into(), "weak"),
        (vec![b'#'; 1 << 20], "too_long"),
        (b"# \xff\n".to_vec(), "file_not_text"),
        (ten_thousand.into(), "too_long"),
        (good.encode_utf16().flat_map(u16::to_le_bytes).collect(), "nul"),
    ] {
        folder.write("keys", content);
        expect(label);
    }
    fs::remove_file(&path).unwrap();
    expect("cannot_read");
    fs::create_dir(&path).unwrap();
    expect("not_a_file");
    fs::remove_dir(&path).unwrap();
    if cfg!(unix) {
        for mode in [0o620, 0o602, 0o666] {
            set_mode(&folder.write("keys", &good), mode);
            if mode == 0o620 {
                expect("writable_by_others");
            }
            assert_eq!(watch.check_now().error.unwrap().as_str(), "writable_by_others");
        }
    }

    folder.write("keys", &good);
    let status = watch.check_now();
    assert!(status.is_ok() && status.last_good == clock.now());
    assert_eq!(labels(&events), ["recovered"]);
    folder.write("keys", good.replace('\n', "\r\n"));
    assert!(watch.check_now().is_ok());
    assert_eq!(labels(&events), [""; 0], "Windows line ends are no other ring");
    let longest = format!("{good}#{}", "x".repeat(65_536 - good.len() - 1));
    folder.write("keys", &longest);
    assert!(watch.check_now().is_ok(), "the longest file there may be");
    folder.write("keys", longest + "x");
    assert_eq!(watch.check_now().error.unwrap().as_str(), "too_long");
    folder.write("keys", &good);
    assert!(watch.check_now().is_ok());
}

#[test]
fn a_file_that_is_wrong_at_the_start_is_an_error() {
    let folder = Folder::new();
    let start = |name: &str| KeyRing::watch_file(folder.path(name)).unwrap_err();
    assert_eq!(start("missing").as_str(), "cannot_read");
    folder.write("empty", "");
    assert_eq!(start("empty").as_str(), "empty");
    folder.write("weak", testing::key_ring().expose_text());
    assert_eq!(start("weak").as_str(), "weak");
    fs::create_dir(folder.path("folder")).unwrap();
    assert_eq!(start("folder").as_str(), "not_a_file");
    folder.write("file", "");
    assert_eq!(start("file/below").as_str(), "cannot_read");
    let text = key().expose_text();
    let error = KeyRing::from_file(&text).unwrap_err();
    assert!(!format!("{error} {error:?}").contains(&text[20..40]), "somebody may give the key itself");
}

#[cfg(unix)]
#[test]
fn a_pipe_is_not_waited_for() {
    let folder = Folder::new();
    let path = folder.path("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
    assert_eq!(KeyRing::from_file(&path).unwrap_err().as_str(), "not_a_file");
}

/// A secret as Kubernetes mounts it: `keys` leads to `..data/keys`, and `..data` to a folder that is never written
/// again.
#[cfg(unix)]
#[test]
fn a_mounted_secret_of_kubernetes_is_followed() {
    use std::os::unix::fs::symlink;

    let folder = Folder::new();
    let mount = |version: &str, ring: &KeyRing| {
        fs::create_dir(folder.path(version)).unwrap();
        folder.write(&format!("{version}/keys"), ring.expose_text());
        set_mode(&folder.path(&format!("{version}/keys")), 0o444);
        symlink(version, folder.path("..data_tmp")).unwrap();
        fs::rename(folder.path("..data_tmp"), folder.path("..data")).unwrap();
    };
    let first = KeyRing::dated(key(), at(NOW - DAY));
    mount("..2026_11_01", &first);
    symlink("..data/keys", folder.path("keys")).unwrap();
    let (watch, _, events) = watch(&folder.path("keys"));

    let second = rotate(&first, NOW);
    mount("..2026_12_01", &second);
    fs::remove_dir_all(folder.path("..2026_11_01")).unwrap();
    assert!(watch.check_now().is_ok());
    assert_eq!(labels(&events), ["replaced"]);
    assert_eq!(watch.ring().expose_text(), second.expose_text());
}

#[test]
fn the_thread_reads_by_itself() {
    let folder = Folder::new();
    let first = KeyRing::dated(key(), SystemTime::now());
    let path = folder.write("keys", first.expose_text());
    let (sender, events) = mpsc::channel();
    let builder = KeyRingWatcher::builder(path).interval(Duration::ZERO);
    let _watch = builder.on_event(move |event| sender.send(event.clone()).unwrap()).start().unwrap();
    folder.write("keys", KeyRing::new(key()).expose_text());
    assert_eq!(events.recv().unwrap().as_str(), "replaced");
}

#[test]
fn it_stops_when_dropped_and_says_so_if_that_is_too_soon() {
    let folder = Folder::new();
    let path = folder.write("keys", KeyRing::dated(key(), SystemTime::now()).expose_text());
    for is_in_use in [false, true] {
        let (sender, events) = mpsc::channel();
        let builder = KeyRingWatcher::builder(&path).interval(Duration::ZERO);
        let watch = builder.on_event(move |event| sender.send(event.clone()).unwrap()).start().unwrap();
        let ring = is_in_use.then(|| watch.ring());
        drop(watch);
        // Ends when the thread has ended, and with it the callback is gone.
        let reported: Vec<_> = events.iter().map(|event| event.as_str()).collect();
        assert_eq!(reported, if is_in_use { vec!["stopped"] } else { vec![] });
        assert!(ring.is_none_or(|ring| ring.key_ids().count() == 1), "its keys stay");
    }
}

#[test]
fn a_callback_that_panics_does_not_end_the_watch() {
    let folder = Folder::new();
    let path = folder.write("keys", KeyRing::dated(key(), SystemTime::now()).expose_text());
    let watch = KeyRingWatcher::builder(&path).on_event(|_| panic!("on purpose")).start().unwrap();
    for replacements in 1..3 {
        folder.write("keys", KeyRing::dated(key(), SystemTime::now()).expose_text());
        assert_eq!(watch.check_now().replacements, replacements);
    }
}

#[test]
fn a_clock_that_panics_is_an_error_of_the_status_and_does_not_end_the_watch() {
    let folder = Folder::new();
    let path = folder.write("keys", KeyRing::dated(key(), at(NOW)).expose_text());
    let is_broken = Arc::new(AtomicBool::new(false));
    let broken = Arc::clone(&is_broken);
    let clock = move || {
        assert!(!broken.load(Ordering::Relaxed), "on purpose");
        at(NOW)
    };
    let (sender, events) = mpsc::channel();
    let builder = KeyRingWatcher::builder(&path).interval(Duration::ZERO).clock(clock);
    let watch = builder.on_event(move |event| sender.send(event.clone()).unwrap()).start().unwrap();

    is_broken.store(true, Ordering::Relaxed);
    assert_eq!(events.recv().unwrap().as_str(), "not_replaced", "the thread says so, once");
    for status in [watch.status(), watch.check_now()] {
        assert_eq!(status.error.as_ref().map(|error| error.as_str()), Some("clock_panicked"));
        assert!(!status.is_ok() && status.failures > 0 && status.keys.len() == 1);
        assert_eq!(status.last_good, at(NOW));
    }

    is_broken.store(false, Ordering::Relaxed);
    assert_eq!(events.recv().unwrap().as_str(), "recovered", "the thread is still there");
    let status = watch.check_now();
    assert!(status.error.is_none() && status.failures > 0, "{status:?}");
}

/// A health check that says "ok" means that a reading succeeded within the last three intervals. Here the thread is
/// stuck in a callback, and the clock is one that only goes forward, whatever the other one does.
#[test]
fn a_watch_that_does_not_read_any_more_is_not_ok() {
    const INTERVAL: Duration = Duration::from_millis(10);

    let folder = Folder::new();
    let path = folder.write("keys", KeyRing::dated(key(), at(NOW)).expose_text());
    let (start, passed) = (Instant::now(), Arc::new(AtomicU64::new(0)));
    let millis = Arc::clone(&passed);
    let clock = testing::Clock::at(NOW);
    let (reached, reports) = mpsc::channel();
    let (go_on, stuck) = mpsc::channel::<()>();
    let stuck = Mutex::new(stuck);
    let builder = KeyRingWatcher::builder(&path).interval(INTERVAL).clock(clock.reader());
    let builder =
        builder.monotonic_clock(move || start + Duration::from_millis(millis.load(Ordering::SeqCst)));
    let watch = builder.on_event(move |event| {
        if event.as_str() == "replaced" {
            reached.send(()).unwrap();
            let _ = stuck.lock().unwrap().recv();
        }
    });
    let watch = watch.start().unwrap();
    assert!(watch.status().is_ok());

    folder.write("keys", KeyRing::dated(key(), at(NOW)).expose_text());
    reports.recv().unwrap(); // from here on the thread reads no more
    for (millis, clock_says, is_ok) in
        [(30, NOW + DAY, true), (31, NOW + DAY, false), (31, NOW - DAY, false), (3_600_000, NOW, false)]
    {
        passed.store(millis, Ordering::SeqCst);
        clock.set(clock_says);
        let status = watch.status();
        assert_eq!((status.is_ok(), status.is_current), (is_ok, is_ok), "{millis}");
        assert_eq!((status.error, status.replacements), (None, 1));
    }

    // Once it reads again, all is well.
    drop(go_on);
    while !watch.status().is_ok() {
        std::thread::yield_now();
    }
    passed.store(7_200_000, Ordering::SeqCst);
    assert!(watch.check_now().is_ok(), "a reading that somebody asked for is one");
}

#[test]
fn a_monotonic_clock_that_panics_is_not_ok_either() {
    let folder = Folder::new();
    let path = folder.write("keys", KeyRing::dated(key(), at(NOW)).expose_text());
    let (start, is_first) = (Instant::now(), AtomicBool::new(true));
    let clock = move || {
        assert!(is_first.swap(false, Ordering::Relaxed), "on purpose");
        start
    };
    let builder = KeyRingWatcher::builder(&path).interval(Duration::from_secs(3600)).clock(|| at(NOW));
    let watch = builder.monotonic_clock(clock).on_event(|_| ()).start().unwrap();
    for status in [watch.status(), watch.check_now()] {
        assert!(!status.is_ok() && !status.is_current);
        assert_eq!(status.error.unwrap().as_str(), "clock_panicked");
    }
}

#[test]
fn a_ring_that_may_log_people_out_is_reported() {
    let (a, b, c) = (key(), key(), key());
    let [a_id, b_id, c_id] = [&a, &b, &c].map(Key::id);
    let time = |seconds| Timestamp::from(at(seconds));
    let entry = |key: &Key, from, until: Option<u64>| {
        let until = until.map_or(String::new(), |until| format!(" opens-until={}", time(until)));
        format!("{} seals-from={}{until}\n", key.expose_text(), time(from))
    };
    let read = |text: String| KeyRing::from_text_at(&text, at(NOW)).unwrap();
    let (old, sealing) = (entry(&a, NOW - 9 * DAY, Some(NOW + DAY)), entry(&b, NOW - 6 * DAY, None));
    let live = SwappableKeyRing::new(read(old.clone() + &sealing));
    let replace = |text: String| {
        let events = live.replace(&read(text), at(NOW));
        events.into_iter().filter(RingEvent::is_problem).map(|event| event.to_string()).collect::<Vec<_>>()
    };
    let lost = |id| {
        format!(
            "key {id} opens no longer, and its cookies may still be alive: put it back, unless it has leaked"
        )
    };

    assert_eq!(replace(old.clone() + &sealing), [""; 0], "nothing has changed");
    assert_eq!(replace(sealing.clone()), [lost(a_id)]);
    assert_eq!(replace(old.clone() + &sealing), [""; 0]);
    let ended = entry(&a, NOW - 9 * DAY, Some(NOW - 1));
    assert_eq!(replace(ended + &sealing), [lost(a_id)], "made to expire");
    assert_eq!(replace(sealing.clone()), [""; 0], "it had expired");
    let announced = entry(&b, NOW - 6 * DAY, Some(NOW + 9 * DAY)) + &entry(&c, NOW + HOUR, None);
    assert_eq!(replace(announced), [""; 0]);
    assert_eq!(replace(sealing), [""; 0], "an announced key has sealed nothing");
    let not_announced = format!(
        "key {c_id} seals at once and was not announced: processes that have not read it yet refuse its cookies"
    );
    assert_eq!(replace(entry(&c, NOW, None)), [lost(b_id), not_announced]);
}

#[test]
fn keys_that_end_before_their_sessions_are_reported() {
    let (old, new) = (key(), key());
    let ring = |until: u64| {
        let time = |seconds| Timestamp::from(at(seconds));
        let (old, new) = (old.expose_text(), new.expose_text());
        let text = format!(
            "{old} seals-from={} opens-until={}\n{new} seals-from={}\n",
            time(NOW - DAY),
            time(until),
            time(NOW)
        );
        KeyRing::from_text_at(&text, at(NOW)).unwrap()
    };
    let clock = testing::Clock::at(NOW);
    let build = |ring: KeyRing| {
        let builder = Sessions::<Visitor>::builder(ring).clock(clock.reader());
        builder.lifetimes(Lifetimes::default().max_lifetime(Duration::from_secs(30 * DAY))).build().unwrap()
    };
    assert_eq!(build(ring(NOW + 30 * DAY)).keys_ending_too_soon(), []);
    assert_eq!(build(KeyRing::new(old.clone()).accept(new.clone()).unwrap()).keys_ending_too_soon(), []);
    let text = format!(
        "key {} stops opening 86400 s before the last session that it sealed may end: set its opens-until later, and \
         rotate with a longer lifetime",
        old.id()
    );
    let early = build(ring(NOW + 29 * DAY)).keys_ending_too_soon();
    assert_eq!(early.iter().map(ToString::to_string).collect::<Vec<_>>(), [text]);

    // A ring that is replaced is asked on behalf of the sessions that were built with it.
    let live = SwappableKeyRing::new(ring(NOW + 30 * DAY));
    let sessions = build(live.ring());
    let labels = |ring: &KeyRing| {
        let events = live.replace(ring, at(NOW));
        events.iter().map(RingEvent::as_str).collect::<Vec<_>>()
    };
    assert_eq!(labels(&ring(NOW + 29 * DAY)), ["replaced", "key_ends_too_soon"]);
    assert_eq!(sessions.keys_ending_too_soon().len(), 1);
    assert_eq!(labels(&ring(NOW + 31 * DAY)), ["replaced"]);
    for later in [29, 40] {
        clock.set(NOW + later * DAY);
        assert_eq!(build(ring(NOW + 29 * DAY)).keys_ending_too_soon(), [], "it opens no longer");
    }
}

#[test]
fn requests_go_on_while_rings_are_exchanged() {
    let keys: Vec<_> = (0..5).map(|_| key()).collect();
    let ring = |sealing: usize| {
        let others = keys.iter().enumerate().filter(|(at, _)| *at != sealing);
        others.fold(KeyRing::new(keys[sealing].clone()), |ring, (_, key)| ring.accept(key.clone()).unwrap())
    };
    let live = SwappableKeyRing::new(ring(0));
    let sessions: Sessions<Visitor> = Sessions::new(live.ring()).unwrap();
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let requests = scope.spawn(|| {
            let mut count = 0;
            while !is_over.load(Ordering::Relaxed) || count == 0 {
                assert_eq!(outcome(&sessions, &crate::util::logged_in(&sessions)), "ok");
                count += 1;
            }
        });
        for turn in 0..500 {
            let events = live.replace(&ring(turn % 5), SystemTime::now());
            assert!(events.iter().all(|event| !event.is_problem()));
        }
        is_over.store(true, Ordering::Relaxed);
        requests.join().unwrap();
    });
}

#[test]
fn a_live_ring_shows_no_key() {
    let folder = Folder::new();
    let key = key();
    let text = key.expose_text();
    let path = folder.write("keys", &text);
    let (watch, _, _events) = watch(&path);
    let live = SwappableKeyRing::new(watch.ring());
    let shown = format!("{watch:?} {live:?} {:?} {:?}", KeyRingWatcher::builder(&path), watch.status());
    assert!(!shown.contains(&text[13..21]), "{shown}");
    assert!(shown.contains(&key.id().to_string()));
}
