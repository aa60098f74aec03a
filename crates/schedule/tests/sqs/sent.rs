//! Producers, and handlers that publish, on Amazon SQS.

use super::explored::{explored, replays, verdicts};
use super::{cast, orders, run, scene, times, with};
use engine::calendar::{Message, Step};
use engine::fact::{process, sqs};
use engine::path::Choice;
use engine::{Cast, Fact, Run, Trace};
use schedule::Verdict;
use serde_json::{Value, json};
use systems::broker::Reply;

/// The orders of [`orders`], sent by a shop while the worker works.
fn sent(changes: Value) -> Value {
    let told = with(
        orders("sqs"),
        json!({
            "topics": [{ "name": "orders", "sent": [{ "value": "ord_1" }, { "value": "ord_2" }] }],
            "producers": [{ "name": "shop", "program": [{ "send": "ord_1" }, { "send": "ord_2" }] }]
        }),
    );
    with(told, changes)
}

fn fifo() -> Value {
    json!({ "kafka": {}, "sqs": { "queues": { "email": { "FifoQueue": true } } } })
}

#[test]
fn what_a_producer_sends_is_received_and_mailed() {
    for on in [json!({ "sqs": {} }), fifo()] {
        let run = run(sent(json!({ "on": on })));
        assert_eq!(times(&run), [1, 1], "{}", run.trace().text());
        let is_told = |fact: &&Fact| matches!(fact, Fact::Sqs(sqs::Fact::SendAcknowledged { .. }));
        let facts = run.trace().entries().iter().map(|entry| &entry.fact);
        assert_eq!(facts.filter(is_told).count(), 2);
        let read = Trace::read(&run.trace().text(), run.world().cast().clone());
        assert_eq!(read.as_ref(), Ok(run.trace()));
    }
}

/// The first step of the calendar that is wanted, when it has come.
fn wait_for(run: &mut Run, wanted: impl Fn(&Run, &Step) -> bool) -> u16 {
    loop {
        let calendar = run.world().calendar();
        if let Some(at) = calendar.iter().position(|due| wanted(run, &due.step)) {
            return at as u16;
        }
        run.choose(Choice::Earliest).expect("something happens");
    }
}

#[test]
fn a_lost_answer_stores_a_message_twice_on_a_standard_queue_and_once_on_a_fifo_one() {
    for (on, mails) in [(json!({ "sqs": {} }), [2, 1]), (fifo(), [1, 1])] {
        let mut run = Run::new(cast(sent(json!({ "on": on }))));
        let at = wait_for(&mut run, |run, step| match step {
            Step::Arrive(id, nth) => matches!(
                run.world().flights(*id)[*nth].message,
                Message::Reply(Reply::Sqs(systems::sqs::Reply::Sent(_)))
            ),
            _ => false,
        });
        run.choose(Choice::Lose(at)).expect("it can be lost");
        run.to_rest();
        assert_eq!(times(&run), mails, "{}", run.trace().text());
    }
}

#[test]
fn a_producer_that_dies_before_it_hears_sends_again() {
    let (cast, report) = explored(sent(
        json!({ "explore": { "crashes": 1, "early_timeouts": 0 } }),
    ));
    assert_eq!(verdicts(&report), [Verdict::Holds, Verdict::Violated]);
    replays(&cast, &report);
}

/// A worker that passes each order on to `shipments`.
fn published(changes: Value) -> Value {
    let told = with(
        orders("sqs"),
        json!({
            "topics": [
                { "name": "orders", "records": [{ "value": "ord_1" }, { "value": "ord_2" }] },
                { "name": "shipments", "published": "events" }
            ],
            "consumers": [{
                "name": "email-1", "group": "email", "topics": ["orders"], "commit": "after",
                "handler": [{ "send": "mail" }, { "publish": "shipments" }]
            }],
            "promises": []
        }),
    );
    with(told, changes)
}

#[test]
fn what_a_handler_publishes_stands_in_the_queue_of_its_channel() {
    let run = run(published(json!({})));
    assert_eq!(times(&run), [1, 1]);
    let queues = run.world().sqs().expect("it runs on Amazon SQS");
    let queue = queues.queue("shipments").expect("nobody subscribes to it");
    assert_eq!(queue.store.len(), 2, "{}", run.trace().text());
}

