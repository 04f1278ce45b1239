//! A line that a test prints about its result, also where cargo captures its output.

use std::fmt::Display;
use std::io::{self, Write};

pub fn observed(line: impl Display) {
    // cargo shows the output of `println!` only for tests that fail.
    let _ = writeln!(io::stdout(), "observed: {line}");
}
