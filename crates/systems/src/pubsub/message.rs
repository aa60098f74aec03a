//! Messages of Pub/Sub: what a publisher sends, what the service makes of it, what a subscriber gets.
//!
//! # Rules
//! P1. A message has data, or at least one attribute; one that has neither refuses the whole publish
//! request, as an empty request and one of more than 1000 messages do. Source: Publish method,
//! "Quotas and limits". Shown by: pubsub-attributes, the test
//! `an_empty_message_refuses_the_whole_request`.
//!
//! P2. A message has at most 100 attributes, a name of at most 256 bytes each that does not begin with
//! `goog`, a value of at most 1024 bytes, an ordering key of at most 1024 bytes, and data of at most
//! 10 MB. Source: "Quotas and limits", "Resource limits". Shown by: the test
//! `limits_of_a_message_are_kept`.
//!
//! P3. The service gives a message an id and a publish time. Its ids grow in the order of publishing
//! here; the real ones only differ. Source: PubsubMessage reference. Shown by: the test
//! `a_plain_subscription_agrees_with_a_table`.
//!
//! Simplified: data is text, not bytes. Ids of messages and acknowledgements are short and repeatable.

use super::error::Error;
use crate::record::RecordId;
use crate::visit::{Counter, Visit, Visitor};
use explore::seed::mix;
use explore::time::Instant;
use std::sync::Arc;

/// An attribute: its name and its value.
pub type Attribute = (Arc<str>, Arc<str>);

/// The ids of messages, whatever topic they are of.
pub const MESSAGE_IDS: Counter = Counter {
    kind: "message id",
    scope: 0,
};

/// The numbers of deliveries of one subscription.
pub const fn deliveries_of(subscription: u32) -> Counter {
    Counter {
        kind: "ack id",
        scope: subscription as u16,
    }
}

/// What a publisher sends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct PubsubMessage {
    /// The body.
    pub data: Arc<str>,
    /// Attributes; filters look at them.
    pub attributes: Vec<Attribute>,
    /// Messages of one key come in publish order to subscriptions with ordering; empty for none.
    pub ordering_key: Arc<str>,
    /// Which message of the scene it is.
    pub record: Option<RecordId>,
}

impl PubsubMessage {
    /// A message with only a body.
    pub fn of(data: impl Into<Arc<str>>) -> PubsubMessage {
        PubsubMessage {
            data: data.into(),
            ..PubsubMessage::default()
        }
    }

    /// Whether the service takes it.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT`: it is empty, or too large.
    pub fn check(&self) -> Result<(), Error> {
        if self.data.is_empty() && self.attributes.is_empty() {
            return Err(Error::invalid(
                "One or more messages in the publish request is empty. Each message must contain \
                 either non-empty data, or at least one attribute.",
            ));
        }
        let is_large = self.data.len() > 10_000_000
            || self.attributes.len() > 100
            || self.ordering_key.len() > 1024
            || self.attributes.iter().any(|(name, value)| {
                name.is_empty()
                    || name.len() > 256
                    || value.len() > 1024
                    || name.starts_with("goog")
            });
        if is_large {
            return Err(Error::invalid(
                "A message in the publish request exceeds a limit of size, of attributes or of its ordering key.",
            ));
        }
        Ok(())
    }
}

/// A message as the service keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Message {
    /// Its id; a later one is greater.
    pub id: u64,
    /// The body.
    pub data: Arc<str>,
    /// Attributes, by name.
    pub attributes: Vec<Attribute>,
    /// Its ordering key; empty for none.
    pub ordering_key: Arc<str>,
    /// When the service took it.
    pub publish_time: Instant,
    /// Which message of the scene it is.
    pub record: Option<RecordId>,
}

impl Message {
    /// What the service makes of a message that was sent; of two attributes of one name the later holds.
    pub fn new(id: u64, publish_time: Instant, sent: PubsubMessage) -> Message {
        let mut attributes: Vec<Attribute> = Vec::new();
        for (name, value) in sent.attributes {
            match attributes.binary_search_by(|(other, _)| other.cmp(&name)) {
                Ok(at) => attributes[at].1 = value,
                Err(at) => attributes.insert(at, (name, value)),
            }
        }
        Message {
            id,
            data: sent.data,
            attributes,
            ordering_key: sent.ordering_key,
            publish_time,
            record: sent.record,
        }
    }

    /// The value of an attribute.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let at = self
            .attributes
            .binary_search_by(|(other, _)| (**other).cmp(name));
        at.ok().map(|at| &*self.attributes[at].1)
    }

    /// Its size in bytes, as flow control counts it.
    pub fn size(&self) -> u64 {
        let attributes = self.attributes.iter();
        let attributes = attributes.map(|(name, value)| name.len() + value.len());
        (self.data.len() + self.ordering_key.len() + attributes.sum::<usize>()) as u64
    }
}

impl Visit for Message {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        visitor.counter(MESSAGE_IDS, &mut self.id);
        self.publish_time.visit(visitor);
    }
}

/// Names one delivery of one message. The next delivery of the message has another one, and outdates it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AckId {
    /// The number of the subscription.
    pub subscription: u32,
    /// The id of the message.
    pub message: u64,
    /// The number of the delivery in its subscription.
    pub delivery: u64,
    /// Which message of the scene it is.
    pub record: Option<RecordId>,
}

impl std::fmt::Display for AckId {
    /// Sixteen digits that say nothing, as the real ones' many letters do.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let of = mix(u64::from(self.subscription)) ^ self.message;
        write!(out, "{:016x}", mix(of).wrapping_add(mix(self.delivery)))
    }
}

impl Visit for AckId {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        visitor.counter(MESSAGE_IDS, &mut self.message);
        visitor.counter(deliveries_of(self.subscription), &mut self.delivery);
    }
}

/// A message as a subscriber gets it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ReceivedMessage {
    /// What to acknowledge or extend it with.
    pub ack_id: AckId,
    /// The message.
    pub message: Arc<Message>,
    /// Which attempt this is, from 1; told only by subscriptions with a dead-letter policy.
    pub delivery_attempt: Option<u32>,
}

impl Visit for ReceivedMessage {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        self.ack_id.visit(visitor);
        Arc::make_mut(&mut self.message).visit(visitor);
    }
}

/// An instant as Google's interfaces write it, where a scene begins with the year 1970.
pub fn timestamp(at: Instant) -> String {
    let (days, ms) = (at.ms() / 86_400_000, at.ms() % 86_400_000);
    // Days since 0000-03-01, so that a leap day ends a year (Howard Hinnant's `civil_from_days`).
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, more) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    let year = era * 400 + year + more;
    let (seconds, ms) = (ms / 1000, ms % 1000);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_written_as_a_date() {
        let check = |ms: u64, text: &str| assert_eq!(timestamp(Instant(ms * 1000)), text);
        check(0, "1970-01-01T00:00:00.000Z");
        check(951_782_400_000, "2000-02-29T00:00:00.000Z");
        check(1_735_689_599_999, "2024-12-31T23:59:59.999Z");
    }

    #[test]
    fn of_two_attributes_of_one_name_the_later_holds() {
        let mut sent = PubsubMessage::of("m");
        sent.attributes = [("b", "1"), ("a", "2"), ("b", "3")]
            .map(|(name, value)| (name.into(), value.into()))
            .into();
        let message = Message::new(1, Instant(0), sent);
        assert_eq!(
            (
                message.attribute("a"),
                message.attribute("b"),
                message.attribute("c")
            ),
            (Some("2"), Some("3"), None)
        );
    }
}
