//! A scene: who takes part, what they do, and what must come of it. Plain data, read from JSON.
//!
//! The JSON Schema is written from these types (feature `schema`); the descriptions below are its
//! help texts. [`Scene::mistakes`] finds what a schema cannot say.

pub mod check;
pub mod expect;
pub mod explored;
pub mod mistake;
pub mod on;
pub mod producer;
pub mod promise;
pub mod retry;
pub mod settings;
pub mod told;
pub mod words;

pub use expect::Expect;
pub use explored::{Explored, Verdict};
pub use mistake::Mistake;
pub use on::{KafkaConsumer, KafkaFailure, Listing, On, OnExchange, OnKafka, OnRabbitmq, OnSqs};
pub use producer::{OnRestart, Producer, ProducerStep};
pub use promise::{Budget, Condition, MOST_PARTS, Promise};
pub use retry::{Backoff, FailFirst, Jitter, Retry};
pub use settings::{Selection, Setting};
pub use systems::kafka::config::{
    Acks, BrokerConfig, ConsumerConfig, IsolationLevel, ProducerConfig, Reset,
};
pub use told::Told;
pub use words::Wording;

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use systems::SystemName;
use systems::kafka::config::TopicConfig;

/// A whole scene.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Scene {
    /// Where the schema of this file stands, for editors.
    #[serde(rename = "$schema", default, skip_serializing_if = "String::is_empty")]
    pub schema: String,
    /// The name links and commands use: letters, digits, `-`, `_` and `.`, for example "crash-before-commit".
    pub id: String,
    /// The heading above the player, for example "The crash before the commit".
    pub title: String,
    /// Raised by the author whenever old links to this scene should no longer be followed. Begins at 1.
    pub version: u32,
    /// Where the numbers that look random begin.
    #[serde(default)]
    pub seed: u64,
    /// The broker.
    #[serde(default)]
    pub broker: Broker,
    /// The systems it can run on beside that of its broker, with what only they have.
    #[serde(default, skip_serializing_if = "On::is_empty")]
    pub on: On,
    /// The topics, with the records that are in them when the scene begins. At most 32.
    #[serde(alias = "channels")]
    pub topics: Vec<Topic>,
    /// Services that consumers call and that cannot take back what they did, for example a mail provider. At most 32.
    #[serde(default)]
    pub services: Vec<Service>,
    /// Tables that outlive a crash of the consumer, for example of processed events. At most 32.
    #[serde(default)]
    pub tables: Vec<Table>,
    /// The consumers. At most 32.
    #[serde(default)]
    pub consumers: Vec<Consumer>,
    /// Producers: processes that write records while the scene goes on. At most 32.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub producers: Vec<Producer>,
    /// How long messages travel.
    #[serde(default)]
    pub network: Network,
    /// What goes wrong in the story as told, in this order. A learner who steps in replaces what is left of it. At most 64.
    #[serde(default)]
    pub faults: Vec<Fault>,
    /// What a learner may change. At most 64, which combine in at most 64 ways.
    #[serde(default)]
    pub settings: Vec<Setting>,
    /// How far a run may go.
    #[serde(default)]
    pub bounds: Bounds,
    /// What must be true on every schedule. At most 64.
    #[serde(default)]
    pub promises: Vec<Promise>,
    /// How far every schedule is tried.
    #[serde(default)]
    pub explore: Budget,
    /// What must be true at the end. A scene whose expectation fails is not published. At most 256.
    #[serde(default)]
    pub expect: Vec<Expect>,
    /// How the promises come out over every schedule. A scene of which this is not true is not published. At most 256.
    #[serde(default)]
    pub explored: Vec<Explored>,
}

/// The broker and its settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Broker {
    /// Its name in the trace.
    pub name: String,
    /// Which system it behaves as.
    pub system: SystemName,
    /// Settings that differ from those shipped.
    pub settings: BrokerConfig,
}

impl Default for Broker {
    fn default() -> Self {
        Broker {
            name: "kafka".to_owned(),
            system: SystemName::Kafka,
            settings: BrokerConfig::default(),
        }
    }
}

/// A topic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Topic {
    /// Its name, for example "orders".
    pub name: String,
    /// How many partitions it has, 1 to 64.
    #[serde(default = "partitions")]
    pub partitions: u16,
    /// Settings of its log under their real names. A topic that has some is looked after: its old segments are deleted, and it is cleaned. Left out: it keeps everything for as long as the scene lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<TopicConfig>,
    /// The records in it when the scene begins, in the order they were written. At most 4096 in all topics together.
    #[serde(default)]
    pub records: Vec<Record>,
    /// The records that producers write to it while the scene goes on. At most 4096 in all topics together.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sent: Vec<Record>,
    /// What handlers publish to it. Left out: they publish nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<Published>,
}

