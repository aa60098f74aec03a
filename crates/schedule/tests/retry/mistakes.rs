//! What a scene cannot say of failures.

use super::{pictures, retrying, scene};
use serde_json::{Value, json};

fn told(scene_text: Value) -> Vec<String> {
    let mistakes = scene(scene_text).mistakes();
    mistakes.iter().map(ToString::to_string).collect()
}

#[test]
fn what_does_not_fit_together_is_told() {
    let check = |told_of: Value, expected: &str| {
        let told = told(told_of);
        assert!(
            told.iter().any(|one| one == expected),
            "{expected}\n{told:#?}"
        );
    };
    let retry = |retry: Value| retrying(pictures("kafka", json!({})), retry);
    check(
        retry(json!({ "attempts": 9 })),
        "/consumers/0/retry/attempts: the number of attempts is 9; write a number from 1 to 8",
    );
    check(
        retry(json!({ "delay_ms": 70_000 })),
        "/consumers/0/retry/delay_ms: the first wait is longer than the longest; write a larger `max_delay_ms`, which is 60000 where it is left out",
    );
    let on_kafka = |own: Value| {
        let on = json!({ "kafka": { "consumers": { "worker-1": own } } });
        pictures("kafka", on)
    };
    check(
        on_kafka(json!({ "failure": "dead_letter" })),
        "/on/kafka/consumers/worker-1/failure: `worker-1` has no topic for dead letters; write a `dead_letter_topic` beside it",
    );
    check(
        on_kafka(json!({ "failure": "dead_letter", "dead_letter_topic": "images" })),
        "/on/kafka/consumers/worker-1/dead_letter_topic: there is no topic of dead letters `images`; write one of: images-dead",
    );
    check(
        on_kafka(json!({ "dead_letter_topic": "images-dead" })),
        "/on/kafka/consumers/worker-1/dead_letter_topic: `worker-1` publishes nothing there; write \"failure\": \"dead_letter\" beside it, or leave it out",
    );
    let raises = json!({ "sqs": { "workers": { "worker-1": { "failure": "raise" } } } });
    check(
        retrying(pictures("sqs", raises), json!({})),
        "/on/sqs/workers/worker-1/failure: `worker-1` has a `retry`, and dies at the first failure; leave one of the two out",
    );
    let mut unknown = pictures("kafka", json!({}));
    unknown["consumers"][0]["handler"][0] = json!({ "fail_for": ["img_9"] });
    check(
        unknown,
        "/consumers/0/handler/0/fail_for/0: there is no record `img_9`; write one of: img_1, img_2, img_3",
    );
}
