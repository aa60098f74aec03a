//! Troubles that people reported, with the values that come out.

use crate::bench_client::{Bench, bodies, redrive};
use std::collections::BTreeSet;
use systems::sqs::{ReceiptHandle, Receive, Received, Reply, Request};

/// A script receives for 5 seconds, handles for 6, and deletes at the end: it makes three incidents of
/// one message. With the queue's 30 seconds it makes one.
#[test]
fn a_held_message_comes_back_to_its_holder() {
    let incidents = |visibility: i64| {
        let mut bench = Bench::with(&[("VisibilityTimeout", "30")]);
        bench.put(&["A"]);
        let mut made: Vec<Received> = Vec::new();
        while made.len() < 3 {
            let receive = Receive {
                max_number_of_messages: Some(10),
                visibility_timeout: Some(visibility),
                wait_time_seconds: Some(0),
                receive_request_attempt_id: None,
            };
            let received = bench.receive_with("q", receive);
            if received.is_empty() {
                break;
            }
            made.extend(received);
            let now = bench.now.ms() / 1000;
            bench.at(now + 6);
        }
        for message in &made {
            assert_eq!(bench.delete("q", message.receipt), Reply::Done);
        }
        assert_eq!(bench.depth("q"), [0, 0, 0]);
        made
    };
    let made = incidents(5);
    let counts: Vec<u32> = made.iter().map(|message| message.receive_count).collect();
    assert_eq!(
        (bodies(&made), counts),
        (vec!["A".to_owned(); 3], vec![1, 2, 3])
    );
    let first = |message: &Received| (message.message_id, message.first_received);
    assert!(made.iter().all(|message| first(message) == first(&made[0])));
    let handles: BTreeSet<String> = made
        .iter()
        .map(|message| ReceiptHandle::Issued(message.receipt).to_string())
        .collect();
    assert_eq!(handles.len(), 3);
    assert_eq!(incidents(30).len(), 1);
}

/// "Receive comes back empty although 998 messages are available": a group is blocked by its message
/// in flight, and the others of it are counted as available all the same.
#[test]
fn a_blocked_group_is_counted_as_available() {
    let mut bench = Bench::fifo(&[("VisibilityTimeout", "10")]);
    bench.put_in("G", &["m1", "m2", "m3"]);
    let first = bench.receive("q.fifo", 1);
    assert_eq!(bodies(&first), ["m1"]);
    assert_eq!(bench.at(1).bodies("q.fifo", 1), [""; 0]);
    assert_eq!(bench.depth("q.fifo"), [2, 1, 0]);
    bench.at(2).delete("q.fifo", first[0].receipt);
    assert_eq!(bench.at(3).bodies("q.fifo", 1), ["m2"]);
}

/// Only the first of three is held longer: the other two wait for it.
#[test]
fn a_group_comes_back_only_when_its_first_does() {
    let mut bench = Bench::fifo(&[("VisibilityTimeout", "10")]);
    bench.put_in("G", &["m1", "m2", "m3"]);
    let held = bench.receive("q.fifo", 5);
    assert_eq!(bodies(&held), ["m1", "m2", "m3"]);
    bench.hide("q.fifo", held[0].receipt, 15);
    assert_eq!(bench.at(12).bodies("q.fifo", 5), [""; 0]);
    let again = bench.at(16).receive("q.fifo", 5);
    assert_eq!(bodies(&again), ["m1", "m2", "m3"]);
    assert!(again.iter().all(|message| message.receive_count == 2));
}

