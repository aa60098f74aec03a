//! The broker on trial: any operations under the broker's invariants, a classic queue beside a sorted
//! list, a stream with its reader.

use crate::random::{Op, begin, step};
use crate::scene::{Scene, record};
use crate::{reference, sequence, streaming};
use arbitrary::{Arbitrary, Unstructured};
use std::collections::BTreeMap;
use systems::rabbitmq::queue::arguments::Overflow;
use systems::rabbitmq::{Acknowledging, Fact, Message, QueueType, tools};
use systems::{Parts, Visitor};

/// Plays what the bytes say: the first says what kind of trial it is. Gives what has happened.
pub fn run(bytes: &[u8]) -> Vec<Fact> {
    let mut bytes = Unstructured::new(bytes);
    match bytes.int_in_range(0..=7_u8).unwrap_or_default() {
        0 => reference::compare(&mut bytes),
        1 => streaming::read(&mut bytes),
        _ => return play(&mut bytes),
    }
    Vec::new()
}

/// Does operations, and looks at the whole state after each.
fn play(bytes: &mut Unstructured<'_>) -> Vec<Fact> {
    let mut scene = begin(bytes);
    let ops = sequence::decode(bytes, 80, Op::arbitrary);
    let mut published = 0;
    sequence::each(&ops, |op| {
        let (mut again, mut published_again) = (scene.clone(), published);
        step(&mut scene, op, &mut published);
        step(&mut again, op, &mut published_again);
        assert!(scene.broker == again.broker, "states differ");
        assert_eq!(scene.said, again.said, "answers differ");
        assert_eq!(scene.facts, again.facts, "facts differ");
        check_parts(&scene);
        let now = scene.now.ms();
        scene.until(now);
        check(&scene);
        check_places(&scene);
        check_tools(&scene);
    });
    balance(&scene);
    scene.facts
}

/// The state is the row of its parts, and looking at it changes nothing.
fn check_parts(scene: &Scene) {
    let mut parts = Vec::new();
    scene.broker.parts(&mut |_, part| parts.push(part));
    let mut other = scene.broker.clone();
    other.put(&mut parts.into_iter());
    other.visit_parts(&mut Look, |_| true);
    assert!(other == scene.broker);
}

/// Sees everything and changes nothing.
struct Look;
impl Visitor for Look {}

/// Each message is in one place, with all its deaths.
fn check_places(scene: &Scene) {
    for (number, places) in places(scene) {
        assert_eq!(places.len(), 1, "{number} is in two places");
        let died = |fact: &&Fact| matches!(fact, Fact::DeadLettered { record: of, .. } if *of == record(number));
        let deaths = scene.facts.iter().filter(died).count() as u64;
        let told = places[0].deaths().entries.iter().map(|death| death.count);
        assert_eq!(told.sum::<u64>(), deaths);
    }
}

/// `rabbitmqctl list_queues` counts what is there.
fn check_tools(scene: &Scene) {
    let columns = [
        "name",
        "messages_ready",
        "messages_unacknowledged",
        "messages",
    ];
    let printed = tools::list_queues(&scene.broker, &columns).expect("columns of the tool");
    for queue in scene.broker.queues().by_name.values() {
        let (ready, held) = (queue.ready.len(), queue.held.len());
        let line = format!("{}\t{ready}\t{held}\t{}", queue.name, ready + held);
        assert!(
            printed.lines().any(|one| one == line),
            "{line:?} is not in {printed}"
        );
    }
}

