//! Iterators and what they give.

use crate::account::{Account, MIDDLE, bodies, seconds};
use systems::kinesis::error::Error;
use systems::kinesis::request::Starting;
use systems::kinesis::sequence::Given;
use systems::kinesis::shard::ShardId;

#[test]
fn an_iterator_is_good_for_five_minutes() {
    let mut account = Account::new(1);
    let iterator = account.oldest(0);
    account.wait(300_000);
    let (_, next) = account.get(&iterator, None).expect("it is just good");
    account.wait(1);
    let error = account.get(&iterator, None).expect_err("it is too old");
    assert_eq!(
        error.to_string(),
        "ExpiredIteratorException: Iterator expired. The iterator was created at time Thu Jan 01 00:00:00 UTC 2026 while right now it is Thu Jan 01 00:05:00 UTC 2026 which is further in the future than the tolerated delay of 300000 milliseconds."
    );
    // The one that came with the answer is as old as the answer.
    assert!(account.get(&next.expect("the shard is open"), None).is_ok());
}

#[test]
fn a_reader_is_told_how_far_it_is_behind() {
    let mut account = Account::new(1);
    for body in ["m1", "m2", "m3"] {
        account.put("k", body);
        account.wait(10_000);
    }
    let iterator = account.oldest(0);
    let (batch, next) = account.get(&iterator, Some(2)).expect("it is read");
    assert_eq!(bodies(&batch), ["m1", "m2"]);
    assert_eq!(batch.millis_behind_latest, 20_000);
    let next = next.expect("the shard is open");
    let (batch, _) = account.get(&next, Some(2)).expect("it is read");
    assert_eq!(
        (bodies(&batch), batch.millis_behind_latest),
        (vec!["m3".to_owned()], 0)
    );
}

#[test]
fn a_sequence_number_of_another_shard_is_refused() {
    let mut account = Account::new(2);
    let number = account.put("a", "m1").sequence;
    let given = Given::text(&number.to_string());
    assert_eq!(given, Given::Number(number));
    let error = account
        .iterator(1, Starting::AtSequenceNumber(given))
        .expect_err("it is of shard 0");
    assert_eq!(
        error.to_string(),
        "InvalidArgumentException: Invalid StartingSequenceNumber. It encodes shardId-000000000000, while it was used in a call to a shard with shardId-000000000001"
    );
    let nonsense = account.iterator(0, Starting::AfterSequenceNumber(Given::text("m1")));
    assert!(
        matches!(nonsense, Err(Error::Validation(_))),
        "{nonsense:?}"
    );
    let none = account.iterator(0, Starting::AfterSequenceNumber(Given::text("")));
    assert!(matches!(none, Err(Error::InvalidArgument(_))), "{none:?}");
}

#[test]
fn a_sequence_number_of_an_earlier_stream_is_refused() {
    let mut account = Account::new(1);
    let number = account.put("a", "m1").sequence;
    let reply = account.ask(systems::kinesis::request::Request::DeleteStream {
        stream: "s".into(),
        enforce_consumer_deletion: false,
    });
    assert_eq!(reply, systems::kinesis::reply::Reply::Done);
    account.wait(10_000);
    account.create("s", 1);
    let old = account.iterator(0, Starting::AtSequenceNumber(Given::Number(number)));
    let error = old.expect_err("another stream");
    assert!(
        error.words().ends_with("it did not come from this stream."),
        "{error}"
    );
}

#[test]
fn a_time_in_the_future_is_refused() {
    let mut account = Account::new(1);
    account.wait(5_000);
    assert!(
        account
            .iterator(0, Starting::AtTimestamp(seconds(5)))
            .is_ok()
    );
    let error = account.iterator(0, Starting::AtTimestamp(seconds(6)));
    let error = error.expect_err("it is a second ahead");
    assert_eq!(
        error.words(),
        "The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. timestampInMillis: 6000, currentTimestampInMillis: 5000"
    );
}

#[test]
fn the_end_of_a_closed_shard_names_its_children() {
    let mut account = Account::new(1);
    account.put("k", "m1");
    account.split(0, MIDDLE);
    let iterator = account.oldest(0);
    let (batch, next) = account.get(&iterator, None).expect("it is read");
    assert_eq!((bodies(&batch), next), (vec!["m1".to_owned()], None));
    let children: Vec<ShardId> = batch.children.iter().map(|child| child.shard).collect();
    assert_eq!(children, [ShardId(1), ShardId(2)]);
    assert!(
        batch
            .children
            .iter()
            .all(|child| child.parents == [ShardId(0)])
    );
}

#[test]
fn a_record_is_gone_after_the_retention_period() {
    let mut account = Account::new(1);
    account.put("k", "m1");
    account.wait(1_000);
    account.put("k", "m2");
    let day = 86_400_000;
    account.wait(day - 1_001);
    assert_eq!(account.bodies(0), ["m1", "m2"]);
    account.wait(1);
    assert_eq!(account.bodies(0), ["m2"]);
    account.wait(1_000);
    assert_eq!(account.bodies(0), Vec::<String>::new());
}

#[test]
fn an_iterator_at_an_expired_record_goes_on_with_what_is_left() {
    let mut account = Account::new(1);
    let first = account.put("k", "m1").sequence;
    account.wait(3_600_000);
    account.put("k", "m2");
    account.wait(23 * 3_600_000);
    let iterator = account.iterator(0, Starting::AtSequenceNumber(Given::Number(first)));
    let (batch, _) = account
        .get(&iterator.expect("the shard is there"), None)
        .expect("it is read");
    assert_eq!(bodies(&batch), ["m2"]);
}
