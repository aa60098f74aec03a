//! What a consumer of a RabbitMQ queue does and has, for its card.

use crate::stage::moment::Moment;
use crate::stage::words::list;
use engine::client::Process;
use engine::client::handling::Phase;
use engine::systems::rabbitmq::inbox::{Channel, Inbox};

/// What stands in its library's buffer.
pub fn holds(moment: &Moment<'_>, inbox: &Inbox) -> String {
    let cast = moment.world.cast();
    let buffer = inbox.buffer().iter();
    let buffer: Vec<_> = buffer.map(|one| cast.record_name(one.record)).collect();
    match buffer.is_empty() {
        true => "nothing in its buffer".to_owned(),
        false => format!("{} in its buffer", list(&buffer)),
    }
}

/// What a consumer is doing now.
pub fn doing(moment: &Moment<'_>, state: &Process, inbox: &Inbox) -> String {
    let cast = moment.world.cast();
    let Some(handling) = state.handling() else {
        return String::new();
    };
    match (state.life.up, handling.phase) {
        (false, _) if state.life.number == 0 => "not begun yet".to_owned(),
        (false, _) => "its connection is gone".to_owned(),
        (true, Phase::BeforePoll | Phase::Polling) => match inbox.channel() {
            Channel::Closed => "has no channel".to_owned(),
            Channel::Opening | Channel::Limiting => "opens its channel".to_owned(),
            Channel::Subscribing => "subscribes".to_owned(),
            Channel::Consuming => "waits for a delivery".to_owned(),
        },
        (true, Phase::BeforeCommit | Phase::Committing) => "about to acknowledge".to_owned(),
        (true, Phase::Working | Phase::BeforeCall(_) | Phase::Calling(_)) => {
            handling.hand.first().map_or_else(
                || "at work".to_owned(),
                |held| format!("works on {}", cast.record_name(held.record())),
            )
        }
    }
}
