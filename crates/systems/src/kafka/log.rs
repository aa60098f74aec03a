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

pub mod compaction;
pub mod producers;
pub mod record;
pub mod retention;
pub mod segment;

use super::topic::{Config, TimestampType};
use super::{Error, Offset, Piece, Placed};
use explore::Weigh;
use producers::{Aborted, Epoch, Origin, ProducerId, Producers};
use record::{Batch, Marker, Record, Stored, Timestamp};
use segment::Segment;
use std::sync::Arc;

/// Which records a reader gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Weigh)]
pub enum Isolation {
    /// All, also those of open and aborted transactions.
    #[default]
    ReadUncommitted,
    /// Those outside of transactions and those of committed ones.
    ReadCommitted,
}

/// Where something was stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Appended {
    /// The offset of the first record.
    pub first: Offset,
    /// The offset of the last record.
    pub last: Offset,
    /// The time that replaced the records' own, on a topic that says so.
    pub time: Option<Timestamp>,
    /// Whether it stood there already.
    pub duplicate: bool,
}

/// Why something was not stored.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Refused {
    /// The error.
    pub error: Error,
    /// The positions of the bad records in their batch, where it is their fault.
    pub records: Vec<usize>,
}

impl From<Refused> for Error {
    /// Without the positions.
    fn from(refused: Refused) -> Self {
        refused.error
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Refused {
            error,
            records: Vec::new(),
        }
    }
}

/// What a reader asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Read {
    /// From this offset on. A client may ask for anything.
    pub from: i64,
    /// How many bytes at most.
    pub bytes_max: u64,
    /// Whether the first batch comes even when it is larger.
    pub at_least_one: bool,
    /// Which records.
    pub isolation: Isolation,
}

impl Read {
    /// All there is from an offset on, also records of transactions that have not ended well or at all.
    pub const fn onward(from: i64) -> Self {
        Read {
            from,
            bytes_max: u64::MAX,
            at_least_one: true,
            isolation: Isolation::ReadUncommitted,
        }
    }
}

/// What a reader gets.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Found {
    /// Whole batches; the first may begin below the asked offset.
    pub batches: Vec<Arc<Stored>>,
    /// Below this everything is on all replicas.
    pub high_watermark: Offset,
    /// Below this everything is decided.
    pub last_stable: Offset,
    /// The first offset there is.
    pub start: Offset,
    /// For readers of committed records: whose records from where on are to be passed over.
    pub aborted: Vec<Aborted>,
}

