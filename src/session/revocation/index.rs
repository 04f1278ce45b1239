//! Which families and people are revoked: every load asks, and no lock is in its way. The second file that names
//! `arc_swap`.
//!
//! A filter of bits answers nearly every load. Where the bit is set, one of 256 small maps has the exact answer. To add
//! an entry replaces one small map, so a burst does not copy what is there.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use arc_swap::ArcSwap;

use crate::record::entry::{Entry, SubjectId, Target};
use crate::record::id::FamilyId;
use crate::time::Seconds;

#[derive(Default)]
pub(super) struct Index {
    /// Made with the first entry.
    tables: OnceLock<Tables>,
    /// The newest `before` of all people: whoever logged in later needs no look-up.
    newest: AtomicU64,
    /// The number of the newest entry.
    last: AtomicU64,
    /// Held by whoever adds. Holds when ended entries are taken out next.
    prune_at: Mutex<Option<Seconds>>,
}

struct Tables {
    filter: Box<[AtomicU64]>,
    shards: Box<[ArcSwap<Shard>]>,
}

type Shard = HashMap<Name, Known>;

/// What an entry names.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Name {
    Family(FamilyId),
    Subject(SubjectId),
}

/// What is known of it.
#[derive(Clone, Copy)]
struct Known {
    until: Seconds,
    /// 0 for a family.
    before: Seconds,
    /// The number under which it became known or was last extended.
    number: u64,
    /// Whether that was done by this process.
    made_here: bool,
}

impl Index {
    pub(super) fn has_family(&self, family: FamilyId, now: Seconds) -> bool {
        self.find(Name::Family(family), now).is_some()
    }

    /// Up to when this person's sessions have ended.
    pub(super) fn before(&self, subject: SubjectId, now: Seconds) -> Option<Seconds> {
        self.find(Name::Subject(subject), now).map(|known| known.before)
    }

    /// The newest moment up to which anybody's sessions have ended; 0 if nobody's have.
    pub(super) fn newest(&self) -> Seconds {
        Seconds::new(self.newest.load(Ordering::Acquire))
    }

    #[inline]
    fn find(&self, name: Name, now: Seconds) -> Option<Known> {
        let tables = self.tables.get()?;
        let hash = name.hash();
        if !tables.may_have(hash) {
            return None;
        }
        let known = tables.shard(hash)?.load().get(&name).copied()?;
        (now < known.until).then_some(known)
    }

    /// Adds what is not known yet, and extends what is. Returns how many entries told something new.
    pub(super) fn add(&self, entries: &[Entry], made_here: bool, now: Seconds) -> usize {
        self.add_locked(entries, made_here, now, &mut self.lock())
    }

    /// Adds the entry that `make` makes of this person's `before` so far. No other entry comes between.
    pub(super) fn add_after<R>(
        &self,
        subject: SubjectId,
        now: Seconds,
        make: impl FnOnce(Option<Seconds>) -> (Entry, R),
    ) -> R {
        let mut prune_at = self.lock();
        let (entry, made) = make(self.before(subject, now));
        self.add_locked(&[entry], true, now, &mut prune_at);
        made
    }

