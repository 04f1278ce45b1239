//! `rotate`: announces a new key in a ring's file, or makes the file with its first key.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::time::{Duration, SystemTime};

use clap::{Arg, ArgAction, ArgMatches, Command};
use sealed_session::keys::{KeyState, KeyStatus, Rotation};
use sealed_session::{Key, KeyRing};

use super::arguments::{algorithm, algorithm_of, file, file_of, span};
use super::failure::Failure;
use super::replace::{Lock, replace};
use super::shown::{time, time_or_dash};

pub(crate) fn command() -> Command {
    let longest =
        span("longest-lifetime").required(true).help("The longest lifetime of anything that the ring seals");
    let announce = span("announce").default_value("1h").help("How long servers have to read the new key");
    let dry_run = Arg::new("dry-run").long("dry-run").action(ArgAction::SetTrue);
    Command::new("rotate")
        .about("Announces a new key in a key ring's file, or makes the file with its first key")
        .after_help(AFTER_HELP)
        .arg(file())
        .args([longest, announce, algorithm(), dry_run.help("Say what would change, and change nothing")])
}

pub(crate) fn run(matches: &ArgMatches) -> Result<(), Failure> {
    let path = file_of(matches);
    let is_dry_run = matches.get_flag("dry-run");
    let given = |name| matches.get_one::<Duration>(name).copied().unwrap_or_default();
    let _lock = if is_dry_run { None } else { Some(Lock::of(path)?) };
    let now = SystemTime::now();
    let key = Key::generate(algorithm_of(matches)).map_err(Failure::no)?;
    let rotation = Rotation { longest_lifetime: given("longest-lifetime"), announce: given("announce"), now };

    let old = read(path)?;
    let new = match &old {
        Some(ring) => ring.rotate(key, rotation).map_err(Failure::no)?,
        None if rotation.longest_lifetime.is_zero() => {
            return Err(Failure::BadUse("--longest-lifetime: must not be zero".into()));
        }
        None => KeyRing::dated(key, now),
    };
    let changes = changes(old.as_ref(), &new, is_dry_run, now);
    if !is_dry_run {
        let text = format!("{}{}", comments(path, old.is_some())?, new.expose_text());
        // Never put anything in place that servers would refuse.
        KeyRing::from_text_at(&text, now).map_err(Failure::no)?;
        replace(path, &text)?;
    }
    write!(io::stdout(), "{changes}")?;
    Ok(())
}

/// `None` if there is no file.
fn read(path: &Path) -> Result<Option<KeyRing>, Failure> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::No(format!("{}: {error}", path.display()))),
        Ok(found) if found.is_symlink() => {
            let target = fs::read_link(path).unwrap_or_default();
            let (path, target) = (path.display(), target.display());
            Err(Failure::No(format!("{path} is a symbolic link to {target}: rotate that file itself")))
        }
        Ok(_) => KeyRing::from_file(path).map(Some).map_err(Failure::no),
    }
}

/// The lines of comments before the first key, which somebody may have written there.
fn comments(path: &Path, is_there: bool) -> Result<String, Failure> {
    if !is_there {
        return Ok(HEADING.into());
    }
    let text =
        fs::read_to_string(path).map_err(|error| Failure::No(format!("{}: {error}", path.display())))?;
    let comments: String = text
        .lines()
        .take_while(|line| line.trim_start().starts_with('#') || line.trim().is_empty())
        .flat_map(|line| [line, "\n"])
        .collect();
    Ok(if comments.is_empty() { HEADING.into() } else { comments })
}

/// The difference, by key id.
fn changes(old: Option<&KeyRing>, new: &KeyRing, is_dry_run: bool, now: SystemTime) -> String {
    let before = old.map(|ring| ring.status(now)).unwrap_or_default();
    let after = new.status(now);
    let mut lines = String::new();
    for key in &before {
        let line = match after.iter().find(|other| other.id == key.id) {
            None => format!("- {} dropped, has not opened since {}", key.id, time_or_dash(key.opens_until)),
            Some(same) if same.opens_until != key.opens_until => {
                format!("~ {} {}, opens until {}", key.id, same.state, time_or_dash(same.opens_until))
            }
            Some(same) => format!("  {} {}", key.id, same.state),
        };
        let _ = writeln!(lines, "{line}");
    }
    for key in after.iter().filter(|key| before.iter().all(|other| other.id != key.id)) {
        // In a dry run nobody will ever see that key again.
        let id = if is_dry_run { "a new key".to_owned() } else { key.id.to_string() };
        let _ = writeln!(lines, "+ {id} {}", of_new(key));
    }
    if is_dry_run { lines + "dry run: nothing was written\n" } else { lines }
}

fn of_new(key: &KeyStatus) -> String {
    let word = key.algorithm.word();
    match (key.state, key.seals_from) {
        (KeyState::Announced, Some(from)) => format!("{word}, announced, seals from {}", time(from)),
        _ => format!("{word}, seals now"),
    }
}

const HEADING: &str = "# sealed-session key ring\n";

const AFTER_HELP: &str = "\
The longest lifetime is the largest of the absolute timeout, of what \"remember me\" allows, and of the expiry of the
application's own tokens: 7d with the library's defaults. If it is too short, people are logged out early. The time to
announce must be longer than it takes to bring the file to the last server. Times are a number and s, m, h, d or w.

The key that seals now gets an opens-until: the moment of the switch, plus the longest lifetime, plus the time to
announce. After it no cookie of that key can be alive, and a rotate more than a day later drops it.

The file is replaced at once, by a new one in the same folder with the same owner, group and mode; a symbolic link is
refused. Comments before the first key stay, others go. While it works, FILE.lock keeps a second rotate out. The lock
ends with the process, and the next rotate removes the files that a killed one left beside FILE.

A month's cron line:
  0 3 1 * *  sealed-session rotate /etc/shop/session.keys --longest-lifetime 7d";
