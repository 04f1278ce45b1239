//! Keys and rings: their texts, what is refused, and that no error shows what was offered.

use std::time::SystemTime;

use crate::util::folder::Folder;
use crate::util::random::assert_all_of_it_is_drawn;
use sealed_session::error::{KeyError, KeyRingError};
use sealed_session::{Algorithm, Key, KeyRing, testing};

fn entry_error(number: usize, line: usize, error: KeyError) -> KeyRingError {
    KeyRingError::Entry { number, line: Some(line), error }
}

fn text() -> String {
    Key::generate(Algorithm::Xaes256Gcm).unwrap().expose_text()
}

#[test]
fn a_key_is_read_as_it_was_printed() {
    for algorithm in [Algorithm::Xaes256Gcm, Algorithm::XChaCha20Poly1305] {
        let key = Key::generate(algorithm).unwrap();
        let text = key.expose_text();
        for around in [text.clone(), format!("{text}\n"), format!(" \t\r\n{text}\r\n")] {
            let read = Key::from_text(&around).unwrap();
            assert_eq!(
                (read.id(), read.algorithm(), read.expose_text()),
                (key.id(), algorithm, text.clone())
            );
        }
        assert!(text.ends_with(&key.id().to_string()));
    }
}

#[test]
fn keys_are_drawn_anew_and_all_of_them() {
    for algorithm in [Algorithm::Xaes256Gcm, Algorithm::XChaCha20Poly1305] {
        let bytes = |text: &str| {
            let (_, digits) = text.rsplit_once('_').unwrap();
            (0..32).map(|at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).unwrap()).collect()
        };
        let keys = (0..200).map(|_| bytes(&Key::generate(algorithm).unwrap().expose_text()));
        assert_all_of_it_is_drawn(&keys.collect::<Vec<_>>());
    }
}

#[test]
fn every_wrong_digit_is_refused() {
    let text = text();
    for at in 0..text.len() {
        for digit in ["0", "f", "F", "_", "g", "\u{e4}", ""] {
            let mut wrong = text.clone();
            wrong.replace_range(at..=at, digit);
            if wrong != text {
                assert!(Key::from_text(&wrong).is_err(), "{digit:?} at {at}");
            }
        }
    }
    for length in 0..text.len() {
        assert!(Key::from_text(&text[..length]).is_err(), "{length}");
    }
    assert_eq!(Key::from_text(&format!("{text}0")).unwrap_err(), KeyError::Malformed);
    assert_eq!(Key::from_text(&format!("{text} {text}")).unwrap_err(), KeyError::Malformed);
    assert_eq!(Key::from_text(&text.replace("xaes", "xchacha")).unwrap_err(), KeyError::Checksum);
    assert_eq!(Key::from_text(&text.replace("xaes", "aes")).unwrap_err(), KeyError::UnknownAlgorithm);
}

/// The environment of a process cannot be changed under the tests beside this one, so it runs itself in another.
#[test]
fn published_keys_are_refused_by_the_ways_in() {
    const VARIABLE: &str = "SEALED_SESSION_TEST_KEYS";
    let refused = entry_error(2, 2, KeyError::Weak);
    if std::env::var_os(VARIABLE).is_some() {
        let error = KeyRing::from_env(VARIABLE).unwrap_err();
        assert_eq!(error, KeyRingError::InVariable { name: VARIABLE.into(), error: Box::new(refused) });
        return;
    }
    let weak = testing::key(7).expose_text();
    assert_eq!(Key::from_text(&weak).unwrap_err(), KeyError::Weak);
    let ring = format!("{}\n{weak}\n", text());
    assert_eq!(KeyRing::from_text(&ring).unwrap_err(), refused);
    assert_eq!(KeyRing::from_text_at(&ring, SystemTime::now()).unwrap_err(), refused);
    let folder = Folder::new();
    let path = folder.write("keys", &ring);
    let in_file = KeyRingError::InFile { path: path.to_str().unwrap().into(), error: Box::new(refused) };
    assert_eq!(KeyRing::from_file(path).unwrap_err(), in_file);
    let mut other = std::process::Command::new(std::env::current_exe().unwrap());
    let output =
        other.args(["--exact", "keys::published_keys_are_refused_by_the_ways_in"]).env(VARIABLE, &ring);
    let output = output.output().unwrap();
    assert!(
        output.status.success() && output.stdout.windows(8).any(|said| said == b"1 passed"),
        "{output:?}"
    );
    assert!(testing::key_from_text(&weak).is_ok(), "the door for tests");
}