impl Topic {
    /// Its settings, with the number of its partitions.
    pub fn settings(&self) -> TopicConfig {
        TopicConfig {
            partitions: self.partitions,
            ..self.config.clone().unwrap_or_default()
        }
    }

    /// Whether somebody of the scene sends to it.
    pub fn is_sent_to(&self) -> bool {
        !self.sent.is_empty() || self.published.is_some()
    }
}

/// What handlers publish to a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Published {
    /// Events that follow from a record.
    Events,
    /// Records nobody could handle: a dead-letter topic.
    DeadLetters,
}

fn partitions() -> u16 {
    TopicConfig::default().partitions
}

/// A record in a topic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// What it says, and what it is called: for example "ord_10". No two records of a scene say the same.
    pub value: String,
    /// In which partition it stands. Left out: where the hash of its key puts it, and without a key 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partition: Option<u16>,
    /// Its key: what is about the same thing, in order. Left out: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The money it is about, in cents. Left out: 0.
    #[serde(default)]
    pub amount: i64,
    /// Its headers. At most 32.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// On Kafka its timestamp, in ms from the beginning of the scene; what was written before is negative. Left out: the beginning, whenever it is sent.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub timestamp_ms: i64,
    /// On Kafka: its value is null, and it stands for the deletion of its key. What `value` says is then only what it is called.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tombstone: bool,
}

const fn is_zero(number: &i64) -> bool {
    *number == 0
}

/// A service with an effect on the world outside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Its name, for example "mail".
    pub name: String,
    /// What one effect is called, for example "mail" in "the mail for ord_12".
    #[serde(default = "effect")]
    pub noun: String,
    /// What has been done to a record then, for example "mailed".
    #[serde(default = "done")]
    pub done: String,
    /// From the request to the answer, in ms. The effect happens half-way.
    #[serde(default = "sixty")]
    pub latency_ms: u32,
}

fn effect() -> String {
    "effect".to_owned()
}

fn done() -> String {
    "done".to_owned()
}

const fn sixty() -> u32 {
    60
}

/// A table that consumers look up and insert into, each in one transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Its name, for example "processed".
    pub name: String,
    /// From the request to the answer, in ms. The table is read or written half-way.
    #[serde(default = "four")]
    pub latency_ms: u32,
    /// How long a row lives after it was written, in ms. Left out: for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl_ms: Option<u32>,
}

const fn four() -> u32 {
    4
}

/// A consumer: a process with a Kafka client and a program around it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Consumer {
    /// Its name and `client.id`, for example "email-1".
    pub name: String,
    /// Its `group.id`.
    #[serde(alias = "subscription")]
    pub group: String,
    /// The topics it subscribes to. At most 32.
    #[serde(alias = "channels")]
    pub topics: Vec<String>,
    /// When its process starts, in ms. Left out: at once.
    #[serde(default)]
    pub start_ms: u32,
    /// After how many ms a supervisor starts it again when it has died. Left out: nobody does by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restart_ms: Option<u32>,
    /// Client settings under their real names.
    #[serde(default)]
    pub config: ConsumerConfig,
    /// What it does with each record, in this order. At most 32.
    #[serde(default)]
    pub handler: Vec<HandlerStep>,
    /// When it commits.
    #[serde(default, alias = "settle")]
    pub commit: Commit,
    /// Whether the poll loop waits for the work.
    #[serde(default)]
    pub work: Work,
    /// How it tries again what its handler failed with. Left out: nothing catches the failure, and its process dies, unless the settings of its system (`failure`) say something else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry: Option<Retry>,
    /// Settings of the producer in its process, where what it publishes and what it commits are one transaction (`"commit": "in_transaction"`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub producer: Option<ProducerConfig>,
}

/// One step of a handler. A crash can fall before, between and inside steps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum HandlerStep {
    /// Look the record up in this table, and pass over it when it is there.
    SkipIfIn(String),
    /// Have this service do its work for the record.
    Send(String),
    /// Enter the record in this table.
    InsertInto(String),
    /// Publish an event about the record to this topic.
    Publish(String),
    /// Fail with these records each time: poison, which no retry cures. Named by their values; what is published about one fails as it does. At most 64.
    FailFor(Vec<String>),
    /// Fail with these records at their first tries only, as with something that passes.
    FailFirst(FailFirst),
}

