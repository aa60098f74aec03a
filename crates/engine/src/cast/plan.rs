//! What each of a scene's parts is, by number.

use super::{ConsumerId, RecordId, ServiceId, TableId};
use crate::broker::kafka::{GroupId, Partition, TopicId};
use crate::handler::Handler;
use crate::scene::{Commit, Moment, Published, Reset, Scene, Verb, Work};
use crate::time::{Instant, Span};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One step of a handler, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Look up, and pass over the record when found.
    SkipIfIn(TableId),
    /// Have a service do its work.
    Send(ServiceId),
    /// Enter in a table.
    InsertInto(TableId),
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
    /// `max.poll.records`.
    pub max_poll_records: usize,
    /// `session.timeout.ms`.
    pub session_timeout: Span,
    /// `heartbeat.interval.ms`.
    pub heartbeat_interval: Span,
    /// `max.poll.interval.ms`.
    pub max_poll_interval: Span,
    /// `auto.commit.interval.ms`.
    pub auto_commit_interval: Span,
    /// `auto.offset.reset`.
    pub reset: Reset,
    /// What it does with each record, when it does it step by step.
    pub handler: Vec<Action>,
    /// What it does with each record instead, when it is a program.
    pub code: Option<Arc<dyn Handler>>,
    /// When it commits.
    pub commit: Commit,
    /// Whether the poll loop waits for the work.
    pub work: Work,
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
    /// The record it is an event of, or the dead letter of: it stands nowhere until it is published.
    pub of: Option<RecordId>,
}

/// A fault of the story as told.
#[derive(Clone, Copy, Debug)]
pub struct FaultPlan {
    /// What happens.
    pub verb: Verb,
    /// To whom.
    pub to: ConsumerId,
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
        all.extend(topic.records.iter().map(|record| RecordPlan {
            value: record.value.clone(),
            partition: Partition {
                topic: TopicId(at as u8),
                index: record.partition,
            },
            key: record.key.clone(),
            amount: record.amount,
            headers: record.headers.clone(),
            of: None,
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
                ..record.clone()
            };
            all.push(event);
        }
    }
    all
}
