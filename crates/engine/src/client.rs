//! Clients as people write them: a process with a system's client library inside, and a program around it.

pub mod handling;
pub mod process;
pub mod script;

pub use handling::Held;
pub use process::Process;
pub use systems::broker::{Inbox, Outbox};

use crate::cast::{RecordId, ServiceId};
use crate::fact::Fact;
use crate::handler::{TableStep, Value};
use systems::broker::{self, Broker};
use systems::library::Output;

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

/// All that comes out of one step of a process, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects(Vec<Effect>);

impl Effects {
    fn push(&mut self, effect: Effect) {
        self.0.push(effect);
    }

    /// Takes all of them out, in order. Their room is kept.
    pub(crate) fn drain(&mut self) -> impl Iterator<Item = Effect> + '_ {
        self.0.drain(..)
    }
}

/// What a library does stands among what the program around it does.
impl Output<Broker> for Effects {
    fn tell(&mut self, fact: broker::Fact) {
        self.push(Effect::Fact(fact.into()));
    }

    fn send(&mut self, request: broker::Request) {
        self.push(Effect::Send(Outgoing::Broker(request)));
    }
}
