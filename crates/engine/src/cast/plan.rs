//! What each of a scene's parts is, by number.

use super::libraries::Libraries;
use super::{ClientId, RecordId, ServiceId, TableId};
use crate::handler::Handler;
use crate::scene::{
    Commit, Consumer, HandlerStep, KafkaFailure, Moment, OnRestart, ProducerStep, Published, Retry,
    Scene, Verb, Work,
};
use crate::time::{Instant, Span};
use std::collections::BTreeMap;
use std::num::NonZeroU16;
use std::sync::Arc;
use systems::SystemName;
use systems::broker::{InboxPlan, OutboxPlan};
use systems::kafka::log::record::Ended;
use systems::kafka::partitioner::partition_for_key;
use systems::kafka::{GroupId, Partition, TopicId};

/// One step of a handler, by number.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Look up, and pass over the record when found.
    SkipIfIn(TableId),
    /// Have a service do its work.
    Send(ServiceId),
    /// Enter in a table.
    InsertInto(TableId),
    /// Publish an event.
    Publish(TopicId),
    /// Fail with these records, at the first tries up to so many, or each time.
    Fail(Arc<[RecordId]>, Option<u32>),
}

/// What a consumer's program does with a record that its handler failed with.
#[derive(Clone, Debug, Default)]
pub struct FailurePlan {
    /// How it tries again.
    pub retry: Option<Retry>,
    /// What it does when no attempt is left, and its system takes nothing back.
    pub last: Last,
}

/// What a program does with a record that it gives up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Last {
    /// It lets the exception out, and its process dies.
    #[default]
    Raise,
    /// It goes on behind it.
    Skip,
    /// It publishes a dead letter, and goes on when that is stored.
    DeadLetter(TopicId),
}

/// What a consumer is and does.
#[derive(Clone, Debug)]
pub struct ConsumerPlan {
    /// Its name and `client.id`.
    pub name: String,
    /// Its group.
    pub group: GroupId,
    /// Its subscription.
    pub topics: Vec<TopicId>,
    /// When its first process begins.
    pub start: Instant,
    /// After how long it is started again when it has died.
    pub restart: Option<Span>,
    /// The receiving half of the library in its process, with its settings.
    pub inbox: InboxPlan,
    /// What it does with each record, when it does it step by step.
    pub handler: Vec<Action>,
    /// What it does with a record that its handler failed with.
    pub failure: FailurePlan,
    /// What it does with each record instead, when it is a program.
    pub code: Option<Arc<dyn Handler>>,
    /// When it commits.
    pub commit: Commit,
    /// Whether the poll loop waits for the work.
    pub work: Work,
    /// The sending half of a library in its process: with it the handler publishes, and on Kafka the
    /// program commits in transactions.
    pub outbox: Option<OutboxPlan>,
}

impl ConsumerPlan {
    /// The queue it takes from, on a system that has queues.
    pub fn queue(&self) -> Option<&str> {
        match &self.inbox {
            InboxPlan::Kafka(_) => None,
            InboxPlan::Sqs(plan) => Some(&plan.queue),
            InboxPlan::Rabbitmq(plan) => Some(&plan.queue),
        }
    }
}

/// One step of a producer's program, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProducerAction {
    /// Begin a transaction.
    Begin,
    /// Send a record.
    Send(RecordId),
    /// End the transaction.
    End(Ended),
    /// Wait.
    Wait(Span),
}

/// What a producer is and does.
#[derive(Clone, Debug)]
pub struct ProducerPlan {
    /// Its name and `client.id`.
    pub name: String,
    /// When its first process begins.
    pub start: Instant,
    /// After how long it is started again when it has died.
    pub restart: Option<Span>,
    /// The sending half of a library in its process.
    pub outbox: OutboxPlan,
    /// What it does.
    pub program: Vec<ProducerAction>,
    /// Whether a new process begins it from the start.
    pub again: bool,
}

/// A topic.
#[derive(Clone, Debug)]
pub struct TopicPlan {
    /// Its name.
    pub name: String,
    /// How many partitions.
    pub partitions: u16,
    /// What handlers publish to it.
    pub published: Option<Published>,
}

/// A service.
#[derive(Clone, Debug)]
pub struct ServicePlan {
    /// Its name.
    pub name: String,
    /// What one effect is called.
    pub noun: String,
    /// What has been done to a record then.
    pub done: String,
    /// From the request to the effect, and from there to the answer.
    pub one_way: Span,
}

/// A table.
#[derive(Clone, Debug)]
pub struct TablePlan {
    /// Its name.
    pub name: String,
    /// From the request to the row, and from there to the answer.
    pub one_way: Span,
    /// How long a row lives.
    pub ttl: Option<Span>,
}

/// A record.
#[derive(Clone, Debug)]
pub struct RecordPlan {
    /// What it says.
    pub value: String,
    /// Where it stands.
    pub partition: Partition,
    /// Its key.
    pub key: Option<String>,
    /// The money it is about, in cents.
    pub amount: i64,
    /// Its headers.
    pub headers: BTreeMap<String, String>,
    /// Whether a producer sends it: it stands nowhere before.
    pub sent: bool,
    /// Its timestamp, in ms from the beginning of the scene.
    pub timestamp_ms: i64,
    /// Whether its value is null.
    pub tombstone: bool,
    /// The record it is an event of, or the dead letter of: it stands nowhere until it is published.
    pub of: Option<RecordId>,
}

impl RecordPlan {
    /// The routing key it is published with: its own key, or without one the name of its channel.
    pub fn routing_key<'a>(&'a self, channel: &'a str) -> &'a str {
        self.key.as_deref().unwrap_or(channel)
    }
}