#[test]
fn a_worker_that_dies_after_it_published_publishes_again() {
    let crash = json!([
        { "do": "crash", "to": "email-1", "when": { "before": { "step": "commit" } } },
        { "do": "restart", "to": "email-1", "when": { "after_ms": 500 } }
    ]);
    let run = run(published(json!({ "faults": crash })));
    let queues = run.world().sqs().expect("it runs on Amazon SQS");
    let queue = queues.queue("shipments").expect("nobody subscribes to it");
    assert!(queue.store.len() > 2, "{}", run.trace().text());
}

#[test]
fn what_cannot_be_sent_to_queues_is_a_mistake_with_its_reason() {
    let two = json!([
        { "name": "email-1", "group": "email", "topics": ["orders"], "handler": [{ "send": "mail" }] },
        { "name": "audit-1", "group": "audit", "topics": ["orders"], "handler": [{ "send": "mail" }] }
    ]);
    let transactional = json!([{
        "name": "shop", "config": { "transactional.id": "shop" },
        "program": ["begin", { "send": "ord_1" }, "commit"]
    }]);
    for (changes, place, reason) in [
        (
            json!({ "consumers": two }),
            "/topics/0/name",
            "2 subscriptions: email, audit",
        ),
        (
            json!({ "producers": transactional }),
            "/producers/0/program/0",
            "no transactions",
        ),
    ] {
        let mistakes = Cast::new(&scene(sent(changes))).expect_err("it cannot be done");
        let found = mistakes.iter().find(|mistake| mistake.pointer == place);
        let found = found.unwrap_or_else(|| panic!("{place}: {mistakes:#?}"));
        assert!(found.what.contains(reason), "{found:#?}");
    }
}

#[test]
fn a_request_that_is_never_answered_ends_the_program() {
    let mut run = Run::new(cast(sent(json!({}))));
    for _ in 0..3 {
        let at = wait_for(&mut run, |run, step| run.world().can_lose(step));
        run.choose(Choice::Lose(at)).expect("it can be lost");
    }
    run.to_rest();
    let threw = |fact: &Fact| match fact {
        Fact::Process(process::Fact::Threw { exception, .. }) => {
            exception.to_string().contains("SdkClientException")
        }
        _ => false,
    };
    let mut facts = run.trace().entries().iter().map(|entry| &entry.fact);
    assert!(facts.any(threw), "{}", run.trace().text());
}

/// An order that is sent again is swallowed as long as its deduplication id is remembered, five minutes from
/// the first sending on, and is mailed again after that, in a run as in a search.
#[test]
fn with_times_the_window_of_deduplication_ends() {
    let twice = |wait_s: u32| {
        let told = sent(json!({
            "on": { "sqs": { "queues": { "email": { "FifoQueue": true } } } },
            "topics": [{ "name": "orders", "sent": [{ "value": "ord_1" }] }],
            "producers": [{ "name": "shop", "program": [
                { "send": "ord_1" }, { "wait_ms": wait_s * 1_000 }, { "send": "ord_1" }
            ] }],
            "explore": { "crashes": 0, "jitter_ms": 1_000 }
        }));
        let (cast, report) = explored(told.clone());
        replays(&cast, &report);
        (times(&run(told))[0], verdicts(&report)[1])
    };
    assert_eq!(twice(240), (1, Verdict::Holds));
    assert_eq!(twice(360), (2, Verdict::Violated));
}

/// A message that nobody takes is lost at the end of its retention, counted from its sending, however many
/// steps lie between.
#[test]
fn with_times_a_message_is_kept_for_its_retention_only() {
    let lost = |start_s: u32| {
        let mut told = sent(json!({
            "on": { "sqs": { "queues": { "email": { "MessageRetentionPeriod": 60 } } } },
            "topics": [{ "name": "orders", "sent": [{ "value": "ord_1" }, { "value": "ord_2" }] }],
            "producers": [{ "name": "shop", "program": [
                { "send": "ord_1" }, { "wait_ms": 30_000 }, { "send": "ord_2" }
            ] }],
            "promises": [{ "name": "Every order handled", "that": "all_handled" }],
            "explore": { "crashes": 0, "jitter_ms": 1_000 }
        }));
        told["consumers"][0]["start_ms"] = json!(start_s * 1_000);
        let (cast, report) = explored(told.clone());
        replays(&cast, &report);
        (times(&run(told)), verdicts(&report)[0])
    };
    assert_eq!(lost(40), (vec![1, 1], Verdict::Holds));
    assert_eq!(lost(75), (vec![0, 1], Verdict::Violated));
}
