//! What must be true on every schedule, or be possible on one.

use explore::Kind;
use explore::time::Span;
use serde::{Deserialize, Serialize};

/// A promise under a name people use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Promise {
    /// Its name, for example "No order lost".
    pub name: String,
    /// What is promised.
    pub that: Condition,
}

/// What is promised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// Always: no record is settled (committed past, or deleted), not done, and in nobody's hands.
    NothingLost,
    /// Always: this service does its work at most once for each record.
    DoneOnce(String),
    /// Always: this service does its work for the records of one key, the first time each, in the order of their offsets.
    InOrder(String),
    /// Always: the numbers in this table never add up to more than the amounts of all records, and to just that when all is at rest and nothing is down.
    AddsUp(String),
    /// Always: no event stands in this topic whose row is not in the table and never will be.
    NoGhost {
        /// The topic of events.
        topic: String,
        /// The table whose rows they tell of.
        table: String,
    },
    /// Always: no record stands twice in this topic, other than in transactions that are open or were aborted.
    StoredOnce(String),
    /// Always: nobody is handed a record that stands only in transactions that were aborted.
    NoneAborted,
    /// Eventually: every record that producers send to this topic, and the event of every record whose readers publish to it, stands in it, and not in a transaction that is open or was aborted.
    AllStored(String),
    /// Eventually: every record has been handled, or was set aside in a dead-letter topic or queue.
    AllHandled,
    /// Eventually: nothing is left for any subscription: its group has committed to the end of its topics, or its queue is empty.
    LagZero,
    /// Sometimes: this service has done its work for every record.
    AllDone(String),
    /// Sometimes: something was handed out a second time after a crash.
    Redelivered,
}

impl Condition {
    /// How it is judged.
    pub const fn kind(&self) -> Kind {
        match self {
            Condition::NothingLost
            | Condition::DoneOnce(_)
            | Condition::InOrder(_)
            | Condition::AddsUp(_)
            | Condition::NoGhost { .. }
            | Condition::StoredOnce(_)
            | Condition::NoneAborted => Kind::Always,
            Condition::AllHandled | Condition::LagZero | Condition::AllStored(_) => {
                Kind::Eventually
            }
            Condition::AllDone(_) | Condition::Redelivered => Kind::Sometimes,
        }
    }
}

/// The most parts of a world that is searched: what a step has read is one number of 128 bits.
pub const MOST_PARTS: usize = 128;

/// How far every schedule is tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Budget {
    /// The most crashes of consumers and producers. Whoever is down may be restarted at any time.
    pub crashes: u8,
    /// The most times a process stands still. It may go on at any time.
    #[serde(skip_serializing_if = "is_none")]
    pub freezes: u8,
    /// The most messages to or from services, and between producers and the broker, that get lost.
    pub losses: u8,
    /// The most requests to services and tables that arrive twice.
    pub duplicates: u8,
    /// The most time-outs that fire although the other side lives and answers: a session, a rebalance, a transaction, an expired row.
    pub early_timeouts: u8,
    /// The most times that `max.poll.interval.ms` passes while a consumer's program is at work. Where times are explored it passes when it is due, and costs nothing. Kafka only.
    #[serde(skip_serializing_if = "is_none")]
    pub slow_polls: u8,
    /// Steps due within so many ms of the earliest may go in any order. Left out: times are ignored, any order goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jitter_ms: Option<u32>,
    /// The most states that are visited.
    pub states: u32,
    /// The most steps of one schedule.
    pub depth: u32,
    /// Consumers that differ in nothing but their names: what one can do the other can, and is not tried again. At most 32.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub interchangeable: Vec<Vec<String>>,
}

impl Default for Budget {
    fn default() -> Self {
        Budget {
            crashes: 1,
            freezes: 0,
            losses: 0,
            duplicates: 0,
            early_timeouts: 0,
            slow_polls: 0,
            jitter_ms: None,
            states: 1_000_000,
            depth: 1_000,
            interchangeable: Vec::new(),
        }
    }
}

const fn is_none(count: &u8) -> bool {
    *count == 0
}

fn count(number: u8, one: &str, many: &str) -> Option<String> {
    match number {
        0 => None,
        1 => Some(format!("1 {one}")),
        more => Some(format!("{more} {many}")),
    }
}

impl Budget {
    /// The faults it allows, in words: "1 crash and 2 lost messages".
    pub fn faults(&self) -> String {
        let mut all: Vec<String> = [
            count(self.crashes, "crash", "crashes"),
            count(self.freezes, "freeze", "freezes"),
            count(self.losses, "lost message", "lost messages"),
            count(self.duplicates, "doubled request", "doubled requests"),
            count(self.early_timeouts, "early time-out", "early time-outs"),
            count(self.slow_polls, "slow poll", "slow polls"),
        ]
        .into_iter()
        .flatten()
        .collect();
        match all.pop() {
            None => "no fault".to_owned(),
            Some(last) if all.is_empty() => last,
            Some(last) => format!("{} and {last}", all.join(", ")),
        }
    }

    /// Which orders of steps it allows, in words.
    pub fn orders(&self) -> String {
        match self.jitter_ms {
            None => "any order of steps".to_owned(),
            Some(0) => "steps in the order of their times".to_owned(),
            Some(ms) => format!(
                "steps due within {} of each other in any order",
                Span::from_ms(ms.into()).in_words()
            ),
        }
    }
}
