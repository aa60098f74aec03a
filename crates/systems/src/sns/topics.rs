//! All topics of an account, and what is on its way from them.
//!
//! S39. A message goes to every confirmed subscription whose filter policy takes it, and to those
//! only that exist when it is published. Source: SNS developer guide, "What is Amazon SNS?". Shown
//! by: sqs-sns-fanout, sqs-sns-filter, the test `a_late_subscription_misses_what_was_before`.
//!
//! S40. A delivery that fails with a server-side error is tried again as the delivery policy says;
//! one that fails with a client-side error is not. After that the message goes to the
//! subscription's own dead-letter queue, or is lost for this endpoint if there is none. Source: SNS
//! developer guide, "Amazon SNS dead-letter queues". Shown by: the test
//! `a_client_side_error_is_not_tried_again`, the test `after_the_last_attempt_it_is_a_dead_letter`,
//! the test `without_a_dead_letter_queue_it_is_lost`.
//!
//! S41. A dead letter is what would have been delivered, with the attributes `RequestID`, `ErrorCode`
//! and `ErrorMessage`. Source: AWS compute blog, "Designing durable serverless apps with DLQs for
//! Amazon SNS, Amazon SQS, AWS Lambda". Shown by: the test
//! `after_the_last_attempt_it_is_a_dead_letter`.
//!
//! S42. A message with its attributes has at most 256 KiB, and a batch at most ten messages and 256
//! KiB together. Of a batch each message is taken or refused by itself. Source: SNS API reference,
//! "Publish", "PublishBatch". Shown by: the test `a_message_has_256_kib_at_most`, the test
//! `each_message_of_a_batch_stands_for_itself`.
//!
//! S43. On a FIFO topic a message needs a group, and a deduplication id unless it is made of the
//! body; on a standard topic a deduplication id is refused, and a group is passed on to the queues.
//! Source: SNS API reference, "Publish". Shown by: the test `a_fifo_topic_needs_a_group_and_an_id`,
//! the test `a_standard_topic_passes_the_group_on`.
//!
//! S44. Deleting a topic deletes its subscriptions; what is on its way to them is dropped. Deleting a
//! topic, or unsubscribing a subscription, that does not exist is no error. Source: SNS API reference,
//! "DeleteTopic", "Unsubscribe". Shown by: the test `deleting_twice_is_no_error`.
//!
//! Simplified: a dead letter that the dead-letter queue does not take is lost at once, and a question
//! for confirmation that is not answered is not asked again. Standard topics deliver every message
//! once and in order, though the service promises neither.

use crate::sns::deduplication::{First, content_id};
use crate::sns::delivery::{Delivery, DeliveryId, Failure, Parcel, Purpose, Side};
use crate::sns::delivery_policy::RetryPolicy;
use crate::sns::envelope::{self, MOST_RAW_ATTRIBUTES, Taken};
use crate::sns::error::{Call, SnsError};
use crate::sns::fact::Fact;
use crate::sns::message::{Attribute, Message, Structure};
use crate::sns::outbox::{Outbox, State};
use crate::sns::subscription::{Confirmation, Context, Endpoint, Format, Settings, Subscription};
use crate::sns::topic::{self, Kind, ThroughputScope, Topic};
use crate::sns::{arn, filter_policy};
use crate::visit::{Visit, Visitor};
use explore::seed::uuid;
use explore::slot::Slot;
use explore::time::{Instant, Span};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How large a message may be, or a batch.
pub const MOST_BYTES: usize = 262_144;

crate::settings! {
    /// Of the account: what the service decides by itself.
    pub struct Account {
        /// How many seconds a changed filter policy takes to be in force; the service promises no more
        /// than 15 minutes.
        "FilterPolicyDelaySeconds" filter_policy_delay: u32 = 0, 0..=900;
    }
}

/// Topics and their subscriptions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Catalogue {
    /// By ARN.
    topics: BTreeMap<Arc<str>, Topic>,
    /// How many subscriptions there have been.
    subscriptions: u64,
    /// How many messages there have been.
    messages: u64,
}

impl Visit for Catalogue {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        for topic in self.topics.values_mut() {
            topic.visit(visitor);
        }
    }
}

/// The topics of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Topics {
    account: Account,
    pub(super) catalogue: Slot<Catalogue>,
    pub(super) outbox: Slot<Outbox>,
    pub(super) attendants: Slot<super::server::Attendants>,
}

