//! What happens in exchanges and queues, in words.

use super::names;
use engine::cast::{Cast, ClientId, process_name};
use engine::world::World;
use systems::rabbitmq::{Due, Fact, Method, Request};

/// A time-out that comes although the other side lives.
pub(super) fn early(due: &Due, world: &World) -> Option<String> {
    let Due::AcknowledgementTimesOut { caller, .. } = due else {
        return None;
    };
    Some(format!(
        "consumer_timeout passes while {} still works",
        process_name(
            world.cast().client_name(ClientId(caller.client)),
            caller.connection
        )
    ))
}

/// What a request that may get lost is for: only a publish may.
pub(super) fn request(request: &Request, cast: &Cast) -> Option<String> {
    match &*request.method {
        Method::BasicPublish(publish) => publish.record.map(|record| cast.record_name(record)),
        _ => None,
    }
}

/// What a fact says this client has done, if it is worth a word.
pub(super) fn done(fact: &Fact, id: ClientId, cast: &Cast) -> Option<String> {
    let (by, what) = match fact {
        Fact::Handed { consumer, records } => (
            (*consumer).into(),
            format!("it is handed {}", names(records, cast)),
        ),
        Fact::GivenBack {
            consumer, record, ..
        } => (
            (*consumer).into(),
            format!("it gives {} back", cast.record_name(*record)),
        ),
        Fact::PublishConfirmed { by, record } => {
            let name = cast.record_name(*record);
            (*by, format!("it hears that {name} is stored"))
        }
        Fact::Acknowledged {
            record: Some(record),
            client,
            ..
        } => (*client, format!("the ack of {}", cast.record_name(*record))),
        _ => return None,
    };
    (by == id).then_some(what)
}
