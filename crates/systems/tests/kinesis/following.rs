//! A reader that follows children: each shard after its parents, with the client library's readers.

use crate::account::Account;
use std::collections::BTreeMap;
use systems::kinesis::kcl::lease::Checkpoint;
use systems::kinesis::kcl::reader::ShardReader;
use systems::kinesis::reply::Reply;
use systems::kinesis::shard::{ChildShard, Record, ShardId};

/// Reads a stream from its oldest shards to the tip; every record with its shard.
pub fn follow(account: &mut Account) -> Vec<Record> {
    let mut read = Vec::new();
    let mut parents: BTreeMap<ShardId, Vec<ShardId>> = account
        .shards()
        .into_iter()
        .filter(|shard| shard.parents.is_empty())
        .map(|shard| (shard.shard, Vec::new()))
        .collect();
    let mut done: Vec<ShardId> = Vec::new();
    loop {
        let is_next = |(shard, parents): &(&ShardId, &Vec<ShardId>)| {
            !done.contains(shard) && parents.iter().all(|parent| done.contains(parent))
        };
        let Some(shard) = parents.iter().find(is_next).map(|(shard, _)| *shard) else {
            return read;
        };
        for child in read_shard(account, shard, &mut read) {
            parents.insert(child.shard, child.parents);
        }
        done.push(shard);
    }
}

/// Reads one shard to its tip or its end.
fn read_shard(account: &mut Account, shard: ShardId, read: &mut Vec<Record>) -> Vec<ChildShard> {
    let mut reader = ShardReader::new("s", shard, Checkpoint::TrimHorizon);
    while let Some(request) = reader.request() {
        let reply = account.ask(request);
        let is_throttled = matches!(&reply, Reply::Refused(_));
        let is_tip = matches!(&reply, Reply::Records(batch, Some(_)) if batch.records.is_empty());
        read.extend(reader.answered(reply));
        if is_throttled {
            account.wait(1_000);
        }
        if is_tip {
            return Vec::new();
        }
    }
    reader.ended().unwrap_or_default().to_vec()
}

#[test]
fn a_reader_survives_expired_iterators_and_throttling() {
    let mut account = Account::new(1);
    for body in ["m1", "m2"] {
        account.put("k", body);
    }
    let mut reader = ShardReader::new("s", ShardId(0), Checkpoint::TrimHorizon);
    let mut read = Vec::new();
    let mut codes = Vec::new();
    for step in 0..20 {
        let request = reader.request().expect("the shard is open");
        let reply = account.ask(request);
        if let Reply::Refused(error) = &reply {
            codes.push(error.code());
        }
        read.extend(
            reader
                .answered(reply)
                .iter()
                .map(|one| one.body.to_string()),
        );
        if step == 4 {
            account.put("k", "m3");
            account.wait(300_001);
            account.put("k", "m4");
        }
    }
    assert_eq!(read, ["m1", "m2", "m3", "m4"]);
    codes.dedup();
    assert_eq!(
        codes,
        [
            "ExpiredIteratorException",
            "ProvisionedThroughputExceededException"
        ]
    );
}

#[test]
fn a_reader_that_began_at_latest_may_lose_records() {
    let mut account = Account::new(1);
    let mut reader = ShardReader::new("s", ShardId(0), Checkpoint::Latest);
    let mut step = |account: &mut Account| -> Vec<String> {
        let reply = account.ask(reader.request().expect("the shard is open"));
        let records = reader.answered(reply);
        records.iter().map(|one| one.body.to_string()).collect()
    };
    assert_eq!(step(&mut account), Vec::<String>::new());
    account.put("k", "lost");
    account.wait(300_001);
    // The iterator has expired; the next one begins after the newest record.
    assert_eq!(step(&mut account), Vec::<String>::new());
    assert_eq!(step(&mut account), Vec::<String>::new());
    account.put("k", "read");
    assert_eq!(step(&mut account), ["read"]);
}
