//! `inspect`: what a cookie says of itself, and, with the keys, what is in it.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use clap::{Arg, ArgAction, ArgMatches, Command};
use sealed_session::KeyRing;
use sealed_session::inspect::{Envelope, Inspection, Record};

use super::arguments::{path, span};
use super::failure::{Failure, say};
use super::pasted::{Cookie, cookies, from_standard_input};
use super::shown::{escaped, time_from};

pub(crate) fn command() -> Command {
    let option = |name: &'static str, value: &'static str| Arg::new(name).long(name).value_name(value);
    Command::new("inspect")
        .about("Looks into a cookie, read from standard input")
        .after_help(AFTER_HELP)
        .arg(
            Arg::new("text")
                .value_name("COOKIE")
                .help("If not from standard input; it stays in the shell's history"),
        )
        .arg(path(option("keys", "FILE")).requires("name").help("Open it with this key ring"))
        .arg(option("name", "NAME").requires("keys").help("The cookie's name, to which it is bound"))
        .arg(option("purpose", "TEXT").default_value("").help("The application's purpose, if it has one"))
        .arg(span("idle-timeout").default_value("24h").help("The application's idle timeout; 0s for none"))
        .arg(
            Arg::new("payload")
                .long("payload")
                .action(ArgAction::SetTrue)
                .requires("keys")
                .help("Print the session's data too: it is somebody's"),
        )
}

pub(crate) fn run(matches: &ArgMatches) -> Result<(), Failure> {
    let text = match matches.get_one::<String>("text") {
        Some(text) => {
            say("the cookie stays in the shell's history, and other users may see it while this runs");
            text.clone()
        }
        None => from_standard_input()?,
    };
    let cookies = cookies(&text);
    let (report, is_good) = match matches.get_one::<PathBuf>("keys") {
        Some(path) => open(matches, path, &cookies)?,
        None => envelopes(&cookies),
    };
    write!(io::stdout(), "{report}")?;
    if report.is_empty() {
        Err(Failure::No("no token of sealed-session in it".into()))
    } else {
        answer(is_good)
    }
}

fn answer(is_good: bool) -> Result<(), Failure> {
    if is_good { Ok(()) } else { Err(Failure::Answered) }
}

/// Of every cookie that may be one of ours.
fn envelopes(cookies: &[Cookie<'_>]) -> (String, bool) {
    let mut report = String::new();
    for Cookie { name, value } in cookies {
        let Ok(envelope) = Envelope::parse(value) else { continue };
        if let Some(name) = name {
            let _ = writeln!(report, "{}", escaped(name));
        }
        of_envelope(&mut report, &envelope);
    }
    (report, true)
}

fn of_envelope(report: &mut String, envelope: &Envelope) {
    let Envelope { version, algorithm, key_id, characters, bytes, plaintext, .. } = envelope;
    let _ = writeln!(report, "  version     {version}");
    let _ = writeln!(report, "  algorithm   {}", algorithm.as_str());
    let _ = writeln!(report, "  key         {key_id}");
    let _ =
        writeln!(report, "  size        {characters} characters, {bytes} bytes, {plaintext} of plaintext");
}

fn open(matches: &ArgMatches, path: &Path, cookies: &[Cookie<'_>]) -> Result<(String, bool), Failure> {
    let text = |name| matches.get_one::<String>(name).map_or("", String::as_str);
    let idle = matches.get_one::<Duration>("idle-timeout").copied().filter(|idle| !idle.is_zero());
    let (ring, name, now) = (KeyRing::from_file(path).map_err(Failure::no)?, text("name"), SystemTime::now());
    let purpose = text("purpose");
    // A value without a name has the one that it is opened under. Last-seen cookies and tombstones have it before
    // theirs.
    let ours = |cookie: &&Cookie<'_>| cookie.name.is_none_or(|found| found.starts_with(name));
    let pair = |cookie: &Cookie<'_>| format!("{}={}", cookie.name.unwrap_or(name), cookie.value);
    let pairs: Vec<_> = cookies.iter().filter(ours).map(pair).collect();
    let inspection = Inspection { ring, name, purpose, idle_timeout: idle, now };
    let inspected = inspection.open(&pairs.join("; ")).map_err(|error| Failure::BadUse(error.to_string()))?;

    let (mut report, mut is_good) = (String::new(), false);
    let values = cookies.iter().filter(|cookie| cookie.name.is_none_or(|found| found == name));
    for (inspected, cookie) in inspected.iter().zip(values) {
        let _ = writeln!(report, "{}", escaped(name));
        if let Ok(envelope) = Envelope::parse(cookie.value) {
            of_envelope(&mut report, &envelope);
        }
        is_good |= inspected.rejection.is_none();
        let outcome = inspected.rejection.map_or("a session".into(), |why| format!("rejected: {why}"));
        let _ = writeln!(report, "  outcome     {outcome}");
        if let Some(record) = &inspected.record {
            of_record(&mut report, record, now);
            if matches.get_flag("payload") {
                of_payload(&mut report, record.expose_payload());
            }
        }
    }
    Ok((report, is_good))
}

fn of_record(report: &mut String, record: &Record, now: SystemTime) {
    let time = |at| time_from(at, now);
    let yes = |is: bool| if is { "yes" } else { "no" };
    let mut line = |name: &str, value: String| {
        let _ = writeln!(report, "  {name:<11} {value}");
    };
    line("id", record.id.to_string());
    line("family", record.id.family().to_string());
    line("started", time(record.started));
    line("sealed", time(record.written));
    line("renewed", record.renewed.map_or_else(|| "-".into(), time));
    line("idle until", record.idle_expires_at.map_or_else(|| "no idle timeout".into(), time));
    line("ends", time(record.expires_at));
    line("logged in", record.authenticated_at.map_or_else(|| "no".into(), time));
    line("remembered", yes(record.remembered).into());
    line("bound", yes(record.bound).into());
    line("schema", record.schema.to_string());
    line("payload", format!("{} bytes, {} of padding", record.expose_payload().len(), record.padding));
}

/// Sixteen bytes a line, in hexadecimal and as text.
fn of_payload(report: &mut String, payload: &[u8]) {
    for bytes in payload.chunks(16) {
        let digits: String = bytes.iter().map(|byte| format!("{byte:02x} ")).collect();
        let text = bytes.iter().map(|byte| if matches!(byte, b' '..=b'~') { char::from(*byte) } else { '.' });
        let _ = writeln!(report, "    {digits:<48} {}", text.collect::<String>());
    }
}

const AFTER_HELP: &str = "\
Takes the value of a cookie, a whole Cookie header, Set-Cookie headers, or all that curl -i prints. The token itself is
never printed.

Without --keys it says what stands in clear, which anybody may have written: version, algorithm, key id, sizes. With
--keys and --name it opens the cookie and says what the library would: a session, or why not (exit code 1), as far as
that can be said without the session's type, revocations, not_before, and timeouts that became shorter since.
Last-seen cookies (NAME.seen) and tombstones (NAME.out.*) in the header count.

  pbpaste | sealed-session inspect --keys session.keys --name __Host-session";
