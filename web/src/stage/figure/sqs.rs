//! Queues of Amazon SQS: rooms, leases, and message groups that stand still.

use super::leases::{Event, Happening, Leases, Noun};
use super::queue::{Lease, Message, Queue, Room, RoomKind, behind};
use super::{Column, Figure, Seen};
use crate::stage::words::span;
use engine::systems::sqs::message::Place;
use engine::systems::sqs::{self, Fact, Sqs, arn};
use engine::{Cast, ClientId, Instant, RecordId};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A figure for each queue of an account; dead-letter queues stand in the figures of those that fill
/// them. `story` is what has happened and will happen in all queues and to the processes, in order.
pub fn figures(sqs: &Sqs, seen: &Seen<'_>, story: &[Happening]) -> Vec<Figure> {
    let of = |queue: &sqs::Queue| Some(dead_letter_queue(queue)?.0.to_owned());
    let filled: Vec<String> = sqs.queues().filter_map(of).collect();
    let is_shown = |queue: &&sqs::Queue| !filled.iter().any(|name| **name == *queue.name);
    // Queues that are all each other's dead-letter queue are all shown.
    let are_all_filled = sqs.queues().all(|queue| !is_shown(&queue));
    sqs.queues()
        .filter(|queue| are_all_filled || is_shown(queue))
        .map(|one| Figure::Queue(Box::new(queue(sqs, one, seen, story))))
        .collect()
}

/// The name of the queue where messages go that were received too often, and how often they can be.
fn dead_letter_queue(queue: &sqs::Queue) -> Option<(&str, u32)> {
    let policy = queue.attributes.redrive_policy.as_ref()?;
    let name = arn::name_of_arn(&policy.dead_letter_target)?;
    Some((name, policy.max_receive_count))
}

/// One queue as it is now.
pub fn queue(sqs: &Sqs, queue: &sqs::Queue, seen: &Seen<'_>, story: &[Happening]) -> Queue {
    let dead = dead_letter_queue(queue);
    let limit = dead.map(|(_, limit)| limit);
    let blocking = in_flight_by_group(queue, seen);
    let of = |wanted: RoomKind| {
        let all = queue.store.messages();
        let here = all.filter(|(_, message)| room_of(message.place) == wanted);
        let messages = here.map(|(_, message)| shown(message, limit, &blocking, &queue.name, seen));
        Room::new(wanted, messages.collect())
    };
    let mut rooms = vec![
        of(RoomKind::Delayed),
        of(RoomKind::Ready),
        of(RoomKind::InFlight),
    ];
    if let Some(target) = dead.and_then(|(name, _)| sqs.queue(name)) {
        let messages = target.store.messages();
        // Several queues can share a dead-letter queue: each shows what came from it.
        let own =
            messages.filter(|(_, message)| message.source.is_none_or(|from| from == queue.id));
        // What became of the work on it, the readers of the queue it came from know.
        let none = BTreeMap::new();
        let messages = own.map(|(_, message)| shown(message, limit, &none, &queue.name, seen));
        rooms.push(Room::new(RoomKind::DeadLetters, messages.collect()));
    }
    Queue {
        name: queue.name.to_string(),
        kind: if queue.is_fifo() {
            "FIFO queue"
        } else {
            "standard queue"
        },
        rooms,
        dead_letters: dead.map(|(name, limit)| (name.to_owned(), limit)),
        leases: leases(queue, seen, story),
    }
}

const fn room_of(place: Place) -> RoomKind {
    match place {
        Place::Delayed { .. } => RoomKind::Delayed,
        Place::Visible => RoomKind::Ready,
        Place::InFlight { .. } => RoomKind::InFlight,
    }
}

/// What a message is called: as the scene calls it, else by its body.
fn name(message: &sqs::Message, seen: &Seen<'_>) -> String {
    match message.record {
        Some(record) => seen.record(record),
        None => message.body.chars().take(24).collect(),
    }
}

/// The messages in flight of each message group of a FIFO queue: while there are any, the group
/// stands still.
fn in_flight_by_group(queue: &sqs::Queue, seen: &Seen<'_>) -> BTreeMap<Arc<str>, Vec<String>> {
    let mut found: BTreeMap<Arc<str>, Vec<String>> = BTreeMap::new();
    for (_, message) in queue.store.messages().filter(|_| queue.is_fifo()) {
        if let (Place::InFlight { .. }, Some(group)) = (message.place, &message.group) {
            let group = found.entry(group.clone()).or_default();
            group.push(name(message, seen));
        }
    }
    found
}

fn shown(
    message: &sqs::Message,
    most_receives: Option<u32>,
    blocking: &BTreeMap<Arc<str>, Vec<String>>,
    queue: &str,
    seen: &Seen<'_>,
) -> Message {
    let now = seen.now;
    let blocked_by = message.group.as_ref().and_then(|group| blocking.get(group));
    let (lease, waits, is_blocked) = match message.place {
        Place::Delayed { until } => {
            let waits = format!("{} to go", span(until.since(now).0));
            (None, Some(waits), false)
        }
        Place::Visible => (
            None,
            blocked_by.map(|names| behind(names)),
            blocked_by.is_some(),
        ),
        Place::InFlight { until, since, by } => {
            let (left, whole) = (until.since(now).0, until.since(since).0.max(1));
            let lease = Lease {
                holder: seen.client(ClientId(by.client)),
                left: (u128::from(left) * 1000 / u128::from(whole)) as u16,
                words: format!("{} left", span(left)),
            };
            (Some(lease), None, false)
        }
    };
    let (fate, done) = seen.fate(message.record, queue);
    Message {
        name: name(message, seen),
        fate,
        done,
        receives: message.receive_count,
        // In a dead-letter queue the count goes on.
        most_receives: most_receives.filter(|most| message.receive_count <= *most),
        lease,
        waits,
        group: message.group.as_ref().map(|group| group.to_string()),
        is_blocked,
        concerned: message.record.is_some_and(|record| (seen.concerns)(record)),
    }
}

