//! Publishing: by the shared plain producer, in the raw form, and by real clients.

use super::{Client, Session, answer};
use crate::kafka::ops::{Acks, Ending, Given, Mark, Op, Publish, Written};
use crate::refusal::Refusal;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::num::NonZeroU16;
use systems::kafka::log::record::{Batch, Ended, Header, Record, Timestamp};
use systems::kafka::log::{Appended, Refused};
use systems::kafka::partitioner::partition_for_key;
use systems::kafka::produce::Membership;
use systems::kafka::producer::{Call, Exception, Next, Outcome};
use systems::kafka::{Error, Offset, Partition};

/// The largest body: more than any broker of these recordings takes.
const MOST_BYTES: usize = 64 << 20;

impl Session {
    fn record(&self, written: &Written) -> Result<Record, Refusal> {
        if let Some(bytes) = written.bytes.filter(|bytes| *bytes > MOST_BYTES) {
            return Err(Refusal::new(format!(
                "a body of {bytes} bytes is larger than {MOST_BYTES}"
            )));
        }
        let value = match &written.msg {
            Given::Null | Given::LeftOut => None,
            Given::Value(text) => {
                let mut bytes = text.clone().into_bytes();
                let length = written.bytes.unwrap_or(0).max(bytes.len());
                bytes.resize(length, answer::PAD);
                Some(bytes.into())
            }
        };
        let header = |(name, value): &(String, Option<String>)| Header {
            name: name.as_str().into(),
            value: value.as_ref().map(|value| value.as_bytes().into()),
        };
        Ok(Record {
            timestamp: Timestamp(written.timestamp_ms.unwrap_or(self.now_ms())),
            key: written.key.as_ref().map(|key| key.as_bytes().into()),
            value,
            headers: written.headers.iter().map(header).collect(),
            of: None,
        })
    }

    pub(super) fn publish(&mut self, publish: &Publish) -> Result<Value, Refusal> {
        let single = Written {
            key: publish.key.clone(),
            msg: publish.msg.clone(),
            bytes: publish.bytes,
            timestamp_ms: publish.timestamp_ms,
            headers: publish.headers.clone(),
        };
        let written = publish.batch.clone().unwrap_or_else(|| vec![single]);
        let records = written.iter().map(|one| self.record(one));
        let records: Vec<Record> = records.collect::<Result<_, _>>()?;
        if let Some(client) = &publish.client {
            return self.publish_by(client, publish, records);
        }
        if publish.producer.is_some() {
            return self.publish_raw(publish, records);
        }
        let acks = match &publish.acks {
            None => -1,
            Some(Acks::Word(word)) if word == "all" => -1,
            Some(Acks::Number(number @ -1..=1)) => *number,
            Some(other) => return Err(Refusal::new(format!("{other:?} are no acknowledgements"))),
        };
        let Some(number) = publish.partition else {
            let several = publish.batch.is_some();
            return self.publish_anywhere(None, &publish.topic, records, several);
        };
        let appended = match self.known(&publish.topic, number) {
            Ok(partition) => self.append(partition, records),
            Err(error) => Err(self.no_such(&publish.topic, error).into()),
        };
        Ok(match (acks, &appended) {
            (0, Ok(_)) => answer::nothing(),
            (0, Err(_)) => json!({ "closed": true }),
            _ => answer::appended(number as u16, &appended),
        })
    }

    /// A topic that nobody may write to is another error than one that is not there.
    pub(super) fn no_such(&self, topic: &str, error: Error) -> Error {
        let internal = systems::kafka::topic::INTERNAL.contains(&topic);
        if internal { Error::InvalidTopic } else { error }
    }

    fn append(&mut self, partition: Partition, records: Vec<Record>) -> Result<Appended, Refused> {
        let batch = Batch::plain(records);
        self.broker.produce(self.now, partition, &batch, None)
    }

    /// Where the default partitioner sends a record: by its key, or where the last ones went. The real
    /// one draws; what is recorded does not depend on the draw.
    fn partition_for(&mut self, topic: &str, key: Option<&[u8]>) -> Option<Partition> {
        let topic = self.broker.find_topic(topic)?;
        let count = self.broker.partitions(topic).count() as u16;
        let index = match key {
            Some(key) => partition_for_key(key, NonZeroU16::new(count)?),
            None => *self.sticky.entry(topic).or_insert(count - 1),
        };
        Some(Partition { topic, index })
    }

    /// Publishes without a partition: the records of one partition in one batch, by a client or by the
    /// shared producer.
    fn publish_anywhere(
        &mut self,
        client: Option<&str>,
        topic: &str,
        records: Vec<Record>,
        several: bool,
    ) -> Result<Value, Refusal> {
        let mut places = Vec::new();
        let mut batches: BTreeMap<Partition, Vec<Record>> = BTreeMap::new();
        let keyless = records.iter().all(|record| record.key.is_none());
        for record in records {
            let Some(place) = self.partition_for(topic, record.key.as_deref()) else {
                return self.no_place(client, topic, None);
            };
            let batch = batches.entry(place).or_default();
            places.push((place, batch.len() as u64));
            batch.push(record);
        }
        let mut firsts: BTreeMap<Partition, u64> = BTreeMap::new();
        for (place, batch) in batches {
            let appended = match client {
                None => self.append(place, batch),
                Some(client) => match self.call(client, Call::Send(place, batch))? {
                    Ok(Outcome::Sent(appended)) => Ok(appended),
                    Ok(Outcome::Done) => continue,
                    Err(thrown) => return Ok(answer::thrown(thrown)),
                },
            };
            match appended {
                Ok(appended) => {
                    firsts.insert(place, appended.first.0);
                    if !several && !keyless {
                        return Ok(answer::appended(place.index, &Ok(appended)));
                    }
                }
                refused => return Ok(answer::appended(place.index, &refused)),
            }
        }
        if keyless {
            return Ok(json!({ "partitions_used": firsts.len() }));
        }
        let partitions: Vec<u16> = places.iter().map(|(place, _)| place.index).collect();
        let offsets: Vec<u64> = places
            .iter()
            .map(|(place, nth)| firsts.get(place).copied().unwrap_or(0) + nth)
            .collect();
        Ok(json!({ "partitions": partitions, "offsets": offsets }))
    }

