//! The exchanges, queues and bindings of a scene that begins.

use super::message::Message;
use super::{
    Answer, BasicPublish, Bind, Broker, ExchangeDeclare, Fact, Method, QueueDeclare, Request,
    Settings,
};
use crate::party::Caller;
use crate::server::{Opens, Out, Server};
use explore::time::Instant;
use std::sync::Arc;

/// Who sets a broker up and fills its queues: nobody of the scene.
const OPERATOR: Caller = Caller {
    client: u8::MAX,
    connection: 0,
};

/// What a broker is made of before anything happens, each in the order in which it is declared.
#[derive(Clone, Debug, Default)]
pub struct Opening {
    /// The broker's settings.
    pub settings: Settings,
    /// One that others name (as their alternate exchange) may stand behind them.
    pub exchanges: Vec<ExchangeDeclare>,
    /// Its queues.
    pub queues: Vec<QueueDeclare>,
    /// What leads from an exchange to a queue.
    pub bindings: Vec<Bind>,
    /// What was published, in order.
    pub sent: Vec<BasicPublish>,
}

impl Opening {
    /// A broker with exchanges, queues and bindings and no message, and what it refused: what was asked, and
    /// why not.
    pub fn broker(&self) -> (Broker, Vec<(Method, String)>) {
        let mut broker = Broker::new(self.settings.clone());
        let mut refused = Vec::new();
        let exchanges = self.exchanges.iter().cloned().map(Method::ExchangeDeclare);
        let queues = self.queues.iter().cloned().map(Method::QueueDeclare);
        let bindings = self.bindings.iter().cloned().map(Method::QueueBind);
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

    /// By message: the queues that such a broker brings it to.
    pub fn routes(&self, messages: &[BasicPublish]) -> Vec<Vec<Arc<str>>> {
        let (broker, _) = self.broker();
        let route = |publish: &BasicPublish| {
            let message = Message::published(
                None,
                Arc::clone(&publish.exchange),
                Arc::clone(&publish.routing_key),
                publish.properties.clone(),
                Arc::clone(&publish.body),
                self.settings.version,
            );
            let exchanges = broker.exchanges();
            let queues = message.map(|message| exchanges.route(&publish.exchange, &message));
            queues.map_or_else(|_| Vec::new(), |queues| queues.into_iter().collect())
        };
        messages.iter().map(route).collect()
    }
}

impl Opens for Broker {
    type Opening = Opening;

    /// Where each message was brought is told; that channels were opened for it is not.
    fn open(opening: &Opening, tell: &mut dyn FnMut(Fact)) -> Broker {
        let (mut broker, _) = opening.broker();
        for publish in &opening.sent {
            let (_, facts) = ask(&mut broker, Method::BasicPublish(publish.clone()));
            let is_told = |fact: &Fact| !matches!(fact, Fact::ChannelOpened { .. });
            facts.into_iter().filter(is_told).for_each(&mut *tell);
        }
        broker
    }
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