/// What came of `Subscribe`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscribed {
    /// The ARN of the subscription.
    pub arn: Arc<str>,
    /// `SubscriptionArn` as the caller is told: the ARN, or `pending confirmation`.
    pub told: Arc<str>,
    /// The question to an endpoint that must confirm.
    pub deliveries: Vec<Delivery>,
}

/// What came of `Publish`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// The message id.
    pub message_id: Arc<str>,
    /// The sequence number, on FIFO topics.
    pub sequence_number: Option<Arc<str>>,
    /// What is to be delivered now.
    pub deliveries: Vec<Delivery>,
}

/// What came of `PublishBatch`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BatchPublished {
    /// The messages that were taken, by the ids of their entries. Their deliveries stand in
    /// [`deliveries`](BatchPublished::deliveries).
    pub successful: Vec<(Arc<str>, Published)>,
    /// The messages that were refused, by the ids of their entries.
    pub failed: Vec<(Arc<str>, SnsError)>,
    /// What is to be delivered now, in the order of the entries.
    pub deliveries: Vec<Delivery>,
}

/// Something that is due by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Due {
    /// A failed delivery is tried again.
    Retry(DeliveryId),
    /// An endpoint has not answered.
    TimeOut(DeliveryId),
}

impl Topics {
    /// An account without topics.
    pub fn new(account: Account) -> Topics {
        Topics {
            account,
            ..Topics::default()
        }
    }

    /// What is set for the account.
    pub const fn account(&self) -> &Account {
        &self.account
    }

    /// `CreateTopic`: gives the ARN.
    ///
    /// # Errors
    /// The name or an attribute is not right, or there is such a topic with other attributes.
    pub fn create_topic(
        &mut self,
        name: &str,
        attributes: &[(&str, &str)],
        facts: &mut Vec<Fact>,
    ) -> Result<Arc<str>, SnsError> {
        let mut settings = topic::Settings::default();
        for (name, value) in attributes {
            settings.set(name, value)?;
        }
        topic::check_name(name, settings.kind)?;
        let arn = arn::topic(name);
        if let Some(there) = self.catalogue.topics.get(&arn) {
            let mut same = there.settings.clone();
            for (name, value) in attributes {
                same.set(name, value)?;
            }
            return match same == there.settings {
                true => Ok(arn),
                false => Err(SnsError::TopicExists),
            };
        }
        let topic = Topic {
            arn: arn.clone(),
            name: name.into(),
            settings,
            subscriptions: Vec::new(),
            deduplication: Default::default(),
            sequence: 0,
        };
        facts.push(Fact::TopicCreated {
            topic: topic.name.clone(),
        });
        self.catalogue.topics.insert(arn.clone(), topic);
        Ok(arn)
    }

    /// `DeleteTopic`
    pub fn delete_topic(&mut self, topic: &str, facts: &mut Vec<Fact>) {
        if !self.catalogue.topics.contains_key(topic) {
            return;
        }
        if let Some(topic) = self.catalogue.topics.remove(topic) {
            for subscription in &topic.subscriptions {
                self.outbox.forget(&subscription.arn);
            }
            facts.push(Fact::TopicDeleted { topic: topic.name });
        }
    }

    /// `SetTopicAttributes`
    ///
    /// # Errors
    /// There is no such topic or attribute, or it cannot be this.
    pub fn set_topic_attribute(
        &mut self,
        topic: &str,
        name: &str,
        value: &str,
    ) -> Result<(), SnsError> {
        let topic = self.topic_mut(topic)?;
        if name == "FifoTopic" {
            return Err(SnsError::TopicAttribute("AttributeName".into()));
        }
        topic.settings.set(name, value)
    }

    /// The topic with this ARN.
    pub fn topic(&self, arn: &str) -> Option<&Topic> {
        self.catalogue.topics.get(arn)
    }

    /// All topics, by their ARNs.
    pub fn topics(&self) -> impl Iterator<Item = &Topic> {
        self.catalogue.topics.values()
    }

    /// The subscription with this ARN, and its topic.
    pub fn subscription(&self, arn: &str) -> Option<(&Topic, &Subscription)> {
        let topic = self.topic(arn.rsplit_once(':')?.0)?;
        let mut subscriptions = topic.subscriptions.iter();
        Some((topic, subscriptions.find(|one| *one.arn == *arn)?))
    }

