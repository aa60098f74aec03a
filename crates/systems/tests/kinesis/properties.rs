//! What holds after any operations on a stream, held against a slow model that fits on a page.

use crate::account::Account;
use crate::following::follow;
use crate::sequence;
use arbitrary::{Result, Unstructured};
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

/// A hash key: any, the first of an eighth of the hash space, or the last.
fn hash(bytes: &mut Unstructured<'_>) -> Result<u128> {
    Ok(match bytes.int_in_range(0..=10_u8)? {
        0 => bytes.arbitrary()?,
        eighth @ 1..=8 => u128::from(eighth - 1) << 125,
        _ => u128::MAX,
    })
}

impl Op {
    fn of(bytes: &mut Unstructured<'_>) -> Result<Op> {
        Ok(match bytes.int_in_range(0..=12_u8)? {
            0..=5 => Op::Put {
                key: bytes.int_in_range(0..=3)?,
                hash: hash(bytes)?,
            },
            6 | 7 => Op::Split {
                of: bytes.int_in_range(0..=255)?,
                at: hash(bytes)?,
            },
            8 | 9 => Op::Merge {
                of: bytes.int_in_range(0..=255)?,
            },
            10 => Op::Count {
                of: bytes.int_in_range(1..=5)?,
            },
            _ => Op::Wait {
                ms: bytes.int_in_range(0..=2_999)?,
            },
        })
    }
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
fn play(shards: u32, ops: &[Op]) -> (Account, Model) {
    let mut account = Account::new(shards);
    let mut model = Model::new(&mut account);
    sequence::each(ops, |op| {
        match *op {
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
    });
    (account, model)
}

/// Plays what the bytes say, and holds the stream against what was put.
pub fn run(bytes: &mut Unstructured<'_>) {
    let shards = bytes.int_in_range(1..=4).unwrap_or(1);
    let by_key = bytes.arbitrary().unwrap_or_default();
    let mut ops = sequence::decode(bytes, 40, Op::of);
    for op in &mut ops {
        // Or a key has one hash key: the first of the quarter of the hash space that it names.
        if let (true, Op::Put { key, hash }) = (by_key, op) {
            *hash = u128::from(*key) << 126;
        }
    }
    let (mut account, model) = play(shards, &ops);
    sequence_numbers_grow_per_shard(&mut account, &model);
    every_record_is_read_once(&mut account, &model);
    if by_key {
        each_key_is_read_in_order(&mut account);
    }
}

fn sequence_numbers_grow_per_shard(account: &mut Account, model: &Model) {
    let mut last: BTreeMap<u32, String> = BTreeMap::new();
    for (_, sequence, shard) in &model.records {
        let text = sequence.to_string();
        // Texts of one length are ordered as their numbers are.
        assert_eq!(text.len(), 56);
        assert_eq!(SequenceNumber::read(&text), Some(*sequence));
        if let Some(before) = last.get(shard) {
            assert!(*before < text);
        }
        last.insert(*shard, text);
    }
    for shard in account.shards() {
        let Some(last) = last.get(&shard.shard.0) else {
            continue;
        };
        assert!(shard.starting.to_string() < *last);
        if let Some(ending) = shard.ending {
            assert!(*last < ending.to_string());
        }
    }
}

fn every_record_is_read_once(account: &mut Account, model: &Model) {
    let read = follow(account);
    let mut bodies: Vec<usize> = read
        .iter()
        .map(|one| one.body.parse().expect("a number"))
        .collect();
    bodies.sort_unstable();
    let all: Vec<usize> = (0..model.records.len()).collect();
    assert_eq!(bodies, all);
    for record in &read {
        let number: usize = record.body.parse().expect("a number");
        let (body, sequence, shard) = &model.records[number];
        assert_eq!((&*record.body, record.sequence), (body.as_str(), *sequence));
        assert_eq!(ShardId(record.sequence.shard()), ShardId(*shard));
    }
}

fn each_key_is_read_in_order(account: &mut Account) {
    let mut last: BTreeMap<String, usize> = BTreeMap::new();
    for record in follow(account) {
        let body: usize = record.body.parse().expect("a number");
        if let Some(before) = last.insert(record.key.to_string(), body) {
            assert!(before < body, "{body} after {before}");
        }
    }
}
