//! Shards: a part of the hash space, its records, and which shards it came from.
//!
//! # Rules
//! K8. A shard is OPEN and takes records until it is split or merged; then it is CLOSED: it keeps
//! its records and its place in the list, but takes no more. When its last record has left the
//! retention period it is EXPIRED and gone. Source: developer guide, "Data routing, data persistence,
//! and shard state after a reshard". Shown by: kinesis-list-shards, kinesis-split,
//! the test `a_closed_shard_expires_with_its_records`.
//!
//! K9. A record is accessible for the retention period after it arrived, whoever has read it.
//! Source: developer guide, "Change the data retention period". Shown by:
//! the test `a_record_is_gone_after_the_retention_period`.

mod records;

use super::hash::HashKeyRange;
use super::iterator::counter;
use super::meter::Meter;
use super::sequence::SequenceNumber;
use crate::record::RecordId;
use crate::visit::{Visit, Visitor};
use explore::time::{Instant, Span};
use records::Records;
use std::fmt;
use std::sync::Arc;

/// The number of a shard in its stream, from 0; numbers are never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ShardId(pub u32);

impl fmt::Display for ShardId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "shardId-{:012}", self.0)
    }
}

/// A record as it is stored and read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Record {
    /// Its sequence number.
    pub sequence: SequenceNumber,
    /// When it arrived (`ApproximateArrivalTimestamp`).
    pub arrived: Instant,
    /// Its partition key.
    pub key: Arc<str>,
    /// Its data.
    pub body: Arc<str>,
    /// Which message of the scene it is.
    pub record: Option<RecordId>,
}

impl Record {
    /// Its size as quotas count it: data and key.
    pub fn bytes(&self) -> u64 {
        size(&self.key, &self.body)
    }
}

/// The size of a record as quotas count it.
pub(super) fn size(key: &str, body: &str) -> u64 {
    (key.len() as u64).saturating_add(body.len() as u64)
}

impl Visit for Record {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        self.sequence.visit(visitor);
        self.arrived.visit(visitor);
    }
}

/// What became of a closed shard's part of the hash space.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ChildShard {
    /// The child.
    pub shard: ShardId,
    /// Its parents: one after a split, two after a merge.
    pub parents: Vec<ShardId>,
    /// Its range.
    pub range: HashKeyRange,
}

/// A shard.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Shard {
    /// Its part of the hash space.
    pub range: HashKeyRange,
    /// The shard it came from, and after a merge the adjacent one.
    pub parents: Vec<ShardId>,
    /// When it was made.
    pub created: Instant,
    /// When it was split or merged away; an open shard has none.
    pub closed: Option<Instant>,
    pub(super) children: Vec<ShardId>,
    /// The running number of the oldest record that is kept.
    first: u64,
    records: Records,
    pub(super) written_bytes: Meter,
    pub(super) written_records: Meter,
    pub(super) read_bytes: Meter,
    pub(super) read_calls: Meter,
}

impl Shard {
    /// An open shard without records.
    pub(super) fn new(range: HashKeyRange, parents: Vec<ShardId>, created: Instant) -> Shard {
        Shard {
            range,
            parents,
            created,
            closed: None,
            children: Vec::new(),
            first: 1,
            records: Records::default(),
            written_bytes: Meter::default(),
            written_records: Meter::default(),
            read_bytes: Meter::default(),
            read_calls: Meter::default(),
        }
    }

    /// The running number of the oldest record that is kept.
    pub fn first(&self) -> u64 {
        self.first
    }

    /// The running number that the next record gets.
    pub fn next(&self) -> u64 {
        self.first.saturating_add(self.records.len() as u64)
    }

    /// The records that are kept, oldest first.
    pub fn records(&self) -> impl Iterator<Item = &Record> + '_ {
        self.records.iter()
    }

    /// The record with this running number.
    pub fn record(&self, index: u64) -> Option<&Record> {
        let place = usize::try_from(index.checked_sub(self.first)?).ok()?;
        self.records.get(place)
    }

    /// The running number of the first record that arrived then or later.
    pub fn first_since(&self, at: Instant) -> u64 {
        let before = self.records.partition_point(|record| record.arrived < at);
        self.first.saturating_add(before as u64)
    }

    pub(super) fn push(&mut self, record: Record) {
        self.records.push(record);
    }

    /// When the oldest record, or the closed shard itself, leaves the retention period.
    pub(super) fn expires(&self, retention: Span) -> Option<Instant> {
        let oldest = self.records.oldest().map(|record| record.arrived);
        Some(oldest.or(self.closed)? + retention)
    }

    /// Drops records that have left the retention period; how many.
    pub(super) fn trim(&mut self, now: Instant, retention: Span) -> u32 {
        let mut dropped = 0;
        while self
            .records
            .oldest()
            .is_some_and(|record| record.arrived + retention <= now)
        {
            self.records.drop_oldest();
            self.first = self.first.saturating_add(1);
            dropped += 1;
        }
        dropped
    }

    /// Whether all that was ever in it has been read by somebody who is at `next`.
    pub(super) fn is_finished(&self, next: u64) -> bool {
        self.closed.is_some() && next >= self.next()
    }
}

impl Shard {
    /// Shows its numbers and times; `id` is the shard's own.
    pub(super) fn visit_as(&mut self, id: ShardId, visitor: &mut impl Visitor) {
        visitor.counter(counter(id), &mut self.first);
        self.created.visit(visitor);
        self.closed.visit(visitor);
        self.records.visit(visitor);
        self.written_bytes.visit(visitor);
        self.written_records.visit(visitor);
        self.read_bytes.visit(visitor);
        self.read_calls.visit(visitor);
    }
}