    /// What a publisher is told whose topic, or partition of it, is not there. That a client waits for it
    /// takes no virtual time, as no step but a wait does.
    fn no_place(
        &mut self,
        client: Option<&str>,
        topic: &str,
        partition: Option<i64>,
    ) -> Result<Value, Refusal> {
        let Some(client) = client else {
            let error = self.no_such(topic, Error::UnknownTopicOrPartition);
            return Ok(answer::error(error));
        };
        let metadata = self.broker.metadata(topic);
        let wanted = partition.map(|number| u16::try_from(number).unwrap_or(u16::MAX));
        match self.producer(client)?.await_metadata(metadata, wanted) {
            Err(unplaced) => Ok(answer::thrown(unplaced.thrown)),
            Ok(()) => Err(Refusal::new(format!("`{topic}` has no such partition"))),
        }
    }

    /// Offsets of partitions that are there.
    pub(super) fn marks(&self, offsets: &[Mark]) -> Result<Vec<(Partition, Offset)>, Error> {
        let mark = |(topic, number, offset): &Mark| {
            let partition = self.known(topic, *number)?;
            let offset = u64::try_from(*offset).map_err(|_| Error::InvalidRequest)?;
            Ok((partition, Offset(offset)))
        };
        offsets.iter().map(mark).collect()
    }

    pub(super) fn membership_of(&mut self, name: &str) -> Result<Membership, Refusal> {
        let remembered = self.memberships.get(name).copied();
        let held = match self.clients.get(name) {
            Some(Client::Consumer(consumer)) => consumer.membership(),
            Some(Client::Producer(_)) | None => None,
        };
        remembered
            .or(held)
            .ok_or_else(|| Refusal::new(format!("`{name}` is no member of a group")))
    }

    /// Leads a real client's call to its end; whether the broker got a first id of somebody is noted.
    pub(super) fn call(&mut self, name: &str, call: Call) -> Result<Called, Refusal> {
        let mut next = self.producer(name)?.call(call);
        for _ in 0..1_000 {
            let ask = match next {
                Next::Done(result) => return Ok(result),
                Next::Ask(ask) => ask,
            };
            let answer = self.broker.answer(self.now, ask);
            self.rest();
            next = self.producer(name)?.answered(answer);
            if let Some(identity) = self.producer(name)?.identity() {
                self.name(identity.producer, name);
            }
        }
        Err(Refusal::new("the producer asks without end"))
    }

    fn publish_by(
        &mut self,
        client: &str,
        publish: &Publish,
        records: Vec<Record>,
    ) -> Result<Value, Refusal> {
        let Some(number) = publish.partition else {
            let several = publish.batch.is_some();
            return self.publish_anywhere(Some(client), &publish.topic, records, several);
        };
        let Ok(partition) = self.known(&publish.topic, number) else {
            return self.no_place(Some(client), &publish.topic, Some(number));
        };
        Ok(match self.call(client, Call::Send(partition, records))? {
            Ok(Outcome::Sent(appended)) => answer::appended(partition.index, &Ok(appended)),
            Ok(Outcome::Done) => answer::nothing(),
            Err(thrown) => answer::thrown(thrown),
        })
    }

    pub(super) fn producer_op(&mut self, op: Op) -> Result<Value, Refusal> {
        let (client, call) = match op {
            Op::Begin { client } => (client, Call::Begin),
            Op::CommitTxn { client } => (client, Call::End(Ended::Commit)),
            Op::AbortTxn { client } => (client, Call::End(Ended::Abort)),
            Op::SendOffsets {
                client,
                offsets,
                group,
                member_of,
            } => {
                let offsets = match self.marks(&offsets) {
                    Ok(offsets) => offsets,
                    Err(error) => return Ok(answer::thrown(Exception::of_error(error))),
                };
                let membership = match &member_of {
                    Some(name) => Some(self.membership_of(name)?),
                    None => None,
                };
                let group = match (group, &member_of) {
                    (Some(group), _) => self.group(&group),
                    (None, Some(name)) => self.group_of(name)?,
                    (None, None) => {
                        return Err(Refusal::new("`group` or `member_of` is expected"));
                    }
                };
                let call = Call::SendOffsets {
                    group,
                    membership,
                    offsets,
                };
                (client, call)
            }
            other => return Err(Refusal::new(format!("{other:?} is no call of a producer"))),
        };
        let ends = matches!(call, Call::End(_));
        Ok(match self.call(&client, call)? {
            Err(thrown) => answer::thrown(thrown),
            Ok(_) if ends => {
                let identity = self.producer(&client)?.identity();
                json!({ "epoch": identity.map(|identity| identity.epoch.0) })
            }
            Ok(_) => answer::nothing(),
        })
    }
}

/// What a call of a real client gives.
pub(super) type Called = Result<Outcome, Exception>;

impl From<Ending> for Ended {
    fn from(result: Ending) -> Self {
        match result {
            Ending::Commit => Ended::Commit,
            Ending::Abort => Ended::Abort,
        }
    }
}
