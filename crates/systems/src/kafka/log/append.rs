//! Appending to a log: what is stored, and what is refused (rules 1 to 3 of [`super`]).

use super::producers::{self, Epoch, Origin, ProducerId};
use super::record::{Batch, Marker, Record, Stored, Timestamp};
use super::segment::Segment;
use super::{Log, Offset};
use crate::kafka::Error;
use crate::kafka::topic::{Config, TimestampType};
use explore::Weigh;
use std::sync::Arc;

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

impl Log {
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
    pub(super) fn roll(&mut self) {
        self.segments.push(Arc::new(Segment::new(self.end)));
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
