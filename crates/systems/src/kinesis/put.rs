//! Putting records.
//!
//! # Rules
//! K18. PutRecords takes 1 to 500 records and answers in the order of the request. A malformed
//! record (an empty key, a hash key out of range, too large) refuses the whole request, and nothing is
//! stored; a record for which its shard has no throughput left fails alone, while others are stored.
//! Source: API reference, PutRecords. Shown by: kinesis-put-records, kinesis-put-records-limits,
//! the test `of_a_batch_only_the_throttled_records_fail`.
//!
//! K19. A partition key has 1 to 256 characters. Source: API reference, PutRecord. Shown by:
//! kinesis-put-errors.
//!
//! K20. A record's data and its key together have at most the stream's maximum record size, 1 MiB
//! unless it was raised (up to 10 MiB); a PutRecords request has at most 10 MiB. Source: API
//! reference, PutRecord, `Data`. Shown by: the test `a_record_has_at_most_a_mebibyte_with_its_key`.
//!
//! K21. SequenceNumberForOrdering makes the record's number greater than the given one, which must
//! not be of the future. Source: API reference, PutRecord. Shown by: kinesis-sequence-for-ordering,
//! the test `ordering_after_nonsense_is_refused`.
//!
//! Left out: records that fail with InternalFailure, and records that are put again by a client that
//! saw no answer (a client's matter).

use super::error::Error;
use super::fact::Fact;
use super::hash::{HashKey, NoHashKey};
use super::reply::{Reply, Stored};
use super::request::Entry;
use super::sequence::{Given, SequenceNumber};
use super::shard::{Record, ShardId, size};
use super::stream::{Status, Stream};
use super::{Kinesis, Out};
use explore::time::Instant;
use std::sync::Arc;

const MOST_BYTES_OF_A_REQUEST: u64 = 10 * 1_048_576;

impl Kinesis {
    /// A stream that takes records.
    fn writable(&self, stream: &str) -> Result<&Stream, Error> {
        let found = self.stream(stream)?;
        match found.status() {
            Status::Creating => Err(self.named(stream).no_stream()),
            _ => Ok(found),
        }
    }

    pub(super) fn put_record(
        &mut self,
        now: Instant,
        stream: &Arc<str>,
        entry: Entry,
        after: Option<Given>,
        out: &mut Out,
    ) -> Result<Reply, Error> {
        self.check_form(&entry, "partitionKey")?;
        if let Some(given) = &after {
            given.check_form("sequenceNumberForOrdering")?;
        }
        self.writable(stream)?;
        let key = hash_key(&entry)?;
        let is_past = |given: &Given| matches!(given, Given::Number(number) if number.at() <= now);
        if let Some(given) = after.filter(|given| !is_past(given)) {
            let text = match given {
                Given::Number(number) => number.to_string(),
                Given::Text(text) => text.to_string(),
            };
            return Err(Error::invalid(format!(
                "ExclusiveMinimumSequenceNumber {text} used in PutRecord on {} is invalid.",
                self.named(stream)
            )));
        }
        self.store(now, stream, key, entry, out).map(Reply::Put)
    }

    pub(super) fn put_records(
        &mut self,
        now: Instant,
        stream: &Arc<str>,
        entries: Vec<Entry>,
        out: &mut Out,
    ) -> Result<Reply, Error> {
        let bound = match entries.len() {
            0 => Some("have length greater than or equal to 1"),
            1..=500 => None,
            _ => Some("have length less than or equal to 500"),
        };
        if let Some(bound) = bound {
            let names = vec!["PutRecordsRequestEntry"; entries.len().min(3)].join(", ");
            return Err(Error::member(&format!("[{names}]"), "records", bound));
        }
        let mut bytes = 0_u64;
        for (at, entry) in entries.iter().enumerate() {
            let member = format!("records.{}.member.partitionKey", at + 1);
            self.check_form(entry, &member)?;
            bytes = bytes.saturating_add(size(&entry.key, &entry.body));
        }
        self.writable(stream)?;
        if bytes > MOST_BYTES_OF_A_REQUEST {
            return Err(Error::invalid(
                "Records size exceeds 10 MB limit".to_owned(),
            ));
        }
        let keys: Vec<HashKey> = entries.iter().map(hash_key).collect::<Result<_, _>>()?;
        let results = keys
            .into_iter()
            .zip(entries)
            .map(|(key, entry)| self.store(now, stream, key, entry, out))
            .collect();
        Ok(Reply::PutRecords(results))
    }

