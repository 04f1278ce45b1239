//! How a command ends that does not succeed: one line on standard error, and 1 or 2.

use std::fmt::Display;
use std::io::{self, Write};
use std::process::ExitCode;

use super::shown::escaped;

pub(crate) enum Failure {
    /// 2: it was called in a way that it cannot be.
    BadUse(String),
    /// 1: what was asked for cannot be done, or the answer is no.
    No(String),
    /// 1: the answer is no, and has been given.
    Answered,
}

impl Failure {
    pub(crate) fn no(error: impl Display) -> Self {
        Self::No(error.to_string())
    }

    pub(crate) fn end(self) -> ExitCode {
        let (text, code) = match self {
            Self::BadUse(text) => (text, 2),
            Self::No(text) => (text, 1),
            Self::Answered => return ExitCode::from(1),
        };
        say(&text);
        ExitCode::from(code)
    }
}

/// Standard output is gone.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::No(format!("standard output: {error}"))
    }
}

/// One line on standard error.
pub(crate) fn say(text: &str) {
    // There is nobody to tell that standard error is closed.
    let _ = writeln!(io::stderr(), "sealed-session: {}", escaped(text));
}
