//! A recording's session: one broker at a virtual time, its clients, and the names of both.

mod answer;
mod consumer;
mod describe;
pub mod groups;
mod membership;
mod opening;
mod producing;
mod reading;
mod requests;
#[cfg(test)]
mod tests;
mod topics;

use super::ops::{Isolation, Op, Place};
use crate::player::Player;
use crate::recording::{Recording, Step};
use crate::refusal::Refusal;
use consumer::Consumer;
use explore::time::{Instant, Span};
use serde_json::Value;
use std::collections::BTreeMap;
use systems::kafka::log;
use systems::kafka::log::producers::{ProducerId, Sequence};
use systems::kafka::produce::Membership;
use systems::kafka::producer::Producer;
use systems::kafka::settings::TransactionVersion;
use systems::kafka::transaction::{Identity, TransactionalId};
use systems::kafka::{Broker, Error, GroupId, Out, Partition, Settings, TopicId};

/// A client of the raw form: what its own library would keep.
#[derive(Clone, Debug)]
struct Raw {
    identity: Identity,
    transactional_id: Option<String>,
    version: TransactionVersion,
    sequences: BTreeMap<Partition, Sequence>,
}

/// A client made by `open`.
#[derive(Clone, Debug)]
enum Client {
    Producer(Box<Producer>),
    Consumer(Box<Consumer>),
}

/// The longest wait, 35 days: each half a second of it members send heartbeats.
const MAX_WAIT_MS: u64 = 35 * 86_400_000;

/// The session.
pub struct Session {
    broker: Broker,
    now: Instant,
    groups: Vec<String>,
    transactional_ids: Vec<String>,
    topic_ids: BTreeMap<String, TopicId>,
    raw: BTreeMap<String, Raw>,
    clients: BTreeMap<String, Client>,
    /// Which number each client that can be a member has.
    members: Vec<String>,
    memberships: BTreeMap<String, Membership>,
    /// By whom each producer id was first got.
    names: BTreeMap<ProducerId, String>,
    /// Where the shared producer's records without a key stick.
    sticky: BTreeMap<TopicId, u16>,
}

/// The settings that every broker of these recordings has: quick looks, no delay before the first
/// rebalance, short sessions.
fn settings() -> Settings {
    let half_a_second = Span::from_ms(500);
    Settings {
        initial_rebalance_delay: Span(0),
        min_session_timeout: Span::from_ms(1_000),
        retention_check_interval: half_a_second,
        cleaner_backoff: half_a_second,
        transaction_abort_interval: half_a_second,
        ..Settings::default()
    }
}

impl Session {
    /// A fresh broker at virtual time 0, set as the recording says.
    ///
    /// # Errors
    /// A setting or a feature that the model does not know.
    pub fn begin(recording: &Recording) -> Result<Box<dyn Player>, Refusal> {
        Ok(Box::new(Session::fresh(recording)?))
    }

    fn fresh(recording: &Recording) -> Result<Session, Refusal> {
        let mut settings = settings();
        for (name, value) in &recording.broker {
            set(&mut settings, name, &text(value))?;
        }
        for (name, value) in &recording.features {
            match (name.as_str(), value.as_u64()) {
                ("transaction.version", Some(0 | 1)) => {
                    settings.transaction_version = TransactionVersion::V1;
                }
                ("transaction.version", Some(2)) => {}
                // They are about what these recordings do not use.
                ("group.version" | "share.version" | "eligible.leader.replicas.version", _) => {}
                _ => {
                    return Err(Refusal::new(format!(
                        "the feature {name}={value} is unknown"
                    )));
                }
            }
        }
        Ok(Session {
            broker: Broker::new(settings, 0),
            now: Instant(0),
            groups: Vec::new(),
            transactional_ids: Vec::new(),
            topic_ids: BTreeMap::new(),
            raw: BTreeMap::new(),
            clients: BTreeMap::new(),
            members: Vec::new(),
            memberships: BTreeMap::new(),
            names: BTreeMap::new(),
            sticky: BTreeMap::new(),
        })
    }

    /// The time in milliseconds.
    fn now_ms(&self) -> i64 {
        (self.now.0 / 1_000) as i64
    }

    /// The partition of this name; a topic or a number that is not there has none.
    fn place(&self, (topic, number): &Place) -> Option<Partition> {
        let topic = self.broker.find_topic(topic)?;
        let index = u16::try_from(*number).ok()?;
        let partition = Partition { topic, index };
        self.broker.log(partition).map(|_| partition)
    }

    fn known(&self, topic: &str, number: i64) -> Result<Partition, Error> {
        self.place(&(topic.to_owned(), number))
            .ok_or(Error::UnknownTopicOrPartition)
    }

    /// The number of a group, which comes into being with its first use.
    fn group(&mut self, name: &str) -> GroupId {
        let at = self.groups.iter().position(|one| one == name);
        let at = at.unwrap_or_else(|| {
            self.groups.push(name.to_owned());
            self.broker.add_group();
            self.groups.len() - 1
        });
        GroupId(at as u8)
    }

