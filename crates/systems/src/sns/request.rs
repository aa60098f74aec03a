//! What clients and endpoints say to Amazon SNS, and what it says to them.

use crate::record::RecordId;
use crate::server::{About, Wire};
use crate::sns::attributes::Listed;
use crate::sns::delivery::{Delivery, DeliveryId, Failure};
use crate::sns::error::SnsError;
use crate::sns::message::Message;
use crate::sns::subscription::Endpoint;
use crate::visit::{Visit, Visitor};
use std::sync::Arc;

/// Attributes by name, as requests give them.
pub type Named = Vec<(Arc<str>, Arc<str>)>;

/// What is asked of the service, or told to it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Request {
    /// `CreateTopic`
    CreateTopic {
        /// Its name.
        name: Arc<str>,
        /// Its attributes.
        attributes: Named,
    },
    /// `DeleteTopic`
    DeleteTopic {
        /// Its ARN.
        topic: Arc<str>,
    },
    /// `SetTopicAttributes`
    SetTopicAttributes {
        /// Its ARN.
        topic: Arc<str>,
        /// Which attribute.
        name: Arc<str>,
        /// What it is to be.
        value: Arc<str>,
    },
    /// `Subscribe`
    Subscribe {
        /// The ARN of the topic.
        topic: Arc<str>,
        /// The protocol.
        protocol: Arc<str>,
        /// The ARN or URL of the endpoint.
        endpoint: Arc<str>,
        /// Its attributes.
        attributes: Named,
    },
    /// `ConfirmSubscription`
    ConfirmSubscription {
        /// The ARN of the topic.
        topic: Arc<str>,
        /// The token that the endpoint was sent.
        token: Arc<str>,
    },
    /// `Unsubscribe`
    Unsubscribe {
        /// Its ARN.
        subscription: Arc<str>,
    },
    /// `SetSubscriptionAttributes`
    SetSubscriptionAttributes {
        /// Its ARN.
        subscription: Arc<str>,
        /// Which attribute.
        name: Arc<str>,
        /// What it is to be.
        value: Arc<str>,
    },
    /// `ListTopics`
    ListTopics,
    /// `GetTopicAttributes`
    GetTopicAttributes {
        /// Its ARN.
        topic: Arc<str>,
    },
    /// `GetSubscriptionAttributes`
    GetSubscriptionAttributes {
        /// Its ARN.
        subscription: Arc<str>,
    },
    /// `ListSubscriptionsByTopic`
    ListSubscriptionsByTopic {
        /// The ARN of the topic.
        topic: Arc<str>,
    },
    /// `Publish`
    Publish {
        /// The ARN of the topic.
        topic: Arc<str>,
        /// The message.
        message: Message,
    },
    /// `PublishBatch`
    PublishBatch {
        /// The ARN of the topic.
        topic: Arc<str>,
        /// The messages, by the ids of their entries.
        entries: Vec<(Arc<str>, Message)>,
    },
    /// Not of the API: the connection stands for an endpoint from now on.
    Attend {
        /// Which.
        endpoint: Endpoint,
    },
    /// Not of the API: how a delivery went.
    Answer {
        /// The number of the delivery.
        delivery: DeliveryId,
        /// Which attempt is answered.
        attempt: u32,
        /// How it went.
        answer: Answer,
    },
}

/// How a delivery went, told by the endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// The endpoint took it.
    Taken {
        /// Which message of the scene it was.
        record: Option<RecordId>,
    },
    /// The endpoint did not take it.
    Failed(Failure),
}

/// What the service answers, or hands to an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Reply {
    /// `TopicArn`
    TopicArn(Arc<str>),
    /// `Topics`: their ARNs.
    Topics(Vec<Arc<str>>),
    /// `SubscriptionArn`, or `pending confirmation`.
    SubscriptionArn(Arc<str>),
    /// It is done; there is nothing to say.
    Done,
    /// `Attributes`
    Attributes(Vec<(&'static str, Arc<str>)>),
    /// `Subscriptions`
    Subscriptions(Vec<Listed>),
    /// The message was taken.
    Published {
        /// `MessageId`
        message_id: Arc<str>,
        /// `SequenceNumber`, on FIFO topics.
        sequence_number: Option<Arc<str>>,
    },
    /// The batch was taken, at least in parts.
    Batch {
        /// The message ids of those that were taken, by the ids of their entries.
        successful: Vec<(Arc<str>, Arc<str>)>,
        /// Why the others were not, by the ids of their entries.
        failed: Vec<(Arc<str>, SnsError)>,
    },
    /// The request was refused.
    Refused(SnsError),
    /// A delivery to the endpoint for which the connection stands; it is to be answered.
    Deliver(Delivery),
}

impl Visit for Request {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        if let Request::Answer { delivery, .. } = self {
            delivery.visit(visitor);
        }
    }
}

impl Visit for Reply {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        if let Reply::Deliver(delivery) = self {
            delivery.visit(visitor);
        }
    }
}

impl Wire for Request {
    fn about(&self) -> About {
        match self {
            Request::Publish { message, .. } => {
                About::Records(message.record.into_iter().collect())
            }
            Request::PublishBatch { entries, .. } => {
                let records = entries.iter().filter_map(|(_, message)| message.record);
                About::Records(records.collect())
            }
            Request::Answer {
                answer: Answer::Taken { record },
                ..
            } => About::Settling(record.iter().copied().collect()),
            _ => About::Nothing,
        }
    }
}

impl Wire for Reply {
    fn about(&self) -> About {
        match self {
            Reply::Deliver(delivery) => {
                About::Records(delivery.parcel.record.into_iter().collect())
            }
            _ => About::Nothing,
        }
    }
}
