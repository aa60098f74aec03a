//! How a scene begins: its broker, with the records that are there before anything happens, and its
//! processes.

use crate::cast::{Cast, ClientId, ConsumerId, Party};
use crate::client::Process;
use crate::slot::Slot;
use crate::time::Instant;
use crate::trace::{Cause, Entry, Sink};
use systems::Opens;
use systems::broker::Broker;

/// The broker at the beginning of the scene. What stands in it is told.
pub(super) fn broker(cast: &Cast, sink: &mut impl Sink) -> Broker {
    Broker::open(&cast.opening, &mut |fact| {
        sink.note(Entry {
            at: Instant(0),
            by: Party::Broker,
            cause: Cause(None),
            fact: fact.into(),
        });
    })
}

/// Everybody's process, before it begins: by client.
pub(super) fn processes(cast: &Cast) -> Vec<Slot<Process>> {
    let consumers = cast.consumers.iter().enumerate();
    let consumers = consumers.map(|(at, plan)| Process::consumer(ConsumerId(at as u8), plan));
    let producers = (cast.consumers.len()..).zip(&cast.producers);
    let producers = producers.map(|(at, plan)| Process::producer_of(ClientId(at as u8), plan));
    consumers.chain(producers).map(Slot::new).collect()
}