    fn transactional_id(&mut self, name: &str) -> TransactionalId {
        let at = self.transactional_ids.iter().position(|one| one == name);
        let at = at.unwrap_or_else(|| {
            self.transactional_ids.push(name.to_owned());
            self.transactional_ids.len() - 1
        });
        TransactionalId(at as u16)
    }

    /// Who a client is among the members of groups.
    fn member_number(&mut self, client: &str) -> u8 {
        let at = self.members.iter().position(|one| one == client);
        let at = at.unwrap_or_else(|| {
            self.members.push(client.to_owned());
            self.members.len() - 1
        });
        at as u8
    }

    /// Somebody got a producer id: the first one names it, and a second id of the same one has a `'`.
    fn name(&mut self, id: ProducerId, client: &str) -> String {
        if let Some(name) = self.names.get(&id) {
            return name.clone();
        }
        let mut name = client.to_owned();
        while self.names.values().any(|taken| *taken == name) {
            name.push('\'');
        }
        self.names.insert(id, name.clone());
        name
    }

    fn name_of(&self, id: ProducerId) -> String {
        let named = self.names.get(&id).cloned();
        named.unwrap_or_else(|| id.0.to_string())
    }

    fn client(&mut self, name: &str) -> Result<&mut Client, Refusal> {
        let known: Vec<String> = self.clients.keys().cloned().collect();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        self.clients
            .get_mut(name)
            .ok_or_else(|| Refusal::unknown("client", name, &known))
    }

    fn producer(&mut self, name: &str) -> Result<&mut Producer, Refusal> {
        match self.client(name)? {
            Client::Producer(producer) => Ok(producer),
            Client::Consumer(_) => Err(Refusal::new(format!("`{name}` is no producer"))),
        }
    }

    /// Lets the broker come to rest at this instant.
    fn rest(&mut self) {
        while self.broker.due(self.now) == Some(self.now) {
            self.broker.tick(self.now);
        }
    }

    /// Lets time pass: whatever is due on the way happens.
    fn wait(&mut self, ms: u64) -> Result<(), Refusal> {
        if ms > MAX_WAIT_MS {
            return Err(Refusal::new(format!(
                "a wait of {ms} ms is longer than {MAX_WAIT_MS} ms"
            )));
        }
        let end = self.now + Span::from_ms(ms);
        loop {
            self.rest();
            let group = self.broker.deadlines().min_by_key(|(due, ..)| *due);
            let own = self.broker.due(self.now);
            let heartbeat = self.next_heartbeat();
            let due = [own, group.as_ref().map(|(due, ..)| *due), heartbeat];
            let Some(due) = due.into_iter().flatten().min().filter(|due| *due <= end) else {
                break;
            };
            self.now = due.max(self.now);
            if heartbeat == Some(due) {
                self.heartbeats();
            } else if own == Some(due) {
                self.broker.tick(self.now);
            } else if let Some((_, id, deadline)) = group {
                let mut out = Out::default();
                self.broker.expire(self.now, id, deadline, &mut out);
                self.deliver(out);
            }
        }
        self.now = end;
        self.rest();
        Ok(())
    }

    fn answer(&mut self, op: Op) -> Result<Value, Refusal> {
        match op {
            Op::Declare { .. }
            | Op::Alter { .. }
            | Op::AddPartitions { .. }
            | Op::Delete { .. }
            | Op::RememberTopicId { .. } => self.topics(op),
            Op::Publish(publish) => self.publish(&publish),
            Op::InitProducer { .. }
            | Op::AddPartitionsToTxn { .. }
            | Op::AddOffsetsToTxn { .. }
            | Op::TxnOffsetCommit { .. }
            | Op::EndTxn { .. }
            | Op::WriteMarkers { .. } => self.raw_op(op),
            Op::Begin { .. }
            | Op::CommitTxn { .. }
            | Op::AbortTxn { .. }
            | Op::SendOffsets { .. } => self.producer_op(op),
            Op::Fetch { .. } | Op::ListOffsets { .. } => self.read(op),
            Op::Describe {
                kind,
                topic,
                partition,
                name,
                transactional_id,
            } => {
                let topic = topic.or(name).unwrap_or_default();
                let id = transactional_id.unwrap_or_default();
                self.describe(&kind, &topic, partition.unwrap_or(0), &id)
            }
            Op::Open { .. } => self.open(op),
            Op::Assign { .. }
            | Op::Subscribe { .. }
            | Op::Poll { .. }
            | Op::Seek { .. }
            | Op::Position { .. }
            | Op::Lag { .. }
            | Op::Commit { .. }
            | Op::Committed { .. }
            | Op::Remember { .. } => self.consumer_op(op),
            Op::Crash { client } => {
                self.client(&client)?;
                self.clients.remove(&client);
                Ok(answer::nothing())
            }
            Op::Close { client } => self.close(&client),
            Op::RestartBroker { ms } | Op::Wait { ms } => {
                self.wait(ms)?;
                Ok(answer::nothing())
            }
            Op::Tool { args, file } => self.tool(&args, file.as_ref()),
        }
    }
}

