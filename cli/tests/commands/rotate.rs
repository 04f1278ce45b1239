//! `rotate`.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use sealed_session::keys::KeyState;
use sealed_session::{Algorithm, Key, KeyRing};

use crate::folder::{Folder, set_mode};
use crate::transcript::{check, run};

const ROTATE: &str = "sealed-session rotate session.keys --longest-lifetime 7d";

/// A file whose key has sealed since 2026-01-01.
fn with_ring() -> Folder {
    let folder = Folder::new();
    let key = Key::generate(Algorithm::Xaes256Gcm).unwrap().expose_text();
    folder.write("session.keys", format!("# ours\n\n# alone\n{key} seals-from=2026-01-01T00:00:00Z # old\n"));
    folder
}

#[test]
fn makes_the_file_and_announces_the_next_key() {
    check(
        &Folder::new(),
        "
$ sealed-session rotate session.keys --longest-lifetime 7d --dry-run
+ a new key xaes, seals now
dry run: nothing was written
$ ls
$ umask 000; sealed-session rotate session.keys --longest-lifetime 7d
+ KEY-ID-1 xaes, seals now
$ ls
session.keys
$ cat session.keys
# sealed-session key ring
sealed1_xaes_… seals-from=2026-MM-DDTHH:MM:SSZ
$ ls -l session.keys | cut -c1-10
-rw-------
$ sed 's/seals-from=..../seals-from=2025/' session.keys > earlier; cat earlier > session.keys; rm earlier
$ sealed-session rotate session.keys --longest-lifetime 7d --dry-run --announce 90m
~ KEY-ID-1 sealing, opens until 2026-MM-DDTHH:MM:SSZ
+ a new key xaes, announced, seals from 2026-MM-DDTHH:MM:SSZ
dry run: nothing was written
$ sealed-session rotate session.keys --longest-lifetime 7d --algorithm xchacha
~ KEY-ID-1 sealing, opens until 2026-MM-DDTHH:MM:SSZ
+ KEY-ID-2 xchacha, announced, seals from 2026-MM-DDTHH:MM:SSZ
$ cat session.keys
# sealed-session key ring
sealed1_xaes_… seals-from=2026-MM-DDTHH:MM:SSZ opens-until=2026-MM-DDTHH:MM:SSZ
sealed1_xchacha_… seals-from=2026-MM-DDTHH:MM:SSZ
$ sealed-session rotate session.keys --longest-lifetime 7d
! sealed-session: a key is announced already and does not seal yet: rotate again when it does, or take it out first
? 1
$ ls -A
session.keys
",
    );
}

#[test]
fn drops_what_expired_more_than_a_day_ago_and_keeps_comments() {
    let folder = Folder::new();
    let key = || Key::generate(Algorithm::Xaes256Gcm).unwrap().expose_text();
    folder.write(
        "session.keys",
        format!(
            "# ours\n\n{} seals-from=2020-01-01T00:00:00Z opens-until=2020-03-01T00:00:00Z\n# gone\n{} \
             seals-from=2020-02-01T00:00:00Z # gone\n",
            key(),
            key()
        ),
    );
    check(
        &folder,
        "
$ sealed-session rotate session.keys --longest-lifetime 7d
- KEY-ID-1 dropped, has not opened since 2026-MM-DDTHH:MM:SSZ
~ KEY-ID-2 sealing, opens until 2026-MM-DDTHH:MM:SSZ
+ KEY-ID-3 xaes, announced, seals from 2026-MM-DDTHH:MM:SSZ
$ cat session.keys
# ours

sealed1_xaes_… seals-from=2026-MM-DDTHH:MM:SSZ opens-until=2026-MM-DDTHH:MM:SSZ
sealed1_xaes_… seals-from=2026-MM-DDTHH:MM:SSZ
",
    );
}

#[test]
fn a_plain_ring_becomes_a_dated_one() {
    let folder = Folder::new();
    folder.write("session.keys", Key::generate(Algorithm::Xaes256Gcm).unwrap().expose_text());
    check(
        &folder,
        "
$ sealed-session rotate session.keys --longest-lifetime 7d
~ KEY-ID-1 sealing, opens until 2026-MM-DDTHH:MM:SSZ
+ KEY-ID-2 xaes, announced, seals from 2026-MM-DDTHH:MM:SSZ
",
    );
}

#[test]
fn what_cannot_be_rotated_is_left_as_it_is() {
    let folder = with_ring();
    let before = fs::read(folder.path("session.keys")).unwrap();
    let elsewhere = "ln -s ../elsewhere/session.keys dangling; ln -s session.keys link; mkdir folder; touch empty; \
                     chmod 600 empty; printf '\\357\\273\\277#' > marked; chmod 600 marked; cp session.keys open; \
                     chmod 620 open";
    assert!(run(&folder, elsewhere).status.success());
    check(
        &folder,
        "
$ sealed-session rotate link --longest-lifetime 7d
! sealed-session: link is a symbolic link to session.keys: rotate that file itself
? 1
$ sealed-session rotate dangling --longest-lifetime 7d
! sealed-session: dangling is a symbolic link to ../elsewhere/session.keys: rotate that file itself
? 1
$ sealed-session rotate folder --longest-lifetime 7d
! sealed-session: the key ring \"folder\" is not a file: name the file itself
? 1
$ sealed-session rotate empty --longest-lifetime 7d
! sealed-session: no key in the key ring file \"empty\": put back the keys that it held, or remove it and make it with \
 `sealed-session rotate \"empty\" --longest-lifetime 7d`
? 1
$ sealed-session rotate marked --longest-lifetime 7d
! sealed-session: the key ring file \"marked\" begins with a byte order mark: save it as UTF-8 without one
? 1
$ sealed-session rotate open --longest-lifetime 7d
! sealed-session: the key ring file \"open\" can be written by others than its owner: chmod go-w
? 1
$ sealed-session rotate missing/session.keys --longest-lifetime 7d
! sealed-session: missing/session.keys: No such file or directory (os error 2)
? 1
$ sealed-session rotate session.keys --longest-lifetime 9999999w
! sealed-session: a time of the rotation lies beyond the year 9999: shorten it, or set the clock
? 1
$ ls -A
dangling
empty
folder
link
marked
open
session.keys
",
    );
    assert_eq!(fs::read(folder.path("session.keys")).unwrap(), before);
}

