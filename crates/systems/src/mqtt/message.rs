//! Messages as the broker keeps them.

use super::qos::Qos;
use crate::record::RecordId;
use crate::visit::{Visit, Visitor};
use explore::time::{Instant, Span};
use std::sync::Arc;

/// What MQTT 5 lets a publisher say beside the payload; the broker hands it on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Properties {
    /// Names and values that the application chooses; a name may come twice.
    pub user_properties: Vec<(Arc<str>, Arc<str>)>,
    /// What kind of content the payload is.
    pub content_type: Option<Arc<str>>,
    /// To which topic an answer shall go.
    pub response_topic: Option<Arc<str>>,
    /// What an answer shall bring back.
    pub correlation_data: Option<Arc<str>>,
}

/// A message that was published, shared by all who wait for it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Message {
    /// Where it was published.
    pub topic: Arc<str>,
    /// The body.
    pub payload: Arc<str>,
    /// With which QoS it was published.
    pub qos: Qos,
    /// Whether it shall be the topic's retained message.
    pub retain: bool,
    /// What else the publisher said.
    pub properties: Properties,
    /// The client id of its publisher.
    pub source: Arc<str>,
    /// Which message of the scene it is.
    pub record: Option<RecordId>,
}

/// A message and until when it is good.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Stored {
    /// The message.
    pub message: Arc<Message>,
    /// When its message expiry interval is over.
    pub expires: Option<Instant>,
}

impl Stored {
    /// Whether it must not be sent any more.
    pub fn is_expired(&self, now: Instant) -> bool {
        self.expires.is_some_and(|at| now > at)
    }

    /// The whole seconds that are left of the message expiry interval, as subscribers are told.
    pub fn seconds_left(&self, now: Instant) -> Option<u32> {
        let left = self.expires?.since(now).0.div_ceil(1_000_000);
        Some(u32::try_from(left).unwrap_or(u32::MAX))
    }
}

impl Visit for Stored {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        self.expires.visit(visitor);
    }
}

/// A number of seconds as a span.
pub(super) fn seconds(seconds: u32) -> Span {
    Span::from_ms(u64::from(seconds) * 1_000)
}

/// A will: what the broker publishes for a client that is gone without a farewell.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Will {
    /// To which topic.
    pub topic: Arc<str>,
    /// The body.
    pub payload: Arc<str>,
    /// With which QoS.
    pub qos: Qos,
    /// Whether it is retained.
    pub retain: bool,
    /// MQTT 5: how many seconds the broker waits before it publishes the will.
    pub delay_interval: u32,
    /// MQTT 5: how many seconds the will is good from when it is published.
    pub message_expiry_interval: Option<u32>,
    /// What else it says.
    pub properties: Properties,
    /// Which message of the scene it is.
    pub record: Option<RecordId>,
}
