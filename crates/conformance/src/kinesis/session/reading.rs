//! Steps that read.

use super::{PADDING, Session, answer};
use crate::refusal::Refusal;
use serde_json::{Value, json};
use systems::kinesis::iterator::ShardIterator;
use systems::kinesis::reply::{Batch, Reply};
use systems::kinesis::request::{Request, Starting};
use systems::kinesis::shard::{Record, ShardId};
use systems::{Instant, Span};

/// How many calls may pass until a shard tells its end.
const CALLS: usize = 5;

/// The body as it was given, without padding.
fn msg(record: &Record) -> &str {
    record.body.trim_end_matches(PADDING)
}

impl Session {
    /// Where an iterator of this type starts; an answer, where there is no such type or where it
    /// lacks its time: the library of a client refuses to ask for that, the service as here.
    pub(super) fn starting(
        &self,
        stream: &str,
        kind: &str,
        at: Option<&str>,
        time_ms: Option<u64>,
    ) -> Result<Starting, Value> {
        let given = || self.given(stream, at.unwrap_or_default());
        Ok(match (kind, time_ms) {
            ("TRIM_HORIZON", _) => Starting::TrimHorizon,
            ("LATEST", _) => Starting::Latest,
            ("AT_SEQUENCE_NUMBER", _) => Starting::AtSequenceNumber(given()),
            ("AFTER_SEQUENCE_NUMBER", _) => Starting::AfterSequenceNumber(given()),
            ("AT_TIMESTAMP", Some(ms)) => Starting::AtTimestamp(Instant(0) + Span::from_ms(ms)),
            ("AT_TIMESTAMP", None) => {
                return Err(json!({ "error": { "name": "InvalidArgument" } }));
            }
            _ => return Err(json!({ "error": { "name": "Validation" } })),
        })
    }

    pub(super) fn iterator(
        &mut self,
        name: String,
        stream: &str,
        shard: ShardId,
        starting: Starting,
    ) -> Value {
        let request = Request::GetShardIterator {
            stream: stream.into(),
            shard,
            starting,
        };
        match self.ask(request) {
            Reply::Iterator(iterator) => {
                self.iterators.insert(name, Some(iterator));
                json!({})
            }
            reply => answer::other(reply),
        }
    }

    pub(super) fn get_records(
        &mut self,
        name: &str,
        limit: Option<u32>,
        lag: bool,
        stay: bool,
    ) -> Result<Value, Refusal> {
        let known: Vec<&str> = self.iterators.keys().map(String::as_str).collect();
        let iterator = match self.iterators.get(name) {
            Some(Some(iterator)) => iterator.clone(),
            Some(None) => return Ok(json!({ "end": true })),
            None => return Err(Refusal::unknown("iterator", name, &known)),
        };
        let stream = iterator.stream().to_owned();
        let (batch, next) = match self.ask(Request::GetRecords { iterator, limit }) {
            Reply::Records(batch, next) => (batch, next),
            reply => return Ok(answer::other(reply)),
        };
        let mut told = json!({ "records": self.records(&stream, &batch) });
        if next.is_none() {
            told["end"] = json!(true);
        }
        if lag {
            told["behind_latest_ms"] = json!((batch.millis_behind_latest + 500) / 1_000 * 1_000);
        }
        if !stay {
            self.iterators.insert(name.to_owned(), next);
        }
        Ok(told)
    }

    fn records(&self, stream: &str, batch: &Batch) -> Vec<Value> {
        let place = |record: &Record| {
            let named = (stream.to_owned(), record.sequence);
            self.places.get(&named).copied()
        };
        let told = |record: &Record| json!({ "msg": msg(record), "key": &*record.key, "seq": place(record) });
        batch.records.iter().map(told).collect()
    }

    /// Reads shards one after the other from their beginning.
    pub(super) fn read(&mut self, stream: &str, shards: &[u32]) -> Value {
        let (mut messages, mut ended) = (Vec::new(), Vec::new());
        for &shard in shards {
            let request = Request::GetShardIterator {
                stream: stream.into(),
                shard: ShardId(shard),
                starting: Starting::TrimHorizon,
            };
            let mut iterator: ShardIterator = match self.ask(request) {
                Reply::Iterator(iterator) => iterator,
                reply => return answer::other(reply),
            };
            for _ in 0..CALLS {
                let request = Request::GetRecords {
                    iterator: iterator.clone(),
                    limit: None,
                };
                let (batch, next) = match self.ask(request) {
                    Reply::Records(batch, next) => (batch, next),
                    reply => return answer::other(reply),
                };
                messages.extend(batch.records.iter().map(|one| msg(one).to_owned()));
                match next {
                    Some(next) => iterator = next,
                    None => {
                        ended.push(shard);
                        break;
                    }
                }
            }
        }
        json!({ "msgs": messages, "ended": ended })
    }

    pub(super) fn describe(&mut self, stream: &str) -> Value {
        let summary = Request::DescribeStreamSummary {
            stream: stream.into(),
        };
        let summary = match self.ask(summary) {
            Reply::Summary(summary) => summary,
            reply => return answer::other(reply),
        };
        let shards = Request::ListShards {
            stream: stream.into(),
            after: None,
            limit: Some(10_000),
        };
        let shards = match self.ask(shards) {
            Reply::Shards(shards, _) => shards,
            reply => return answer::other(reply),
        };
        let shards: Vec<Value> = shards.iter().map(answer::shard).collect();
        json!({
            "status": summary.status.name(),
            "retention_hours": summary.retention_hours,
            "shards": shards,
        })
    }
}