/// Every text that is no ring, from every source: the advice is for the place where the text came from. A variable is
/// read in another process.
#[test]
fn advice_fits_the_source_of_the_ring() {
    const VARIABLE: &str = "SEALED_SESSION_TEST_ADVICE";
    if std::env::var_os(VARIABLE).is_some() {
        println!("\nsaid: {}", KeyRing::from_env(VARIABLE).unwrap_err());
        return;
    }
    let folder = Folder::new();
    let of_variable = |text: &[u8]| {
        let mut other = std::process::Command::new(std::env::current_exe().unwrap());
        other.args(["--exact", "keys::advice_fits_the_source_of_the_ring", "--nocapture"]);
        #[cfg(unix)]
        let value: &std::ffi::OsStr = std::os::unix::ffi::OsStrExt::from_bytes(text);
        #[cfg(not(unix))]
        let value = std::str::from_utf8(text).unwrap();
        let said = String::from_utf8(other.env(VARIABLE, value).output().unwrap().stdout).unwrap();
        said.lines().find_map(|line| line.strip_prefix("said: ")).unwrap().to_owned()
    };
    let of_file = |text: &[u8]| KeyRing::from_file(folder.write("keys", text)).unwrap_err().to_string();
    let of_text = |text: &[u8]| {
        let text = std::str::from_utf8(text).ok()?;
        Some(KeyRing::from_text(text).unwrap_err().to_string())
    };

    let path = format!("{:?}", folder.path("keys"));
    let file = format!("the key ring file {path}");
    let rotate = format!("`sealed-session rotate {path} --longest-lifetime 7d`");
    let variable = format!("the environment variable {VARIABLE:?}");
    let keygen = "make a key with `sealed-session keygen`";
    let (one, many) = (text(), (0..65).map(|_| text() + ",").collect::<String>());
    let long = "#".repeat(65_537);
    let malformed =
        "not a key: expected sealed1_xaes_ or sealed1_xchacha_ and 72 lower-case hexadecimal digits";
    let weak = "a key that is published or trivial: make one of your own";
    let times = "seals-from=2020-01-01T00:00:00Z opens-until=2020-01-02T00:00:00Z";
    let ends = "stops opening while it is still the key that seals: set opens-until later than the seals-from of the \
                next key, or, where this is the newest key, take it off";
    for empty in ["", "\n# none\n"] {
        assert_eq!(of_text(empty.as_bytes()).unwrap(), format!("no key in the key ring: {keygen}"));
        assert_eq!(of_variable(empty.as_bytes()), format!("no key in {variable}: {keygen}"));
        assert_eq!(
            of_file(empty.as_bytes()),
            format!(
                "no key in {file}: put back the keys that it held, or remove it and make it with {rotate}"
            )
        );
    }
    for (text, problem) in [
        (many.clone(), "more than 64 keys in {place}: take out those whose cookies have expired".to_owned()),
        ("passphrase".into(), format!("line 1 of {{place}}, entry 1: {malformed}")),
        (
            format!("{one}\n#\n{one}"),
            "line 3 of {place}, entry 2: has the id of an earlier one: take one of them out".into(),
        ),
        (testing::key(7).expose_text(), format!("line 1 of {{place}}, entry 1: {weak}")),
        (format!("{one} {times}"), format!("line 1 of {{place}}, entry 1: {ends}")),
    ] {
        for (found, place) in [
            (of_text(text.as_bytes()).unwrap(), "the key ring"),
            (of_variable(text.as_bytes()), &variable),
            (of_file(text.as_bytes()), &file),
        ] {
            assert_eq!(found, problem.replace("{place}", place));
        }
    }
    for (text, in_text, in_variable, in_file) in [
        (
            long.into_bytes(),
            "the key ring is longer than 65536 bytes: take out old keys and comments",
            "is longer than 65536 bytes: take out old keys and comments",
            "is longer than 65536 bytes: name another file, or take out old keys and comments",
        ),
        (
            format!("\u{feff}{one}").into_bytes(),
            "the key ring begins with a byte order mark: save it as UTF-8 without one",
            "begins with a byte order mark: set it without one",
            "begins with a byte order mark: save it as UTF-8 without one",
        ),
        #[cfg(unix)]
        (
            b"\xff".to_vec(),
            "",
            "is not UTF-8: set it to the text of a key or of a key ring",
            "is not UTF-8: save it as UTF-8, or name another file",
        ),
    ] {
        assert_eq!(of_text(&text).unwrap_or_default(), in_text);
        assert_eq!(of_variable(&text), format!("{variable} {in_variable}"));
        assert_eq!(of_file(&text), format!("{file} {in_file}"));
    }
    // What only one of the sources has.
    let nul = format!("{one}\n\0");
    assert_eq!(
        of_file(nul.as_bytes()),
        format!("line 2 of {file} holds a NUL: save it as UTF-8, or write it anew")
    );
    assert_eq!(
        of_text(nul.as_bytes()).unwrap(),
        "line 2 of the key ring holds a NUL: save it as UTF-8, or write it anew"
    );
    assert_eq!(
        KeyRing::from_env("SEALED_SESSION_TEST_NOT_SET").unwrap_err().to_string(),
        format!("the environment variable \"SEALED_SESSION_TEST_NOT_SET\" is not set: {keygen}")
    );
    std::fs::remove_file(folder.path("keys")).unwrap();
    assert_eq!(
        KeyRing::from_file(folder.path("keys")).unwrap_err().to_string(),
        format!("{file} does not exist: put it there, or make it with {rotate}")
    );
    std::fs::create_dir(folder.path("keys")).unwrap();
    let error = KeyRing::from_file(folder.path("keys")).unwrap_err();
    assert_eq!(error.to_string(), format!("the key ring {path} is not a file: name the file itself"));
    std::fs::remove_dir(folder.path("keys")).unwrap();
    folder.write("keys", "");
    let error = KeyRing::from_file(folder.path("keys/below")).unwrap_err().to_string();
    assert!(error.ends_with(" cannot be read: not a directory: check its path, disk and mount"), "{error}");
}

