//! A segment: batches in a row, which are kept or dropped as a whole.
//!
//! Batches stand in runs that are shared between copies of a log, and so are most runs: a copy costs a
//! pointer for each of the few recent runs, and writing to the copy touches the last one only. What is
//! searched for, offsets and positions, stands in the runs beside the batches, so that no batch is
//! looked at that is not read.

use super::super::Offset;
use super::record::{Stored, Timestamp};
use explore::Weigh;
use std::sync::Arc;

/// How many batches a run has.
const RUN: usize = 256;

/// How many runs are recent at most.
const RECENT: usize = 64;

/// Between two entries of a segment's index lie at least so many bytes (`index.interval.bytes`).
const INDEX_INTERVAL: u64 = 4_096;

/// A batch at its place in a segment.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
struct Entry {
    /// Its last offset.
    last: Offset,
    /// How many bytes lie before it.
    position: u64,
    /// Whether the segment's index knows it.
    is_indexed: bool,
    batch: Arc<Stored>,
}

/// Batches in a row, and what can be said of them without looking.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Weigh)]
struct Run {
    entries: Vec<Entry>,
    latest: Option<Timestamp>,
}

impl Run {
    fn batches(&self) -> impl Iterator<Item = &Arc<Stored>> {
        self.entries.iter().map(|entry| &entry.batch)
    }
}

/// A run, and where it ends.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
struct Shared {
    last: Offset,
    run: Arc<Run>,
}

/// A segment of a log.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Segment {
    base: Offset,
    /// Runs that are full and long ago.
    old: Arc<Vec<Shared>>,
    /// Those after them; only the last one is not full.
    recent: Vec<Shared>,
    bytes: u64,
    /// The latest timestamp of its first batch: from there its age is counted.
    begun: Option<Timestamp>,
    latest: Option<Timestamp>,
    /// The latest timestamp that was in it, when cleaning has left nothing.
    emptied: Option<Timestamp>,
    since_index: u64,
}

impl Segment {
    /// An empty segment for what comes from this offset on.
    pub fn new(base: Offset) -> Self {
        Segment {
            base,
            old: Arc::default(),
            recent: Vec::new(),
            bytes: 0,
            begun: None,
            latest: None,
            emptied: None,
            since_index: 0,
        }
    }

    /// A segment of these batches.
    pub(super) fn of(base: Offset, batches: impl IntoIterator<Item = Arc<Stored>>) -> Self {
        let mut segment = Segment::new(base);
        for batch in batches {
            segment.push(batch);
        }
        segment
    }

    /// The segment, with the latest timestamp of what cleaning has left it of: that is its age when
    /// nothing is left.
    #[must_use]
    pub(super) fn aging_from(mut self, latest: Option<Timestamp>) -> Self {
        self.emptied = latest.filter(|_| self.is_empty());
        self
    }

    /// The offset its name has.
    pub fn base(&self) -> Offset {
        self.base
    }

    /// Its bytes.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// The latest timestamp in it.
    pub fn latest(&self) -> Option<Timestamp> {
        self.latest
    }

    /// From when on its age is counted.
    pub(super) fn begun(&self) -> Option<Timestamp> {
        self.begun
    }

    /// From when on it gets old: its latest timestamp, also one that cleaning has taken with all else.
    pub(super) fn aged_from(&self) -> Option<Timestamp> {
        self.latest.or(self.emptied)
    }

    pub(super) fn push(&mut self, batch: Arc<Stored>) {
        self.begun.get_or_insert(batch.latest);
        self.latest = self.latest.max(Some(batch.latest));
        let is_indexed = self.since_index > INDEX_INTERVAL;
        if is_indexed {
            self.since_index = 0;
        }
        let entry = Entry {
            last: batch.last,
            position: self.bytes,
            is_indexed,
            batch,
        };
        self.bytes += entry.batch.bytes;
        self.since_index += entry.batch.bytes;
        let is_full = |shared: &Shared| shared.run.entries.len() == RUN;
        if self.recent.last().is_none_or(is_full) {
            if self.recent.len() == RECENT {
                Arc::make_mut(&mut self.old).append(&mut self.recent);
            }
            self.recent.push(Shared {
                last: entry.last,
                run: Arc::default(),
            });
        }
        let last = self.recent.len() - 1;
        let shared = &mut self.recent[last];
        shared.last = entry.last;
        let run = Arc::make_mut(&mut shared.run);
        run.latest = run.latest.max(Some(entry.batch.latest));
        run.entries.push(entry);
    }

    fn runs(&self) -> impl Iterator<Item = &Shared> {
        self.old.iter().chain(&self.recent)
    }

    /// The first run that is not before something, by its place among all of them.
    fn first_run(&self, is_before: impl Fn(&Shared) -> bool) -> usize {
        let old = self.old.partition_point(&is_before);
        if old < self.old.len() {
            return old;
        }
        old + self.recent.partition_point(is_before)
    }

    /// Its batches, in order.
    pub fn batches(&self) -> impl Iterator<Item = &Arc<Stored>> {
        self.runs().flat_map(|shared| shared.run.batches())
    }

