//! How a scene begins: its broker, with the records that are there before anything happens.

use crate::cast::libraries::{entry, record as written};
use crate::cast::{Cast, ClientId, ConsumerId, Party, RecordId, Setup};
use crate::client::Process;
use crate::fact::{Fact, kafka, sqs};
use crate::slot::Slot;
use crate::time::Instant;
use crate::trace::{Cause, Entry, Sink};
use std::sync::Arc;
use systems::broker::Broker;
use systems::kafka::log::record::Batch;
use systems::kafka::settings::TransactionVersion;
use systems::sqs::{Request, Service, Sqs};
use systems::{Caller, Out, Server};

/// Who sets queues up and fills them: nobody of the scene.
const OPERATOR: Caller = Caller {
    client: u8::MAX,
    connection: 0,
};

/// The broker at the beginning of the scene. What stands in it is told.
pub(super) fn broker(cast: &Cast, sink: &mut impl Sink) -> Broker {
    match &cast.setup {
        Setup::Kafka => Broker::Kafka(kafka_broker(cast, sink)),
        Setup::Sqs(queues) => Broker::Sqs(sqs_queues(cast, queues, sink)),
    }
}

/// Everybody's process, before it begins: by client.
pub(super) fn processes(cast: &Cast) -> Vec<Slot<Process>> {
    let consumers = cast.consumers.iter().enumerate();
    let consumers = consumers.map(|(at, plan)| Process::consumer(ConsumerId(at as u8), plan));
    let producers = (cast.consumers.len()..).zip(&cast.producers);
    let producers = producers.map(|(at, plan)| Process::producer_of(ClientId(at as u8), plan));
    consumers.chain(producers).map(Slot::new).collect()
}

fn tell(fact: Fact, sink: &mut impl Sink) {
    sink.note(Entry {
        at: Instant(0),
        by: Party::Broker,
        cause: Cause(None),
        fact,
    });
}

/// The records that stand somewhere before anything happens.
fn there(cast: &Cast) -> impl Iterator<Item = RecordId> + '_ {
    cast.told().filter(|record| !cast.records[record.at()].sent)
}

fn kafka_broker(cast: &Cast, sink: &mut impl Sink) -> systems::kafka::Broker {
    let settings = Arc::clone(&cast.settings);
    let mut broker = systems::kafka::Broker::new(settings, cast.groups.len() as u8);
    for plan in &cast.topics {
        broker.add_topic(&plan.name, plan.partitions);
    }
    for record in there(cast) {
        let partition = cast.records[record.at()].partition;
        let batch = Batch::plain(vec![written(record, &cast.records[record.at()])]);
        let version = TransactionVersion::V2;
        if let Ok(appended) = broker.append(Instant(0).into(), partition, &batch, version) {
            let offset = appended.first;
            let fact = kafka::Fact::Appended {
                partition,
                offset,
                record,
            };
            tell(Fact::Kafka(fact), sink);
        }
    }
    broker
}

/// Every subscription has a queue of its own, with a copy of each record of its channels.
fn sqs_queues(cast: &Cast, queues: &[crate::cast::QueuePlan], sink: &mut impl Sink) -> Sqs {
    let mut sqs = Sqs::new(Service::default());
    let mut ask = |request| {
        let mut out = Out::default();
        sqs.handle(Instant(0), OPERATOR, request, &mut out);
        for fact in out.facts {
            if matches!(fact, sqs::Fact::Sent { .. }) {
                tell(Fact::Sqs(fact), sink);
            }
        }
    };
    for queue in queues {
        ask(Request::CreateQueue {
            name: Arc::clone(&queue.name),
            attributes: queue.attributes.clone(),
        });
    }
    for queue in queues {
        for record in there(cast) {
            let plan = &cast.records[record.at()];
            let topic = plan.partition.topic;
            if !queue.topics.contains(&topic) {
                continue;
            }
            ask(Request::SendMessage {
                queue: Arc::clone(&queue.name),
                message: entry(record, plan, &cast.topic_name(topic), queue.fifo),
            });
        }
    }
    sqs
}
