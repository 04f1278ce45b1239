//! Claims of SECURITY.md: it names the test that shows each claim; every name leads to a test.

use std::path::{Path, PathBuf};

use crate::files::{is_package, root};

/// What stands between backquotes in the tables.
fn names(page: &str) -> Vec<&str> {
    let rows = page.lines().filter(|line| line.starts_with('|'));
    rows.flat_map(|row| row.split('`').skip(1).step_by(2)).collect()
}

/// The folders of the tests: a name leaves out which of them it is.
fn drawers() -> Vec<PathBuf> {
    let tests = root().join("tests");
    let below = std::fs::read_dir(&tests).unwrap().map(|entry| entry.unwrap().path());
    below.filter(|path| path.is_dir()).chain([tests.clone()]).collect()
}

/// Whether a file holds a function of this name that is marked as a test.
fn has_test(file: &Path, name: &str) -> bool {
    let Ok(text) = std::fs::read_to_string(file) else { return false };
    let head = format!("fn {name}(");
    let Some(at) = text.find(&head) else { return false };
    // The attributes above it, up to the end of what comes before.
    let attributes: Vec<_> =
        text[..at].lines().rev().take_while(|line| !line.is_empty() && *line != "}").collect();
    attributes.iter().any(|line| line.contains("test]"))
        && !attributes.iter().any(|line| line.contains("ignore"))
}

#[test]
fn every_test_that_is_named_is_there() {
    let page = std::fs::read_to_string(root().join("SECURITY.md")).unwrap();
    let (mut count, mut missing) = (0, Vec::new());
    for name in names(&page) {
        let found = if let Some((file, test)) = name.split_once(".rs::") {
            let folders = if file.starts_with("src/") { vec![root().to_owned()] } else { drawers() };
            let of_another_crate = is_package() && file.starts_with("system/");
            of_another_crate
                || folders.iter().any(|folder| has_test(&folder.join(format!("{file}.rs")), test))
        } else if name.ends_with(".txt") {
            root().join("tests/data/vectors/cases").join(name).exists()
        } else {
            continue;
        };
        count += 1;
        if !found {
            missing.push(name);
        }
    }
    assert!(count > 50, "{count}");
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn each_flaw_and_each_threat_names_a_test_or_says_that_there_is_none() {
    let page = std::fs::read_to_string(root().join("SECURITY.md")).unwrap();
    for section in ["## Threat model", "## Flaws that others have had"] {
        let (_, rest) = page.split_once(section).unwrap();
        let body = rest.split("\n## ").next().unwrap();
        let rows: Vec<_> =
            body.lines().filter(|line| line.starts_with("| ") && !line.contains("shown by")).collect();
        assert!(rows.len() > 15, "{section}");
        for row in rows {
            let shown_by = row.trim_end_matches('|').rsplit('|').next().unwrap();
            assert!(shown_by.contains('`') || row.contains("| none:"), "{row}");
        }
    }
}
