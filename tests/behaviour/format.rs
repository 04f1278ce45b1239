//! The examples of FORMAT.md, executed.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use crate::util::{Visitor, with_cookie};
use sealed_session::{KeyRing, Sessions, testing};

fn read(file: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

/// The two examples of §17: names and values of everything in between.
fn examples() -> Vec<BTreeMap<String, String>> {
    let format = read("FORMAT.md");
    let (_, section) = format.split_once("\n## 17. Test vectors\n").unwrap();
    section.split("```text\n").skip(1).map(|block| example(block.split("```").next().unwrap())).collect()
}

/// Lines of a name, padded to 14 columns, and a value; a line without a name goes on with the value.
fn example(block: &str) -> BTreeMap<String, String> {
    let (mut values, mut last) = (BTreeMap::<String, String>::new(), String::new());
    for line in block.lines() {
        let (name, value) = line.split_at(14);
        if !name.trim().is_empty() {
            last = name.trim().to_owned();
        }
        values.entry(last.clone()).or_default().push_str(value.trim());
    }
    values
}

#[test]
fn the_examples_are_those_of_the_independent_writer() {
    assert!(read("FORMAT.md").contains(read("tests/data/vectors/intermediate.md").trim()));
}

#[test]
fn the_examples_open() {
    let examples = examples();
    assert_eq!(examples.len(), 2);
    for example in examples {
        let key = testing::key_from_text(&example["key text"]).unwrap();
        assert_eq!(key.id().to_string(), example["I"]);
        assert!(example["key text"].contains(&example["key"]));
        let sessions = Sessions::<Visitor>::builder(KeyRing::new(key))
            .clock(|| UNIX_EPOCH + Duration::from_secs(1_790_000_060))
            .build()
            .unwrap();
        let session =
            testing::load(&sessions, &with_cookie(format!("{}={}", sessions.name(), example["token"])));
        let expected =
            Visitor { user: Some(42), name: "Ada".into(), roles: vec!["admin".into(), "author".into()] };
        assert_eq!(*session, expected);
        let about = session.about();
        assert_eq!(about.rejection(), None);
        assert_eq!(about.id().unwrap().to_string(), example["id"]);
        assert_eq!(about.started(), UNIX_EPOCH + Duration::from_secs(1_790_000_000));
        assert_eq!(about.authenticated_at(), Some(about.started()));
        assert_eq!(about.expires_at(), about.started() + Duration::from_secs(7 * 86_400));
        assert_eq!(sessions.schema_fingerprint().to_string(), example["schema"]);
        let payload = postcard::to_allocvec(&expected).unwrap();
        assert_eq!(payload.iter().map(|byte| format!("{byte:02x}")).collect::<String>(), example["payload"]);
    }
}

#[test]
fn the_parts_of_the_examples_make_the_whole() {
    for example in examples() {
        let joined = |names: &[&str]| names.iter().map(|name| example[*name].as_str()).collect::<String>();
        assert_eq!(joined(&["V", "I", "N", "C", "T"]), example["envelope"]);
        assert_eq!(
            joined(&["schema", "id", "started", "flags", "w", "d", "payload", "padding"]),
            example["P"]
        );
        assert!(example["A"].starts_with(&joined(&["V", "I"])));
        assert_eq!(example["token"].len(), (example["envelope"].len() / 2 * 4).div_ceil(3));
    }
}

#[test]
fn the_schemas_of_section_8_are_those_of_the_vectors() {
    let (format, vectors) = (read("FORMAT.md"), read("tests/data/vectors/schemas.tsv"));
    let rows = format.lines().filter_map(|line| {
        let [what, description, schema] = <[&str; 3]>::try_from(
            line.strip_prefix("| ")?.strip_suffix(" |")?.split(" | ").collect::<Vec<_>>(),
        )
        .ok()?;
        let schema = schema.strip_prefix('`')?.strip_suffix('`')?;
        let is_schema = schema.len() == 10 && schema.bytes().all(|c| c.is_ascii_hexdigit());
        let description = description.strip_prefix('`')?.strip_suffix('`')?.replace("\\|", "|");
        is_schema.then(|| format!("{what}\t{description}\t{schema}"))
    });
    let rows: Vec<_> = rows.collect();
    assert!(rows.len() > 20, "{rows:?}");
    for row in rows {
        assert!(vectors.lines().any(|line| line == row), "{row}");
    }
}