/// Retried for seven days, and then lost in a dead-letter queue that keeps messages for four: on
/// standard queues the age goes on counting from the first send.
#[test]
fn a_dead_letter_keeps_its_age_on_standard_queues() {
    const DAY: u64 = 86_400;
    // The message is moved after so many days; when is it gone from the dead-letter queue?
    let moved_after = |is_fifo: bool, days: u64| {
        let kind = [("FifoQueue", "true")];
        let kind = if is_fifo { &kind[..] } else { &[] };
        let (dead, queue) = if is_fifo {
            ("d.fifo", "q.fifo")
        } else {
            ("d", "q")
        };
        let mut bench = Bench::new();
        bench.create(
            dead,
            &[kind, &[("MessageRetentionPeriod", "345600")]].concat(),
        );
        let policy = redrive(dead, 1);
        let own = [
            ("MessageRetentionPeriod", "1209600"),
            ("RedrivePolicy", policy.as_str()),
        ];
        bench.create(queue, &[kind, &own].concat());
        match is_fifo {
            true => bench.put_in("g", &["m"]),
            false => bench.put(&["m"]),
        };
        assert_eq!(bench.receive(queue, 1).len(), 1);
        assert_eq!(bench.at(days * DAY).receive(queue, 1), []);
        (bench, dead)
    };
    let (mut bench, dead) = moved_after(false, 7);
    assert_eq!(bench.depth(dead), [0, 0, 0]);
    assert_eq!(bench.receive(dead, 1), []);

    let (mut bench, dead) = moved_after(false, 1);
    let letter = bench.receive_with(
        dead,
        Receive {
            visibility_timeout: Some(0),
            ..Receive::default()
        },
    );
    assert_eq!(letter[0].sent.ms(), 0);
    assert_eq!(bench.at(345_599).depth(dead), [1, 0, 0]);
    assert_eq!(bench.at(345_600).depth(dead), [0, 0, 0]);

    for (days, gone) in [(7, 950_400), (1, 432_000)] {
        let (mut bench, dead) = moved_after(true, days);
        assert_eq!(bench.at(gone - 1).depth(dead), [1, 0, 0]);
        assert_eq!(bench.at(gone).depth(dead), [0, 0, 0]);
    }
}

/// Which items of a batch a function reports as failed: those alone, all from the first failure on, or
/// those of the failed one's group from it on.
#[derive(Clone, Copy)]
enum Reported {
    OnlyFailures,
    EverythingAfter,
    ItsGroupAfter,
}

/// A function is fed from a FIFO queue; m2 fails on its first run. What took effect, in order, and how
/// often m2, n2 and m4 were received.
fn fed(reported: Reported) -> (Vec<String>, [u32; 3]) {
    let mut bench = Bench::fifo(&[]);
    for (group, body) in [
        ("G", "m1"),
        ("H", "n1"),
        ("G", "m2"),
        ("G", "m3"),
        ("H", "n2"),
        ("G", "m4"),
    ] {
        bench.put_in(group, &[body]);
    }
    let (mut effects, mut counts) = (Vec::new(), [0; 3]);
    for run in 1.. {
        let batch = bench.receive("q.fifo", 10);
        if batch.is_empty() {
            break;
        }
        let mut failed: Vec<Received> = Vec::new();
        for message in &batch {
            if let Some(at) = ["m2", "n2", "m4"]
                .iter()
                .position(|body| **body == *message.body)
            {
                counts[at] = message.receive_count;
            }
            let is_stopped = match reported {
                Reported::OnlyFailures => false,
                Reported::EverythingAfter => !failed.is_empty(),
                Reported::ItsGroupAfter => failed.iter().any(|one| one.group == message.group),
            };
            if is_stopped || run == 1 && &*message.body == "m2" {
                failed.push(message.clone());
            } else {
                effects.push(message.body.to_string());
            }
        }
        for message in &batch {
            if !failed.contains(message) {
                bench.delete("q.fifo", message.receipt);
            }
        }
        let entries = failed.iter().enumerate().map(|(at, message)| {
            let handle = ReceiptHandle::Issued(message.receipt);
            (at.to_string().into(), handle, 0)
        });
        bench.ask(Request::ChangeMessageVisibilityBatch {
            queue: "q.fifo".into(),
            entries: entries.collect(),
        });
    }
    (effects, counts)
}

#[test]
fn a_batch_that_goes_on_after_a_failure_breaks_the_order() {
    let (effects, counts) = fed(Reported::OnlyFailures);
    assert_eq!(effects, ["m1", "n1", "m3", "n2", "m4", "m2"]);
    assert_eq!(counts, [2, 1, 1]);
    let (effects, counts) = fed(Reported::EverythingAfter);
    assert_eq!(effects, ["m1", "n1", "m2", "m3", "n2", "m4"]);
    assert_eq!(counts, [2, 2, 2]);
    let (effects, counts) = fed(Reported::ItsGroupAfter);
    assert_eq!(effects, ["m1", "n1", "n2", "m2", "m3", "m4"]);
    assert_eq!(counts, [2, 1, 2]);
}
