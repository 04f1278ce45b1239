//! Prints one new key: `cargo run --example keygen`, or `cargo run --example keygen xchacha`.

use std::env;
use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use sealed_session::{Algorithm, Key};

fn main() -> ExitCode {
    let arguments: Vec<OsString> = env::args_os().skip(1).collect();
    let word = match arguments.as_slice() {
        [] => Some("xaes"),
        [word] => word.to_str(),
        _ => None,
    };
    match word {
        Some("xaes") => print_key(Algorithm::Xaes256Gcm),
        Some("xchacha") => print_key(Algorithm::XChaCha20Poly1305),
        Some("-h" | "--help") => end(print(HELP), 1),
        _ => end(Err("expected xaes, xchacha or nothing: --help says more"), 2),
    }
}

fn print_key(algorithm: Algorithm) -> ExitCode {
    match Key::generate(algorithm) {
        Ok(key) => end(print(&key.expose_text()), 1),
        Err(error) => end(Err(error), 1),
    }
}

fn print(text: &str) -> io::Result<()> {
    writeln!(io::stdout(), "{text}")
}

fn end(result: Result<(), impl std::fmt::Display>, code_of_failure: u8) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("keygen: {error}");
            ExitCode::from(code_of_failure)
        }
    }
}

const HELP: &str = "\
usage: keygen [xaes|xchacha]

Prints one new key on standard output. It is the whole secret: put it where the application reads its keys, such as
the environment variable SESSION_KEYS, and nowhere else.

  xaes     XAES-256-GCM, the default: for processors with AES instructions, which nearly all have
  xchacha  XChaCha20-Poly1305: for the others";
