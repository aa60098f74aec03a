//! Streams, whose reader gets every message in order.

use crate::random::{Op, step};
use crate::scene::Scene;
use crate::sequence;
use arbitrary::{Arbitrary, Unstructured};
use serde_json::json;
use systems::rabbitmq::{Answer, BasicConsume, BasicPublish, Method, Offset, Version};

/// Does what the bytes say beside a stream and its reader.
pub fn read(bytes: &mut Unstructured<'_>) {
    let prefetch_count = bytes.int_in_range(1..=4).unwrap_or(1);
    let ops = sequence::decode(bytes, 80, Op::arbitrary);
    let mut scene = Scene::new(Version::V4_0);
    scene.queue("a", &[("x-queue-type", json!("stream"))]);
    scene.queue("b", &[]);
    let global = false;
    scene.ok(
        7,
        Method::BasicQos {
            prefetch_count,
            global,
        },
    );
    let offset = Offset::First;
    let consume = BasicConsume {
        offset,
        ..BasicConsume::new("a", "reader")
    };
    scene.ok(7, Method::BasicConsume(consume));
    let (mut published, mut read) = (0, Vec::new());
    let mut is_cancelled = false;
    sequence::each(&ops, |op| {
        step(&mut scene, op, &mut published);
        let publish = BasicPublish::new("", "a", published.to_string());
        scene.ok(8, Method::BasicPublish(publish));
        let cancelled = |(to, _, answer): &(u8, u16, Answer)| {
            *to == 7 && matches!(answer, Answer::BasicCancel { .. })
        };
        is_cancelled |= scene.said.iter().any(cancelled);
        let got = scene.deliveries(7);
        assert!(got.len() <= usize::from(prefetch_count) || is_cancelled);
        read.extend(got.iter().map(|one| one.offset));
        // Giving back is as good as acknowledging.
        for (at, one) in got.iter().enumerate() {
            match at % 2 {
                0 => scene.ack(7, one.delivery_tag),
                _ => scene.nack(7, one.delivery_tag, true),
            }
        }
    });
    let expected: Vec<_> = (0..read.len() as u64).map(Some).collect();
    assert_eq!(read, expected);
}