    /// What the service sees without looking at a stream.
    fn check_form(&self, entry: &Entry, member: &str) -> Result<(), Error> {
        let key = &*entry.key;
        let bound = match key.chars().count() {
            0 => Some("have length greater than or equal to 1"),
            1..=256 => None,
            _ => Some("have length less than or equal to 256"),
        };
        if let Some(bound) = bound {
            return Err(Error::member(key, member, bound));
        }
        let explicit = entry.explicit_hash_key.as_deref();
        if let Some(text) = explicit.filter(|text| HashKey::read(text) == Err(NoHashKey::Form)) {
            let pattern = "satisfy regular expression pattern: 0|([1-9]\\d{0,38})";
            return Err(Error::member(text, "explicitHashKey", pattern));
        }
        let most = self.settings.max_record_kib.saturating_mul(1_024);
        if size(key, &entry.body) > most {
            let bytes = entry.body.len();
            let value = format!("java.nio.HeapByteBuffer[pos=0 lim={bytes} cap={bytes}]");
            let bound = format!("have length less than or equal to {most}");
            return Err(Error::member(&value, "data", &bound));
        }
        Ok(())
    }

    /// Stores a record in the shard of its hash key, if that has throughput left.
    fn store(
        &mut self,
        now: Instant,
        stream: &Arc<str>,
        key: HashKey,
        entry: Entry,
        out: &mut Out,
    ) -> Result<Stored, Error> {
        let found = self.stream(stream)?;
        let named = self.named(stream);
        let id = found.shard_for(key).ok_or_else(|| named.no_stream())?;
        let shard = found.shard(id).ok_or_else(|| named.no_shard(id))?;
        let bytes = size(&entry.key, &entry.body);
        let (bytes_rate, records_rate) = (self.settings.write_bytes, self.settings.write_records);
        let used = shard.written_bytes.used(now, bytes_rate);
        let is_over = shard.written_records.used(now, records_rate) >= records_rate
            // A record that is larger than a second's share goes through when nothing was written.
            || used > 0 && used.saturating_add(bytes) > bytes_rate;
        if is_over {
            out.tell(Fact::WriteThrottled {
                record: entry.record,
                stream: Arc::clone(stream),
                shard: id.0,
            });
            return Err(named.rate_exceeded(id));
        }
        let sequence = SequenceNumber::new(shard.created, id.0, shard.next(), now);
        if let Some(shard) = self.shard_mut(stream, id) {
            shard.written_bytes.take(now, bytes, bytes_rate);
            shard.written_records.take(now, 1, records_rate);
            shard.push(Record {
                sequence,
                arrived: now,
                key: Arc::clone(&entry.key),
                body: entry.body,
                record: entry.record,
            });
        }
        out.tell(Fact::Put {
            record: entry.record,
            stream: Arc::clone(stream),
            shard: id.0,
            key: entry.key,
        });
        Ok(Stored {
            shard: ShardId(id.0),
            sequence,
        })
    }
}

/// The hash key of a record that is well formed.
fn hash_key(entry: &Entry) -> Result<HashKey, Error> {
    match &entry.explicit_hash_key {
        None => Ok(HashKey::of(&entry.key)),
        Some(text) => HashKey::read(text).map_err(|_| {
            Error::invalid(format!(
                "Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was {text}"
            ))
        }),
    }
}