/// A fault of the story as told.
#[derive(Clone, Copy, Debug)]
pub struct FaultPlan {
    /// What happens.
    pub verb: Verb,
    /// To whom.
    pub to: ClientId,
    /// When.
    pub when: Trigger,
}

/// When a fault happens.
#[derive(Clone, Copy, Debug)]
pub enum Trigger {
    /// At a time.
    At(Instant),
    /// After the fault before it.
    Later(Span),
    /// In place of the n-th time.
    Before(Moment),
    /// After the n-th time.
    After(Moment),
}

/// All records there are or can be: those of the scene, and for each one of them an event in every
/// topic that handlers publish to.
pub(super) fn records(scene: &Scene) -> Vec<RecordPlan> {
    let mut all = Vec::new();
    for (at, topic) in scene.topics.iter().enumerate() {
        let there = topic.records.iter().map(|record| (record, false));
        let sent = topic.sent.iter().map(|record| (record, true));
        all.extend(there.chain(sent).map(|(record, sent)| {
            let by_key = || {
                let key = record.key.as_ref()?;
                let count = NonZeroU16::new(topic.partitions)?;
                Some(partition_for_key(key.as_bytes(), count))
            };
            RecordPlan {
                value: record.value.clone(),
                partition: Partition {
                    topic: TopicId(at as u8),
                    index: record.partition.or_else(by_key).unwrap_or(0),
                },
                key: record.key.clone(),
                amount: record.amount,
                headers: record.headers.clone(),
                sent,
                timestamp_ms: record.timestamp_ms,
                tombstone: record.tombstone,
                of: None,
            }
        }));
    }
    let told = all.len();
    for (at, topic) in scene.topics.iter().enumerate() {
        if topic.published.is_none() {
            continue;
        }
        for source in 0..told {
            let record = &all[source];
            let event = RecordPlan {
                value: format!("{}:{}", topic.name, record.value),
                partition: Partition {
                    topic: TopicId(at as u8),
                    index: record.partition.index % topic.partitions.max(1),
                },
                of: Some(RecordId(source as u16)),
                sent: false,
                tombstone: false,
                ..record.clone()
            };
            all.push(event);
        }
    }
    all
}

/// One step of a handler.
pub(super) fn action(
    step: &HandlerStep,
    table: impl Fn(&str) -> TableId,
    service: impl Fn(&str) -> ServiceId,
    topic: impl Fn(&str) -> TopicId,
    records: &[RecordPlan],
) -> Action {
    // What is published about a record fails as it does.
    let fails = |names: &[String], tries: Option<u32>| {
        let is_named = |plan: &RecordPlan| names.contains(&plan.value);
        let named = (0..).map(RecordId).zip(records).filter(|(_, plan)| {
            let of = plan.of.and_then(|of| records.get(of.at()));
            is_named(plan) || of.is_some_and(is_named)
        });
        Action::Fail(named.map(|(id, _)| id).collect(), tries)
    };
    match step {
        HandlerStep::SkipIfIn(name) => Action::SkipIfIn(table(name)),
        HandlerStep::InsertInto(name) => Action::InsertInto(table(name)),
        HandlerStep::Send(name) => Action::Send(service(name)),
        HandlerStep::Publish(name) => Action::Publish(topic(name)),
        HandlerStep::FailFor(names) => fails(names, None),
        HandlerStep::FailFirst(first) => fails(&first.records, Some(first.tries)),
    }
}

/// What a consumer's program does with what its handler failed with. A log takes nothing back: there it says
/// what becomes of what it gives up.
pub(super) fn failure(
    scene: &Scene,
    consumer: &Consumer,
    topic: impl Fn(&str) -> TopicId,
) -> FailurePlan {
    let own = scene.on_kafka(&consumer.name);
    let letters = own.dead_letter_topic.as_deref();
    FailurePlan {
        retry: consumer.retry.clone(),
        last: match (scene.broker.system, own.failure, letters) {
            (SystemName::Kafka, KafkaFailure::Skip, _) => Last::Skip,
            (SystemName::Kafka, KafkaFailure::DeadLetter, Some(letters)) => {
                Last::DeadLetter(topic(letters))
            }
            _ => Last::Raise,
        },
    }
}

pub(super) fn ms(ms: u32) -> Span {
    Span::from_ms(ms.into())
}

/// What each producer is.
pub(super) fn producers(
    scene: &Scene,
    records: &[RecordPlan],
    libraries: &mut Libraries,
) -> Vec<ProducerPlan> {
    // The scene has no mistakes, so every name is there.
    let record = |name: &str| {
        let at = records.iter().position(|record| record.value == name);
        RecordId(at.unwrap_or(0) as u16)
    };
    let action = |step: &ProducerStep| match step {
        ProducerStep::Begin => ProducerAction::Begin,
        ProducerStep::Send(name) => ProducerAction::Send(record(name)),
        ProducerStep::Commit => ProducerAction::End(Ended::Commit),
        ProducerStep::Abort => ProducerAction::End(Ended::Abort),
        ProducerStep::WaitMs(span) => ProducerAction::Wait(ms(*span)),
    };
    let all = scene.producers.iter().map(|one| ProducerPlan {
        name: one.name.clone(),
        start: Instant(0) + ms(one.start_ms),
        restart: one.restart_ms.map(ms),
        outbox: libraries.outbox(one),
        program: one.program.iter().map(action).collect(),
        again: one.on_restart == OnRestart::Again,
    });
    all.collect()
}
