//! Records and batches, with the sizes they have on a real disk.
//!
//! # Rules
//! 1. A batch is 61 bytes and its records; numbers in a record take one byte for each seven bits, small
//!    negative ones too. Source: the message format in Kafka's documentation ("Record Batch",
//!    "Record"). Limits, segments and retention go by these bytes. Shown by: kafka-log-batch,
//!    kafka-log-max-bytes-basic, kafka-log-retention-size.
//! 2. A transaction's end marker is a batch of one record of 17 bytes. Source: the same, "Control
//!    Batches", and `EndTxnMarker` of the protocol's schemas. Shown by: kafka-txn-commit,
//!    kafka-txn-tools.
//! 3. The last sequence of a batch is its first plus its last offset's distance; after 2147483647 comes
//!    0. Source: `DefaultRecordBatch.incrementSequence`. Shown by: kafka_idempotent_producer
//!    (wrap-around).
//!
//! Not here: compression, checksums, and the older formats.

use super::super::Offset;
use super::producers::{CoordinatorEpoch, Epoch, ProducerId, Sequence};
use crate::RecordId;
use explore::Weigh;
use explore::time::Instant;
use std::sync::Arc;

/// Bytes that many can hold.
pub type Bytes = Arc<[u8]>;

/// A point in time as records carry it: milliseconds, by whichever clock the producer went. What lies
/// before the beginning is negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Weigh)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Before everything.
    pub const MIN: Timestamp = Timestamp(i64::MIN);
}

/// A header.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Header {
    /// Its name; the same name may stand several times.
    pub name: Arc<str>,
    /// Its value.
    pub value: Option<Bytes>,
}

/// One record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Weigh)]
pub struct Record {
    /// When it was made, as its producer says.
    pub timestamp: Timestamp,
    /// Its key. An empty key is a key.
    pub key: Option<Bytes>,
    /// What it says; nothing makes it a tombstone.
    pub value: Option<Bytes>,
    /// Its headers, in order.
    pub headers: Vec<Header>,
    /// Which record of a scene it is. The broker carries it and never looks; a real record has no
    /// such thing, and it takes no bytes.
    pub of: Option<RecordId>,
}

impl From<Instant> for Timestamp {
    fn from(instant: Instant) -> Self {
        Timestamp((instant.0 / 1_000) as i64)
    }
}

impl Record {
    /// A record of a key and a value, made at the beginning of time.
    pub fn new(key: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Self {
        Record {
            key: Some(key.as_ref().into()),
            value: Some(value.as_ref().into()),
            ..Record::default()
        }
    }

    /// Its bytes in a batch that begins with another offset and timestamp.
    fn bytes(&self, offset_delta: u64, timestamp_delta: i64) -> u64 {
        let body = 1 + varint(timestamp_delta) + varint(offset_delta as i64) + self.fields();
        varint(body as i64) + body
    }

    /// The bytes of what it says.
    fn fields(&self) -> u64 {
        let headers = self
            .headers
            .iter()
            .map(|header| field(Some(header.name.as_bytes())) + field(header.value.as_deref()));
        field(self.key.as_deref())
            + field(self.value.as_deref())
            + varint(self.headers.len() as i64)
            + headers.sum::<u64>()
    }

    /// What a batch of it alone can take at most, whatever its place and time: what producers hold
    /// against `max.request.size`. Source: `AbstractRecords.estimateSizeInBytesUpperBound`.
    pub fn bytes_at_most(&self) -> u64 {
        const OVERHEAD: u64 = 21;
        HEADER + OVERHEAD + self.fields()
    }
}

/// The bytes of a number: the sign goes to the lowest bit, then seven bits to a byte.
fn varint(number: i64) -> u64 {
    let zigzag = (number << 1) ^ (number >> 63);
    let bits = 64 - (zigzag as u64).leading_zeros();
    u64::from(bits.div_ceil(7).max(1))
}

/// The bytes of something that may be absent: its length, and itself.
fn field(bytes: Option<&[u8]>) -> u64 {
    match bytes {
        None => varint(-1),
        Some(bytes) => varint(bytes.len() as i64) + bytes.len() as u64,
    }
}

/// Whose batch it is: what an idempotent or transactional producer writes on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Stamp {
    /// The producer.
    pub producer: ProducerId,
    /// Its epoch.
    pub epoch: Epoch,
    /// The sequence of the first record.
    pub sequence: Sequence,
}

