//! `rotate`, killed: the file is good, the next run works, and no copy of the keys stays behind.

use std::fs::{self, OpenOptions};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use sealed_session::keys::KeyId;
use sealed_session::{Algorithm, Key, KeyRing};

use crate::folder::{Folder, set_mode};
use crate::transcript::{check, run};

const ROTATE: &str = "sealed-session rotate session.keys --longest-lifetime 7d";

/// A line of a ring whose key has sealed since 2026-01-01.
fn line() -> (String, KeyId) {
    let key = Key::generate(Algorithm::Xaes256Gcm).unwrap();
    (format!("{} seals-from=2026-01-01T00:00:00Z\n", key.expose_text()), key.id())
}

/// What a killed `rotate` leaves, as it is: its lock, and files with all keys.
fn leave_behind(folder: &Folder, keys: &str) {
    folder.write("session.keys.lock", "");
    for number in ["7", "4711"] {
        folder.write(&format!(".session.keys.{number}.new"), keys);
    }
}

#[test]
fn the_next_rotation_cleans_up_and_goes_on() {
    let (folder, (line, _)) = (Folder::new(), line());
    folder.write("session.keys", &line);
    leave_behind(&folder, &line);
    // Names that are not of `rotate` on this file.
    let others = [".other.keys.7.new", ".session.keys.new", ".session.keys.7x.new", "session.keys.7.new"];
    others.iter().for_each(|name| drop(folder.write(name, "")));
    let mut names: Vec<_> = others.into_iter().chain(["session.keys"]).collect();
    names.sort_unstable();
    check(
        &folder,
        "
$ sealed-session rotate session.keys --longest-lifetime 7d --dry-run
~ KEY-ID-1 sealing, opens until 2026-MM-DDTHH:MM:SSZ
+ a new key xaes, announced, seals from 2026-MM-DDTHH:MM:SSZ
dry run: nothing was written
",
    );
    assert_eq!(folder.names().len(), names.len() + 3, "a dry run changes nothing");
    assert!(run(&folder, ROTATE).status.success());
    assert_eq!(folder.names(), names);
    assert_eq!(KeyRing::from_file(folder.path("session.keys")).unwrap().key_ids().count(), 2);

    // One that is refused, since a key is announced by now, cleans up as well.
    leave_behind(&folder, &line);
    assert_eq!(run(&folder, ROTATE).status.code(), Some(1));
    assert_eq!(folder.names(), names);
}

#[test]
fn the_first_rotation_cleans_up_too() {
    let folder = Folder::new();
    leave_behind(&folder, &line().0);
    assert!(run(&folder, ROTATE).status.success());
    assert_eq!(folder.names(), ["session.keys"]);
}

#[test]
fn what_cannot_be_cleaned_up_is_said() {
    let (folder, (line, _)) = (Folder::new(), line());
    folder.write("session.keys", &line);
    fs::create_dir(folder.path(".session.keys.7.new")).unwrap(); // nobody can remove a folder as a file
    let output = run(&folder, ROTATE);
    let said = String::from_utf8(output.stderr).unwrap();
    let start = "sealed-session: ./.session.keys.7.new was left by a rotate that was killed, and holds keys: remove it: ";
    assert!(said.starts_with(start), "{said}");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(fs::read_to_string(folder.path("session.keys")).unwrap(), line);
}

/// The lock belongs to a process: a file of that name alone keeps nobody out.
#[test]
fn a_lock_that_is_held_keeps_others_out() {
    let (folder, (line, _)) = (Folder::new(), line());
    folder.write("session.keys", &line);
    let held = folder.write("session.keys.lock", "");
    let held = OpenOptions::new().write(true).open(held).unwrap();
    fs4::FileExt::try_lock(&held).unwrap();
    leave_behind_of_one_that_runs(&folder, &line);
    check(
        &folder,
        "
$ sealed-session rotate session.keys --longest-lifetime 7d
! sealed-session: another process is changing session.keys: try again when it has ended
? 1
",
    );
    assert_eq!(folder.names(), [".session.keys.4711.new", "session.keys", "session.keys.lock"]);
    drop(held);
    assert!(run(&folder, ROTATE).status.success());
    assert_eq!(folder.names(), ["session.keys"]);
}

