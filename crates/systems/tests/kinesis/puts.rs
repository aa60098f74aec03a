//! Putting records.

use crate::account::{Account, code};
use systems::kinesis::reply::Reply;
use systems::kinesis::request::{Entry, Request};
use systems::kinesis::sequence::{Given, SequenceNumber};
use systems::kinesis::setting::Settings;
use systems::{Instant, RecordId};

fn put_records(account: &mut Account, entries: Vec<Entry>) -> Reply {
    account.ask(Request::PutRecords {
        stream: "s".into(),
        entries,
    })
}

#[test]
fn of_a_batch_only_the_throttled_records_fail() {
    let mut account = Account::new(2);
    // Four times a third of a mebibyte to the lower shard, one small record to the upper one.
    let third = "x".repeat(349_000);
    let mut entries = vec![Entry::new("a", &third); 4];
    entries.insert(3, Entry::new("b", "small"));
    let Reply::PutRecords(results) = put_records(&mut account, entries) else {
        panic!("the request is not refused as a whole");
    };
    let stored: Vec<bool> = results.iter().map(Result::is_ok).collect();
    assert_eq!(stored, [true, true, true, true, false]);
    let error = results[4]
        .as_ref()
        .expect_err("the shard has had its share");
    assert_eq!(error.code(), "ProvisionedThroughputExceededException");
    assert_eq!(
        error.words(),
        "Rate exceeded for shard shardId-000000000000 in stream s under account 123456789012."
    );
    // What failed is put again, and comes after what was stored.
    account.wait(1_000);
    let again = account
        .entry(Entry::new("a", "again"))
        .expect("a second has passed");
    let before = results[2].as_ref().expect("it was stored").sequence;
    assert!(again.sequence > before);
}

#[test]
fn one_malformed_record_refuses_the_whole_request() {
    for wrong in [
        Entry::new("", "x"),
        Entry {
            explicit_hash_key: Some("340282366920938463463374607431768211456".into()),
            ..Entry::new("k", "x")
        },
        Entry {
            explicit_hash_key: Some("-1".into()),
            ..Entry::new("k", "x")
        },
        Entry::new(&"k".repeat(257), "x"),
    ] {
        let mut account = Account::new(1);
        let reply = put_records(&mut account, vec![Entry::new("a", "good"), wrong.clone()]);
        assert!(
            !code(&reply).is_empty(),
            "{wrong:?} was answered by {reply:?}"
        );
        assert_eq!(account.bodies(0), Vec::<String>::new());
    }
}

#[test]
fn a_record_has_at_most_a_mebibyte_with_its_key() {
    let mut account = Account::new(1);
    let put = |account: &mut Account, bytes| {
        account.wait(5_000);
        account.entry(Entry::new("k", &"x".repeat(bytes))).is_ok()
    };
    assert!(put(&mut account, 1_048_575));
    assert!(!put(&mut account, 1_048_576));
    let mut settings = Settings {
        create_ms: 0,
        ..Settings::default()
    };
    let raised = settings.set("MaxRecordSizeInKiB", &serde_json::json!(2_048));
    assert_eq!(raised, Ok(()));
    let mut account = Account::with(settings, 1);
    assert!(put(&mut account, 1_048_576));
    assert!(put(&mut account, 2_097_151));
    assert!(!put(&mut account, 2_097_152));
}

#[test]
fn ordering_after_nonsense_is_refused() {
    let mut account = Account::new(1);
    let first = account.put("k", "m1").sequence;
    let mut after = |given: Given| {
        account.ask(Request::PutRecord {
            stream: "s".into(),
            entry: Entry::new("k", "x"),
            sequence_number_for_ordering: Some(given),
        })
    };
    let Reply::Put(second) = after(Given::Number(first)) else {
        panic!("a number that was handed out is taken");
    };
    assert!(second.sequence > first);
    for (text, expected) in [
        ("no number", "ValidationException"),
        ("017", "ValidationException"),
        ("17", "InvalidArgumentException"),
        ("0", "InvalidArgumentException"),
    ] {
        assert_eq!(code(&after(Given::text(text))), expected, "{text}");
    }
    let future = SequenceNumber::new(Instant(0), 0, 1, Instant(60_000_000));
    let reply = after(Given::Number(future));
    assert_eq!(code(&reply), "InvalidArgumentException");
    let Reply::Refused(error) = reply else {
        panic!()
    };
    assert!(
        error
            .words()
            .starts_with("ExclusiveMinimumSequenceNumber 4"),
        "{error}"
    );
}

#[test]
fn a_record_keeps_its_key_body_time_and_place_in_the_scene() {
    let mut account = Account::new(1);
    account.wait(1_234);
    let entry = Entry {
        record: Some(RecordId(7)),
        ..Entry::new("key", "body")
    };
    let stored = account.entry(entry).expect("it is stored");
    let iterator = account.oldest(0);
    let (batch, _) = account.get(&iterator, None).expect("it is read");
    let record = &batch.records[0];
    assert_eq!(record.sequence, stored.sequence);
    assert_eq!((&*record.key, &*record.body), ("key", "body"));
    assert_eq!(
        (record.arrived.ms(), record.record),
        (1_234, Some(RecordId(7)))
    );
}
