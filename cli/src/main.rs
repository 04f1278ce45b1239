//! `sealed-session`: makes keys, rotates them, says how they stand, looks into cookies, and ends sessions.

mod arguments;
mod failure;
mod inspect;
mod keygen;
mod pasted;
mod replace;
mod revocations;
mod revoke;
mod rotate;
mod shown;
mod status;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgMatches, Command};

use failure::Failure;

fn main() -> ExitCode {
    let result = match read() {
        Ok(Some(matches)) => run(&matches),
        Ok(None) => Ok(()),
        Err(failure) => Err(failure),
    };
    result.map_or_else(Failure::end, |()| ExitCode::SUCCESS)
}

fn run(matches: &ArgMatches) -> Result<(), Failure> {
    match matches.subcommand() {
        Some(("keygen", matches)) => keygen::run(matches),
        Some(("rotate", matches)) => rotate::run(matches),
        Some(("status", matches)) => status::run(matches),
        Some(("inspect", matches)) => inspect::run(matches),
        Some(("revoke", matches)) => revoke::run(matches),
        Some(("revocations", matches)) => revocations::run(matches),
        Some(("prune", matches)) => revocations::prune(matches),
        _ => Err(Failure::BadUse(EXPECTED.into())),
    }
}

/// `None` if help was asked for, and given.
fn read() -> Result<Option<ArgMatches>, Failure> {
    let command = Command::new("sealed-session")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Keys of sealed sessions: make, rotate and check them; look into cookies; end sessions")
        .after_help(AFTER_HELP)
        .subcommand_required(true)
        .disable_help_subcommand(true)
        .subcommands([keygen::command(), rotate::command(), status::command(), inspect::command()])
        .subcommands([revoke::command(), revocations::command(), revocations::prune_command()]);
    match command.try_get_matches() {
        Ok(matches) => Ok(Some(matches)),
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            write!(io::stdout(), "{error}")?;
            Ok(None)
        }
        Err(error) => Err(Failure::BadUse(format!("{}: --help says more", explain(&error)))),
    }
}

/// What the context holds may be what was typed, so only names of our own arguments are taken from it.
fn explain(error: &clap::Error) -> String {
    let named = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(name)) => name.clone(),
        Some(ContextValue::Strings(names)) => names.join(", "),
        _ => String::new(),
    };
    match error.kind() {
        ErrorKind::MissingRequiredArgument => format!("{named} is missing"),
        ErrorKind::InvalidValue => format!("{named}: is none of its values, or has none"),
        ErrorKind::ValueValidation => {
            let why = std::error::Error::source(error).map_or_else(String::new, ToString::to_string);
            format!("{named}: {why}")
        }
        ErrorKind::ArgumentConflict => format!("{named}: twice, or beside another that excludes it"),
        ErrorKind::UnknownArgument => "an argument that there is not, or one too many".into(),
        ErrorKind::InvalidUtf8 => "an argument that is not UTF-8".into(),
        _ => EXPECTED.into(),
    }
}

const EXPECTED: &str = "expected keygen, rotate, status, inspect, revoke, revocations or prune";

const AFTER_HELP: &str = "\
Exit codes: 0 done, 1 cannot be done or the answer is no, 2 called in a wrong way.

To begin:  sealed-session rotate session.keys --longest-lifetime 7d
And every month the same line again: it announces a new key, which seals an hour later. Servers that watch the file
follow by themselves, and nobody is logged out. COMMAND --help says more.";
