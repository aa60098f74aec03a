//! Publishing: by the shared plain producer, in the raw form, and by real clients.

use super::{Client, Raw, Session, answer};
use crate::kafka::ops::{Acks, Ending, Given, Mark, Op, Publish, Written};
use crate::refusal::Refusal;
use engine::broker::kafka::group::{Generation, MemberId};
use engine::broker::kafka::log::producers::{CoordinatorEpoch, Epoch, ProducerId, Sequence};
use engine::broker::kafka::log::record::{Batch, Ended, Header, Marker, Record, Stamp, Timestamp};
use engine::broker::kafka::log::{Appended, Refused};
use engine::broker::kafka::produce::{Membership, Transactional};
use engine::broker::kafka::settings::TransactionVersion;
use engine::broker::kafka::transaction::Identity;
use engine::broker::kafka::{Error, Offset, Partition};
use engine::client::partitioner::partition_for_key;
use engine::client::producer::{Answer, Ask, Call, Exception, Next, Outcome};
use engine::time::Span;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::num::NonZeroU16;

/// How often a request is sent again while another transaction is ending; it ends at the first look.
const TRIES: usize = 5;

impl Session {
    fn record(&self, written: &Written) -> Record {
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
        Record {
            timestamp: Timestamp(written.timestamp_ms.unwrap_or(self.now_ms())),
            key: written.key.as_ref().map(|key| key.as_bytes().into()),
            value,
            headers: written.headers.iter().map(header).collect(),
            of: None,
        }
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
        let records: Vec<Record> = written.iter().map(|one| self.record(one)).collect();
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
            return Ok(self.publish_anywhere(&publish.topic, records, publish.batch.is_some()));
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
    fn no_such(&self, topic: &str, error: Error) -> Error {
        let internal = engine::broker::kafka::topic::INTERNAL.contains(&topic);
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

    /// Publishes without a partition: the records of one partition in one batch.
    fn publish_anywhere(&mut self, topic: &str, records: Vec<Record>, several: bool) -> Value {
        let mut places = Vec::new();
        let mut batches: BTreeMap<Partition, Vec<Record>> = BTreeMap::new();
        let keyless = records.iter().all(|record| record.key.is_none());
        for record in records {
            let Some(place) = self.partition_for(topic, record.key.as_deref()) else {
                return answer::error(self.no_such(topic, Error::UnknownTopicOrPartition));
            };
            let batch = batches.entry(place).or_default();
            places.push((place, batch.len() as u64));
            batch.push(record);
        }
        let mut firsts: BTreeMap<Partition, u64> = BTreeMap::new();
        for (place, batch) in batches {
            match self.append(place, batch) {
                Ok(appended) => {
                    firsts.insert(place, appended.first.0);
                    if !several && !keyless {
                        return answer::appended(place.index, &Ok(appended));
                    }
                }
                refused => return answer::appended(place.index, &refused),
            }
        }
        if keyless {
            return json!({ "partitions_used": firsts.len() });
        }
        let partitions: Vec<u16> = places.iter().map(|(place, _)| place.index).collect();
        let offsets: Vec<u64> = places
            .iter()
            .map(|(place, nth)| firsts.get(place).copied().unwrap_or(0) + nth)
            .collect();
        json!({ "partitions": partitions, "offsets": offsets })
    }

    /// What a raw client knows of itself; one that never asked has an id that no one knows.
    fn raw_client(&self, name: &str) -> Raw {
        self.raw.get(name).cloned().unwrap_or(Raw {
            identity: Identity {
                producer: ProducerId(u64::from(u32::MAX)),
                epoch: Epoch(0),
            },
            transactional_id: None,
            version: self.broker.settings().transaction_version,
            sequences: BTreeMap::new(),
        })
    }

    /// How the coordinator knows a raw client, and under which identity it speaks.
    fn speaker(
        &mut self,
        name: &str,
        id: Option<String>,
        epoch: Option<i16>,
    ) -> (Transactional, Identity) {
        let raw = self.raw_client(name);
        let id = id.or(raw.transactional_id).unwrap_or_default();
        let one = Transactional {
            id: self.transactional_id(&id),
            version: raw.version,
        };
        let epoch = epoch.map_or(raw.identity.epoch, Epoch);
        let producer = raw.identity.producer;
        (one, Identity { producer, epoch })
    }

    fn publish_raw(&mut self, publish: &Publish, records: Vec<Record>) -> Result<Value, Refusal> {
        let name = publish.producer.clone().unwrap_or_default();
        let number = publish.partition.unwrap_or(0);
        let partition = match self.known(&publish.topic, number) {
            Ok(partition) => partition,
            Err(error) => return Ok(answer::error(self.no_such(&publish.topic, error))),
        };
        let raw = self.raw_client(&name);
        let transactional = publish
            .transactional
            .unwrap_or(raw.transactional_id.is_some());
        let (one, by) = self.speaker(&name, publish.transactional_id.clone(), publish.epoch);
        let own_epoch = by.epoch == raw.identity.epoch;
        let next = raw.sequences.get(&partition).filter(|_| own_epoch);
        let sequence = publish.sequence.map(Sequence).or(next.copied());
        let sequence = sequence.unwrap_or(Sequence(0));
        let count = records.len() as u32;
        let batch = Batch {
            stamp: Some(Stamp {
                producer: by.producer,
                epoch: by.epoch,
                sequence,
            }),
            transactional,
            records,
        };
        let one = transactional.then_some(one);
        let mut appended = Err(Error::ConcurrentTransactions.into());
        for _ in 0..TRIES {
            appended = self.broker.produce(self.now, partition, &batch, one);
            if appended != Err(Error::ConcurrentTransactions.into()) {
                break;
            }
            self.rest();
        }
        if appended.is_ok()
            && own_epoch
            && let Some(raw) = self.raw.get_mut(&name)
        {
            let after = sequence.plus(count);
            let next = raw.sequences.entry(partition).or_insert(after);
            if next.0 < after.0 || publish.sequence.is_none() {
                *next = after;
            }
        }
        Ok(answer::appended(number as u16, &appended))
    }

    pub(super) fn raw_op(&mut self, op: Op) -> Result<Value, Refusal> {
        match op {
            Op::InitProducer {
                producer,
                transactional_id,
                timeout_ms,
                transaction_version,
                keep_id,
                epoch,
                retry,
            } => {
                let before = self.raw_client(&producer);
                let id = transactional_id.or(before.transactional_id.clone());
                let version = self.version(transaction_version)?;
                let expected = (keep_id || epoch.is_some()).then(|| Identity {
                    epoch: epoch.map_or(before.identity.epoch, Epoch),
                    ..before.identity
                });
                let identity = match &id {
                    None => Ok(self.broker.init_idempotent()),
                    Some(id) => {
                        let id = self.transactional_id(id);
                        let timeout = Span::from_ms(timeout_ms);
                        self.again(retry, |broker, now| {
                            broker.init_transactional(now, id, timeout, expected)
                        })
                    }
                };
                Ok(match identity {
                    Err(error) => answer::error(error),
                    Ok(identity) => {
                        let named = self.name(identity.producer, &producer);
                        let raw = Raw {
                            identity,
                            transactional_id: id,
                            version,
                            sequences: BTreeMap::new(),
                        };
                        self.raw.insert(producer, raw);
                        json!({ "producer": named, "epoch": identity.epoch.0 })
                    }
                })
            }
            Op::AddPartitionsToTxn {
                producer,
                partitions,
                transactional_id,
                epoch,
                retry,
            } => {
                let (one, by) = self.speaker(&producer, transactional_id, epoch);
                let places: Vec<_> = partitions.iter().map(|place| self.place(place)).collect();
                let mut added = Ok(());
                for _ in 0..if retry { TRIES } else { 1 } {
                    added = self
                        .broker
                        .add_partitions_to_txn(self.now, one.id, by, &places);
                    if added.as_ref().is_ok_and(|()| true)
                        || added
                            .as_ref()
                            .is_err_and(|errors| !errors.contains(&Error::ConcurrentTransactions))
                    {
                        break;
                    }
                    self.rest();
                }
                Ok(match added {
                    Ok(()) => answer::nothing(),
                    Err(errors) if errors.iter().all(|error| *error == errors[0]) => {
                        answer::error(errors[0])
                    }
                    Err(errors) => {
                        let told = partitions.iter().zip(errors);
                        let told = told
                            .map(|((topic, number), error)| json!([topic, number, error.name()]));
                        json!({ "partitions": told.collect::<Vec<_>>() })
                    }
                })
            }
            Op::AddOffsetsToTxn {
                producer,
                group,
                epoch,
                transactional_id,
            } => {
                let (one, by) = self.speaker(&producer, transactional_id, epoch);
                let group = self.group(&group);
                let added = self.again(true, |broker, now| {
                    broker.add_offsets_to_txn(now, one.id, by, group)
                });
                Ok(answer::done(added))
            }
            Op::TxnOffsetCommit {
                producer,
                group,
                offsets,
                epoch,
                transactional_id,
                member_of,
                member,
                generation,
            } => {
                let (one, by) = self.speaker(&producer, transactional_id, epoch);
                let group = self.group(&group);
                let mut membership = match &member_of {
                    Some(name) => Some(self.membership_of(name)?),
                    None => None,
                };
                if member.is_some() || generation.is_some() {
                    let stranger = MemberId {
                        client: u8::MAX,
                        nth: u16::MAX,
                    };
                    let before = membership.unwrap_or(Membership {
                        member: stranger,
                        generation: Generation(u32::MAX),
                    });
                    let generation = generation.map(|number| Generation(number as u32));
                    membership = Some(Membership {
                        member: member.map_or(before.member, |_| stranger),
                        generation: generation.unwrap_or(before.generation),
                    });
                }
                let offsets = match self.marks(&offsets) {
                    Ok(offsets) => offsets,
                    Err(error) => return Ok(answer::error(error)),
                };
                let written = self.again(true, |broker, now| {
                    broker.txn_offset_commit(now, one, by, group, membership, &offsets)
                });
                Ok(answer::done(written))
            }
            Op::EndTxn {
                producer,
                result,
                epoch,
                transactional_id,
                retry,
            } => {
                let (one, by) = self.speaker(&producer, transactional_id, epoch);
                let ended = self.again(retry, |broker, now| {
                    broker.end_txn(now, one, by, result.into())
                });
                Ok(match ended {
                    Err(error) => answer::error(error),
                    Ok(_) if one.version == TransactionVersion::V1 => answer::nothing(),
                    Ok(identity) => {
                        if let Some(raw) = self.raw.get_mut(&producer)
                            && raw.identity != identity
                        {
                            raw.identity = identity;
                            raw.sequences.clear();
                        }
                        self.name(identity.producer, &producer);
                        json!({ "epoch": identity.epoch.0 })
                    }
                })
            }
            Op::WriteMarkers {
                producer,
                partitions,
                result,
                epoch,
                coordinator_epoch,
                transaction_version,
            } => {
                let raw = self.raw_client(&producer);
                let by = Identity {
                    epoch: epoch.map_or(raw.identity.epoch, Epoch),
                    ..raw.identity
                };
                let version = self.version(transaction_version)?;
                let marker = Marker {
                    ended: result.into(),
                    coordinator: CoordinatorEpoch(coordinator_epoch),
                };
                let mut refused = None;
                for place in &partitions {
                    let written = self.known(&place.0, place.1).and_then(|partition| {
                        self.broker
                            .write_marker(self.now, partition, by, marker, version)
                    });
                    refused = refused.or(written.err());
                }
                Ok(refused.map_or_else(answer::nothing, answer::error))
            }
            other => Err(Refusal::new(format!(
                "{other:?} is no request of a producer"
            ))),
        }
    }

    /// Asks again while another transaction is ending, as clients do.
    fn again<T>(
        &mut self,
        retry: bool,
        mut ask: impl FnMut(
            &mut engine::broker::kafka::Broker,
            engine::time::Instant,
        ) -> Result<T, Error>,
    ) -> Result<T, Error> {
        for _ in 1..if retry { TRIES } else { 1 } {
            match ask(&mut self.broker, self.now) {
                Err(Error::ConcurrentTransactions) => self.rest(),
                other => return other,
            }
        }
        ask(&mut self.broker, self.now)
    }

    fn version(&self, given: Option<u8>) -> Result<TransactionVersion, Refusal> {
        let most = self.broker.settings().transaction_version;
        match given {
            None => Ok(most),
            Some(0 | 1) => Ok(TransactionVersion::V1),
            Some(2) => Ok(TransactionVersion::V2.min(most)),
            Some(other) => Err(Refusal::new(format!(
                "there is no transaction version {other}"
            ))),
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
            let answer = self.ask(ask);
            self.rest();
            next = self.producer(name)?.answered(answer);
            if let Some(identity) = self.producer(name)?.identity() {
                self.name(identity.producer, name);
            }
        }
        Err(Refusal::new("the producer asks without end"))
    }

    fn ask(&mut self, ask: Ask) -> Answer {
        let now = self.now;
        let broker = &mut self.broker;
        match ask {
            Ask::InitIdempotent => Answer::Identity(Ok(broker.init_idempotent())),
            Ask::Init(id, timeout) => {
                Answer::Identity(broker.init_transactional(now, id, timeout, None))
            }
            Ask::AddPartition(id, by, partition) => {
                let added = broker.add_partitions_to_txn(now, id, by, &[Some(partition)]);
                Answer::Done(
                    added
                        .map_err(|errors| errors.first().copied().unwrap_or(Error::InvalidRequest)),
                )
            }
            Ask::AddOffsets(id, by, group) => {
                Answer::Done(broker.add_offsets_to_txn(now, id, by, group))
            }
            Ask::Produce(partition, batch, one) => {
                Answer::Produced(broker.produce(now, partition, &batch, one))
            }
            Ask::TxnOffsetCommit {
                one,
                by,
                group,
                membership,
                offsets,
            } => Answer::Done(broker.txn_offset_commit(now, one, by, group, membership, &offsets)),
            Ask::End(one, by, ended) => Answer::Identity(broker.end_txn(now, one, by, ended)),
        }
    }

    fn publish_by(
        &mut self,
        client: &str,
        publish: &Publish,
        records: Vec<Record>,
    ) -> Result<Value, Refusal> {
        let key = records.first().and_then(|record| record.key.clone());
        let partition = match publish.partition {
            Some(number) => self.known(&publish.topic, number).ok(),
            None => self.partition_for(&publish.topic, key.as_deref()),
        };
        let Some(partition) = partition else {
            // The client looks for the topic until its time is up.
            return Ok(answer::throws("TimeoutException"));
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
