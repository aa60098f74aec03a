//! What people met in the field.

use crate::account::{Account, after, bodies};
use systems::kinesis::error::Error;
use systems::kinesis::request::Starting;

/// A batch took longer than five minutes, and the next read fails (awslabs/amazon-kinesis-client
/// issue 829, redpanda-data/connect issue 139, harlow/kinesis-consumer issue 166).
#[test]
fn after_an_expired_iterator_only_the_last_handled_record_loses_and_repeats_nothing() {
    let mut account = Account::new(1);
    account.put("k", "1");
    account.put("k", "2");
    let third = account.put("k", "3").sequence;
    let start = account.oldest(0);
    account.wait(1_000);
    let (batch, next) = account.get(&start, None).expect("it is read");
    assert_eq!(bodies(&batch), ["1", "2", "3"]);
    let next = next.expect("the shard is open");
    account.wait(99_000);
    account.put("k", "4");
    account.wait(100_000);
    account.put("k", "5");
    // 299 seconds after it was handed out the iterator is still good.
    let mut early = account.clone();
    early.wait(100_000);
    let (batch, _) = early.get(&next, None).expect("it is good for five minutes");
    assert_eq!(bodies(&batch), ["4", "5"]);

    account.wait(131_000);
    let refused = account.get(&next, None);
    assert!(
        matches!(&refused, Err(Error::ExpiredIterator(words)) if words.contains("tolerated delay of 300000 milliseconds"))
    );
    let recovered = |starting: Starting| {
        let mut account = account.clone();
        let iterator = account.iterator(0, starting).expect("the shard is there");
        account.wait(69_000);
        account.put("k", "6");
        let (batch, _) = account.get(&iterator, None).expect("it is read");
        bodies(&batch)
    };
    assert_eq!(recovered(after(third)), ["4", "5", "6"]);
    assert_eq!(recovered(Starting::Latest), ["6"], "4 and 5 are lost");
    assert_eq!(
        recovered(Starting::TrimHorizon),
        ["1", "2", "3", "4", "5", "6"],
        "1, 2 and 3 come again"
    );
}

/// Whoever reads the children of a split first sees a key's records out of order; whoever reads only
/// the open shards misses what is still in the parents.
#[test]
fn a_reader_that_skips_parents_breaks_the_order_of_a_key() {
    let mut account = Account::new(1);
    account.put("b", "k1");
    account.put("b", "k2");
    account.split(0, crate::account::MIDDLE);
    account.put("b", "k3");
    let (parent, child) = (account.bodies(0), account.bodies(2));
    assert_eq!([parent.clone(), child.clone()].concat(), ["k1", "k2", "k3"]);
    assert_eq!([child, parent].concat(), ["k3", "k1", "k2"]);
    let open: Vec<String> = account
        .shards()
        .iter()
        .filter(|shard| shard.ending.is_none())
        .map(|shard| shard.shard.0)
        .collect::<Vec<_>>()
        .into_iter()
        .flat_map(|shard| account.bodies(shard))
        .collect();
    assert_eq!(open, ["k3"]);
}
