//! One run of each.

use super::{dead_letters, pictures, places, retrying, run, times};
use engine::custody::Custody;
use engine::{Outcome, Trace, anomaly};
use serde_json::{Value, json};

const SETTLED: Custody = Custody::Settled;
const ASIDE: Custody = Custody::SetAside;

/// The same scene: on Kafka the process tries again and everything behind it waits; a queue of RabbitMQ delivers
/// at once what was requeued, before everything behind it; a queue of Amazon SQS hides it for the back-off, and
/// the others are done meanwhile.
#[test]
fn the_same_poison_blocks_spins_or_waits() {
    let told = |system| {
        let retry = json!({ "backoff": "exponential", "delay_ms": 1000, "max_delay_ms": 8000 });
        let on = json!({ "rabbitmq": { "consumers": { "worker-1": { "prefetch_count": 1 } } } });
        retrying(pictures(system, on), retry)
    };
    let kafka = run(told("kafka"));
    assert_eq!(times(&kafka), [1, 0, 0], "the partition stands");
    let text = kafka.trace().text();
    assert!(
        text.contains("put_back") && !text.contains("crashed"),
        "{text}"
    );
    let rabbitmq = run(told("rabbitmq"));
    assert_eq!(
        times(&rabbitmq),
        [1, 0, 0],
        "it comes back to its old place"
    );
    let spins = rabbitmq.trace().text().matches("given_back").count();
    assert!(spins > 100, "{spins}");
    let sqs = run(told("sqs"));
    assert_eq!(times(&sqs), [1, 0, 1], "nobody waits for it");
    let text = sqs.trace().text();
    assert!(text.contains("ChangeMessageVisibility"), "{text}");
    assert!(anomaly::lost(sqs.trace()).is_empty());
}

/// Three tries on each; then Kafka's program publishes, SQS moves and RabbitMQ dead-letters.
#[test]
fn who_counts_sets_aside() {
    for system in ["kafka", "sqs", "rabbitmq"] {
        let retry = json!({ "attempts": 3, "delay_ms": 1000 });
        let run = run(retrying(pictures(system, dead_letters()), retry));
        assert_eq!(
            run.outcome(),
            Outcome::AtRest,
            "{system}: {}",
            run.trace().text()
        );
        assert_eq!(times(&run), [1, 0, 1], "{system}");
        assert_eq!(places(&run), [SETTLED, ASIDE, SETTLED], "{system}");
        let text = run.trace().text();
        assert_eq!(
            text.matches("handler_failed").count(),
            3,
            "{system}: {text}"
        );
        assert!(anomaly::lost(run.trace()).is_empty(), "{system}");
        let read = Trace::read(&text, run.world().cast().clone());
        assert_eq!(read.as_ref(), Ok(run.trace()), "{system}");
    }
}

/// Without a `retry` and without a word of what it does, a failure is an uncaught exception.
#[test]
fn a_failure_that_nobody_catches_ends_the_process() {
    for system in ["kafka", "sqs", "rabbitmq"] {
        let text = run(pictures(system, json!({}))).trace().text();
        assert!(text.contains("crashed"), "{system}: {text}");
    }
}

#[test]
fn a_worker_that_leaves_a_poison_message_goes_on() {
    let mut on = dead_letters();
    on["sqs"]["workers"] = json!({ "worker-1": { "failure": "leave" } });
    let run = run(pictures("sqs", on));
    assert_eq!(places(&run), [SETTLED, ASIDE, SETTLED]);
    let text = run.trace().text();
    assert_eq!(text.matches("message_left").count(), 3, "{text}");
    // Each time the whole visibility time-out passes.
    assert_eq!(text.matches("visibility_ended").count(), 3, "{text}");
    assert!(!text.contains("ChangeMessageVisibility"), "{text}");
}