    /// The deliveries that are not done.
    pub fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    fn topic_mut(&mut self, arn: &str) -> Result<&mut Topic, SnsError> {
        if !self.catalogue.topics.contains_key(arn) {
            return Err(SnsError::NoTopic);
        }
        self.catalogue.topics.get_mut(arn).ok_or(SnsError::NoTopic)
    }

    /// `Subscribe`, with `ReturnSubscriptionArn` left out.
    ///
    /// # Errors
    /// There is no such topic, the endpoint does not go with it, or an attribute is not right.
    pub fn subscribe(
        &mut self,
        now: Instant,
        topic: &str,
        protocol: &str,
        endpoint: &str,
        attributes: &[(&str, &str)],
        facts: &mut Vec<Fact>,
    ) -> Result<Subscribed, SnsError> {
        let of = self.topic(topic).ok_or(SnsError::NoTopic)?;
        let endpoint = Endpoint::parse(protocol, endpoint)?;
        of.admits(&endpoint)?;
        let context = Context {
            endpoint: &endpoint,
            is_fifo_topic: of.settings.kind == Kind::Fifo,
            call: Call::Subscribe,
        };
        let settings = Settings::read(context, attributes)?;
        let told = |arn: &Arc<str>, confirmation: &Confirmation| match confirmation {
            Confirmation::Confirmed => arn.clone(),
            Confirmation::Pending(_) => "pending confirmation".into(),
        };
        if let Some(there) = of.subscriptions.iter().find(|one| one.endpoint == endpoint) {
            let mut same = there.settings.clone();
            for (name, value) in attributes {
                same.set(context, name, value)?;
            }
            if same != there.settings {
                return Err(SnsError::SubscriptionExists);
            }
            return Ok(Subscribed {
                arn: there.arn.clone(),
                told: told(&there.arn, &there.confirmation),
                deliveries: Vec::new(),
            });
        }
        let name = of.name.clone();
        self.catalogue.subscriptions = self.catalogue.subscriptions.saturating_add(1);
        let number = self.catalogue.subscriptions;
        let arn: Arc<str> = format!("{topic}:{}", uuid(SUBSCRIPTIONS, number)).into();
        let mut deliveries = Vec::new();
        let confirmation = if endpoint.is_web() {
            let token: Arc<str> = uuid(TOKENS, number).replace('-', "").into();
            let message_id: Arc<str> = self.next_message_id();
            let parcel = Parcel {
                body: envelope::confirmation(now, &message_id, topic, &token),
                message_id,
                attributes: Default::default(),
                group: None,
                deduplication_id: None,
                record: None,
            };
            facts.push(Fact::ConfirmationAsked {
                topic: name,
                endpoint: endpoint.name().clone(),
            });
            let purpose = Purpose::SubscriptionConfirmation;
            let delivery = first(topic, &arn, endpoint.clone(), purpose, parcel);
            deliveries.extend(self.send(now, delivery, None, facts));
            Confirmation::Pending(token)
        } else {
            facts.push(Fact::Subscribed {
                topic: name,
                endpoint: endpoint.name().clone(),
            });
            Confirmation::Confirmed
        };
        let told = told(&arn, &confirmation);
        let subscription = Subscription::new(now, arn.clone(), endpoint, confirmation, settings);
        self.topic_mut(topic)?.subscriptions.push(subscription);
        Ok(Subscribed {
            arn,
            told,
            deliveries,
        })
    }

    /// `ConfirmSubscription`: gives the ARN of the subscription.
    ///
    /// # Errors
    /// There is no such topic, or the token is none of its subscriptions'.
    pub fn confirm_subscription(
        &mut self,
        topic: &str,
        token: &str,
        facts: &mut Vec<Fact>,
    ) -> Result<Arc<str>, SnsError> {
        let topic = self.topic_mut(topic)?;
        let is_asked = |one: &&mut Subscription| match &one.confirmation {
            Confirmation::Pending(asked) => **asked == *token,
            Confirmation::Confirmed => false,
        };
        let subscription = topic.subscriptions.iter_mut().find(is_asked);
        let subscription = subscription.ok_or(SnsError::Token)?;
        subscription.confirmation = Confirmation::Confirmed;
        facts.push(Fact::Subscribed {
            topic: topic.name.clone(),
            endpoint: subscription.endpoint.name().clone(),
        });
        Ok(subscription.arn.clone())
    }

