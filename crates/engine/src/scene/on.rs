//! What a scene says of one system only: the systems it can run on beside its own, and their settings.
//!
//! The same producers, consumers, handlers and faults run on each. A subscription is a group on Kafka, and
//! a queue on Amazon SQS and RabbitMQ; a channel is a topic, whatever fills the queues, or an exchange.
//!
//! Settings that stand with the broker, consumers and producers (`max.poll.records`, `acks`, `retries`) and
//! the number of partitions are Kafka's. They hold on Kafka; what is like them elsewhere (`MaxNumberOfMessages`,
//! `prefetch_count`, `confirms`) is set in that system's block. In a scene that cannot run on Kafka
//! they are mistakes.

mod kafka;
mod rabbitmq;
mod without_kafka;

pub use kafka::{KafkaConsumer, KafkaFailure, OnKafka};
pub use rabbitmq::{Listing, OnExchange, OnRabbitmq};

use super::mistake::Mistakes;
use super::{Commit, Condition, Consumer, ProducerStep, Scene, Work};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use systems::sqs::attributes::Given;
use systems::sqs::worker::Failure;
use systems::sqs::{NewQueue, QueueAttributes, Reply, Request, Sqs, Worker, inbox};
use systems::{Caller, Instant, Out, Server, SystemName};

/// Settings by the system's own names.
pub type Named = BTreeMap<String, Value>;

/// The systems a scene can run on, with what only they have. The scene's own (`/broker/system`) need not
/// be named.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct On {
    /// Apache Kafka. Its own settings stand with the broker and the consumers; here stands what programs do around the client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kafka: Option<OnKafka>,
    /// Amazon SQS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sqs: Option<OnSqs>,
    /// RabbitMQ.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rabbitmq: Option<OnRabbitmq>,
}

/// What a scene says of Amazon SQS.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OnSqs {
    /// Attributes of queues, by subscription: `VisibilityTimeout`, `RedrivePolicy`, `FifoQueue` and so on. A
    /// name that is no subscription makes a queue of its own, such as a dead-letter queue. At most 64 queues, of at most 64 attributes.
    #[serde(default)]
    pub queues: BTreeMap<String, Named>,
    /// Settings of workers, by consumer: `MaxNumberOfMessages`, `WaitTimeSeconds`, `VisibilityTimeout`,
    /// `heartbeat.seconds`, `delete`, `failure`. At most 32 workers, of at most 64 settings.
    #[serde(default)]
    pub workers: BTreeMap<String, Named>,
}

impl On {
    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == On::default()
    }
}

static NOTHING: OnSqs = OnSqs {
    queues: BTreeMap::new(),
    workers: BTreeMap::new(),
};

impl Scene {
    /// The systems the scene can run on, its own first.
    pub fn systems(&self) -> Vec<SystemName> {
        let mut all = vec![self.broker.system];
        let named = [
            self.on.kafka.is_some().then_some(SystemName::Kafka),
            self.on.sqs.is_some().then_some(SystemName::Sqs),
            self.on.rabbitmq.is_some().then_some(SystemName::Rabbitmq),
        ];
        for system in named.into_iter().flatten() {
            if !all.contains(&system) {
                all.push(system);
            }
        }
        all
    }

    /// The same scene on another system. One that was written for Kafka can still run on it.
    #[must_use]
    pub fn on(&self, system: SystemName) -> Scene {
        let mut scene = self.clone();
        if self.broker.system == SystemName::Kafka && system != SystemName::Kafka {
            scene.on.kafka.get_or_insert_default();
        }
        scene.broker.system = system;
        scene
    }

    /// The broker's name in the trace: where the scene gives it none of its own, that of its system.
    pub fn broker_name(&self) -> &str {
        let given = self.broker.name.as_str();
        match SystemName::ALL.iter().any(|system| system.name() == given) {
            true => self.broker.system.name(),
            false => given,
        }
    }

    /// The subscriptions that get the records of a channel.
    fn subscriptions_to(&self, channel: &str) -> Vec<&str> {
        let mut all = Vec::new();
        for consumer in &self.consumers {
            if consumer.topics.iter().any(|name| name == channel)
                && !all.contains(&consumer.group.as_str())
            {
                all.push(consumer.group.as_str());
            }
        }
        all
    }

    /// The channels that are sent to and that nobody subscribes to: on Amazon SQS each is a queue.
    fn channels_unread(&self) -> impl Iterator<Item = &str> {
        let sent_to = self.topics.iter().filter(|topic| topic.is_sent_to());
        sent_to
            .map(|topic| topic.name.as_str())
            .filter(|name| self.subscriptions_to(name).is_empty())
    }

    /// What it says of Amazon SQS.
    pub(crate) fn on_sqs(&self) -> &OnSqs {
        self.on.sqs.as_ref().unwrap_or(&NOTHING)
    }

