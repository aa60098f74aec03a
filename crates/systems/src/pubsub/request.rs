//! What clients ask of Pub/Sub and what it answers: the methods of its Publisher and Subscriber services.

use super::error::Error;
use super::message::{AckId, MESSAGE_IDS, PubsubMessage, ReceivedMessage};
use super::settings::Settings;
use crate::record::RecordId;
use crate::server::{About, Wire};
use crate::visit::{Visit, Visitor};
use std::sync::Arc;

/// Where a subscription is moved to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SeekTarget {
    /// A time in milliseconds: what was published before it counts as acknowledged, the rest does not.
    Time(u64),
    /// A snapshot, by its name.
    Snapshot(Arc<str>),
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Request {
    /// Makes a topic.
    CreateTopic {
        /// Its name.
        topic: Arc<str>,
        /// How many seconds the topic itself keeps messages, so that subscriptions can seek to them.
        message_retention_duration: Option<u32>,
    },
    /// Asks for a topic.
    GetTopic {
        /// Its name.
        topic: Arc<str>,
    },
    /// Asks which subscriptions a topic has.
    ListTopicSubscriptions {
        /// The topic.
        topic: Arc<str>,
    },
    /// Deletes a topic; its subscriptions stay.
    DeleteTopic {
        /// Its name.
        topic: Arc<str>,
    },
    /// Sends messages.
    Publish {
        /// To which topic.
        topic: Arc<str>,
        /// At least one.
        messages: Vec<PubsubMessage>,
    },
    /// Makes a subscription.
    CreateSubscription {
        /// Its name.
        subscription: Arc<str>,
        /// Of which topic.
        topic: Arc<str>,
        /// Its settings.
        settings: Box<Settings>,
    },
    /// Asks for a subscription.
    GetSubscription {
        /// Its name.
        subscription: Arc<str>,
    },
    /// Changes the settings of a subscription. Its filter and its ordering cannot change.
    UpdateSubscription {
        /// Which.
        subscription: Arc<str>,
        /// All its settings, as they shall be.
        settings: Box<Settings>,
    },
    /// Makes a subscription push to an endpoint, or be pulled from.
    ModifyPushConfig {
        /// Which.
        subscription: Arc<str>,
        /// The endpoint; nothing for a pull subscription.
        push_endpoint: Option<Arc<str>>,
    },
    /// Deletes a subscription with all that it holds.
    DeleteSubscription {
        /// Which.
        subscription: Arc<str>,
    },
    /// Detaches a subscription from its topic.
    DetachSubscription {
        /// Which.
        subscription: Arc<str>,
    },
    /// Asks for messages, once.
    Pull {
        /// From which subscription.
        subscription: Arc<str>,
        /// At most so many.
        max_messages: u32,
        /// Whether to answer at once, though there may be nothing.
        return_immediately: bool,
    },
    /// Opens a streaming pull on this connection, or changes its deadline.
    StreamingPull {
        /// From which subscription.
        subscription: Arc<str>,
        /// The deadline of what comes on this stream, in seconds.
        stream_ack_deadline_seconds: u32,
        /// At most so many messages unacknowledged on this stream; 0 for no limit.
        max_outstanding_messages: u32,
        /// At most so many bytes unacknowledged on this stream; 0 for no limit.
        max_outstanding_bytes: u64,
    },
    /// Closes the streaming pull of this connection.
    CloseStream {
        /// From which subscription.
        subscription: Arc<str>,
    },
    /// Acknowledges messages.
    Acknowledge {
        /// Of which subscription.
        subscription: Arc<str>,
        /// Which deliveries.
        ack_ids: Vec<AckId>,
    },
    /// Moves deadlines; 0 gives messages back at once (a nack).
    ModifyAckDeadline {
        /// Of which subscription.
        subscription: Arc<str>,
        /// Which deliveries.
        ack_ids: Vec<AckId>,
        /// How many seconds from now.
        ack_deadline_seconds: u32,
    },
    /// Notes what a subscription has not acknowledged.
    CreateSnapshot {
        /// The snapshot's name.
        snapshot: Arc<str>,
        /// Of which subscription.
        subscription: Arc<str>,
    },
    /// Deletes a snapshot.
    DeleteSnapshot {
        /// Which.
        snapshot: Arc<str>,
    },
    /// Moves a subscription.
    Seek {
        /// Which.
        subscription: Arc<str>,
        /// Where to.
        to: SeekTarget,
    },
    /// From now on this connection answers what is pushed to an endpoint. (With the real service a web
    /// server stands there.)
    Serve {
        /// The endpoint.
        endpoint: Arc<str>,
    },
    /// The HTTP answer to a push.
    PushAnswer {
        /// Of which subscription.
        subscription: Arc<str>,
        /// To which delivery.
        ack_id: AckId,
        /// 102, 200, 201, 202 and 204 acknowledge the message; every other gives it back.
        status: u16,
    },
}

