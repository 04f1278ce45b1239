//! `revoke`: appends a revocation to a file that servers watch.

use std::io::Write;
use std::time::{Duration, SystemTime};
use std::{fs, io};

use clap::{Arg, ArgGroup, ArgMatches, Command};
use sealed_session::inspect::Inspection;
use sealed_session::revocation::{Mark, Revocations};
use sealed_session::{FamilyId, KeyRing, Lifetimes, Sessions};

use super::arguments::{file_of, of_revocations, ring_of, span, text_of};
use super::failure::Failure;
use super::pasted::{cookies, from_standard_input};
use super::replace::{Lock, append};

pub(crate) fn command() -> Command {
    let option = |name: &'static str, value: &'static str| Arg::new(name).long(name).value_name(value);
    let subject = option("subject", "TEXT").help("All sessions of the person whom the application calls so");
    let subject_hex =
        option("subject-hex", "HEX").value_parser(bytes).help("The same, as bytes in hexadecimal");
    let family = option("family", "HEX").value_parser(family).help("The session of this family");
    let cookie = option("cookie", "-")
        .value_parser(
            |text: &str| if text == "-" { Ok(()) } else { Err("is read from standard input: give -") },
        )
        .help("The session of a cookie that is pasted to standard input");
    of_revocations(Command::new("revoke"))
        .about("Ends sessions: appends to a file of revocations that servers watch")
        .after_help(AFTER_HELP)
        .args([subject, subject_hex, family, cookie])
        .group(ArgGroup::new("who").args(["subject", "subject-hex", "family", "cookie"]).required(true))
        .arg(span("longest-lifetime").default_value("7d").help("The longest lifetime of a session"))
}

pub(crate) fn run(matches: &ArgMatches) -> Result<(), Failure> {
    let path = file_of(matches);
    let (ring, name, purpose) = (ring_of(matches)?, text_of(matches, "name"), text_of(matches, "purpose"));
    let longest = matches.get_one::<Duration>("longest-lifetime").copied().unwrap_or_default();

    let revocations = Revocations::new();
    let lifetimes = Lifetimes::default().idle_timeout(None).absolute_timeout(longest);
    let builder = Sessions::<()>::builder(ring.clone()).name(name).purpose(purpose).lifetimes(lifetimes);
    builder.revocations(&revocations).build().map_err(Failure::no)?;
    let revoked = if let Some(text) = matches.get_one::<String>("subject") {
        revocations.revoke_subject(text)
    } else if let Some(bytes) = matches.get_one::<Vec<u8>>("subject-hex") {
        revocations.revoke_subject(bytes)
    } else if let Some(family) = matches.get_one::<FamilyId>("family") {
        revocations.revoke_family(*family)
    } else {
        family_of_cookie(ring, name, purpose)
            .and_then(|family| revocations.revoke_family(family).map_err(Failure::no))?;
        Ok(())
    };
    revoked.map_err(Failure::no)?;

    let lines = revocations.changes(&mut Mark::default()).map_err(Failure::no)?;
    let _lock = Lock::of(path)?;
    let text = fs::read(path).or_else(|error| match error.kind() {
        io::ErrorKind::NotFound => Ok(Vec::new()),
        _ => Err(Failure::No(format!("{}: {error}", path.display()))),
    })?;
    let is_cut_off = !text.is_empty() && !text.ends_with(b"\n");
    append(path, &format!("{}{}\n", if is_cut_off { "\n" } else { "" }, lines.join("\n")))?;
    writeln!(io::stdout(), "revoked: servers that watch the file refuse it within a second")?;
    Ok(())
}

/// Errors do not show the cookie.
fn family_of_cookie(ring: KeyRing, name: &str, purpose: &str) -> Result<FamilyId, Failure> {
    let text = from_standard_input()?;
    let inspection = Inspection { ring, name, purpose, idle_timeout: None, now: SystemTime::now() };
    for cookie in cookies(&text).iter().filter(|cookie| cookie.name.is_none_or(|found| found == name)) {
        let inspected = inspection.open(&format!("{name}={}", cookie.value)).map_err(Failure::no)?;
        if let Some(record) = inspected.iter().find_map(|inspected| inspected.record.as_ref()) {
            return Ok(record.id.family());
        }
    }
    Err(Failure::No("no cookie on standard input that these keys, this name and this purpose open".into()))
}

fn family(text: &str) -> Result<FamilyId, &'static str> {
    let bytes = bytes(text).ok().and_then(|bytes| bytes.try_into().ok());
    bytes
        .map(FamilyId::from_bytes)
        .ok_or("expected 16 hexadecimal digits, as logs and inspect print a family")
}

fn bytes(text: &str) -> Result<Vec<u8>, &'static str> {
    let is_hex = text.len() % 2 == 0 && text.bytes().all(|c| c.is_ascii_hexdigit());
    let pairs = text.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap_or_default());
    let bytes: Option<_> = pairs.map(|pair| u8::from_str_radix(pair, 16).ok()).collect();
    bytes.filter(|_| is_hex).ok_or("expected pairs of hexadecimal digits")
}

const AFTER_HELP: &str = "\
FILE is the one that the servers watch (Revocations::watch_file), with the same keys, cookie name and purpose. A subject
is the bytes that Builder::subject returns: for a number that it writes with to_be_bytes, such as user 7 as u64, give
  --subject-hex 0000000000000007
The longest lifetime is the largest of the absolute timeout and of what \"remember me\" allows. If it is too short, the
revocation ends before the sessions do.

  sealed-session revoke revoked --keys session.keys --name __Host-session --subject ada
  pbpaste | sealed-session revoke revoked --keys session.keys --name __Host-session --cookie -";
