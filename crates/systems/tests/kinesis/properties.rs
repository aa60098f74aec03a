//! What holds after any operations on a stream, held against a slow model that fits on a page.

use crate::account::Account;
use crate::following::follow;
use proptest::prelude::*;
use std::collections::BTreeMap;
use systems::kinesis::reply::Reply;
use systems::kinesis::request::Entry;
use systems::kinesis::sequence::SequenceNumber;
use systems::kinesis::shard::ShardId;

#[derive(Clone, Debug)]
enum Op {
    Put { key: u8, hash: u128 },
    Split { of: usize, at: u128 },
    Merge { of: usize },
    Count { of: u32 },
    Wait { ms: u64 },
}

fn op() -> impl Strategy<Value = Op> {
    let hash = prop_oneof![
        any::<u128>(),
        (0..8_u32).prop_map(|eighth| u128::from(eighth) << 125),
        Just(u128::MAX),
    ];
    prop_oneof![
        6 => (0..4_u8, hash.clone()).prop_map(|(key, hash)| Op::Put { key, hash }),
        2 => (any::<usize>(), hash).prop_map(|(of, at)| Op::Split { of, at }),
        2 => any::<usize>().prop_map(|of| Op::Merge { of }),
        1 => (1..6_u32).prop_map(|of| Op::Count { of }),
        2 => (0..3_000_u64).prop_map(|ms| Op::Wait { ms }),
    ]
}

/// The slow model: ranges in a row, each with its shard, and all records.
struct Model {
    open: Vec<(u128, u128, u32)>,
    next: u32,
    records: Vec<(String, SequenceNumber, u32)>,
}

impl Model {
    fn new(account: &mut Account) -> Model {
        let shards = account.shards();
        let range = |shard: &systems::kinesis::reply::ShardDescription| {
            (shard.range.start.0, shard.range.end.0, shard.shard.0)
        };
        Model {
            open: shards.iter().map(range).collect(),
            next: shards.len() as u32,
            records: Vec::new(),
        }
    }

    fn shard_of(&self, hash: u128) -> u32 {
        let holds = |(start, end, _): &&(u128, u128, u32)| *start <= hash && hash <= *end;
        let mut found = self.open.iter().filter(holds);
        let (_, _, shard) = found.next().expect("the hash space is covered");
        assert!(found.next().is_none(), "two open shards hold {hash}");
        *shard
    }

    fn split(&mut self, at: usize, hash: u128) {
        let (start, end, _) = self.open[at];
        let (lower, upper) = (self.next, self.next + 1);
        self.open
            .splice(at..=at, [(start, hash - 1, lower), (hash, end, upper)]);
        self.next += 2;
    }

    fn merge(&mut self, at: usize) {
        let (start, end) = (self.open[at].0, self.open[at + 1].1);
        self.open.splice(at..=at + 1, [(start, end, self.next)]);
        self.next += 1;
    }
}

fn open_ranges(account: &mut Account) -> Vec<(u128, u128, u32)> {
    let shards = account.shards();
    let open = shards.iter().filter(|shard| shard.ending.is_none());
    let mut ranges: Vec<_> = open
        .map(|shard| (shard.range.start.0, shard.range.end.0, shard.shard.0))
        .collect();
    ranges.sort_unstable();
    ranges
}