    /// `Unsubscribe`
    pub fn unsubscribe(&mut self, subscription: &str, facts: &mut Vec<Fact>) {
        let Some((topic, there)) = self.subscription(subscription) else {
            return;
        };
        facts.push(Fact::Unsubscribed {
            topic: topic.name.clone(),
            endpoint: there.endpoint.name().clone(),
        });
        let topic = topic.arn.clone();
        if let Ok(topic) = self.topic_mut(&topic) {
            topic.subscriptions.retain(|one| *one.arn != *subscription);
        }
        self.outbox.forget(subscription);
    }

    /// `SetSubscriptionAttributes`
    ///
    /// # Errors
    /// There is no such subscription or attribute, or it cannot be this.
    pub fn set_subscription_attribute(
        &mut self,
        now: Instant,
        subscription: &str,
        name: &str,
        value: &str,
        facts: &mut Vec<Fact>,
    ) -> Result<(), SnsError> {
        let (topic, there) = self
            .subscription(subscription)
            .ok_or(SnsError::NoSubscription)?;
        let context = Context {
            endpoint: &there.endpoint,
            is_fifo_topic: topic.settings.kind == Kind::Fifo,
            call: Call::SetAttributes,
        };
        let mut settings = there.settings.clone();
        settings.set(context, name, value)?;
        facts.push(Fact::AttributeSet {
            endpoint: there.endpoint.name().clone(),
            attribute: name.into(),
        });
        let delay = Span::from_ms(u64::from(self.account.filter_policy_delay) * 1000);
        let topic = topic.arn.clone();
        for one in &mut self.topic_mut(&topic)?.subscriptions {
            if *one.arn == *subscription {
                one.change(now, settings, delay);
                break;
            }
        }
        Ok(())
    }

    /// `Publish`
    ///
    /// # Errors
    /// There is no such topic, or the message is not right.
    pub fn publish(
        &mut self,
        now: Instant,
        topic: &str,
        message: &Message,
        facts: &mut Vec<Fact>,
    ) -> Result<Published, SnsError> {
        let of = self.topic(topic).ok_or(SnsError::NoTopic)?;
        check(message, of)?;
        let (name, settings) = (of.name.clone(), of.settings.clone());
        let id = match settings.kind {
            Kind::Standard => None,
            Kind::Fifo => Some(match &message.deduplication_id {
                Some(id) if !id.is_empty() => id.clone(),
                _ => content_id(&message.body),
            }),
        };
        if let Some(id) = &id {
            let key = (key_group(settings.throughput_scope, message), id.clone());
            if let Some(first) = self.topic_mut(topic)?.deduplication.first(now, &key) {
                facts.push(Fact::Deduplicated {
                    record: message.record,
                    topic: name,
                    id: id.clone(),
                });
                return Ok(Published {
                    message_id: first.message_id.clone(),
                    sequence_number: Some(first.sequence_number.clone()),
                    deliveries: Vec::new(),
                });
            }
        }
        let message_id = self.next_message_id();
        let mut sequence_number = None;
        if let Some(id) = &id {
            let topic = self.topic_mut(topic)?;
            let number = topic.next_sequence_number();
            let key = (key_group(settings.throughput_scope, message), id.clone());
            let first = First {
                message_id: message_id.clone(),
                sequence_number: number.clone(),
            };
            topic.deduplication.remember(now, key, first);
            sequence_number = Some(number);
        }
        let taken = Taken {
            at: now,
            message,
            message_id: &message_id,
            sequence_number: sequence_number.as_ref(),
            deduplication_id: id.as_ref(),
        };
        let mut filtered = Vec::new();
        let parcels = self.parcels(topic, &taken, &mut filtered);
        facts.push(Fact::Published {
            record: message.record,
            topic: name,
            endpoints: u32::try_from(parcels.len()).unwrap_or(u32::MAX),
        });
        facts.append(&mut filtered);
        let mut deliveries = Vec::new();
        for (subscription, endpoint, format, parcel) in parcels {
            let lane = match (&id, &message.group) {
                (Some(_), Some(group)) => Some((subscription.clone(), group.clone())),
                _ => None,
            };
            let is_raw = format == Format::Raw && matches!(endpoint, Endpoint::Sqs(_));
            let is_too_rich = is_raw && parcel.attributes.len() > MOST_RAW_ATTRIBUTES;
            let purpose = Purpose::Notification;
            let delivery = first(topic, &subscription, endpoint, purpose, parcel);
            let handed = self.send(now, delivery, lane, facts);
            match handed {
                Some(delivery) if is_too_rich => {
                    let failure = Failure::client(
                        "InvalidParameterValue",
                        "Number of message attributes exceeds the allowed maximum 10.",
                    );
                    deliveries.extend(self.failed(now, delivery.id, &failure, facts));
                }
                handed => deliveries.extend(handed),
            }
        }
        Ok(Published {
            message_id,
            sequence_number,
            deliveries,
        })
    }

