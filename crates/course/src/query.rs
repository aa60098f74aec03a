//! Questions about a run at a place in it, each answered by a number: for numbers in prose, keys
//! of predict questions, and what a task waits for.
//!
//! ```text
//! committed GROUP PARTITION      the committed offset: the next one to read
//! position CONSUMER PARTITION    the next offset poll will return
//! end PARTITION                  the next offset that will be written
//! lag GROUP PARTITION            end less committed
//! times SERVICE RECORD           how often the service did its work for the record
//! total SERVICE                  how often it did its work at all
//! count VERB [FIELD=VALUE …]     how many such facts there were
//! ms MOMENT                      when it was, in whole ms
//! gap_ms MOMENT MOMENT           from the one to the other, in whole ms
//! visible QUEUE                  how many messages of a queue can be handed out now
//! in_flight QUEUE                how many were handed out and are not settled yet
//! lost                           how many records are lost
//! duplicated                     how many effects were repetitions
//! reordered                      how many effects came after that of a later record of the same key
//! stuck                          how many records wait, while nothing more happens by itself
//! surplus TABLE                  a table's numbers in all, less the amounts of all records
//! config PARTY NAME              a number that is set on a client, a topic or the broker
//! seconds QUESTION               the same in whole seconds, of `ms`, `gap_ms` and `config` of a time in ms
//! ```
//!
//! A *moment* is `VERB[#n] [FIELD=VALUE …]`: the n-th such fact, the first if not said. Verbs,
//! fields and values are written as the trace writes them. `@MOMENT` before a question asks it of
//! the state right after the step that brought about that fact. There may be no answer: nothing
//! was committed, or the moment has not come.
//!
//! A *condition* is a question, one of `=`, `>=`, `<=`, `>`, `<`, and a number; it does not hold
//! when there is no answer.

mod answer;
mod check;
mod queues;
mod read;
mod words;

pub use answer::first;

use std::ops::Range;

/// A question about a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// Right after which moment; none: wherever the asker is.
    pub at: Option<Moment>,
    /// What is asked.
    pub measure: Measure,
}

/// What can be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Measure {
    /// The committed offset of a group: the next one to read.
    Committed {
        /// Which group.
        group: String,
        /// Of which partition.
        partition: String,
    },
    /// The next offset a consumer's poll will return.
    Position {
        /// Which consumer.
        consumer: String,
        /// In which partition.
        partition: String,
    },
    /// The next offset that will be written.
    End {
        /// To which partition.
        partition: String,
    },
    /// The end less the committed offset.
    Lag {
        /// Of which group.
        group: String,
        /// In which partition.
        partition: String,
    },
    /// How often a service did its work for a record.
    Times {
        /// Which service.
        service: String,
        /// Which record.
        record: String,
    },
    /// How often a service did its work at all.
    Total {
        /// Which service.
        service: String,
    },
    /// How many facts of a kind there were.
    Count {
        /// Their verb.
        verb: String,
        /// What their fields must be.
        fields: Vec<(String, String)>,
    },
    /// When something was, in whole ms.
    Ms(Moment),
    /// From one moment to another, in whole ms.
    GapMs(Moment, Moment),
    /// How many messages of a queue can be handed out now: `ApproximateNumberOfMessagesVisible` on Amazon SQS,
    /// `messages_ready` on RabbitMQ. Of a dead-letter queue it is what an alarm on its depth watches.
    Visible {
        /// Which queue, by its name or that of its subscription.
        queue: String,
    },
    /// How many messages of a queue were handed out and are not settled yet:
    /// `ApproximateNumberOfMessagesNotVisible` on Amazon SQS, `messages_unacknowledged` on RabbitMQ.
    InFlight {
        /// Which queue, by its name or that of its subscription.
        queue: String,
    },
    /// How many records are lost.
    Lost,
    /// How many effects were repetitions.
    Duplicated,
    /// How many effects came after that of a later record of the same key.
    Reordered,
    /// How many records wait, undone, while nothing more happens by itself.
    Stuck,
    /// A table's numbers in all, less the amounts of all records: below zero where some are missing.
    Surplus {
        /// Which table.
        table: String,
    },
    /// A setting.
    Config {
        /// Of whom: a client, a topic or the broker.
        party: String,
        /// Its real name, such as `session.timeout.ms`.
        name: String,
    },
    /// A number of milliseconds as seconds, rounded: ten seconds and more are read as such.
    Seconds(Box<Measure>),
}

/// The n-th fact of a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Its verb.
    pub verb: String,
    /// The how-manieth, from 1.
    pub nth: u32,
    /// What its fields must be.
    pub fields: Vec<(String, String)>,
}

/// A question that must have a certain answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The question.
    pub query: Query,
    /// How the answer must compare.
    pub comparison: Comparison,
    /// With what.
    pub number: i64,
}

/// How two numbers compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `>=`
    AtLeast,
    /// `<=`
    AtMost,
    /// `>`
    Above,
    /// `<`
    Below,
}

/// Something in a question that is not understood, or that the scene does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Which bytes of the text; the whole text when it was not read from one.
    pub at: Range<usize>,
    /// What is wrong.
    pub what: String,
    /// What to write instead.
    pub help: String,
}

impl std::fmt::Display for Mistake {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}; {}", self.what, self.help)
    }
}

impl std::error::Error for Mistake {}

impl Comparison {
    /// Whether the left number compares so with the right one.
    pub const fn holds(self, left: i64, right: i64) -> bool {
        match self {
            Comparison::Equal => left == right,
            Comparison::AtLeast => left >= right,
            Comparison::AtMost => left <= right,
            Comparison::Above => left > right,
            Comparison::Below => left < right,
        }
    }
}