/// Does operations on a stream of `shards` shards and on the model, and compares them each time.
fn play(shards: u32, ops: Vec<Op>) -> (Account, Model) {
    let mut account = Account::new(shards);
    let mut model = Model::new(&mut account);
    for op in ops {
        match op {
            Op::Put { key, hash } => {
                let body = model.records.len().to_string();
                let entry = Entry {
                    explicit_hash_key: Some(hash.to_string().into()),
                    ..Entry::new(&key.to_string(), &body)
                };
                let stored = account.entry(entry).expect("there is throughput");
                assert_eq!(stored.shard.0, model.shard_of(hash));
                model.records.push((body, stored.sequence, stored.shard.0));
            }
            Op::Split { of, at } => {
                let place = of % model.open.len();
                let (start, end, shard) = model.open[place];
                let is_possible = at > start.saturating_add(1) && at < end;
                let reply = account.split(shard, at);
                assert_eq!(reply == Reply::Done, is_possible, "{reply:?}");
                if is_possible {
                    model.split(place, at);
                }
            }
            Op::Merge { of } => {
                let place = of % model.open.len();
                if let Some(&(_, _, adjacent)) = model.open.get(place + 1) {
                    assert_eq!(account.merge(model.open[place].2, adjacent), Reply::Done);
                    model.merge(place);
                }
            }
            Op::Count { of } => {
                if matches!(account.count(of), Reply::ShardCount { .. }) {
                    // Which shards come and go on the way is not the model's matter.
                    model.open = open_ranges(&mut account);
                    model.next = account.shards().last().map_or(0, |last| last.shard.0 + 1);
                    assert_eq!(model.open.len(), of as usize);
                }
            }
            Op::Wait { ms } => account.wait(ms),
        }
        assert_eq!(open_ranges(&mut account), model.open);
    }
    (account, model)
}

#[test]
fn open_shards_cover_the_hash_space_exactly_once() {
    proptest!(ProptestConfig::with_cases(96), |(shards in 1..5_u32, ops in prop::collection::vec(op(), 0..40))| {
        let (mut account, _) = play(shards, ops);
        let open = open_ranges(&mut account);
        prop_assert_eq!(open[0].0, 0);
        prop_assert_eq!(open[open.len() - 1].1, u128::MAX);
        for two in open.windows(2) {
            prop_assert_eq!(two[0].1 + 1, two[1].0);
        }
    });
}

#[test]
fn sequence_numbers_grow_per_shard() {
    proptest!(ProptestConfig::with_cases(96), |(shards in 1..5_u32, ops in prop::collection::vec(op(), 0..40))| {
        let (mut account, model) = play(shards, ops);
        let mut last: BTreeMap<u32, String> = BTreeMap::new();
        for (_, sequence, shard) in &model.records {
            let text = sequence.to_string();
            // Texts of one length are ordered as their numbers are.
            prop_assert_eq!(text.len(), 56);
            prop_assert_eq!(SequenceNumber::read(&text), Some(*sequence));
            if let Some(before) = last.get(shard) {
                prop_assert!(*before < text);
            }
            last.insert(*shard, text);
        }
        for shard in account.shards() {
            let Some(last) = last.get(&shard.shard.0) else { continue };
            prop_assert!(shard.starting.to_string() < *last);
            if let Some(ending) = shard.ending {
                prop_assert!(*last < ending.to_string());
            }
        }
    });
}

#[test]
fn every_record_is_read_once_by_a_reader_that_follows_children() {
    proptest!(ProptestConfig::with_cases(96), |(shards in 1..5_u32, ops in prop::collection::vec(op(), 0..40))| {
        let (mut account, model) = play(shards, ops);
        let read = follow(&mut account);
        let mut bodies: Vec<usize> = read.iter().map(|one| one.body.parse().expect("a number")).collect();
        bodies.sort_unstable();
        let all: Vec<usize> = (0..model.records.len()).collect();
        prop_assert_eq!(bodies, all);
        for record in &read {
            let (body, sequence, shard) = &model.records[record.body.parse::<usize>().expect("a number")];
            prop_assert_eq!((&*record.body, record.sequence), (body.as_str(), *sequence));
            prop_assert_eq!(ShardId(record.sequence.shard()), ShardId(*shard));
        }
    });
}

#[test]
fn a_reader_that_follows_children_keeps_the_order_of_each_key() {
    proptest!(ProptestConfig::with_cases(96), |(shards in 1..5_u32, ops in prop::collection::vec(op(), 0..40))| {
        // A key has one hash key: here the eighth of the hash space that its number names.
        let ops = ops.into_iter().map(|op| match op {
            Op::Put { key, .. } => Op::Put { key, hash: u128::from(key) << 126 },
            other => other,
        });
        let (mut account, _) = play(shards, ops.collect());
        let mut last: BTreeMap<String, usize> = BTreeMap::new();
        for record in follow(&mut account) {
            let body: usize = record.body.parse().expect("a number");
            if let Some(before) = last.insert(record.key.to_string(), body) {
                prop_assert!(before < body, "{} after {before}", body);
            }
        }
    });
}
