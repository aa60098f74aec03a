//! Messages, what is sent to the server and what it sends, and the subject of an acknowledgement.

use super::api::{Answer, Call};
use super::error::{ApiError, CoreError};
use crate::party::Caller;
use crate::record::RecordId;
use crate::server::{About, Wire};
use crate::visit::{Visit, Visitor};
use explore::time::{Instant, Span};
use std::sync::Arc;

/// A message: where it was published, its headers and its body.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Message {
    /// The subject it was published to.
    pub subject: Arc<str>,
    /// Its headers, in order.
    pub headers: Vec<(Arc<str>, Arc<str>)>,
    /// Its body.
    pub payload: Arc<str>,
    /// Which message of the scene it is, for those who follow it.
    pub record: Option<RecordId>,
}

impl Message {
    /// A message without headers.
    pub fn new(subject: &str, payload: &str) -> Message {
        Message {
            subject: subject.into(),
            payload: payload.into(),
            ..Message::default()
        }
    }

    /// The same message with one more header.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Message {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| &**known == name);
        found.map(|(_, value)| &**value)
    }

    /// How many bytes headers and body have on the wire.
    pub fn size(&self) -> u64 {
        let line = |(name, value): &(Arc<str>, Arc<str>)| name.len() + value.len() + 4;
        let headers: usize = self.headers.iter().map(line).sum();
        let frame = if self.headers.is_empty() { 0 } else { 12 };
        (frame + headers + self.payload.len()) as u64
    }
}

/// Where the acknowledgement of a delivery is sent: the reply subject of a JetStream message. It
/// tells the receiver how often the message has been delivered, and how many still wait.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AckReply {
    /// Of which stream the message is.
    pub stream: Arc<str>,
    /// Which consumer delivered it.
    pub consumer: Arc<str>,
    /// How often it has been delivered by now, the first time included.
    pub deliveries: u64,
    /// Its number in the stream.
    pub stream_seq: u64,
    /// The number of this delivery in the consumer.
    pub consumer_seq: u64,
    /// When the stream stored it.
    pub stored: Instant,
    /// How many messages of the stream this consumer has not delivered yet.
    pub pending: u64,
    /// Which message of the scene it is.
    pub record: Option<RecordId>,
}

impl AckReply {
    /// As a subject: `$JS.ACK.stream.consumer.deliveries.stream seq.consumer seq.time.pending`.
    pub fn subject(&self) -> String {
        format!(
            "$JS.ACK.{}.{}.{}.{}.{}.{}.{}",
            self.stream,
            self.consumer,
            self.deliveries,
            self.stream_seq,
            self.consumer_seq,
            self.stored.0.saturating_mul(1000),
            self.pending
        )
    }

    /// Reads the subject back; the message of the scene is not in it.
    pub fn parse(subject: &str) -> Option<AckReply> {
        let rest = subject.strip_prefix("$JS.ACK.")?;
        let tokens: Vec<&str> = rest.split('.').collect();
        let [
            stream,
            consumer,
            deliveries,
            stream_seq,
            consumer_seq,
            stored,
            pending,
        ] = tokens[..]
        else {
            return None;
        };
        Some(AckReply {
            stream: stream.into(),
            consumer: consumer.into(),
            deliveries: deliveries.parse().ok()?,
            stream_seq: stream_seq.parse().ok()?,
            consumer_seq: consumer_seq.parse().ok()?,
            stored: Instant(stored.parse::<u64>().ok()? / 1000),
            pending: pending.parse().ok()?,
            record: None,
        })
    }
}

/// What a receiver says of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AckKind {
    /// `+ACK`: it is done.
    Ack,
    /// `-NAK`: it is not done and shall come again, at once or after a delay.
    Nak(Option<Span>),
    /// `+WPI`: the receiver still works on it; the ack wait begins anew.
    InProgress,
    /// `+TERM`: it shall never come again.
    Term,
}

impl AckKind {
    /// Reads the body of an acknowledgement; an empty one is `+ACK`. A delay is a JSON object with
    /// nanoseconds, as clients send it; one that cannot be read is no delay.
    pub fn parse(body: &str) -> Option<AckKind> {
        match body {
            "" | "+ACK" | "+OK" => Some(AckKind::Ack),
            "+WPI" => Some(AckKind::InProgress),
            _ if body.starts_with("+TERM") => Some(AckKind::Term),
            _ => {
                let delay = body.strip_prefix("-NAK")?.trim();
                let read: Option<serde_json::Value> = serde_json::from_str(delay).ok();
                let nanos = read.map(|value| value["delay"].as_u64().unwrap_or(0));
                Some(AckKind::Nak(nanos.map(|nanos| Span(nanos / 1000))))
            }
        }
    }
}

