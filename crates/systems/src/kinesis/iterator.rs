//! Reading: iterators and GetRecords.
//!
//! # Rules
//! K12. An iterator is a place in a shard, not a cursor: used twice it gives the same records, and
//! readers do not disturb each other. Each answer brings the iterator to go on with. Source: API
//! reference, GetRecords. Shown by: kinesis-read-in-pages, kinesis-iterator-types.
//!
//! K13. TRIM_HORIZON is the oldest record that is kept; LATEST the place after the newest at the
//! moment of asking; AT and AFTER_SEQUENCE_NUMBER at and after a given record; AT_TIMESTAMP the first
//! record that arrived then or later, and never in the future. Source: API reference,
//! GetShardIterator. Shown by: kinesis-iterator-types, kinesis-iterator-timestamp.
//!
//! K14. An iterator is good for 300 000 ms after it was handed out, used or not; later it is refused
//! with ExpiredIteratorException. Source: API reference, GetShardIterator; words from
//! awslabs/amazon-kinesis-client issue 829. Shown by: the test `an_iterator_is_good_for_five_minutes`,
//! the test `after_an_expired_iterator_only_the_last_handled_record_loses_and_repeats_nothing`.
//!
//! K15. A call gives up to 10 000 records and 10 MiB; a limit outside 1 to 10 000 is refused. At the
//! tip it gives no records and still a next iterator. Source: API reference, GetRecords. Shown by:
//! kinesis-get-limits, kinesis-read-in-pages.
//!
//! K16. MillisBehindLatest is 0 when there is nothing left to read, else the age of the last record
//! returned. Source: API reference, GetRecords. Shown by: kinesis-read-in-pages,
//! the test `a_reader_is_told_how_far_it_is_behind`.
//!
//! K17. When all of a closed shard has been read there is no next iterator, and the answer names
//! the child shards. Source: API reference, GetRecords, `ChildShards`. Shown by: kinesis-split,
//! kinesis-merge, the test `a_stream_does_what_the_slow_model_does`.
//!
//! Simplified: an iterator is opaque in AWS, and a made-up one is refused as an invalid one; here
//! nobody can make one up.

use super::date::in_words;
use super::error::Error;
use super::fact::Fact;
use super::reply::{Batch, Reply};
use super::request::Starting;
use super::sequence::{Given, SequenceNumber};
use super::shard::{Shard, ShardId};
use super::stream::Status;
use super::{Kinesis, Out};
use crate::record::RecordId;
use crate::visit::{Counter, Visit, Visitor};
use explore::time::{Instant, Span};
use std::sync::Arc;

/// For how long an iterator is good.
const GOOD_FOR: Span = Span::from_ms(300_000);
/// How much one call gives at most.
const MOST_BYTES: u64 = 10 * 1_048_576;
const MOST_RECORDS: u32 = 10_000;

/// A place in a shard to read from, as it was handed out at some moment.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ShardIterator {
    stream: Arc<str>,
    /// When the stream was made: another one of that name is not meant.
    of: Instant,
    shard: ShardId,
    next: u64,
    issued: Instant,
}

impl ShardIterator {
    /// The stream it is in.
    pub fn stream(&self) -> &str {
        &self.stream
    }

    /// The shard it is in.
    pub fn shard(&self) -> ShardId {
        self.shard
    }

    /// When it was handed out.
    pub fn issued(&self) -> Instant {
        self.issued
    }
}

impl Visit for ShardIterator {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        self.of.visit(visitor);
        self.issued.visit(visitor);
        visitor.counter(counter(self.shard), &mut self.next);
    }
}

/// Running numbers of records in a shard.
pub(super) fn counter(shard: ShardId) -> Counter {
    Counter {
        kind: "sequence number",
        scope: (shard.0 & 0xffff) as u16,
    }
}

impl Kinesis {
    pub(super) fn get_shard_iterator(
        &self,
        now: Instant,
        stream: Arc<str>,
        id: ShardId,
        starting: &Starting,
    ) -> Result<Reply, Error> {
        let next = self.start(now, &stream, id, starting)?;
        let of = self.stream(&stream)?.created;
        Ok(Reply::Iterator(ShardIterator {
            stream,
            of,
            shard: id,
            next,
            issued: now,
        }))
    }

    /// The running number of the record to start with.
    pub(super) fn start(
        &self,
        now: Instant,
        stream: &str,
        id: ShardId,
        starting: &Starting,
    ) -> Result<u64, Error> {
        let named = self.named(stream);
        let found = self.stream(stream)?;
        let shard = match (found.status(), found.shard(id)) {
            (Status::Creating, _) | (_, None) => return Err(named.no_shard_to_read(id)),
            (_, Some(shard)) => shard,
        };
        let number = |given: &Given| self.known_sequence(stream, id, shard, given);
        Ok(match starting {
            Starting::TrimHorizon => shard.first(),
            Starting::Latest => shard.next(),
            Starting::AtSequenceNumber(given) => number(given)?.index(),
            Starting::AfterSequenceNumber(given) => number(given)?.index().saturating_add(1),
            Starting::AtTimestamp(at) if *at > now => {
                return Err(Error::invalid(format!(
                    "The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. timestampInMillis: {}, currentTimestampInMillis: {}",
                    at.ms(),
                    now.ms()
                )));
            }
            Starting::AtTimestamp(at) => shard.first_since(*at),
        })
    }