    /// What is to be delivered of a message, in the order of the subscriptions.
    fn parcels(
        &self,
        topic: &str,
        taken: &Taken<'_>,
        facts: &mut Vec<Fact>,
    ) -> Vec<(Arc<str>, Endpoint, Format, Parcel)> {
        let mut parcels = Vec::new();
        let Some(topic) = self.topic(topic) else {
            return parcels;
        };
        for one in &topic.subscriptions {
            if one.confirmation != Confirmation::Confirmed {
                continue;
            }
            let takes = |policy: &filter_policy::FilterPolicy| {
                let body = taken.body(one.endpoint.protocol());
                policy.takes(&body, &taken.message.attributes)
            };
            if !one.filter_policy(taken.at).is_none_or(takes) {
                facts.push(Fact::FilteredOut {
                    record: taken.message.record,
                    endpoint: one.endpoint.name().clone(),
                });
                continue;
            }
            let parcel = taken.parcel(topic, one);
            let format = one.settings.format;
            parcels.push((one.arn.clone(), one.endpoint.clone(), format, parcel));
        }
        parcels
    }

    /// `PublishBatch`
    ///
    /// # Errors
    /// There is no such topic, or the batch as a whole is not right.
    pub fn publish_batch(
        &mut self,
        now: Instant,
        topic: &str,
        entries: &[(Arc<str>, Message)],
        facts: &mut Vec<Fact>,
    ) -> Result<BatchPublished, SnsError> {
        if self.topic(topic).is_none() {
            return Err(SnsError::NoTopic);
        }
        if entries.is_empty() {
            return Err(SnsError::EmptyBatch);
        }
        if entries.len() > 10 {
            return Err(SnsError::TooManyEntries);
        }
        for (at, (id, _)) in entries.iter().enumerate() {
            let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
            if id.is_empty() || id.len() > 80 || !id.bytes().all(is_letter) {
                return Err(SnsError::EntryId(id.clone()));
            }
            if entries.iter().take(at).any(|(other, _)| other == id) {
                return Err(SnsError::EntryIdsNotDistinct);
            }
        }
        let sizes = entries.iter().map(|(_, message)| size(message));
        if sizes.fold(0, usize::saturating_add) > MOST_BYTES {
            return Err(SnsError::BatchTooLong);
        }
        let mut batch = BatchPublished::default();
        for (id, message) in entries {
            match self.publish(now, topic, message, facts) {
                Ok(mut published) => {
                    batch.deliveries.append(&mut published.deliveries);
                    batch.successful.push((id.clone(), published));
                }
                Err(error) => batch.failed.push((id.clone(), error)),
            }
        }
        Ok(batch)
    }

    /// The endpoint has taken a delivery. Gives what can be delivered now: the next of its group.
    pub fn delivered(
        &mut self,
        now: Instant,
        id: DeliveryId,
        facts: &mut Vec<Fact>,
    ) -> Vec<Delivery> {
        let Some(delivery) = self.handed(id) else {
            return Vec::new();
        };
        if delivery.purpose == Purpose::Notification {
            facts.push(Fact::Delivered {
                record: delivery.parcel.record,
                endpoint: delivery.endpoint.name().clone(),
                attempts: delivery.attempt,
            });
        }
        self.done(now, id, facts)
    }

