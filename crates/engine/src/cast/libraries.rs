//! What a system has to know of a scene, in its own words: its client libraries, and its broker at the
//! beginning.

use super::plan::{ConsumerPlan, RecordPlan, ms};
use super::{GroupId, RecordId, TopicId};
use crate::scene::{Acks, Commit, Consumer, Producer, ProducerConfig, Scene, Topic};
use std::sync::Arc;
use systems::SystemName;
use systems::broker::{InboxPlan, Opening, OutboxPlan};
use systems::kafka::log::record::{Header, Record, Timestamp};
use systems::kafka::settings::TransactionVersion;
use systems::kafka::transaction::TransactionalId;
use systems::kafka::{self, producer};
use systems::rabbitmq::{self, BasicPublish, Publisher};
use systems::sqs::{self, Entry};

/// The records of a scene as they are sent, by record.
enum Messages {
    Kafka(Arc<[kafka::outbox::Message]>),
    Sqs(Arc<[sqs::outbox::Message]>),
    Rabbitmq(Arc<[BasicPublish]>),
}

/// What all libraries of a scene share.
pub(super) struct Libraries<'a> {
    scene: &'a Scene,
    messages: Messages,
    /// By client: the name that Kafka's member ids begin with.
    clients: Arc<[String]>,
    /// By topic: its name, and how many partitions it has.
    partitions: Arc<[(Arc<str>, u16)]>,
    /// The transactional ids, in the order they are met.
    pub transactional_ids: Vec<String>,
    /// The version of transactions they all speak.
    version: TransactionVersion,
}

impl<'a> Libraries<'a> {
    pub fn of(scene: &'a Scene, records: &[RecordPlan]) -> Self {
        let all = (0..).map(RecordId).zip(records);
        let messages = match scene.broker.system {
            SystemName::Kafka => {
                let message = |(id, plan): (RecordId, &RecordPlan)| kafka::outbox::Message {
                    partition: plan.partition,
                    record: record(id, plan),
                };
                Messages::Kafka(all.map(message).collect())
            }
            SystemName::Sqs => {
                let routes = scene.on_sqs().routes(scene);
                let message = |(id, plan): (RecordId, &RecordPlan)| {
                    let at = usize::from(plan.partition.topic.0);
                    let (queue, fifo) = &routes[at];
                    sqs::outbox::Message {
                        queue: Arc::clone(queue),
                        entry: entry(id, plan, &scene.topics[at].name, *fifo),
                    }
                };
                Messages::Sqs(all.map(message).collect())
            }
            SystemName::Rabbitmq => {
                let message = |(id, plan): (RecordId, &RecordPlan)| {
                    let at = usize::from(plan.partition.topic.0);
                    let properties = scene.on_rabbitmq().properties(&plan.value);
                    BasicPublish {
                        properties,
                        ..publish(id, plan, &scene.topics[at].name)
                    }
                };
                Messages::Rabbitmq(all.map(message).collect())
            }
        };
        let name = |one: &Consumer| {
            let mut classes = scene.explore.interchangeable.iter();
            let class = classes.find(|class| class.contains(&one.name));
            let first = class.and_then(|class| class.first());
            first.unwrap_or(&one.name).clone()
        };
        let topics = scene.topics.iter();
        Libraries {
            scene,
            messages,
            clients: scene.consumers.iter().map(name).collect(),
            partitions: topics
                .map(|topic| (topic.name.as_str().into(), topic.partitions))
                .collect(),
            transactional_ids: Vec::new(),
            version: scene.broker.settings.version(),
        }
    }

    /// The receiving half of the library in a consumer's process.
    pub fn inbox(&self, consumer: &Consumer, group: GroupId, topics: &[TopicId]) -> InboxPlan {
        match &self.messages {
            Messages::Kafka(messages) => InboxPlan::Kafka(kafka::inbox::Plan {
                group,
                topics: topics.to_vec(),
                config: consumer.config.clone(),
                auto_commit: consumer.commit == Commit::Automatic,
                clients: Arc::clone(&self.clients),
                partitions: Arc::clone(&self.partitions),
                messages: Arc::clone(messages),
            }),
            Messages::Sqs(_) => InboxPlan::Sqs(self.scene.on_sqs().worker(consumer)),
            Messages::Rabbitmq(_) => {
                InboxPlan::Rabbitmq(self.scene.on_rabbitmq().consumer(consumer))
            }
        }
    }

