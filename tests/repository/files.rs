//! The files of the repository that people read, found by walking the folders: a package has no git.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Whether this is a package: it has the original of its manifest beside it, and none of the other crates.
pub(crate) fn is_package() -> bool {
    root().join("Cargo.toml.orig").exists()
}

/// The files below the root with one of these extensions, by their path from there with slashes. An empty extension
/// stands for files without one, as scripts are.
pub(crate) fn texts(extensions: &[&str]) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root().to_owned()];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                if !is_made(&path) {
                    folders.push(path);
                }
                continue;
            }
            let extension = path.extension().map_or("", |extension| extension.to_str().unwrap());
            if extensions.contains(&extension) {
                let name = path.strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/");
                // What is no text is no document.
                if let Ok(text) = fs::read_to_string(&path) {
                    found.insert(name, text);
                }
            }
        }
    }
    assert!(!found.is_empty(), "{extensions:?}");
    found
}

/// What tools make, and nobody commits: build folders, installed packages, git's own.
fn is_made(folder: &Path) -> bool {
    let name = folder.file_name().unwrap().to_str().unwrap();
    matches!(name, ".git" | "node_modules" | "__pycache__" | "corpus" | "artifacts")
        || name.starts_with("target")
        || folder.join("CACHEDIR.TAG").exists()
        || folder.join("pyvenv.cfg").exists()
}
