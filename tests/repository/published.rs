//! What a reader copies: no example shows a published key, except on the page about tests.

use crate::files::texts;

/// Lines that begin with `# ` are for the test of an example. They do not compile when they are copied.
fn shows_published_key(line: &str) -> bool {
    !line.starts_with("# ") && (line.contains("testing::key_ring()") || line.contains("testing::key("))
}

/// The lines of a document, or of a file's documentation, with their numbers.
fn lines<'a>(file: &str, text: &'a str) -> Vec<(usize, &'a str)> {
    let lines = (1..).zip(text.lines());
    if file.ends_with(".md") {
        return lines.collect();
    }
    let documentation = |line: &'a str| {
        let line = line.trim_start();
        let line = line.strip_prefix("///").or_else(|| line.strip_prefix("//!"))?;
        Some(line.strip_prefix(' ').unwrap_or(line))
    };
    lines.filter_map(|(number, line)| Some((number, documentation(line)?))).collect()
}

#[test]
fn no_example_shows_a_published_key() {
    let mut shown = Vec::new();
    for (file, text) in texts(&["md", "rs"]) {
        let is_about_tests = matches!(&file[..], "docs/TESTING.md" | "src/testing.rs");
        if is_about_tests || file.starts_with("tests/") || file.starts_with("fuzz/") {
            continue;
        }
        let mut in_code = false;
        for (number, line) in lines(&file, &text) {
            if line.trim_start().starts_with("```") {
                in_code = !in_code;
            } else if in_code && shows_published_key(line) {
                shown.push(format!("{file}:{number}: {line}"));
            }
        }
    }
    assert!(shown.is_empty(), "{shown:#?}");
}

#[test]
fn a_line_that_shows_one_is_found() {
    assert!(shows_published_key("let sessions: Sessions<u64> = Sessions::new(testing::key_ring())?;"));
    assert!(!shows_published_key("# let ring = sealed_session::testing::key_ring();"));
    let text =
        "code\n    /// ```\n    /// let id = testing::key(7).id();\n    /// # testing::key(7)\n    /// ```\n";
    let found: Vec<_> =
        lines("a.rs", text).into_iter().filter(|(_, line)| shows_published_key(line)).collect();
    assert_eq!(found, [(3, "let id = testing::key(7).id();")]);
}
