//! Message groups, whose order holds whatever fails.

use crate::account::{RAW, World, grouped, unavailable};
use crate::sequence;
use arbitrary::{Result, Unstructured};
use serde_json::json;
use std::collections::BTreeMap;
use systems::sns::{Delivery, Failure, Purpose};

/// Publishes messages to groups, and lets attempts at their deliveries fail.
pub fn in_order(bytes: &mut Unstructured<'_>) -> Result<()> {
    let most = bytes.int_in_range(1..=11)?;
    let groups = sequence::decode(bytes, most, |bytes| bytes.int_in_range(0..=2_u8));
    let fates = sequence::decode(bytes, 40, |bytes| bytes.int_in_range(0..=3_u8));
    let mut world = World::default();
    let topic = world.fifo("t.fifo");
    let dead_letters = systems::sns::arn::queue("dlq.fifo");
    let policy = json!({"deadLetterTargetArn": *dead_letters}).to_string();
    for queue in ["q.fifo", "r.fifo"] {
        world.queue(&topic, queue, &[RAW, ("RedrivePolicy", &policy)]);
    }
    let mut open: Vec<Delivery> = Vec::new();
    let mut got: BTreeMap<(String, u8), Vec<usize>> = BTreeMap::new();
    let mut fates = fates.iter().copied().chain(std::iter::repeat(0));
    let mut left = groups.iter().copied().enumerate();
    loop {
        let fate = fates.next().unwrap_or_default();
        let message = if fate == 3 || open.is_empty() {
            left.next()
        } else {
            None
        };
        if let Some((number, group)) = message {
            let message = grouped(&number.to_string(), &group.to_string());
            open.extend(world.deliveries(&topic, &message));
            continue;
        }
        if open.is_empty() {
            open = world.next();
            if open.is_empty() {
                break;
            }
        }
        let delivery = open.remove(0);
        if delivery.purpose == Purpose::DeadLetter {
            world.delivered(&delivery);
            continue;
        }
        let number: usize = delivery.parcel.body.parse().expect("a number");
        let place = (delivery.endpoint.name().to_string(), groups[number]);
        open.extend(match fate {
            1 => world.failed(&delivery, &unavailable()),
            2 => {
                got.entry(place).or_default().push(number);
                world.failed(&delivery, &Failure::no_queue())
            }
            _ => {
                got.entry(place).or_default().push(number);
                world.delivered(&delivery)
            }
        });
    }
    assert_eq!(world.topics.outbox().iter().count(), 0);
    for queue in ["q.fifo", "r.fifo"] {
        for group in 0..3u8 {
            let of = |(_, other): &(usize, &u8)| **other == group;
            let sent: Vec<usize> = groups
                .iter()
                .enumerate()
                .filter(of)
                .map(|(n, _)| n)
                .collect();
            let had = got.remove(&(queue.to_owned(), group)).unwrap_or_default();
            assert_eq!(had, sent);
        }
    }
    Ok(())
}
