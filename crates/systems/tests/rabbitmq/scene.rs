//! A broker with the clients of a test.

use std::sync::Arc;
use systems::rabbitmq::{
    Acknowledging, Answer, Arguments, BasicConsume, BasicPublish, Bind, Broker, Delivery,
    ExchangeDeclare, Fact, Method, Properties, QueueDeclare, Request, Settings, Table, Version,
};
use systems::{Caller, Instant, Out, RecordId, Server, Span};

/// A broker with the clients of a test; each has a connection and as many channels as it uses.
#[derive(Clone)]
pub struct Scene {
    pub broker: Broker,
    pub now: Instant,
    /// All that was said, to whom and on which channel.
    pub said: Vec<(u8, u16, Answer)>,
    pub facts: Vec<Fact>,
}

impl Scene {
    pub fn new(version: Version) -> Scene {
        Scene::with(Settings {
            version,
            ..Settings::default()
        })
    }

    pub fn with(settings: Settings) -> Scene {
        Scene {
            broker: Broker::new(settings),
            now: Instant(0),
            said: Vec::new(),
            facts: Vec::new(),
        }
    }

    pub fn caller(client: u8) -> Caller {
        Caller {
            client,
            connection: 1,
        }
    }

    fn keep(&mut self, out: Out<Broker>) -> Vec<Answer> {
        self.facts.extend(out.facts);
        let mut answers = Vec::new();
        for (to, reply) in out.to {
            let answer = *reply.answer;
            answers.push(answer.clone());
            self.said.push((to.client, reply.channel, answer));
        }
        answers
    }

    /// A method on a channel; opens it first where that is needed. Returns all that is said.
    pub fn on(&mut self, client: u8, channel: u16, method: Method) -> Vec<Answer> {
        let caller = Scene::caller(client);
        let owner = systems::rabbitmq::connection::Owner { caller, channel };
        let mut out = Out::default();
        if self.broker.connections().channel(owner).is_none() {
            let method = Method::ChannelOpen.into();
            self.broker
                .handle(self.now, caller, Request { channel, method }, &mut out);
            out.to.clear();
        }
        let method = method.into();
        self.broker
            .handle(self.now, caller, Request { channel, method }, &mut out);
        self.keep(out)
    }

    /// A method on the client's first channel.
    pub fn ask(&mut self, client: u8, method: Method) -> Vec<Answer> {
        self.on(client, 1, method)
    }

    /// The first answer must be no error.
    pub fn ok(&mut self, client: u8, method: Method) {
        let answers = self.ask(client, method);
        let is_error = |answer: &&Answer| {
            matches!(answer, Answer::ChannelClose(_) | Answer::ConnectionClose(_))
        };
        assert_eq!(answers.iter().find(is_error), None);
    }

    /// The text of the error that a method causes; its channel can be used again.
    pub fn error(&mut self, client: u8, method: Method) -> String {
        let answers = self.ask(client, method);
        for answer in answers {
            match answer {
                Answer::ChannelClose(exception) => {
                    self.ask(client, Method::ChannelCloseOk);
                    return format!("{} {}", exception.code.number(), exception.text);
                }
                Answer::ConnectionClose(exception) => {
                    return format!("{} {}", exception.code.number(), exception.text);
                }
                _ => {}
            }
        }
        "no error".to_owned()
    }

    /// A queue with arguments, as `declare` would be given them.
    pub fn queue(&mut self, name: &str, arguments: &[(&str, serde_json::Value)]) {
        let method = Method::QueueDeclare(queue(name, arguments));
        self.ok(9, method);
    }

    pub fn exchange(&mut self, name: &str, kind: &str) {
        self.ok(9, Method::ExchangeDeclare(ExchangeDeclare::new(name, kind)));
    }

    pub fn bind(&mut self, exchange: &str, key: &str, queue: &str) {
        self.ok(9, Method::QueueBind(bind(exchange, key, queue)));
    }

    /// Publishes a body by the default exchange.
    pub fn send(&mut self, queue: &str, body: &str) {
        self.ok(8, Method::BasicPublish(BasicPublish::new("", queue, body)));
    }

