//! `keygen`: prints a key, the one command that does.

use std::io::{self, Write};

use clap::{ArgMatches, Command};
use sealed_session::Key;

use super::arguments::{algorithm, algorithm_of};
use super::failure::Failure;

pub(crate) fn command() -> Command {
    Command::new("keygen").about("Prints a new key").after_help(AFTER_HELP).arg(algorithm())
}

pub(crate) fn run(matches: &ArgMatches) -> Result<(), Failure> {
    let key = Key::generate(algorithm_of(matches)).map_err(Failure::no)?;
    writeln!(io::stdout(), "{}", key.expose_text())?;
    Ok(())
}

const AFTER_HELP: &str = "\
What it prints is the whole secret: 256 bits from the operating system's generator. Put it where the application reads
its keys, such as the environment variable SESSION_KEYS, and nowhere else. For a file that several servers share, rotate
makes the key and the file in one.";