    fn add_locked(
        &self,
        entries: &[Entry],
        made_here: bool,
        now: Seconds,
        prune_at: &mut Option<Seconds>,
    ) -> usize {
        let mut live = entries.iter().filter(|entry| now < entry.until).peekable();
        if live.peek().is_none() {
            return 0;
        }
        let tables = self.tables.get_or_init(Tables::new);
        if prune_at.is_some_and(|moment| moment <= now) {
            tables.prune(now);
        }
        if prune_at.is_none_or(|moment| moment <= now) {
            *prune_at = Some(now.plus(PRUNE_INTERVAL));
        }
        let (mut changed, mut number) = (BTreeMap::<usize, Shard>::new(), self.last.load(Ordering::Relaxed));
        let (mut newest, mut hashes) = (0, Vec::new());
        for entry in live {
            let (name, before) = match entry.target {
                Target::Family(family) => (Name::Family(family), Seconds::new(0)),
                Target::Subject { subject, before } => (Name::Subject(subject), before),
            };
            let hash = name.hash();
            let Some(current) = tables.shard(hash) else { continue };
            let shard = changed.get(&shard_of(hash));
            let known = shard.map_or_else(|| current.load().get(&name).copied(), |it| it.get(&name).copied());
            let told = (entry.until, before);
            let (until, before) =
                known.map_or(told, |known| (known.until.max(entry.until), known.before.max(before)));
            if known.is_some_and(|known| (known.until, known.before) == (until, before)) {
                continue;
            }
            number = number.saturating_add(1);
            newest = newest.max(before.get());
            hashes.push(hash);
            let shard = changed.entry(shard_of(hash)).or_insert_with(|| Shard::clone(&current.load()));
            // What is put together from two is known to nobody else.
            let made_here = made_here || (until, before) != told;
            shard.insert(name, Known { until, before, number, made_here });
        }
        for (at, shard) in changed {
            if let Some(current) = tables.shards.get(at) {
                current.store(Arc::new(shard));
            }
        }
        // After the maps: a bit that is seen finds its entry.
        hashes.iter().for_each(|hash| tables.set(*hash));
        self.newest.fetch_max(newest, Ordering::Release);
        self.last.store(number, Ordering::Release);
        hashes.len()
    }

    /// The number of the newest entry: it grows with every entry that tells something new.
    pub(super) fn last(&self) -> u64 {
        self.last.load(Ordering::Acquire)
    }

    /// All live entries, in the order in which they became known and each with its number; and the last number.
    pub(super) fn all(&self, now: Seconds) -> (Vec<(u64, Entry)>, u64) {
        self.wanted(|_| true, now)
    }

    /// The live entries that this process has made after this number, and the last number.
    pub(super) fn made_after(&self, number: u64, now: Seconds) -> (Vec<(u64, Entry)>, u64) {
        if number < self.last() {
            self.wanted(|known| known.made_here && known.number > number, now)
        } else {
            (Vec::new(), number)
        }
    }

    fn wanted(&self, is_wanted: impl Fn(&Known) -> bool, now: Seconds) -> (Vec<(u64, Entry)>, u64) {
        let last = self.last();
        let mut entries = Vec::new();
        if let Some(tables) = self.tables.get() {
            for shard in &tables.shards {
                let shard = shard.load();
                let wanted = shard.iter().filter(|(_, known)| is_wanted(known) && now < known.until);
                entries.extend(wanted.map(|(name, known)| (known.number, entry(*name, *known))));
            }
        }
        entries.sort_unstable_by_key(|(number, _)| *number);
        // One may have been added meanwhile: it is told, and told again.
        (entries, last)
    }

    /// How many families and how many people are revoked.
    pub(super) fn count(&self, now: Seconds) -> (usize, usize) {
        let (entries, _) = self.all(now);
        let families = entries.iter().filter(|(_, entry)| matches!(entry.target, Target::Family(_))).count();
        (families, entries.len().saturating_sub(families))
    }

    /// Between any two statements under the lock, what it guards is whole.
    fn lock(&self) -> MutexGuard<'_, Option<Seconds>> {
        self.prune_at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn entry(name: Name, known: Known) -> Entry {
    let target = match name {
        Name::Family(family) => Target::Family(family),
        Name::Subject(subject) => Target::Subject { subject, before: known.before },
    };
    Entry { target, until: known.until }
}

impl Name {
    /// Families are random, and the names of people are hashed: the first eight bytes will do.
    fn hash(&self) -> u64 {
        match self {
            Self::Family(family) => u64::from_le_bytes(*family.as_bytes()),
            Self::Subject(subject) => {
                subject.as_bytes().first_chunk().map_or(0, |first| u64::from_le_bytes(*first))
            }
        }
    }
}

impl Tables {
    fn new() -> Self {
        let empty = Arc::new(Shard::new());
        Self {
            filter: (0..FILTER_WORDS).map(|_| AtomicU64::new(0)).collect(),
            shards: (0..SHARDS).map(|_| ArcSwap::new(Arc::clone(&empty))).collect(),
        }
    }

