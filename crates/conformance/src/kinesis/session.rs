//! A recording's session: one account at a virtual time, and the names of its messages and iterators.

mod answer;
mod reading;
#[cfg(test)]
mod vocabulary;

use super::ops::{Direction, Op, Written};
use crate::player::Player;
use crate::recording::{Recording, Step};
use crate::refusal::Refusal;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use systems::kinesis::Kinesis;
use systems::kinesis::iterator::ShardIterator;
use systems::kinesis::reply::{Reply, Stored};
use systems::kinesis::request::{Entry, Request};
use systems::kinesis::sequence::{Given, SequenceNumber};
use systems::kinesis::setting::Settings;
use systems::kinesis::shard::ShardId;
use systems::kinesis::stream::Mode;
use systems::{Caller, Instant, Out, Server, Span};

/// The longest wait, 400 days.
const MAX_WAIT_MS: u64 = 400 * 86_400_000;
const CLIENT: Caller = Caller {
    client: 0,
    connection: 1,
};

/// Where a message was stored.
#[derive(Clone, Copy, Debug)]
struct Place {
    shard: ShardId,
    sequence: SequenceNumber,
    /// The how-manieth of its shard it is.
    place: u64,
}

/// An iterator by name; nothing, when its shard has come to an end.
type Named = Option<ShardIterator>;

/// The session.
pub struct Session {
    kinesis: Kinesis,
    now: Instant,
    iterators: BTreeMap<String, Named>,
    /// Where each message was stored last, by stream and name.
    messages: BTreeMap<(String, String), Place>,
    /// How many records each shard of each stream has got, and the last sequence number.
    counts: BTreeMap<(String, ShardId), (u64, Option<SequenceNumber>)>,
    /// The place of each record in its shard.
    places: BTreeMap<(String, SequenceNumber), u64>,
}

/// Emulators know no quotas on throughput, and a step waits until a stream is active again.
fn settings() -> Settings {
    Settings {
        create_ms: 0,
        delete_ms: 0,
        update_ms: 0,
        write_bytes: u64::MAX,
        write_records: u64::MAX,
        read_bytes: u64::MAX,
        read_calls: u64::MAX,
        ..Settings::default()
    }
}

impl Session {
    /// A fresh account at virtual time 0, set as the recording says.
    ///
    /// # Errors
    /// A setting that the model does not know.
    pub fn begin(recording: &Recording) -> Result<Box<dyn Player>, Refusal> {
        let mut settings = settings();
        for (name, value) in &recording.broker {
            let refused = |refused: systems::setting::Refused| Refusal::new(refused.to_string());
            settings.set(name, value).map_err(refused)?;
        }
        Ok(Box::new(Session {
            kinesis: Kinesis::new(settings),
            now: Instant(0),
            iterators: BTreeMap::new(),
            messages: BTreeMap::new(),
            counts: BTreeMap::new(),
            places: BTreeMap::new(),
        }))
    }

    /// What the service answers.
    fn ask(&mut self, request: Request) -> Reply {
        let mut out = Out::default();
        self.kinesis.handle(self.now, CLIENT, request, &mut out);
        let answer = out.to.pop().map(|(_, reply)| reply);
        self.rest();
        answer.unwrap_or(Reply::Done)
    }

    /// Lets happen what is due by now.
    fn rest(&mut self) {
        while let Some((_, due)) = self.kinesis.next_due().filter(|(at, _)| *at <= self.now) {
            self.kinesis.fire(self.now, due, &mut Out::default());
        }
    }

    /// Lets time pass: whatever is due on the way happens.
    fn wait(&mut self, ms: u64) -> Result<Value, Refusal> {
        if ms > MAX_WAIT_MS {
            return Err(Refusal::new(format!(
                "a wait of {ms} ms is longer than {MAX_WAIT_MS} ms"
            )));
        }
        let end = self.now + Span::from_ms(ms);
        while let Some((at, due)) = self.kinesis.next_due().filter(|(at, _)| *at <= end) {
            self.now = self.now.max(at);
            self.kinesis.fire(self.now, due, &mut Out::default());
        }
        self.now = end;
        Ok(json!({}))
    }

    /// Notes where a message was stored; what is told of it.
    fn stored(&mut self, stream: &str, msg: &str, stored: &Stored) -> Value {
        let key = (stream.to_owned(), stored.shard);
        let (count, last) = self.counts.entry(key).or_insert((0, None));
        let is_greater = last.is_none_or(|last| last < stored.sequence);
        (*count, *last) = (*count + 1, Some(stored.sequence));
        let place = Place {
            shard: stored.shard,
            sequence: stored.sequence,
            place: *count,
        };
        let message = (stream.to_owned(), msg.to_owned());
        self.messages.insert(message, place);
        let named = (stream.to_owned(), stored.sequence);
        self.places.insert(named, place.place);
        let mut told = json!({ "shard": place.shard.0, "seq": place.place });
        if !is_greater {
            told["not_greater"] = json!(true);
        }
        told
    }

    /// The sequence number of a message of this stream, else of another one, or a literal one.
    fn given(&self, stream: &str, text: &str) -> Given {
        let own = self.messages.get(&(stream.to_owned(), text.to_owned()));
        let others = self.messages.iter();
        let mut others = others.filter(|((_, msg), _)| msg == text);
        let place = own.or_else(|| others.next().map(|(_, place)| place));
        place.map_or_else(|| Given::text(text), |place| Given::Number(place.sequence))
    }

