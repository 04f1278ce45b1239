//! What documents and comments refer to is there: sections of FORMAT.md, files and folders, tests and examples.

use std::collections::BTreeSet;
use std::fs;

use crate::files::{is_package, root, texts};

/// Where an `…/…` between backquotes begins, if it is a path from the root. Not `target/`, which is made.
const FOLDERS: &[&str] =
    &[".ci/", "actix/", "benches/", "cli/", "docs/", "examples/", "fuzz/", "src/", "tests/"];

/// Documents and sources, without what only lists what was: the changelog.
fn readers() -> impl Iterator<Item = (String, String)> {
    texts(&["md", "rs", "toml", "py", ""]).into_iter().filter(|(file, _)| file != "CHANGELOG.md")
}

/// What stands between backquotes.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.lines().flat_map(|line| line.split('`').skip(1).step_by(2))
}

/// The number that a text begins with, such as 6 or 6.2.
fn number(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    text[..end].trim_end_matches('.')
}

#[test]
fn every_section_of_the_format_that_is_cited_is_there() {
    let format = fs::read_to_string(root().join("FORMAT.md")).unwrap();
    let sections: BTreeSet<&str> = format
        .lines()
        .filter_map(|line| Some(number(line.strip_prefix('#')?.trim_start_matches('#').trim())))
        .collect();
    let mut seen = 0;
    for (file, text) in readers() {
        for citation in ["FORMAT §", "FORMAT.md §"] {
            for (at, _) in text.match_indices(citation) {
                let cited = number(&text[at + citation.len()..]);
                // This file names none.
                if cited.is_empty() {
                    continue;
                }
                seen += 1;
                assert!(
                    sections.contains(cited),
                    "{file} cites {citation}{cited}, and FORMAT.md has no such section"
                );
            }
        }
        for document in ["DESIGN", "SECURITY", "CONTRIBUTING", "README"] {
            for citation in [format!("{document} §"), format!("{document}.md §")] {
                assert!(
                    !text.contains(&citation),
                    "{file} cites {citation}: the sections there have no numbers"
                );
            }
        }
    }
    assert!(seen > 50, "{seen}");
}

#[test]
fn every_path_that_is_named_is_there() {
    let (mut seen, mut missing) = (0, Vec::new());
    for (file, text) in readers() {
        for path in quoted(&text).map(|path| path.trim_end_matches('/')) {
            let Some(folder) = FOLDERS.iter().find(|folder| path.starts_with(**folder)) else { continue };
            // A package has neither the gate nor the other crates, and of the benches the sources alone.
            let is_bench = path.starts_with("benches/") && !path.ends_with(".rs");
            let is_elsewhere = is_bench || path.starts_with("tests/system") || !root().join(folder).exists();
            if path.contains([' ', '*', '<', '…', '(', '"']) || (is_package() && is_elsewhere) {
                continue;
            }
            seen += 1;
            let path = path.split("::").next().unwrap();
            // The page of a crate names what is below it.
            let beside = root().join(&file).with_file_name(path);
            if !root().join(path).exists() && !beside.exists() {
                missing.push(format!("{file} names `{path}`"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
    assert!(seen > 20, "{seen}");
}

#[test]
fn every_place_in_the_table_of_contributing_is_there() {
    let page = fs::read_to_string(root().join("CONTRIBUTING.md")).unwrap();
    let (_, rest) = page.split_once("## How the tree is laid out\n").unwrap();
    let (table, _) = rest.split_once("\n## ").unwrap();
    let first_cells = table.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
    let named: BTreeSet<String> =
        first_cells.flat_map(quoted).map(|path| path.trim_end_matches('/').to_owned()).collect();
    assert!(named.len() > 15, "{named:?}");
    for path in &named {
        assert!(is_package() || root().join(path).exists(), "CONTRIBUTING.md's table has {path}");
    }
    // And it leaves none out.
    for (parent, name) in [("src", "src/"), ("tests", "tests/")] {
        for entry in fs::read_dir(root().join(parent)).unwrap().map(Result::unwrap) {
            let path = format!("{name}{}", entry.file_name().into_string().unwrap());
            let is_root = path == "src/lib.rs" || path == "src/guide.rs";
            let is_there = named.iter().any(|named| *named == path || named.starts_with(&format!("{path}/")));
            assert!(is_root || is_there, "CONTRIBUTING.md's table leaves out {path}");
        }
    }
}

#[test]
fn every_target_that_a_command_names_is_there() {
    let mut seen = 0;
    let kinds = [("--test ", "tests"), ("--example ", "examples"), ("--bench ", "benches")];
    for (file, text) in readers().filter(|(file, _)| !file.starts_with("tests/system")) {
        for (option, folder) in kinds {
            for (at, _) in text.match_indices(option) {
                let rest = &text[at + option.len()..];
                let end = rest.find(|c: char| !c.is_ascii_lowercase() && c != '_').unwrap_or(rest.len());
                let name = &rest[..end];
                let line = text[..at].lines().next_back().unwrap_or_default();
                if name.is_empty() || line.contains("--manifest-path") || text[..at].ends_with("\\\n    ") {
                    continue;
                }
                seen += 1;
                let places = [format!("{folder}/{name}.rs"), format!("{folder}/{name}/main.rs")];
                let is_there = places.iter().any(|place| root().join(place).exists());
                let is_of_another_crate = line.contains("-p ") || line.contains("system_test ");
                assert!(is_there || is_of_another_crate, "{file}: there is no target for {option}{name}");
            }
        }
    }
    assert!(seen > 15, "{seen}");
}
