//! Control packets, as clients and broker send them.
//!
//! Left out: the bytes of packets and what depends on them (Maximum Packet Size, lengths); user names, passwords and AUTH, and so access control but for topics that begin with `$`.

use super::message::{Properties, Will};
use super::qos::Qos;
use super::reason::ReasonCode;
use crate::record::RecordId;
use crate::server::{About, Wire};
use crate::visit::{Counter, Visit, Visitor};
use std::sync::Arc;

/// The protocol version of a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Version {
    /// MQTT 3.1.1.
    #[default]
    V311,
    /// MQTT 5.
    V5,
}

/// CONNECT: a client wants a session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Connect {
    /// Which protocol it speaks.
    pub version: Version,
    /// The name of the client, and so of its session; empty when the broker shall choose.
    pub client_id: Arc<str>,
    /// Clean session (3.1.1), clean start (5): whether to forget what is left of an earlier session.
    pub clean_start: bool,
    /// After how many seconds of silence one and a half times over the broker gives the client up; 0 is never.
    pub keep_alive: u16,
    /// What to publish when the client is gone without a farewell.
    pub will: Option<Will>,
    /// MQTT 5: how many seconds the session outlives the connection; `u32::MAX` is for ever.
    pub session_expiry_interval: Option<u32>,
    /// MQTT 5: how many messages with QoS 1 and 2 the client takes at once.
    pub receive_maximum: Option<u16>,
}

/// CONNACK: the answer to CONNECT.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Connack {
    /// Whether the broker has a session of this client.
    pub session_present: bool,
    /// Whether it was accepted.
    pub reason: ReasonCode,
    /// MQTT 5: the client id that the broker chose.
    pub assigned_client_id: Option<Arc<str>>,
    /// MQTT 5: the keep alive that holds instead of the client's.
    pub server_keep_alive: Option<u16>,
    /// MQTT 5: how many messages with QoS 1 and 2 the broker takes at once.
    pub receive_maximum: Option<u16>,
    /// MQTT 5: the highest topic alias the broker takes.
    pub topic_alias_maximum: Option<u16>,
    /// MQTT 5: the highest QoS, when it is not 2.
    pub maximum_qos: Option<Qos>,
    /// MQTT 5: false when retained messages are not kept.
    pub retain_available: Option<bool>,
}

/// PUBLISH, in both directions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Publish {
    /// Where; empty when a topic alias says it.
    pub topic: Arc<str>,
    /// The body.
    pub payload: Arc<str>,
    /// How hard to try.
    pub qos: Qos,
    /// To the broker: keep it as the topic's retained message. From the broker: it is a retained one.
    pub retain: bool,
    /// Whether it may have been sent before.
    pub dup: bool,
    /// The number by which it is acknowledged; QoS 1 and 2 only.
    pub packet_id: Option<u16>,
    /// MQTT 5: a number that stands for the topic from now on.
    pub topic_alias: Option<u16>,
    /// MQTT 5: how many seconds the message is good.
    pub message_expiry_interval: Option<u32>,
    /// MQTT 5, from the broker: the identifiers of the subscription it comes from.
    pub subscription_identifiers: Vec<u32>,
    /// What else is said.
    pub properties: Properties,
    /// Which message of the scene it is.
    pub record: Option<RecordId>,
}

/// PUBACK, PUBREC, PUBREL or PUBCOMP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Ack {
    /// Of which message.
    pub packet_id: u16,
    /// MQTT 5: how it went.
    pub reason: ReasonCode,
    /// Which message of the scene it is about, where the sender knows.
    pub record: Option<RecordId>,
}

impl Ack {
    /// That all is well with the message of this packet identifier.
    pub const fn of(packet_id: u16) -> Ack {
        Ack {
            packet_id,
            reason: ReasonCode::Success,
            record: None,
        }
    }
}

/// When a new subscription gets retained messages (MQTT 5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RetainHandling {
    /// 0: at every SUBSCRIBE.
    #[default]
    Always,
    /// 1: only when the subscription did not exist.
    IfNew,
    /// 2: never.
    Never,
}

/// One filter of a SUBSCRIBE with its options.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Subscription {
    /// Which topics.
    pub filter: Arc<str>,
    /// The highest QoS of its deliveries.
    pub qos: Qos,
    /// MQTT 5: whether the client's own messages are left out.
    pub no_local: bool,
    /// MQTT 5: whether deliveries keep the publisher's retain flag.
    pub retain_as_published: bool,
    /// MQTT 5: whether retained messages are sent now.
    pub retain_handling: RetainHandling,
}

/// What a client sends.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Request {
    /// It wants a session.
    Connect(Box<Connect>),
    /// It publishes.
    Publish(Publish),
    /// It has a delivery with QoS 1.
    Puback(Ack),
    /// It has a delivery with QoS 2.
    Pubrec(Ack),
    /// It lets go of its own message with QoS 2.
    Pubrel(Ack),
    /// It is through with a delivery with QoS 2.
    Pubcomp(Ack),
    /// It subscribes.
    Subscribe {
        /// The number by which it is answered.
        packet_id: u16,
        /// To what.
        subscriptions: Vec<Subscription>,
        /// MQTT 5: a number that comes with every delivery.
        identifier: Option<u32>,
    },
    /// It unsubscribes.
    Unsubscribe {
        /// The number by which it is answered.
        packet_id: u16,
        /// From which filters.
        filters: Vec<Arc<str>>,
    },
    /// It is alive.
    Pingreq,
    /// It leaves.
    Disconnect {
        /// MQTT 5: why.
        reason: ReasonCode,
        /// MQTT 5: another session expiry interval than in CONNECT.
        session_expiry_interval: Option<u32>,
    },
}

