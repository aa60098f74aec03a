//! A classic queue as a list that is sorted anew each time.

use crate::scene::Scene;
use crate::sequence;
use arbitrary::{Result, Unstructured};
use serde_json::json;
use systems::rabbitmq::{BasicPublish, Method, Properties, Version};

/// A message of the list: priority, arrival, whether it was handed out before.
type Item = (u8, u32, bool);

#[derive(Default)]
struct Slow {
    ready: Vec<Item>,
    held: Vec<Item>,
    arrived: u32,
}

impl Slow {
    fn publish(&mut self, priority: Option<u8>, limit: usize) {
        self.arrived += 1;
        self.ready
            .push((priority.unwrap_or(0).min(3), self.arrived, false));
        self.keep(limit);
    }
    fn keep(&mut self, limit: usize) {
        // The most urgent first, of these the oldest.
        self.ready
            .sort_by_key(|(priority, arrival, _)| (255 - priority, *arrival));
        while self.ready.len() > limit {
            self.ready.remove(0);
        }
    }
    fn get(&mut self) -> Option<Item> {
        if self.ready.is_empty() {
            return None;
        }
        let first = self.ready.remove(0);
        self.held.push(first);
        Some(first)
    }
    fn nack(&mut self, at: usize, requeue: bool, limit: usize) {
        let (priority, arrival, _) = self.held.remove(at);
        if requeue {
            self.ready.push((priority, arrival, true));
            self.keep(limit);
        }
    }
}

#[derive(Clone, Debug)]
enum Op {
    Publish(Option<u8>),
    Get,
    Ack(usize),
    Nack(usize, bool),
}

impl Op {
    fn of(bytes: &mut Unstructured<'_>) -> Result<Op> {
        Ok(match bytes.int_in_range(0..=7_u8)? {
            0..=2 => Op::Publish(match bytes.int_in_range(0..=6_u8)? {
                6 => None,
                priority => Some(priority),
            }),
            3 | 4 => Op::Get,
            5 => Op::Ack(bytes.int_in_range(0..=4)?),
            _ => Op::Nack(bytes.int_in_range(0..=4)?, bytes.arbitrary()?),
        })
    }
}

/// Asks a classic queue and the list the same.
pub fn compare(bytes: &mut Unstructured<'_>) {
    let limit = bytes.int_in_range(1..=7).unwrap_or(1);
    let ops = sequence::decode(bytes, 120, Op::of);
    let mut scene = Scene::new(Version::V4_0);
    scene.queue(
        "q",
        &[("x-max-priority", json!(3)), ("x-max-length", json!(limit))],
    );
    let mut slow = Slow::default();
    let mut tags = Vec::new();
    sequence::each(&ops, |op| {
        match *op {
            Op::Publish(priority) => {
                slow.publish(priority, limit);
                let properties = Properties {
                    priority,
                    ..Properties::default()
                };
                let body = slow.arrived.to_string();
                let publish = BasicPublish {
                    properties,
                    ..BasicPublish::new("", "q", body)
                };
                scene.ok(1, Method::BasicPublish(publish));
            }
            Op::Get => {
                let got = scene.get(1, "q");
                let expected = slow.get();
                let told = got
                    .as_ref()
                    .map(|one| (one.message.body.to_string(), one.redelivered));
                assert_eq!(told, expected.map(|(_, at, again)| (at.to_string(), again)));
                tags.extend(got.map(|one| one.delivery_tag));
            }
            Op::Ack(at) if at < tags.len() => {
                scene.ack(1, tags.remove(at));
                slow.held.remove(at);
            }
            Op::Nack(at, requeue) if at < tags.len() => {
                scene.nack(1, tags.remove(at), requeue);
                slow.nack(at, requeue, limit);
            }
            Op::Ack(_) | Op::Nack(..) => {}
        }
        assert_eq!(scene.counts("q"), (slow.ready.len(), slow.held.len()));
    });
}
