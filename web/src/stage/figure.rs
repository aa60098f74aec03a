//! What a server's state looks like: a few shapes, which the view draws without knowing of whom they are.
//!
//! Each system has a room here that makes shapes of its state.

pub mod kafka;
pub mod leases;
pub mod queue;
pub mod sqs;
pub mod tape;

use crate::stage::moment::{Fate, Moment};
use engine::systems::fact::{Named, Names};
use engine::{ClientId, Instant, RecordId, Run};
use queue::Queue;
use tape::Tape;

/// What can be drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Figure {
    /// A log.
    Tape(Tape),
    /// A queue whose messages are handed out for a time.
    Queue(Queue),
}

/// What a server's state alone does not say: what things are called, what time it is, and what has
/// become of the work on messages.
pub struct Seen<'a> {
    /// The names.
    pub names: &'a dyn Names,
    /// The time.
    pub now: Instant,
    /// What has become of the work on a message.
    pub fate: &'a dyn Fn(RecordId) -> Fate,
    /// Whether what a search found is about a message.
    pub concerns: &'a dyn Fn(RecordId) -> bool,
    /// What is said of a message whose work is done: "mailed".
    pub done: &'a str,
}

impl Seen<'_> {
    fn record(&self, record: RecordId) -> String {
        self.names.name(Named::Record, record.0.into())
    }

    fn client(&self, client: ClientId) -> String {
        self.names.name(Named::Client, client.0.into())
    }
}

/// A column that a system has in the table beside who did what: a number it keeps, as it is after each
/// fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// What is written above it.
    pub head: &'static str,
    /// One for each fact of the trace; nothing where there is none yet.
    pub values: Vec<Option<u64>>,
}

/// The column of a run's system.
pub fn column(run: &Run) -> Option<Column> {
    kafka::column(run)
}

/// The figures of a moment, in the order in which they stand.
pub fn figures(moment: &Moment<'_>) -> Vec<Figure> {
    kafka::tapes(moment).into_iter().map(Figure::Tape).collect()
}
