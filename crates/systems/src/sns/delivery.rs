//! Deliveries: one message on its way to one endpoint.

use crate::record::RecordId;
use crate::sns::message::Attributes;
use crate::sns::subscription::Endpoint;
use crate::visit::{Counter, Visit, Visitor};
use std::sync::Arc;

/// The number of a delivery. It stays the same over all attempts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeliveryId(pub u64);

impl DeliveryId {
    /// Deliveries are counted over all topics.
    pub const COUNTER: Counter = Counter {
        kind: "delivery",
        scope: 0,
    };
}

impl Visit for DeliveryId {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        visitor.counter(DeliveryId::COUNTER, &mut self.0);
    }
}

/// Why something is delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// It was published.
    Notification,
    /// The endpoint is asked whether it wants to be subscribed.
    SubscriptionConfirmation,
    /// It could not be delivered elsewhere.
    DeadLetter,
}

/// What an endpoint gets.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Parcel {
    /// The message id that the publisher was told.
    pub message_id: Arc<str>,
    /// The body as it is delivered: an envelope or the bare message.
    pub body: Arc<str>,
    /// For queues: the message attributes. An envelope has those of the publisher within it.
    pub attributes: Attributes,
    /// For queues: the message group id.
    pub group: Option<Arc<str>>,
    /// For FIFO queues: the deduplication id.
    pub deduplication_id: Option<Arc<str>>,
    /// Which message of the scene it is.
    pub record: Option<RecordId>,
}

/// An attempt to deliver.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Delivery {
    /// Its number, by which is told how it went.
    pub id: DeliveryId,
    /// Why.
    pub purpose: Purpose,
    /// The ARN of the topic.
    pub topic: Arc<str>,
    /// The ARN of the subscription.
    pub subscription: Arc<str>,
    /// Where to. A dead letter goes to the dead-letter queue.
    pub endpoint: Endpoint,
    /// Which attempt it is, from 1.
    pub attempt: u32,
    /// What is delivered.
    pub parcel: Parcel,
}

impl Visit for Delivery {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        self.id.visit(visitor);
    }
}

/// Whose fault a failed delivery is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The subscription is no longer right: the endpoint is deleted, or refuses. Trying again would
    /// not help.
    Client,
    /// The endpoint is not available for now.
    Server,
}

/// How a delivery failed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Failure {
    /// Whose fault it is.
    pub side: Side,
    /// The error code, which a dead letter carries along.
    pub code: Arc<str>,
    /// The words that come with it.
    pub message: Arc<str>,
}

impl Failure {
    /// A failure that is not tried again.
    pub fn client(code: &str, message: &str) -> Failure {
        Failure {
            side: Side::Client,
            code: code.into(),
            message: message.into(),
        }
    }

    /// A failure after which the delivery is tried again.
    pub fn server(code: &str, message: &str) -> Failure {
        Failure {
            side: Side::Server,
            ..Failure::client(code, message)
        }
    }

    /// The queue has been deleted.
    pub fn no_queue() -> Failure {
        Failure::client(
            "AWS.SimpleQueueService.NonExistentQueue",
            "The specified queue does not exist.",
        )
    }

    /// A web endpoint answered with this status code.
    pub fn http(status: u16) -> Failure {
        let message = format!("Endpoint returned status code {status}");
        match status {
            400..=428 | 430..=499 => Failure::client(&status.to_string(), &message),
            _ => Failure::server(&status.to_string(), &message),
        }
    }
}
