//! The words of the recordings of SQS and SNS: what a step can ask.
//!
//! Each op knows its fields and no others, so a file that asks for more than the model knows fails.

use serde::Deserialize;
use serde_json::Value;
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

/// A redrive policy.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redrive {
    /// The dead-letter queue.
    pub to: String,
    /// How often a message can be received.
    pub max_receives: i64,
}

/// A queue or a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum What {
    /// A queue.
    Queue,
    /// A topic.
    Topic,
}

/// A queue or topic that is made.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declare {
    /// What it is.
    pub kind: What,
    /// Its name; that of the service has `.fifo` behind it, if it is a FIFO one.
    pub name: String,
    /// Whether it is a FIFO one.
    #[serde(default)]
    pub fifo: bool,
    /// Content-based deduplication.
    pub content_dedup: Option<bool>,
    /// Where deduplication ids count.
    pub dedup_scope: Option<String>,
    /// Its visibility time-out.
    pub visibility_ms: Option<i64>,
    /// Its delay.
    pub delay_ms: Option<i64>,
    /// Its receive wait.
    pub receive_wait_ms: Option<i64>,
    /// How long it keeps messages.
    pub retention_ms: Option<i64>,
    /// How large messages can be.
    pub max_bytes: Option<i64>,
    /// Where messages go that are received too often.
    #[serde(default)]
    pub redrive: Given<Redrive>,
}

/// A message that is sent.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Publish {
    /// The queue.
    pub queue: Option<String>,
    /// The topic.
    pub topic: Option<String>,
    /// Its id in a batch.
    pub id: Option<String>,
    /// Its body.
    pub msg: String,
    /// Its message group.
    pub group: Option<String>,
    /// Its deduplication id.
    pub dedup: Option<String>,
    /// Its delay.
    pub delay_ms: Option<i64>,
    /// Its attributes.
    #[serde(default)]
    pub attributes: BTreeMap<String, Value>,
    /// The body is padded to that many bytes.
    pub size: Option<usize>,
    /// Who sends it.
    pub client: Option<String>,
}

/// A receive.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receive {
    /// The queue.
    pub queue: String,
    /// How many messages at most.
    pub max: Option<i64>,
    /// For how long they are hidden.
    pub visibility_ms: Option<i64>,
    /// How long it waits.
    pub wait_ms: Option<i64>,
    /// Its request attempt id.
    pub attempt: Option<String>,
    /// Whether the receive count is left out.
    #[serde(default)]
    pub names_only: bool,
    /// Whether times are told.
    #[serde(default)]
    pub times: bool,
    /// Whether it is told how long it waited.
    #[serde(default)]
    pub measure: bool,
    /// Whether the scenario goes on meanwhile.
    #[serde(default)]
    pub background: bool,
    /// Who receives.
    pub client: Option<String>,
}

/// A message that was received, and what is asked for it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Held {
    /// The queue; an entry of a batch names none.
    pub queue: Option<String>,
    /// Its id in a batch.
    pub id: Option<String>,
    /// Its body.
    pub msg: Option<String>,
    /// Which of its receives, from 1; left out, the latest.
    pub delivery: Option<usize>,
    /// A literal receipt handle.
    pub handle: Option<String>,
    /// For how long it is hidden.
    pub visibility_ms: Option<i64>,
    /// Who asks.
    pub client: Option<String>,
}

/// One client or several.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Clients {
    /// One.
    One(String),
    /// Several.
    Several(Vec<String>),
}

/// An op with its fields.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
#[allow(missing_docs)] // The fields have the words of the recordings.
pub enum Op {
    /// A queue or topic is made.
    Declare(Declare),
    /// Attributes of a queue are set.
    Alter {
        queue: String,
        visibility_ms: Option<i64>,
        delay_ms: Option<i64>,
        receive_wait_ms: Option<i64>,
        retention_ms: Option<i64>,
        max_bytes: Option<i64>,
        #[serde(default)]
        redrive: Given<Redrive>,
    },
    /// A queue is subscribed to a topic.
    Bind {
        topic: String,
        queue: String,
        #[serde(default)]
        raw: bool,
        filter: Option<Value>,
        filter_scope: Option<String>,
    },
    /// A message is sent.
    Publish(Publish),
    /// Several messages are sent at once.
    PublishBatch {
        queue: Option<String>,
        topic: Option<String>,
        entries: Vec<Publish>,
        client: Option<String>,
    },
    /// Messages are received.
    Receive(Receive),
    /// What a receive in the background came to.
    Await {
        client: Clients,
        #[serde(default)]
        merge: bool,
    },
    /// A message is deleted.
    Ack(Held),
    /// Several messages are deleted.
    AckBatch { queue: String, entries: Vec<Held> },
    /// A message is hidden for another time.
    ChangeVisibility(Held),
    /// Several messages are.
    ChangeVisibilityBatch { queue: String, entries: Vec<Held> },
    /// Messages are counted.
    Depth { queue: String },
    /// Attributes of a queue.
    Describe { queue: String },
    /// Which queues dead-letter into it.
    ListSources { queue: String },
    /// Messages are moved out of a dead-letter queue.
    Redrive { queue: String, to: Option<String> },
    /// A queue is emptied.
    Purge { queue: String },
    /// A queue or topic is deleted.
    Delete {
        kind: Option<What>,
        queue: Option<String>,
        topic: Option<String>,
        name: Option<String>,
    },
    /// A client is gone.
    Crash { client: String },
    /// Time passes.
    Wait { ms: u64 },
}