/// A batch as a producer sends it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Weigh)]
pub struct Batch {
    /// Whose it is; nobody's when the producer is a plain one.
    pub stamp: Option<Stamp>,
    /// Whether it belongs to a transaction.
    pub transactional: bool,
    /// Its records, at least one.
    pub records: Vec<Record>,
}

impl Batch {
    /// A batch of a producer without an id.
    pub fn plain(records: Vec<Record>) -> Self {
        Batch {
            records,
            ..Batch::default()
        }
    }

    /// Its bytes on the wire and on disk.
    pub fn bytes(&self) -> u64 {
        let first = self.records.first().map_or(0, |record| record.timestamp.0);
        let record = |(at, record): (usize, &Record)| {
            record.bytes(at as u64, record.timestamp.0.saturating_sub(first))
        };
        HEADER + self.records.iter().enumerate().map(record).sum::<u64>()
    }
}

/// What a batch costs before its first record.
const HEADER: u64 = 61;
/// The record of an end marker: 4 bytes of key, 6 of value, and the rest of a record's own.
const MARKER: u64 = 17;

/// How a transaction ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Weigh)]
pub enum Ended {
    /// Everything in it counts.
    Commit,
    /// Nothing in it does.
    Abort,
}

impl Ended {
    /// Both.
    pub const ALL: &'static [Ended] = &[Ended::Commit, Ended::Abort];

    /// The word for it in a trace.
    pub const fn word(self) -> &'static str {
        match self {
            Ended::Commit => "commit",
            Ended::Abort => "abort",
        }
    }
}

/// What ends a transaction in a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Marker {
    /// How it ended.
    pub ended: Ended,
    /// Which coordinator says so.
    pub coordinator: CoordinatorEpoch,
}

/// What is in a stored batch.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub enum Content {
    /// Records, each at its offset. Compaction may have taken some, or all.
    Records(Vec<(Offset, Record)>),
    /// The end of a transaction, at the batch's only offset.
    Marker(Marker, Timestamp),
    /// What compaction leaves of a marker whose producer is still to be known.
    Gone,
}

/// A batch in a log.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Stored {
    /// The first offset it was given.
    pub base: Offset,
    /// The last one.
    pub last: Offset,
    /// The producer and its epoch.
    pub producer: Option<(ProducerId, Epoch)>,
    /// The first sequence; markers have none.
    pub sequence: Option<Sequence>,
    /// Whether it belongs to a transaction.
    pub transactional: bool,
    /// The latest timestamp of its records.
    pub latest: Timestamp,
    /// From when on a cleaning may take its tombstones or its marker.
    pub horizon: Option<Timestamp>,
    /// Its bytes.
    pub bytes: u64,
    /// What is in it.
    pub content: Content,
}

impl Stored {
    /// A producer's batch at its place.
    pub fn new(base: Offset, batch: &Batch) -> Self {
        let records: Vec<_> = (base.0..)
            .map(Offset)
            .zip(batch.records.iter().cloned())
            .collect();
        let last = records.last().map_or(base, |(offset, _)| *offset);
        let latest = batch.records.iter().map(|record| record.timestamp).max();
        Stored {
            base,
            last,
            producer: batch.stamp.map(|stamp| (stamp.producer, stamp.epoch)),
            sequence: batch.stamp.map(|stamp| stamp.sequence),
            transactional: batch.transactional,
            latest: latest.unwrap_or_default(),
            horizon: None,
            bytes: batch.bytes(),
            content: Content::Records(records),
        }
    }

    /// The end of a transaction at its place.
    pub fn marker(
        base: Offset,
        producer: (ProducerId, Epoch),
        marker: Marker,
        at: Timestamp,
    ) -> Self {
        Stored {
            base,
            last: base,
            producer: Some(producer),
            sequence: None,
            transactional: true,
            latest: at,
            horizon: None,
            bytes: HEADER + MARKER,
            content: Content::Marker(marker, at),
        }
    }

    /// Its records that are left; none in a marker.
    pub fn records(&self) -> &[(Offset, Record)] {
        match &self.content {
            Content::Records(records) => records,
            Content::Marker(..) | Content::Gone => &[],
        }
    }

    /// The end that it marks.
    pub fn end_marker(&self) -> Option<Marker> {
        match self.content {
            Content::Marker(marker, _) => Some(marker),
            Content::Records(_) | Content::Gone => None,
        }
    }

