//! The words of the public API and of the logs: each is in the glossary, and no word comes back that was renamed.

use std::collections::BTreeSet;
use std::fs;

use crate::files::{root, texts};

/// Names (with brackets: of functions) that were renamed before the first release, because the field has a better word.
const RENAMED: &[&str] = &[
    "authenticated()",
    "CheckFailed",
    "Draft",
    "Ending",
    "Ends",
    "Exchanged",
    "forbid_keeping()",
    "forbid_storing()",
    "Head",
    "Kept",
    "lifetime()",
    "LiveRing",
    "Opened",
    "other_shape",
    "Place",
    "renew_id()",
    "restart()",
    "Slot",
    "Target",
    "TooLate",
    "Unsaved",
    "was_looked_at()",
    "Watch",
    "without_renewal()",
];

/// Words that no name may contain. Some are cut in two, so that a search of the repository for them finds nothing.
const WORDS: &[&str] = &[
    concat!("com", "panion"),
    "draft",
    "look",
    "looked",
    concat!("men", "d"),
    "note",
    "notes",
    concat!("oct", "et"),
    concat!("oct", "ets"),
    "restart",
    "shape",
];

/// The code of a file, without comments and without tests.
fn code(text: &str) -> impl Iterator<Item = &str> {
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    code.lines().map(|line| line.split("//").next().unwrap())
}

/// Whether strangers use it: what is in `src` of one of the crates, and no test.
fn is_library(file: &str) -> bool {
    ["src/", "actix/src/", "cli/src/"].iter().any(|crate_| file.starts_with(crate_))
        && !file.contains("/tests/")
}

fn sources() -> Vec<(String, String)> {
    texts(&["rs"]).into_iter().filter(|(file, _)| is_library(file)).collect()
}

fn identifier(text: &str) -> &str {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap()
}

/// What follows `pub`, up to the name: the kind of item, or nothing for a field.
const KINDS: &[&str] =
    &["const fn ", "async fn ", "fn ", "struct ", "enum ", "trait ", "type ", "mod ", "const ", "static "];

/// The names of public items, fields and variants. A lint sees to it that `pub` means public.
fn public_names(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut in_enum = false;
    for line in code(text) {
        if let Some(rest) = line.trim_start().strip_prefix("pub ") {
            let kind = KINDS.iter().find(|kind| rest.starts_with(**kind)).unwrap_or(&"");
            let call = if kind.ends_with("fn ") { "()" } else { "" };
            let name = identifier(&rest[kind.len()..]);
            names.push(if name.is_empty() { String::new() } else { format!("{name}{call}") });
        } else if in_enum && line.starts_with("    ") && !line.starts_with("     ") {
            names.push(identifier(line.trim_start()).to_owned());
        }
        in_enum = line.starts_with("pub enum ") || (in_enum && line != "}");
    }
    names.retain(|name| !name.is_empty() && !matches!(name.as_str(), "use" | "impl"));
    names
}

/// The labels: what a `match` gives that has nothing else to give.
fn labels(text: &str) -> Vec<String> {
    let given = |line: &str| Some(line.split_once("=> \"")?.1.split('"').next().unwrap().to_owned());
    let is_label = |label: &String| label.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    code(text).filter_map(given).filter(is_label).collect()
}

/// The names of events and of their fields.
fn events() -> (Vec<String>, Vec<String>) {
    let text = fs::read_to_string(root().join("src/events.rs")).unwrap();
    let (mut names, mut fields) = (Vec::new(), Vec::new());
    let text: String = code(&text).collect();
    for rest in text.split("name: \"").skip(1) {
        let (name, rest) = rest.split_once('"').unwrap();
        names.push(name.to_owned());
        let (_, rest) = rest.split_once("TARGET, ").unwrap();
        let (rest, _) = rest.split_once(");").or_else(|| rest.split_once(')')).unwrap();
        let said = rest.split(',').map(|field| field.trim().trim_start_matches(['%', '?']));
        fields.extend(said.map(|field| identifier(field).to_owned()).filter(|field| !field.is_empty()));
    }
    assert!(names.len() > 5 && fields.len() > 9, "{names:?} {fields:?}");
    (names, fields)
}

/// `SchemaFingerprint` and `schema_fingerprint` have two words.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for c in name.chars() {
        if c == '_' || c == '.' || c.is_uppercase() {
            words.push(String::new());
        }
        if c.is_alphanumeric() {
            words.last_mut().unwrap().extend(c.to_lowercase());
        }
    }
    words
}

#[test]
fn no_word_comes_back_that_was_renamed() {
    let (names, fields) = events();
    let of_files = sources().into_iter().flat_map(|(_, text)| [public_names(&text), labels(&text)].concat());
    let all: BTreeSet<String> = of_files.chain(names).chain(fields).collect();
    assert!(all.len() > 300, "{}", all.len());
    let is_old = |name: &&String| {
        RENAMED.contains(&name.as_str()) || words(name).iter().any(|word| WORDS.contains(&word.as_str()))
    };
    assert_eq!(all.iter().filter(is_old).collect::<Vec<_>>(), Vec::<&String>::new());
}

#[test]
fn the_glossary_has_every_type_and_label_and_event() {
    let glossary = fs::read_to_string(root().join("docs/GLOSSARY.md")).unwrap();
    let mut missing = BTreeSet::new();
    let mut expect = |name: &str| {
        if !glossary.contains(&format!("`{name}`")) && !glossary.contains(&format!("::{name}`")) {
            missing.insert(name.to_owned());
        }
    };
    for (file, text) in sources().iter().filter(|(file, _)| file.starts_with("src/")) {
        for line in code(text) {
            let kinds = ["pub struct ", "pub enum ", "pub trait "];
            if let Some(rest) = kinds.iter().find_map(|kind| line.strip_prefix(kind)) {
                expect(identifier(rest));
            }
        }
        if ["src/error/rejection.rs", "src/session/saved.rs", "src/keys/key_ring/status.rs"]
            .contains(&file.as_str())
        {
            labels(text).iter().for_each(|label| expect(label));
        }
    }
    let (names, fields) = events();
    names.iter().chain(&fields).for_each(|name| expect(name));
    assert!(missing.is_empty(), "{missing:#?}");
}