    fn put_record(&mut self, stream: String, written: Written, after: Option<String>) -> Value {
        let msg = written.msg.clone();
        let request = Request::PutRecord {
            stream: stream.as_str().into(),
            entry: entry(written),
            sequence_number_for_ordering: after.map(|after| self.given(&stream, &after)),
        };
        match self.ask(request) {
            Reply::Put(stored) => self.stored(&stream, &msg, &stored),
            reply => answer::other(reply),
        }
    }

    fn put_records(
        &mut self,
        stream: String,
        records: Option<Vec<Written>>,
        fill: Option<usize>,
    ) -> Result<Value, Refusal> {
        let records = match (records, fill) {
            (Some(records), None) => records,
            (None, Some(fill)) if fill <= 10_000 => (0..fill).map(small).collect(),
            _ => {
                return Err(Refusal::new(
                    "one of `records` and `fill` (at most 10000) is expected, and only one",
                ));
            }
        };
        let messages: Vec<String> = records.iter().map(|record| record.msg.clone()).collect();
        let request = Request::PutRecords {
            stream: stream.as_str().into(),
            entries: records.into_iter().map(entry).collect(),
        };
        let results = match self.ask(request) {
            Reply::PutRecords(results) => results,
            reply => return Ok(answer::other(reply)),
        };
        let failed = results.iter().filter(|result| result.is_err()).count();
        let mut told = Vec::new();
        for (msg, result) in messages.iter().zip(&results) {
            told.push(match result {
                Ok(stored) => self.stored(&stream, msg, stored),
                Err(error) => answer::error(error),
            });
        }
        Ok(match fill {
            Some(_) => json!({ "stored": told.len() - failed, "failed": failed }),
            None => json!({ "records": told, "failed": failed }),
        })
    }

    fn delete(&mut self, name: &str) -> Value {
        let request = Request::DeleteStream {
            stream: name.into(),
            enforce_consumer_deletion: true,
        };
        let reply = self.ask(request);
        if reply == Reply::Done {
            self.counts.retain(|(stream, _), _| stream != name);
            self.places.retain(|(stream, _), _| stream != name);
        }
        answer::other(reply)
    }

    fn answer(&mut self, op: Op) -> Result<Value, Refusal> {
        let text = |text: &str| Arc::<str>::from(text);
        let request = match op {
            Op::Declare { name, shards, .. } => Request::CreateStream {
                stream: text(&name),
                shards: Some(shards),
                mode: Mode::Provisioned,
            },
            Op::Delete { name, .. } => return Ok(self.delete(&name)),
            Op::List {} => Request::ListStreams {
                after: None,
                limit: None,
            },
            Op::PutRecord {
                stream,
                key,
                msg,
                explicit_hash_key,
                size,
                repeat_key,
                after,
            } => {
                let written = Written {
                    key,
                    msg,
                    explicit_hash_key,
                    size,
                    repeat_key,
                };
                return Ok(self.put_record(stream, written, after));
            }
            Op::PutRecords {
                stream,
                records,
                fill,
            } => return self.put_records(stream, records, fill),
            Op::Iterator {
                name,
                stream,
                shard,
                kind,
                at,
                time_ms,
            } => {
                return Ok(
                    match self.starting(&stream, &kind, at.as_deref(), time_ms) {
                        Ok(starting) => self.iterator(name, &stream, ShardId(shard), starting),
                        Err(refused) => refused,
                    },
                );
            }
            Op::GetRecords {
                iterator,
                limit,
                lag,
                stay,
            } => return self.get_records(&iterator, limit, lag, stay),
            Op::Read { stream, shards } => return Ok(self.read(&stream, &shards)),
            Op::Split { stream, shard, at } => Request::SplitShard {
                stream: text(&stream),
                shard: ShardId(shard),
                new_starting_hash_key: text(&at),
            },
            Op::Merge {
                stream,
                shard,
                with,
            } => Request::MergeShards {
                stream: text(&stream),
                shard: ShardId(shard),
                adjacent: ShardId(with),
            },
            Op::Describe { stream } => return Ok(self.describe(&stream)),
            Op::ListShards { stream, after, max } => Request::ListShards {
                stream: text(&stream),
                after: after.map(ShardId),
                limit: max,
            },
            Op::Retention {
                stream,
                change,
                hours,
            } => {
                let stream = text(&stream);
                match change {
                    Direction::Increase => Request::IncreaseStreamRetentionPeriod { stream, hours },
                    Direction::Decrease => Request::DecreaseStreamRetentionPeriod { stream, hours },
                }
            }
            Op::Wait { ms } => return self.wait(ms),
        };
        Ok(answer::other(self.ask(request)))
    }
}

impl Player for Session {
    fn play(&mut self, step: &Step) -> Result<Value, Refusal> {
        self.answer(step.read()?)
    }
}

/// The `at`-th of many small records.
fn small(at: usize) -> Written {
    Written {
        key: format!("k{at}"),
        msg: format!("f{at}"),
        explicit_hash_key: None,
        size: None,
        repeat_key: None,
    }
}

/// What bodies are padded with.
const PADDING: &str = "\0";

fn entry(written: Written) -> Entry {
    let missing = written
        .size
        .map(|size| size.saturating_sub(written.msg.len()));
    let body = written.msg + &PADDING.repeat(missing.unwrap_or(0));
    let key = written.key.repeat(written.repeat_key.unwrap_or(1));
    Entry {
        explicit_hash_key: written.explicit_hash_key.map(Arc::from),
        ..Entry::new(&key, &body)
    }
}
