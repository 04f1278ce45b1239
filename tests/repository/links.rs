//! The documents: every page is mounted in rustdoc, and every link leads somewhere, in the repository and there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::files::root;

const GUIDE: &str = include_str!("../../src/guide.rs");

/// The documents of a folder, by their names.
fn documents(folder: &str) -> BTreeMap<String, String> {
    let entries = fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path());
    let is_document = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "md");
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    entries.filter(is_document).map(|path| (name(&path), fs::read_to_string(&path).unwrap())).collect()
}

/// The text without its blocks of code.
fn prose(text: &str) -> String {
    text.split("\n```").step_by(2).collect::<Vec<_>>().join("\n")
}

/// Where the links of a text lead: `[…](here)`, and `[NAME]: here`.
fn targets(text: &str) -> Vec<String> {
    let prose = prose(text);
    let inline = prose.split("](").skip(1).map(|rest| rest.split(')').next().unwrap().to_owned());
    let defined = definitions(&prose).into_values();
    inline.chain(defined).collect()
}

/// `[NAME]: place`, by their names.
fn definitions(text: &str) -> BTreeMap<String, String> {
    let definition = |line: &str| {
        let (name, place) = line.strip_prefix('[')?.split_once("]: ")?;
        Some((name.to_owned(), place.to_owned()))
    };
    text.lines().filter_map(definition).collect()
}

/// The names in `[…][NAME]`.
fn used(text: &str) -> BTreeSet<String> {
    let prose = prose(text);
    prose.split("][").skip(1).map(|rest| rest.split(']').next().unwrap().to_owned()).collect()
}

/// The name of a heading in a link, as file views and rustdoc make it.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

fn anchors(text: &str) -> BTreeSet<String> {
    let prose = prose(text);
    let headings = prose.lines().filter(|line| line.starts_with('#'));
    headings.map(|line| anchor(line.trim_start_matches('#').trim())).collect()
}

#[test]
fn every_link_in_the_repository_leads_somewhere() {
    let mut seen = 0;
    for folder in [".", "docs"] {
        for (name, text) in documents(folder) {
            for target in targets(&text) {
                if target.starts_with("https://") {
                    continue;
                }
                seen += 1;
                let (file, heading) = target.split_once('#').unwrap_or((&target, ""));
                let path = root().join(folder).join(if file.is_empty() { &name } else { file });
                assert!(path.exists(), "{folder}/{name} links to {target}: no such file");
                if !heading.is_empty() {
                    let there = anchors(&fs::read_to_string(&path).unwrap());
                    assert!(there.contains(heading), "{folder}/{name} links to {target}: not in {there:?}");
                }
            }
        }
    }
    assert!(seen > 30, "{seen}");
}

#[test]
fn every_page_is_a_module_of_the_guide_and_links_there_to_modules() {
    let pages = documents("docs");
    assert!(pages.len() > 5, "{}", pages.len());
    let (listing, mounts) = GUIDE.split_once("\n\n").unwrap();
    let mounts: Vec<_> = mounts.split("pub mod ").collect();
    assert_eq!(mounts.len(), pages.len() + 1, "a module for each page");
    for (file, text) in pages {
        let page = file.strip_suffix(".md").unwrap();
        let module = page.to_lowercase();
        assert!(listing.contains(&format!("[`{module}`]")), "{file} is not in the listing");
        let at = mounts.iter().position(|rest| rest.starts_with(&format!("{module} {{}}")));
        // What stands before the module: the definitions that hold in rustdoc, and the page.
        let before = mounts[at.unwrap_or_else(|| panic!("{file} has no module")) - 1];
        assert!(before.contains(&format!("include_str!(\"../docs/{file}\")")), "{file}");
        let in_rustdoc = definitions(&before.replace("/// ", ""));

        let in_files = definitions(&prose(&text));
        let names: BTreeSet<_> = in_files.keys().cloned().collect();
        assert_eq!(names, used(&text), "{file} defines at its end what it links to");
        assert_eq!(names, in_rustdoc.keys().cloned().collect(), "src/guide.rs defines the same for {file}");
        for name in names {
            assert_eq!(in_files[&name], format!("{name}.md"), "{file}");
            assert_eq!(in_rustdoc[&name], format!("crate::guide::{}", name.to_lowercase()), "{file}");
        }
        for target in targets(&text).iter().filter(|target| !in_files.values().any(|file| file == *target)) {
            let leads_away = target.starts_with("https://") || target.starts_with('#');
            assert!(leads_away, "{file} links to {target}, which is nowhere in rustdoc");
        }
        let listed_in_readme = format!("(docs/{file})");
        assert!(documents(".")["README.md"].contains(&listed_in_readme), "{file} is not in the README");
    }
}
