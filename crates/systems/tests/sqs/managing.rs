//! Making, changing, purging and deleting queues.

use crate::bench_client::{Bench, code, words};
use std::sync::Arc;
use systems::sqs::{Code, Entry, Reply, Request};

#[test]
fn attributes_have_the_service_s_bounds() {
    let mut bench = Bench::new();
    let bounds = [
        ("VisibilityTimeout", "-1", "0", "43200", "43201"),
        ("DelaySeconds", "-1", "0", "900", "901"),
        ("ReceiveMessageWaitTimeSeconds", "-1", "0", "20", "21"),
        ("MessageRetentionPeriod", "59", "60", "1209600", "1209601"),
        ("MaximumMessageSize", "1023", "1024", "1048576", "1048577"),
    ];
    bench.create("q", &[]);
    for (name, below, low, high, above) in bounds {
        for bad in [below, above, "x", ""] {
            assert_eq!(
                code(&bench.set("q", &[(name, bad)])),
                Code::InvalidAttributeValue
            );
        }
        for good in [low, high] {
            assert_eq!(bench.set("q", &[(name, good)]), Reply::Done);
            let attribute = bench.sqs.queue("q").and_then(|queue| queue.attribute(name));
            assert_eq!(attribute.as_deref(), Some(good));
        }
    }
    let unknown = bench.set("q", &[("Colour", "red")]);
    assert_eq!(
        (code(&unknown), &*words(&unknown)),
        (Code::InvalidAttributeName, "Unknown Attribute Colour.")
    );
    // FIFO queues are made so, by name and attribute.
    assert_eq!(
        code(&bench.set("q", &[("FifoQueue", "true")])),
        Code::InvalidAttributeName
    );
    let scope = [("DeduplicationScope", "messageGroup")];
    assert_eq!(code(&bench.set("q", &scope)), Code::InvalidAttributeName);
    assert_eq!(
        code(&bench.create("f", &[("FifoQueue", "true")])),
        Code::InvalidParameterValue
    );
    assert_eq!(
        code(&bench.create("f.fifo", &[])),
        Code::InvalidParameterValue
    );
    assert_eq!(
        code(&bench.create("f", &[("FifoQueue", "false")])),
        Code::InvalidAttributeName
    );
    assert_eq!(code(&bench.create("", &[])), Code::InvalidParameterValue);
    assert_eq!(
        code(&bench.create(&"x".repeat(81), &[])),
        Code::InvalidParameterValue
    );
    assert!(matches!(
        bench.create("f.fifo", &[("FifoQueue", "true")]),
        Reply::QueueUrl(_)
    ));
}

#[test]
fn a_name_is_free_a_minute_after_its_queue_was_deleted() {
    let mut bench = Bench::with(&[]);
    bench.put(&["a"]);
    let held = bench.receive("q", 1)[0].receipt;
    let delete = Request::DeleteQueue { queue: "q".into() };
    assert_eq!(bench.at(5).ask(delete.clone()), Reply::Done);
    assert_eq!(code(&bench.ask(delete)), Code::NonExistentQueue);
    assert_eq!(
        code(&bench.at(64).create("q", &[])),
        Code::QueueDeletedRecently
    );
    assert!(matches!(bench.at(65).create("q", &[]), Reply::QueueUrl(_)));
    assert_eq!(bench.bodies("q", 10), [""; 0]);
    // A handle of the earlier queue deletes nothing in the new one.
    bench.put(&["b"]);
    assert_eq!(bench.delete("q", held), Reply::Done);
    assert_eq!(bench.bodies("q", 10), ["b"]);
}

#[test]
fn a_waiting_receive_is_told_that_its_queue_is_gone() {
    let mut bench = Bench::with(&[("ReceiveMessageWaitTimeSeconds", "20")]);
    let receive = systems::sqs::Receive::default();
    let queue = "q".into();
    let from = crate::bench_client::caller(2);
    let asked = bench.ask_from(from, Request::ReceiveMessage { queue, receive });
    assert_eq!(asked, None);
    bench.ask(Request::DeleteQueue { queue: "q".into() });
    assert_eq!(code(&bench.later[0].1), Code::NonExistentQueue);
}

#[test]
fn a_fifo_delay_is_changed_for_what_waits_already() {
    let mut bench = Bench::fifo(&[("DelaySeconds", "60")]);
    bench.put_in("g", &["a"]);
    bench.at(10).set("q.fifo", &[("DelaySeconds", "20")]);
    assert_eq!(bench.at(19).depth("q.fifo"), [0, 0, 1]);
    assert_eq!(bench.at(20).depth("q.fifo"), [1, 0, 0]);
    // A standard queue's messages keep the delay they were sent with.
    let mut bench = Bench::with(&[("DelaySeconds", "60")]);
    bench.put(&["a"]);
    bench.at(10).set("q", &[("DelaySeconds", "20")]);
    assert_eq!(bench.at(59).depth("q"), [0, 0, 1]);
    assert_eq!(bench.at(60).depth("q"), [1, 0, 0]);
}

#[test]
fn a_queue_is_purged_once_a_minute() {
    let mut bench = Bench::with(&[]);
    let purge = || Request::PurgeQueue { queue: "q".into() };
    let delayed = Entry {
        delay_seconds: Some(100),
        ..Entry::new("c")
    };
    bench.put(&["a", "b"]).send("q", delayed);
    bench.receive("q", 1);
    assert_eq!(bench.depth("q"), [1, 1, 1]);
    assert_eq!(bench.ask(purge()), Reply::Done);
    assert_eq!(bench.depth("q"), [0, 0, 0]);
    let refused = bench.at(59).ask(purge());
    assert_eq!(
        (code(&refused), &*words(&refused)),
        (
            Code::PurgeQueueInProgress,
            "Only one PurgeQueue operation on q is allowed every 60 seconds."
        )
    );
    assert_eq!(bench.at(60).ask(purge()), Reply::Done);
}

#[test]
fn queues_are_found_by_name_and_listed_by_prefix() {
    let mut bench = Bench::new();
    for name in ["mails", "mails-dead", "orders"] {
        bench.create(name, &[]);
    }
    let url = |name: &str| -> Arc<str> {
        format!("https://sqs.us-east-1.amazonaws.com/123456789012/{name}").into()
    };
    let name = "orders".into();
    assert_eq!(
        bench.ask(Request::GetQueueUrl { name }),
        Reply::QueueUrl(url("orders"))
    );
    let prefix = "mails".into();
    let listed = bench.ask(Request::ListQueues { prefix });
    assert_eq!(
        listed,
        Reply::QueueUrls(vec![url("mails"), url("mails-dead")])
    );
    assert!(matches!(
        bench.send(&url("orders"), Entry::new("m")),
        Reply::Sent(_)
    ));
    let name = "none".into();
    assert_eq!(
        code(&bench.ask(Request::GetQueueUrl { name })),
        Code::NonExistentQueue
    );
}