/// What the broker sends.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Reply {
    /// The answer to CONNECT.
    Connack(Box<Connack>),
    /// A delivery.
    Publish(Publish),
    /// It has the client's message with QoS 1.
    Puback(Ack),
    /// It has the client's message with QoS 2.
    Pubrec(Ack),
    /// It lets go of its delivery with QoS 2.
    Pubrel(Ack),
    /// It is through with the client's message with QoS 2.
    Pubcomp(Ack),
    /// The answer to SUBSCRIBE, one code for each filter.
    Suback {
        /// Of which SUBSCRIBE.
        packet_id: u16,
        /// What was granted.
        reasons: Vec<ReasonCode>,
    },
    /// The answer to UNSUBSCRIBE; the codes are MQTT 5's.
    Unsuback {
        /// Of which UNSUBSCRIBE.
        packet_id: u16,
        /// Whether there was such a subscription.
        reasons: Vec<ReasonCode>,
    },
    /// The answer to PINGREQ.
    Pingresp,
    /// MQTT 5: why the broker closes the connection.
    Disconnect {
        /// Why.
        reason: ReasonCode,
    },
    /// No packet: the broker closed the connection.
    Closed,
}

/// The packet identifiers that clients choose.
const OF_CLIENT: Counter = Counter {
    kind: "packet identifier of a client",
    scope: 0,
};
/// The packet identifiers that the broker chooses.
const OF_BROKER: Counter = Counter {
    kind: "packet identifier of the broker",
    scope: 0,
};

fn visit_id(counter: Counter, id: &mut u16, visitor: &mut impl Visitor) {
    let mut number = u64::from(*id);
    visitor.counter(counter, &mut number);
    *id = u16::try_from(number).unwrap_or(u16::MAX);
}

/// Shows a packet identifier that a client chose.
pub(super) fn visit_client_id(id: &mut u16, visitor: &mut impl Visitor) {
    visit_id(OF_CLIENT, id, visitor);
}

/// Shows a packet identifier that the broker chose.
pub(super) fn visit_broker_id(id: &mut u16, visitor: &mut impl Visitor) {
    visit_id(OF_BROKER, id, visitor);
}

impl Visit for Request {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        match self {
            Request::Publish(Publish {
                packet_id: Some(id),
                ..
            })
            | Request::Pubrel(Ack { packet_id: id, .. })
            | Request::Subscribe { packet_id: id, .. }
            | Request::Unsubscribe { packet_id: id, .. } => visit_client_id(id, visitor),
            Request::Puback(ack) | Request::Pubrec(ack) | Request::Pubcomp(ack) => {
                visit_broker_id(&mut ack.packet_id, visitor);
            }
            Request::Publish(_)
            | Request::Connect(_)
            | Request::Pingreq
            | Request::Disconnect { .. } => {}
        }
    }
}

impl Visit for Reply {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        match self {
            Reply::Publish(Publish {
                packet_id: Some(id),
                ..
            })
            | Reply::Pubrel(Ack { packet_id: id, .. }) => visit_broker_id(id, visitor),
            Reply::Puback(Ack { packet_id: id, .. })
            | Reply::Pubrec(Ack { packet_id: id, .. })
            | Reply::Pubcomp(Ack { packet_id: id, .. })
            | Reply::Suback { packet_id: id, .. }
            | Reply::Unsuback { packet_id: id, .. } => visit_client_id(id, visitor),
            Reply::Publish(_)
            | Reply::Connack(_)
            | Reply::Pingresp
            | Reply::Disconnect { .. }
            | Reply::Closed => {}
        }
    }
}

fn records(record: Option<RecordId>) -> About {
    record.map_or(About::Nothing, |record| About::Records(vec![record]))
}

fn settling(record: Option<RecordId>) -> About {
    record.map_or(About::Nothing, |record| About::Settling(vec![record]))
}

impl Wire for Request {
    fn is_upkeep(&self) -> bool {
        matches!(self, Request::Pingreq)
    }
    /// MQTT runs over TCP and repeats nothing on a connection that stands: what is lost alone would
    /// never be missed. Only QoS 0 and pings can be.
    fn can_be_lost(&self) -> bool {
        match self {
            Request::Publish(publish) => publish.qos == Qos::AtMostOnce,
            other => other.is_upkeep(),
        }
    }
    fn about(&self) -> About {
        match self {
            Request::Publish(publish) => records(publish.record),
            Request::Puback(ack)
            | Request::Pubrec(ack)
            | Request::Pubrel(ack)
            | Request::Pubcomp(ack) => settling(ack.record),
            _ => About::Nothing,
        }
    }
}

impl Wire for Reply {
    fn is_upkeep(&self) -> bool {
        matches!(self, Reply::Pingresp)
    }
    fn can_be_lost(&self) -> bool {
        match self {
            Reply::Publish(publish) => publish.qos == Qos::AtMostOnce,
            other => other.is_upkeep(),
        }
    }
    fn about(&self) -> About {
        match self {
            Reply::Publish(publish) => records(publish.record),
            Reply::Puback(ack) | Reply::Pubrec(ack) | Reply::Pubrel(ack) | Reply::Pubcomp(ack) => {
                settling(ack.record)
            }
            _ => About::Nothing,
        }
    }
}