impl Player for Session {
    fn play(&mut self, step: &Step) -> Result<Value, Refusal> {
        let answer = self.answer(step.read()?)?;
        let most = usize::from(u8::MAX);
        if self.groups.len() > most || self.members.len() > most {
            return Err(Refusal::new(format!(
                "a session has at most {most} groups and {most} consumers"
            )));
        }
        self.rest();
        Ok(answer)
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Sets one of the broker's settings.
fn set(settings: &mut Settings, name: &str, value: &str) -> Result<(), Refusal> {
    let number = || {
        let bad = |_| Refusal::new(format!("{name}={value} is no number"));
        value.parse::<u64>().map_err(bad)
    };
    let ms = || number().map(Span::from_ms);
    let truth = || match value {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(Refusal::new(format!(
            "{name}={value} is neither true nor false"
        ))),
    };
    match name {
        // Nothing here depends on it: every stop is a clean one.
        "controlled.shutdown.enable" => {
            truth()?;
        }
        "producer.id.expiration.ms" => settings.producer_id_expiration = ms()?,
        "producer.id.expiration.check.interval.ms" => {
            settings.producer_id_expiration_check_interval = ms()?;
        }
        "transactional.id.expiration.ms" => settings.transactional_id_expiration = ms()?,
        "transaction.remove.expired.transaction.cleanup.interval.ms" => {
            settings.transactional_id_expiration_interval = ms()?;
        }
        "transaction.abort.timed.out.transaction.cleanup.interval.ms" => {
            settings.transaction_abort_interval = ms()?;
        }
        "transaction.max.timeout.ms" => settings.transaction_max_timeout = ms()?,
        "transaction.partition.verification.enable" => {
            settings.transaction_verification = truth()?;
        }
        "log.retention.check.interval.ms" => settings.retention_check_interval = ms()?,
        "log.cleaner.backoff.ms" => settings.cleaner_backoff = ms()?,
        "group.initial.rebalance.delay.ms" => settings.initial_rebalance_delay = ms()?,
        "group.min.session.timeout.ms" => settings.min_session_timeout = ms()?,
        "group.max.session.timeout.ms" => settings.max_session_timeout = ms()?,
        "group.max.size" => {
            let most = u32::try_from(number()?);
            let bad = |_| Refusal::new(format!("{name}={value} is too large"));
            settings.group_max_size = most.map_err(bad)?;
        }
        "offset.metadata.max.bytes" => {
            let most = u32::try_from(number()?);
            let bad = |_| Refusal::new(format!("{name}={value} is too large"));
            settings.offset_metadata_max_bytes = most.map_err(bad)?;
        }
        "offsets.retention.minutes" => {
            settings.offsets_retention = Span::from_ms(number()?.saturating_mul(60_000));
        }
        "offsets.retention.check.interval.ms" => {
            settings.offsets_retention_check_interval = ms()?;
        }
        _ => {
            let topic = topic_setting(name)
                .ok_or_else(|| Refusal::new(format!("the broker setting `{name}` is unknown")))?;
            let written = [(topic.into(), value.into())];
            settings.topic = systems::kafka::topic::Config::of(&settings.topic, &written)
                .map_err(|error| Refusal::new(format!("{name}={value}: {}", error.name())))?;
        }
    }
    Ok(())
}

/// The topic's setting that a broker's setting is the default of. Source: documentation, "Topic Configs",
/// "Server Default Property".
fn topic_setting(name: &str) -> Option<&'static str> {
    Some(match name {
        "log.cleanup.policy" => "cleanup.policy",
        "log.retention.ms" => "retention.ms",
        "log.retention.bytes" => "retention.bytes",
        "log.segment.bytes" => "segment.bytes",
        "log.roll.ms" => "segment.ms",
        "message.max.bytes" => "max.message.bytes",
        "log.message.timestamp.type" => "message.timestamp.type",
        "log.message.timestamp.before.max.ms" => "message.timestamp.before.max.ms",
        "log.message.timestamp.after.max.ms" => "message.timestamp.after.max.ms",
        "log.cleaner.min.cleanable.ratio" => "min.cleanable.dirty.ratio",
        "log.cleaner.min.compaction.lag.ms" => "min.compaction.lag.ms",
        "log.cleaner.max.compaction.lag.ms" => "max.compaction.lag.ms",
        "log.cleaner.delete.retention.ms" => "delete.retention.ms",
        "min.insync.replicas" => "min.insync.replicas",
        _ => return None,
    })
}

impl From<Isolation> for log::Isolation {
    fn from(isolation: Isolation) -> Self {
        match isolation {
            Isolation::ReadUncommitted => log::Isolation::ReadUncommitted,
            Isolation::ReadCommitted => log::Isolation::ReadCommitted,
        }
    }
}