#[test]
fn a_ring_reads_lines_commas_and_comments() {
    let (one, two, three) = (text(), text(), text());
    let ring = KeyRing::from_text(&format!("# keys, all of them\r\n\n {one} # sealing\r\n,{two},,\t{three}"))
        .unwrap();
    let id = |text: &str| text[text.len() - 8..].to_owned();
    let ids: Vec<_> = ring.key_ids().map(|id| id.to_string()).collect();
    assert_eq!(ids[0], id(&one), "the first seals");
    assert_eq!(ids.len(), 3);
    assert!(ids.contains(&id(&two)) && ids.contains(&id(&three)));
}

#[test]
fn broken_rings_are_refused_with_the_number_of_the_entry() {
    let (one, two) = (text(), text());
    let error = |text: &str| KeyRing::from_text(text).unwrap_err();
    for empty in ["", "\n", ",", "# nothing", " \t\r\n,,#"] {
        assert_eq!(error(empty), KeyRingError::Empty, "{empty:?}");
    }
    assert_eq!(error(&format!("{one},{two}\n{one}")), entry_error(3, 2, KeyError::Repeated));
    let malformed = |number, line| entry_error(number, line, KeyError::Malformed);
    assert_eq!(error(&format!("{one} {two}")), entry_error(1, 1, KeyError::UnknownWord));
    assert_eq!(error(&format!("{one}\n#\n{}", &two[1..])), malformed(2, 3));
    assert_eq!(error(&format!("{one}\n{}", &two[..80])), malformed(2, 2));
    assert_eq!(error(&format!("\u{feff}{one}")), KeyRingError::ByteOrderMark);
    assert_eq!(error(&format!("{one}\n{two}\0")), KeyRingError::Nul { line: 2 });
    let utf_16: String = one.chars().flat_map(|c| [c, '\0']).collect();
    assert_eq!(error(&utf_16), KeyRingError::Nul { line: 1 });
    for long in ["#".repeat(1 << 20), format!("{one}\n").repeat(10_000)] {
        assert_eq!(error(&long), KeyRingError::TooLong { limit: 65_536 });
    }
    let many: Vec<_> = (0..65).map(|_| text()).collect();
    assert_eq!(error(&many.join("\n")), KeyRingError::TooMany { limit: 64 });
    assert_eq!(KeyRing::from_text(&many[..64].join("\n")).unwrap().key_ids().count(), 64);
}

