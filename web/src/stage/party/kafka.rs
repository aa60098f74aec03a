//! What a consumer of Kafka does and owns, for its card.

use crate::stage::moment::Moment;
use crate::stage::words::{list, span};
use engine::ConsumerId;
use engine::client::Process;
use engine::client::handling::{Calling, Phase};
use engine::systems::kafka::inbox::{Inbox, Membership, Position};
use engine::systems::kafka::producer::Producer;

/// What a consumer believes to own, and as whom the broker knows its own producer.
pub fn owns(moment: &Moment<'_>, id: ConsumerId, state: &Process, inbox: &Inbox) -> String {
    let cast = moment.world.cast();
    let owns: Vec<_> = inbox
        .owned
        .iter()
        .map(|owned| match owned.position {
            Position::At(offset) => {
                format!("{} at {}", cast.partition_name(owned.partition), offset.0)
            }
            Position::Unknown | Position::Asked => cast.partition_name(owned.partition),
        })
        .collect();
    let owns = match (owns.is_empty(), still_listed(moment, id)) {
        (false, _) => format!("owns {}", list(&owns)),
        (true, true) if !state.life.up => {
            "to the group, a process of this name still owns its partitions".to_owned()
        }
        (true, _) => "owns nothing".to_owned(),
    };
    match state.producer().and_then(Producer::identity) {
        Some(_) => format!("{owns}; {}", known_as(state)),
        None => owns,
    }
}

/// Under which identity the producer in a process writes.
pub fn known_as(state: &Process) -> String {
    match state.producer().and_then(Producer::identity) {
        Some(own) => format!("producer id {}, epoch {}", own.producer.0, own.epoch.0),
        None => "no producer id".to_owned(),
    }
}

/// Whether the coordinator still counts a process of this name as an owner.
fn still_listed(moment: &Moment<'_>, id: ConsumerId) -> bool {
    let group = moment.world.cast().consumers[id.at()].group;
    moment.world.group(group).is_some_and(|group| {
        let mut members = group.members().iter();
        members.any(|member| member.id.client == id.0 && !member.assignment.is_empty())
    })
}

/// What a consumer is doing now.
pub fn doing(moment: &Moment<'_>, id: ConsumerId, state: &Process, inbox: &Inbox) -> String {
    let cast = moment.world.cast();
    if !state.life.up {
        let group = cast.consumers[id.at()].group;
        let session = moment.world.group(group).and_then(|known| {
            known
                .members()
                .iter()
                .filter(|member| member.id.client == id.0)
                .find_map(|member| known.session_ends(member.id))
        });
        return match session {
            Some(ends) => format!(
                "its session ends in {}",
                span(ends.since(moment.world.now()).0)
            ),
            None if state.life.number == 0 => "not begun yet".to_owned(),
            None => "the group has struck it off".to_owned(),
        };
    }
    let Some(handling) = state.handling() else {
        return String::new();
    };
    if let Phase::BeforeCall(calling) | Phase::Calling(calling) = handling.phase {
        return match calling {
            Calling::Init => "takes its transactional id",
            Calling::SendOffsets => "writes offsets in the transaction",
            Calling::Commit => "commits the transaction",
            Calling::Abort => "aborts the transaction",
        }
        .to_owned();
    }
    match (inbox.membership, handling.phase) {
        (Membership::Outside, _) => "about to join its group".to_owned(),
        (Membership::Joining, _) => "waits for its join".to_owned(),
        (Membership::Syncing, _) => "waits for its partitions".to_owned(),
        (Membership::Member, Phase::BeforePoll | Phase::Polling) => "in poll".to_owned(),
        (Membership::Member, Phase::BeforeCommit) => "about to commit".to_owned(),
        (Membership::Member, Phase::Committing) => "commits".to_owned(),
        (Membership::Member, _) => handling.hand.first().map_or_else(
            || "at work".to_owned(),
            |held| format!("works on {}", cast.record_name(held.record())),
        ),
    }
}
