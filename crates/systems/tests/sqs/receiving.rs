//! Receiving, and long polling.

use crate::bench_client::{Bench, bodies, caller, code};
use systems::sqs::{Code, Entry, Receive, Reply, Request};
use systems::{Out, Server};

fn poll(bench: &mut Bench, queue: &str, connection: u16, seconds: i64) {
    let request = Request::ReceiveMessage {
        queue: queue.into(),
        receive: Receive {
            wait_time_seconds: Some(seconds),
            max_number_of_messages: Some(10),
            ..Receive::default()
        },
    };
    let reply = bench.ask_from(caller(connection), request);
    assert_eq!(reply, None, "it waits");
}

#[test]
fn whatever_makes_a_message_visible_wakes_one_waiting_receive() {
    let mut bench = Bench::fifo(&[("VisibilityTimeout", "30")]);
    let woken = |connection, body: &str| vec![(connection, vec![body.to_owned()])];
    poll(&mut bench, "q.fifo", 2, 20);
    poll(&mut bench, "q.fifo", 3, 20);
    // A send wakes who has waited longest; the next of the group wakes nobody.
    bench.put_in("g", &["a", "b"]);
    assert_eq!(bench.woken(), woken(2, "a"));
    // So does a deletion that frees the group.
    let receipt = bench.sqs.queue("q.fifo").and_then(|queue| {
        let (sequence, message) = queue.store.messages().next()?;
        Some(systems::sqs::Receipt {
            queue: queue.id,
            sequence,
            number: message.latest_receipt?,
            record: None,
        })
    });
    bench.delete("q.fifo", receipt.expect("a is held"));
    assert_eq!(bench.woken(), woken(3, "b"));
    // The end of a visibility time-out.
    bench.at(20);
    poll(&mut bench, "q.fifo", 4, 20);
    assert_eq!(bench.at(29).woken(), []);
    assert_eq!(bench.at(30).woken(), woken(4, "b"));

    let mut bench = Bench::with(&[]);
    // The end of a delay.
    let delayed = Entry {
        delay_seconds: Some(5),
        ..Entry::new("d")
    };
    bench.send("q", delayed);
    poll(&mut bench, "q", 2, 20);
    assert_eq!(bench.at(5).woken(), woken(2, "d"));
    // A change of visibility to 0.
    bench.put(&["e"]);
    let held = bench.receive("q", 1);
    poll(&mut bench, "q", 3, 20);
    bench.hide("q", held[0].receipt, 0);
    assert_eq!(bench.woken(), woken(3, "e"));
    // And nothing at all, when the time is over.
    poll(&mut bench, "q", 4, 10);
    assert_eq!(bench.at(14).woken(), []);
    assert_eq!(bench.at(15).woken(), [(4, vec![])]);
}

#[test]
fn a_connection_that_is_gone_is_given_nothing() {
    let mut bench = Bench::with(&[]);
    poll(&mut bench, "q", 2, 20);
    bench
        .sqs
        .disconnect(bench.now, caller(2), &mut Out::default());
    bench.put(&["a"]);
    assert_eq!(bench.woken(), []);
    assert_eq!(bench.bodies("q", 10), ["a"]);
}

#[test]
fn a_group_waits_for_all_of_its_messages_in_flight() {
    let mut bench = Bench::fifo(&[]);
    bench.put_in("g", &["a", "b", "c"]).put_in("h", &["x"]);
    let held = bench.receive("q.fifo", 2);
    assert_eq!(bodies(&held), ["a", "b"]);
    assert_eq!(bench.bodies("q.fifo", 10), ["x"]);
    bench.delete("q.fifo", held[1].receipt);
    assert_eq!(bench.bodies("q.fifo", 10), [""; 0]);
    bench.delete("q.fifo", held[0].receipt);
    assert_eq!(bench.bodies("q.fifo", 10), ["c"]);
}

#[test]
fn a_batch_prefers_one_group_and_keeps_the_order_of_sending() {
    let mut bench = Bench::fifo(&[]);
    bench
        .put_in("g", &["1"])
        .put_in("h", &["2"])
        .put_in("g", &["3"])
        .put_in("h", &["4"]);
    assert_eq!(bench.bodies("q.fifo", 3), ["1", "2", "3"]);
    assert_eq!(bench.bodies("q.fifo", 3), [""; 0]);
}

#[test]
fn a_receive_repeated_with_its_attempt_id_gives_the_same_again() {
    let mut bench = Bench::fifo(&[("VisibilityTimeout", "30")]);
    bench.put_in("g", &["a", "b"]);
    let attempt = |id: &str| Receive {
        receive_request_attempt_id: Some(id.into()),
        ..Receive::default()
    };
    let first = bench.receive_with("q.fifo", attempt("r1"));
    assert_eq!(bench.at(20).receive_with("q.fifo", attempt("r1")), first);
    assert_eq!(bench.receive_with("q.fifo", attempt("r2")), []);
    // It was hidden anew at 20.
    assert_eq!(bench.at(49).receive("q.fifo", 1), []);
    bench.delete("q.fifo", first[0].receipt);
    let next = bench.receive_with("q.fifo", attempt("r1"));
    assert_eq!(bodies(&next), ["b"]);
    // It became visible in between: that is another receive.
    let again = bench.at(80).receive_with("q.fifo", attempt("r1"));
    assert_eq!(
        (bodies(&again), again[0].receive_count),
        (vec!["b".to_owned()], 2)
    );
}

#[test]
fn too_many_messages_in_flight_are_a_limit() {
    let mut bench = Bench::with(&[("VisibilityTimeout", "43200")]);
    for _ in 0..12_001 {
        bench.put(&["m"; 10]);
    }
    for _ in 0..12_000 {
        assert_eq!(bench.receive("q", 10).len(), 10);
    }
    assert_eq!(code(&bench.ask(Request::receive("q", 1))), Code::OverLimit);
    // Long polling is not refused: it gets nothing.
    poll(&mut bench, "q", 2, 1);
    assert_eq!(bench.at(1).woken(), [(2, vec![])]);
    assert_eq!(bench.depth("q"), [10, 120_000, 0]);
}

#[test]
fn a_visibility_of_0_gives_a_message_and_keeps_it() {
    let mut bench = Bench::with(&[("VisibilityTimeout", "0")]);
    bench.put(&["a", "b"]);
    assert_eq!(bench.bodies("q", 10), ["a", "b"]);
    let again = bench.receive("q", 1);
    assert_eq!(
        (bodies(&again), again[0].receive_count),
        (vec!["a".to_owned()], 2)
    );
    assert_eq!(bench.delete("q", again[0].receipt), Reply::Done);
    assert_eq!(bench.bodies("q", 10), ["b"]);
}
