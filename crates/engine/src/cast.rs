//! Everybody in a scene, by number. Inside the world there are only numbers; names stand here.

mod configured;
pub(crate) mod libraries;
mod names;
mod plan;
mod subscription;

pub use plan::{
    Action, ConsumerPlan, FailurePlan, FaultPlan, Last, ProducerAction, ProducerPlan, RecordPlan,
    ServicePlan, TablePlan, TopicPlan, Trigger,
};

pub use configured::Configured;
pub use names::{nth, process_name};

use crate::handler::{Handler, Value};
use crate::scene::{Budget, Listing, Mistake, Promise, Scene, When};
use crate::time::{Instant, Span};
use explore::Weigh;
use libraries::Libraries;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use systems::SystemName;
use systems::broker::{Opening, OutboxPlan};
use systems::kafka::{GroupId, Partition, TopicId};

pub use systems::{ClientId, ConsumerId, RecordId, ServiceId, TableId};

/// A producer of the scene. What the broker calls a producer id is another thing.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Weigh,
)]
pub struct ProducerNr(pub u8);

impl ProducerNr {
    /// The number as a place in a list.
    pub const fn at(self) -> usize {
        self.0 as usize
    }
}

/// Somebody at whom something can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Party {
    /// The broker.
    Broker,
    /// A consumer.
    Consumer(ConsumerId),
    /// A producer.
    Producer(ProducerNr),
    /// A service.
    Service(ServiceId),
    /// A table.
    Table(TableId),
}

/// A checked scene.
#[derive(Clone, Debug)]
pub struct Cast {
    /// The scene's id.
    pub scene: String,
    /// The scene's version.
    pub version: u32,
    /// Where the numbers that look random begin.
    pub seed: u64,
    /// The broker's name.
    pub broker: String,
    /// What the broker is made of.
    pub opening: Opening,
    /// By record: the queues that the broker brings it to. Empty on a system that does not choose.
    pub routes: Vec<Vec<Arc<str>>>,
    /// What the terminal of a scene on RabbitMQ lists.
    pub listings: Vec<Listing>,
    /// The settings that the broker, each topic and each client are asked for by name.
    pub configured: Configured,
    /// By number.
    pub consumers: Vec<ConsumerPlan>,
    /// By number.
    pub producers: Vec<ProducerPlan>,
    /// By number.
    pub transactional_ids: Vec<String>,
    /// By number.
    pub services: Vec<ServicePlan>,
    /// By number.
    pub tables: Vec<TablePlan>,
    /// By number.
    pub topics: Vec<TopicPlan>,
    /// By number.
    pub groups: Vec<String>,
    /// By number.
    pub records: Vec<RecordPlan>,
    /// In order.
    pub faults: Vec<FaultPlan>,
    /// The shortest and the longest way of a message, in microseconds.
    pub latency_us: (u64, u64),
    /// The most steps of a run.
    pub steps_max: u32,
    /// The latest instant of a run.
    pub ends: Instant,
    /// What is promised.
    pub promises: Vec<Promise>,
    /// How far every schedule is tried.
    pub budget: Budget,
}

impl Cast {
    /// Numbers everybody in the scene as told; use [`Scene::with`] first for other settings.
    ///
    /// # Errors
    /// All of the scene's mistakes.
    pub fn new(scene: &Scene) -> Result<Arc<Cast>, Vec<Mistake>> {
        let mistakes = scene.mistakes();
        if mistakes.is_empty() {
            Ok(Cast::of_checked(scene))
        } else {
            Err(mistakes)
        }
    }

