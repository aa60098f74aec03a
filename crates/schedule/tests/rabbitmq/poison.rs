//! A message whose handling always fails.

use super::{cast, counts, orders, times, with};
use engine::cast::{Cast, ConsumerId};
use engine::custody::Custody;
use engine::handler::{Ask, Delivery, Failure, Handler, Next, Turn, Value as Said, Verdict};
use engine::systems::kafka::GroupId;
use engine::{Outcome, Run, ServiceId, anomaly};
use serde_json::{Value, json};
use std::sync::Arc;

/// Mails every order but the first, at which it fails.
#[derive(Debug)]
struct Fails;

impl Handler for Fails {
    fn next(&self, cast: &Cast, delivery: &Delivery, answers: &[Said]) -> Turn {
        let is_poison = cast.record_name(delivery.record) == "ord_1";
        let next = match answers {
            _ if is_poison => Next::End(Verdict::Failed(Failure {
                line: 1,
                column: 1,
                message: "no such customer".into(),
            })),
            [] => Next::Ask(Ask::Call {
                service: ServiceId(0),
                record: delivery.record,
                key: None,
            }),
            _ => Next::End(Verdict::Done),
        };
        Turn {
            log: Vec::new(),
            next,
        }
    }
}

fn run(failure: &str, queue: Value) -> Run {
    let told = with(
        orders(),
        json!({
            "on": { "rabbitmq": {
                "queues": { "email": queue, "dead": {} },
                "consumers": { "email-1": { "failure": failure, "prefetch_count": 1 } }
            } },
            "bounds": { "steps": 400, "time_ms": 120_000 }
        }),
    );
    let code: Arc<dyn Handler> = Arc::new(Fails);
    let mut run = Run::new(cast(told).with_handler(&[ConsumerId(0)], &code));
    run.to_rest();
    run
}

fn to_dead(more: Value) -> Value {
    let own = json!({ "x-dead-letter-exchange": "", "x-dead-letter-routing-key": "dead" });
    with(own, more)
}

/// `basic.nack` with `requeue` puts it back to its old place: it is the next again, and nothing else is done.
#[test]
fn a_poison_message_that_is_requeued_goes_round() {
    let run = run("requeue", to_dead(json!({})));
    assert_ne!(run.outcome(), Outcome::AtRest);
    assert_eq!(times(&run), [0, 0, 0], "{}", run.trace().text());
    assert!(run.trace().text().matches("given_back").count() > 10);
}

#[test]
fn a_rejected_message_is_dead_lettered() {
    let run = run("reject", to_dead(json!({})));
    assert_eq!(run.outcome(), Outcome::AtRest);
    assert_eq!(times(&run), [0, 1, 1], "{}", run.trace().text());
    assert_eq!(
        (counts(&run, "email"), counts(&run, "dead")),
        ((0, 0), (1, 0))
    );
    let first = run.world().cast().told().next().expect("there are three");
    assert_eq!(run.world().custody(first, GroupId(0)), Custody::SetAside);
    assert!(anomaly::lost(run.trace()).is_empty());
}

#[test]
fn a_rejected_message_without_a_dead_letter_exchange_is_lost() {
    let run = run("reject", json!({}));
    assert_eq!(times(&run), [0, 1, 1]);
    assert_eq!(anomaly::lost(run.trace()).len(), 1);
}

/// It comes back twice, and the third return is one too many.
#[test]
fn a_quorum_queue_gives_up_after_its_delivery_limit() {
    let limit = json!({ "x-queue-type": "quorum", "x-delivery-limit": 2 });
    let run = run("requeue", to_dead(limit));
    assert_eq!(run.outcome(), Outcome::AtRest, "{}", run.trace().text());
    assert_eq!(times(&run), [0, 1, 1]);
    assert_eq!(
        (counts(&run, "email"), counts(&run, "dead")),
        ((0, 0), (1, 0))
    );
    let text = run.trace().text();
    assert_eq!(text.matches("given_back").count(), 3, "{text}");
    assert!(text.contains("reason=delivery_limit"), "{text}");
}