/// Checks the whole state of a broker at rest.
fn check(scene: &Scene) {
    let connections = scene.broker.connections();
    let mut held = 0;
    for queue in scene.broker.queues().by_name.values() {
        let bytes: u64 = queue.ready.values().map(|one| one.message.bytes()).sum();
        assert_eq!(queue.ready_bytes, bytes, "{}", queue.name);
        if queue.arguments.overflow() == Overflow::DropHead {
            let most = queue.arguments.most_messages().unwrap_or(u64::MAX);
            assert!(
                queue.ready.len() as u64 <= most,
                "{} is too long",
                queue.name
            );
        }
        let version = scene.broker.settings().version;
        assert!(queue.next_expiry(version).is_none_or(|at| at > scene.now));
        // Each message is ready or with a channel, which knows it by one tag.
        for (position, one) in &queue.held {
            assert_eq!(*position, one.place.position);
            assert!(!queue.ready.keys().any(|place| place.position == *position));
            let channel = connections.channel(one.owner).expect("its channel");
            let tags = channel.unacked.values().filter(|unacked| {
                unacked.queue.as_deref() == Some(&*queue.name) && unacked.position == *position
            });
            assert_eq!(tags.count(), 1);
        }
        held += queue.held.len();
        let active = queue.consumers.single_active();
        for consumer in queue.consumers.iter() {
            let channel = connections.channel(consumer.owner).expect("its channel");
            let waiting = channel.unacked.values().filter(|unacked| {
                unacked.queue.as_deref() == Some(&*queue.name)
                    && unacked.consumer_tag.as_ref() == Some(&consumer.tag)
            });
            // A tag that is used again may have more behind it.
            assert!(consumer.unacked <= waiting.count() as u64);
            if consumer.acknowledging == Acknowledging::Manual && consumer.prefetch > 0 {
                assert!(consumer.unacked <= u64::from(consumer.prefetch));
            }
            let may =
                active.is_none_or(|(owner, tag)| *owner == consumer.owner && *tag == consumer.tag);
            let waits = may && consumer.can_take(connections);
            assert!(
                !waits || queue.ready.is_empty(),
                "{} keeps back",
                queue.name
            );
        }
        if queue.arguments.is_single_active() {
            assert_eq!(active.is_some(), !queue.consumers.is_empty());
        }
    }
    let mut known = 0;
    for (_, channel) in connections.channels() {
        let with_queue = channel.unacked.values().filter(|one| one.queue.is_some());
        known += with_queue.count();
        let consumed = channel
            .unacked
            .values()
            .filter(|one| one.consumer_tag.is_some());
        assert_eq!(channel.consumed, consumed.count() as u64);
    }
    assert_eq!(held, known);
}

/// Everything a message is in, by its number.
fn places(scene: &Scene) -> BTreeMap<u16, Vec<&Message>> {
    let mut places: BTreeMap<u16, Vec<&Message>> = BTreeMap::new();
    for queue in scene.broker.queues().by_name.values() {
        assert_ne!(queue.queue_type(), QueueType::Stream);
        let held = queue.held.values().map(|held| &held.entry);
        for entry in queue.ready.values().chain(held) {
            if let Some(record) = entry.message.record {
                places.entry(record.0).or_default().push(&entry.message);
            }
        }
    }
    places
}

/// What the facts say became of the copies that came into queues.
fn balance(scene: &Scene) {
    let (mut came, mut left) = (0_i64, 0_i64);
    let mut before: Option<&Fact> = None;
    for fact in &scene.facts {
        match fact {
            Fact::Enqueued { .. } => came += 1,
            Fact::Acknowledged { .. } | Fact::Delivered { auto_ack: true, .. } => left += 1,
            // A refused message that is dead-lettered has never come in.
            Fact::DeadLettered {
                record,
                queue,
                reason,
                ..
            }
            | Fact::Dropped {
                record,
                queue,
                reason,
                ..
            } => {
                let refused = Fact::PublishRejected {
                    record: *record,
                    queue: queue.clone(),
                };
                let was_refused = before == Some(&refused) && **reason == *"maxlen";
                left += i64::from(!was_refused);
            }
            Fact::QueuePurged { messages, .. } | Fact::QueueDeleted { messages, .. } => {
                left += *messages as i64;
            }
            _ => {}
        }
        before = Some(fact);
    }
    let queues = scene.broker.queues().by_name.values();
    let there: usize = queues
        .map(|queue| queue.ready.len() + queue.held.len())
        .sum();
    assert_eq!(came, left + there as i64);
}
