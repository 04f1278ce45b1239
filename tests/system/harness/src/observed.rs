//! One line for each test that says what was seen, also where the output of a test is captured.

use std::fmt::Display;
use std::io::{self, Write};

pub fn observed(line: impl Display) {
    // `println!` would show it only for tests that fail.
    let _ = writeln!(io::stdout(), "observed: {line}");
}