    fn word(&self, hash: u64) -> Option<(&AtomicU64, u64)> {
        Some((self.filter.get(filter_word(hash))?, 1 << (hash % 64)))
    }

    fn may_have(&self, hash: u64) -> bool {
        self.word(hash).is_some_and(|(word, bit)| word.load(Ordering::Acquire) & bit != 0)
    }

    fn set(&self, hash: u64) {
        self.word(hash).into_iter().for_each(|(word, bit)| _ = word.fetch_or(bit, Ordering::Release));
    }

    fn shard(&self, hash: u64) -> Option<&ArcSwap<Shard>> {
        self.shards.get(shard_of(hash))
    }

    /// Takes out what ended a day ago. Not sooner, since a clock that is set ahead for a moment must lose nothing that
    /// others still refuse.
    fn prune(&self, now: Seconds) {
        let mut filter = vec![0_u64; FILTER_WORDS];
        for shard in &self.shards {
            let current = shard.load_full();
            let is_needed = |known: &Known| now < known.until.plus(PRUNE_AFTER);
            let left: Shard =
                current.iter().filter(|(_, known)| is_needed(known)).map(|(n, k)| (*n, *k)).collect();
            for name in left.keys() {
                let hash = name.hash();
                filter.get_mut(filter_word(hash)).into_iter().for_each(|word| *word |= 1 << (hash % 64));
            }
            if left.len() < current.len() {
                shard.store(Arc::new(left));
            }
        }
        // Every word has the bits of all that is left, before and after.
        for (word, new) in self.filter.iter().zip(filter) {
            word.store(new, Ordering::Release);
        }
    }
}

/// Which word of the filter has the bit of this hash.
const fn filter_word(hash: u64) -> usize {
    (hash / 64 % FILTER_WORDS as u64) as usize
}

const fn shard_of(hash: u64) -> usize {
    (hash >> 56) as usize % SHARDS
}

/// 2²⁰ bits, 128 KiB: with 100 000 entries one load in ten looks further.
const FILTER_WORDS: usize = 1 << 14;
const SHARDS: usize = 256;
/// How often ended entries are taken out, in seconds.
const PRUNE_INTERVAL: u64 = 3600;
/// How long ended entries are kept, in seconds.
const PRUNE_AFTER: u64 = 86_400;

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Seconds = Seconds::new(1_800_000_000);
    const LATER: Seconds = NOW.plus(100);

    fn family(number: u64) -> FamilyId {
        FamilyId::from_bytes(number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes())
    }

    fn of_family(number: u64, until: Seconds) -> Entry {
        Entry { target: Target::Family(family(number)), until }
    }

    fn of_subject(subject: &[u8], before: Seconds, until: Seconds) -> Entry {
        Entry { target: Target::Subject { subject: SubjectId::of(subject), before }, until }
    }

    #[test]
    fn all_that_was_added_is_found_and_nothing_else() {
        let index = Index::default();
        let many = if cfg!(miri) { 200 } else { 10_000 };
        assert!(!index.has_family(family(1), NOW));
        for number in 0..many / 2 {
            assert_eq!(index.add(&[of_family(number, LATER)], true, NOW), 1);
        }
        let burst: Vec<_> = (many / 2..many).map(|number| of_family(number, LATER)).collect();
        assert_eq!(index.add(&burst, true, NOW), burst.len());
        assert_eq!(index.add(&burst, true, NOW), 0, "known");
        assert!((0..many).all(|number| index.has_family(family(number), NOW)));
        assert!(!(many..3 * many).any(|number| index.has_family(family(number), NOW)));
        assert_eq!(index.count(NOW).0 as u64, many);
    }

