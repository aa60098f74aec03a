//! What a consumer does with a message: a program of small steps, and a crash can fall between any two.
//!
//! # Rules
//! 1. A handler is asked again and again what it does *next*, from the start, with the answers to
//!    everything it has asked for so far. It must ask for the same things again when it is given the
//!    same answers: whatever could differ from run to run (a clock, chance) is not there to be read.
//! 2. Everything it asks for is one step of the world: the request leaves, the effect happens, the
//!    answer comes, and before and after each the process can die.
//! 3. A transaction over tables is one step: all of it happens, or none.
//! 4. A handler that fails is an uncaught exception: the process dies with it, and may be restarted, unless its
//!    consumer catches it and tries again, gives the record back or gives it up.

pub mod language;
mod memory;
pub mod reference;

pub use memory::Memory;

use crate::cast::{Cast, RecordId, ServiceId, TableId};
use crate::time::Span;
use explore::Weigh;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use systems::kafka::TopicId;
pub use systems::library::Place;

/// One thing that keeps a program from being a handler, with its place. Lines and columns begin at 1
/// and count characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Problem {
    /// The line it begins in.
    pub line: u32,
    /// The column it begins at.
    pub column: u32,
    /// The line it ends in.
    pub end_line: u32,
    /// The column behind its last character.
    pub end_column: u32,
    /// What is wrong.
    pub message: String,
    /// What to do; empty when the message says it.
    pub help: String,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}:{}: {}", self.line, self.column, self.message)?;
        if !self.help.is_empty() {
            write!(out, " ({})", self.help)?;
        }
        Ok(())
    }
}

/// What stands in a table and comes back as an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Weigh)]
#[serde(untagged)]
pub enum Value {
    /// Nothing: no such row, or an answer without content.
    #[default]
    Nothing,
    /// Yes or no.
    Truth(bool),
    /// A whole number.
    Number(i64),
    /// Text. A record's own text ([`RecordPlan::value`](crate::cast::RecordPlan)) stands for that record.
    Text(Arc<str>),
    /// The answers of a transaction, in the order of what it asked.
    List(Vec<Value>),
}

/// By way of JSON: read directly, an untagged number is not found where some crate of the same build
/// asks `serde_json` to keep numbers as text.
impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        fn value(json: serde_json::Value) -> Option<Value> {
            Some(match json {
                serde_json::Value::Null => Value::Nothing,
                serde_json::Value::Bool(truth) => Value::Truth(truth),
                serde_json::Value::Number(number) => Value::Number(number.as_i64()?),
                serde_json::Value::String(text) => Value::Text(text.into()),
                serde_json::Value::Array(list) => {
                    Value::List(list.into_iter().map(value).collect::<Option<_>>()?)
                }
                serde_json::Value::Object(_) => return None,
            })
        }
        value(serde_json::Value::deserialize(from)?).ok_or_else(|| {
            serde::de::Error::custom("a value is null, true, false, a whole number, text or a list")
        })
    }
}

impl std::fmt::Display for Value {
    /// As JSON.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&crate::text::write(self))
    }
}

/// The attempts after which a delivery's count stays as it is, so that trying for ever ends in a circle.
pub const MOST_ATTEMPTS: u32 = 8;

/// A message as the program gets it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Weigh,
)]
pub struct Delivery {
    /// Which record.
    pub record: RecordId,
    /// Where it stands, in a system whose records have places.
    pub place: Option<Place>,
    /// The nth time it is tried, from 1 to [`MOST_ATTEMPTS`], where it stays. Where the broker does not
    /// count, a crash begins again at 1; Amazon SQS counts receives, quorum queues of RabbitMQ returns.
    pub attempt: u32,
    /// Whether it had been handed out before, where the broker says so: RabbitMQ does.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub redelivered: bool,
}

/// One thing done in a transaction.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Weigh)]
pub enum TableStep {
    /// Read the row. Answer: its value, or nothing.
    Get(TableId, Value),
    /// Is there such a row? Answer: yes or no.
    Has(TableId, Value),
    /// Enter a row that must not be there yet. Answer: yes, or no when it was there and stays as it is.
    /// In a transaction with more steps a row that was there undoes all of it, and the whole answer is nothing.
    Insert(TableId, Value, Value),
    /// Write the row, whether it was there or not. Answer: nothing.
    Put(TableId, Value, Value),
    /// Add to the number in the row, from 0. Answer: the new number.
    Add(TableId, Value, i64),
    /// Take the row out. Answer: whether it was there.
    Delete(TableId, Value),
}

