//! The words of Pub/Sub's recordings: what a step can ask.
//!
//! Each op knows its fields and no others, so a file that asks for more than the model knows fails.

use serde::Deserialize;
use std::collections::BTreeMap;

/// Something that may be left out, be null, or be there.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Given<T> {
    /// It is not there.
    #[default]
    LeftOut,
    /// It is null.
    Null,
    /// It is this.
    Value(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Given<T> {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Option::<T>::deserialize(from).map(|given| given.map_or(Given::Null, Given::Value))
    }
}

impl<T> Given<T> {
    /// Changes what was there: left out keeps it, null takes it away.
    pub fn or(self, present: Option<T>) -> Option<T> {
        match self {
            Given::LeftOut => present,
            Given::Null => None,
            Given::Value(value) => Some(value),
        }
    }
}

/// A dead-letter policy.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeadLetter {
    /// The dead-letter topic.
    pub topic: String,
    /// How many attempts a message has.
    pub max_attempts: u32,
}

/// A retry policy.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retry {
    /// The first wait.
    pub min_ms: u64,
    /// The longest wait.
    pub max_ms: u64,
}

/// The fields of a subscription, of which some are there.
#[derive(Clone, Debug, Default)]
pub struct Fields {
    /// The acknowledgement deadline.
    pub ack_deadline_ms: Option<u64>,
    /// Whether order is kept within a key.
    pub ordering: Option<bool>,
    /// The filter.
    pub filter: Given<String>,
    /// The dead-letter policy.
    pub dead_letter: Given<DeadLetter>,
    /// How long unacknowledged messages are kept.
    pub retention_ms: Option<u64>,
    /// Whether acknowledged messages are kept.
    pub retain_acked: Option<bool>,
    /// Whether delivery is exactly once.
    pub exactly_once: Option<bool>,
    /// The name of the endpoint; an empty one is none.
    pub push: Given<String>,
    /// The retry policy.
    pub retry: Given<Retry>,
}

/// A message of a batch.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sent {
    /// Its body.
    #[serde(default)]
    pub msg: String,
    /// Its attributes.
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
    /// Its ordering key.
    #[serde(default)]
    pub ordering_key: String,
}

/// What a step makes.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Declared {
    /// A topic.
    Topic {
        /// Its name.
        name: String,
        /// How long it keeps messages itself.
        retention_ms: Option<u64>,
    },
    /// A subscription.
    Subscription {
        /// Its name.
        name: String,
        /// Of which topic.
        topic: String,
        /// As in [`Fields`].
        ack_deadline_ms: Option<u64>,
        /// As in [`Fields`].
        ordering: Option<bool>,
        /// As in [`Fields`].
        #[serde(default)]
        filter: Given<String>,
        /// As in [`Fields`].
        #[serde(default)]
        dead_letter: Given<DeadLetter>,
        /// As in [`Fields`].
        retention_ms: Option<u64>,
        /// As in [`Fields`].
        retain_acked: Option<bool>,
        /// As in [`Fields`].
        exactly_once: Option<bool>,
        /// As in [`Fields`].
        #[serde(default)]
        push: Given<String>,
        /// As in [`Fields`].
        #[serde(default)]
        retry: Given<Retry>,
    },
    /// A snapshot.
    Snapshot {
        /// Its name.
        name: String,
        /// Of which subscription.
        subscription: String,
    },
    /// A push endpoint.
    Endpoint {
        /// Its name.
        name: String,
        /// The HTTP status codes it answers with, the last one for ever.
        answers: Vec<u16>,
    },
}

/// What a step asks.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
pub enum Op {
    /// Change a subscription.
    Alter {
        /// Which.
        subscription: String,
        /// As in [`Fields`].
        ack_deadline_ms: Option<u64>,
        /// As in [`Fields`].
        ordering: Option<bool>,
        /// As in [`Fields`].
        #[serde(default)]
        filter: Given<String>,
        /// As in [`Fields`].
        #[serde(default)]
        dead_letter: Given<DeadLetter>,
        /// As in [`Fields`].
        retention_ms: Option<u64>,
        /// As in [`Fields`].
        retain_acked: Option<bool>,
        /// As in [`Fields`].
        exactly_once: Option<bool>,
        /// As in [`Fields`].
        #[serde(default)]
        push: Given<String>,
        /// As in [`Fields`].
        #[serde(default)]
        retry: Given<Retry>,
    },
    /// Publish.
    Publish {
        /// To which topic.
        topic: String,
        /// As in [`Sent`].
        #[serde(default)]
        msg: String,
        /// As in [`Sent`].
        #[serde(default)]
        attributes: BTreeMap<String, String>,
        /// As in [`Sent`].
        #[serde(default)]
        ordering_key: String,
        /// Several messages instead of one.
        batch: Option<Vec<Sent>>,
    },
    /// Ask for messages, once.
    Pull {
        /// From which subscription.
        subscription: String,
        /// At most so many.
        max: u32,
    },
    /// Open a streaming pull.
    Subscribe {
        /// Who.
        client: String,
        /// On which subscription.
        subscription: String,
        /// The deadline of the stream.
        #[serde(default = "ten_seconds")]
        ack_deadline_ms: u64,
    },
    /// Tell what came to streams and endpoints.
    Drain {
        /// Which.
        clients: Vec<String>,
        /// The sorted bodies of all, instead of what each got.
        #[serde(default)]
        merge: bool,
    },
    /// Acknowledge.
    Ack {
        /// Of which subscription.
        subscription: String,
        /// Which message.
        msg: Option<String>,
        /// Which messages.
        msgs: Option<Vec<String>>,
        /// Which of their deliveries, from 1; the latest when left out.
        delivery: Option<usize>,
    },
    /// Give back.
    Nack {
        /// Of which subscription.
        subscription: String,
        /// Which message.
        msg: Option<String>,
        /// Which messages.
        msgs: Option<Vec<String>>,
        /// Which of their deliveries, from 1; the latest when left out.
        delivery: Option<usize>,
    },
    /// Move the deadline.
    Extend {
        /// Of which subscription.
        subscription: String,
        /// Which message.
        msg: Option<String>,
        /// Which messages.
        msgs: Option<Vec<String>>,
        /// Which of their deliveries, from 1; the latest when left out.
        delivery: Option<usize>,
        /// How far from now.
        ms: u64,
    },
    /// Move a subscription.
    Seek {
        /// Which.
        subscription: String,
        /// To which time.
        time_ms: Option<u64>,
        /// To which snapshot.
        snapshot: Option<String>,
    },
    /// Detach a subscription.
    Detach {
        /// Which.
        subscription: String,
    },
    /// Delete something.
    Delete {
        /// `topic`, `subscription` or `snapshot`.
        kind: String,
        /// Its name.
        name: String,
    },
    /// Look at something.
    Describe {
        /// `topic` or `subscription`.
        kind: String,
        /// Its name.
        name: String,
    },
    /// Close a stream without acknowledgements.
    Crash {
        /// Whose.
        client: String,
    },
    /// Let time pass.
    Wait {
        /// How much.
        ms: u64,
    },
}

const fn ten_seconds() -> u64 {
    10_000
}
