//! What is typed wrong: one line, exit code 2, and nothing of what was typed, as it may be a key.

use crate::folder::Folder;
use crate::transcript::{check, run};

#[test]
fn each_mistake_is_named() {
    check(
        &Folder::new(),
        "
$ sealed-session
! sealed-session: expected keygen, rotate, status, inspect, revoke, revocations or prune: --help says more
? 2
$ sealed-session keygenn
! sealed-session: expected keygen, rotate, status, inspect, revoke, revocations or prune: --help says more
? 2
$ sealed-session keygen --algorithm aes
! sealed-session: --algorithm <xaes|xchacha>: expected xaes or xchacha: --help says more
? 2
$ sealed-session keygen --key
! sealed-session: an argument that there is not, or one too many: --help says more
? 2
$ sealed-session rotate session.keys
! sealed-session: --longest-lifetime <TIME> is missing: --help says more
? 2
$ sealed-session rotate --longest-lifetime 7d
! sealed-session: <FILE> is missing: --help says more
? 2
$ sealed-session rotate session.keys --longest-lifetime 7
! sealed-session: --longest-lifetime <TIME>: expected a number and s, m, h, d or w, such as 7d: --help says more
? 2
$ sealed-session rotate session.keys --longest-lifetime -1d
! sealed-session: an argument that there is not, or one too many: --help says more
? 2
$ sealed-session rotate session.keys --longest-lifetime 99999999999999999999d
! sealed-session: --longest-lifetime <TIME>: expected a number and s, m, h, d or w, such as 7d: --help says more
? 2
$ sealed-session rotate session.keys --longest-lifetime 0d
! sealed-session: --longest-lifetime: must not be zero
? 2
$ sealed-session rotate .. --longest-lifetime 7d
! sealed-session: FILE: expected the name of a file
? 2
$ sealed-session status
! sealed-session: <FILE> is missing: --help says more
? 2
$ sealed-session status session.keys --max-age
! sealed-session: --max-age <TIME>: is none of its values, or has none: --help says more
? 2
$ sealed-session inspect --keys session.keys
! sealed-session: --name <NAME> is missing: --help says more
? 2
$ sealed-session inspect --payload
! sealed-session: --name <NAME>, --keys <FILE> is missing: --help says more
? 2
$ ls
",
    );
}

#[test]
fn a_key_in_a_wrong_place_is_not_repeated() {
    let folder = Folder::new();
    let key = String::from_utf8(run(&folder, "sealed-session keygen").stdout).unwrap();
    let key = key.trim();
    // What is left when it was copied badly.
    let (cut, digits) = (&key[1..], &key[key.len() - 72..]);
    for command in [
        format!("sealed-session rotate {cut} --longest-lifetime 7d"),
        format!("sealed-session rotate {digits} --longest-lifetime 7d"),
        format!("sealed-session rotate /nowhere/{} --longest-lifetime 7d", &digits[..32]),
        format!("sealed-session rotate {digits}.keys --dry-run --longest-lifetime 7d"),
        format!("sealed-session status {cut}"),
        format!("sealed-session inspect --keys {digits} --name x"),
        format!("sealed-session {key}"),
        format!("sealed-session keygen {key}"),
        format!("sealed-session keygen --{key}"),
        format!("sealed-session keygen --algorithm {key}"),
        format!("sealed-session rotate {key} --longest-lifetime 7d"),
        format!("sealed-session rotate session.keys --longest-lifetime {key}"),
        format!("sealed-session status {key}"),
        format!("sealed-session status session.keys {key}"),
        format!("sealed-session status --max-age {key} session.keys"),
        format!("sealed-session inspect {key}"),
        format!("echo {key} | sealed-session inspect"),
        format!("sealed-session inspect --keys {key} --name x"),
        format!("sealed-session inspect x --keys session.keys --name {key}"),
    ] {
        let output = run(&folder, &command);
        assert_ne!(output.status.code(), Some(0), "{command}");
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(!said.contains(&digits[4..24]), "{said}");
    }
    assert_eq!(folder.names(), [""; 0]);
    // A folder may have such a name, where containers keep their files.
    let volume = &digits[..64];
    let command =
        format!("mkdir {volume} && sealed-session rotate {volume}/session.keys --longest-lifetime 7d");
    assert!(run(&folder, &command).status.success());
}

#[test]
fn help_is_there_and_fits_a_terminal() {
    let folder = Folder::new();
    for command in ["", "keygen", "rotate", "status", "inspect"] {
        let output = run(&folder, &format!("sealed-session {command} --help"));
        assert!(output.status.success() && output.stderr.is_empty());
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("Usage: sealed-session"), "{text}");
        let longest = text.lines().map(|line| line.chars().count()).max();
        assert!(longest <= Some(120), "{longest:?} {text}");
    }
}
