//! Attempts that fail: what comes again, when, and what goes to the dead-letter topic.
//!
//! # Rules
//! P22. With a dead-letter policy the failed attempts of a message are counted: a nack and a missed deadline
//! use one up each. After the last one the message is published to the dead-letter topic, with the
//! attributes `CloudPubSubDeadLetterSource…` (delivery count, subscription, project, publish time), and the
//! subscription is done with it. Attempts are told from 1, and only by subscriptions with such a policy.
//! Source: "Dead-letter topics", ReceivedMessage reference. Shown by: pubsub-dead-letter-nack,
//! pubsub-attempt-only-with-dead-letter.
//!
//! P23. While its dead-letter topic is deleted a message goes on being delivered. A dead-letter topic that
//! nobody subscribes to loses the message. Source: "Dead-letter topics". Shown by: the test
//! `without_its_dead_letter_topic_a_message_goes_on`.
//!
//! P24. A retry policy keeps a message back after every failure: for the minimum, then twice as long each
//! time, up to the maximum. Without one it is there at once. Source: "Retry requests", RetryPolicy reference.
//! Shown by: pubsub-retry-policy, the test `the_retry_policy_doubles_the_wait`.
//!
//! Simplified: attempts are exact, where the real service calls them approximate; a retry policy has no
//! random spread.

use super::{Forward, Standing, Subscription, Work};
use crate::pubsub::fact::Fact;
use crate::pubsub::message::{PubsubMessage, timestamp};
use crate::record::RecordId;
use crate::spread::Marked;
use explore::time::Span;
use std::sync::Arc;

/// A failure beyond this many no longer lengthens a wait.
const MAX_DOUBLINGS: u32 = 10;

/// A wait that doubles with every failure.
pub fn doubled(first_ms: u64, failures: u32, most_ms: u64) -> u64 {
    let doublings = failures.saturating_sub(1).min(MAX_DOUBLINGS);
    first_ms.saturating_mul(1 << doublings).min(most_ms)
}

/// Counts a failure, as far as it matters.
pub fn one_more(failures: u32) -> u32 {
    failures.saturating_add(1).min(MAX_DOUBLINGS + 1)
}

impl Subscription {
    /// An attempt failed: the message comes again, later or at once, or goes to the dead-letter topic.
    pub(super) fn fail(&mut self, id: u64, work: &mut Work<'_>) {
        let policy = self.settings.dead_letter_topic.clone();
        let policy = policy.filter(|topic| work.topics.at(topic).is_some());
        let (retry, most) = (self.settings.minimum_backoff, self.settings.maximum_backoff);
        let Some(entry) = self.entries.get_mut(id) else {
            return;
        };
        if self.settings.dead_letter_topic.is_some() {
            entry.failures = entry.failures.saturating_add(1);
        }
        let is_last = entry.failures >= self.settings.max_delivery_attempts;
        if let Some(topic) = policy.filter(|_| is_last) {
            self.dead_letter(id, topic, work);
            return;
        }
        let mut delay = 0;
        if let Some(first) = retry {
            entry.retries = one_more(entry.retries);
            delay = doubled(
                u64::from(first) * 1000,
                entry.retries,
                u64::from(most) * 1000,
            );
        }
        let record = entry.message.record;
        let key = self.key_of(id);
        if let Some(key) = &key {
            self.unplace(key);
            self.give_back_after(key, id, work);
        }
        self.let_go(id);
        if delay > 0 {
            let until = work.now + Span::from_ms(delay);
            if let Some(entry) = self.entries.get_mut(id) {
                entry.standing = Standing::Delayed { until };
            }
            self.delayed.insert((until, id));
            self.tell_delay(record, delay, work);
        }
        match key {
            Some(key) => self.place(&key),
            None if delay == 0 => {
                self.ready.insert(id);
            }
            None => {}
        }
    }

    fn tell_delay(&self, record: Option<RecordId>, ms: u64, work: &mut Work<'_>) {
        work.out.tell(Fact::RetryDelayed {
            record,
            subscription: Arc::clone(&self.name),
            ms,
        });
    }

    /// The later messages of a key come again with this one.
    fn give_back_after(&mut self, key: &Marked, id: u64, work: &mut Work<'_>) {
        let Some(line) = self.lines.get_mut(key) else {
            return;
        };
        for later in line.outstanding.split_off(id).iter() {
            if later == id {
                continue;
            }
            self.let_go(later);
            if let Some(entry) = self.entries.get(later) {
                work.out.tell(Fact::OrderRestored {
                    record: entry.message.record,
                    subscription: Arc::clone(&self.name),
                });
            }
        }
    }

    fn dead_letter(&mut self, id: u64, topic: Arc<str>, work: &mut Work<'_>) {
        let Some(entry) = self.take_out(id, work) else {
            return;
        };
        let message = &entry.message;
        let added = [
            ("DeliveryCount", entry.failures.to_string()),
            ("Subscription", self.name.to_string()),
            ("SubscriptionProject", work.project.to_owned()),
            ("TopicPublishTime", timestamp(message.publish_time)),
        ];
        let mut attributes = message.attributes.clone();
        for (name, value) in added {
            let name = format!("CloudPubSubDeadLetterSource{name}");
            attributes.push((name.into(), value.into()));
        }
        work.out.tell(Fact::DeadLettered {
            record: message.record,
            subscription: Arc::clone(&self.name),
            topic: Arc::clone(&topic),
            attempts: entry.failures,
        });
        work.forwards.push(Forward {
            topic,
            message: PubsubMessage {
                data: Arc::clone(&message.data),
                attributes,
                ordering_key: Arc::clone(&message.ordering_key),
                record: message.record,
            },
        });
        if self.settings.retain_acked_messages {
            self.acknowledged.insert(id, entry);
        }
    }

    /// The retry policy lets a message come again.
    pub(super) fn end_delay(&mut self, id: u64) {
        let key = self.key_of(id);
        self.let_go(id);
        match key {
            Some(key) => self.place(&key),
            None => {
                self.ready.insert(id);
            }
        }
    }
}