    /// The sending half of the library in a producer's process.
    pub fn outbox(&mut self, producer: &Producer) -> OutboxPlan {
        match &self.messages {
            Messages::Kafka(messages) => {
                let messages = Arc::clone(messages);
                self.on_kafka(messages, &producer.config)
            }
            Messages::Sqs(messages) => on_sqs(messages),
            Messages::Rabbitmq(messages) => OutboxPlan::Rabbitmq(rabbitmq::outbox::Plan {
                channel: rabbitmq::inbox::CHANNEL,
                publisher: self.scene.on_rabbitmq().publisher(&producer.name),
                messages: Arc::clone(messages),
            }),
        }
    }

    /// The same in a consumer's process: on Kafka only where it commits in transactions, elsewhere for
    /// what its handler publishes.
    pub fn outbox_of(&mut self, consumer: &Consumer) -> Option<OutboxPlan> {
        let mut topics = self.scene.topics.iter();
        let publishes = topics.any(|topic| topic.published.is_some());
        match &self.messages {
            Messages::Kafka(messages) => {
                // It waits for every acknowledgement, and asks until it has it.
                let shipped = ProducerConfig::default();
                let config = ProducerConfig {
                    acks: Acks::All,
                    retries: shipped.retries,
                    ..consumer.producer.clone()?
                };
                let messages = Arc::clone(messages);
                Some(self.on_kafka(messages, &config))
            }
            Messages::Sqs(messages) => publishes.then(|| on_sqs(messages)),
            // What a handler publishes is confirmed before it goes on.
            Messages::Rabbitmq(messages) => publishes.then(|| {
                OutboxPlan::Rabbitmq(rabbitmq::outbox::Plan {
                    channel: rabbitmq::inbox::CHANNEL + 1,
                    publisher: Publisher::default(),
                    messages: Arc::clone(messages),
                })
            }),
        }
    }

    fn on_kafka(
        &mut self,
        messages: Arc<[kafka::outbox::Message]>,
        config: &ProducerConfig,
    ) -> OutboxPlan {
        OutboxPlan::Kafka(kafka::outbox::Plan {
            messages,
            config: self.config(config),
            acks_none: config.acks == Acks::None,
            retries: config.retries > 0,
            request_timeout: ms(config.request_timeout_ms),
        })
    }

    /// The broker at the beginning. On Amazon SQS every subscription has a queue of its own, with a copy of
    /// each record of its channels; queues that are no subscription's are made before, and are empty. On
    /// RabbitMQ exchanges route the records to the queues that are bound.
    pub fn opening(
        &self,
        groups: &[String],
        consumers: &[ConsumerPlan],
        records: &[RecordPlan],
    ) -> Opening {
        let all = (0..).map(RecordId).zip(records);
        let there = all.filter(|(_, plan)| !plan.sent && plan.of.is_none());
        match &self.messages {
            Messages::Kafka(messages) => {
                let topics = self.scene.topics.iter();
                let looked_after = (0..).map(TopicId).zip(topics.clone());
                let looked_after = looked_after.filter(|(_, topic)| topic.config.is_some());
                let settings = kafka::Settings {
                    looked_after: looked_after.map(|(id, _)| id).collect(),
                    ..kafka::Settings::from(&self.scene.broker.settings)
                };
                let made = |topic: &Topic| {
                    let config = kafka::topic::Config::from(&topic.settings());
                    (topic.name.clone(), topic.partitions, config)
                };
                Opening::Kafka(kafka::Opening {
                    settings: Arc::new(settings),
                    groups: groups.len() as u8,
                    topics: topics.map(made).collect(),
                    there: there.map(|(id, _)| id).collect(),
                    messages: Arc::clone(messages),
                })
            }
            Messages::Sqs(_) => {
                let on = self.scene.on_sqs();
                let of_group = |at: usize, group: &String| {
                    let fifo = on.is_fifo(group);
                    let is_read = |topic: TopicId| {
                        let mut members = consumers.iter();
                        members.any(|one| {
                            usize::from(one.group.0) == at && one.topics.contains(&topic)
                        })
                    };
                    let sent = there.clone().filter_map(|(id, plan)| {
                        let topic = plan.partition.topic;
                        let name = &self.scene.topics[usize::from(topic.0)].name;
                        is_read(topic).then(|| entry(id, plan, name, fifo))
                    });
                    sqs::NewQueue {
                        sent: sent.collect(),
                        ..on.queue(group)
                    }
                };
                let own = groups.iter().enumerate();
                let own = own.map(|(at, group)| of_group(at, group));
                let others = on.others(self.scene, groups).into_iter();
                Opening::Sqs(sqs::Opening {
                    queues: others.chain(own).collect(),
                })
            }
            Messages::Rabbitmq(messages) => Opening::Rabbitmq(rabbitmq::Opening {
                sent: there.map(|(id, _)| messages[id.at()].clone()).collect(),
                ..self.scene.on_rabbitmq().opening(self.scene, groups)
            }),
        }
    }