fn leave_behind_of_one_that_runs(folder: &Folder, keys: &str) {
    folder.write(".session.keys.4711.new", keys);
}

/// Somebody who may write the folder could plant a link, and have a file made or changed elsewhere.
#[test]
fn a_lock_that_is_a_link_is_refused() {
    let (folder, (line, _)) = (Folder::new(), line());
    folder.write("session.keys", &line);
    for target in ["elsewhere", "session.keys"] {
        std::os::unix::fs::symlink(target, folder.path("session.keys.lock")).unwrap();
        check(
            &folder,
            "
$ sealed-session rotate session.keys --longest-lifetime 7d
! sealed-session: ./session.keys.lock is no lock of this program: remove it
? 1
",
        );
        assert_eq!(folder.names(), ["session.keys", "session.keys.lock"]);
        fs::remove_file(folder.path("session.keys.lock")).unwrap();
    }
    assert_eq!(fs::read_to_string(folder.path("session.keys")).unwrap(), line);
}

/// A hundred times: when the run has come to a certain point, or a while after it, it is killed.
#[test]
fn a_hundred_kills_leave_a_good_file_and_nothing_else() {
    let (folder, (line, id)) = (Folder::new(), line());
    let path = folder.path("session.keys");
    folder.write("session.keys", &line);
    set_mode(&path, 0o640);
    for round in 0..100 {
        let child = Command::new(env!("CARGO_BIN_EXE_sealed-session"))
            .env("LLVM_PROFILE_FILE", "/dev/null") // where coverage is measured, half a profile spoils all
            .args(["rotate", "session.keys", "--longest-lifetime", "7d"])
            .current_dir(folder.path("."))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let point = [Point::Locked, Point::Written, Point::Replaced][round % 3];
        kill(child, &folder, point, round / 3 * 500);

        let ring = KeyRing::from_file(&path).unwrap();
        assert!(ring.key_ids().any(|known| known == id), "no key is lost");
        if ring.key_ids().count() > 1 {
            folder.write("session.keys", &line); // else the next one refuses, since a key is announced
            set_mode(&path, 0o640);
        }
        assert_all_private(&folder);
    }
    let output = run(&folder, ROTATE);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(folder.names(), ["session.keys"]);
    assert_eq!(KeyRing::from_file(&path).unwrap().key_ids().count(), 2);
}

/// Where a run of `rotate` can be seen to be.
#[derive(Clone, Copy)]
enum Point {
    Locked,
    Written,
    Replaced,
}

impl Point {
    fn is_reached(self, folder: &Folder, before: u64) -> bool {
        let names = folder.names();
        match self {
            Self::Locked => names.iter().any(|name| name == "session.keys.lock"),
            Self::Written => names.iter().any(|name| name.starts_with(".session.keys.")),
            Self::Replaced => inode(&folder.path("session.keys")) != before,
        }
    }
}

/// Waits for the point, or the end, turns `turns` times in a circle, and kills.
fn kill(mut child: Child, folder: &Folder, point: Point, turns: usize) {
    let before = inode(&folder.path("session.keys"));
    while child.try_wait().unwrap().is_none() && !point.is_reached(folder, before) {
        std::hint::spin_loop();
    }
    (0..turns).for_each(|_| std::hint::spin_loop());
    child.kill().unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said, "", "one that was killed keeps nobody out");
}

/// What holds keys is for its owner alone, or as the file itself is.
fn assert_all_private(folder: &Folder) {
    use std::os::unix::fs::PermissionsExt;

    for name in folder.names() {
        let mode = fs::metadata(folder.path(&name)).unwrap().permissions().mode() & 0o777;
        assert!(matches!(mode, 0o600 | 0o640), "{name}: {mode:o}");
    }
}

fn inode(path: &Path) -> u64 {
    std::os::unix::fs::MetadataExt::ino(&fs::metadata(path).unwrap())
}
