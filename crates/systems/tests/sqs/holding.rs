//! What a receipt handle is good for.

use crate::bench_client::{Bench, code, words};
use systems::sqs::{Code, ReceiptHandle, Reply, Request};

#[test]
fn an_old_handle_deletes_only_until_the_next_receive() {
    let mut bench = Bench::with(&[("VisibilityTimeout", "10")]);
    bench.put(&["a", "b"]);
    let first = bench.receive("q", 2);
    // Visible again, and nobody has it: the handle still deletes.
    assert_eq!(bench.at(10).depth("q"), [2, 0, 0]);
    assert_eq!(bench.delete("q", first[0].receipt), Reply::Done);
    assert_eq!(bench.depth("q"), [1, 0, 0]);
    // Received again: the old one succeeds without effect.
    let second = bench.receive("q", 2);
    assert_eq!(bench.delete("q", first[1].receipt), Reply::Done);
    assert_eq!(bench.depth("q"), [0, 1, 0]);
    assert_eq!(bench.delete("q", second[0].receipt), Reply::Done);
    assert_eq!(bench.delete("q", second[0].receipt), Reply::Done);
    assert_eq!(bench.depth("q"), [0, 0, 0]);
}

#[test]
fn a_fifo_handle_ends_with_its_visibility() {
    let mut bench = Bench::fifo(&[("VisibilityTimeout", "10")]);
    bench.put_in("g", &["a"]);
    let first = bench.receive("q.fifo", 1);
    let refused = bench.at(10).delete("q.fifo", first[0].receipt);
    assert_eq!(code(&refused), Code::InvalidParameterValue);
    assert!(
        words(&refused).ends_with("Reason: The receipt handle has expired."),
        "{refused:?}"
    );
    let second = bench.receive("q.fifo", 1);
    assert_eq!(
        code(&bench.delete("q.fifo", first[0].receipt)),
        Code::InvalidParameterValue
    );
    assert_eq!(bench.delete("q.fifo", second[0].receipt), Reply::Done);
    // What is gone is gone; that is no error.
    assert_eq!(bench.delete("q.fifo", second[0].receipt), Reply::Done);
}

#[test]
fn only_the_holder_can_change_the_visibility() {
    let mut bench = Bench::with(&[("VisibilityTimeout", "10")]);
    bench.put(&["a"]);
    let first = bench.receive("q", 1)[0].receipt;
    assert_eq!(
        code(&bench.at(10).hide("q", first, 5)),
        Code::MessageNotInflight
    );
    let second = bench.receive("q", 1)[0].receipt;
    assert_eq!(code(&bench.hide("q", first, 0)), Code::MessageNotInflight);
    assert_eq!(bench.depth("q"), [0, 1, 0]);
    assert_eq!(bench.hide("q", second, 20), Reply::Done);
    assert_eq!(bench.at(29).depth("q"), [0, 1, 0]);
    bench.delete("q", second);
    assert_eq!(
        code(&bench.hide("q", second, 0)),
        Code::InvalidParameterValue
    );
}

#[test]
fn twelve_hours_are_the_most() {
    let mut bench = Bench::with(&[]);
    bench.put(&["a"]);
    let receipt = bench.receive("q", 1)[0].receipt;
    assert_eq!(
        code(&bench.hide("q", receipt, 43_201)),
        Code::InvalidParameterValue
    );
    assert_eq!(
        code(&bench.hide("q", receipt, -1)),
        Code::InvalidParameterValue
    );
    assert_eq!(bench.hide("q", receipt, 43_200), Reply::Done);
    // They count from the receive, not from the last change.
    let refused = bench.at(100).hide("q", receipt, 43_101);
    assert!(
        words(&refused).contains("Total VisibilityTimeout"),
        "{refused:?}"
    );
    assert_eq!(bench.hide("q", receipt, 43_100), Reply::Done);
    assert_eq!(bench.at(43_199).depth("q"), [0, 1, 0]);
    assert_eq!(bench.at(43_200).depth("q"), [1, 0, 0]);
}

#[test]
fn a_handle_belongs_to_its_queue() {
    let mut bench = Bench::with(&[]);
    bench.create("other", &[]);
    bench.put(&["a"]);
    let receipt = bench.receive("q", 1)[0].receipt;
    assert_eq!(
        code(&bench.delete("other", receipt)),
        Code::ReceiptHandleIsInvalid
    );
    let text = Request::DeleteMessage {
        queue: "q".into(),
        handle: ReceiptHandle::Text("nonsense".into()),
    };
    assert_eq!(code(&bench.ask(text)), Code::ReceiptHandleIsInvalid);
}
