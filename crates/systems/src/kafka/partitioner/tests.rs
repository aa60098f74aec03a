//! Rules by example, and what holds for every input.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn count(partitions: u16) -> NonZeroU16 {
    NonZeroU16::new(partitions).expect("at least one")
}

fn size(bytes: u32) -> NonZeroU32 {
    NonZeroU32::new(bytes).expect("at least one")
}

const ALL: [u16; 4] = [0, 1, 2, 3];

fn topic(available: &[u16]) -> Topic<'_> {
    Topic {
        partitions: count(4),
        available,
    }
}

/// Draws in this order; every further one is the last again.
fn draws(numbers: &[u32]) -> impl FnMut() -> u32 {
    let mut numbers = numbers.iter().copied();
    let mut last = 0;
    move || {
        last = numbers.next().unwrap_or(last);
        last
    }
}

#[test]
fn the_hash_is_that_of_the_clients() {
    let check = |key: &str, hash: i32| assert_eq!(murmur2(key.as_bytes()), hash, "{key}");
    check("21", -973_932_308);
    check("foobar", -790_332_482);
    check("a-little-bit-long-string", -985_981_536);
    check("a-little-bit-longer-string", -1_486_304_829);
    check(
        "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8",
        -58_897_971,
    );
}

#[test]
fn a_turn_ends_with_a_batch_worth_of_bytes_and_twice_that_when_held_back() {
    let check = |appends: &[(u32, Batch)], expected: &[u16]| {
        let mut sticky = StickyPartitioner::new(size(10));
        let mut draw = draws(&[0, 1, 2, 3]);
        let mut used = Vec::new();
        for (bytes, batch) in appends {
            used.push(sticky.partition(topic(&ALL), &mut draw));
            sticky.appended(*bytes, *batch, topic(&ALL), &mut draw);
        }
        assert_eq!(used, expected, "{appends:?}");
    };
    use Batch::{Complete, Open};
    check(&[(9, Complete), (1, Complete), (1, Complete)], &[0, 0, 1]);
    check(&[(9, Complete), (0, Complete), (1, Open)], &[0, 0, 0]);
    // What went beyond the limit is not taken along.
    check(&[(25, Complete), (9, Complete), (1, Complete)], &[0, 1, 1]);
    check(
        &[(19, Open), (0, Open), (1, Open), (1, Open)],
        &[0, 0, 0, 1],
    );
    check(&[(12, Open), (0, Complete), (0, Complete)], &[0, 0, 1]);
}

#[test]
fn nothing_appended_is_nothing_drawn() {
    let mut sticky = StickyPartitioner::new(size(1));
    let mut draw = || panic!("there is nothing to draw for");
    sticky.appended(100, Batch::Complete, topic(&ALL), &mut draw);
    assert_eq!(sticky, StickyPartitioner::new(size(1)));
}

#[test]
fn partitions_without_a_leader_are_drawn_only_when_none_has_one() {
    let check = |available: &[u16], draw: u32, expected: u16| {
        let mut sticky = StickyPartitioner::new(size(1));
        let used = sticky.partition(topic(available), &mut draws(&[draw]));
        assert_eq!(used, expected, "{available:?} {draw}");
    };
    check(&ALL, 6, 2);
    check(&[1, 3], 6, 1);
    check(&[1, 3], 7, 3);
    check(&[2], 7, 2);
    check(&[], 7, 3);
    // A draw is taken without its sign.
    check(&ALL, u32::MAX, 3);
    check(&ALL, 1 << 31, 0);
}

#[test]
fn shorter_queues_are_likelier() {
    let queues = |lengths: &[(u16, u32)]| -> Vec<Queue> {
        let queue = |&(partition, batches)| Queue { partition, batches };
        lengths.iter().map(queue).collect()
    };
    let check = |lengths: &[(u16, u32)], expected: &[u16]| {
        let mut used = Vec::new();
        for draw in 0..8 {
            let mut sticky = StickyPartitioner::new(size(1));
            sticky.weigh(Some(&queues(lengths)), count(4));
            used.push(sticky.partition(topic(&ALL), &mut draws(&[draw])));
        }
        assert_eq!(used, expected, "{lengths:?}");
    };
    let alike = [0, 1, 2, 3, 0, 1, 2, 3];
    check(&[(0, 0), (1, 3), (2, 1)], &[0, 0, 0, 0, 1, 2, 2, 2]);
    check(&[(0, 5), (1, 5), (2, 5), (3, 5)], &alike);
    check(&[], &alike);
    // One was left out as slow: the others share, though their queues are alike.
    check(&[(0, 5), (1, 5), (3, 5)], &[0, 1, 3, 0, 1, 3, 0, 1]);
    check(&[(2, 9)], &[2; 8]);
}