    #[test]
    fn an_entry_holds_until_it_ends_and_the_latest_moment_counts() {
        let index = Index::default();
        assert_eq!(index.add(&[of_family(1, NOW)], true, NOW), 0, "it has ended");
        index.add(&[of_family(1, NOW.plus(1))], true, NOW);
        assert!(index.has_family(family(1), NOW) && !index.has_family(family(1), NOW.plus(1)));
        assert_eq!(index.add(&[of_family(1, NOW.plus(3)), of_family(1, NOW.plus(2))], true, NOW), 1);
        assert!(index.has_family(family(1), NOW.plus(2)) && !index.has_family(family(1), NOW.plus(3)));

        let ada = SubjectId::of(b"ada");
        assert_eq!((index.before(ada, NOW), index.newest()), (None, Seconds::new(0)));
        let (older, newer) = (of_subject(b"ada", NOW, LATER), of_subject(b"ada", NOW.plus(7), LATER));
        assert_eq!(index.add(&[newer, older], true, NOW), 1);
        assert_eq!((index.before(ada, NOW), index.newest()), (Some(NOW.plus(7)), NOW.plus(7)));
        assert_eq!(index.before(SubjectId::of(b"bob"), NOW), None);
    }

    #[test]
    fn ended_entries_go_a_day_later_and_the_others_stay() {
        let index = Index::default();
        index.add(&[of_family(1, NOW.plus(10)), of_family(2, NOW.plus(10 * PRUNE_AFTER))], true, NOW);
        let size = |index: &Index| -> usize {
            index.tables.get().unwrap().shards.iter().map(|shard| shard.load().len()).sum()
        };
        for (after, left) in [(20, 3), (PRUNE_AFTER, 4), (PRUNE_AFTER + 3600, 4), (PRUNE_AFTER + 7300, 5)] {
            index.add(&[of_family(after, NOW.plus(10 * PRUNE_AFTER))], true, NOW.plus(after));
            assert_eq!(size(&index), left, "{after}");
        }
        let later = NOW.plus(PRUNE_AFTER + 7300);
        assert!(index.has_family(family(2), later) && index.has_family(family(PRUNE_AFTER), later));
        let tables = index.tables.get().unwrap();
        assert!(!tables.may_have(Name::Family(family(1)).hash()), "its bit is gone");
    }

    #[test]
    fn what_is_new_comes_in_its_order() {
        let index = Index::default();
        assert_eq!(index.all(NOW), (vec![], 0));
        let [one, two] = [of_family(1, LATER), of_subject(b"ada", NOW, LATER)];
        index.add(&[one, two], true, NOW);
        let (entries, last) = index.all(NOW);
        assert_eq!(entries, [(1, one), (2, two)]);
        assert_eq!(index.made_after(last, NOW).0, []);
        let extended = of_family(1, LATER.plus(1));
        index.add(&[two, extended], true, NOW);
        assert_eq!(index.made_after(last, NOW).0, [(3, extended)]);
        assert_eq!(index.all(LATER), (vec![(3, extended)], index.last()), "the other has ended");
        index.add(&[of_family(7, LATER)], false, NOW);
        assert_eq!(
            index.made_after(last, NOW),
            (vec![(3, extended)], 4),
            "another process has made that one"
        );
        let (until, before) = (NOW.plus(7), LATER.plus(7));
        index.add(&[of_subject(b"ada", before, until)], false, NOW);
        let both = of_subject(b"ada", before, LATER);
        assert_eq!(index.made_after(4, NOW).0, [(5, both)], "it is put together here");
    }

    #[test]
    fn a_burst_from_many_threads_loses_nothing() {
        let index = Index::default();
        let each = if cfg!(miri) { 10 } else { 500 };
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let index = &index;
                scope.spawn(move || {
                    for number in 0..each {
                        index.add(&[of_family(thread * each + number, LATER)], true, NOW);
                        assert!(index.has_family(family(thread * each + number), NOW));
                    }
                });
            }
        });
        assert_eq!(index.count(NOW).0 as u64, 4 * each);
    }
}
