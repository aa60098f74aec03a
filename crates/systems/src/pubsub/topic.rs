//! Topics and snapshots: what is kept of messages beside the subscriptions.
//!
//! # Rules
//! P10. A topic stores nothing by itself: a message goes to the subscriptions that are there when it is
//! published, a copy each, and with none it is gone, though the publisher gets an id. Source: "What is
//! Pub/Sub". Shown by: pubsub-fan-out, the test `q25_a_message_reaches_the_subscriptions_that_exist`.
//!
//! P11. A topic with a retention of its own (10 minutes to 31 days) keeps its messages so long, and any of
//! its subscriptions can seek back to them, acknowledged or not, also to those from before it was made.
//! Source: "Topic message retention". Shown by: the test `a_topic_with_retention_can_be_sought_back`.
//!
//! P12. A deleted topic leaves its subscriptions, with what they hold, on `_deleted-topic_`; a new topic of
//! its name is another one. Source: DeleteTopic method. Shown by: pubsub-delete-topic.
//!
//! P13. A snapshot holds what its subscription had not acknowledged, in flight or not, and everything
//! published to the topic since; it serves any subscription of the topic (others: `FAILED_PRECONDITION`),
//! any number of times, and outlives its subscription. It lives for 7 days less the age of the oldest
//! message in it, and is not made when that would be less than an hour. Source: Snapshot reference,
//! CreateSnapshot method. Shown by: pubsub-snapshot, the test `a_snapshot_ends_when_its_oldest_would`.
//!
//! Left out: schemas, message storage policies, encryption keys, labels, ingestion.

use super::message::{MESSAGE_IDS, Message};
use crate::visit::{Visit, Visitor};
use explore::time::{Instant, Span};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// A week, which snapshots live at most.
pub const WEEK: Span = Span::from_ms(7 * 86_400_000);

/// A topic.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Topic {
    /// Its name.
    pub name: Arc<str>,
    /// Which topic it is, also when another of its name comes.
    pub number: u32,
    /// How many seconds it keeps messages itself.
    pub retention: Option<u32>,
    /// What it keeps itself, in publish order.
    pub kept: VecDeque<Arc<Message>>,
}

impl Topic {
    /// Keeps a message, if the topic keeps any, and lets go of old ones.
    pub fn keep(&mut self, now: Instant, message: &Arc<Message>) {
        let Some(seconds) = self.retention else {
            return;
        };
        let retention = Span::from_ms(u64::from(seconds) * 1000);
        while let Some(first) = self.kept.front() {
            if first.publish_time + retention > now {
                break;
            }
            self.kept.pop_front();
        }
        self.kept.push_back(Arc::clone(message));
    }

    /// What it keeps at this time from that time on.
    pub fn kept_since(&self, now: Instant, since: Instant) -> Vec<Arc<Message>> {
        let retention = Span::from_ms(u64::from(self.retention.unwrap_or(0)) * 1000);
        let is_there = |message: &&Arc<Message>| {
            message.publish_time >= since && message.publish_time + retention > now
        };
        self.kept.iter().filter(is_there).cloned().collect()
    }
}

/// The topics, in the order in which they were made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Topics(pub Vec<Topic>);

impl Topics {
    /// The place of the topic of this name.
    pub fn at(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|topic| &*topic.name == name)
    }
}

impl Visit for Topics {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        for topic in &mut self.0 {
            for message in &mut topic.kept {
                Arc::make_mut(message).visit(visitor);
            }
        }
    }
}

/// A snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Snapshot {
    /// Its name.
    pub name: Arc<str>,
    /// The number of its topic.
    pub topic: u32,
    /// What is not acknowledged in it, by id.
    pub unacknowledged: BTreeMap<u64, Arc<Message>>,
    /// When it ends.
    pub expires: Instant,
}

/// The snapshots, in the order in which they were made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Snapshots(pub Vec<Snapshot>);

impl Snapshots {
    /// The place of the snapshot of this name.
    pub fn at(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|snapshot| &*snapshot.name == name)
    }
}

impl Visit for Snapshots {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        for snapshot in &mut self.0 {
            snapshot.expires.visit(visitor);
            let messages = std::mem::take(&mut snapshot.unacknowledged);
            for (mut id, mut message) in messages {
                visitor.counter(MESSAGE_IDS, &mut id);
                Arc::make_mut(&mut message).visit(visitor);
                snapshot.unacknowledged.insert(id, message);
            }
        }
    }
}
