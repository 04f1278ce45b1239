//! Every method that users call most has an example in its documentation; rustdoc runs them.

use std::fs;

use crate::files::root;

/// Where the methods of `Session`, `About`, `Sessions` and `SessionHandle` are.
const FILES: &[&str] = &[
    "src/session/session.rs",
    "src/session/about.rs",
    "src/session/sessions.rs",
    "src/session/load.rs",
    "src/session/save.rs",
    "src/session/csrf.rs",
    "src/frameworks/handle/mod.rs",
];

#[test]
fn every_method_of_a_session_has_an_example() {
    let (mut count, mut without) = (0, Vec::new());
    for file in FILES {
        let text = fs::read_to_string(root().join(file)).unwrap();
        let mut has_example = false;
        for line in text.lines().map(str::trim) {
            has_example |= line.starts_with("/// ```");
            if let Some((_, rest)) = line.split_once("fn ") {
                if line.starts_with("pub ") && !line.starts_with("pub(") {
                    count += 1;
                    if !has_example {
                        without.push(format!("{file}: {rest}"));
                    }
                }
                has_example = false;
            }
            has_example &= !line.is_empty() && line != "}";
        }
    }
    assert!(count > 30, "{count}");
    assert!(without.is_empty(), "{without:#?}");
}
