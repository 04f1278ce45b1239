//! `revocations`: what is in a file of revocations; `prune`: takes out what has ended.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::time::SystemTime;

use clap::{Arg, ArgAction, ArgMatches, Command};
use sealed_session::Rejection;
use sealed_session::inspect::{InspectedRevocation, Inspection, Revoked};

use super::arguments::{file_of, of_revocations, ring_of, text_of};
use super::failure::Failure;
use super::replace::{Lock, replace};
use super::shown::{time, time_from};

pub(crate) fn command() -> Command {
    of_revocations(Command::new("revocations"))
        .about("Lists what is in a file of revocations")
        .after_help(AFTER_LIST)
}

pub(crate) fn prune_command() -> Command {
    let unreadable = Arg::new("unreadable").long("unreadable").action(ArgAction::SetTrue);
    of_revocations(Command::new("prune"))
        .about("Takes out of a file of revocations what has ended")
        .after_help(AFTER_PRUNE)
        .arg(unreadable.help("Take out what these keys do not open, too"))
}

pub(crate) fn run(matches: &ArgMatches) -> Result<(), Failure> {
    let (inspection, text) = (inspection(matches)?, read(file_of(matches))?);
    let mut report = String::new();
    for line in lines(&text) {
        let _ = match inspection.revocation(line) {
            Ok(found) => writeln!(report, "{}", shown(&found, inspection.now)),
            Err(why) => writeln!(report, "unreadable: {}", explained(why)),
        };
    }
    write!(io::stdout(), "{report}")?;
    Ok(())
}

pub(crate) fn prune(matches: &ArgMatches) -> Result<(), Failure> {
    let path = file_of(matches);
    let _lock = Lock::of(path)?;
    let (inspection, text) = (inspection(matches)?, read(path)?);
    let (mut kept, mut ended, mut unreadable) = (String::new(), 0, 0);
    let (mut left, takes_unreadable) = (0, matches.get_flag("unreadable"));
    for line in text.lines() {
        match inspection.revocation(line.trim()) {
            _ if is_comment(line) => {}
            Ok(found) if found.until <= inspection.now => {
                ended += 1;
                continue;
            }
            Ok(_) => left += 1,
            Err(_) => {
                unreadable += 1;
                if takes_unreadable {
                    continue;
                }
            }
        }
        kept.extend([line, "\n"]);
    }
    replace(path, &kept)?;
    let of_unreadable = match (unreadable, takes_unreadable) {
        (0, _) => String::new(),
        (count, true) => format!(", {count} unreadable taken out"),
        (count, false) => format!(", {count} unreadable kept (--unreadable takes them out)"),
    };
    writeln!(io::stdout(), "{ended} ended, {left} left{of_unreadable}")?;
    Ok(())
}

fn inspection(matches: &ArgMatches) -> Result<Inspection<'_>, Failure> {
    let (ring, name, purpose) = (ring_of(matches)?, text_of(matches, "name"), text_of(matches, "purpose"));
    Ok(Inspection { ring, name, purpose, idle_timeout: None, now: SystemTime::now() })
}

fn read(path: &Path) -> Result<String, Failure> {
    let bytes = fs::read(path).map_err(|error| Failure::No(format!("{}: {error}", path.display())))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn is_comment(line: &str) -> bool {
    line.trim().is_empty() || line.trim().starts_with('#')
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !is_comment(line)).map(str::trim)
}

fn shown(found: &InspectedRevocation, now: SystemTime) -> String {
    let who = match found.revoked {
        Revoked::Family(family) => format!("family  {family}"),
        Revoked::Subject { digest, before } => format!("subject {digest}, began up to {}", time(before)),
        _ => "another kind".into(),
    };
    let end = if found.until <= now { "ended" } else { "until" };
    format!("{who}, {end} {}, key {}", time_from(found.until, now), found.key_id)
}

fn explained(why: Rejection) -> &'static str {
    match why {
        Rejection::UnknownKey => "its key is not among these",
        Rejection::Forged => "of another cookie name or purpose, or altered",
        _ => "damaged",
    }
}

const AFTER_LIST: &str = "\
A person is named by the first half of the SHA-256 of the bytes by which the application calls them. Compare with
  printf ada | sha256sum | cut -c1-32";

const AFTER_PRUNE: &str = "\
A revocation has ended when the sessions that it ends would have ended anyway. Comments stay, and so do lines that these
keys do not open: a server with other keys may read them. The file is replaced at once. A server that revokes meanwhile
writes its line again.

A month's cron line:
  0 4 1 * *  sealed-session prune /var/lib/shop/revoked --keys /etc/shop/session.keys --name __Host-session";
