//! What a ring holds: which key seals at a moment, which keys open, and the rules between them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use super::{Key, KeyId};
use crate::crypto::aead::{Algorithm, Cipher};
use crate::crypto::mac::Mac;
use crate::error::KeyError;
use crate::time::{SKEW, Seconds};

/// The keys of a ring at one time. It is never changed, only replaced.
pub(crate) struct Keys {
    pub(super) is_dated: bool,
    // Sorted by id: a client names the id that is looked up, and the time must not grow with the number of keys.
    by_id: Vec<Entry>,
    /// The key that seals first, and those that seal after it, in the order of their times. Of a plain ring one key
    /// seals.
    first: Entry,
    later: Vec<Entry>,
    /// Which of them sealed last: 0 is `first`.
    last: AtomicUsize,
    /// The longest lifetime of sessions, in seconds, for which it was reported which keys end too soon.
    pub(super) reported_for: AtomicU64,
    /// Whether it was reported which of them are published.
    pub(super) reported_published: AtomicBool,
}

/// A key and its times. The key is behind a pointer: a list that grows or is sorted would leave copies of it behind.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(super) key: Arc<RingKey>,
    pub(super) seals_from: Option<Seconds>,
    pub(super) opens_until: Option<Seconds>,
}

impl Entry {
    pub(super) fn new(key: Key) -> Self {
        Self { key: Arc::new(RingKey::new(key)), seals_from: None, opens_until: None }
    }

    pub(super) fn id(&self) -> KeyId {
        self.key.id()
    }
}

/// What is wrong, and with which entry, counted from 0.
pub(super) type Wrong = (usize, KeyError);

impl Keys {
    /// A ring of one key, which seals whatever its time is.
    pub(super) fn of_one(entry: Entry) -> Self {
        let is_dated = entry.seals_from.is_some();
        Self::checked(is_dated, vec![entry.clone()], entry, Vec::new())
    }

    fn checked(is_dated: bool, by_id: Vec<Entry>, first: Entry, later: Vec<Entry>) -> Self {
        Self {
            is_dated,
            by_id,
            first,
            later,
            last: AtomicUsize::new(0),
            reported_for: AtomicU64::new(0),
            reported_published: AtomicBool::new(false),
        }
    }

    /// A plain ring, whose entries have no times: the first one seals.
    pub(super) fn plain(sealing: Entry, opening: &[Entry]) -> Result<Self, Wrong> {
        let by_id = by_id(&all(&sealing, opening))?;
        Ok(Self::checked(false, by_id, sealing, Vec::new()))
    }

    /// A ring of entries in any order, plain or dated, with the rules of FORMAT §3 between them.
    pub(super) fn new(first: Entry, others: &[Entry], now: Seconds) -> Result<Self, Wrong> {
        let entries = all(&first, others);
        if entries.iter().all(|entry| entry.seals_from.is_none() && entry.opens_until.is_none()) {
            return Self::plain(first, others);
        }
        let by_id = by_id(&entries)?;

        let missing = entries.iter().position(|entry| entry.seals_from.is_none());
        if let Some(at) = missing {
            return Err((at, KeyError::MissingSealsFrom));
        }
        let ends = |entry: &Entry, at| entry.opens_until.is_some_and(|until| Some(until) <= at);
        if let Some(at) = entries.iter().position(|entry| ends(entry, entry.seals_from)) {
            return Err((at, KeyError::EndsBeforeItSeals));
        }
        // In the order of their times, each with its place among the entries.
        let mut in_order: Vec<_> = entries.iter().enumerate().collect();
        in_order.sort_by_key(|(_, entry)| entry.seals_from);
        let next = in_order.iter().skip(1).map(Some).chain([None]);
        for ((_, entry), next) in in_order.iter().zip(next.clone()) {
            if let Some((at, _)) = next.filter(|(_, next)| next.seals_from == entry.seals_from) {
                return Err((*at, KeyError::SameTime));
            }
        }
        for ((at, entry), next) in in_order.iter().zip(next) {
            let has_next = next.is_some_and(|(_, next)| !ends(entry, next.seals_from));
            if entry.opens_until.is_some() && !has_next {
                return Err((*at, KeyError::EndsWhileSealing));
            }
        }
        let mut in_order = in_order.into_iter();
        let Some((at, earliest)) = in_order.next() else { return Self::plain(first, others) };
        if earliest.seals_from > Some(now.plus(SKEW)) {
            return Err((at, KeyError::NotYet));
        }
        let (first, later) = (earliest.clone(), in_order.map(|(_, entry)| entry.clone()).collect());
        let keys = Self::checked(true, by_id, first, later);
        keys.sealing(now); // from here on there is one that sealed last
        Ok(keys)
    }