/// Which offset somebody asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum At {
    /// The log's start.
    Earliest,
    /// The end for this reader.
    Latest,
    /// The first record of this time or later.
    Time(Timestamp),
    /// The record with the latest timestamp.
    LatestTimestamp,
}

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

    /// Appends a batch at the end (rules 1 to 3).
    ///
    /// # Errors
    /// As rule 2 says; then nothing is stored.
    pub fn append(
        &mut self,
        now: Timestamp,
        batch: &Batch,
        origin: Origin,
        config: &Config,
    ) -> Result<Appended, Refused> {
        let mut stored = Stored::new(self.end, batch);
        let bytes = stored.bytes;
        if origin != Origin::Replication {
            if bytes > config.max_message_bytes {
                return Err(Error::MessageTooLarge.into());
            }
            if batch.records.is_empty() || !producers::is_sound(batch) {
                return Err(Error::InvalidRecord.into());
            }
            check_records(now, &batch.records, config)?;
        }
        if bytes > config.segment_bytes {
            return Err(Error::RecordListTooLarge.into());
        }
        let time = (config.timestamp_type == TimestampType::LogAppendTime).then_some(now);
        if let Some(time) = time {
            stored.stamp_time(time);
        }
        self.make_room(bytes, stored.latest, config);
        if let Some(stamp) = batch.stamp {
            if origin != Origin::Replication
                && let Some((first, last)) = self.producers.duplicate(stamp, batch.records.len())
            {
                return Ok(Appended {
                    first,
                    last,
                    time,
                    duplicate: true,
                });
            }
            self.producers.check(stamp, batch.transactional, origin)?;
        }
        let appended = Appended {
            first: stored.base,
            last: stored.last,
            time,
            duplicate: false,
        };
        self.producers.stored(&stored);
        self.push(stored);
        Ok(appended)
    }

    /// Appends the end of a transaction.
    ///
    /// # Errors
    /// [`Error::InvalidProducerEpoch`], [`Error::TransactionCoordinatorFenced`].
    pub fn append_marker(
        &mut self,
        now: Timestamp,
        (producer, epoch): (ProducerId, Epoch),
        marker: Marker,
        bumps_epochs: bool,
        config: &Config,
    ) -> Result<Offset, Error> {
        let at = self.end;
        let stored = Stored::marker(at, (producer, epoch), marker, now);
        self.make_room(stored.bytes, now, config);
        self.producers
            .check_marker(producer, epoch, marker, bumps_epochs)?;
        self.producers.ended(producer, epoch, marker, at, now);
        self.push(stored);
        Ok(at)
    }

    fn push(&mut self, stored: Stored) {
        self.end = Offset(stored.last.0 + 1);
        let active = self.segments.len() - 1;
        Arc::make_mut(&mut self.segments[active]).push(Arc::new(stored));
    }

    /// Begins a new segment when this would not fit (rule 3).
    fn make_room(&mut self, bytes: u64, latest: Timestamp, config: &Config) {
        let active = &self.segments[self.segments.len() - 1];
        let aged = active
            .begun()
            .is_some_and(|begun| latest.0.saturating_sub(begun.0) > config.segment_ms);
        if !active.is_empty() && (active.bytes() + bytes > config.segment_bytes || aged) {
            self.roll();
        }
    }

    /// Begins a new segment.
    fn roll(&mut self) {
        self.segments.push(Arc::new(Segment::new(self.end)));
    }

    /// The last segment that does not begin behind an offset.
    fn segment_of(&self, offset: Offset) -> usize {
        self.segments
            .partition_point(|segment| segment.base() <= offset)
            .saturating_sub(1)
    }

    /// Reads (rules 4 to 6).
    ///
    /// # Errors
    /// [`Error::OffsetOutOfRange`].
    pub fn read(&self, read: &Read) -> Result<Found, Error> {
        let from = u64::try_from(read.from).map(Offset);
        let from = from.map_err(|_| Error::OffsetOutOfRange)?;
        if from < self.start || from > self.end {
            return Err(Error::OffsetOutOfRange);
        }
        let last_stable = self.last_stable();
        let below = self.readable_end(read.isolation);
        let mut found = Found {
            batches: Vec::new(),
            high_watermark: self.high_watermark,
            last_stable,
            start: self.start,
            aborted: Vec::new(),
        };
        let readable = |batch: &&Arc<Stored>| batch.last < below;
        for at in self.segment_of(from)..self.segments.len() {
            let segment = &self.segments[at];
            let mut batches = segment.from(from).take_while(readable).peekable();
            let Some(&first) = batches.peek() else {
                continue;
            };
            let (mut bytes, mut left) = (0, read.bytes_max);
            for batch in batches {
                bytes += batch.bytes;
                if batch.bytes > left && !(read.at_least_one && found.batches.is_empty()) {
                    break;
                }
                left = left.saturating_sub(batch.bytes);
                found.batches.push(Arc::clone(batch));
            }
            if read.isolation == Isolation::ReadCommitted {
                let least = if read.at_least_one { first.bytes } else { 0 };
                let limit = bytes.min(read.bytes_max.max(least));
                let bound = segment
                    .bound(segment.position(first), limit)
                    .or(self.segments.get(at + 1).map(|next| next.base()));
                found.aborted = self
                    .producers
                    .aborted_between(from, bound.unwrap_or(self.end));
            }
            break;
        }
        Ok(found)
    }

    /// The offset of a time, with that record's timestamp where the time was asked for (rule 7).
    pub fn offset_at(&self, at: At, isolation: Isolation) -> Option<(Offset, Option<Timestamp>)> {
        let below = self.readable_end(isolation);
        let found = match at {
            At::Earliest => return Some((self.start, None)),
            At::Latest => return Some((below, None)),
            At::Time(time) => {
                let segment = self
                    .segments()
                    .find(|segment| segment.latest() >= Some(time))?;
                segment
                    .not_before(time)
                    .filter_map(|batch| batch.first_not_before(time, self.start))
                    .next()?
            }
            At::LatestTimestamp => {
                let latest = self.segments().filter_map(Segment::latest).max()?;
                let segment = self.segments().find(|one| one.latest() == Some(latest))?;
                let mut batches = segment.not_before(latest);
                batches.find_map(|batch| batch.first_not_before(latest, Offset(0)))?
            }
        };
        (found.0 < below).then_some((found.0, Some(found.1)))
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

    /// The records of a scene from an offset on, whatever became of their transactions.
    pub fn placed_from(&self, from: Offset) -> Vec<Placed> {
        self.piece(from, Isolation::ReadUncommitted).records
    }

    /// What a reader in a scene gets from an offset on.
    pub fn piece(&self, from: Offset, isolation: Isolation) -> Piece {
        let below = self.readable_end(isolation);
        let mut piece = Piece {
            records: Vec::new(),
            next: from,
        };
        let segments = self.segments[self.segment_of(from)..].iter();
        for batch in segments.flat_map(|segment| segment.from(from)) {
            if batch.last >= below {
                break;
            }
            let aborted = isolation == Isolation::ReadCommitted && self.is_aborted(batch);
            for (offset, record) in batch.records() {
                if let Some(record) = record.of.filter(|_| *offset >= from) {
                    piece.records.push(Placed {
                        offset: *offset,
                        record,
                        aborted,
                    });
                }
            }
            piece.next = Offset(batch.last.0 + 1);
        }
        piece
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

    /// The records from an offset on, markers left out.
    pub fn records_from(&self, from: Offset) -> impl Iterator<Item = (Offset, &Record)> {
        let begin = self.segment_of(from);
        self.segments[begin..]
            .iter()
            .flat_map(move |segment| segment.from(from))
            .flat_map(|batch| batch.records())
            .filter(move |(offset, _)| *offset >= from)
            .map(|(offset, record)| (*offset, record))
    }
}

/// Whether all records can be stored in a topic (rule 2).
fn check_records(now: Timestamp, records: &[Record], config: &Config) -> Result<(), Refused> {
    let mut first = None;
    let mut bad = Vec::new();
    for (at, record) in records.iter().enumerate() {
        let ahead = record.timestamp.0.saturating_sub(now.0);
        let error = if config.cleanup.compact && record.key.is_none() {
            Error::InvalidRecord
        } else if config.timestamp_type == TimestampType::CreateTime
            && (ahead > config.timestamp_after_max_ms
                || ahead.saturating_neg() > config.timestamp_before_max_ms)
        {
            Error::InvalidTimestamp
        } else {
            continue;
        };
        // The first bad one gives the error its name. Source: `LogValidator.processRecordErrors`.
        first.get_or_insert(error);
        bad.push(at);
    }
    match first {
        None => Ok(()),
        Some(error) => Err(Refused {
            error,
            records: bad,
        }),
    }
}