#[test]
fn statistics_act_at_the_next_draw_and_can_be_switched_off() {
    let mut sticky = StickyPartitioner::new(size(10));
    let mut draw = draws(&[1]);
    let only = [Queue {
        partition: 3,
        batches: 0,
    }];
    assert_eq!(sticky.partition(topic(&ALL), &mut draw), 1);
    sticky.weigh(Some(&only), count(4));
    assert_eq!(sticky.partition(topic(&ALL), &mut draw), 1);
    sticky.appended(10, Batch::Complete, topic(&ALL), &mut draw);
    assert_eq!(sticky.partition(topic(&ALL), &mut draw), 3);
    sticky.weigh(None, count(4));
    sticky.appended(10, Batch::Complete, topic(&ALL), &mut draw);
    assert_eq!(sticky.partition(topic(&ALL), &mut draw), 1);
    // A topic of one partition has nothing to weigh.
    sticky.weigh(Some(&only), count(1));
    assert_eq!(sticky.shares, []);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_key_has_one_place_which_exists(key: Vec<u8>, partitions in 1..=u16::MAX) {
        let place = partition_for_key(&key, count(partitions));
        prop_assert!(place < partitions);
        prop_assert_eq!(place, partition_for_key(&key, count(partitions)));
    }

    #[test]
    fn keys_spread_over_all_partitions(partitions in 1u16..16) {
        let places: BTreeSet<u16> = (0..512)
            .map(|key: u32| partition_for_key(key.to_string().as_bytes(), count(partitions)))
            .collect();
        prop_assert_eq!(places.len(), usize::from(partitions));
    }

    #[test]
    fn another_count_of_partitions_moves_keys(partitions in 2u16..16) {
        let moved = (0..512).filter(|key: &u32| {
            let key = key.to_string();
            let place = |count| partition_for_key(key.as_bytes(), count);
            place(count(partitions)) != place(count(partitions + 1))
        });
        prop_assert!(moved.count() > 0);
    }

    /// Rules 3, 5, 6 and 7 for whatever is appended.
    #[test]
    fn a_turn_takes_at_least_a_batch_and_ends_before_twice_that_and_one_append(
        limit in 1u32..50,
        appends in prop::collection::vec((0u32..60, any::<bool>(), any::<u32>()), 0..60),
        available in prop::sample::subsequence(ALL.to_vec(), 0..=4),
    ) {
        let mut sticky = StickyPartitioner::new(size(limit));
        let mut turn = 0u64;
        for (bytes, is_complete, number) in appends {
            let drawn = std::cell::Cell::new(0);
            let mut draw = || { drawn.set(drawn.get() + 1); number };
            let used = sticky.partition(topic(&available), &mut draw);
            let drawn_from: &[u16] = if available.is_empty() { &ALL } else { &available };
            prop_assert!(drawn_from.contains(&used));
            let first = drawn.take();
            let batch = if is_complete { Batch::Complete } else { Batch::Open };
            sticky.appended(bytes, batch, topic(&available), &mut draw);
            turn += u64::from(bytes);
            prop_assert!(turn < u64::from(limit) * 2 + 60);
            let ends = turn >= u64::from(limit) && is_complete || turn >= u64::from(limit) * 2;
            prop_assert_eq!(drawn.get(), u32::from(ends));
            prop_assert!(first <= 1);
            if ends { turn = 0; }
        }
    }

    /// Rule 8: each partition is drawn as often as its weight, over all draws once.
    #[test]
    fn a_partition_is_drawn_as_often_as_it_weighs(lengths in prop::collection::vec(0u32..9, 2..6)) {
        prop_assume!(lengths.iter().any(|one| *one != lengths[0]));
        let queues: Vec<Queue> = lengths.iter().zip(0..)
            .map(|(batches, partition)| Queue { partition, batches: *batches }).collect();
        let partitions = count(queues.len() as u16);
        let weights = weights(&lengths);
        let all: u64 = weights.iter().sum();
        let mut times = vec![0u64; lengths.len()];
        for draw in 0..all {
            let mut sticky = StickyPartitioner::new(size(1));
            sticky.weigh(Some(&queues), partitions);
            let topic = Topic { partitions, available: &[] };
            times[usize::from(sticky.partition(topic, &mut || draw as u32))] += 1;
        }
        prop_assert_eq!(times, weights);
    }

    #[test]
    fn any_lengths_have_weights(lengths: Vec<u32>) {
        prop_assert!(weights(&lengths).iter().all(|weight| *weight >= 1));
    }
}
