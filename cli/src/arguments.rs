//! The arguments, and what is said when they are wrong: in one line, and without any of them, as one may be a key.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgMatches, Command};
use sealed_session::Algorithm;

use super::failure::Failure;
use super::{inspect, keygen, rotate, status};

/// `None` if help was asked for, and given.
pub(crate) fn read() -> Result<Option<ArgMatches>, Failure> {
    let command = Command::new("sealed-session")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Keys of sealed sessions: make them, rotate them, see how they stand, look into cookies")
        .after_help(AFTER_HELP)
        .subcommand_required(true)
        .disable_help_subcommand(true)
        .subcommands([keygen::command(), rotate::command(), status::command(), inspect::command()]);
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
        _ => "expected keygen, rotate, status or inspect".into(),
    }
}

/// The argument `--algorithm`.
pub(crate) fn algorithm() -> Arg {
    Arg::new("algorithm")
        .long("algorithm")
        .value_name("xaes|xchacha")
        .value_parser(|word: &str| {
            let found = Algorithm::ALL.into_iter().find(|algorithm| algorithm.word() == word);
            found.ok_or("expected xaes or xchacha")
        })
        .help("xaes is for processors with AES instructions, which nearly all have [default: xaes]")
}

pub(crate) fn algorithm_of(matches: &ArgMatches) -> Algorithm {
    matches.get_one("algorithm").copied().unwrap_or(Algorithm::Xaes256Gcm)
}

/// The argument FILE.
pub(crate) fn file() -> Arg {
    path(Arg::new("file").value_name("FILE").required(true).help("The file of the key ring"))
}

pub(crate) fn file_of(matches: &ArgMatches) -> &Path {
    matches.get_one::<PathBuf>("file").map_or(Path::new(""), PathBuf::as_path)
}

/// An argument that is a path. A key in its place, or most of one, would become the name of a file, and stand in
/// errors.
pub(crate) fn path(argument: Arg) -> Arg {
    argument.value_parser(|text: &str| {
        let path = PathBuf::from(text);
        // Folders have such names too, where containers keep their files.
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let mut digits = name.split(|c: char| !c.is_ascii_hexdigit());
        if text.contains("sealed1_") || digits.any(|run| run.len() >= 32) {
            Err("expected a file, and not a key")
        } else {
            Ok(path)
        }
    })
}

const AFTER_HELP: &str = "\
Exit codes: 0 done, 1 cannot be done or the answer is no, 2 called in a wrong way.

To begin:  sealed-session rotate session.keys --longest-lifetime 7d
And every month the same line again: it announces a new key, which seals an hour later. Servers that watch the file
follow by themselves, and nobody is logged out. COMMAND --help says more.";
