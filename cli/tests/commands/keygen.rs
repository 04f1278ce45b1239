//! `keygen`.

use crate::folder::Folder;
use crate::transcript::{check, run};

#[test]
fn prints_a_key_and_nothing_else() {
    check(
        &Folder::new(),
        "
$ sealed-session keygen
sealed1_xaes_…
$ sealed-session keygen --algorithm xaes
sealed1_xaes_…
$ sealed-session keygen --algorithm xchacha
sealed1_xchacha_…
",
    );
}

#[test]
fn every_key_is_another() {
    let folder = Folder::new();
    let (one, other) =
        (run(&folder, "sealed-session keygen").stdout, run(&folder, "sealed-session keygen").stdout);
    assert_ne!(one, other);
    let text = String::from_utf8(one).unwrap();
    assert!(sealed_session::Key::from_text(&text).is_ok());
}

#[cfg(target_os = "linux")]
#[test]
fn standard_output_that_is_gone_is_no_panic() {
    let folder = Folder::new();
    let full = run(&folder, "sealed-session keygen > /dev/full");
    assert_eq!(full.status.code(), Some(1));
    let text = String::from_utf8(full.stderr).unwrap();
    assert!(text.starts_with("sealed-session: standard output: ") && text.lines().count() == 1, "{text}");
}