    /// The key to seal with now, which is remembered: see [`would_seal`](Self::would_seal).
    pub(crate) fn sealing(&self, now: Seconds) -> &RingKey {
        let place = self.place(now);
        if place != self.last.load(Ordering::Relaxed) {
            self.last.store(place, Ordering::Relaxed); // as often as keys change: no line of cache is fought over
        }
        &self.at(place).key
    }

    /// The key with the latest `seals-from` that has passed. When the clock was set back before all of them, the one
    /// that sealed last goes on: others have read its tokens, and no other key is known to be everywhere.
    pub(super) fn would_seal(&self, now: Seconds) -> &RingKey {
        &self.at(self.place(now)).key
    }

    fn place(&self, now: Seconds) -> usize {
        let passed = |entry: &Entry| entry.seals_from.is_none_or(|from| from <= now);
        if passed(&self.first) {
            self.later.partition_point(passed)
        } else {
            self.last.load(Ordering::Relaxed)
        }
    }

    /// The key of this id, if it opens at this moment.
    pub(crate) fn find(&self, id: KeyId, now: Seconds) -> Option<&RingKey> {
        let entry = self.entry(id)?;
        entry.opens_until.is_none_or(|until| now < until).then_some(&*entry.key)
    }

    pub(super) fn entry(&self, id: KeyId) -> Option<&Entry> {
        let at = self.by_id.binary_search_by_key(&id, Entry::id).ok()?;
        self.by_id.get(at)
    }

    /// Sorted.
    pub(super) fn ids(&self) -> impl Iterator<Item = KeyId> {
        self.by_id.iter().map(Entry::id)
    }

    pub(super) fn len(&self) -> usize {
        self.by_id.len()
    }

    /// In the order in which they seal; of a plain ring the one that seals, and then the others by id.
    pub(super) fn in_order(&self) -> impl Iterator<Item = &Entry> {
        let others = self.by_id.iter().filter(|entry| !self.is_dated && entry.id() != self.first.id());
        std::iter::once(&self.first).chain(&self.later).chain(others)
    }

    /// Which key sealed last, as far as is known here.
    pub(super) fn sealed_last(&self) -> &Entry {
        self.at(self.last.load(Ordering::Relaxed))
    }

    /// 0 is the first key that seals.
    fn at(&self, place: usize) -> &Entry {
        place.checked_sub(1).and_then(|place| self.later.get(place)).unwrap_or(&self.first)
    }
}

fn all(first: &Entry, others: &[Entry]) -> Vec<Entry> {
    std::iter::once(first).chain(others).cloned().collect()
}

fn by_id(entries: &[Entry]) -> Result<Vec<Entry>, Wrong> {
    for (at, entry) in entries.iter().enumerate() {
        if entries.iter().take(at).any(|earlier| earlier.id() == entry.id()) {
            return Err((at, KeyError::Repeated));
        }
    }
    let mut by_id = entries.to_vec();
    by_id.sort_unstable_by_key(Entry::id);
    Ok(by_id)
}

/// A key with what is made of it, expanded once.
pub(crate) struct RingKey {
    key: Key,
    cipher: Cipher,
    mac: Mac,
}

impl RingKey {
    fn new(key: Key) -> Self {
        Self { cipher: key.cipher(), mac: key.mac(), key }
    }

    pub(super) fn key(&self) -> &Key {
        &self.key
    }

    pub(crate) fn id(&self) -> KeyId {
        self.key.id()
    }

    pub(crate) fn algorithm(&self) -> Algorithm {
        self.key.algorithm()
    }

    pub(crate) fn cipher(&self) -> &Cipher {
        &self.cipher
    }

    pub(crate) fn mac(&self) -> &Mac {
        &self.mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All parts wipe themselves, as their own files assert. A further part has to as well: this does not compile then.
    #[test]
    fn the_parts_of_a_key_wipe_themselves() {
        let RingKey { key: _, cipher, mac } = RingKey::new(Key::generate(Algorithm::Xaes256Gcm).unwrap());
        let (Cipher::Xaes256Gcm(_) | Cipher::XChaCha20Poly1305(_)) = cipher;
        let (Mac::Aes256Cmac(_) | Mac::HmacSha256(_)) = mac;
    }
}
