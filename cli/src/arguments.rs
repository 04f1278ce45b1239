//! The arguments that several commands have.

use std::path::{Path, PathBuf};

use clap::{Arg, ArgMatches, Command};
use sealed_session::inspect::may_hold_a_key;
use sealed_session::{Algorithm, KeyRing};

use super::failure::Failure;

/// The argument `--algorithm`.
pub(crate) fn algorithm() -> Arg {
    Arg::new("algorithm")
        .long("algorithm")
        .value_name("xaes|xchacha")
        .value_parser(|word: &str| word.parse::<Algorithm>().map_err(|_| "expected xaes or xchacha"))
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

/// The arguments of the commands that open a file of revocations.
pub(crate) fn of_revocations(command: Command) -> Command {
    let option = |name: &'static str, value: &'static str| Arg::new(name).long(name).value_name(value);
    command
        .arg(path(Arg::new("file").value_name("FILE").required(true).help("The file of revocations")))
        .arg(path(option("keys", "FILE")).required(true).help("The key ring"))
        .arg(option("name", "NAME").required(true).help("The cookie's name, to which they are bound"))
        .arg(option("purpose", "TEXT").default_value("").help("The application's purpose, if it has one"))
}

pub(crate) fn ring_of(matches: &ArgMatches) -> Result<KeyRing, Failure> {
    KeyRing::from_file(matches.get_one::<PathBuf>("keys").map_or(Path::new(""), PathBuf::as_path))
        .map_err(Failure::no)
}

pub(crate) fn text_of<'a>(matches: &'a ArgMatches, name: &str) -> &'a str {
    matches.get_one::<String>(name).map_or("", String::as_str)
}

/// An argument that is a path. A key in its place, or most of one, would become the name of a file, and stand in
/// errors.
pub(crate) fn path(argument: Arg) -> Arg {
    argument.value_parser(|text: &str| {
        if may_hold_a_key(text) { Err("expected a file, and not a key") } else { Ok(PathBuf::from(text)) }
    })
}

/// An option that is a span of time.
pub(crate) fn span(name: &'static str) -> Arg {
    let expected = "expected a number and s, m, h, d or w, such as 7d";
    Arg::new(name)
        .long(name)
        .value_name("TIME")
        .value_parser(move |text: &str| humantime::parse_duration(text).map_err(|_| expected))
}
