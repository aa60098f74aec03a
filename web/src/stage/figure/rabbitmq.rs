//! RabbitMQ: what is ready in a queue, and what is with a consumer, in its buffer or in its program's hand; and
//! the exchanges before the queues.

mod deliveries;
mod routes;
mod way;

pub use deliveries::Deliveries;

use super::leases::Happening;
use super::queue::{Message, Queue, Room, RoomKind};
use super::{Figure, Seen};
use engine::systems::rabbitmq::Fact;
use engine::systems::rabbitmq::inbox::DeliveryTag;
use engine::systems::rabbitmq::{self, Broker, QueueType};
use engine::{ClientId, ConsumerId, World};
use way::Latest;

/// The routes of a broker with its queues; or, where each exchange has one queue, a figure for each queue.
/// `facts` is what has happened so far, `story` what has happened and will happen in all queues and to the
/// processes, in order.
pub fn figures<'a>(
    broker: &Broker,
    world: &World,
    seen: &Seen<'_>,
    facts: impl Iterator<Item = &'a Fact>,
    story: &[Happening],
) -> Vec<Figure> {
    let leases = |queue: &str| deliveries::leases(queue, seen, story);
    let dead_letter = |queue: &str| {
        let given = &broker.queues().by_name.get(queue)?.arguments;
        let key = given.dead_letter_routing_key.clone();
        Some((given.dead_letter_exchange.clone()?, key))
    };
    let latest = Latest::of(facts, world.cast(), dead_letter);
    if let Some(routes) = routes::routes(broker, world, seen, latest.as_ref(), &leases) {
        return vec![Figure::Routes(Box::new(routes))];
    }
    let queues = broker.queues().by_name.values();
    let figures = queues.map(|one| {
        Figure::Queue(Box::new(Queue {
            leases: leases(&one.name),
            ..queue(one, world, seen)
        }))
    });
    figures.collect()
}

fn queue(queue: &rabbitmq::queue::Queue, world: &World, seen: &Seen<'_>) -> Queue {
    let ready = queue.ready.values();
    let ready = ready.map(|entry| {
        let waits = entry
            .redelivered
            .then(|| "was handed out before".to_owned());
        message(&entry.message, waits, &queue.name, seen)
    });
    let held = queue.held.iter();
    let held = held.map(|(position, held)| {
        let client = ClientId(held.owner.caller.client);
        let place = where_with(world, held, *position, queue, client);
        let waits = format!("{place} {}", seen.client(client));
        message(&held.entry.message, Some(waits), &queue.name, seen)
    });
    Queue {
        name: queue.name.to_string(),
        kind: match queue.queue_type() {
            QueueType::Classic => "classic queue",
            QueueType::Quorum => "quorum queue",
            QueueType::Stream => "stream",
        },
        rooms: vec![
            Room::new(RoomKind::Ready, ready.collect()),
            Room::new(RoomKind::Unacknowledged, held.collect()),
        ],
        dead_letters: None,
        leases: None,
    }
}

/// Whether a delivery is on its way to a client, in its library's buffer, or with its program.
fn where_with(
    world: &World,
    held: &rabbitmq::queue::Held,
    position: u64,
    queue: &rabbitmq::queue::Queue,
    client: ClientId,
) -> &'static str {
    let channel = world
        .rabbitmq()
        .and_then(|broker| broker.connections().channel(held.owner));
    let tag = channel.and_then(|channel| {
        let mut unacked = channel.unacked.iter();
        let is_it = |one: &rabbitmq::connection::Unacked| {
            one.position == position && one.queue.as_deref() == Some(&*queue.name)
        };
        unacked
            .find(|(_, one)| is_it(one))
            .map(|(tag, _)| DeliveryTag(*tag))
    });
    let consumer = world.consumers().get(ConsumerId(client.0).at());
    let inbox = consumer.and_then(|consumer| consumer.rabbitmq());
    match (inbox, tag) {
        (Some(inbox), Some(tag)) if inbox.handed(tag).is_some() => "in hand of",
        (Some(inbox), Some(tag)) if inbox.buffer().iter().any(|one| one.tag == tag) => {
            "in the buffer of"
        }
        (Some(_), Some(_)) => "on the way to or from",
        (None, _) | (_, None) => "with",
    }
}

fn message(
    message: &rabbitmq::Message,
    waits: Option<String>,
    queue: &str,
    seen: &Seen<'_>,
) -> Message {
    let (fate, done) = seen.fate(message.record, queue);
    Message {
        name: match message.record {
            Some(record) => seen.record(record),
            None => message.body.chars().take(24).collect(),
        },
        fate,
        done,
        receives: 0,
        most_receives: None,
        lease: None,
        waits,
        group: None,
        is_blocked: false,
        concerned: message.record.is_some_and(|record| (seen.concerns)(record)),
    }
}
