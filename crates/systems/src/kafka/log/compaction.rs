//! Compaction: of each key the last record stays.
//!
//! # Rules
//! What is cleaned:
//! 1. Nothing of the active segment, nothing from the last stable offset on, and with
//!    `min.compaction.lag.ms` nothing from the first dirty segment on whose latest timestamp is younger
//!    than that; always whole segments. Source: `LogCleanerManager.cleanableOffsets`,
//!    `calculateCleanableBytes`.
//! 2. What was cleaned before is known by the first dirty offset, which is at least the log's start. A
//!    log is cleaned when the dirty segments have MORE than `min.cleanable.dirty.ratio` of the bytes
//!    that are clean or can be cleaned; or any at all, when the first batch of a dirty segment is older
//!    than `max.compaction.lag.ms`. Source: `LogToClean`, `LogCleanerManager.grabFilthiestCompactedLog`,
//!    `maxCompactionDelay`.
//! 3. A pass goes over all segments from the oldest one to where the cleanable ones end, clean ones too:
//!    there it takes what new records replace. The first dirty offset is then where it ended. Source:
//!    `Cleaner.doClean`.
//!
//! What stays:
//! 4. A record stays when no dirty record below the end has its key at a higher offset. One without a
//!    key goes. Batches, offsets and the log's start stay as they are, so offsets get holes. Source:
//!    `Cleaner.shouldRetainRecord`.
//! 5. Records of aborted transactions go, and replace nothing. Source: `Cleaner.buildOffsetMap`,
//!    `CleanedTransactionMetadata.onBatchRead`.
//! 6. A pass that leaves a tombstone in a batch gives the batch a horizon, `delete.retention.ms` from
//!    then; a later pass behind the horizon takes the tombstones. Source: KIP-534,
//!    `MemoryRecords.filterTo`.
//! 7. A marker stays while a pass meets a batch of its transaction, even an empty one. The first pass
//!    that meets none gives it a horizon, and takes an abort off the list of aborted transactions; a
//!    later pass behind the horizon takes the marker. Source: KIP-534,
//!    `CleanedTransactionMetadata.onControlBatchRead`.
//! 8. A batch that is left without records goes, but stays as an empty one when it holds the last
//!    sequence of a producer that is still known, or, when the producer has none in its present epoch,
//!    as the marker that holds the epoch; and when it is the last batch of the pass. Source:
//!    `Cleaner.cleanInto`.
//! 9. A batch of which something was taken, or that gets a horizon, is written anew: its timestamps
//!    count from its horizon or else from its first record, and it takes the bytes that this makes. An
//!    empty batch is a header of 61 bytes. Source: `MemoryRecords.filterTo`.
//! 10. Segments in a row become one, as long as they have `segment.bytes` together before the cleaning.
//!     Source: `Cleaner.groupSegmentsBySize`.
//!
//! Nothing here happens by itself. Who has the clock asks [`Log::cleaning_due`] when to look, and lets
//! retention follow (rule 7 of [`super::retention`]).
//!
//! Simplified: a pass has memory for all keys, compares the keys and not their hashes, and takes no
//! time. The real cleaner does not count records of 1970 for `max.compaction.lag.ms`; here time 0 is
//! the beginning of a scene.

pub mod pass;
mod transactions;

use super::super::Offset;
use super::super::topic::Config;
use super::Log;
use super::record::Timestamp;
use super::segment::Segment;
use pass::Pass;
use std::ops::Range;
use std::sync::Arc;

impl Log {
    /// Where cleaning goes on: everything below was cleaned once, or lies below the start.
    pub fn first_dirty(&self) -> Offset {
        if self.cleaned_to > self.end {
            return self.start;
        }
        self.cleaned_to.max(self.start)
    }

    /// Cleans the log, if there is enough to clean (rules 1 to 10). Says whether it did.
    pub fn clean(&mut self, now: Timestamp, config: &Config) -> bool {
        let work = self.work(now, config);
        if let Some(segments) = work {
            self.go_over(segments, now, config);
        }
        work.is_some()
    }

    /// The earliest time at which [`Log::clean`] would clean, if nothing else happens before. What can
    /// be cleaned whatever the time is was due at the beginning of all time.
    pub fn cleaning_due(&self, config: &Config) -> Option<Timestamp> {
        let dirty = &self.segments[self.dirty()];
        let ripe = dirty.iter().filter_map(|segment| ripe_at(segment, config));
        let overdue = dirty
            .iter()
            .filter_map(|segment| overdue_at(segment, config));
        let mut times: Vec<_> = ripe.chain(overdue).chain([Timestamp::MIN]).collect();
        // What can be cleaned at one time can be cleaned later, so the first time that does is it.
        tiny_sort::unstable::sort(&mut times);
        let mut times = times.into_iter();
        times.find(|now| self.work(*now, config).is_some())
    }

