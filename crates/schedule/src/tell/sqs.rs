//! What happens in queues, in words.

use super::names;
use engine::cast::{Cast, ClientId, process_name};
use engine::world::World;
use systems::sqs::{Due, Fact, Request};

/// A time-out that comes although the other side lives.
pub(super) fn early(due: &Due, world: &World) -> Option<String> {
    let Due::VisibilityEnds { receipt, by } = due else {
        return None;
    };
    let record = receipt
        .record
        .map(|record| world.cast().record_name(record));
    Some(format!(
        "the visibility time-out of {} ends while {} still has it",
        record.unwrap_or_else(|| "a message".to_owned()),
        process_name(world.cast().client_name(ClientId(by.client)), by.connection)
    ))
}

/// What a request that may get lost is for: only a sender's may.
pub(super) fn request(request: &Request, cast: &Cast) -> Option<String> {
    match request {
        Request::SendMessage { message, .. } => {
            message.record.map(|record| cast.record_name(record))
        }
        _ => None,
    }
}

/// What a fact says this client has done, if it is worth a word.
pub(super) fn done(fact: &Fact, id: ClientId, cast: &Cast) -> Option<String> {
    let (by, what) = match fact {
        Fact::Returned { consumer, records } => (
            (*consumer).into(),
            format!("receiving {}", names(records, cast)),
        ),
        Fact::SendAcknowledged { by, record } => {
            let name = cast.record_name(*record);
            (*by, format!("it hears that {name} is stored"))
        }
        Fact::MessageLeft {
            consumer,
            record: Some(record),
        } => (
            (*consumer).into(),
            format!("leaving {} in the queue", cast.record_name(*record)),
        ),
        Fact::Deleted {
            record: Some(record),
            by,
            ..
        } => (*by, format!("the delete of {}", cast.record_name(*record))),
        _ => return None,
    };
    (by == id).then_some(what)
}
