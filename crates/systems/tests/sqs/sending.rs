//! Sending.

use crate::bench_client::{Bench, code, words};
use std::collections::BTreeMap;
use std::sync::Arc;
use systems::sqs::{Attribute, Code, Entry, Reply, Request};

#[test]
fn a_fifo_queue_takes_no_delay_of_a_message() {
    let mut bench = Bench::fifo(&[("DelaySeconds", "5")]);
    let delayed = |delay| Entry {
        delay_seconds: Some(delay),
        ..Entry::new("m").of_group("g", "d")
    };
    assert_eq!(
        code(&bench.send("q.fifo", delayed(3))),
        Code::InvalidParameterValue
    );
    assert!(matches!(bench.send("q.fifo", delayed(0)), Reply::Sent(_)));
    // The queue's delay holds all the same.
    assert_eq!(bench.depth("q.fifo"), [0, 0, 1]);
    assert_eq!(bench.at(5).depth("q.fifo"), [1, 0, 0]);
}

#[test]
fn attributes_count_towards_the_size() {
    let mut bench = Bench::with(&[("MaximumMessageSize", "1024")]);
    let sized = |body: usize, value: &str| Entry {
        attributes: BTreeMap::from([(
            Arc::from("k"),
            Attribute {
                data_type: "String".into(),
                value: value.into(),
            },
        )]),
        ..Entry::new(&"x".repeat(body))
    };
    // 1 for the name, 6 for the type.
    assert!(matches!(
        bench.send("q", sized(1010, "1234567")),
        Reply::Sent(_)
    ));
    let refused = bench.send("q", sized(1010, "12345678"));
    assert_eq!(
        words(&refused),
        "One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes."
    );
    let mut bench = Bench::with(&[]);
    let entries = ["a", "b"].map(|id| (Arc::from(id), Entry::new(&"x".repeat(600_000))));
    let entries = entries.to_vec();
    let queue = "q".into();
    let refused = bench.ask(Request::SendMessageBatch { queue, entries });
    assert_eq!(code(&refused), Code::BatchRequestTooLong);
    assert_eq!(bench.depth("q"), [0, 0, 0]);
}

#[test]
fn what_cannot_be_sent_is_refused_with_the_service_s_words() {
    let mut bench = Bench::with(&[]);
    let check = |bench: &mut Bench, entry: Entry, expected: Code, said: &str| {
        let refused = bench.send("q", entry);
        assert_eq!(code(&refused), expected);
        assert!(words(&refused).contains(said), "{refused:?}");
    };
    let missing = "must contain the parameter MessageBody";
    check(&mut bench, Entry::new(""), Code::MissingParameter, missing);
    let control = Entry::new("\u{1}");
    check(
        &mut bench,
        control,
        Code::InvalidMessageContents,
        "Invalid characters found",
    );
    let late = Entry {
        delay_seconds: Some(901),
        ..Entry::new("m")
    };
    let said = "Value 901 for parameter DelaySeconds is invalid.";
    check(&mut bench, late, Code::InvalidParameterValue, said);
    let deduplicated = Entry::new("m").of_group("g", "d");
    check(
        &mut bench,
        deduplicated,
        Code::InvalidParameterValue,
        "not valid for this queue type",
    );
}

#[test]
fn a_batch_of_more_than_ten_is_refused_as_a_whole() {
    let mut bench = Bench::with(&[]);
    let mut batch = |count: usize| {
        let entry = |at: usize| (Arc::from(at.to_string()), Entry::new("m"));
        bench.ask(Request::SendMessageBatch {
            queue: "q".into(),
            entries: (0..count).map(entry).collect(),
        })
    };
    assert_eq!(code(&batch(11)), Code::TooManyEntriesInBatchRequest);
    assert_eq!(code(&batch(0)), Code::EmptyBatchRequest);
    assert!(matches!(batch(10), Reply::SentBatch(batch) if batch.successful.len() == 10));
    assert_eq!(bench.depth("q"), [10, 0, 0]);
}
