//! One run of each.

use super::{consuming, counts, orders, run, scene, times, with};
use engine::custody::Custody;
use engine::systems::kafka::GroupId;
use engine::{Cast, Outcome, Trace, anomaly};
use serde_json::{Value, json};

fn crash_before(step: &str) -> Value {
    json!({
        "faults": [
            { "do": "crash", "to": "email-1", "when": { "before": { "step": step } } },
            { "do": "restart", "to": "email-1", "when": { "after_ms": 1000 } }
        ],
        "bounds": { "time_ms": 120_000 }
    })
}

#[test]
fn a_queue_is_worked_off_and_is_empty_then() {
    for prefetch in [0, 1, 2] {
        let run = run(consuming(orders(), json!({ "prefetch_count": prefetch })));
        assert_eq!(run.outcome(), Outcome::AtRest);
        assert_eq!(times(&run), [1, 1, 1], "{}", run.trace().text());
        assert_eq!(counts(&run, "email"), (0, 0));
        let cast = run.world().cast();
        for record in cast.told() {
            let custody = run.world().custody(record, GroupId(0));
            assert_eq!(custody, Custody::Settled, "{}", cast.record_name(record));
        }
        let read = Trace::read(&run.trace().text(), cast.clone());
        assert_eq!(read.as_ref(), Ok(run.trace()));
    }
}

#[test]
fn a_crash_between_the_mail_and_the_ack_mails_twice_with_redelivered() {
    let run = run(with(orders(), crash_before("commit")));
    assert_eq!(times(&run), [2, 1, 1], "{}", run.trace().text());
    assert!(anomaly::lost(run.trace()).is_empty());
    let text = run.trace().text();
    // The whole buffer came back, not only what was in hand.
    assert_eq!(text.matches("requeued").count(), 3, "{text}");
    assert_eq!(text.matches("redelivered=true").count(), 6, "{text}");
}

/// The first is taken as it comes. While it is mailed the others come into the buffer, and are taken together.
#[test]
fn one_ack_of_several_is_like_a_commit() {
    for (acknowledge, mails) in [("each", [1, 2, 1]), ("multiple", [1, 2, 2])] {
        let told = consuming(orders(), json!({ "acknowledge": acknowledge }));
        let mut told = with(told, crash_before("commit"));
        told["faults"][0]["when"]["before"]["nth"] = json!(2);
        let run = run(told);
        assert_eq!(times(&run), mails, "{}", run.trace().text());
        assert_eq!(counts(&run, "email"), (0, 0));
    }
}

#[test]
fn what_is_acknowledged_by_being_sent_is_lost() {
    let mut told = with(orders(), crash_before("send"));
    told["consumers"][0]["commit"] = json!("automatic");
    let run = run(told);
    assert_eq!(times(&run), [0, 0, 0], "{}", run.trace().text());
    // All three were pushed, and the prefetch does not hold for who acknowledges nothing.
    assert_eq!(anomaly::lost(run.trace()).len(), 3);
}

#[test]
fn what_is_acknowledged_first_is_lost_in_a_crash() {
    let mut told = with(orders(), crash_before("send"));
    told["consumers"][0]["commit"] = json!("before");
    let run = run(told);
    // One by one: the others had not been acknowledged, and came back.
    assert_eq!(times(&run), [0, 1, 1], "{}", run.trace().text());
    assert_eq!(anomaly::lost(run.trace()).len(), 1);
}

/// Two consumers, of which the first stands still as soon as it works.
fn frozen(prefetch: u16) -> Vec<u32> {
    let settings = json!({ "prefetch_count": prefetch });
    let mut told = with(
        orders(),
        json!({
            "on": { "rabbitmq": { "consumers": { "email-1": settings, "email-2": settings } } },
            "faults": [{ "do": "freeze", "to": "email-1", "when": { "before": { "step": "send" } } }],
            "bounds": { "time_ms": 120_000 }
        }),
    );
    let mut second = told["consumers"][0].clone();
    second["name"] = json!("email-2");
    second["start_ms"] = json!(1_000);
    told["consumers"] = json!([told["consumers"][0], second]);
    times(&run(told))
}

#[test]
fn a_large_prefetch_takes_what_another_could_do() {
    assert_eq!(frozen(100), [0, 0, 0]);
    assert_eq!(frozen(1), [0, 1, 1]);
}

#[test]
fn two_consumers_with_a_prefetch_of_one_take_turns() {
    let settings = json!({ "prefetch_count": 1 });
    let mut told = with(
        orders(),
        json!({ "on": { "rabbitmq": { "consumers": { "email-1": settings, "email-2": settings } } } }),
    );
    let mut second = told["consumers"][0].clone();
    second["name"] = json!("email-2");
    told["consumers"] = json!([told["consumers"][0], second]);
    let run = run(told);
    assert_eq!(times(&run), [1, 1, 1]);
    let text = run.trace().text();
    for name in ["email-1", "email-2"] {
        let handed = text
            .lines()
            .filter(|line| line.contains("handed") && line.contains(name));
        assert!(handed.count() > 0, "{name} is handed nothing: {text}");
    }
}

