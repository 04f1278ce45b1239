//! The button that rotates the keys: nobody is logged out, also not by a restart.

use std::fs;
use std::path::Path;

use sealed_session::{Algorithm, Key};

use super::visitor::{Browser, Demo, Folder, demo_in};

#[test]
fn a_rotation_keeps_everybody_in_also_over_a_restart() {
    let folder = Folder::new("rotation");
    let mut browser = Browser::default();
    let old;
    {
        let demo = Demo::start(&folder);
        browser.log_in(&demo);
        let cookie = browser.session().unwrap().clone();
        old = folder.keys();
        fs::write(folder.0.join("login.keys.new"), "left by a run that was stopped").unwrap();
        browser.press(&demo, "/rotate", "");
        assert_eq!(browser.session(), Some(&cookie), "reading never seals again");
        assert!(browser.is_in(&demo));
        let page = browser.get(&demo, "/session").body;
        assert!(page.contains(&row(&folder, 0, false)) && page.contains(&row(&folder, 1, true)), "{page}");
    }
    assert_eq!((folder.keys().len(), &folder.keys()[1..]), (2, &old[..]), "the new one first");
    assert_is_owners_alone(&folder.0.join("login.keys"));
    assert!(!folder.0.join("login.keys.new").exists());
    let text = fs::read_to_string(folder.0.join("login.keys")).unwrap();
    assert_eq!(text.matches('#').count(), 1, "one heading: {text}");

    let demo = Demo::start(&folder);
    assert!(browser.is_in(&demo));
    // A form that was shown before is still good.
    let token = browser.get(&demo, "/session").token();
    browser.press(&demo, "/rotate", "");
    browser.post(&demo, "/rotate", &format!("csrf={token}")).redirects_to("/session#keys");
    assert_eq!(folder.keys().len(), 4);
    // What is written is sealed with the newest.
    browser.log_in(&demo);
    assert!(browser.get(&demo, "/session").body.contains(&row(&folder, 0, true)));
    // Without the old keys the new cookie goes on, and is nobody else's.
    drop(demo);
    folder.write_keys(&folder.keys()[0]);
    fs::write(folder.0.join("login.keys.new"), "left by a run that was killed").unwrap();
    assert!(browser.is_in(&Demo::start(&folder)));
    assert!(!folder.0.join("login.keys.new").exists(), "keys that nobody needs are gone at the next start");
}

#[test]
fn keys_from_the_environment_are_rotated_in_memory_alone() {
    let folder = Folder::new("memory");
    let keys =
        format!("{} # the only one", Key::generate(Algorithm::XChaCha20Poly1305).unwrap().expose_text());
    let start = || {
        let mut command = demo_in(&folder);
        command.env("SESSION_KEYS", &keys);
        Demo::run(command)
    };
    let (demo, mut browser) = (start(), Browser::default());
    browser.log_in(&demo);
    browser.press(&demo, "/rotate", "");
    browser.press(&demo, "/rotate", "");
    assert!(browser.is_in(&demo));
    let page = browser.get(&demo, "/session").body;
    assert!(page.contains("in this process alone") && !page.contains("login.keys"));
    assert_eq!(page.matches("<td>opens<td>").count(), 2);
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 0);
    assert!(browser.is_in(&start()), "its cookie is of the first key still");
    browser.log_in(&demo);
    let restarted = start();
    assert!(!browser.is_in(&restarted), "as the page says");
    let log = browser.get(&restarted, "/login").log();
    assert_eq!(log[0], ["GET /login", "200", "unknown_key", "withheld", "none"]);
    browser.log_in(&restarted);
    assert!(browser.is_in(&restarted));
    let rejected = "login: a session cookie was not accepted: unknown_key\n";
    let log = restarted.stop();
    assert!(log.contains(rejected) && log.replace(rejected, "").is_empty(), "{log}");
}

#[test]
fn what_cannot_be_written_is_not_used() {
    let folder = Folder::new("unwritable");
    let demo = Demo::start(&folder);
    let mut browser = Browser::default();
    browser.log_in(&demo);
    let keys = folder.keys();
    fs::create_dir(folder.0.join("login.keys.new")).unwrap(); // nobody can write a folder, not even root
    let answer = browser.fill_in(&demo, "/session", "/rotate", "");
    assert!(answer.status == 500 && answer.body.contains("Nothing was changed."));
    assert!(browser.get(&demo, "/session").body.contains(&row(&folder, 0, true)));
    assert_eq!(folder.keys(), keys);
    let log = demo.stop();
    assert!(log.starts_with("login: the keys were not rotated: login.keys: "), "{log}");
    assert!(log.lines().count() == 1 && !log.contains("sealed1_"), "{log}");
}

#[test]
fn a_full_ring_is_left_as_it_is() {
    let folder = Folder::new("full");
    let keys: Vec<_> = (0..64).map(|_| Key::generate(Algorithm::Xaes256Gcm).unwrap().expose_text()).collect();
    folder.write_keys(&keys.join("\n"));
    let demo = Demo::start(&folder);
    let mut browser = Browser::default();
    browser.log_in(&demo);
    assert!(!browser.get(&demo, "/session").body.contains("Rotate the keys"));
    assert_eq!(browser.fill_in(&demo, "/session", "/rotate", "").status, 500);
    assert!(browser.is_in(&demo));
    assert_eq!(folder.keys(), keys);
    assert!(demo.stop().starts_with("login: the keys were not rotated: "));
}

#[test]
fn the_first_key_file_is_its_owners_alone() {
    let folder = Folder::new("mode");
    drop(Demo::start(&folder));
    assert_is_owners_alone(&folder.0.join("login.keys"));
}

/// How the page shows the key at this place of the file.
fn row(folder: &Folder, place: usize, is_yours: bool) -> String {
    let key = &folder.keys()[place];
    let role = if place == 0 { "<span class=\"tag good\">seals</span> and opens" } else { "opens" };
    let yours = if is_yours { "sealed your cookie" } else { "" };
    format!("<code>{}</code><td>{role}<td>{yours}\n", &key[key.len() - 8..])
}

#[cfg(unix)]
#[track_caller]
fn assert_is_owners_alone(path: &Path) {
    use std::os::unix::fs::PermissionsExt;

    assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[cfg(not(unix))]
fn assert_is_owners_alone(_: &Path) {}
