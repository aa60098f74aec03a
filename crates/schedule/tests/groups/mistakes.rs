//! What a scene cannot say of a group.

use super::{everybody, mails};
use engine::Scene;
use serde_json::{Value, json};

fn mistakes(told: Value) -> Vec<String> {
    let scene: Scene = serde_json::from_value(told).expect("it is a scene");
    scene.mistakes().iter().map(ToString::to_string).collect()
}

#[test]
fn members_share_a_strategy_and_no_instance() {
    let mut mixed = mails(2, 2);
    mixed["consumers"][1]["config"]["partition.assignment.strategy"] = json!("sticky");
    assert_eq!(
        mistakes(mixed),
        [
            "/consumers/1/config/partition.assignment.strategy: `email-1` and `email-2` are of one group and share no strategy, so the coordinator would refuse the second one (INCONSISTENT_GROUP_PROTOCOL); write the same strategy for all consumers of the group"
        ]
    );
    let same = everybody(mails(2, 2), "/config/group.instance.id", &json!("mailer"));
    assert_eq!(
        mistakes(same),
        [
            "/consumers/1/config/group.instance.id: `email-1` and `email-2` of one group would be the same static member, and would fence each other off; give each its own, or leave it out"
        ]
    );
}

#[test]
fn elsewhere_no_poll_is_too_slow() {
    let mut told = mails(1, 1);
    told["topics"][0]["records"][0] = json!({ "value": "ord_0" });
    told["consumers"][0]["config"] = json!({});
    told["broker"] = json!({ "system": "sqs" });
    told["promises"] = json!([]);
    told["explore"] = json!({ "slow_polls": 1 });
    assert_eq!(
        mistakes(told),
        [
            "/explore/slow_polls: `max.poll.interval.ms` is a setting of Kafka, and the scene runs on Amazon SQS only: no poll is too slow; remove it, or name `kafka` in `on`"
        ]
    );
}
