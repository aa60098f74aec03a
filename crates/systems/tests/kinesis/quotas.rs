//! The throughput of shards.

use crate::account::Account;
use systems::kinesis::error::Error;
use systems::kinesis::request::Entry;
use systems::kinesis::setting::Settings;

fn is_throttled<T>(result: &Result<T, Error>) -> bool {
    matches!(result, Err(Error::ProvisionedThroughputExceeded(_)))
}

#[test]
fn a_shard_takes_a_thousand_records_a_second() {
    let mut account = Account::new(2);
    for _ in 0..1_000 {
        account.put("a", "x");
    }
    assert!(is_throttled(&account.entry(Entry::new("a", "x"))));
    // The other shard has a throughput of its own.
    account.put("b", "x");
    account.wait(999);
    assert!(is_throttled(&account.entry(Entry::new("a", "x"))));
    account.wait(1);
    account.put("a", "x");
}

#[test]
fn keys_count_against_the_bytes_of_a_shard() {
    let mut account = Account::new(1);
    let key = "k".repeat(256);
    account.put(&key, &"x".repeat(1_048_576 - 512));
    account.put(&key, "");
    assert!(is_throttled(&account.entry(Entry::new("k", ""))));
}

#[test]
fn a_shard_answers_five_reads_a_second() {
    let mut account = Account::new(2);
    let iterator = account.oldest(0);
    for _ in 0..5 {
        assert!(account.get(&iterator, None).is_ok());
    }
    let refused = account.get(&iterator, None);
    assert!(is_throttled(&refused));
    // All readers share it; the other shard has its own.
    let other = account.oldest(0);
    assert!(is_throttled(&account.get(&other, None)));
    let upper = account.oldest(1);
    assert!(account.get(&upper, None).is_ok());
    account.wait(1_000);
    assert!(account.get(&iterator, None).is_ok());
}

#[test]
fn a_large_read_is_paid_for_later() {
    let mut account = Account::new(1);
    for _ in 0..12 {
        account.put("k", &"x".repeat(1_048_575));
        account.wait(1_000);
    }
    let iterator = account.oldest(0);
    let (batch, next) = account.get(&iterator, None).expect("it is read");
    assert_eq!(batch.records.len(), 10, "one call gives at most 10 MiB");
    let next = next.expect("the shard is open");
    account.wait(4_999);
    assert!(is_throttled(&account.get(&next, None)));
    account.wait(1);
    let (batch, _) = account.get(&next, None).expect("five seconds have passed");
    assert_eq!(batch.records.len(), 2);
}

#[test]
fn a_setting_is_read_by_its_name() {
    let mut settings = Settings::default();
    let set = settings.set("GetRecordsPerSecond", &serde_json::json!(1));
    assert_eq!((set, settings.read_calls), (Ok(()), 1));
    let refused = settings.set("MaxRecordSizeInKiB", &serde_json::json!(1));
    assert_eq!(
        refused.expect_err("out of bounds").why,
        "is 1; it can be 1024 to 10240"
    );
}