    /// The cast of a scene that was checked before, with all its settings: by whoever built the
    /// page that it stands in. The check is a good part of what a player would have to load.
    ///
    /// # Panics
    /// Not here; but a run of a scene that has mistakes may.
    pub fn of_checked(scene: &Scene) -> Arc<Cast> {
        let mut groups: Vec<String> = Vec::new();
        for consumer in &scene.consumers {
            if !groups.contains(&consumer.group) {
                groups.push(consumer.group.clone());
            }
        }
        // The scene has no mistakes, so every name is there.
        fn place<'a>(mut names: impl Iterator<Item = &'a String>, name: &str) -> u8 {
            names.position(|other| other == name).unwrap_or(0) as u8
        }
        let table = |name: &str| TableId(place(scene.tables.iter().map(|one| &one.name), name));
        let service =
            |name: &str| ServiceId(place(scene.services.iter().map(|one| &one.name), name));
        let topic = |name: &str| TopicId(place(scene.topics.iter().map(|one| &one.name), name));
        let clients = || {
            let consumers = scene.consumers.iter().map(|one| &one.name);
            consumers.chain(scene.producers.iter().map(|one| &one.name))
        };
        let client = |name: &str| ClientId(place(clients(), name));
        let ms = |ms: u32| Span::from_ms(ms.into());
        let one_way = |latency_ms: u32| Span(u64::from(latency_ms) * 500);
        let records = plan::records(scene);
        let mut libraries = Libraries::of(scene, &records);
        let producers = plan::producers(scene, &records, &mut libraries);
        let consumers: Vec<ConsumerPlan> = scene
            .consumers
            .iter()
            .map(|one| {
                let group = GroupId(place(groups.iter(), &one.group));
                let topics: Vec<_> = one.topics.iter().map(|name| topic(name)).collect();
                (one, group, topics)
            })
            .map(|(one, group, topics)| ConsumerPlan {
                name: one.name.clone(),
                group,
                inbox: libraries.inbox(one, group, &topics),
                topics,
                start: Instant(0) + ms(one.start_ms),
                restart: one.restart_ms.map(ms),
                handler: one
                    .handler
                    .iter()
                    .map(|step| plan::action(step, table, service, topic, &records))
                    .collect(),
                failure: plan::failure(scene, one, topic),
                code: None,
                commit: one.commit,
                work: one.work,
                outbox: libraries.outbox_of(one),
            })
            .collect();
        let opening = libraries.opening(&groups, &consumers, &records);
        Arc::new(Cast {
            scene: scene.id.clone(),
            version: scene.version,
            seed: scene.seed,
            broker: scene.broker_name().to_owned(),
            routes: libraries.routes(&opening),
            opening,
            listings: scene.on_rabbitmq().listings(),
            configured: configured::of(scene),
            consumers,
            producers,
            transactional_ids: libraries.transactional_ids,
            services: scene
                .services
                .iter()
                .map(|one| ServicePlan {
                    name: one.name.clone(),
                    noun: one.noun.clone(),
                    done: one.done.clone(),
                    one_way: one_way(one.latency_ms),
                })
                .collect(),
            tables: scene
                .tables
                .iter()
                .map(|one| TablePlan {
                    name: one.name.clone(),
                    one_way: one_way(one.latency_ms),
                    ttl: one.ttl_ms.map(ms),
                })
                .collect(),
            topics: scene
                .topics
                .iter()
                .map(|one| TopicPlan {
                    name: one.name.clone(),
                    partitions: one.partitions,
                    published: one.published,
                })
                .collect(),
            records,
            faults: scene
                .faults
                .iter()
                .map(|fault| FaultPlan {
                    verb: fault.verb,
                    to: client(&fault.to),
                    when: match fault.when {
                        When::AtMs(at) => Trigger::At(Instant(0) + ms(at)),
                        When::AfterMs(later) => Trigger::Later(ms(later)),
                        When::Before(moment) => Trigger::Before(moment),
                        When::After(moment) => Trigger::After(moment),
                    },
                })
                .collect(),
            latency_us: (
                scene.network.latency_us.0.into(),
                scene.network.latency_us.1.into(),
            ),
            groups,
            steps_max: scene.bounds.steps,
            ends: Instant(0) + ms(scene.bounds.time_ms),
            promises: scene.promises.clone(),
            budget: scene.explore.clone(),
        })
    }

    /// The same cast, in which these consumers handle their records with a program.
    #[must_use]
    pub fn with_handler(&self, consumers: &[ConsumerId], code: &Arc<dyn Handler>) -> Arc<Cast> {
        let mut cast = self.clone();
        for id in consumers {
            if let Some(plan) = cast.consumers.get_mut(id.at()) {
                plan.code = Some(Arc::clone(code));
            }
        }
        Arc::new(cast)
    }

    /// The system that the scene runs on.
    pub const fn system(&self) -> SystemName {
        self.opening.system()
    }

    /// Whether a record that stands nowhere stood in a log whose old segments are deleted: it was there at the
    /// beginning, or its producer knows that it was stored. Of what handlers publish nobody remembers that.
    pub(crate) fn can_be_deleted(
        &self,
        record: RecordId,
        is_known: impl FnOnce(RecordId) -> bool,
    ) -> bool {
        let (Opening::Kafka(opening), Some(plan)) = (&self.opening, self.records.get(record.at()))
        else {
            return false;
        };
        let topic = plan.partition.topic;
        let (_, _, config) = &opening.topics[usize::from(topic.0)];
        opening.settings.looked_after.contains(&topic)
            && config.cleanup.delete
            && !config.cleanup.compact
            && plan.of.is_none()
            && (!plan.sent || is_known(record))
    }

    /// The subscription whose queue has this name.
    pub fn group_of_queue(&self, queue: &str) -> Option<GroupId> {
        let mut consumers = self.consumers.iter();
        let its = |plan: &&ConsumerPlan| plan.queue().is_some_and(|own| *own == *queue);
        consumers.find(its).map(|plan| plan.group)
    }

    /// Everybody, in a fixed order: producers, the broker, consumers, services, tables.
    pub fn parties(&self) -> impl Iterator<Item = Party> + '_ {
        let producers = (0..self.producers.len()).map(|at| Party::Producer(ProducerNr(at as u8)));
        let consumers = (0..self.consumers.len()).map(|at| Party::Consumer(ConsumerId(at as u8)));
        let services = (0..self.services.len()).map(|at| Party::Service(ServiceId(at as u8)));
        let tables = (0..self.tables.len()).map(|at| Party::Table(TableId(at as u8)));
        producers
            .chain(std::iter::once(Party::Broker))
            .chain(consumers)
            .chain(services)
            .chain(tables)
    }

    /// All processes with a client.
    pub fn clients(&self) -> impl Iterator<Item = ClientId> + use<> {
        (0..self.consumers.len() + self.producers.len()).map(|at| ClientId(at as u8))
    }

    /// A producer as a client.
    pub fn client_of(&self, nr: ProducerNr) -> ClientId {
        ClientId((self.consumers.len() as u8).saturating_add(nr.0))
    }

    /// Who a client is.
    pub fn party_of(&self, id: ClientId) -> Party {
        match id.at().checked_sub(self.consumers.len()) {
            Some(nr) => Party::Producer(ProducerNr(nr as u8)),
            None => Party::Consumer(ConsumerId(id.0)),
        }
    }

    /// What the producer is that has this number among the clients.
    ///
    /// # Panics
    /// When it is none.
    pub fn producer(&self, id: ClientId) -> &ProducerPlan {
        &self.producers[id.at() - self.consumers.len()]
    }

    /// The subscription of a client that takes records.
    pub fn group_of(&self, id: ClientId) -> Option<GroupId> {
        Some(self.consumers.get(id.at())?.group)
    }

    /// After how long a client's process is started again when it has died.
    pub fn restart_of(&self, id: ClientId) -> Option<Span> {
        match self.consumers.get(id.at()) {
            Some(plan) => plan.restart,
            None => self.producer(id).restart,
        }
    }

    /// The sending half of a library in a client's process.
    pub fn outbox_of(&self, id: ClientId) -> Option<&OutboxPlan> {
        match self.consumers.get(id.at()) {
            Some(plan) => plan.outbox.as_ref(),
            None => Some(&self.producer(id).outbox),
        }
    }

    /// What a record says, as it stands in tables.
    pub fn text(&self, id: RecordId) -> Value {
        Value::Text(self.record_name(id).into())
    }

    /// The records of the scene itself, without what handlers publish.
    pub fn told(&self) -> impl Iterator<Item = RecordId> + '_ {
        self.records
            .iter()
            .enumerate()
            .filter(|(_, record)| record.of.is_none())
            .map(|(at, _)| RecordId(at as u16))
    }

    /// The event of a record in a topic that handlers publish to. What is published about an event is about the
    /// record that the event is of.
    pub fn event(&self, topic: TopicId, of: RecordId) -> Option<RecordId> {
        let of = self.records.get(of.at())?.of.unwrap_or(of);
        self.records
            .iter()
            .position(|record| record.partition.topic == topic && record.of == Some(of))
            .map(|at| RecordId(at as u16))
    }

    /// All partitions of a topic.
    pub fn partitions(&self, topic: TopicId) -> impl Iterator<Item = Partition> + use<> {
        let count = self
            .topics
            .get(usize::from(topic.0))
            .map_or(0, |one| one.partitions);
        (0..count).map(move |index| Partition { topic, index })
    }
}
