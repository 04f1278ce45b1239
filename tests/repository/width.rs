//! A line of a document or a comment is at most 120 columns wide; tables, links and grammars are as wide as they must.

use crate::files::texts;

const COLUMNS: usize = 120;

fn is_wide(line: &str) -> bool {
    line.chars().count() > COLUMNS
}

/// Whether a line would fit if what cannot be broken were left out: an address.
fn is_link(line: &str) -> bool {
    line.split_whitespace().any(|word| word.contains("://") || word.contains("]("))
}

#[test]
fn no_line_of_a_document_is_too_wide() {
    let mut wide = Vec::new();
    for (file, text) in texts(&["md"]) {
        let mut fence = None;
        for (number, line) in text.lines().enumerate() {
            if let Some(language) = line.trim_start().strip_prefix("```") {
                fence = if fence.is_some() { None } else { Some(language) };
            }
            let is_excepted = line.starts_with(['|', '#']) || fence == Some("abnf") || is_link(line);
            if is_wide(line) && !is_excepted {
                wide.push(format!("{file}:{}", number + 1));
            }
        }
    }
    assert!(wide.is_empty(), "{wide:#?}");
}

#[test]
fn no_comment_is_too_wide() {
    let mut wide = Vec::new();
    let marks = [("//", &["rs", "cjs", "js", "css"][..]), ("#", &["toml", "py", "yml", ""][..])];
    for (mark, extensions) in marks {
        for (file, text) in texts(extensions) {
            for (number, line) in text.lines().enumerate() {
                let is_comment = line.contains(&format!("{mark} ")) || line.trim_start().starts_with(mark);
                if is_wide(line) && is_comment && !is_link(line) {
                    wide.push(format!("{file}:{}", number + 1));
                }
            }
        }
    }
    assert!(wide.is_empty(), "{wide:#?}");
}