/// What a client holds, with how long yet: also what a process that is dead, or too slow, has not
/// deleted.
pub fn held_by(account: &Sqs, client: ClientId, cast: &Cast, now: Instant) -> Vec<String> {
    let messages = account.queues().flat_map(|queue| queue.store.messages());
    messages
        .filter_map(|(_, message)| match message.place {
            Place::InFlight { until, by, .. } if by.client == client.0 => {
                let left = span(until.since(now).0);
                Some(format!("{} for {left}", cast.record_name(message.record?)))
            }
            Place::InFlight { .. } | Place::Visible | Place::Delayed { .. } => None,
        })
        .collect()
}

/// Who held messages of this queue when.
fn leases(queue: &sqs::Queue, seen: &Seen<'_>, story: &[Happening]) -> Option<Leases> {
    let here = |happening: &&Happening| happening.queue.as_ref().is_none_or(|of| *of == queue.name);
    let story: Vec<Happening> = story.iter().filter(here).cloned().collect();
    let ends = |record: RecordId| {
        let mut all = queue.store.messages();
        all.find_map(|(_, message)| match message.place {
            Place::InFlight { until, .. } if message.record == Some(record) => Some(until),
            _ => None,
        })
    };
    Leases::of(&story, (&queue.name, Noun::Lease), seen, &ends)
}

/// What a fact of a queue means for leases, and in which queue; nothing where it is about none.
pub fn happening(at: Instant, position: Option<usize>, fact: &Fact) -> Option<Happening> {
    let (queue, event) = match fact {
        Fact::Received {
            record,
            queue,
            by,
            receive_count,
        } => {
            let (who, record, nth) = (*by, (*record)?, *receive_count);
            (queue, Event::Leased { who, record, nth })
        }
        Fact::VisibilityEnded {
            record,
            queue,
            held_by: _,
        } => (queue, Event::Over((*record)?)),
        Fact::VisibilityChanged {
            record,
            queue,
            timeout: 0,
        } => (queue, Event::GivenBack((*record)?)),
        Fact::VisibilityChanged {
            record,
            queue,
            timeout: _,
        } => (queue, Event::Extended((*record)?)),
        Fact::MessageLeft { consumer, record } => {
            let who = ClientId(consumer.0);
            return Some(Happening {
                at,
                position,
                queue: None,
                event: record.map_or(Event::WentOn(who), |record| Event::Left(who, record)),
            });
        }
        Fact::Deleted { record, queue, .. } | Fact::Expired { record, queue } => {
            (queue, Event::Settled((*record)?))
        }
        Fact::QueueCreated { .. }
        | Fact::QueueDeleted { .. }
        | Fact::AttributesSet { .. }
        | Fact::Purged { .. }
        | Fact::Sent { .. }
        | Fact::DuplicateNotStored { .. }
        | Fact::DelayEnded { .. }
        | Fact::Called { .. }
        | Fact::SendAcknowledged { .. }
        | Fact::SendLost { .. }
        | Fact::Returned { .. }
        | Fact::ReceivedNothing { .. }
        | Fact::WaitsForMessages { .. }
        | Fact::DeletedNothing { .. }
        | Fact::MovedToDeadLetterQueue { .. }
        | Fact::Redriven { .. }
        | Fact::MoveTaskEnded { .. }
        | Fact::Refused { .. } => return None,
    };
    Some(Happening {
        at,
        position,
        queue: Some(queue.clone()),
        event,
    })
}

/// How often the message of each fact has been received by then. Facts of others, and of messages that
/// are gone, have no number.
pub fn receives<'a>(facts: impl Iterator<Item = Option<&'a Fact>>) -> Column {
    let mut known: BTreeMap<RecordId, u32> = BTreeMap::new();
    let after = facts.map(|fact| {
        let fact = fact?;
        let record = match fact {
            Fact::Received {
                record,
                receive_count,
                ..
            } => {
                known.insert((*record)?, *receive_count);
                *record
            }
            // A message that is moved back begins anew.
            Fact::Redriven { record, .. } => {
                known.remove(&(*record)?);
                *record
            }
            Fact::Sent { record, .. }
            | Fact::DuplicateNotStored { record, .. }
            | Fact::DelayEnded { record, .. }
            | Fact::VisibilityEnded { record, .. }
            | Fact::VisibilityChanged { record, .. }
            | Fact::DeletedNothing { record, .. }
            | Fact::MovedToDeadLetterQueue { record, .. } => *record,
            Fact::Deleted { .. }
            | Fact::Expired { .. }
            | Fact::QueueCreated { .. }
            | Fact::QueueDeleted { .. }
            | Fact::AttributesSet { .. }
            | Fact::Purged { .. }
            | Fact::Called { .. }
            | Fact::MessageLeft { .. }
            | Fact::SendAcknowledged { .. }
            | Fact::SendLost { .. }
            | Fact::Returned { .. }
            | Fact::ReceivedNothing { .. }
            | Fact::WaitsForMessages { .. }
            | Fact::MoveTaskEnded { .. }
            | Fact::Refused { .. } => None,
        };
        Some(known.get(&record?).copied().unwrap_or(0).into())
    });
    Column {
        head: "receives",
        values: after.collect(),
    }
}
