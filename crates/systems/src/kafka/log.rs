//! A partition's log: batches at offsets, in segments.
//!
//! # Rules
//! 1. Each record takes the next offset, a marker too. Offsets never repeat and never go back, also
//!    when everything was deleted. Source: documentation, "Log"; `UnifiedLog.append`. Shown by:
//!    kafka-log-append-offsets, kafka-log-delete-records, kafka-txn-commit.
//! 2. A batch is stored whole or not at all. What is checked, in this order: its size
//!    (`MESSAGE_TOO_LARGE`), its keys and timestamps (`INVALID_RECORD`, `INVALID_TIMESTAMP`, with the
//!    positions of the bad ones), whether a segment can hold it (`RECORD_LIST_TOO_LARGE`), and the
//!    producer's state ([`producers`]). Source: `UnifiedLog.append`, `LogValidator`. Shown by:
//!    kafka-log-batch, kafka-log-too-large, kafka-log-compaction-no-key.
//! 3. A new segment begins when the batch does not fit any more, or when it is more than `segment.ms`
//!    younger than the first batch of the segment. Timestamps decide, not the clock, and nothing is
//!    rolled without an append. Source: `LogSegment.shouldRoll`. Shown by: kafka-log-retention-size,
//!    kafka-log-retention-time.
//! 4. A reader gets whole batches: as many as fit into its limit, and the first one always. One read
//!    never crosses from a segment into the next. Source: `LogSegment.read`, KIP-74. Shown by:
//!    kafka-log-max-bytes-basic, kafka-log-retention-size.
//! 5. A read at the end finds nothing; above it, or below the start, it is `OFFSET_OUT_OF_RANGE`.
//!    Source: `UnifiedLog.read`. Shown by: kafka-log-fetch-bounds.
//! 6. Readers see what lies below the high watermark; readers of committed records what lies below the
//!    last stable offset, with the list of aborted transactions. The list's upper end is where the
//!    segment's index knows one. Source: `LocalLog.addAbortedTransactions`. Shown by: kafka-txn-abort,
//!    kafka-txn-lso-holds-plain, kafka_aborted_txn_lookup.
//! 7. The offset for a time is the lowest one at or above the log's start whose record is not older, in
//!    the first segment that has one so young at all. For the latest timestamp it is the first offset
//!    that has it, even where delete records has taken it. Source: `UnifiedLog.fetchOffsetByTimestamp`,
//!    KIP-734. Shown by: kafka-log-list-offsets-time.
//! 8. Delete records moves the start up, never back, at most to the high watermark. Source:
//!    `Partition.deleteRecordsOnLeader`. Shown by: kafka-log-delete-records.
//!
//! What is dropped after a time, and what is kept of a key: [`retention`], [`compaction`].
//!
//! Limits: one directory, no tiered storage, no index files to fill up.

mod append;
pub mod compaction;
pub mod producers;
mod read;
pub mod record;
pub mod retention;
pub mod segment;

pub use append::{Appended, Refused};
pub use read::{At, Found, Isolation, Read};

use super::{Error, Offset};
use explore::Weigh;
use producers::{ProducerId, Producers};
use record::{Stored, Timestamp};
use segment::Segment;
use std::sync::Arc;

/// A log.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Log {
    /// The last one is the active one: only there is anything appended.
    segments: Vec<Arc<Segment>>,
    start: Offset,
    end: Offset,
    high_watermark: Offset,
    /// Where the last cleaning ended.
    cleaned_to: Offset,
    producers: Producers,
}

impl Default for Log {
    fn default() -> Self {
        Log {
            segments: vec![Arc::new(Segment::new(Offset(0)))],
            start: Offset(0),
            end: Offset(0),
            high_watermark: Offset(0),
            cleaned_to: Offset(0),
            producers: Producers::default(),
        }
    }
}

impl Log {
    /// The first offset there is.
    pub fn start(&self) -> Offset {
        self.start
    }

    /// The offset the next record will get.
    pub fn end(&self) -> Offset {
        self.end
    }

    /// Below this everything is on all replicas.
    pub fn high_watermark(&self) -> Offset {
        self.high_watermark
    }

    /// Below this every transaction has ended; at least the log's start.
    pub fn last_stable(&self) -> Offset {
        self.producers
            .first_unstable()
            .map_or(self.high_watermark, |first| first.max(self.start))
            .min(self.high_watermark)
    }

    /// Behind the last record that is for such a reader.
    pub fn readable_end(&self, isolation: Isolation) -> Offset {
        match isolation {
            Isolation::ReadUncommitted => self.high_watermark,
            Isolation::ReadCommitted => self.last_stable(),
        }
    }

    /// What is known of the producers.
    pub fn producers(&self) -> &Producers {
        &self.producers
    }

    /// Forgets the producers that were silent for so long.
    pub fn expire_producers(&mut self, now: Timestamp, silence_ms: i64) {
        self.producers.expire(now, silence_ms);
    }

    pub(super) fn producers_mut(&mut self) -> &mut Producers {
        &mut self.producers
    }

    /// The segments, oldest first.
    pub fn segments(&self) -> impl ExactSizeIterator<Item = &Segment> {
        self.segments.iter().map(|segment| &**segment)
    }

    /// All its bytes.
    pub fn bytes(&self) -> u64 {
        self.segments().map(Segment::bytes).sum()
    }

    /// Everything below this offset is on all replicas now.
    pub fn acknowledge(&mut self, high_watermark: Offset) {
        self.high_watermark = high_watermark.clamp(self.high_watermark, self.end);
        self.producers.replicated(self.high_watermark);
    }

    /// The last segment that does not begin behind an offset.
    fn segment_of(&self, offset: Offset) -> usize {
        self.segments
            .partition_point(|segment| segment.base() <= offset)
            .saturating_sub(1)
    }

    /// Moves the log's start up to an offset; nothing means the high watermark (rule 8).
    ///
    /// # Errors
    /// [`Error::OffsetOutOfRange`] beyond the high watermark.
    pub fn delete_before(&mut self, before: Option<Offset>) -> Result<Offset, Error> {
        let before = before.unwrap_or(self.high_watermark);
        if before > self.high_watermark {
            return Err(Error::OffsetOutOfRange);
        }
        self.start = self.start.max(before);
        Ok(self.start)
    }

    /// All batches, from the oldest segment on: also what lies below the start and is still on disk.
    pub fn batches(&self) -> impl Iterator<Item = &Arc<Stored>> {
        self.segments.iter().flat_map(|segment| segment.batches())
    }

    /// Whether a batch belongs to a transaction that was aborted.
    pub fn is_aborted(&self, batch: &Stored) -> bool {
        let mut aborted = self.producers.aborted().iter();
        batch.transactional
            && batch.producer.is_some_and(|(producer, _)| {
                aborted.any(|one| {
                    one.producer == producer && one.first <= batch.base && batch.last < one.last
                })
            })
    }

    /// Whether a batch belongs to a transaction that has not ended.
    pub fn is_open(&self, batch: &Stored) -> bool {
        let opened = |producer: ProducerId| self.producers.get(producer)?.open_from;
        batch.transactional
            && batch.producer.is_some_and(|(producer, _)| {
                opened(producer).is_some_and(|from| from <= batch.base)
            })
    }
}
