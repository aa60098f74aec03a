//! What a RabbitMQ broker is made of before anything happens: exchanges, queues and what binds them.

use super::RecordPlan;
use crate::scene::Scene;
use std::sync::Arc;
use systems::rabbitmq::{
    Answer, Arguments, BasicPublish, Bind, Broker, ExchangeDeclare, Fact, Message, Method,
    Properties, QueueDeclare, Request, Settings, Table,
};
use systems::{Caller, Instant, Out, Server};

/// Who sets a broker up and fills its queues: nobody of the scene.
const OPERATOR: Caller = Caller {
    client: u8::MAX,
    connection: 0,
};

/// An exchange.
#[derive(Clone, Debug)]
pub struct ExchangePlan {
    /// Its name.
    pub name: Arc<str>,
    /// `direct`, `fanout` or `topic`.
    pub kind: Arc<str>,
    /// Where it sends what it has no binding for.
    pub alternate: Option<Arc<str>>,
}

/// A binding.
#[derive(Clone, Debug)]
pub struct Bound {
    /// From which exchange.
    pub exchange: Arc<str>,
    /// To which queue.
    pub queue: Arc<str>,
    /// With which key.
    pub key: Arc<str>,
}

/// All of them.
#[derive(Clone, Debug, Default)]
pub struct Topology {
    /// The broker's settings.
    pub settings: Settings,
    /// By number.
    pub exchanges: Vec<ExchangePlan>,
    /// Each with its arguments.
    pub queues: Vec<(Arc<str>, Arguments)>,
    /// In order.
    pub bindings: Vec<Bound>,
    /// By record: the queues that it is brought to.
    pub routes: Vec<Vec<Arc<str>>>,
}

impl Topology {
    /// A broker with all of it, and what it refused: what was asked, and why not.
    pub(crate) fn broker(&self) -> (Broker, Vec<(Method, String)>) {
        let mut broker = Broker::new(self.settings.clone());
        let mut refused = Vec::new();
        let exchanges = self.exchanges.iter().map(|plan| {
            Method::ExchangeDeclare(ExchangeDeclare {
                alternate_exchange: plan.alternate.clone(),
                ..ExchangeDeclare::new(Arc::clone(&plan.name), Arc::clone(&plan.kind))
            })
        });
        let queues = self.queues.iter().map(|(name, arguments)| {
            Method::QueueDeclare(QueueDeclare {
                arguments: arguments.clone(),
                ..QueueDeclare::new(Arc::clone(name))
            })
        });
        let bindings = self.bindings.iter().map(|bound| {
            Method::QueueBind(Bind {
                destination: Arc::clone(&bound.queue),
                source: Arc::clone(&bound.exchange),
                routing_key: Arc::clone(&bound.key),
                arguments: Table::new(),
            })
        });
        for method in exchanges.chain(queues).chain(bindings) {
            let (answers, _) = ask(&mut broker, method.clone());
            refused.extend(answers.into_iter().filter_map(|answer| match answer {
                Answer::ChannelClose(why) | Answer::ConnectionClose(why) => {
                    Some((method.clone(), why.text.to_string()))
                }
                _ => None,
            }));
        }
        (broker, refused)
    }

    /// The same, knowing where each record goes.
    pub(super) fn with_routes(mut self, scene: &Scene, records: &[RecordPlan]) -> Topology {
        let (broker, _) = self.broker();
        let route = |record: &RecordPlan| {
            let topic = scene.topics.get(usize::from(record.partition.topic.0));
            let exchange = topic.map_or("", |topic| topic.name.as_str());
            let key = record.key.as_deref().unwrap_or(exchange);
            let version = self.settings.version;
            let properties = Properties::default();
            let message = Message::published(
                None,
                exchange.into(),
                key.into(),
                properties,
                "".into(),
                version,
            );
            let queues = message.map(|message| broker.exchanges().route(exchange, &message));
            queues.map_or_else(|_| Vec::new(), |queues| queues.into_iter().collect())
        };
        self.routes = records.iter().map(route).collect();
        self
    }
}

/// Fills a broker: what was told of it.
pub(crate) fn fill(broker: &mut Broker, publish: BasicPublish) -> Vec<Fact> {
    ask(broker, Method::BasicPublish(publish)).1
}

/// One method on a connection of its own, which is over then.
fn ask(broker: &mut Broker, method: Method) -> (Vec<Answer>, Vec<Fact>) {
    let now = Instant(0);
    let mut out = Out::default();
    for method in [Method::ChannelOpen, method] {
        let request = Request {
            channel: 1,
            method: Box::new(method),
        };
        broker.handle(now, OPERATOR, request, &mut out);
    }
    broker.disconnect(now, OPERATOR, &mut Out::default());
    let answers = out.to.into_iter().map(|(_, reply)| *reply.answer);
    (answers.collect(), out.facts)
}
