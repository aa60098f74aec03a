//! A plain subscription against the slowest thing that can be one: a table of its messages.

use crate::world::World;
use proptest::prelude::*;
use systems::pubsub::AckId;

#[derive(Clone, Debug)]
enum Step {
    Publish,
    Pull(u32),
    Ack(usize),
    Modify(usize, u32),
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        Just(Step::Publish),
        (1..4u32).prop_map(Step::Pull),
        (0..40usize).prop_map(Step::Ack),
        (0..40usize, prop_oneof![Just(0u32), 1..30u32])
            .prop_map(|(at, seconds)| Step::Modify(at, seconds)),
        (1..15_000u64).prop_map(Step::Wait),
    ]
}

/// A message: until when it is hidden, its latest delivery, and whether it is acknowledged.
#[derive(Clone, Debug, Default)]
struct Row {
    hidden_until: u64,
    delivery: usize,
    is_acknowledged: bool,
}

#[test]
fn a_plain_subscription_agrees_with_a_table() {
    proptest!(|(steps in prop::collection::vec(step(), 1..80))| {
        let mut world = World::with(|_| {});
        let mut table: Vec<Row> = Vec::new();
        // Each delivery: of which row, which one it was there, and its id.
        let mut deliveries: Vec<(usize, usize, AckId)> = Vec::new();
        for step in steps {
            let now = world.now.ms();
            match step {
                Step::Publish => {
                    let body = table.len().to_string();
                    world.publish(&[&body]);
                    table.push(Row::default());
                }
                Step::Pull(max) => {
                    let mut expected = Vec::new();
                    for (at, row) in table.iter_mut().enumerate() {
                        if expected.len() < max as usize && !row.is_acknowledged && row.hidden_until <= now {
                            row.hidden_until = now + 10_000;
                            row.delivery += 1;
                            expected.push(at.to_string());
                        }
                    }
                    let got = world.pull_max("s", max);
                    prop_assert_eq!(crate::world::bodies(&got), expected);
                    for one in got {
                        let at: usize = one.message.data.parse().expect("a number");
                        deliveries.push((at, table[at].delivery, one.ack_id));
                    }
                }
                Step::Ack(at) => {
                    if let Some((row, delivery, id)) = deliveries.get(at) {
                        world.ack("s", &[*id]).expect("no error");
                        table[*row].is_acknowledged |= table[*row].delivery == *delivery;
                    }
                }
                Step::Modify(at, seconds) => {
                    if let Some((row, delivery, id)) = deliveries.get(at) {
                        world.modify("s", *id, seconds).expect("no error");
                        if table[*row].delivery == *delivery {
                            table[*row].hidden_until = now + u64::from(seconds) * 1000;
                        }
                    }
                }
                Step::Wait(ms) => world.wait(ms),
            }
            let left = table.iter().filter(|row| !row.is_acknowledged).count();
            prop_assert_eq!(world.pubsub.subscriptions()[0].unacknowledged(), left);
        }
    });
}