/// Mails take longer than the broker waits for their acknowledgement.
#[test]
fn a_consumer_that_takes_too_long_loses_its_channel() {
    let run = run(with(
        orders(),
        json!({
            "on": { "rabbitmq": {
                "settings": { "consumer_timeout": 1_000, "channel_tick_interval": 1_000 },
                "consumers": { "email-1": { "prefetch_count": 1 } }
            } },
            "topics": [{ "name": "orders", "records": [{ "value": "ord_1" }] }],
            "services": [{ "name": "mail", "noun": "mail", "done": "mailed", "latency_ms": 4_000 }],
            "bounds": { "time_ms": 20_000 }
        }),
    ));
    let text = run.trace().text();
    assert!(text.contains("acknowledgement_timed_out"), "{text}");
    assert!(text.contains("channel_lost"), "{text}");
    // Nobody crashed, and its mail goes out again and again.
    assert!(times(&run)[0] > 1, "{text}");
}

#[test]
fn what_the_system_cannot_do_is_a_mistake_with_its_reason() {
    let mut told = orders();
    told["consumers"][0]["commit"] = json!("automatic");
    told["faults"] =
        json!([{ "do": "crash", "to": "email-1", "when": { "after": { "step": "commit" } } }]);
    told["on"]["rabbitmq"] = json!({
        "settings": { "version": "2.0" },
        "exchanges": { "orders": { "type": "headers" } },
        "queues": {
            "email": { "x-max-lenght": 3 },
            "dead": { "x-message-ttl": 5 },
            "log": { "x-queue-type": "stream" }
        },
        "consumers": { "email-1": { "failure": "requeue" }, "nobody": {} },
        "publishers": { "shop": {} }
    });
    let mistakes = Cast::new(&scene(told)).expect_err("it has mistakes");
    let mut pointers: Vec<&str> = mistakes.iter().map(|one| one.pointer.as_str()).collect();
    pointers.sort_unstable();
    assert_eq!(
        pointers,
        [
            "/faults/0/when/after",
            "/on/rabbitmq/consumers/email-1/failure",
            "/on/rabbitmq/consumers/nobody",
            "/on/rabbitmq/exchanges/orders/type",
            "/on/rabbitmq/publishers/shop",
            "/on/rabbitmq/queues/dead/x-message-ttl",
            "/on/rabbitmq/queues/email/x-max-lenght",
            "/on/rabbitmq/queues/log/x-queue-type",
            "/on/rabbitmq/settings/version",
        ],
        "{mistakes:#?}"
    );
}

/// The scene of lesson 8 that is switched between systems. A consumer that is pushed to takes what has come
/// by then, not two at a time, so that each order is mailed and acknowledged by itself.
#[test]
fn the_same_crash_is_told_of_rabbitmq_too() {
    let text = include_str!("../../../../lessons/consumer-groups/same-crash.scene.json");
    let mut told: Value = serde_json::from_str(text).expect("it is JSON");
    told["broker"] = json!({ "system": "rabbitmq" });
    for (settle, mails) in [("after", [1, 2, 1, 1]), ("before", [1, 1, 0, 1])] {
        let (scene, mut chosen) = (scene(told.clone()), engine::scene::Selection::new());
        chosen.insert("system".to_owned(), "kafka".to_owned());
        chosen.insert("settle".to_owned(), settle.to_owned());
        let scene = scene.with(&chosen).expect("its own options");
        let cast = Cast::new(&scene).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"));
        let mut run = engine::Run::new(cast);
        assert_eq!(run.to_rest(), Outcome::AtRest);
        assert_eq!(times(&run), mails, "{settle}: {}", run.trace().text());
        assert_eq!(counts(&run, "email-service"), (0, 0));
    }
}

#[test]
fn settings_that_only_kafka_reads_are_mistakes_where_it_is_not() {
    let mut told = orders();
    told["topics"][0]["partitions"] = json!(2);
    told["topics"][0]["sent"] = json!([{ "value": "ord_4" }]);
    told["consumers"][0]["config"] = json!({ "max.poll.records": 5 });
    told["producers"] = json!([{ "name": "shop", "program": [{ "send": "ord_4" }],
        "config": { "acks": "1", "enable.idempotence": false } }]);
    let places = |told: &Value| {
        let mistakes = Cast::new(&scene(told.clone())).err().unwrap_or_default();
        let mut places: Vec<String> = mistakes.into_iter().map(|one| one.pointer).collect();
        places.sort();
        places
    };
    assert_eq!(
        places(&told),
        [
            "/consumers/0/config/max.poll.records",
            "/producers/0/config/acks",
            "/producers/0/config/enable.idempotence",
            "/topics/0/partitions",
        ]
    );
    // On Kafka they are read.
    told["on"]["kafka"] = json!({});
    assert_eq!(places(&told), [""; 0]);
}
