//! Streams as a whole.

use crate::account::{Account, MIDDLE, bodies, code};
use systems::Server;
use systems::kinesis::reply::Reply;
use systems::kinesis::request::{Entry, Request};
use systems::kinesis::setting::Settings;
use systems::kinesis::stream::Status;

fn delete(enforce_consumer_deletion: bool) -> Request {
    Request::DeleteStream {
        stream: "s".into(),
        enforce_consumer_deletion,
    }
}

#[test]
fn a_stream_passes_through_its_states() {
    let mut account = Account::empty(Settings::default());
    assert_eq!(account.create("s", 1), Reply::Done);
    assert_eq!(account.status(), Status::Creating);
    assert_eq!(code(&account.create("s", 1)), "ResourceInUseException");
    let early = account
        .entry(Entry::new("k", "early"))
        .expect_err("it is not ready");
    assert_eq!(early.code(), "ResourceNotFoundException");
    account.wait(10_000);
    assert_eq!(account.status(), Status::Active);
    account.put("k", "m1");
    // While its shards change, the stream takes records into the old shard.
    assert_eq!(account.split(0, MIDDLE), Reply::Done);
    assert_eq!(account.status(), Status::Updating);
    assert_eq!(account.put("k", "m2").shard.0, 0);
    let busy = account.split(0, MIDDLE);
    assert_eq!(code(&busy), "ResourceInUseException");
    let Reply::Refused(error) = busy else {
        panic!()
    };
    assert_eq!(
        error.words(),
        "Stream s under account 123456789012 not ACTIVE, instead in state UPDATING"
    );
    account.wait(30_000);
    assert_eq!(account.status(), Status::Active);
    assert_ne!(account.put("k", "m3").shard.0, 0);
    // A stream that is being deleted goes on until it is gone.
    assert_eq!(account.ask(delete(false)), Reply::Done);
    assert_eq!(account.status(), Status::Deleting);
    account.put("k", "m4");
    assert_eq!(code(&account.create("s", 1)), "ResourceInUseException");
    account.wait(10_000);
    let late = account
        .entry(Entry::new("k", "late"))
        .expect_err("it is gone");
    assert_eq!(late.code(), "ResourceNotFoundException");
    assert_eq!(
        late.words(),
        "Stream s under account 123456789012 not found."
    );
    assert_eq!(account.create("s", 1), Reply::Done);
}

#[test]
fn a_service_at_rest_announces_nothing() {
    let mut account = Account::new(3);
    assert_eq!(account.kinesis.next_due(), None);
    account.put("k", "m1");
    let (at, _) = account.kinesis.next_due().expect("the record expires");
    assert_eq!(at.ms(), 86_400_000);
    account.wait(86_400_000);
    assert_eq!(account.kinesis.next_due(), None);
}

#[test]
fn a_longer_retention_does_not_bring_expired_records_back() {
    let mut account = Account::new(1);
    account.put("k", "m1");
    assert_eq!(account.retention(48), Reply::Done);
    account.wait(30 * 3_600_000);
    account.put("k", "m2");
    assert_eq!(account.bodies(0), ["m1", "m2"]);
    account.retention(24);
    assert_eq!(account.bodies(0), ["m2"]);
    account.retention(8_760);
    assert_eq!(account.bodies(0), ["m2"]);
    account.wait(8_759 * 3_600_000);
    assert_eq!(account.bodies(0), ["m2"]);
    account.wait(3_600_000);
    assert_eq!(account.bodies(0), Vec::<String>::new());
}

#[test]
fn a_retention_period_goes_the_way_it_is_named() {
    let mut account = Account::new(1);
    let mut refused = |request| match account.ask(request) {
        Reply::Refused(error) => error.to_string(),
        other => panic!("{other:?}"),
    };
    let stream = || "s".into();
    let check = |said: String, words: &str| assert!(said.contains(words), "{said}");
    let hours = |hours| Request::IncreaseStreamRetentionPeriod {
        stream: stream(),
        hours,
    };
    check(
        refused(hours(23)),
        "Minimum allowed retention period is 24 hours.",
    );
    check(
        refused(hours(8_761)),
        "Maximum allowed retention period is 8760 hours.",
    );
    let longer = Request::DecreaseStreamRetentionPeriod {
        stream: stream(),
        hours: 25,
    };
    check(
        refused(longer),
        "InvalidArgumentException: Requested retention period (25 hours) for stream s can not be longer than existing retention period (24 hours). Use IncreaseRetentionPeriod API.",
    );
}

#[test]
fn a_closed_shard_expires_with_its_records() {
    let mut account = Account::new(1);
    account.put("k", "m1");
    account.wait(3_600_000);
    account.split(0, MIDDLE);
    let numbers = |account: &mut Account| -> Vec<u32> {
        account.shards().iter().map(|shard| shard.shard.0).collect()
    };
    account.wait(23 * 3_600_000);
    let iterator = account.oldest(0);
    let (batch, next) = account.get(&iterator, None).expect("the shard is there");
    assert_eq!(
        (bodies(&batch), next),
        (Vec::new(), None),
        "its record is gone"
    );
    assert_eq!(numbers(&mut account), [0, 1, 2]);
    account.wait(3_600_000);
    assert_eq!(numbers(&mut account), [1, 2]);
    let error = account.get(&iterator, None).expect_err("the shard is gone");
    assert_eq!(error.code(), "ExpiredIteratorException");
}

#[test]
fn a_stream_with_consumers_is_not_deleted_by_accident() {
    let mut account = Account::new(1);
    account.ask(Request::RegisterStreamConsumer {
        stream: "s".into(),
        consumer: "c".into(),
    });
    assert_eq!(code(&account.ask(delete(false))), "ResourceInUseException");
    assert_eq!(account.ask(delete(true)), Reply::Done);
}

#[test]
fn streams_and_shards_are_listed_in_pages() {
    let mut account = Account::new(3);
    account.create("r", 1);
    account.create("t", 1);
    let mut list = |after: Option<&str>, limit| {
        account.ask(Request::ListStreams {
            after: after.map(Into::into),
            limit,
        })
    };
    let page = |names: &[&str], more| {
        Reply::Streams(names.iter().map(|name| (*name).into()).collect(), more)
    };
    assert_eq!(list(None, None), page(&["r", "s", "t"], false));
    assert_eq!(list(None, Some(2)), page(&["r", "s"], true));
    assert_eq!(list(Some("s"), Some(2)), page(&["t"], false));
    assert_eq!(code(&list(None, Some(0))), "ValidationException");
}

#[test]
fn names_counts_and_limits_are_checked() {
    let mut account = Account::empty(Settings {
        shard_limit: 5,
        ..Settings::default()
    });
    assert_eq!(code(&account.create("", 1)), "ValidationException");
    assert_eq!(code(&account.create("a b", 1)), "ValidationException");
    assert_eq!(
        code(&account.create(&"a".repeat(129), 1)),
        "ValidationException"
    );
    assert_eq!(code(&account.create("a", 0)), "ValidationException");
    assert_eq!(code(&account.create("a", u32::MAX)), "ValidationException");
    assert_eq!(account.create("a", 3), Reply::Done);
    assert_eq!(code(&account.create("b", 3)), "LimitExceededException");
    assert_eq!(account.create("b", 2), Reply::Done);
}