/// 1, 2 and 4 seconds: a visibility time-out has whole seconds.
#[test]
fn a_back_off_is_a_visibility_time_out() {
    let retry = json!({ "backoff": "exponential", "delay_ms": 900 });
    let run = run(retrying(pictures("sqs", dead_letters()), retry));
    let text = run.trace().text();
    let waits: Vec<&str> = text
        .lines()
        .filter(|line| line.contains("visibility_changed"))
        .filter_map(|line| line.split("timeout=").nth(1)?.split_whitespace().next())
        .collect();
    assert_eq!(waits, ["1", "2", "4"], "{text}");
}

#[test]
fn a_failure_that_passes_is_cured_by_a_retry() {
    for system in ["kafka", "sqs", "rabbitmq"] {
        let retry = json!({ "attempts": 3, "delay_ms": 1000 });
        let mut told = retrying(pictures(system, dead_letters()), retry);
        told["consumers"][0]["handler"][0] =
            json!({ "fail_first": { "records": ["img_2"], "tries": 2 } });
        let run = run(told);
        assert_eq!(times(&run), [1, 1, 1], "{system}: {}", run.trace().text());
        assert_eq!(places(&run), [SETTLED; 3], "{system}");
    }
}

/// A classic queue of RabbitMQ counts nothing: each try is the first, and no attempt is the last.
#[test]
fn a_process_counts_what_its_system_does_not() {
    let classic = |failure: &str| {
        let on = json!({ "rabbitmq": {
            "queues": { "thumbs": { "x-dead-letter-exchange": "images-dead" } },
            "consumers": { "worker-1": { "failure": failure, "prefetch_count": 1 } }
        } });
        run(retrying(
            pictures("rabbitmq", on),
            json!({ "attempts": 3, "delay_ms": 1000 }),
        ))
    };
    let requeues = classic("requeue");
    assert_ne!(requeues.outcome(), Outcome::AtRest);
    assert_eq!(times(&requeues), [1, 0, 0]);
    // Who rejects tries again in its own process before, and counts there.
    let rejects = classic("reject");
    assert_eq!(rejects.outcome(), Outcome::AtRest);
    assert_eq!(places(&rejects), [SETTLED, ASIDE, SETTLED]);
    assert_eq!(rejects.trace().text().matches("put_back").count(), 2);
}

#[test]
fn a_program_that_skips_loses() {
    let on = json!({ "kafka": { "consumers": { "worker-1": { "failure": "skip" } } } });
    let run = run(pictures("kafka", on));
    assert_eq!(times(&run), [1, 0, 1]);
    assert_eq!(anomaly::lost(run.trace()).len(), 1);
    assert!(run.trace().text().contains("moved_on"));
}

/// Who crashes between the dead letter and the commit publishes it again.
#[test]
fn a_dead_letter_is_stored_before_its_record_is_settled() {
    let mut told = pictures("kafka", dead_letters());
    told["faults"] = json!([
        { "do": "crash", "to": "worker-1", "when": { "before": { "step": "settle" } } },
        { "do": "restart", "to": "worker-1", "when": { "after_ms": 1000 } }
    ]);
    let run = run(told);
    let world = run.world();
    let letter = world
        .cast()
        .find_record("images-dead:img_2")
        .expect("its letter");
    assert_eq!(world.copies(letter, false), 2);
    assert_eq!(places(&run), [SETTLED, ASIDE, SETTLED]);
    assert!(anomaly::lost(run.trace()).is_empty());
}

/// Waits with jitter differ by record and attempt, and are the same in every run.
#[test]
fn jitter_is_the_same_in_every_run() {
    let told = |seed: u64| -> Value {
        let retry = json!({ "attempts": 5, "delay_ms": 4000, "jitter": "full" });
        let mut told = retrying(pictures("kafka", dead_letters()), retry);
        told["seed"] = json!(seed);
        told
    };
    let text = |seed| run(told(seed)).trace().text();
    assert_eq!(text(1), text(1));
    assert_ne!(text(1), text(2));
}