impl Request {
    /// The name of the method.
    pub const fn method(&self) -> &'static str {
        match self {
            Request::CreateTopic { .. } => "CreateTopic",
            Request::GetTopic { .. } => "GetTopic",
            Request::ListTopicSubscriptions { .. } => "ListTopicSubscriptions",
            Request::DeleteTopic { .. } => "DeleteTopic",
            Request::Publish { .. } => "Publish",
            Request::CreateSubscription { .. } => "CreateSubscription",
            Request::GetSubscription { .. } => "GetSubscription",
            Request::UpdateSubscription { .. } => "UpdateSubscription",
            Request::ModifyPushConfig { .. } => "ModifyPushConfig",
            Request::DeleteSubscription { .. } => "DeleteSubscription",
            Request::DetachSubscription { .. } => "DetachSubscription",
            Request::Pull { .. } => "Pull",
            Request::StreamingPull { .. } => "StreamingPull",
            Request::CloseStream { .. } => "CloseStream",
            Request::Acknowledge { .. } => "Acknowledge",
            Request::ModifyAckDeadline { .. } => "ModifyAckDeadline",
            Request::CreateSnapshot { .. } => "CreateSnapshot",
            Request::DeleteSnapshot { .. } => "DeleteSnapshot",
            Request::Seek { .. } => "Seek",
            Request::Serve { .. } => "Serve",
            Request::PushAnswer { .. } => "PushAnswer",
        }
    }
}

impl Visit for Request {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        match self {
            Request::Acknowledge { ack_ids, .. } | Request::ModifyAckDeadline { ack_ids, .. } => {
                ack_ids.visit(visitor);
            }
            Request::PushAnswer { ack_id, .. } => ack_id.visit(visitor),
            _ => {}
        }
    }
}

fn records(all: impl Iterator<Item = Option<RecordId>>) -> Vec<RecordId> {
    all.flatten().collect()
}

impl Wire for Request {
    /// A longer deadline only says that its holder still works.
    fn is_upkeep(&self) -> bool {
        matches!(self, Request::ModifyAckDeadline { ack_deadline_seconds, .. } if *ack_deadline_seconds > 0)
    }

    /// Nobody answers these: whoever sends them relies on their arriving.
    fn can_be_lost(&self) -> bool {
        !matches!(
            self,
            Request::StreamingPull { .. } | Request::CloseStream { .. } | Request::Serve { .. }
        )
    }

    fn about(&self) -> About {
        match self {
            Request::Publish { messages, .. } => {
                About::Records(records(messages.iter().map(|message| message.record)))
            }
            Request::Acknowledge { ack_ids, .. } | Request::ModifyAckDeadline { ack_ids, .. } => {
                About::Settling(records(ack_ids.iter().map(|id| id.record)))
            }
            Request::PushAnswer { ack_id, .. } => {
                About::Settling(records([ack_id.record].into_iter()))
            }
            _ => About::Nothing,
        }
    }
}

/// What a subscription is, as its resource tells.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Description {
    /// Its name.
    pub name: Arc<str>,
    /// The name of its topic, or `_deleted-topic_`.
    pub topic: Arc<str>,
    /// Its settings.
    pub settings: Settings,
    /// Whether it was detached.
    pub detached: bool,
}

/// What the service sends.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Reply {
    /// The method has done what it was asked for, and has nothing to tell.
    Done {
        /// Which method.
        method: &'static str,
    },
    /// The method was refused.
    Refused {
        /// Which method.
        method: &'static str,
        /// With which words.
        error: Error,
    },
    /// Messages were taken; from here on they are safe.
    Published {
        /// Their ids, in the order of the request.
        message_ids: Vec<u64>,
    },
    /// The answer to a pull.
    Received {
        /// From which subscription.
        subscription: Arc<str>,
        /// Nothing at all is an answer too.
        messages: Vec<ReceivedMessage>,
    },
    /// Messages on a streaming pull.
    Streamed {
        /// From which subscription.
        subscription: Arc<str>,
        /// At least one.
        messages: Vec<ReceivedMessage>,
    },
    /// The service closes a streaming pull.
    StreamEnded {
        /// From which subscription.
        subscription: Arc<str>,
        /// Why.
        error: Error,
    },
    /// A message for a push endpoint; it waits for a [`PushAnswer`](Request::PushAnswer).
    Push {
        /// Which endpoint.
        endpoint: Arc<str>,
        /// Of which subscription.
        subscription: Arc<str>,
        /// The message.
        message: Box<ReceivedMessage>,
    },
    /// A topic.
    Topic {
        /// Its name.
        name: Arc<str>,
        /// How many seconds it keeps messages itself.
        message_retention_duration: Option<u32>,
    },
    /// The names of the subscriptions of a topic, sorted.
    Subscriptions(Vec<Arc<str>>),
    /// A subscription.
    Subscription(Box<Description>),
}

impl Visit for Reply {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        match self {
            Reply::Published { message_ids } => {
                for id in message_ids {
                    visitor.counter(MESSAGE_IDS, id);
                }
            }
            Reply::Received { messages, .. } | Reply::Streamed { messages, .. } => {
                messages.visit(visitor);
            }
            Reply::Push { message, .. } => message.visit(visitor),
            Reply::Refused { error, .. } | Reply::StreamEnded { error, .. } => {
                error.invalid_ack_ids.visit(visitor);
            }
            _ => {}
        }
    }
}

impl Wire for Reply {
    fn is_upkeep(&self) -> bool {
        matches!(
            self,
            Reply::Done {
                method: "ModifyAckDeadline"
            }
        )
    }

    fn about(&self) -> About {
        match self {
            Reply::Received { messages, .. } | Reply::Streamed { messages, .. } => {
                About::Records(records(messages.iter().map(|one| one.message.record)))
            }
            Reply::Push { message, .. } => {
                About::Records(records([message.message.record].into_iter()))
            }
            _ => About::Nothing,
        }
    }
}