    pub fn send_with(&mut self, queue: &str, body: &str, properties: Properties) {
        let publish = BasicPublish {
            properties,
            ..BasicPublish::new("", queue, body)
        };
        self.ok(8, Method::BasicPublish(publish));
    }

    /// What `basic.get` hands out.
    pub fn get(&mut self, client: u8, queue: &str) -> Option<Delivery> {
        self.get_as(client, queue, Acknowledging::Manual)
    }

    pub fn get_as(&mut self, client: u8, queue: &str, how: Acknowledging) -> Option<Delivery> {
        let method = Method::BasicGet {
            queue: queue.into(),
            acknowledging: how,
        };
        match self.ask(client, method).into_iter().next() {
            Some(Answer::BasicGetOk { delivery, .. }) => Some(delivery),
            Some(Answer::BasicGetEmpty) => None,
            other => panic!("{other:?}"),
        }
    }

    /// The bodies that a queue has, taken out of it.
    pub fn bodies(&mut self, queue: &str) -> Vec<String> {
        let mut bodies = Vec::new();
        while let Some(delivery) = self.get_as(9, queue, Acknowledging::Automatic) {
            bodies.push(delivery.message.body.to_string());
        }
        bodies
    }

    pub fn consume(&mut self, client: u8, queue: &str, prefetch_count: u16) {
        let global = false;
        self.ok(
            client,
            Method::BasicQos {
                prefetch_count,
                global,
            },
        );
        let tag = format!("c{client}");
        self.ok(client, Method::BasicConsume(BasicConsume::new(queue, tag)));
    }

    /// What was delivered to a client since somebody last asked.
    pub fn deliveries(&mut self, client: u8) -> Vec<Delivery> {
        let mut got = Vec::new();
        self.said.retain(|(to, _, answer)| match answer {
            Answer::BasicDeliver { delivery, .. } if *to == client => {
                got.push(delivery.clone());
                false
            }
            _ => true,
        });
        got
    }

    /// The bodies of that.
    pub fn delivered(&mut self, client: u8) -> Vec<String> {
        let got = self.deliveries(client);
        got.iter().map(|one| one.message.body.to_string()).collect()
    }

    pub fn ack(&mut self, client: u8, delivery_tag: u64) {
        let multiple = false;
        self.ok(
            client,
            Method::BasicAck {
                delivery_tag,
                multiple,
            },
        );
    }

    pub fn nack(&mut self, client: u8, delivery_tag: u64, requeue: bool) {
        let multiple = false;
        self.ok(
            client,
            Method::BasicNack {
                delivery_tag,
                multiple,
                requeue,
            },
        );
    }

    /// Time passes up to `ms`, and what is due happens.
    pub fn until(&mut self, ms: u64) {
        let end = Instant(0) + Span::from_ms(ms);
        while let Some((at, due)) = self.broker.next_due().filter(|(at, _)| *at <= end) {
            self.now = self.now.max(at);
            let mut out = Out::default();
            self.broker.fire(self.now, due, &mut out);
            self.keep(out);
        }
        self.now = end;
    }

    pub fn lose(&mut self, client: u8) {
        let mut out = Out::default();
        self.broker
            .disconnect(self.now, Scene::caller(client), &mut out);
        self.keep(out);
    }

    /// Ready and unacknowledged messages of a queue.
    pub fn counts(&self, queue: &str) -> (usize, usize) {
        let queue = self.broker.queues().by_name.get(queue);
        queue.map_or((0, 0), |queue| (queue.ready.len(), queue.held.len()))
    }
}

pub fn queue(name: &str, arguments: &[(&str, serde_json::Value)]) -> QueueDeclare {
    let mut given = Arguments::default();
    for (argument, value) in arguments {
        given.set(argument, value).expect("an argument of a queue");
    }
    QueueDeclare {
        arguments: given,
        ..QueueDeclare::new(name)
    }
}

pub fn bind(source: &str, key: &str, destination: &str) -> Bind {
    Bind {
        destination: destination.into(),
        source: source.into(),
        routing_key: key.into(),
        arguments: Table::new(),
    }
}

pub fn record(number: u16) -> Option<RecordId> {
    Some(RecordId(number))
}

pub fn texts(list: &[&str]) -> Vec<Arc<str>> {
    list.iter().map(|text| (*text).into()).collect()
}
