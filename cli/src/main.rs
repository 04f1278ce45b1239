//! `sealed-session`: makes keys, rotates them, says how they stand, and looks into cookies.

mod arguments;
mod duration;
mod failure;
mod inspect;
mod keygen;
mod pasted;
mod replace;
mod rotate;
mod shown;
mod status;

use std::process::ExitCode;

use failure::Failure;

fn main() -> ExitCode {
    let result = match arguments::read() {
        Ok(Some(matches)) => run(&matches),
        Ok(None) => Ok(()),
        Err(failure) => Err(failure),
    };
    result.map_or_else(Failure::end, |()| ExitCode::SUCCESS)
}

fn run(matches: &clap::ArgMatches) -> Result<(), Failure> {
    match matches.subcommand() {
        Some(("keygen", matches)) => keygen::run(matches),
        Some(("rotate", matches)) => rotate::run(matches),
        Some(("status", matches)) => status::run(matches),
        Some(("inspect", matches)) => inspect::run(matches),
        _ => Err(Failure::BadUse("expected keygen, rotate, status or inspect".into())),
    }
}
