//! Servers with a defect, made of the real one by changing what goes in and out: what the model must be able to see.

use crate::handler::Handler;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Defect {
    None,
    /// A read renews the idle clock by sealing the session again.
    RenewalInTheSession,
    /// A tombstone lives for so many seconds.
    TombstonesLive(u64),
    /// A tombstone lives for so many seconds less.
    TombstonesLiveShorter(u64),
    /// One cookie lists the ids that have ended.
    OneList,
    NoTombstones,
}

impl Defect {
    pub(crate) fn seals_again(self, handler: Handler) -> bool {
        self == Self::RenewalInTheSession && handler == Handler::Read
    }

    /// Whether the response depends on which request it is: it seals something, or draws an id.
    pub(crate) fn is_numbered(self, handler: Handler) -> bool {
        handler.is_numbered() || self.seals_again(handler)
    }

    /// The cookies of a request as the server gets them.
    pub(crate) fn request(self, name: &str, cookies: &str) -> String {
        if self != Self::OneList {
            return cookies.to_owned();
        }
        let list = format!("{name}{LIST}=");
        let expand = |pair: &str| match pair.strip_prefix(&list) {
            None => vec![pair.to_owned()],
            Some(slots) => slots.split('.').map(|slot| format!("{name}{TOMBSTONE}{slot}=0")).collect(),
        };
        cookies.split("; ").flat_map(expand).collect::<Vec<_>>().join("; ")
    }

    /// The Set-Cookie lines of a response as the browser gets them.
    pub(crate) fn response(self, name: &str, cookies: &str, lines: Vec<String>) -> Vec<String> {
        let tombstone = format!("{name}{TOMBSTONE}");
        let (tombstones, mut others): (Vec<_>, Vec<_>) =
            lines.into_iter().partition(|line| line.starts_with(&tombstone));
        match self {
            Self::None | Self::RenewalInTheSession => others.extend(tombstones),
            Self::NoTombstones => {}
            Self::TombstonesLive(seconds) => {
                others.extend(tombstones.iter().map(|line| with_max_age(line, |age| age.min(seconds))));
            }
            Self::TombstonesLiveShorter(seconds) => {
                others.extend(
                    tombstones.iter().map(|line| with_max_age(line, |age| age.saturating_sub(seconds))),
                );
            }
            Self::OneList => others.extend(list(name, cookies, &tombstones)),
        }
        others
    }
}

/// The line of the list: what the request carried in it, and what is new.
fn list(name: &str, cookies: &str, tombstones: &[String]) -> Option<String> {
    let attributes = tombstones.first()?.split_once(';')?.1;
    let head = format!("{name}{LIST}=");
    let old = cookies.split("; ").find_map(|pair| pair.strip_prefix(&head));
    let slot = |line: &String| line.split_once(TOMBSTONE)?.1.split_once('=').map(|(slot, _)| slot.to_owned());
    let slots: Vec<_> =
        old.map(str::to_owned).into_iter().chain(tombstones.iter().filter_map(slot)).collect();
    Some(format!("{head}{};{attributes}", slots.join(".")))
}

fn with_max_age(line: &str, change: impl FnOnce(u64) -> u64) -> String {
    let (rest, age) = line.rsplit_once("Max-Age=").unwrap();
    format!("{rest}Max-Age={}", change(age.parse().unwrap()))
}

const TOMBSTONE: &str = ".out.";
const LIST: &str = ".out";