#[test]
fn one_rotation_at_a_time() {
    let folder = with_ring();
    // Of many at once one announces, and the others see its lock or its key.
    let many = format!("for i in 1 2 3 4 5 6 7 8; do {ROTATE} & done; wait");
    let output = run(&folder, &many);
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(said.matches("announced").count(), 1, "{said}");
    assert_eq!(KeyRing::from_file(folder.path("session.keys")).unwrap().key_ids().count(), 2);
    assert_eq!(folder.names(), ["session.keys"]);
}

#[test]
fn mode_and_group_are_kept_and_the_content_was_never_open() {
    let folder = with_ring();
    let path = folder.path("session.keys");
    set_mode(&path, 0o440);
    let before = fs::metadata(&path).unwrap();
    // Whether this process may give files away is for the system to say. If it may not, the group stays the one it is.
    let other_group = std::os::unix::fs::chown(&path, None, Some(1)).is_ok();
    assert!(run(&folder, &format!("umask 000; {ROTATE}")).status.success());
    let after = fs::metadata(&path).unwrap();
    assert_eq!(after.permissions().mode() & 0o7777, 0o440);
    assert_eq!(after.uid(), before.uid());
    assert_eq!(after.gid(), if other_group { 1 } else { before.gid() });
    assert_ne!(
        after.ino(),
        before.ino(),
        "it is another file: whoever has the old one open reads it to its end"
    );
}

#[test]
fn the_file_is_good_at_every_moment() {
    let folder = Folder::new();
    let key = Key::generate(Algorithm::Xaes256Gcm).unwrap().expose_text();
    folder.write("session.keys", format!("{key} seals-from=2026-01-01T00:00:00Z\n"));
    let path = folder.path("session.keys");
    let is_over = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut reads = 0;
            while reads == 0 || !is_over.load(std::sync::atomic::Ordering::Relaxed) {
                assert!(KeyRing::from_file(&path).is_ok());
                reads += 1;
            }
        });
        for _ in 0..20 {
            assert!(run(&folder, ROTATE).status.success());
            folder.write("session.keys", format!("{key} seals-from=2026-01-01T00:00:00Z\n"));
        }
        is_over.store(true, std::sync::atomic::Ordering::Relaxed);
        reader.join().unwrap();
    });
}

/// The recipes of docs/ROTATION.md for a key that leaked while it sealed: as they stand there, with the ids filled in.
#[test]
fn a_key_that_leaked_is_gone_and_another_seals_at_once() {
    let page = include_str!("../../../docs/ROTATION.md");
    let (_, section) = page.split_once("\n## When a key leaks\n").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let recipes: Vec<_> =
        section.split("```sh\n").skip(1).map(|part| part.split_once("```").unwrap().0).collect();
    let [alone, beside_an_announced_one] = recipes[..] else { panic!("{recipes:?}") };
    let states = |folder: &Folder| {
        let ring = KeyRing::from_file(folder.path("session.keys")).unwrap();
        let keys = ring.status(std::time::SystemTime::now()).into_iter();
        keys.map(|key| (key.state, key.id.to_string())).collect::<Vec<_>>()
    };
    let id =
        |folder: &Folder, state| states(folder).into_iter().find(|(found, _)| *found == state).unwrap().1;

    let folder = with_ring();
    set_mode(&folder.path("session.keys"), 0o640);
    let leaked = id(&folder, KeyState::Sealing);
    let output = run(&folder, &alone.replace("LEAKED-KEY-ID", &leaked));
    assert!(output.status.success(), "{output:?}");
    assert_ne!(id(&folder, KeyState::Sealing), leaked);
    assert_eq!(states(&folder).len(), 1);
    assert_eq!(fs::metadata(folder.path("session.keys")).unwrap().mode() & 0o777, 0o640);

    let folder = with_ring();
    assert!(run(&folder, ROTATE).status.success());
    let before = fs::read(folder.path("session.keys")).unwrap();
    let (leaked, announced) = (id(&folder, KeyState::Sealing), id(&folder, KeyState::Announced));
    // The wrong one of the two recipes leaves the file as it is.
    run(&folder, &alone.replace("LEAKED-KEY-ID", &leaked));
    assert_eq!(fs::read(folder.path("session.keys")).unwrap(), before);
    let recipe = beside_an_announced_one.replace("LEAKED-KEY-ID", &leaked);
    let output = run(&folder, &recipe.replace("ANNOUNCED-KEY-ID", &announced));
    assert!(output.status.success(), "{output:?}");
    assert_eq!(states(&folder), [(KeyState::Sealing, announced)]);
    assert_eq!(folder.names(), ["session.keys"]);
}