/// What a request for the next messages of a pull consumer asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pull {
    /// At most so many messages.
    pub batch: u64,
    /// How long the request waits at the server; without, until it is filled.
    pub expires: Option<Span>,
    /// Whether it is answered at once when nothing is there.
    pub no_wait: bool,
    /// At most so many bytes.
    pub max_bytes: Option<u64>,
}

/// What a client sends.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Request {
    /// `CONNECT`: options of the connection. A connection that never sends it has both.
    Connect {
        /// Whether its own subscriptions get what it publishes.
        echo: bool,
        /// Whether it is told when nobody takes a request.
        no_responders: bool,
    },
    /// `SUB`: asks for what is published to a subject.
    Subscribe {
        /// The subject, with wildcards or without.
        subject: Arc<str>,
        /// In which queue group, of whose members one gets each message.
        queue: Option<Arc<str>>,
        /// The number of the subscription in this connection.
        sid: u32,
    },
    /// `UNSUB`: ends a subscription, at once or when it has got so many messages in all.
    Unsubscribe {
        /// Which subscription.
        sid: u32,
        /// After how many messages.
        max: Option<u64>,
    },
    /// `PUB` or `HPUB`.
    Publish {
        /// What.
        message: Message,
        /// Where an answer is wanted.
        reply: Option<Arc<str>>,
    },
    /// An acknowledgement of a JetStream delivery: a publish to its reply subject.
    Ack {
        /// The reply subject.
        to: AckReply,
        /// What is said.
        kind: AckKind,
        /// Where the server shall confirm it (a double ack).
        reply: Option<Arc<str>>,
    },
    /// A publish to `$JS.API.CONSUMER.MSG.NEXT.stream.consumer`.
    Next {
        /// Of which stream.
        stream: Arc<str>,
        /// Of which consumer.
        consumer: Arc<str>,
        /// The inbox where messages are wanted.
        reply: Arc<str>,
        /// How many, and how long.
        pull: Pull,
    },
    /// Another request to `$JS.API`.
    Api {
        /// Which number the answer bears.
        id: u64,
        /// What is asked.
        call: Call,
    },
    /// Not of the protocol: whether the client's socket takes bytes.
    Socket {
        /// Whether the client reads.
        reads: bool,
    },
}

/// A reply subject as a receiver sees it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ReplyTo {
    /// An inbox of whoever asked.
    Subject(Arc<str>),
    /// The acknowledgement of a JetStream delivery.
    Ack(AckReply),
}

/// What the server sends.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Reply {
    /// `MSG` or `HMSG` for a subscription.
    Message {
        /// Which subscription of the connection.
        sid: u32,
        /// What.
        message: Message,
        /// Where an answer or an acknowledgement goes.
        reply: Option<ReplyTo>,
    },
    /// A message that is only a status line: 404, 408, 409 or 503.
    Status {
        /// Which subscription of the connection.
        sid: u32,
        /// The number.
        code: u16,
        /// The words behind it.
        description: Arc<str>,
    },
    /// The answer of `$JS.API`.
    Api {
        /// The number of the question.
        id: u64,
        /// The answer.
        answer: Result<Answer, ApiError>,
    },
    /// `-ERR`.
    Error(CoreError),
}

impl Visit for AckReply {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        self.stored.visit(visitor);
    }
}

impl Visit for Request {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        match self {
            Request::Ack { to, .. } => to.visit(visitor),
            Request::Api { call, .. } => call.visit(visitor),
            _ => {}
        }
    }
}

impl Visit for Reply {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        match self {
            Reply::Message {
                reply: Some(ReplyTo::Ack(ack)),
                ..
            } => ack.visit(visitor),
            Reply::Api {
                answer: Ok(answer), ..
            } => answer.visit(visitor),
            _ => {}
        }
    }
}

impl Wire for Request {
    fn about(&self) -> About {
        match self {
            Request::Publish { message, .. } => {
                About::Records(message.record.into_iter().collect())
            }
            Request::Ack { to, .. } => About::Settling(to.record.into_iter().collect()),
            _ => About::Nothing,
        }
    }
}

impl Wire for Reply {
    fn about(&self) -> About {
        match self {
            Reply::Message { message, .. } => About::Records(message.record.into_iter().collect()),
            _ => About::Nothing,
        }
    }
}

/// Which client of a connection a message came from; nobody for what the server publishes itself.
pub(super) type From = Option<Caller>;
