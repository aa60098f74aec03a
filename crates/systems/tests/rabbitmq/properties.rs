//! What holds whatever is done.

use crate::random::{begin, step};
use crate::{Scene, record};
use proptest::prelude::*;
use std::collections::BTreeMap;
use systems::rabbitmq::queue::arguments::Overflow;
use systems::rabbitmq::{Acknowledging, Fact, Message, QueueType};
use systems::{Counter, Instant, Server, Visit, Visitor};

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

#[derive(Default)]
struct Numbers {
    seen: BTreeMap<(&'static str, u16), u64>,
    instants: usize,
}

impl Visitor for Numbers {
    fn instant(&mut self, _: &mut Instant) {
        self.instants += 1;
    }
    fn counter(&mut self, counter: Counter, number: &mut u64) {
        let most = self.seen.entry((counter.kind, counter.scope)).or_default();
        *most = (*most).max(*number);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_state_is_sound_whatever_is_done(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let (mut scene, ops) = begin(&bytes);
        let mut published = 0;
        for op in &ops {
            step(&mut scene, op, &mut published);
            let now = scene.now.ms();
            scene.until(now);
            check(&scene);
        }
        balance(&scene);
    }

    #[test]
    fn a_message_is_in_one_place_with_all_its_deaths(
        bytes in prop::collection::vec(any::<u8>(), 0..400),
    ) {
        let (mut scene, ops) = begin(&bytes);
        let mut published = 0;
        for op in &ops {
            step(&mut scene, op, &mut published);
            for (number, places) in places(&scene) {
                prop_assert_eq!(places.len(), 1, "{} is in two places", number);
                let died = |fact: &&Fact| {
                    matches!(fact, Fact::DeadLettered { record: of, .. } if *of == record(number))
                };
                let deaths = scene.facts.iter().filter(died).count() as u64;
                let told = places[0].deaths().entries.iter().map(|death| death.count);
                prop_assert_eq!(told.sum::<u64>(), deaths);
            }
        }
    }

    #[test]
    fn visiting_changes_nothing_and_runs_repeat(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let run = || {
            let (mut scene, ops) = begin(&bytes);
            let mut published = 0;
            ops.iter().for_each(|op| step(&mut scene, op, &mut published));
            scene
        };
        let (mut one, other) = (run(), run());
        prop_assert_eq!(&one.said, &other.said);
        let mut numbers = Numbers::default();
        let mut parts = Vec::new();
        systems::Parts::parts(&one.broker, &mut |_, part| parts.push(part));
        parts.iter_mut().for_each(|part| part.visit(&mut numbers));
        systems::Parts::put(&mut one.broker, &mut parts.into_iter());
        prop_assert_eq!(&one.broker, &other.broker);
    }
}

/// A message that goes round between a work queue and a retry queue.
#[test]
fn x_death_counts_equal_the_deaths() {
    use serde_json::json;
    use systems::rabbitmq::Version;
    let mut scene = Scene::new(Version::V4_0);
    let to = |queue: &str| {
        [
            ("x-dead-letter-exchange", json!("")),
            ("x-dead-letter-routing-key", json!(queue)),
        ]
    };
    scene.queue("work", &to("retry"));
    let [exchange, key] = to("work");
    scene.queue("retry", &[exchange, key, ("x-message-ttl", json!(10))]);
    scene.send("work", "m");
    for round in 0..50_u64 {
        scene.until(round * 10);
        let got = scene.get(1, "work").expect("it is back");
        let counts: Vec<u64> = got
            .message
            .deaths()
            .entries
            .iter()
            .map(|one| one.count)
            .collect();
        let expected = if round == 0 {
            vec![]
        } else {
            vec![round, round]
        };
        assert_eq!(counts, expected);
        scene.nack(1, got.delivery_tag, false);
    }
    assert_eq!(scene.broker.next_due().map(|(at, _)| at.ms()), Some(500));
}

/// Bytes that look random, the same in every run.
fn bytes(seed: u64) -> Vec<u8> {
    let mut state = explore::seed::Seed::new(seed);
    (0..75).flat_map(|_| state.draw().to_le_bytes()).collect()
}

#[test]
fn random_operations_reach_every_fact() {
    let mut missing: std::collections::BTreeSet<&str> =
        Fact::FORMS.iter().map(|(verb, _)| *verb).collect();
    // Nobody in them declares a queue that expires for want of use.
    missing.remove("queue_expired");
    for seed in 0..1_500 {
        let (mut scene, ops) = begin(&bytes(seed));
        let mut published = 0;
        for op in &ops {
            step(&mut scene, op, &mut published);
        }
        for fact in &scene.facts {
            missing.remove(fact.verb());
        }
        if missing.is_empty() {
            return;
        }
    }
    panic!("never happened: {missing:?}");
}