    fn known_sequence(
        &self,
        stream: &str,
        id: ShardId,
        shard: &Shard,
        given: &Given,
    ) -> Result<SequenceNumber, Error> {
        let named = self.named(stream);
        let number = match given {
            Given::Number(number) => *number,
            Given::Text(text) if text.is_empty() => {
                return Err(Error::invalid(
                    "Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or (2) TRIM_HORIZON or LATEST and no StartingSequenceNumber.".to_owned(),
                ));
            }
            Given::Text(text) => {
                given.check_form("startingSequenceNumber")?;
                return Err(Error::invalid(format!(
                    "StartingSequenceNumber {text} used in GetShardIterator on shard {id} in {named} is invalid."
                )));
            }
        };
        if number.shard() != id.0 {
            return Err(Error::invalid(format!(
                "Invalid StartingSequenceNumber. It encodes {}, while it was used in a call to a shard with {id}",
                ShardId(number.shard())
            )));
        }
        if !number.is_of(shard.created) {
            return Err(Error::invalid(format!(
                "StartingSequenceNumber {number} used in GetShardIterator on shard {id} in {named} is invalid because it did not come from this stream."
            )));
        }
        Ok(number)
    }

    pub(super) fn get_records(
        &mut self,
        now: Instant,
        iterator: ShardIterator,
        limit: Option<u32>,
        out: &mut Out,
    ) -> Result<Reply, Error> {
        let limit = limit.unwrap_or(MOST_RECORDS);
        let bound = match limit {
            0 => Some("have value greater than or equal to 1"),
            1..=MOST_RECORDS => None,
            _ => Some("have value less than or equal to 10000"),
        };
        if let Some(bound) = bound {
            return Err(Error::member(&limit.to_string(), "limit", bound));
        }
        let (stream, id) = (Arc::clone(&iterator.stream), iterator.shard);
        if now.since(iterator.issued) > GOOD_FOR {
            out.tell(Fact::IteratorExpired {
                stream,
                shard: id.0,
            });
            let words = format!(
                "Iterator expired. The iterator was created at time {} while right now it is {} which is further in the future than the tolerated delay of 300000 milliseconds.",
                in_words(iterator.issued),
                in_words(now)
            );
            return Err(Error::ExpiredIterator(words.into()));
        }
        self.trim(now, &stream, id, out);
        let named = self.named(&stream);
        let found = self.streams.get(&stream);
        let shard = found
            .filter(|found| found.created == iterator.of)
            .and_then(|found| found.shard(id))
            .ok_or_else(|| named.no_shard_to_read(id))?;
        let settings = &self.settings;
        let is_over = shard.read_calls.used(now, settings.read_calls) >= settings.read_calls
            || shard.read_bytes.used(now, settings.read_bytes) >= settings.read_bytes;
        if is_over {
            out.tell(Fact::ReadThrottled {
                stream: Arc::clone(&stream),
                shard: id.0,
            });
            return Err(named.rate_exceeded(id));
        }
        let (batch, next) = self.batch(now, &stream, id, iterator.next, limit, MOST_BYTES);
        let bytes = batch.records.iter().map(super::shard::Record::bytes).sum();
        let (calls, rate) = (self.settings.read_calls, self.settings.read_bytes);
        if let Some(shard) = self.shard_mut(&stream, id) {
            shard.read_calls.take(now, 1, calls);
            shard.read_bytes.take(now, bytes, rate);
        }
        let records: Vec<RecordId> = batch.records.iter().filter_map(|one| one.record).collect();
        if !batch.records.is_empty() {
            out.tell(Fact::RecordsRead {
                records,
                stream: Arc::clone(&stream),
                shard: id.0,
                millis_behind_latest: batch.millis_behind_latest,
            });
        }
        let is_end = self.is_finished(&stream, id, next);
        if is_end {
            self.tell_end(&stream, id, &batch, out);
        }
        let next = (!is_end).then_some(ShardIterator {
            next,
            issued: now,
            ..iterator
        });
        Ok(Reply::Records(batch, next))
    }

    pub(super) fn tell_end(&self, stream: &Arc<str>, id: ShardId, batch: &Batch, out: &mut Out) {
        out.tell(Fact::ShardEnd {
            stream: Arc::clone(stream),
            shard: id.0,
            children: batch.children.iter().map(|child| child.shard.0).collect(),
        });
    }

    /// Whether a reader that goes on at `next` has come to the end of a closed shard.
    pub(super) fn is_finished(&self, stream: &str, id: ShardId, next: u64) -> bool {
        let shard = self.streams.get(stream).and_then(|found| found.shard(id));
        shard.is_some_and(|shard| shard.is_finished(next))
    }

    /// What a reader at `next` gets, and where it goes on.
    pub(super) fn batch(
        &self,
        now: Instant,
        stream: &str,
        id: ShardId,
        next: u64,
        limit: u32,
        most_bytes: u64,
    ) -> (Batch, u64) {
        let mut batch = Batch {
            records: Vec::new(),
            millis_behind_latest: 0,
            children: Vec::new(),
        };
        let Some(found) = self.streams.get(stream) else {
            return (batch, next);
        };
        let Some(shard) = found.shard(id) else {
            return (batch, next);
        };
        let mut next = next.max(shard.first());
        let mut bytes = 0_u64;
        while let Some(record) = shard.record(next) {
            let with = bytes.saturating_add(record.bytes());
            let is_full = batch.records.len() >= limit as usize
                || (with > most_bytes && !batch.records.is_empty());
            if is_full {
                break;
            }
            bytes = with;
            batch.records.push(record.clone());
            next = next.saturating_add(1);
        }
        if next < shard.next() {
            let last = batch.records.last().map_or(now, |record| record.arrived);
            batch.millis_behind_latest = now.since(last).0 / 1_000;
        }
        if shard.is_finished(next) {
            batch.children = found.children(id);
        }
        (batch, next)
    }
}
