//! The words of RabbitMQ's recordings.

use serde::Deserialize;
use serde_json::{Map, Value};

/// A step.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
pub enum Op {
    /// A queue or an exchange comes into being.
    Declare(Declare),
    /// A binding comes into being.
    Bind(Binding),
    /// A binding ends.
    Unbind(Binding),
    /// A queue or an exchange goes.
    Delete(Delete),
    /// A message is published with publisher confirms.
    Publish(Publish),
    /// One message is fetched.
    Get {
        /// From where.
        queue: String,
        /// By whom.
        #[serde(default = "getter")]
        client: String,
        /// Whether it is acknowledged.
        #[serde(default)]
        ack: Ack,
    },
    /// A consumer comes.
    Subscribe(Subscribe),
    /// A consumer goes.
    Unsubscribe {
        /// Whose.
        client: String,
        /// Its tag; without one, the latest.
        sub: Option<String>,
    },
    /// A delivery is acknowledged.
    Ack(Settle),
    /// A delivery is refused.
    Nack(Settle),
    /// A delivery is refused.
    Reject(Settle),
    /// All deliveries go back.
    Recover {
        /// Whose.
        #[serde(default = "getter")]
        client: String,
    },
    /// All that is ready goes.
    Purge {
        /// From where.
        queue: String,
        /// By whom.
        #[serde(default = "admin")]
        client: String,
    },
    /// How many are ready.
    Depth {
        /// Where.
        queue: String,
        /// Who asks.
        #[serde(default = "admin")]
        client: String,
    },
    /// A connection is lost.
    Crash {
        /// Whose.
        client: String,
    },
    /// What has been pushed since the last drain.
    Drain {
        /// To whom.
        clients: Vec<String>,
        /// Whether it matters who got what.
        #[serde(default)]
        merge: bool,
    },
    /// Time passes.
    Wait {
        /// How much.
        ms: u64,
    },
}

/// Whether deliveries are acknowledged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ack {
    /// By the client.
    #[default]
    Manual,
    /// By being sent.
    Auto,
}

/// What is declared.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Declare {
    /// A queue.
    Queue(Box<DeclareQueue>),
    /// An exchange.
    Exchange(DeclareExchange),
}

/// A queue's declaration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct DeclareQueue {
    pub name: String,
    #[serde(default = "yes")]
    pub durable: bool,
    #[serde(default)]
    pub exclusive: bool,
    #[serde(default)]
    pub auto_delete: bool,
    #[serde(default)]
    pub passive: bool,
    #[serde(default = "admin")]
    pub client: String,
    pub message_ttl_ms: Option<i64>,
    pub expires_ms: Option<i64>,
    pub max_length: Option<i64>,
    pub max_length_bytes: Option<i64>,
    pub overflow: Option<String>,
    pub dead_letter_exchange: Option<String>,
    pub dead_letter_routing_key: Option<String>,
    pub max_priority: Option<i64>,
    pub queue_type: Option<String>,
    pub delivery_limit: Option<i64>,
    pub single_active_consumer: Option<bool>,
}

/// An exchange's declaration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct DeclareExchange {
    pub name: String,
    #[serde(rename = "type", default)]
    pub exchange_type: String,
    #[serde(default = "yes")]
    pub durable: bool,
    #[serde(default)]
    pub internal: bool,
    #[serde(default)]
    pub auto_delete: bool,
    #[serde(default)]
    pub passive: bool,
    #[serde(default = "admin")]
    pub client: String,
    pub alternate_exchange: Option<String>,
}

/// A binding.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Binding {
    pub exchange: String,
    #[serde(default)]
    pub key: String,
    pub queue: Option<String>,
    pub to_exchange: Option<String>,
    #[serde(default)]
    pub match_headers: Map<String, Value>,
    pub x_match: Option<Value>,
    #[serde(default = "admin")]
    pub client: String,
}

/// What is deleted.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Delete {
    /// A queue.
    Queue {
        /// Which.
        name: String,
        /// Only without consumers.
        #[serde(default)]
        if_unused: bool,
        /// Only without messages.
        #[serde(default)]
        if_empty: bool,
        /// Who does it.
        #[serde(default = "admin")]
        client: String,
    },
    /// An exchange.
    Exchange {
        /// Which.
        name: String,
        /// Only without bindings.
        #[serde(default)]
        if_unused: bool,
        /// Who does it.
        #[serde(default = "admin")]
        client: String,
    },
}

/// A message.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Publish {
    pub exchange: String,
    #[serde(default)]
    pub key: String,
    pub msg: String,
    pub priority: Option<u8>,
    pub ttl_ms: Option<u64>,
    #[serde(default)]
    pub headers: Map<String, Value>,
    #[serde(default)]
    pub mandatory: bool,
    #[serde(default = "publisher")]
    pub client: String,
}

/// A consumer.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Subscribe {
    pub client: String,
    pub queue: String,
    pub prefetch: Option<u16>,
    pub global_prefetch: Option<u16>,
    #[serde(default)]
    pub ack: Ack,
    #[serde(default)]
    pub exclusive: bool,
    #[serde(default)]
    pub priority: i32,
    pub sub: Option<String>,
    pub offset: Option<Value>,
}

/// Which delivery is settled, and how.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Settle {
    #[serde(default = "getter")]
    pub client: String,
    pub msg: String,
    pub delivery: Option<usize>,
    #[serde(default)]
    pub multiple: bool,
    pub requeue: Option<bool>,
}

fn getter() -> String {
    "g".to_owned()
}

fn publisher() -> String {
    "pub".to_owned()
}

fn admin() -> String {
    "admin".to_owned()
}

const fn yes() -> bool {
    true
}