/// When offsets are committed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Commit {
    /// By the client, inside a poll, when the interval has passed (`enable.auto.commit=true`, as shipped).
    #[default]
    Automatic,
    /// By the program, when the batch has been handled (`enable.auto.commit=false`).
    After,
    /// By the program, before it handles the batch (`enable.auto.commit=false`).
    Before,
    /// By the handler, where its code says so (`enable.auto.commit=false`).
    Handler,
    /// By its producer, in one transaction with what the handler publishes (`enable.auto.commit=false`).
    InTransaction,
}

/// Who does the work of a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// The poll loop itself; it polls again when the batch is done.
    #[default]
    Inline,
    /// A worker of the same process; the poll loop hands the batch over and polls again at once.
    Background,
}

/// How long messages travel between a consumer and the broker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Network {
    /// The shortest and the longest way, in microseconds; the seed chooses between them.
    pub latency_us: (u32, u32),
}

impl Default for Network {
    fn default() -> Self {
        Network {
            latency_us: (1_000, 1_000),
        }
    }
}

/// Something that goes wrong, or is put right, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// What happens.
    #[serde(rename = "do")]
    pub verb: Verb,
    /// To which consumer or producer.
    pub to: String,
    /// When.
    pub when: When,
}

/// What a fault does. They come in inverse pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// The process dies. Connections are cut, nothing is said, what was only remembered is gone.
    Crash,
    /// A new process of that name begins.
    Restart,
    /// The process stands still, as in a long pause of its garbage collector. It keeps what it knows and misses what happens.
    Freeze,
    /// It goes on as if nothing had been.
    Thaw,
}

impl Verb {
    /// All of them.
    pub const ALL: [Verb; 4] = [Verb::Crash, Verb::Restart, Verb::Freeze, Verb::Thaw];

    /// The word for it, as an order.
    pub const fn word(self) -> &'static str {
        match self {
            Verb::Crash => "crash",
            Verb::Restart => "restart",
            Verb::Freeze => "freeze",
            Verb::Thaw => "thaw",
        }
    }
}

/// When a fault happens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum When {
    /// This many ms after the scene began.
    AtMs(u32),
    /// This many ms after the fault before it in the list.
    AfterMs(u32),
    /// In place of the n-th time it would do this.
    Before(Moment),
    /// Right after the n-th time this was done: the answer has come.
    After(Moment),
}

/// The n-th time a consumer or producer does something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Moment {
    /// What.
    pub step: Point,
    /// The how-manieth time, from 1, counted since the fault before it.
    #[serde(default = "first")]
    pub nth: u32,
}

const fn first() -> u32 {
    1
}

/// What a consumer or producer does that a fault can wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Point {
    /// Calls poll.
    #[serde(alias = "take")]
    Poll,
    /// Looks a record up in a table.
    Lookup,
    /// Has a service do its work.
    Send,
    /// Enters a record in a table.
    Insert,
    /// Commits, by the program or automatically.
    #[serde(alias = "settle")]
    Commit,
    /// Publishes an event.
    Publish,
    /// Waits.
    Sleep,
    /// Writes offsets in the transaction of its producer.
    SendOffsets,
    /// A producer takes its transactional id.
    Init,
    /// A producer begins a transaction.
    Begin,
    /// A producer sends a record.
    Produce,
    /// A producer commits its transaction.
    CommitTransaction,
    /// A producer aborts its transaction.
    AbortTransaction,
}

impl Point {
    /// Whether producers do it.
    pub const fn is_of_producers(self) -> bool {
        self.is_of_transactions() || matches!(self, Point::Begin | Point::Produce)
    }

    /// Whether consumers do it; some of it only those with a producer of their own.
    pub const fn is_of_consumers(self) -> bool {
        !matches!(self, Point::Begin | Point::Produce)
    }

    /// Whether consumers with a producer of their own do it, and producers.
    const fn is_of_transactions(self) -> bool {
        matches!(
            self,
            Point::Init | Point::CommitTransaction | Point::AbortTransaction
        )
    }

    /// Whether only consumers with a producer of their own do it.
    pub const fn needs_own_producer(self) -> bool {
        self.is_of_transactions() || matches!(self, Point::SendOffsets)
    }
}

/// How far a run may go. Reaching a bound ends the run and is said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Bounds {
    /// The most steps, at most 100000.
    pub steps: u32,
    /// The most virtual time, in ms.
    pub time_ms: u32,
}

impl Default for Bounds {
    fn default() -> Self {
        Bounds {
            steps: 20_000,
            time_ms: 3_600_000,
        }
    }
}

/// Offsets by partition, written as "orders/0".
pub type Offsets = BTreeMap<String, u64>;
