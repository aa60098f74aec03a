//! One run of each.

use super::{orders, run, scene, times, with};
use engine::custody::Custody;
use engine::systems::kafka::GroupId;
use engine::{Cast, Outcome, Trace, anomaly};
use serde_json::json;

#[test]
fn a_queue_is_worked_off_and_is_empty_then() {
    let run = run(orders("sqs"));
    assert_eq!(run.outcome(), Outcome::AtRest);
    assert_eq!(times(&run), [1, 1, 1]);
    let queues = run.world().sqs().expect("it runs on SQS");
    let queue = queues
        .queue("email")
        .expect("each subscription has a queue");
    assert!(queue.store.is_empty());
    let cast = run.world().cast();
    for record in cast.told() {
        let custody = run.world().custody(record, GroupId(0));
        assert_eq!(custody, Custody::Settled, "{}", cast.record_name(record));
    }
    let read = Trace::read(&run.trace().text(), cast.clone());
    assert_eq!(read.as_ref(), Ok(run.trace()));
}

/// The same crash, told of the neutral loop, on both systems.
#[test]
fn a_crash_between_the_mail_and_the_delete_mails_twice() {
    let crash = json!({
        "faults": [
            { "do": "crash", "to": "email-1", "when": { "before": { "step": "commit" } } },
            { "do": "restart", "to": "email-1", "when": { "after_ms": 1000 } }
        ],
        "bounds": { "time_ms": 120_000 }
    });
    let on_sqs = run(with(orders("sqs"), crash.clone()));
    // One by one: the crash came before the first delete, so only the first mail goes out twice.
    assert_eq!(times(&on_sqs), [2, 1, 1]);
    assert!(anomaly::lost(on_sqs.trace()).is_empty());
    let text = on_sqs.trace().text();
    assert!(text.contains("visibility_ended"), "{text}");
    let on_kafka = run(with(orders("kafka"), crash));
    // A commit is of the whole batch.
    assert_eq!(times(&on_kafka), [2, 2, 2]);
}

#[test]
fn deletes_of_a_batch_are_like_a_commit() {
    let run = run(with(
        orders("sqs"),
        json!({
            "on": { "sqs": { "workers": { "email-1": { "delete": "batch" } } } },
            "faults": [
                { "do": "crash", "to": "email-1", "when": { "before": { "step": "commit" } } },
                { "do": "restart", "to": "email-1", "when": { "after_ms": 1000 } }
            ],
            "bounds": { "time_ms": 120_000 }
        }),
    ));
    assert_eq!(times(&run), [2, 2, 2]);
    assert!(run.trace().text().contains("DeleteMessageBatch"));
}

#[test]
fn what_is_deleted_first_is_lost_in_a_crash() {
    let mut told = with(
        orders("sqs"),
        json!({
            "faults": [
                { "do": "crash", "to": "email-1", "when": { "before": { "step": "send" } } },
                { "do": "restart", "to": "email-1", "when": { "after_ms": 1000 } }
            ],
            "bounds": { "time_ms": 120_000 }
        }),
    );
    told["consumers"][0]["commit"] = json!("before");
    let run = run(told);
    assert_eq!(times(&run), [0, 0, 0]);
    assert_eq!(anomaly::lost(run.trace()).len(), 3);
}

/// Mails take 20 seconds, three of them longer than the 30 seconds for which they are hidden.
#[test]
fn a_heartbeat_keeps_what_is_slowly_worked_on() {
    let slow = |worker: serde_json::Value| {
        let mut told = with(
            orders("sqs"),
            json!({ "on": { "sqs": { "workers": { "email-1": worker, "email-2": {} } } },
                    "services": [{ "name": "mail", "noun": "mail", "done": "mailed", "latency_ms": 20_000 }],
                    "bounds": { "time_ms": 400_000 } }),
        );
        let mut second = told["consumers"][0].clone();
        second["name"] = json!("email-2");
        second["start_ms"] = json!(1_000);
        told["consumers"] = json!([told["consumers"][0], second]);
        // Give up later than the mail takes.
        run(told)
    };
    let without = slow(json!({}));
    assert!(without.trace().text().contains("visibility_ended"));
    let kept = slow(json!({ "heartbeat.seconds": 10 }));
    assert!(
        !kept.trace().text().contains("visibility_ended"),
        "{}",
        kept.trace().text()
    );
    assert_eq!(times(&kept), [1, 1, 1]);
}

#[test]
fn a_poison_message_is_set_aside() {
    let mut told = with(
        orders("sqs"),
        json!({
            "on": { "sqs": { "queues": {
                "email": { "VisibilityTimeout": 10, "RedrivePolicy": {
                    "deadLetterTargetArn": "arn:aws:sqs:us-east-1:123456789012:dead", "maxReceiveCount": 2 } },
                "dead": {}
            } } },
            "faults": [
                { "do": "crash", "to": "email-1", "when": { "before": { "step": "send" } } },
                { "do": "crash", "to": "email-1", "when": { "before": { "step": "send" } } }
            ],
            "bounds": { "time_ms": 200_000 }
        }),
    );
    told["consumers"][0]["restart_ms"] = json!(1000);
    let run = run(told);
    let cast = run.world().cast();
    let ends = cast
        .told()
        .map(|record| run.world().custody(record, GroupId(0)));
    // Only the first was received alone when the second crash came: the others had been left to the rest.
    let expected = [Custody::SetAside, Custody::Settled, Custody::Settled];
    assert!(ends.eq(expected), "{}", run.trace().text());
    assert_eq!(times(&run), [0, 1, 1]);
    assert!(anomaly::lost(run.trace()).is_empty());
}

#[test]
fn what_the_system_cannot_do_is_a_mistake_with_its_reason() {
    let mut told = orders("sqs");
    told["consumers"][0]["commit"] = json!("automatic");
    told["on"]["sqs"] = json!({
        "queues": { "email": { "VisibilityTimeout": 90_000 } },
        "workers": { "email-1": { "MaxNumberOfMessage": 3 }, "nobody": {} }
    });
    let mistakes = Cast::new(&scene(told)).expect_err("it has mistakes");
    let pointers: Vec<&str> = mistakes.iter().map(|one| one.pointer.as_str()).collect();
    assert_eq!(
        pointers,
        [
            "/consumers/0/commit",
            "/on/sqs/queues/email",
            "/on/sqs/workers/email-1/MaxNumberOfMessage",
            "/on/sqs/workers/nobody",
        ],
        "{mistakes:#?}"
    );
    assert!(
        mistakes[2].what.contains("MaxNumberOfMessages"),
        "{}",
        mistakes[2].what
    );
}
