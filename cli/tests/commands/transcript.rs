//! Runs a transcript in a folder of its own, and compares.

use std::path::Path;
use std::process::{Command, Output};

use crate::folder::Folder;

/// What is typed goes to `sh`, so that a transcript is what a person would do.
#[track_caller]
pub(crate) fn check(folder: &Folder, transcript: &str) {
    let (mut found, mut names) = (String::new(), Vec::new());
    for command in transcript.lines().filter_map(|line| line.strip_prefix("$ ")) {
        let Output { status, stdout, stderr } = run(folder, command);
        found += &format!("$ {command}\n");
        found += &mask(&String::from_utf8(stdout).unwrap(), &mut names);
        for line in mask(&String::from_utf8(stderr).unwrap(), &mut names).lines() {
            found += &format!("! {line}\n");
        }
        if !status.success() {
            found += &format!("? {}\n", status.code().unwrap());
        }
    }
    let expected: Vec<_> = transcript.trim().lines().collect();
    let found: Vec<_> = found.lines().collect();
    assert!(found == expected, "expected\n{}\n\nfound\n{}", expected.join("\n"), found.join("\n"));
}

pub(crate) fn run(folder: &Folder, command: &str) -> Output {
    let tools = Path::new(env!("CARGO_BIN_EXE_sealed-session")).parent().unwrap();
    let path = format!("{}:{}", tools.display(), std::env::var("PATH").unwrap());
    Command::new("sh").args(["-c", command]).current_dir(folder.path(".")).env("PATH", path).output().unwrap()
}

/// Key ids become K1, K2 in the order in which they come, other things the names of what they are.
fn mask(text: &str, ids: &mut Vec<String>) -> String {
    let mut masked = String::new();
    for line in text.lines() {
        // How far away a time is depends on when this runs.
        let line = match line.split_once("Z, ") {
            Some((before, after)) if after.starts_with("in ") || after.ends_with(" ago") => {
                format!("{before}Z")
            }
            _ => line.to_owned(),
        };
        let mut rest = line.as_str();
        while !rest.is_empty() {
            let word = |c: char| c.is_ascii_alphanumeric() || "_-:".contains(c);
            let end = rest.find(|c| !word(c)).unwrap_or(rest.len());
            let (found, after) = rest.split_at(end.max(1));
            masked += &mask_word(found, ids);
            rest = after;
        }
        masked.push('\n');
    }
    masked
}

fn mask_word(word: &str, ids: &mut Vec<String>) -> String {
    let is_hex = |word: &str| word.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'));
    match word.len() {
        8 if is_hex(word) => {
            let at = ids.iter().position(|id| id == word).unwrap_or_else(|| {
                ids.push(word.to_owned());
                ids.len() - 1
            });
            format!("KEY-ID-{}", at + 1)
        }
        20 if word.ends_with('Z') && word.contains('T') => "2026-MM-DDTHH:MM:SSZ".into(),
        22 if is_hex(word) => "ID".into(),
        16 if is_hex(word) => "FAMILY".into(),
        85 | 88 if word.starts_with("sealed1_") => format!("{}…", &word[..word.len() - 72]),
        _ => word.to_owned(),
    }
}