    /// The segments with dirty records, without the active one.
    fn dirty(&self) -> Range<usize> {
        let active = self.segments.len() - 1;
        self.segment_of(self.first_dirty()).min(active)..active
    }

    /// How many segments a pass would go over now, from the oldest on (rules 1 and 2).
    fn work(&self, now: Timestamp, config: &Config) -> Option<usize> {
        if !config.cleanup.compact {
            return None;
        }
        let dirty_from = self.first_dirty();
        let dirty = self.dirty();
        let is_young = |at: &usize| {
            let ripe = ripe_at(&self.segments[*at], config);
            config.min_compaction_lag_ms > 0 && ripe.is_none_or(|ripe| now < ripe)
        };
        let young = dirty.clone().find(is_young).unwrap_or(dirty.end);
        let end = self.segment_of(self.last_stable()).min(young);
        let bytes =
            |segments: &[Arc<Segment>]| -> u64 { segments.iter().map(|one| one.bytes()).sum() };
        let cleanable = bytes(self.segments.get(dirty.start..end)?);
        let clean = self.segments.partition_point(|one| one.base() < dirty_from);
        let all = bytes(&self.segments[..clean]) + cleanable;
        let is_overdue = self.segments[dirty]
            .iter()
            .filter_map(|segment| overdue_at(segment, config))
            .any(|overdue| now >= overdue);
        let least = u128::from(config.min_cleanable_dirty_millionths) * u128::from(all);
        let is_filthy = u128::from(cleanable) * 1_000_000 > least;
        (is_filthy || is_overdue && cleanable > 0).then_some(end)
    }

    /// One pass over so many segments (rules 3 to 10).
    fn go_over(&mut self, segments: usize, now: Timestamp, config: &Config) {
        let (old, rest) = self.segments.split_at(segments);
        let below = rest.first().map_or(self.end, |segment| segment.base());
        let aborted = self.producers.aborted();
        let pass = Pass {
            dirty_from: self.first_dirty(),
            below,
            now,
            delete_retention_ms: config.delete_retention_ms,
            aborted: &aborted[aborted.partition_point(|one| one.last < self.start)..],
            lasts: &self.producers.lasts(),
        };
        let mut cleaner = pass.begin(old.iter().flat_map(|segment| segment.batches()));
        let mut segments = Vec::new();
        for group in groups(old, below, config.segment_bytes) {
            let group = &old[group];
            let batches = group.iter().flat_map(|segment| segment.batches());
            let kept = batches.filter_map(|batch| cleaner.keep(batch));
            let latest = group.iter().filter_map(|segment| segment.aged_from()).max();
            let cleaned = Segment::of(group[0].base(), kept).aging_from(latest);
            segments.push(Arc::new(cleaned));
        }
        let listed = cleaner.listed();
        segments.extend(rest.iter().cloned());
        self.segments = segments;
        self.cleaned_to = below;
        self.producers.list_aborted_again(below, listed);
    }
}

/// From when on `min.compaction.lag.ms` lets a segment be cleaned.
fn ripe_at(segment: &Segment, config: &Config) -> Option<Timestamp> {
    let latest = segment.aged_from()?.0;
    latest
        .checked_add(config.min_compaction_lag_ms)
        .map(Timestamp)
}

/// From when on `max.compaction.lag.ms` wants a segment to be cleaned.
fn overdue_at(segment: &Segment, config: &Config) -> Option<Timestamp> {
    let last = segment
        .begun()?
        .0
        .checked_add(config.max_compaction_lag_ms)?;
    last.checked_add(1).map(Timestamp)
}

/// Which segments become one (rule 10). Offsets of one segment are at most 2147483647 apart.
fn groups(segments: &[Arc<Segment>], below: Offset, bytes_max: u64) -> Vec<Range<usize>> {
    let mut groups: Vec<Range<usize>> = Vec::new();
    let mut bytes = 0;
    for (at, segment) in segments.iter().enumerate() {
        let next = segments.get(at + 1).map_or(below, |next| next.base());
        let joins = |group: &Range<usize>| {
            let apart = next.0.saturating_sub(1 + segments[group.start].base().0);
            bytes + segment.bytes() <= bytes_max && (segment.is_empty() || apart <= i32::MAX as u64)
        };
        match groups.last_mut() {
            Some(group) if joins(group) => {
                group.end = at + 1;
                bytes += segment.bytes();
            }
            _ => {
                groups.push(at..at + 1);
                bytes = segment.bytes();
            }
        }
    }
    groups
}

#[cfg(test)]
mod tests;