    /// By record: the queues that the broker brings it to. Empty on a system that does not choose.
    pub fn routes(&self, opening: &Opening) -> Vec<Vec<Arc<str>>> {
        match (&self.messages, opening) {
            (Messages::Rabbitmq(messages), Opening::Rabbitmq(opening)) => opening.routes(messages),
            _ => Vec::new(),
        }
    }

    /// What kind of producer one of this configuration is.
    fn config(&mut self, config: &ProducerConfig) -> producer::Config {
        let transactional_id = config.transactional_id.as_ref().map(|name| {
            let known = self
                .transactional_ids
                .iter()
                .position(|other| other == name);
            let at = known.unwrap_or_else(|| {
                self.transactional_ids.push(name.clone());
                self.transactional_ids.len() - 1
            });
            TransactionalId(at as u16)
        });
        producer::Config {
            idempotent: config.enable_idempotence,
            transactional_id,
            transaction_timeout: ms(config.transaction_timeout_ms),
            version: self.version,
            ..producer::Config::default()
        }
    }
}

fn on_sqs(messages: &Arc<[sqs::outbox::Message]>) -> OutboxPlan {
    OutboxPlan::Sqs(sqs::outbox::Plan {
        timeout: sqs::outbox::READ_TIMEOUT,
        messages: Arc::clone(messages),
    })
}

/// A record as it is written to a log.
fn record(id: RecordId, plan: &RecordPlan) -> Record {
    let header = |(name, value): (&String, &String)| Header {
        name: name.as_str().into(),
        value: Some(value.as_bytes().into()),
    };
    Record {
        key: plan.key.as_ref().map(|key| key.as_bytes().into()),
        value: (!plan.tombstone).then(|| plan.value.as_bytes().into()),
        timestamp: Timestamp(plan.timestamp_ms),
        headers: plan.headers.iter().map(header).collect(),
        of: Some(id),
    }
}

/// A record as a message of a queue. On a FIFO queue its group is its key, or without one its channel, and
/// its deduplication id is what it says.
fn entry(id: RecordId, plan: &RecordPlan, channel: &str, fifo: bool) -> Entry {
    Entry {
        body: plan.value.as_str().into(),
        group: fifo.then(|| plan.key.as_deref().unwrap_or(channel).into()),
        deduplication_id: fifo.then(|| plan.value.as_str().into()),
        record: Some(id),
        ..Entry::default()
    }
}

/// A record as it is published: to the exchange of its channel, with its key as routing key, or without one
/// with the channel's name.
fn publish(id: RecordId, plan: &RecordPlan, channel: &str) -> BasicPublish {
    BasicPublish {
        record: Some(id),
        ..BasicPublish::new(channel, plan.routing_key(channel), plan.value.as_str())
    }
}
