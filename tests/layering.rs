//! The architecture, read from the source: which module may use which, and which file may name which crate.
//!
//! DESIGN.md §3 draws it. A new edge is a decision: it is made in this table, and it never goes up.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may panic")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// From the floor up: a module, and the modules that it uses, which all come earlier in this list.
const EDGES: &[(&str, &[&str])] = &[
    // floor
    ("error", &[]),
    ("time", &[]),
    ("timestamp", &["time"]),
    ("secret", &[]),
    // mechanism: knows no http, no serde and no clock
    ("random", &["error"]),
    ("base64url", &["secret"]),
    ("aead", &[]),
    ("hex", &["secret"]),
    ("key", &["aead", "error", "hex", "random", "secret"]),
    ("key_ring", &["aead", "error", "key", "secret", "time", "timestamp"]),
    ("token", &["aead", "base64url", "error", "key", "key_ring", "random", "secret", "time"]),
    ("tokens", &["error", "key_ring", "time", "token"]),
    // meaning
    ("id", &["error", "hex", "random"]),
    ("payload", &["error", "secret"]),
    ("shape", &["error", "hex", "payload"]),
    ("readers", &["error", "payload", "shape"]),
    ("record", &["id", "secret", "shape", "time"]),
    ("companion", &["secret", "time", "token"]),
    ("lifetime", &["error", "record", "time"]),
    ("note", &["hex", "id", "lifetime", "record", "time"]),
    ("clocks", &["lifetime", "time"]),
    ("about", &["clocks", "error", "id", "key", "lifetime", "note", "time", "token"]),
    ("session", &["about", "clocks", "error", "id", "note", "payload", "secret", "token"]),
    // headers
    ("saved", &[]),
    ("events", &["error", "key", "key_ring", "saved"]),
    ("cookie", &["error"]),
    ("cross_origin", &["cookie"]),
    ("place", &["cookie"]),
    ("target", &["cookie"]),
    ("tenant", &[]),
    // policy: where the parts meet
    (
        "sessions",
        &[
            "cookie", "events", "key_ring", "lifetime", "payload", "readers", "record", "shape", "time",
            "token",
        ],
    ),
    (
        "load",
        &[
            "about",
            "clocks",
            "companion",
            "cookie",
            "error",
            "events",
            "lifetime",
            "note",
            "payload",
            "place",
            "record",
            "session",
            "sessions",
            "time",
            "token",
        ],
    ),
    (
        "save",
        &[
            "about",
            "clocks",
            "companion",
            "cookie",
            "error",
            "events",
            "id",
            "note",
            "payload",
            "record",
            "saved",
            "session",
            "sessions",
            "time",
            "token",
        ],
    ),
    ("csrf", &["error", "id", "lifetime", "payload", "session", "sessions", "time", "token"]),
    (
        "builder",
        &["cookie", "error", "key_ring", "payload", "readers", "record", "sessions", "tenant", "time"],
    ),
    (
        "build",
        &[
            "about",
            "builder",
            "companion",
            "cookie",
            "error",
            "events",
            "lifetime",
            "payload",
            "readers",
            "record",
            "sessions",
            "time",
            "token",
        ],
    ),
    // frameworks
    ("watch", &["error", "events", "key_ring", "secret", "time"]),
    ("handle", &["cookie", "error", "events", "id", "payload", "place", "saved", "session", "sessions"]),
    (
        "tower",
        &[
            "cookie", "error", "events", "handle", "payload", "place", "saved", "session", "sessions",
            "target",
        ],
    ),
    ("axum", &["cookie", "events", "handle", "payload", "session"]),
    (
        "inspect",
        &[
            "aead",
            "base64url",
            "cookie",
            "error",
            "id",
            "key",
            "key_ring",
            "lifetime",
            "load",
            "note",
            "secret",
            "sessions",
            "shape",
            "tenant",
            "time",
            "token",
        ],
    ),
    // The command line: the public API only.
    ("bin", &[]),
    // text
    ("guide", &[]),
    ("testing", &["aead", "cookie", "error", "key", "key_ring", "payload", "secret", "session", "sessions"]),
];

/// A crate, and the one file or folder that names it, so that a codec or a cipher is changed in one place. serde is named
/// in two: where data is written and read, and where that is watched.
const CRATES: &[(&str, &str)] = &[
    ("aes_gcm", "aead.rs"),
    ("axum_core", "axum.rs"),
    ("arc_swap", "key_ring/live.rs"),
    ("base64", "base64url.rs"),
    ("chacha20poly1305", "aead.rs"),
    ("clap", "bin/"),
    ("http", "cookie/"),
    ("http_body", "tower/body.rs"),
    ("memchr", "cookie/read.rs"),
    ("pin_project_lite", "tower/"),
    ("postcard", "payload/mod.rs"),
    ("rand", "random.rs"),
    ("serde", "payload/ shape/"),
    ("sha2", "shape/mod.rs"),
    ("tower_layer", "tower/"),
    ("tower_service", "tower/"),
    ("tracing", "events.rs"),
    ("xaes_256_gcm", "aead.rs"),
    ("zeroize", "secret.rs"),
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
    files.retain(|name, _| name != "aead/vectors.rs" && !name.contains("/tests/"));
    files
}

/// `cookie/read.rs` belongs to the module `cookie`.
fn module(file: &str) -> &str {
    file.split('/').next().unwrap().trim_end_matches(".rs")
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
fn modules_use_only_what_is_below_them() {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (file, lines) in code() {
        if file == "lib.rs" {
            continue;
        }
        let edges = found.entry(module(&file).to_owned()).or_default();
        for line in lines {
            assert!(
                !line.contains("crate::{"),
                "{file}: one use a module, so that it can be read here: {line}"
            );
            edges.extend(identifiers_after(&line, "crate::").map(str::to_owned));
        }
        edges.remove(module(&file));
    }
    let allowed: BTreeMap<_, _> = EDGES
        .iter()
        .map(|(module, uses)| ((*module).to_owned(), uses.iter().map(|used| (*used).to_owned()).collect()))
        .collect();
    for (module, uses) in &found {
        let Some(allowed) = allowed.get(module) else { panic!("{module} is not in the table") };
        let new: Vec<_> = uses.difference(allowed).collect();
        assert!(new.is_empty(), "{module} uses {new:?}: put that in the table, if it is right");
        let gone: Vec<_> = allowed.difference(uses).collect();
        assert!(gone.is_empty(), "{module} no longer uses {gone:?}: take that out of the table");
    }
    assert_eq!(found.len(), EDGES.len(), "every module of the table is there");
}

#[test]
fn no_edge_goes_up() {
    for (at, (module, uses)) in EDGES.iter().enumerate() {
        for used in *uses {
            assert!(
                EDGES[..at].iter().any(|(below, _)| below == used),
                "{module} uses {used}, which is above it"
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