    /// Whether it is no batch of records.
    pub fn is_control(&self) -> bool {
        !matches!(self.content, Content::Records(_))
    }

    /// The last sequence (rule 3).
    pub fn last_sequence(&self) -> Option<Sequence> {
        let first = self.sequence?;
        Some(first.plus((self.last.0 - self.base.0) as u32))
    }

    /// Replaces the time of everything in it; its bytes stay what they were. Source: `LogAppendTime`.
    pub(super) fn stamp_time(&mut self, time: Timestamp) {
        if let Content::Records(records) = &mut self.content {
            for (_, record) in records {
                record.timestamp = time;
            }
        }
        self.latest = time;
    }

    /// Its first record at or above an offset that is not older than a time.
    pub(super) fn first_not_before(
        &self,
        time: Timestamp,
        from: Offset,
    ) -> Option<(Offset, Timestamp)> {
        let young = |offset: Offset, at: Timestamp| at >= time && offset >= from;
        match &self.content {
            Content::Records(records) => records
                .iter()
                .map(|(offset, record)| (*offset, record.timestamp))
                .find(|&(offset, at)| young(offset, at)),
            Content::Marker(_, at) => young(self.base, *at).then_some((self.base, *at)),
            Content::Gone => None,
        }
    }

    /// Takes everything out of it that is still in it; its latest timestamp stays. Source:
    /// `DefaultRecordBatch.writeEmptyHeader`.
    pub(super) fn empty(&mut self) {
        match &mut self.content {
            Content::Records(records) => records.clear(),
            marker => *marker = Content::Gone,
        }
        self.horizon = None;
        self.bytes = HEADER;
    }

    /// What it takes up after something was taken out of it, and the latest timestamp of the rest:
    /// timestamps then count from the horizon, when there is one. Source: `MemoryRecords.filterTo`,
    /// KIP-534.
    pub(super) fn weigh(&mut self) {
        let latest = self.records().iter().map(|(_, record)| record.timestamp);
        self.latest = latest.max().unwrap_or(self.latest);
        let from = self.horizon.or(match &self.content {
            Content::Records(records) => records.first().map(|(_, record)| record.timestamp),
            Content::Marker(_, at) => Some(*at),
            Content::Gone => None,
        });
        let from = from.unwrap_or_default().0;
        self.bytes = HEADER
            + match &self.content {
                Content::Records(records) => records
                    .iter()
                    .map(|(offset, record)| {
                        let later = record.timestamp.0.saturating_sub(from);
                        record.bytes(offset.0 - self.base.0, later)
                    })
                    .sum::<u64>(),
                Content::Marker(_, at) => MARKER - varint(0) + varint(at.0.saturating_sub(from)),
                Content::Gone => 0,
            };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_take_a_byte_for_each_seven_bits() {
        let check = |number: i64, bytes: u64| assert_eq!(varint(number), bytes, "{number}");
        check(0, 1);
        check(-1, 1);
        check(63, 1);
        check(64, 2);
        check(-64, 1);
        check(-65, 2);
        check(8_191, 2);
        check(8_192, 3);
        check(i64::MAX, 10);
        check(i64::MIN, 10);
    }

    #[test]
    fn batches_have_the_sizes_that_the_real_broker_stores() {
        let value = |bytes: usize| Record {
            value: Some(vec![b'.'; bytes].into()),
            ..Record::default()
        };
        let keyed = |key: &str, text: &str| Record::new(key, text);
        let check = |records: Vec<Record>, bytes: u64| {
            assert_eq!(Batch::plain(records).bytes(), bytes);
        };
        check(vec![value(1)], 69);
        check(vec![value(6)], 74);
        check(vec![value(500)], 570);
        check(vec![keyed("k", "a")], 70);
        check(vec![keyed("a", "a1"), keyed("b", "b1"), value(1)], 89);
        let mut headed = keyed("b", "two");
        headed.headers.push(Header {
            name: "h".into(),
            value: Some(b"v".as_slice().into()),
        });
        check(vec![headed], 76);
        let at = Timestamp(3_000);
        let marker = Marker {
            ended: Ended::Commit,
            coordinator: CoordinatorEpoch(0),
        };
        let stored = Stored::marker(Offset(4), (ProducerId(0), Epoch(1)), marker, at);
        assert_eq!(stored.bytes, 78);
    }
}