    /// The endpoint has not taken a delivery. Gives what is to be delivered now: the next attempt if
    /// it comes without delay, the dead letter if it was the last, and then the next of its group.
    pub fn failed(
        &mut self,
        now: Instant,
        id: DeliveryId,
        failure: &Failure,
        facts: &mut Vec<Fact>,
    ) -> Vec<Delivery> {
        let Some(delivery) = self.handed(id).cloned() else {
            return Vec::new();
        };
        let (record, endpoint) = (delivery.parcel.record, delivery.endpoint.name().clone());
        facts.push(Fact::DeliveryFailed {
            record,
            endpoint: endpoint.clone(),
            attempt: delivery.attempt,
            code: failure.code.clone(),
        });
        let of = self.subscription(&delivery.subscription);
        let policy = of.map(|(topic, subscription)| topic.retry_policy(subscription));
        let queue = of.and_then(|(_, subscription)| {
            let policy = subscription.settings.redrive_policy.as_ref();
            policy.map(|policy| policy.says.clone())
        });
        // The attempt that failed has as its number that of the retry to come.
        let delay = match (delivery.purpose, failure.side) {
            (Purpose::Notification, Side::Server) => policy
                .as_ref()
                .and_then(|policy: &RetryPolicy| policy.delay(delivery.attempt)),
            _ => None,
        };
        match (delay, queue) {
            (Some(Span(0)), _) => {
                let again = self.outbox.again(now, id);
                again
                    .into_iter()
                    .inspect(|one| attempted(one, facts))
                    .collect()
            }
            (Some(delay), _) => {
                facts.push(Fact::WillRetry {
                    record,
                    endpoint,
                    after_ms: delay.0 / 1000,
                });
                self.outbox.wait(id, now + delay);
                Vec::new()
            }
            (None, Some(queue)) if delivery.purpose == Purpose::Notification => {
                facts.push(Fact::DeadLettered {
                    record,
                    endpoint,
                    queue: queue.clone(),
                });
                let mut next = self.done(now, id, facts);
                let mut parcel = delivery.parcel;
                parcel.attributes.extend(envelope::error_attributes(
                    &parcel.message_id,
                    &failure.code,
                    &failure.message,
                ));
                let endpoint = Endpoint::Sqs(queue);
                let (topic, subscription) = (&delivery.topic, &delivery.subscription);
                let letter = first(topic, subscription, endpoint, Purpose::DeadLetter, parcel);
                let mut all: Vec<Delivery> =
                    self.send(now, letter, None, facts).into_iter().collect();
                all.append(&mut next);
                all
            }
            (None, _) => {
                if delivery.purpose != Purpose::SubscriptionConfirmation {
                    facts.push(Fact::Discarded { record, endpoint });
                }
                self.done(now, id, facts)
            }
        }
    }

    /// What is due by itself, and when, the earliest first.
    pub fn upcoming(&self) -> impl Iterator<Item = (Instant, Due)> {
        self.outbox.dues().map(|(at, outgoing)| {
            let id = outgoing.delivery.id;
            match outgoing.state {
                State::Handed(_) => (at, Due::TimeOut(id)),
                State::Waiting(_) | State::Behind => (at, Due::Retry(id)),
            }
        })
    }

    /// Does what was due. Gives what is to be delivered now.
    pub fn do_due(&mut self, now: Instant, due: Due, facts: &mut Vec<Fact>) -> Vec<Delivery> {
        let state = |id| self.outbox.get(id).map(|outgoing| outgoing.state);
        match due {
            Due::Retry(id) => match state(id) {
                Some(State::Waiting(until)) if until <= now => {
                    let again = self.outbox.again(now, id);
                    again
                        .into_iter()
                        .inspect(|one| attempted(one, facts))
                        .collect()
                }
                _ => Vec::new(),
            },
            Due::TimeOut(id) => match state(id) {
                Some(State::Handed(by)) if by <= now => {
                    let failure =
                        Failure::server("Timeout", "The endpoint did not answer in time.");
                    self.failed(now, id, &failure, facts)
                }
                _ => Vec::new(),
            },
        }
    }

    /// A delivery that an endpoint has.
    pub(super) fn handed(&self, id: DeliveryId) -> Option<&Delivery> {
        let outgoing = self.outbox.get(id)?;
        matches!(outgoing.state, State::Handed(_)).then_some(&outgoing.delivery)
    }

    fn next_message_id(&mut self) -> Arc<str> {
        self.catalogue.messages = self.catalogue.messages.saturating_add(1);
        uuid(MESSAGES, self.catalogue.messages).into()
    }