    /// The entries from the first on, in this run or a later one, that is not before something.
    fn entries(
        &self,
        run: usize,
        is_before: impl Fn(&Entry) -> bool,
    ) -> impl Iterator<Item = &Entry> {
        let mut runs = self.runs().skip(run);
        let begin = runs.next().map_or(&[][..], |shared| {
            let entries = &shared.run.entries;
            &entries[entries.partition_point(is_before)..]
        });
        begin
            .iter()
            .chain(runs.flat_map(|shared| &shared.run.entries))
    }

    fn entries_from(&self, offset: Offset) -> impl Iterator<Item = &Entry> {
        let run = self.first_run(|shared| shared.last < offset);
        self.entries(run, move |entry| entry.last < offset)
    }

    /// Its batches from the first on that ends at this offset or later.
    pub(super) fn from(&self, offset: Offset) -> impl Iterator<Item = &Arc<Stored>> {
        self.entries_from(offset).map(|entry| &entry.batch)
    }

    /// The first batch that has a record of this time or later; whole runs are passed over.
    pub(super) fn not_before(&self, time: Timestamp) -> impl Iterator<Item = &Arc<Stored>> {
        self.runs()
            .filter(move |shared| shared.run.latest >= Some(time))
            .flat_map(|shared| shared.run.batches())
            .filter(move |batch| batch.latest >= time)
    }

    /// How many bytes lie before this batch.
    pub(super) fn position(&self, batch: &Stored) -> u64 {
        let entry = self.entries_from(batch.last).next();
        entry.map_or(self.bytes, |entry| entry.position)
    }

    /// An offset behind everything that these bytes can hold, as far as the index knows: none when
    /// only the segment's end is. Source: `OffsetIndex.fetchUpperBoundOffset`.
    pub(super) fn bound(&self, position: u64, bytes: u64) -> Option<Offset> {
        let behind = position.saturating_add(bytes);
        let is_before = |entry: &Entry| entry.position < behind;
        let ends_before = |shared: &Shared| shared.run.entries.last().is_some_and(is_before);
        let run = self.first_run(ends_before);
        let mut entries = self.entries(run, is_before);
        let indexed = entries.find(|entry| entry.is_indexed)?;
        Some(indexed.last)
    }
}

#[cfg(test)]
mod tests {
    use super::super::record::{Batch, Record};
    use super::*;

    fn segment(batches: u64) -> Segment {
        let stored = |at| {
            let record = Record {
                timestamp: Timestamp(at as i64 * 10),
                value: Some(vec![0; 100].into()),
                ..Record::default()
            };
            let batch = Batch::plain(vec![record.clone(), record]);
            Arc::new(Stored::new(Offset(at * 2), &batch))
        };
        Segment::of(Offset(0), (0..batches).map(stored))
    }

    #[test]
    fn a_batch_is_found_by_each_of_its_offsets() {
        let segment = segment(1_000);
        for offset in [0, 1, 2, 511, 512, 513, 1_023, 1_024, 1_999] {
            let found = segment.from(Offset(offset)).next();
            assert_eq!(found.map(|batch| batch.base.0), Some(offset / 2 * 2));
        }
        assert_eq!(segment.from(Offset(2_000)).next(), None);
        assert_eq!(segment.from(Offset(1_990)).count(), 5);
    }

    #[test]
    fn a_position_is_the_bytes_before() {
        let segment = segment(600);
        let mut before = 0;
        for batch in segment.batches() {
            assert_eq!(segment.position(batch), before);
            before += batch.bytes;
        }
        assert_eq!(before, segment.bytes());
    }

    #[test]
    fn what_is_too_old_is_passed_over() {
        let segment = segment(600);
        let first = |time| segment.not_before(Timestamp(time)).next();
        assert_eq!(first(3_001).map(|batch| batch.base), Some(Offset(602)));
        assert_eq!(first(5_990).map(|batch| batch.base), Some(Offset(1_198)));
        assert_eq!(first(5_991), None);
    }

    #[test]
    fn a_copy_shares_all_runs_but_the_last() {
        let before = segment(1_000);
        let mut after = before.clone();
        after.push(Arc::clone(before.batches().next().expect("a batch")));
        let shared = before.runs().zip(after.runs());
        let shared = shared.filter(|(one, other)| Arc::ptr_eq(&one.run, &other.run));
        assert_eq!(shared.count(), 3);
        assert_eq!(before.batches().count(), 1_000);
    }

    #[test]
    fn a_copy_of_a_long_segment_shares_its_old_runs_as_one() {
        let before = segment(40_000);
        let mut after = before.clone();
        after.push(Arc::clone(before.batches().next().expect("a batch")));
        assert_eq!(before.old.len(), 2 * RECENT);
        assert!(Arc::ptr_eq(&before.old, &after.old));
        for offset in [0, 32_767, 32_768, 65_535, 65_536, 79_999] {
            let found = before.from(Offset(offset)).next();
            assert_eq!(found.map(|batch| batch.base.0), Some(offset / 2 * 2));
        }
        assert_eq!(before.batches().count(), 40_000);
    }
}
