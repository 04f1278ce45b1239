//! `status`.

use sealed_session::{Algorithm, Key};

use crate::folder::Folder;
use crate::transcript::{check, run};

/// A ring with a key in each state.
fn with_ring() -> Folder {
    let folder = Folder::new();
    let key = || Key::generate(Algorithm::Xaes256Gcm).unwrap().expose_text();
    let last = Key::generate(Algorithm::XChaCha20Poly1305).unwrap().expose_text();
    let lines = [
        format!("{} seals-from=2020-01-01T00:00:00Z opens-until=2020-03-01T00:00:00Z", key()),
        format!("{} seals-from=2020-02-01T00:00:00Z opens-until=9000-01-01T00:00:00Z", key()),
        format!("{} seals-from=2020-03-01T00:00:00Z opens-until=9000-03-01T00:00:00Z", key()),
        format!("{last} seals-from=9000-02-01T00:00:00Z"),
    ];
    folder.write("session.keys", lines.join("\n"));
    folder
}

#[test]
fn a_table_of_all_states() {
    let folder = with_ring();
    let output = run(&folder, "sealed-session status session.keys");
    assert!(output.status.success() && output.stderr.is_empty());
    let text = String::from_utf8(output.stdout).unwrap();
    let rows: Vec<_> =
        text.lines().map(|line| line.split_at(if line.starts_with("KEY") { 3 } else { 8 })).collect();
    let rest: Vec<_> = rows.iter().map(|(_, rest)| rest.trim_start()).collect();
    assert_eq!(
        rest,
        [
            "ALGORITHM STATE      SINCE                 UNTIL                 MAY BE DROPPED",
            "xaes      expired    2020-03-01T00:00:00Z  -                     2020-03-01T00:00:00Z",
            "xaes      opening    2020-03-01T00:00:00Z  9000-01-01T00:00:00Z  9000-01-01T00:00:00Z",
            "xaes      sealing    2020-03-01T00:00:00Z  9000-02-01T00:00:00Z  9000-03-01T00:00:00Z",
            "xchacha   announced  -                     9000-02-01T00:00:00Z  -",
        ]
    );
}

#[test]
fn overdue_is_exit_code_1() {
    let folder = with_ring();
    for (max_age, code) in [("90d", 1), ("52000w", 0)] {
        let output = run(&folder, &format!("sealed-session status session.keys --max-age {max_age}"));
        assert_eq!(output.status.code(), Some(code));
        assert_eq!(
            String::from_utf8(output.stdout).unwrap().lines().count(),
            5,
            "the table is there all the same"
        );
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(said.contains("a rotation is overdue: key "), code == 1, "{said}");
    }
    folder.write("session.keys", Key::generate(Algorithm::Xaes256Gcm).unwrap().expose_text());
    check(
        &folder,
        "
$ sealed-session status session.keys
KEY       ALGORITHM STATE      SINCE                 UNTIL                 MAY BE DROPPED
KEY-ID-1  xaes      sealing    -                     -                     -
$ sealed-session status session.keys --max-age 90d >/dev/null
! sealed-session: the ring does not say since when its key seals: rotate gives it times
? 1
$ sealed-session status missing
! sealed-session: the key ring file \"missing\" does not exist: put it there, or make it with \
 `sealed-session rotate \"missing\" --longest-lifetime 7d`
? 1
",
    );
}

#[test]
fn json_is_for_machines() {
    let folder = with_ring();
    for (arguments, overdue, code) in [
        ("--json", serde_json::Value::Null, 0),
        ("--json --max-age 90d", true.into(), 1),
        ("--max-age 52000w --json", false.into(), 0),
    ] {
        let output = run(&folder, &format!("sealed-session status session.keys {arguments}"));
        assert_eq!(output.status.code(), Some(code));
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(json["overdue"], overdue);
        let states: Vec<_> =
            json["keys"].as_array().unwrap().iter().map(|key| key["state"].as_str().unwrap()).collect();
        assert_eq!(states, ["expired", "opening", "sealing", "announced"]);
        let mut last = json["keys"][3].clone();
        assert_eq!(last["id"].take().as_str().unwrap().len(), 8);
        let expected = serde_json::json!({
            "id": null, "algorithm": "xchacha", "state": "announced", "since": null, "until": "9000-02-01T00:00:00Z",
            "seals_from": "9000-02-01T00:00:00Z", "opens_until": null,
        });
        assert_eq!(last, expected);
    }
}

#[test]
fn no_command_but_keygen_prints_a_key() {
    let folder = with_ring();
    for command in [
        "status session.keys",
        "status session.keys --json",
        "rotate session.keys --longest-lifetime 7d --dry-run",
        "inspect --keys session.keys --name x < session.keys",
        "inspect < session.keys",
    ] {
        let output = run(&folder, &format!("sealed-session {command}"));
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(!said.contains("sealed1_"), "{command}: {said}");
    }
}
