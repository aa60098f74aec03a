//! Clients as people write them: a process with a system's client library inside, and a program around it.

pub mod handling;
pub mod inbox;
pub mod kafka;
pub mod outbox;
pub mod process;
pub mod rabbitmq;
pub mod script;
pub mod sqs;

pub use handling::Held;
pub use inbox::{Heard, Inbox};
pub use outbox::Outbox;
pub use process::Process;

use crate::cast::{RecordId, ServiceId};
use crate::fact::Fact;
use crate::handler::{TableStep, Value};
use systems::broker;

/// What leaves a process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outgoing {
    /// To the broker.
    Broker(broker::Request),
    /// To a service, with the idempotency key if there is one.
    Service(ServiceId, RecordId, Option<Value>),
    /// To the tables: a transaction.
    Tables(Vec<TableStep>),
}

/// What comes out of one step, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Something happened.
    Fact(Fact),
    /// Something leaves.
    Send(Outgoing),
    /// The program was handed these records.
    Took(Vec<RecordId>),
    /// The handler is through with a record.
    Finished(RecordId),
    /// An uncaught exception: the process dies.
    Die,
}
