//! Publishing: which subscriptions get a message.
//!
//! S41. A message goes to every confirmed subscription whose filter policy takes it, and to those
//! only that exist when it is published. Source: SNS developer guide, "What is Amazon SNS?". Shown
//! by: sqs-sns-fanout, sqs-sns-filter, the test `a_late_subscription_misses_what_was_before`.
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
//! S44. The name of a message attribute is of letters, digits, `_`, `-` and `.`, and neither begins
//! nor ends with a dot nor has two beside each other. Source: SNS developer guide, "Message
//! attributes". Shown by: the test `a_message_attribute_is_called_properly`.
//!
//! Simplified: standard topics deliver every message once and in order, though the service promises
//! neither.

use crate::sns::deduplication::{First, Key, WINDOW, content_id};
use crate::sns::delivering::first;
use crate::sns::delivery::{Delivery, Failure, Parcel, Purpose};
use crate::sns::envelope::{MOST_RAW_ATTRIBUTES, Taken};
use crate::sns::error::SnsError;
use crate::sns::fact::Fact;
use crate::sns::filter_policy::FilterPolicy;
use crate::sns::filter_policy::decimal::Decimal;
use crate::sns::message::{Attribute, Message, Structure};
use crate::sns::subscription::{Confirmation, Endpoint, Format};
use crate::sns::topic::{Kind, ThroughputScope, Topic};
use crate::sns::topics::Topics;
use explore::time::Instant;
use serde_json::Value;
use std::sync::Arc;

/// How large a message may be, or a batch.
pub const MOST_BYTES: usize = 262_144;

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

impl Topics {
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
        let (arn, name) = (of.arn.clone(), of.name.clone());
        let scope = of.settings.throughput_scope;
        let id = match of.settings.kind {
            Kind::Standard => None,
            Kind::Fifo => Some(match &message.deduplication_id {
                Some(id) if !id.is_empty() => id.clone(),
                _ => content_id(&message.body),
            }),
        };
        if let Some(id) = &id {
            let key = Key::new(key_group(scope, message), id.clone());
            if let Some(first) = self
                .topic_mut(topic)?
                .deduplication
                .first(now, WINDOW, &key)
            {
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
            let key = Key::new(key_group(scope, message), id.clone());
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
            let delivery = first(&arn, &subscription, endpoint, purpose, parcel);
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
            let takes = |policy: &FilterPolicy| {
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

/// Checks what a message attribute is called.
fn check_name(name: &str) -> Result<(), SnsError> {
    let is_known = |letter: &char| letter.is_ascii_alphanumeric() || "_-.".contains(*letter);
    if name.is_empty() || name.starts_with('.') {
        Err(SnsError::AttributeBegins)
    } else if name.ends_with('.') {
        Err(SnsError::AttributeEnds)
    } else if let Some(letter) = name.chars().find(|letter| !is_known(letter)) {
        Err(SnsError::AttributeLetter(letter))
    } else if name.contains("..") {
        Err(SnsError::AttributeDots)
    } else {
        Ok(())
    }
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
        check_name(name)?;
        if attribute.value().is_empty() {
            return Err(SnsError::EmptyAttribute(
                name.clone(),
                attribute.data_type(),
            ));
        }
        if let Attribute::Number(text) = attribute
            && Decimal::parse(text).is_none()
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