    fn send(
        &mut self,
        now: Instant,
        delivery: Delivery,
        lane: Option<(Arc<str>, Arc<str>)>,
        facts: &mut Vec<Fact>,
    ) -> Option<Delivery> {
        let group = lane.as_ref().map(|(_, group)| group.clone());
        let (record, endpoint) = (delivery.parcel.record, delivery.endpoint.name().clone());
        let handed = self.outbox.send(now, delivery, lane);
        match (&handed, group) {
            (Some(delivery), _) => attempted(delivery, facts),
            (None, Some(group)) => facts.push(Fact::HeldBack {
                record,
                endpoint,
                group,
            }),
            (None, None) => {}
        }
        handed
    }

    fn done(&mut self, now: Instant, id: DeliveryId, facts: &mut Vec<Fact>) -> Vec<Delivery> {
        let next = self.outbox.done(now, id);
        next.into_iter()
            .inspect(|one| attempted(one, facts))
            .collect()
    }
}

/// Seeds of the ids that the service makes at random.
const SUBSCRIPTIONS: u64 = 1;
const TOKENS: u64 = 2;
const MESSAGES: u64 = 3;

fn attempted(delivery: &Delivery, facts: &mut Vec<Fact>) {
    facts.push(Fact::Attempted {
        record: delivery.parcel.record,
        endpoint: delivery.endpoint.name().clone(),
        attempt: delivery.attempt,
    });
}

/// The first attempt of a delivery, before it has its number.
fn first(
    topic: &str,
    subscription: &str,
    endpoint: Endpoint,
    purpose: Purpose,
    parcel: Parcel,
) -> Delivery {
    Delivery {
        id: DeliveryId(0),
        purpose,
        topic: topic.into(),
        subscription: subscription.into(),
        endpoint,
        attempt: 1,
        parcel,
    }
}

fn key_group(scope: ThroughputScope, message: &Message) -> Option<Arc<str>> {
    match scope {
        ThroughputScope::Topic => None,
        ThroughputScope::MessageGroup => message.group.clone(),
    }
}

/// How many bytes count of a message.
fn size(message: &Message) -> usize {
    let of = |(name, attribute): (&Arc<str>, &Attribute)| {
        name.len() + attribute.data_type().len() + attribute.value().len()
    };
    let attributes = message.attributes.iter().map(of);
    attributes.fold(message.body.len(), usize::saturating_add)
}

/// Checks what is to be published.
fn check(message: &Message, topic: &Topic) -> Result<(), SnsError> {
    let subject = message.subject.as_ref();
    if subject.is_some_and(|subject| subject.is_empty() || subject.chars().count() > 100) {
        return Err(SnsError::Subject);
    }
    if message.body.is_empty() {
        return Err(SnsError::EmptyMessage);
    }
    for (name, attribute) in &message.attributes {
        if attribute.value().is_empty() {
            return Err(SnsError::EmptyAttribute(
                name.clone(),
                attribute.data_type(),
            ));
        }
        if let Attribute::Number(text) = attribute
            && filter_policy::decimal::Decimal::parse(text).is_none()
        {
            return Err(SnsError::NotANumber(name.clone()));
        }
    }
    if size(message) > MOST_BYTES {
        return Err(SnsError::MessageTooLong);
    }
    match topic.settings.kind {
        Kind::Fifo => {
            if message.group.as_ref().is_none_or(|group| group.is_empty()) {
                return Err(SnsError::NoGroup);
            }
            let is_without = message
                .deduplication_id
                .as_ref()
                .is_none_or(|id| id.is_empty());
            if is_without && !topic.settings.content_based_deduplication {
                return Err(SnsError::NoDeduplicationId);
            }
        }
        Kind::Standard if message.deduplication_id.is_some() => {
            return Err(SnsError::DeduplicationId);
        }
        Kind::Standard => {}
    }
    if message.structure == Structure::Json {
        let bodies = serde_json::from_str::<Value>(&message.body);
        let bodies = bodies.map_err(|_| SnsError::StructureJson)?;
        if !bodies.is_object() {
            return Err(SnsError::StructureJson);
        }
        if !bodies["default"].is_string() {
            return Err(SnsError::StructureDefault);
        }
    }
    Ok(())
}
