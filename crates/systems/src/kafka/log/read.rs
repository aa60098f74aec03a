//! Reading a log: what a reader asks for, and what it gets (rules 4 to 7 of [`super`]).

use super::producers::Aborted;
use super::record::{Record, Stored, Timestamp};
use super::segment::Segment;
use super::{Log, Offset};
use crate::kafka::{Error, Piece, Placed};
use explore::Weigh;
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

impl Log {
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
