//! What holds for every subscription, whatever its settings, whatever is done.

use crate::sequence;
use crate::world::{World, client, record, settings};
use arbitrary::{Arbitrary, Result, Unstructured};
use std::collections::{BTreeMap, BTreeSet};
use systems::RecordId;
use systems::pubsub::{AckId, Fact, PubsubMessage, Reply, Request, SeekTarget};

#[derive(Clone, Debug)]
enum Step {
    Publish(usize),
    Pull(u32),
    Ack(usize),
    Nack(usize),
    Extend(usize),
    Stream(u32),
    Break,
    Wait(u64),
    Seek(u64),
}

impl Step {
    fn of(bytes: &mut Unstructured<'_>) -> Result<Step> {
        Ok(match bytes.int_in_range(0..=35_u8)? {
            0..=5 => Step::Publish(bytes.int_in_range(0..=3)?),
            6..=11 => Step::Pull(bytes.int_in_range(1..=3)?),
            12..=19 => Step::Ack(bytes.int_in_range(0..=59)?),
            20..=23 => Step::Nack(bytes.int_in_range(0..=59)?),
            24 | 25 => Step::Extend(bytes.int_in_range(0..=59)?),
            26 => Step::Stream(bytes.int_in_range(0..=3)?),
            27 => Step::Break,
            28 => Step::Seek(bytes.int_in_range(0..=99_999)?),
            _ => Step::Wait(bytes.int_in_range(1..=14_999)?),
        })
    }
}

#[derive(Arbitrary, Clone, Copy, Debug)]
pub struct Kind {
    ordering: bool,
    exactly_once: bool,
    dead_letter: bool,
    retry: bool,
    retain: bool,
}

/// Everything that came of the steps.
struct Run {
    world: World,
    keys: Vec<String>,
    ids: Vec<AckId>,
    attempts: BTreeMap<u64, u32>,
}

fn run(kind: Kind, steps: &[Step]) -> Run {
    let mut world = World::new();
    world.topic("dead");
    let chosen = settings(|it| {
        it.enable_message_ordering = kind.ordering;
        it.enable_exactly_once_delivery = kind.exactly_once;
        it.retain_acked_messages = kind.retain;
        it.dead_letter_topic = kind.dead_letter.then(|| "dead".into());
        it.minimum_backoff = kind.retry.then_some(2);
    });
    world.subscribe("s", "t", chosen).expect("a subscription");
    let (keys, ids, attempts) = (Vec::new(), Vec::new(), BTreeMap::new());
    let mut run = Run {
        world,
        keys,
        ids,
        attempts,
    };
    sequence::each(steps, |step| run.step(step.clone()));
    run
}

impl Run {
    fn step(&mut self, step: Step) {
        let world = &mut self.world;
        let mut got = Vec::new();
        match step {
            Step::Publish(key) => {
                let key = ["", "a", "b", "c"][key].to_owned();
                let message = PubsubMessage {
                    ordering_key: key.as_str().into(),
                    record: record(self.keys.len()),
                    ..PubsubMessage::of("m")
                };
                self.keys.push(key);
                world.send("t", vec![message]);
            }
            Step::Pull(max) => got = world.pull_max("s", max),
            Step::Ack(at) => {
                if let Some(id) = self.ids.get(at).copied() {
                    let _ = world.ack("s", &[id]);
                }
            }
            Step::Nack(at) | Step::Extend(at) => {
                if let Some(id) = self.ids.get(at).copied() {
                    let seconds = if matches!(step, Step::Nack(_)) { 0 } else { 15 };
                    let _ = world.modify("s", id, seconds);
                }
            }
            Step::Stream(most) => world.stream(client(1), "s", most, 0),
            Step::Break => world.pubsub_disconnect(client(1)),
            Step::Wait(ms) => world.wait(ms),
            Step::Seek(ms) => world.seek("s", SeekTarget::Time(ms)),
        }
        got.extend(world.streamed(client(1)));
        for one in got {
            self.ids.push(one.ack_id);
            let attempt = one.delivery_attempt.unwrap_or(0);
            let before = self.attempts.insert(one.message.id, attempt);
            assert!(
                before.is_none_or(|before| before <= attempt),
                "attempts never decrease"
            );
        }
    }
}

/// Those that the subscription is done with.
fn finished(fact: &Fact) -> Option<RecordId> {
    match fact {
        Fact::Acknowledged { record, .. } | Fact::DeadLettered { record, .. } => *record,
        _ => None,
    }
}

/// No message that was acknowledged comes again, none is lost, and those of a key keep their order.
pub fn keep(bytes: &mut Unstructured<'_>) {
    let Ok(kind) = Kind::arbitrary(bytes) else {
        return;
    };
    let mut steps = sequence::decode(bytes, 120, Step::of);
    steps.retain(|step| !matches!(step, Step::Seek(_)));
    let run = run(kind, &steps);
    acknowledged_stays_away(&run);
    if kind.ordering {
        keys_keep_their_order(&run);
    }
}

fn acknowledged_stays_away(run: &Run) {
    let mut done = BTreeSet::new();
    for fact in &run.world.facts {
        done.extend(finished(fact));
        if let Fact::Delivered {
            record: Some(record),
            ..
        } = fact
        {
            assert!(!done.contains(record), "{fact:?} comes again");
        }
    }
    let left = run.world.pubsub.subscriptions()[0].unacknowledged();
    assert_eq!(left + done.len(), run.keys.len(), "nothing is lost");
}

fn keys_keep_their_order(run: &Run) {
    let mut done = BTreeSet::new();
    let mut last: BTreeMap<&str, u16> = BTreeMap::new();
    for fact in &run.world.facts {
        done.extend(finished(fact));
        let Fact::Delivered {
            record: Some(record),
            ..
        } = fact
        else {
            continue;
        };
        let key = run.keys[record.at()].as_str();
        if key.is_empty() {
            continue;
        }
        let before = last.insert(key, record.0);
        // Going on skips nothing that is not done with; going back is a redelivery.
        let skipped = before.map_or(0, |last| last + 1)..record.0;
        for other in skipped {
            let is_of_key = run.keys[usize::from(other)] == key;
            assert!(
                !is_of_key || done.contains(&RecordId(other)),
                "{other} was skipped by {record:?}"
            );
        }
    }
}

/// Everything comes to rest when all is acknowledged.
pub fn rest(bytes: &mut Unstructured<'_>) {
    let Ok(kind) = Kind::arbitrary(bytes) else {
        return;
    };
    let steps = sequence::decode(bytes, 80, Step::of);
    let mut run = run(kind, &steps);
    run.world.pubsub_disconnect(client(1));
    for _ in 0..400 {
        run.world.wait(700_000 / 400);
        let ids: Vec<AckId> = run.world.pull("s").iter().map(|one| one.ack_id).collect();
        if !ids.is_empty() {
            run.world.ack("s", &ids).expect("they are in flight");
        }
    }
    let one = run.world.pubsub.subscriptions()[0];
    assert_eq!((one.unacknowledged(), one.outstanding()), (0, 0));
    assert_eq!(systems::Server::next_due(&run.world.pubsub), None);
    let reply = run.world.ask(Request::GetTopic { topic: "t".into() });
    assert!(matches!(reply, Some(Reply::Topic { .. })));
}
