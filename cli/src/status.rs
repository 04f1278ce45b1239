//! `status`: where each key of a ring stands, for people, cron and monitoring.

use std::io::{self, Write};
use std::time::{Duration, SystemTime};

use clap::{Arg, ArgAction, ArgMatches, Command};
use sealed_session::KeyRing;
use sealed_session::keys::{KeyState, KeyStatus};

use super::arguments::{file, file_of, span};
use super::failure::Failure;
use super::shown::{self, time, time_or_dash};

pub(crate) fn command() -> Command {
    Command::new("status")
        .about("Says where each key of a ring stands")
        .after_help(AFTER_HELP)
        .arg(file())
        .arg(span("max-age").help("Exit with 1 if the key that seals has done so for longer"))
        .arg(Arg::new("json").long("json").action(ArgAction::SetTrue).help("Print JSON"))
}

pub(crate) fn run(matches: &ArgMatches) -> Result<(), Failure> {
    let now = SystemTime::now();
    let ring = KeyRing::from_file(file_of(matches)).map_err(Failure::no)?;
    let keys = ring.status(now);
    let overdue = matches.get_one("max-age").map(|max_age| overdue(&keys, *max_age, now));
    let text = if matches.get_flag("json") { json(&keys, overdue.as_ref()) } else { table(&keys) };
    write!(io::stdout(), "{text}")?;
    overdue.flatten().map_or(Ok(()), |why| Err(Failure::No(why)))
}

/// Why a rotation is overdue.
fn overdue(keys: &[KeyStatus], max_age: Duration, now: SystemTime) -> Option<String> {
    let sealing = keys.iter().find(|key| key.state == KeyState::Sealing)?;
    let Some(since) = sealing.seals_from else {
        return Some("the ring does not say since when its key seals: rotate gives it times".into());
    };
    let age = now.duration_since(since).unwrap_or_default();
    let text = || format!("a rotation is overdue: key {} has sealed for {}", sealing.id, shown::span(age));
    (age > max_age).then(text)
}

fn table(keys: &[KeyStatus]) -> String {
    let row = |cells: [&str; 6]| {
        let [id, algorithm, state, since, until, dropped] = cells;
        let row = format!("{id:<9} {algorithm:<9} {state:<10} {since:<21} {until:<21} {dropped}");
        row.trim_end().to_owned() + "\n"
    };
    let mut table = row(["KEY", "ALGORITHM", "STATE", "SINCE", "UNTIL", "MAY BE DROPPED"]);
    for key in keys {
        table += &row([
            &key.id.to_string(),
            key.algorithm.word(),
            key.state.as_str(),
            &time_or_dash(key.since),
            &time_or_dash(key.until),
            &time_or_dash(key.opens_until),
        ]);
    }
    table
}

/// Nothing in it needs escaping. `overdue` is null if it was not asked for.
fn json(keys: &[KeyStatus], overdue: Option<&Option<String>>) -> String {
    let text = |at: Option<SystemTime>| at.map_or_else(|| "null".into(), |at| format!("\"{}\"", time(at)));
    let keys: Vec<_> = keys
        .iter()
        .map(|key| {
            format!(
                "{{\"id\":\"{}\",\"algorithm\":\"{}\",\"state\":\"{}\",\"since\":{},\"until\":{},\"seals_from\":{},\
                 \"opens_until\":{}}}",
                key.id,
                key.algorithm.word(),
                key.state,
                text(key.since),
                text(key.until),
                text(key.seals_from),
                text(key.opens_until),
            )
        })
        .collect();
    let overdue = overdue.map_or("null", |why| if why.is_some() { "true" } else { "false" });
    format!("{{\"keys\":[{}],\"overdue\":{overdue}}}\n", keys.join(","))
}

const AFTER_HELP: &str = "\
States: announced, opens and does not seal yet; sealing; opening, seals no more; expired, opens no more.
MAY BE DROPPED says from when on no cookie of a key can be alive any more. rotate drops it a day later.

For cron or monitoring:  sealed-session status session.keys --max-age 45d >/dev/null || alert";
