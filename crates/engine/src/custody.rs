//! Where a record is, for one subscription: the same question for every system.
//!
//! It is answered from two sides, with one rule for each system. A world answers it from its state
//! ([`World::custody`](crate::World::custody)), and a reader from the facts of a trace
//! ([`Facts`](crate::anomaly::Facts)). A test holds the two to the same answer on random scenes and ways.

pub(crate) mod kafka;
pub(crate) mod queue;
pub(crate) mod rabbitmq;
pub(crate) mod sqs;

use crate::cast::{Cast, ClientId, RecordId};
use crate::handler::Place;
use crate::trace::{FactId, Trace};
use systems::SystemName;
use systems::kafka::GroupId;

/// Where a record is, for one subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Custody {
    /// It is not for this subscription, or has not been stored yet.
    Nowhere,
    /// Somebody will be handed it.
    Waiting,
    /// Somebody has it and has not said that it is done: on Kafka a process that lives, on Amazon SQS
    /// whoever received it, alive or not, until the visibility time-out ends; on RabbitMQ whose connection it
    /// was delivered on and has not acknowledged it.
    Out(ClientId),
    /// It is done, as far as the system knows: committed past, or deleted. Nobody will be handed it
    /// again; what a queue kept for its whole retention period counts too.
    Settled,
    /// It was set aside: on Kafka its dead letter stands, whether or not the record itself is committed
    /// past; on Amazon SQS it was moved to a dead-letter queue and is there.
    SetAside,
}

impl Custody {
    /// Whether the system still owes it to the subscription: it waits or is out.
    pub const fn is_open(self) -> bool {
        matches!(self, Custody::Waiting | Custody::Out(_))
    }
}

/// Follows the facts of a trace, and says where records are after those that were read.
pub(crate) enum Reader {
    /// Of logs and committed offsets.
    Kafka(kafka::Reader),
    /// Of queues.
    Sqs(sqs::Reader),
    /// Of exchanges and queues.
    Rabbitmq(rabbitmq::Reader),
}

impl Reader {
    /// Before any fact.
    pub fn new(cast: &Cast) -> Reader {
        match cast.system() {
            SystemName::Kafka => Reader::Kafka(kafka::Reader::new(cast)),
            SystemName::Sqs => Reader::Sqs(sqs::Reader::default()),
            SystemName::Rabbitmq => Reader::Rabbitmq(rabbitmq::Reader::default()),
        }
    }

    /// Reads the next fact of a trace. Says whether it may have moved a record.
    pub fn read(&mut self, at: FactId, trace: &Trace) -> bool {
        match self {
            Reader::Kafka(reader) => reader.read(at, trace),
            Reader::Sqs(reader) => reader.read(at, trace),
            Reader::Rabbitmq(reader) => reader.read(at, trace),
        }
    }

    /// Where a record is. `holder` says which member of the subscription has it in hand.
    pub fn custody(
        &self,
        record: RecordId,
        of: GroupId,
        cast: &Cast,
        holder: impl FnOnce() -> Option<ClientId>,
    ) -> Custody {
        match self {
            _ if !cast.is_for(of, record) => Custody::Nowhere,
            Reader::Kafka(reader) => reader.custody(record, of, cast, holder),
            Reader::Sqs(reader) => reader.custody(record, of, cast),
            Reader::Rabbitmq(reader) => reader.custody(record, of, cast),
        }
    }

    /// Where a record stands, in a system whose records have places.
    pub fn place(&self, record: RecordId) -> Option<Place> {
        match self {
            Reader::Kafka(reader) => reader.place(record),
            Reader::Sqs(_) | Reader::Rabbitmq(_) => None,
        }
    }
}
