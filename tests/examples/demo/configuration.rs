//! Settings that are wrong, the file of keys, and keygen, which makes them.

use std::fs;
use std::net::TcpListener;
use std::process::Output;

use super::visitor::{Browser, Demo, Folder, demo_in, example, line_of_failure};

#[test]
fn wrong_configuration_ends_with_one_line_and_exit_code_2() {
    let (broken, locked) = (Folder::new("broken"), Folder::new("locked"));
    broken.write_keys("sealed1_xaes_0\n");
    fs::create_dir(locked.0.join("login.keys")).unwrap(); // nobody can read a folder as text, not even root
    let folder = Folder::new("wrong");
    let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let taken = taken.local_addr().unwrap().port().to_string();
    for (folder, (name, value), expected) in [
        (&folder, ("PORT", "http"), "login: PORT is no port: expected a number from 0 to 65535"),
        (&folder, ("PORT", "65536"), "login: PORT is no port: expected a number from 0 to 65535"),
        (&folder, ("PORT", &taken), "login: cannot listen on 127.0.0.1:"),
        (
            &folder,
            ("SESSION_KEYS", ""),
            "login: SESSION_KEYS: no key in the environment variable \"SESSION_KEYS\"",
        ),
        (
            &folder,
            ("SESSION_KEYS", "secret"),
            "login: SESSION_KEYS: line 1 of the environment variable \"SESSION_KEYS\", entry 1: not a key",
        ),
        (&broken, ("PORT", "0"), "login: line 1 of the key ring file \"login.keys\", entry 1: not a key"),
        (&locked, ("PORT", "0"), "login: the key ring \"login.keys\" is not a file: "),
    ] {
        let mut command = demo_in(folder);
        command.env(name, value);
        let error = line_of_failure(command);
        assert!(error.starts_with(expected), "{name}={value}: {error}");
        assert!(!error.contains("secret"), "{error}");
    }
    let mut command = demo_in(&folder);
    command.arg("--port");
    assert!(line_of_failure(command).starts_with("login: takes no arguments"));
}

#[test]
fn keygen_makes_keys_that_the_demo_takes() {
    let folder = Folder::new("keygen");
    for (arguments, start, algorithm) in [
        (&[][..], "sealed1_xaes_", "XAES-256-GCM"),
        (&["xaes"], "sealed1_xaes_", "XAES-256-GCM"),
        (&["xchacha"], "sealed1_xchacha_", "XChaCha20-Poly1305"),
    ] {
        let Output { stdout, status, .. } = example("keygen").args(arguments).output().unwrap();
        let key = String::from_utf8(stdout).unwrap();
        assert!(status.success() && key.starts_with(start) && key.lines().count() == 1);
        let mut command = demo_in(&folder);
        command.env("SESSION_KEYS", key);
        let (demo, mut browser) = (Demo::run(command), Browser::default());
        browser.log_in(&demo);
        let expected = format!("The algorithm of yours is {algorithm}.");
        assert!(browser.get(&demo, "/session").body.contains(&expected));
    }
    assert!(!folder.0.join("login.keys").exists());
    for wrong in [&["aes"][..], &["xaes", "xaes"]] {
        let mut command = example("keygen");
        command.args(wrong);
        assert!(line_of_failure(command).starts_with("keygen: expected xaes, xchacha or nothing"));
    }
}
