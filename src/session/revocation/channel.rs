//! From process to process: revocations become lines of text, and lines that a channel brings become revocations.
//!
//! The set only grows until entries end, so lines may be repeated, reordered and, if they are sent again, lost.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use super::{Home, Revocations, Shared};
use crate::error::{Rejection, RevokeError, TokenSealError};
use crate::events;
use crate::record::entry::{Entry, Target};
use crate::time::{Seconds, whole_seconds};
use crate::token::{self, Plaintext};

impl Revocations {
    /// The revocations that this process has made after `mark`, sealed, one on a line; moves the mark on. A new mark
    /// gets all.
    ///
    /// Send them to every other process. If they may have been lost, send them again with the mark as it was before.
    ///
    /// ```
    /// # use sealed_session::revocation::{Mark, Revocations};
    /// # use sealed_session::{Sessions, testing};
    /// # let node = || {
    /// #     let revocations = Revocations::new();
    /// #     let builder = Sessions::<u64>::builder(testing::key_ring()).revocations(&revocations);
    /// #     builder.build().map(|sessions| (sessions, revocations))
    /// # };
    /// let ((sessions, here), (_, there)) = (node()?, node()?);
    /// let mut mark = Mark::default();
    /// # let request = testing::request(&sessions, |session| session.log_in(7));
    /// # let session = testing::load(&sessions, &request);
    /// here.revoke(&session)?;
    /// let lines = here.changes(&mut mark)?; // publish them
    /// assert_eq!(lines.len(), 1);
    /// assert!(here.changes(&mut mark)?.is_empty());
    ///
    /// let merged = there.merge(lines.join("\n"))?;
    /// assert_eq!((merged.added, merged.known), (1, 0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If no `Sessions` was built with these revocations, or the system's random generator fails. The mark stays.
    pub fn changes(&self, mark: &mut Mark) -> Result<Vec<String>, RevokeError> {
        let home = self.home()?;
        let now = home.clock.now();
        let (entries, last) = self.shared.index.made_after(mark.0, now);
        let lines = home.seal(entries.iter().map(|(_, entry)| entry), now)?;
        mark.0 = last;
        self.shared.channel.told.fetch_max(last, Ordering::Relaxed);
        Ok(lines)
    }

    /// Adds the revocations in these lines, which another process sealed. Call it also with an empty text whenever the
    /// channel has nothing new: [`status`](Self::status) tells when it was last heard.
    ///
    /// A line that this process cannot open is left out and counted. Whoever writes to the channel without the keys can
    /// neither add nor alter a revocation.
    ///
    /// # Errors
    /// If no `Sessions` was built with these revocations.
    pub fn merge(&self, lines: impl AsRef<[u8]>) -> Result<Merged, RevokeError> {
        self.merge_at(lines.as_ref(), self.home()?.clock.now()).map(|(merged, _)| merged)
    }

    /// As [`merge`](Self::merge), with the entries that the lines hold.
    fn merge_at(&self, lines: &[u8], now: Seconds) -> Result<(Merged, Vec<Entry>), RevokeError> {
        let (entries, mut merged) = self.home()?.open(lines, now);
        merged.added = self.shared.index.add(&entries, false, now);
        merged.known = entries.len().saturating_sub(merged.added);
        self.shared.channel.heard_at.store(now.get(), Ordering::Relaxed);
        if merged.unknown_key.saturating_add(merged.refused) > 0 {
            events::revocations_unread(merged.unknown_key, merged.refused);
        }
        Ok((merged, entries))
    }

    /// As [`merge`](Self::merge), with all that the channel holds. Returns the lines that it lacks and this process
    /// knows, from wherever: write them back.
    ///
    /// Call it at the start, after every reconnection, and now and then: so a revocation is lost only if every process
    /// that knew it is gone. What the channel lacks also are revocations that were sealed with a key that has left the
    /// ring; they come back sealed with the key of today.
    ///
    /// # Errors
    /// As [`changes`](Self::changes).
    pub fn sync(&self, everything: impl AsRef<[u8]>) -> Result<(Merged, Vec<String>), RevokeError> {
        let home = self.home()?;
        let now = home.clock.now();
        let (merged, entries) = self.merge_at(everything.as_ref(), now)?;
        let mut there = BTreeMap::new();
        for entry in entries {
            let (name, before) = name_of(&entry);
            let known = there.entry(name).or_insert((entry.until, before));
            *known = (known.0.max(entry.until), known.1.max(before));
        }
        let (mut lacking, last) = self.shared.index.all(now);
        lacking.retain(|(_, entry)| {
            let (name, before) = name_of(entry);
            there.get(&name).is_none_or(|(until, known)| *until < entry.until || *known < before)
        });
        let lines = home.seal(lacking.iter().map(|(_, entry)| entry), now)?;
        let channel = &self.shared.channel;
        let told = channel.told.fetch_max(last, Ordering::Relaxed);
        let lost = lacking.iter().filter(|(number, _)| *number <= told).count();
        channel.lost.store(lost, Ordering::Relaxed);
        Ok((merged, lines))
    }

    /// Has the layers answer 503 when the channel has been silent for so long, or has not been heard at all since the
    /// start. Off by default: a process that hears nothing serves, by the revocations that it knows.
    ///
    /// Without a layer, ask [`RevocationStatus::is_silent`].
    pub fn fail_closed_after(&self, silence: Duration) {
        self.shared.channel.longest_silence.store(whole_seconds(silence).max(1), Ordering::Relaxed);
    }