/// What a handler asks for: one step of the world.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Ask {
    /// Have a service do its work for a record. Answer: yes, or no when no answer came in time,
    /// in which case the work may have been done or not.
    Call {
        /// Which service.
        service: ServiceId,
        /// About which record.
        record: RecordId,
        /// An idempotency key: a service that knows it answers yes and does nothing again.
        key: Option<Value>,
    },
    /// A transaction over tables. Answer: that of its one step, or the list of all; nothing when it was undone.
    Tables(Vec<TableStep>),
    /// Commit the offset behind this message. Answer: yes, or no when the coordinator refused it.
    Commit,
    /// Publish an event about this record. Answer: yes.
    Publish {
        /// To which topic.
        topic: TopicId,
        /// About which record.
        record: RecordId,
    },
    /// Wait. Answer: nothing.
    Sleep(Span),
}

/// How a handler ended.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Verdict {
    /// It is through with the message.
    Done,
    /// It wants to be given the message again, after this wait.
    Again(Span),
    /// It failed.
    Failed(Failure),
}

/// An uncaught exception.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Failure {
    /// Which line, from 1. 0 when it is not the program that failed: it was not asked or not let
    /// go on, and what it would have done is not known.
    pub line: u32,
    /// Which column, from 1; 0 when there is none.
    pub column: u32,
    /// What went wrong, in one sentence, and what to do.
    pub message: Arc<str>,
}

/// What comes next.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Next {
    /// One more step of the world.
    Ask(Ask),
    /// The end.
    End(Verdict),
}

/// One answer of a handler.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Turn {
    /// What it logged since its last step.
    pub log: Vec<Arc<str>>,
    /// What comes next.
    pub next: Next,
}

/// A program that handles messages. See the rules above.
pub trait Handler: std::fmt::Debug + Send + Sync {
    /// What the handler does next, given the answers to everything it asked for so far.
    fn next(&self, cast: &Cast, delivery: &Delivery, answers: &[Value]) -> Turn;
}

/// A handler that somebody wrote, and that may do only so much.
pub trait Program: Handler {
    /// Every turn it took so far.
    fn recorded(&self) -> Recorded;

    /// Why what it does is not known, in a sentence: it met a limit. None while it is known.
    fn stopped(&self) -> Option<String>;
}

/// A handler that was written down: every turn it took, so that a page can replay a run without
/// the language the handler was written in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    from = "Vec<(Delivery, Vec<Value>, Turn)>",
    into = "Vec<(Delivery, Vec<Value>, Turn)>"
)]
pub struct Recorded {
    turns: BTreeMap<(Delivery, Vec<Value>), Turn>,
}

impl Recorded {
    /// Writes down one turn.
    pub fn note(&mut self, delivery: Delivery, answers: &[Value], turn: Turn) {
        self.turns.insert((delivery, answers.to_vec()), turn);
    }
}

impl From<Vec<(Delivery, Vec<Value>, Turn)>> for Recorded {
    fn from(turns: Vec<(Delivery, Vec<Value>, Turn)>) -> Self {
        let mut recorded = Recorded::default();
        for (delivery, answers, turn) in turns {
            recorded.turns.insert((delivery, answers), turn);
        }
        recorded
    }
}

impl From<Recorded> for Vec<(Delivery, Vec<Value>, Turn)> {
    fn from(recorded: Recorded) -> Self {
        recorded
            .turns
            .into_iter()
            .map(|((delivery, answers), turn)| (delivery, answers, turn))
            .collect()
    }
}

impl Handler for Recorded {
    fn next(&self, _: &Cast, delivery: &Delivery, answers: &[Value]) -> Turn {
        self.turns
            .get(&(*delivery, answers.to_vec()))
            .cloned()
            .unwrap_or_else(|| Turn {
                log: Vec::new(),
                next: Next::End(Verdict::Failed(Failure {
                    line: 0,
                    column: 0,
                    message:
                        "this run leaves what was checked: run the code again to go on from here"
                            .into(),
                })),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_they_are_written() {
        for text in ["null", "true", "-7", "\"ord_1\"", "[1,[\"a\",null],false]"] {
            let value: Value = serde_json::from_str(text).unwrap();
            assert_eq!(value.to_string(), text);
        }
        for text in ["1.5", "{}", "[{}]", "99999999999999999999"] {
            assert!(serde_json::from_str::<Value>(text).is_err(), "{text}");
        }
    }
}