    /// What the systems it runs on cannot do, and settings they do not have.
    pub(super) fn check_systems(&self, found: &mut Mistakes) {
        if self.systems().contains(&SystemName::Kafka) {
            self.check_kafka(found);
        } else {
            found.resting_on(["/on", "/broker/system"], |found| {
                self.check_without_kafka(found);
            });
        }
        if self.systems().contains(&SystemName::Sqs) {
            self.check_sqs(found);
        }
        if self.systems().contains(&SystemName::Rabbitmq) {
            self.check_rabbitmq(found);
        }
    }

    fn check_sqs(&self, found: &mut Mistakes) {
        for (at, consumer) in self.consumers.iter().enumerate() {
            let place = format!("/consumers/{at}");
            if consumer.commit == Commit::Automatic {
                found.add(
                    format!("{place}/commit"),
                    "Amazon SQS settles nothing by itself: a message that nobody deletes comes back",
                    "write \"after\", \"before\" or \"handler\"",
                );
            }
            check_programs(SystemName::Sqs, &place, consumer, found);
            let own = self.on_sqs().workers.get(&consumer.name);
            check_failure("/on/sqs/workers", consumer, own, found);
        }
        for (at, topic) in self.topics.iter().enumerate() {
            let readers = self.subscriptions_to(&topic.name);
            if topic.is_sent_to() && readers.len() > 1 {
                found.add(
                    format!("/topics/{at}/name"),
                    format!(
                        "on Amazon SQS a message goes to one queue, and `{}` has {} subscriptions: {}",
                        topic.name,
                        readers.len(),
                        readers.join(", ")
                    ),
                    "give each subscription a topic of its own, or leave `sqs` out of `on`: copies for \
                     several queues need Amazon SNS, which scenes do not have yet",
                );
            }
        }
        check_logs(SystemName::Sqs, self, found);
        self.on_sqs().check(self, found);
    }
}

impl OnSqs {
    /// A queue's name: that of its subscription, with the ending that FIFO queues have.
    fn name(&self, subscription: &str) -> Arc<str> {
        match self.is_fifo(subscription) && !subscription.ends_with(".fifo") {
            true => format!("{subscription}.fifo").into(),
            false => subscription.into(),
        }
    }

    /// Whether the queue of a subscription is a FIFO queue.
    pub(crate) fn is_fifo(&self, subscription: &str) -> bool {
        let attribute = self.queues.get(subscription);
        let attribute = attribute.and_then(|given| given.get("FifoQueue"));
        attribute.is_some_and(|value| *value == Value::Bool(true) || *value == "true")
    }

    /// The attributes of a queue as a request gives them.
    fn given(&self, subscription: &str) -> Vec<Given> {
        let given = self.queues.get(subscription).into_iter().flatten();
        given
            .map(|(name, value)| {
                let text = match value {
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                };
                (name.as_str().into(), text.into())
            })
            .collect()
    }

    /// The queue of a subscription, empty.
    pub(crate) fn queue(&self, subscription: &str) -> NewQueue {
        NewQueue {
            name: self.name(subscription),
            attributes: self.given(subscription),
            sent: Vec::new(),
        }
    }

    /// The queues that are no subscription's. They are made first, so that others can name them.
    pub(crate) fn others(&self, scene: &Scene, subscriptions: &[String]) -> Vec<NewQueue> {
        let others = self.others_of(scene, subscriptions).into_iter();
        others.map(|name| self.queue(name)).collect()
    }

    fn others_of<'a>(&'a self, scene: &'a Scene, subscriptions: &[String]) -> Vec<&'a str> {
        let is_subscription = |name: &str| subscriptions.iter().any(|other| other == name);
        let mut names: Vec<&str> = self.queues.keys().map(String::as_str).collect();
        names.retain(|name| !is_subscription(name));
        for channel in scene.channels_unread() {
            if !is_subscription(channel) && !self.queues.contains_key(channel) {
                names.push(channel);
            }
        }
        names
    }

    /// How producers and handlers send: the queue of each channel is that of its one subscription, or
    /// one of its own. By channel: its name, and whether it is a FIFO queue.
    pub(crate) fn routes(&self, scene: &Scene) -> Vec<(Arc<str>, bool)> {
        let route = |topic: &super::Topic| {
            let readers = scene.subscriptions_to(&topic.name);
            let subscription = readers.first().copied().unwrap_or(&topic.name);
            (self.name(subscription), self.is_fifo(subscription))
        };
        scene.topics.iter().map(route).collect()
    }

