//! A ring in a file that is watched: it follows the file, and is rotated there and nowhere else.

use std::process::Command;
use std::time::{Duration, Instant, SystemTime};

use sealed_session::keys::Rotation;
use sealed_session::{Algorithm, Key, KeyRing};

use super::visitor::{Browser, Demo, Folder, demo_in, line_of_failure, write_private};

#[test]
fn a_watched_ring_follows_its_file_and_has_no_button() {
    let folder = Folder::new("watched");
    let now = SystemTime::now();
    let ring = KeyRing::dated(new_key(), now);
    write(&folder, &ring.expose_text());
    let demo = Demo::run(watching(&folder));
    let mut browser = Browser::default();
    browser.log_in(&demo);
    let page = browser.get(&demo, "/session").body;
    assert!(page.contains("It is rotated in its file") && !page.contains("Rotate the keys"), "{page}");
    assert_eq!(browser.fill_in(&demo, "/session", "/rotate", "").status, 500);

    let (longest_lifetime, announce) = (Duration::from_secs(7 * 86_400), Duration::from_secs(3600));
    let rotated = ring.rotate(new_key(), Rotation { longest_lifetime, announce, now }).unwrap();
    let [old, new] = [0, 1].map(|at| rotated.status(now)[at].id);
    write(&folder, &rotated.expose_text());
    // The demo reads every 10 milliseconds: the page shows it when it has.
    let deadline = Instant::now() + Duration::from_secs(30);
    let page = loop {
        let page = browser.get(&demo, "/session").body;
        if page.contains(&new.to_string()) {
            break page;
        }
        assert!(Instant::now() < deadline, "waited 30 seconds in vain: {page}");
    };
    assert!(page.contains(&format!("<code>{old}</code><td><span class=\"tag good\">seals</span>")), "{page}");
    assert!(page.contains(&format!("<code>{new}</code><td>opens<td>")), "{page}");
    assert!(browser.is_in(&demo));
    let log = demo.stop();
    let refused = "login: the keys were not rotated: that is done in the file that SESSION_KEYS_FILE names\n";
    assert!(log.starts_with(refused), "{log}");
    assert!(!folder.0.join("login.keys").exists());
}

#[test]
fn a_file_that_cannot_be_watched_is_said_in_one_line() {
    let folder = Folder::new("unwatched");
    let ring = KeyRing::dated(new_key(), SystemTime::now()).expose_text();
    for (text, (name, value), expected) in [
        (&*ring, ("SESSION_KEYS", "secret"), "login: SESSION_KEYS and SESSION_KEYS_FILE are both set: "),
        (&ring, ("SESSION_KEYS", ""), "login: SESSION_KEYS and SESSION_KEYS_FILE are both set: "),
        (&ring, ("SESSION_KEYS_INTERVAL", "1 s"), "login: SESSION_KEYS_INTERVAL: expected a number"),
        (&ring, ("SESSION_KEYS_INTERVAL", ""), "login: SESSION_KEYS_INTERVAL: expected a number"),
        (&ring, ("SESSION_KEYS_FILE", ""), "login: SESSION_KEYS_FILE: "),
        (&ring, ("SESSION_KEYS_FILE", "nowhere"), "login: SESSION_KEYS_FILE: "),
        (&ring, ("SESSION_KEYS_FILE", "."), "login: SESSION_KEYS_FILE: "),
        ("", ("PORT", "0"), "login: SESSION_KEYS_FILE: no key in the key ring file \"ring.keys\": put back"),
        (
            "secret",
            ("PORT", "0"),
            "login: SESSION_KEYS_FILE: line 1 of the key ring file \"ring.keys\", entry 1: not a key",
        ),
    ] {
        write(&folder, text);
        let mut command = watching(&folder);
        command.env(name, value);
        let error = line_of_failure(command);
        assert!(error.starts_with(expected), "{name}={value}: {error}");
        assert!(!error.contains("secret"), "{error}");
    }
    assert!(!folder.0.join("login.keys").exists());
}

fn watching(folder: &Folder) -> Command {
    let mut command = demo_in(folder);
    command.env("SESSION_KEYS_FILE", "ring.keys").env("SESSION_KEYS_INTERVAL", "10");
    command
}

fn new_key() -> Key {
    Key::generate(Algorithm::Xaes256Gcm).unwrap()
}

fn write(folder: &Folder, text: &str) {
    write_private(&folder.0.join("ring.keys"), text);
}
