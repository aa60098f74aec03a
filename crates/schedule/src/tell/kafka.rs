//! What happens on Kafka, in words.

use super::names;
use engine::calendar::Message;
use engine::cast::{Cast, ClientId};
use engine::world::World;
use systems::broker;
use systems::kafka::group::Deadline;
use systems::kafka::{Due, Fact, ProducerRequest, Request};

/// A time-out that comes although the other side lives.
pub(super) fn early(due: &Due, world: &World) -> Option<String> {
    match due {
        Due::Group(_, Deadline::Session(member) | Deadline::Pending(member)) => Some(format!(
            "the session of {} ends although it lives",
            world.process_name(ClientId(member.client))
        )),
        Due::Group(_, Deadline::Rebalance | Deadline::Sync) | Due::Log(..) => None,
        Due::Transaction(id, _) => Some(format!(
            "the transaction of {} is aborted for being open too long",
            world.cast().transactional_name(*id)
        )),
    }
}

/// Whether a message is a request of a producer.
pub(super) const fn is_producers(message: &Message) -> bool {
    matches!(
        message,
        Message::Request(broker::Request::Kafka(Request::Producer(_)))
    )
}

/// What a request that may get lost is for: only those of producers may.
pub(super) fn request(request: &Request, cast: &Cast) -> Option<String> {
    match request {
        Request::Producer(request) => Some(of_request(request, cast)),
        _ => None,
    }
}

/// What a producer's request is for.
pub(super) fn of_request(request: &ProducerRequest, cast: &Cast) -> String {
    match request {
        ProducerRequest::Produce(_, batch, _) => {
            let records: Vec<_> = batch.records.iter().filter_map(|one| one.of).collect();
            names(&records, cast)
        }
        ProducerRequest::End(_, _, ended) => format!("the {}", ended.word()),
        ProducerRequest::InitIdempotent | ProducerRequest::Init(..) => "a producer id".to_owned(),
        ProducerRequest::AddPartition(..)
        | ProducerRequest::AddOffsets(..)
        | ProducerRequest::TxnOffsetCommit { .. } => "the transaction".to_owned(),
    }
}

/// What a fact says this client has done, if it is worth a word.
pub(super) fn done(fact: &Fact, id: ClientId, cast: &Cast) -> Option<String> {
    let (by, what) = match fact {
        Fact::Polled {
            consumer, records, ..
        } => (
            (*consumer).into(),
            format!("polling {}", names(records, cast)),
        ),
        Fact::Committed {
            consumer, offset, ..
        } => ((*consumer).into(), format!("the commit of {}", offset.0)),
        Fact::Published {
            consumer, record, ..
        } => (
            (*consumer).into(),
            format!("publishing {}", cast.record_name(*record)),
        ),
        Fact::Stored {
            producer, record, ..
        } => (
            *producer,
            format!("{} is stored", cast.record_name(*record)),
        ),
        Fact::Acknowledged {
            producer, record, ..
        } => {
            let name = cast.record_name(*record);
            (*producer, format!("it hears that {name} is stored"))
        }
        Fact::TransactionBegan { producer } => (*producer, "it began a transaction".to_owned()),
        Fact::TransactionDecided { producer, ended }
        | Fact::TransactionEnded { producer, ended } => {
            (*producer, format!("the {}", ended.word()))
        }
        Fact::Identified { producer, .. } => (*producer, "it got its producer id".to_owned()),
        Fact::OffsetWritten { producer, .. } => {
            (*producer, "its offsets are in the transaction".to_owned())
        }
        _ => return None,
    };
    (by == id).then_some(what)
}
