//! The architecture, read from the source: which folder may use which, and which file may name which crate.
//!
//! DESIGN.md shows the layers and says why. A folder uses only folders below it. A file inside a folder of a folder is
//! used only by its neighbours there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The folders and files of src, from the floor up.
const LAYERS: &[&str] = &[
    "error time", // the floor
    "events",     // what the operator's log hears
    "crypto",     // what is taken from other crates
    "web",        // HTTP: cookies, caching headers, origins
    "keys",       // keys and key rings
    "data",       // the serde side
    "token",      // seal and open
    "record",     // what a plaintext says
    "session",    // policy: where the parts meet
    "frameworks", // who calls load and save
    "guide inspect testing",
];

/// A crate, and the one file or folder that names it, so that a codec or a cipher is changed in one place. serde is
/// named where data is written and read, where that is watched, and where settings come from a file.
const CRATES: &[(&str, &str)] = &[
    ("aes_gcm", "crypto/aead.rs crypto/mac.rs"),
    ("arc_swap", "keys/key_ring/swappable.rs session/revocation/index.rs"),
    ("axum", "frameworks/axum.rs"),
    ("base64", "crypto/base64url.rs"),
    ("chacha20poly1305", "crypto/aead.rs"),
    ("cmac", "crypto/mac.rs"),
    ("hmac", "crypto/mac.rs"),
    ("http", "web/ session/ frameworks/ inspect/ testing.rs"),
    ("http_body", "frameworks/tower/body.rs"),
    ("memchr", "web/cookie/finder.rs"),
    ("pin_project_lite", "frameworks/tower/"),
    ("postcard", "data/payload/mod.rs"),
    ("rand", "crypto/random.rs"),
    (
        "serde",
        "data/payload/ data/schema/ web/settings_file.rs web/cookie/config_file.rs session/lifetimes_file.rs",
    ),
    ("sha2", "crypto/sha256.rs crypto/mac.rs"),
    ("tower_layer", "frameworks/tower/"),
    ("tower_service", "frameworks/tower/"),
    ("tracing", "events.rs"),
    ("xaes_256_gcm", "crypto/aead.rs"),
    ("zeroize", "crypto/secret.rs"),
];

/// The lines of code of every file in src, by its path there; without comments and without tests.
fn code() -> BTreeMap<String, Vec<String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = BTreeMap::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
            let text = std::fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
            let lines = code.lines().map(|line| line.split("//").next().unwrap().trim().to_owned());
            files.insert(name, lines.collect());
        }
    }
    // Files that are compiled for tests alone.
    files.retain(|name, _| name != "crypto/aead/vectors.rs" && !name.contains("/tests/"));
    files
}

/// `web/cookie/finder.rs` belongs to `web`.
fn folder(file: &str) -> &str {
    file.split('/').next().unwrap().trim_end_matches(".rs")
}

/// How high a folder is, from the floor up.
fn layer(folder: &str) -> usize {
    let found = LAYERS.iter().position(|layer| layer.split(' ').any(|name| name == folder));
    found.unwrap_or_else(|| panic!("{folder} is in no layer: give it one"))
}

/// The identifiers that follow `before` in a line.
fn identifiers_after<'a>(line: &'a str, before: &'a str) -> impl Iterator<Item = &'a str> {
    line.match_indices(before).map(move |(at, _)| {
        let rest = &line[at + before.len()..];
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        &rest[..end]
    })
}

#[test]
fn a_folder_uses_only_what_is_below_it() {
    let mut found = BTreeSet::new();
    for (file, lines) in code().iter().filter(|(file, _)| *file != "lib.rs") {
        let own = folder(file);
        found.insert(own.to_owned());
        for line in lines {
            assert!(
                !line.contains("crate::{"),
                "{file}: one use a module, so that it can be read here: {line}"
            );
            for used in identifiers_after(line, "crate::").filter(|used| *used != own) {
                let is_type = used.starts_with(char::is_uppercase);
                assert!(
                    !is_type,
                    "{file}: name {used} where it is defined, and not by the crate's root: {line}"
                );
                assert!(layer(used) < layer(own), "{file} uses {used}, which is not below it: {line}");
            }
        }
    }
    let layers: BTreeSet<_> = LAYERS.iter().flat_map(|layer| layer.split(' ')).map(str::to_owned).collect();
    assert_eq!(found, layers, "src has just the folders of the table");
}

#[test]
fn nobody_reaches_into_a_folder_of_a_folder() {
    let files = code();
    let is_inner = |path: &str| files.keys().any(|file| file.starts_with(&format!("{path}/")));
    let is_file = |path: &str| files.contains_key(&format!("{path}.rs")) || is_inner(path);
    for (file, lines) in &files {
        let paths = lines.iter().flat_map(|line| line.split("crate::").skip(1));
        for path in paths {
            let names: Vec<_> = path.split("::").map(|name| name.trim_end_matches(";")).collect();
            let [outer, inner, third, ..] = names[..] else { continue };
            let inner = format!("{outer}/{inner}");
            let is_neighbour = file.starts_with(&format!("{inner}/"));
            let deeper = format!("{inner}/{third}");
            assert!(
                !is_inner(&inner) || is_neighbour || !is_file(&deeper),
                "{file} reaches into src/{inner}/: its mod.rs says what it offers: crate::{path}"
            );
        }
    }
}

#[test]
fn a_folder_of_a_folder_reaches_its_own_layer_through_its_parent() {
    for (file, lines) in &code() {
        let [layer, _, name] = file.split('/').collect::<Vec<_>>()[..] else { continue };
        if name == "mod.rs" {
            continue;
        }
        let own = format!("crate::{layer}::");
        for line in lines {
            assert!(
                !line.contains(&own) && !line.contains("super::super"),
                "{file} goes around its parent, whose mod.rs says what it uses: {line}"
            );
        }
    }
}

#[test]
fn each_crate_is_named_in_one_place() {
    let files = code();
    let names = |line: &str, name: &str| {
        line.match_indices(name).any(|(at, _)| {
            let before = line[..at].chars().next_back();
            let starts = before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != ':');
            starts && line[at + name.len()..].starts_with("::")
        })
    };
    for (name, place) in CRATES {
        let files: Vec<_> = files
            .iter()
            .filter(|(_, lines)| lines.iter().any(|line| names(line, name)))
            .map(|(file, _)| file)
            .collect();
        assert!(!files.is_empty(), "{name} is named nowhere");
        assert!(
            files.iter().all(|file| place.split(' ').any(|place| file.starts_with(place))),
            "{name} is named in {files:?}, not only in {place}"
        );
    }
}

#[test]
fn every_dependency_is_in_the_table_and_has_its_reason() {
    // In a package, Cargo.toml is rewritten without its comments, and the original lies beside it.
    let read = |name| std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name));
    let manifest = read("Cargo.toml.orig").or_else(|_| read("Cargo.toml")).unwrap();
    let (_, rest) = manifest.split_once("[dependencies]\n").unwrap();
    let (dependencies, _) = rest.split_once("\n[").unwrap();
    let mut has_reason = false;
    let mut names = BTreeSet::new();
    for line in dependencies.lines().filter(|line| !line.is_empty()) {
        if line.starts_with('#') {
            has_reason = true;
            continue;
        }
        let name = line.split([' ', '.', '=']).next().unwrap();
        // One reason may stand for neighbours, as for a cipher and what is beneath it.
        assert!(has_reason, "{name} has no reason");
        names.insert(name.replace('-', "_"));
    }
    assert_eq!(names, CRATES.iter().map(|(name, _)| (*name).to_owned()).collect());
}
