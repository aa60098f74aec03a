//! Splitting, merging and counting shards.

use crate::account::{Account, MIDDLE, code};
use systems::kinesis::hash::HashKeyRange;
use systems::kinesis::reply::Reply;
use systems::kinesis::request::Request;
use systems::kinesis::shard::ShardId;
use systems::kinesis::stream::Mode;

#[test]
fn what_cannot_be_resharded_is_refused() {
    let mut account = Account::new(3);
    let invalid = |reply: Reply, words: &str| {
        let Reply::Refused(error) = reply else {
            panic!("{reply:?} instead of {words}");
        };
        assert_eq!(error.code(), "InvalidArgumentException");
        assert!(error.words().contains(words), "{error}");
    };
    let range = account.shards()[1].range;
    let bounds = "is not both greater than one plus the shard's StartingHashKey 113427455640312821154458202477256070485 and less than the shard's EndingHashKey 226854911280625642308916404954512140969.";
    for at in [
        0,
        range.start.0,
        range.start.0 + 1,
        range.end.0,
        range.end.0 + 1,
        u128::MAX,
    ] {
        invalid(account.split(1, at), bounds);
    }
    assert_eq!(code(&account.split(9, MIDDLE)), "ResourceNotFoundException");
    let neighbours = "are not an adjacent pair of shards eligible for merging";
    for (lower, upper) in [(0, 2), (1, 1), (1, 0), (2, 0)] {
        invalid(account.merge(lower, upper), neighbours);
    }
    assert_eq!(code(&account.merge(0, 9)), "ResourceNotFoundException");
    assert_eq!(account.merge(0, 1), Reply::Done);
    let closed =
        "has already been merged or split, and thus is not eligible for merging or splitting.";
    invalid(account.merge(0, 1), closed);
    invalid(account.split(0, 1_000), closed);
    invalid(account.merge(1, 2), closed);
    assert_eq!(account.merge(3, 2), Reply::Done);
    assert_eq!(account.shards()[4].parents, [ShardId(3), ShardId(2)]);
}

#[test]
fn update_shard_count_divides_the_hash_space_evenly() {
    // As the service does it, on the way short-lived shards come and go: 2 to 4 makes 6 shards in
    // all, 4 to 5 makes 15, 4 to 3 makes 11.
    for (from, to, in_all) in [(2, 4, 6), (4, 5, 15), (4, 2, 6), (4, 3, 11), (3, 3, 3)] {
        let mut account = Account::new(from);
        let counted = Reply::ShardCount {
            current: from,
            target: to,
        };
        assert_eq!(account.count(to), counted);
        let shards = account.shards();
        let mut open: Vec<HashKeyRange> = shards
            .iter()
            .filter(|shard| shard.ending.is_none())
            .map(|shard| shard.range)
            .collect();
        open.sort_by_key(|range| range.start);
        assert_eq!(open, HashKeyRange::even(to), "{from} to {to}");
        assert_eq!(shards.len(), in_all, "{from} to {to}");
    }
}

#[test]
fn shards_are_at_most_doubled_or_halved_ten_times_a_day() {
    let mut account = Account::new(4);
    for wrong in [9, 1] {
        assert_eq!(code(&account.count(wrong)), "LimitExceededException");
    }
    assert_eq!(code(&account.count(0)), "ValidationException");
    for _ in 0..5 {
        assert_ne!(code(&account.count(8)), "LimitExceededException");
        account.wait(60_000);
        assert_ne!(code(&account.count(4)), "LimitExceededException");
        account.wait(60_000);
    }
    assert_eq!(code(&account.count(8)), "LimitExceededException");
    account.wait(86_400_000);
    assert_eq!(code(&account.count(8)), "");
}

#[test]
fn an_on_demand_stream_is_not_resharded() {
    let mut account = Account::new(4);
    let mode = |mode| Request::UpdateStreamMode {
        stream: "s".into(),
        mode,
    };
    assert_eq!(account.ask(mode(Mode::OnDemand)), Reply::Done);
    assert_eq!(code(&account.split(0, 1_000)), "ValidationException");
    assert_eq!(code(&account.merge(0, 1)), "ValidationException");
    assert_eq!(code(&account.count(8)), "ValidationException");
    assert_eq!(account.ask(mode(Mode::Provisioned)), Reply::Done);
    assert_eq!(account.split(0, 1_000), Reply::Done);
    let third = account.ask(mode(Mode::OnDemand));
    assert_eq!(code(&third), "LimitExceededException");
    let mut create = |shards| {
        account.ask(Request::CreateStream {
            stream: "on-demand".into(),
            shards,
            mode: Mode::OnDemand,
        })
    };
    assert_eq!(code(&create(Some(1))), "ValidationException");
    assert_eq!(create(None), Reply::Done);
    let summary = account.kinesis.summary("on-demand").expect("it is there");
    assert_eq!((summary.open_shards, summary.mode), (4, Mode::OnDemand));
}
