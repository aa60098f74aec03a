//! RabbitMQ, as a search sees it: acknowledgements that do not come in time, and who would still give them.

use super::super::World;
use super::Patience;
use crate::calendar::{Flight, Message};
use crate::cast::ConsumerId;
use systems::broker::{Reply, Request};
use systems::rabbitmq::connection::Owner;
use systems::rabbitmq::inbox::DeliveryTag;
use systems::rabbitmq::{Answer, Broker, Due, Method};
use systems::{Caller, Server};

/// `consumer_timeout` waits for an acknowledgement. Times to live are explored with times only: a scene is
/// checked for that.
pub fn patience(world: &World, broker: &Broker, due: &Due, timed: bool) -> Patience {
    match due {
        Due::AcknowledgementTimesOut { caller, channel } => {
            let owner = Owner {
                caller: *caller,
                channel: *channel,
            };
            match timed || !is_being_worked_on(world, broker, owner) {
                true => Patience::WhenDue,
                false => Patience::AsFault,
            }
        }
        Due::HeadExpires { .. } | Due::QueueExpires { .. } => Patience::WhenDue,
    }
}

/// Whether who has the delivery that times out first lives and will acknowledge it: the program has it, it is
/// in the buffer or on its way there, or its acknowledgement is on its way to the broker.
fn is_being_worked_on(world: &World, broker: &Broker, owner: Owner) -> bool {
    let unacked = broker.connections().channel(owner);
    let unacked = unacked.into_iter().flat_map(|channel| &channel.unacked);
    let timed = unacked.filter_map(|(tag, one)| Some((one.times_out?, *tag)));
    let Some((_, tag)) = timed.min() else {
        return false;
    };
    let Caller { client, connection } = owner.caller;
    let id = ConsumerId(client);
    let Some(consumer) = world.consumers().get(id.at()) else {
        return false;
    };
    let is_under_way = |flight: &Flight| {
        flight.caller == owner.caller
            && match &flight.message {
                Message::Request(Request::Rabbitmq(request)) => match *request.method {
                    Method::BasicAck {
                        delivery_tag,
                        multiple,
                    } => delivery_tag == tag || multiple && delivery_tag > tag,
                    Method::BasicNack { delivery_tag, .. }
                    | Method::BasicReject { delivery_tag, .. } => delivery_tag == tag,
                    _ => false,
                },
                Message::Reply(Reply::Rabbitmq(reply)) => match &*reply.answer {
                    Answer::BasicDeliver { delivery, .. } => delivery.delivery_tag == tag,
                    _ => false,
                },
                _ => false,
            }
    };
    let Some(inbox) = consumer.rabbitmq() else {
        return false;
    };
    if !consumer.life.goes_on() || consumer.life.number != connection {
        return false;
    }
    let mut in_hand = consumer.hand().iter().chain(consumer.unsettled());
    inbox.buffer().iter().any(|one| one.tag == DeliveryTag(tag))
        || inbox
            .handed(DeliveryTag(tag))
            .is_some_and(|record| in_hand.any(|held| held.record() == record))
        || world.flights(id).iter().any(is_under_way)
}

/// Connections differ in their numbers; a client has one at a time.
pub fn same_due(here: &World, due: &Due) -> Option<Due> {
    let is_same = |other: &Due| match (due, other) {
        (
            Due::AcknowledgementTimesOut { caller, channel },
            Due::AcknowledgementTimesOut {
                caller: own,
                channel: number,
            },
        ) => (caller.client, channel) == (own.client, number),
        (one, other) => one == other,
    };
    let mut found = None;
    if let Some(broker) = here.rabbitmq() {
        broker.dues(0, &mut |_, other| {
            if found.is_none() && is_same(&other) {
                found = Some(other);
            }
        });
    }
    found
}
