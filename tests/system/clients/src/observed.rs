//! One line for each test that says what was seen, also where the test's output is captured.

use std::io::{self, Write};

pub fn observed(line: impl std::fmt::Display) {
    // `println!` would show it only for tests that fail.
    let _ = writeln!(io::stdout(), "observed: {line}");
}