    /// How many revocations there are, and when the channel was last heard: for a health check.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use sealed_session::revocation::Revocations;
    /// # use sealed_session::{Sessions, testing};
    /// let revocations = Revocations::new();
    /// # let builder = Sessions::<u64>::builder(testing::key_ring()).revocations(&revocations);
    /// # let sessions = builder.build()?;
    /// revocations.fail_closed_after(Duration::from_secs(60));
    /// assert!(revocations.status().is_silent);
    /// revocations.merge("")?; // the channel answers, and has nothing new
    /// assert!(!revocations.status().is_silent);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn status(&self) -> RevocationStatus {
        let Shared { index, channel, .. } = &*self.shared;
        let now = self.home().map_or(Seconds::new(0), |home| home.clock.now());
        let (families, subjects) = index.count(now);
        let last_heard = channel.last_heard().map(Seconds::to_system);
        let lost = channel.lost.load(Ordering::Relaxed);
        let channel = last_heard.map(|last_heard| ChannelStatus { last_heard, lost });
        RevocationStatus { families, subjects, channel, is_silent: self.is_silent() }
    }

    /// Whether the channel has been silent for longer than [`fail_closed_after`](Self::fail_closed_after) allows.
    pub(in crate::session) fn is_silent(&self) -> bool {
        let longest = self.shared.channel.longest_silence.load(Ordering::Relaxed);
        longest > 0 && self.silence().is_none_or(|silence| silence > longest)
    }

    /// For how many seconds the channel has been silent; `None` if it has never been heard.
    pub(super) fn silence(&self) -> Option<u64> {
        Some(self.home().ok()?.clock.now().since(self.shared.channel.last_heard()?))
    }
}

impl Home {
    fn seal<'a>(
        &self,
        entries: impl Iterator<Item = &'a Entry>,
        now: Seconds,
    ) -> Result<Vec<String>, RevokeError> {
        let seal = |entry: &Entry| {
            let mut plaintext = Plaintext::new();
            entry.put(plaintext.buffer()).ok_or(RevokeError::Clock)?;
            let sealed = token::seal_text(self.ring.keys().sealing(now), &self.context, plaintext);
            sealed.map_err(|_: TokenSealError| RevokeError::Random) // never too long
        };
        entries.map(seal).collect()
    }

    /// The entries in these lines that have not ended, and how many other lines there are.
    fn open(&self, lines: &[u8], now: Seconds) -> (Vec<Entry>, Merged) {
        let (mut entries, mut merged) = (Vec::new(), Merged::default());
        for line in lines.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii) {
            if line.is_empty() || line.starts_with(b"#") {
                continue;
            }
            let opened = token::open(&self.ring, &self.context, line, now);
            match opened.map(|opened| Entry::parse(opened.plaintext())) {
                Ok(Some(entry)) if now < entry.until => entries.push(entry),
                Ok(Some(_)) => merged.ended = merged.ended.saturating_add(1),
                Err(Rejection::UnknownKey) => merged.unknown_key = merged.unknown_key.saturating_add(1),
                Ok(None) | Err(_) => merged.refused = merged.refused.saturating_add(1),
            }
        }
        (entries, merged)
    }
}

/// What an entry names, and up to when it ends the sessions of a person.
fn name_of(entry: &Entry) -> (Vec<u8>, Seconds) {
    match &entry.target {
        Target::Family(family) => (family.as_bytes().to_vec(), Seconds::new(0)),
        Target::Subject { subject, before } => (subject.as_bytes().to_vec(), *before),
    }
}

/// What is known of the channel.
#[derive(Default)]
pub(super) struct Channel {
    /// By the clock of the sessions; 0 for never.
    heard_at: AtomicU64,
    /// The number of the last entry that was handed out for the channel.
    told: AtomicU64,
    lost: AtomicUsize,
    /// 0 for no limit.
    longest_silence: AtomicU64,
}

impl Channel {
    fn last_heard(&self) -> Option<Seconds> {
        let heard_at = self.heard_at.load(Ordering::Relaxed);
        (heard_at > 0).then_some(Seconds::new(heard_at))
    }
}

/// How far somebody has read the [changes](Revocations::changes). A new one has read nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark(u64);

/// What the lines of a [merge](Revocations::merge) were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Merged {
    /// Revocations that this process had not known, or not so far.
    pub added: usize,
    /// Revocations that it knew.
    pub known: usize,
    /// Revocations of sessions that can no longer be valid in any case.
    pub ended: usize,
    /// Lines that were sealed with a key that is not in the ring.
    pub unknown_key: usize,
    /// Lines that are not revocations of these `Sessions`: damaged, forged, or of another name or purpose.
    pub refused: usize,
}

/// How [`Revocations`] are doing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RevocationStatus {
    /// How many families are revoked.
    pub families: usize,
    /// How many people have been logged out everywhere.
    pub subjects: usize,
    /// What is known of the channel; `None` if it has not been heard.
    pub channel: Option<ChannelStatus>,
    /// Whether it has been silent for longer than [`fail_closed_after`](Revocations::fail_closed_after) allows. Always
    /// `false` without that setting.
    pub is_silent: bool,
}

/// What [`Revocations`] know of the channel between processes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChannelStatus {
    /// When it last brought something, or said that it has nothing new. By the clock of the sessions.
    pub last_heard: SystemTime,
    /// How many revocations it had been given and no longer had, at the last [`sync`](Revocations::sync): it was
    /// truncated or set back, or their key has left the ring.
    pub lost: usize,
}
