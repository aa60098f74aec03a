//! Publishers.

use super::explored::{explored, replays, verdicts};
use super::{cast, counts, orders, run, times, with};
use engine::calendar::{Message, Step};
use engine::fact::process;
use engine::path::Choice;
use engine::{Fact, Run, Trace, anomaly};
use schedule::Verdict;
use serde_json::{Value, json};
use systems::broker::{Reply, Request};
use systems::rabbitmq::{Answer, Method};

/// The orders of [`orders`], sent by a shop while the consumer works.
fn sent(rabbitmq: Value) -> Value {
    with(
        orders(),
        json!({
            "on": { "rabbitmq": rabbitmq },
            "topics": [{ "name": "orders", "sent": [{ "value": "ord_1" }, { "value": "ord_2" }] }],
            "producers": [{ "name": "shop", "program": [{ "send": "ord_1" }, { "send": "ord_2" }] }],
            "bounds": { "time_ms": 120_000 }
        }),
    )
}

#[test]
fn what_a_publisher_sends_is_delivered_and_mailed() {
    for confirms in [true, false] {
        let run = run(sent(
            json!({ "publishers": { "shop": { "confirms": confirms } } }),
        ));
        assert_eq!(times(&run), [1, 1], "{}", run.trace().text());
        let confirmed = run.trace().text().matches("publish_confirmed").count();
        assert_eq!(confirmed, if confirms { 2 } else { 0 });
        let read = Trace::read(&run.trace().text(), run.world().cast().clone());
        assert_eq!(read.as_ref(), Ok(run.trace()));
    }
}

/// The first step of the calendar that is wanted, when it has come.
fn wait_for(run: &mut Run, wanted: impl Fn(&Message) -> bool) -> u16 {
    loop {
        let is_it = |step: &Step| match step {
            Step::Arrive(id, nth) => wanted(&run.world().flights(*id)[*nth].message),
            _ => false,
        };
        let calendar = run.world().calendar();
        if let Some(at) = calendar.iter().position(|due| is_it(&due.step)) {
            return at as u16;
        }
        run.choose(Choice::Earliest).expect("something happens");
    }
}

fn is_confirm(message: &Message) -> bool {
    let Message::Reply(Reply::Rabbitmq(reply)) = message else {
        return false;
    };
    matches!(*reply.answer, Answer::Confirmed { .. })
}

fn is_publish(message: &Message) -> bool {
    let Message::Request(Request::Rabbitmq(request)) = message else {
        return false;
    };
    matches!(*request.method, Method::BasicPublish(_))
}

#[test]
fn a_lost_confirm_stores_a_message_twice() {
    let mut run = Run::new(cast(sent(json!({}))));
    let at = wait_for(&mut run, is_confirm);
    run.choose(Choice::Lose(at)).expect("it can be lost");
    run.to_rest();
    assert_eq!(times(&run), [2, 1], "{}", run.trace().text());
    // On a new channel.
    assert!(run.trace().text().contains("channel.close"));
}

#[test]
fn what_is_published_without_confirms_can_be_lost() {
    for (confirms, mails, lost) in [(true, [1, 1], 0), (false, [0, 1], 1)] {
        let told = sent(json!({ "publishers": { "shop": { "confirms": confirms } } }));
        let mut run = Run::new(cast(told));
        let at = wait_for(&mut run, is_publish);
        run.choose(Choice::Lose(at)).expect("it can be lost");
        run.to_rest();
        assert_eq!(times(&run), mails, "{}", run.trace().text());
        assert_eq!(anomaly::lost(run.trace()).len(), lost);
    }
}

#[test]
fn a_publisher_that_dies_before_it_hears_publishes_again() {
    let told = with(sent(json!({})), json!({ "explore": { "crashes": 1 } }));
    let (cast, report) = explored(told);
    assert_eq!(verdicts(&report), [Verdict::Holds, Verdict::Violated]);
    replays(&cast, &report);
}

/// Nothing is bound to the exchange: without the flag nobody hears of it, with it the program does.
#[test]
fn a_mandatory_message_that_no_queue_takes_comes_back() {
    for mandatory in [false, true] {
        let run = run(sent(json!({
            "exchanges": { "orders": { "bindings": {} } },
            "publishers": { "shop": { "mandatory": mandatory } }
        })));
        let threw = |fact: &Fact| match fact {
            Fact::Process(process::Fact::Threw { exception, .. }) => exception
                .to_string()
                .contains("AmqpMessageReturnedException"),
            _ => false,
        };
        let mut facts = run.trace().entries().iter().map(|entry| &entry.fact);
        assert_eq!(facts.any(threw), mandatory, "{}", run.trace().text());
        // What it believes to be stored and is nowhere is lost.
        let expected = if mandatory { 0 } else { 2 };
        assert_eq!(anomaly::lost(run.trace()).len(), expected);
    }
}

#[test]
fn a_full_queue_refuses_and_the_publisher_is_told() {
    let mut told = sent(json!({
        "queues": { "email": { "x-max-length": 1, "x-overflow": "reject-publish" } }
    }));
    // Nobody consumes before both were tried three times.
    told["consumers"][0]["start_ms"] = json!(60_000);
    let run = run(told);
    let text = run.trace().text();
    assert_eq!(text.matches("publish_rejected").count(), 3, "{text}");
    assert!(text.contains("IOException"), "{text}");
    assert_eq!(times(&run), [1, 0]);
    assert!(anomaly::lost(run.trace()).is_empty());
}

/// A consumer that passes each order on.
#[test]
fn what_a_handler_publishes_stands_in_the_queue_of_its_channel() {
    let run = run(with(
        orders(),
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
    ));
    assert_eq!(times(&run), [1, 1], "{}", run.trace().text());
    assert_eq!(counts(&run, "shipments"), (2, 0), "{}", run.trace().text());
}
