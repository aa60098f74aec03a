//! What a scene says of Apache Kafka only: what programs do with a record that they give up.
//!
//! A log has no place to put a record that nobody can handle: it stands, and the partition stands with it,
//! until a program goes on behind it. What the program does first is its own affair, and so it is here.

use crate::scene::mistake::Mistakes;
use crate::scene::{Commit, Consumer, Published, Scene};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a scene says of Apache Kafka.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OnKafka {
    /// What the programs of consumers do with a record that they give up, by consumer. At most 32.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub consumers: BTreeMap<String, KafkaConsumer>,
}

/// What a consumer's program does around its client.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct KafkaConsumer {
    /// What it does with a record whose last attempt has failed: without a `retry`, that is the first.
    #[serde(default)]
    pub failure: KafkaFailure,
    /// The topic of dead letters it publishes to, where `failure` is "dead_letter": a topic of the scene that is published to as "dead_letters".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dead_letter_topic: Option<String>,
}

/// What a program does with a record whose last attempt has failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum KafkaFailure {
    /// Nothing catches the exception: its process dies.
    #[default]
    Raise,
    /// It goes on behind it: the record is settled and not done.
    Skip,
    /// It publishes the record to its `dead_letter_topic`, and goes on behind it when that is stored.
    DeadLetter,
}

static NOTHING: KafkaConsumer = KafkaConsumer {
    failure: KafkaFailure::Raise,
    dead_letter_topic: None,
};

impl Scene {
    /// What it says of a consumer's program on Kafka.
    pub(crate) fn on_kafka(&self, consumer: &str) -> &KafkaConsumer {
        let on = self.on.kafka.as_ref();
        on.and_then(|on| on.consumers.get(consumer))
            .unwrap_or(&NOTHING)
    }

    pub(super) fn check_kafka(&self, found: &mut Mistakes) {
        self.check_members(found);
        let names: Vec<&str> = self.consumers.iter().map(|one| &*one.name).collect();
        let given = self.on.kafka.iter().flat_map(|on| &on.consumers);
        for (name, own) in given {
            let place = format!("/on/kafka/consumers/{name}");
            found.resting_on(["/consumers/*/name"], |found| {
                found.known(&place, "consumer", name, &names);
            });
            match (own.failure, &own.dead_letter_topic) {
                (KafkaFailure::DeadLetter, None) => found.add(
                    format!("{place}/failure"),
                    format!("`{name}` has no topic for dead letters"),
                    "write a `dead_letter_topic` beside it",
                ),
                (KafkaFailure::DeadLetter, Some(topic)) => {
                    self.check_letters(&format!("{place}/dead_letter_topic"), topic, found);
                }
                (KafkaFailure::Raise | KafkaFailure::Skip, Some(_)) => found.add(
                    format!("{place}/dead_letter_topic"),
                    format!("`{name}` publishes nothing there"),
                    "write \"failure\": \"dead_letter\" beside it, or leave it out",
                ),
                (KafkaFailure::Raise | KafkaFailure::Skip, None) => {}
            }
            let consumer = self.consumers.iter().find(|one| one.name == *name);
            let letters = own.failure == KafkaFailure::DeadLetter;
            if letters && consumer.is_some_and(in_transaction) {
                found.add(
                    format!("{place}/failure"),
                    format!(
                        "`{name}` commits in transactions, and dead letters are not modelled in one"
                    ),
                    "let it commit \"after\" the work, or write \"raise\" or \"skip\"",
                );
            }
        }
    }

    /// What the members of a group have to have in common, and what each has to have alone.
    fn check_members(&self, found: &mut Mistakes) {
        for (at, consumer) in self.consumers.iter().enumerate() {
            let place = format!("/consumers/{at}/config");
            let before = self.consumers[..at].iter();
            let mut others = before.filter(|other| other.group == consumer.group);
            let strategy = |one: &Consumer| one.config.partition_assignment_strategy;
            if let Some(first) = others.clone().next()
                && strategy(first) != strategy(consumer)
            {
                found.resting_on(["/consumers/*/group"], |found| {
                    found.add(
                        format!("{place}/partition.assignment.strategy"),
                        format!(
                            "`{}` and `{}` are of one group and share no strategy, so the coordinator would refuse the second one (INCONSISTENT_GROUP_PROTOCOL)",
                            first.name, consumer.name
                        ),
                        "write the same strategy for all consumers of the group",
                    );
                });
            }
            let Some(instance) = &consumer.config.group_instance_id else {
                continue;
            };
            found.name(format!("{place}/group.instance.id"), instance);
            let has_it =
                |other: &&Consumer| other.config.group_instance_id.as_ref() == Some(instance);
            if let Some(other) = others.find(has_it) {
                found.resting_on(["/consumers/*/group"], |found| {
                    found.add(
                        format!("{place}/group.instance.id"),
                        format!(
                            "`{}` and `{}` of one group would be the same static member, and would fence each other off",
                            other.name, consumer.name
                        ),
                        "give each its own, or leave it out",
                    );
                });
            }
        }
        for (at, consumer) in self.consumers.iter().enumerate() {
            let strategy = consumer.config.partition_assignment_strategy;
            if strategy.is_cooperative() && in_transaction(consumer) {
                found.add(
                    format!("/consumers/{at}/config/partition.assignment.strategy"),
                    format!(
                        "`{}` commits in transactions, and a cooperative rebalance is not modelled beside one",
                        consumer.name
                    ),
                    "write another strategy, or let it commit \"after\" the work",
                );
            }
        }
    }

    /// Whether dead letters can be published to a topic.
    fn check_letters(&self, place: &str, topic: &str, found: &mut Mistakes) {
        let letters = self.topics.iter();
        let letters = letters.filter(|one| one.published == Some(Published::DeadLetters));
        let letters: Vec<&str> = letters.map(|one| one.name.as_str()).collect();
        found.resting_on(["/topics/*/name", "/topics/*/published"], |found| {
            found.known(place, "topic of dead letters", topic, &letters);
        });
    }
}

fn in_transaction(consumer: &Consumer) -> bool {
    consumer.commit == Commit::InTransaction
}