#[test]
fn accept_refuses_what_is_there_already_and_what_is_too_much() {
    let ring = KeyRing::new(testing::key(1));
    let repeated = KeyRingError::Entry { number: 2, line: None, error: KeyError::Repeated };
    assert_eq!(ring.clone().accept(testing::key(1)).unwrap_err(), repeated);
    let full = (2..=64).fold(ring, |ring, byte| ring.accept(testing::key(byte)).unwrap());
    assert_eq!(full.accept(testing::key(65)).unwrap_err(), KeyRingError::TooMany { limit: 64 });
}

#[test]
fn a_missing_variable_says_how_to_make_a_key() {
    let error = KeyRing::from_env("SEALED_SESSION_TEST_NOT_SET").unwrap_err();
    assert_eq!(
        error.to_string(),
        "the environment variable \"SEALED_SESSION_TEST_NOT_SET\" is not set: make a key with `sealed-session keygen`"
    );
}

#[test]
fn no_error_and_no_debug_shows_a_key() {
    let key = Key::generate(Algorithm::Xaes256Gcm).unwrap();
    let text = key.expose_text();
    let secret = &text["sealed1_xaes_".len()..text.len() - 8];
    let ring = KeyRing::new(key.clone());
    let sessions = sealed_session::Sessions::<u64>::new(ring.clone()).unwrap();
    let tokens = sealed_session::Tokens::new(ring.clone(), "", "x").unwrap();
    let broken = format!("{text}0");
    let shown = [
        format!("{key:?}"),
        format!("{ring:?}"),
        format!("{sessions:?} {:?}", sealed_session::Sessions::<u64>::builder(ring.clone())),
        format!("{tokens:?}"),
        format!("{:?}", Key::from_text(&broken).unwrap_err()),
        format!("{:?}", KeyRing::from_text(&broken).unwrap_err()),
        format!("{0:?} {0}", KeyRing::from_env(&text).unwrap_err()),
    ];
    for text in shown {
        assert!(!text.contains(secret) && !text.contains(&secret[..8]), "{text}");
        // Nor as a list of numbers.
        let first = u8::from_str_radix(&secret[..2], 16).unwrap();
        let second = u8::from_str_radix(&secret[2..4], 16).unwrap();
        assert!(!text.contains(&format!("{first}, {second}")), "{text}");
    }
    assert!(format!("{key:?}").contains(&key.id().to_string()));
    assert!(format!("{ring:?}").contains(&key.id().to_string()));
}
