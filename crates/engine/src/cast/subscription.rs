//! Who shares what: the members of a subscription, what it is handed, and what its work is.

use super::{Action, Cast, ClientId, ConsumerId, RecordId, ServiceId};
use systems::kafka::log::Isolation;
use systems::kafka::transaction::TransactionalId;
use systems::kafka::{GroupId, Partition, TopicId};

impl Cast {
    /// All subscriptions.
    pub fn subscriptions(&self) -> impl Iterator<Item = GroupId> + use<> {
        (0..self.groups.len()).map(|at| GroupId(at as u8))
    }

    /// The consumers that share a subscription.
    pub fn members(&self, of: GroupId) -> impl Iterator<Item = ConsumerId> + '_ {
        let all = self.consumers.iter().enumerate();
        all.filter(move |(_, plan)| plan.group == of)
            .map(|(at, _)| ConsumerId(at as u8))
    }

    /// Whether a record is for a subscription: one of its members subscribes to the record's channel.
    pub fn is_for(&self, of: GroupId, record: RecordId) -> bool {
        let topic = self.records[record.at()].partition.topic;
        self.members(of)
            .any(|id| self.consumers[id.at()].topics.contains(&topic))
            && self.is_routed_to(of, record)
    }

    /// Whether the system brings the records of a channel to this subscription. Only RabbitMQ chooses; what it
    /// brings to no queue is owed to all of them.
    fn is_routed_to(&self, of: GroupId, record: RecordId) -> bool {
        let queues = self.routes.get(record.at());
        let own = self.queue_of(of);
        queues.is_none_or(|queues| {
            queues.is_empty() || queues.iter().any(|queue| Some(&**queue) == own)
        })
    }

    /// All records there are or can be, those that handlers publish too.
    pub fn all_records(&self) -> impl Iterator<Item = RecordId> + use<> {
        (0..self.records.len()).map(|at| RecordId(at as u16))
    }

    /// The services whose work is the work of a subscription: those that its members' steps send to; all
    /// of the scene's, where a member's handler is a program. None: its work is done when a handler is
    /// through.
    pub fn work_of(&self, of: GroupId) -> Vec<ServiceId> {
        let mut found = Vec::new();
        for id in self.members(of) {
            let plan = &self.consumers[id.at()];
            let own: Vec<ServiceId> = match plan.code {
                Some(_) => (0..self.services.len())
                    .map(|at| ServiceId(at as u8))
                    .collect(),
                None => {
                    let sends = plan.handler.iter().filter_map(|action| match action {
                        Action::Send(service) => Some(*service),
                        _ => None,
                    });
                    sends.collect()
                }
            };
            for service in own {
                if !found.contains(&service) {
                    found.push(service);
                }
            }
        }
        found
    }

    /// The partitions that a subscription reads, each once.
    pub fn read_by(&self, of: GroupId) -> Vec<Partition> {
        let mut topics: Vec<TopicId> = Vec::new();
        for id in self.members(of) {
            for topic in &self.consumers[id.at()].topics {
                if !topics.contains(topic) {
                    topics.push(*topic);
                }
            }
        }
        let partitions = topics.into_iter().map(|topic| self.partitions(topic));
        partitions.flatten().collect()
    }

    /// Which records are for a subscription's members on Kafka: `isolation.level` of the first of them.
    pub fn isolation_of(&self, of: GroupId) -> Isolation {
        let first = self.members(of).next();
        let plan = first.and_then(|id| self.consumers[id.at()].inbox.kafka());
        plan.map_or_else(Isolation::default, |plan| {
            plan.config.isolation_level.into()
        })
    }

    /// The queue of a subscription, on Amazon SQS and RabbitMQ.
    pub fn queue_of(&self, of: GroupId) -> Option<&str> {
        let first = self.members(of).next()?;
        self.consumers[first.at()].queue()
    }

    /// The transactional id of a client's producer, if it has one.
    pub fn transactional_id(&self, id: ClientId) -> Option<TransactionalId> {
        self.outbox_of(id)?.kafka()?.config.transactional_id
    }
}