    /// What a consumer's worker is.
    pub(crate) fn worker(&self, consumer: &Consumer) -> inbox::Plan {
        let mut worker = Worker::default();
        for (name, value) in self.workers.get(&consumer.name).into_iter().flatten() {
            // The scene has no mistakes, so each is taken.
            let _ = worker.set(name, value);
        }
        if consumer.retry.is_some() && worker.failure == Failure::Raise {
            worker.failure = Failure::ChangeVisibility;
        }
        let name = self.name(&consumer.group);
        let attributes = QueueAttributes::of_new(&name, &self.given(&consumer.group));
        inbox::Plan {
            queue: name,
            worker,
            queue_timeout: attributes.map_or(30, |attributes| attributes.visibility_timeout),
        }
    }

    fn check(&self, scene: &Scene, found: &mut Mistakes) {
        let mut subscriptions: Vec<String> = Vec::new();
        for consumer in &scene.consumers {
            if !subscriptions.contains(&consumer.group) {
                subscriptions.push(consumer.group.clone());
            }
        }
        let operator = Caller {
            client: u8::MAX,
            connection: 0,
        };
        let mut sqs = Sqs::default();
        let others = self.others_of(scene, &subscriptions).into_iter();
        for subscription in others.chain(subscriptions.iter().map(String::as_str)) {
            let (name, attributes) = (self.name(subscription), self.given(subscription));
            let mut out = Out::default();
            let request = Request::CreateQueue {
                name: Arc::clone(&name),
                attributes,
            };
            sqs.handle(Instant(0), operator, request, &mut out);
            if let Some((_, Reply::Refused(error))) = out.to.first() {
                found.add(
                    format!("/on/sqs/queues/{subscription}"),
                    format!("a queue `{name}` cannot be made: {}", error.message),
                    "write attributes as CreateQueue takes them; a dead-letter queue is one of `queues`",
                );
            }
        }
        let consumers: Vec<&str> = scene
            .consumers
            .iter()
            .map(|one| one.name.as_str())
            .collect();
        for (name, given) in &self.workers {
            let place = format!("/on/sqs/workers/{name}");
            found.resting_on(["/consumers/*/name"], |found| {
                found.known(&place, "consumer", name, &consumers);
            });
            let mut worker = Worker::default();
            for (setting, value) in given {
                if let Err(refused) = worker.set(setting, value) {
                    let names = Worker::ROWS.iter().map(|row| row.name);
                    found.add(
                        format!("{place}/{setting}"),
                        format!("`{}` {}", refused.name, refused.why),
                        format!("write one of: {}", names.collect::<Vec<_>>().join(", ")),
                    );
                }
            }
        }
    }
}

/// What programs of consumers cannot do where there are only queues.
fn check_programs(system: SystemName, place: &str, consumer: &Consumer, found: &mut Mistakes) {
    let title = system.title();
    if consumer.commit == Commit::InTransaction {
        found.add(
            format!("{place}/commit"),
            format!("{title} has no transactions"),
            "write \"after\", \"before\" or \"handler\"",
        );
    }
    if consumer.work == Work::Background {
        found.add(
            format!("{place}/work"),
            format!("work in the background is not modelled on {title}"),
            "write \"inline\", or leave it out",
        );
    }
}

/// Who is to try again cannot let the exception out. `own` are the settings of the consumer's system.
fn check_failure(list: &str, consumer: &Consumer, own: Option<&Named>, found: &mut Mistakes) {
    let failure = own.and_then(|own| own.get("failure"));
    if consumer.retry.is_some() && failure.is_some_and(|failure| failure == "raise") {
        found.add(
            format!("{list}/{}/failure", consumer.name),
            format!(
                "`{}` has a `retry`, and dies at the first failure",
                consumer.name
            ),
            "leave one of the two out",
        );
    }
}

/// What only logs can do: transactions of producers, and promises about what stands somewhere for good.
fn check_logs(system: SystemName, scene: &Scene, found: &mut Mistakes) {
    let (title, name) = (system.title(), system.name());
    for (at, producer) in scene.producers.iter().enumerate() {
        if producer.config.transactional_id.is_some() {
            found.add(
                format!("/producers/{at}/config/transactional.id"),
                format!("{title} has no transactions"),
                format!("remove it, or leave `{name}` out of `on`"),
            );
        }
        for (step, what) in producer.program.iter().enumerate() {
            if let ProducerStep::Begin | ProducerStep::Commit | ProducerStep::Abort = what {
                found.add(
                    format!("/producers/{at}/program/{step}"),
                    format!("{title} has no transactions"),
                    format!("remove the step, or leave `{name}` out of `on`"),
                );
            }
        }
    }
    for (at, promise) in scene.promises.iter().enumerate() {
        if let Condition::NoGhost { .. }
        | Condition::StoredOnce(_)
        | Condition::NoneAborted
        | Condition::AllStored(_) = promise.that
        {
            found.add(
                format!("/promises/{at}/that"),
                "a queue forgets what was deleted from it, so this cannot be promised of one",
                format!("promise what is done instead, such as \"nothing_lost\", or leave `{name}` out of `on`"),
            );
        }
    }
}
