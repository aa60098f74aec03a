//! A recording's session: a broker at a virtual time, and its clients, each with a channel on a
//! connection of its own.

use super::answer;
use super::ops::{Ack, Binding, Declare, DeclareQueue, Delete, Op, Publish, Settle, Subscribe};
use crate::player::Player;
use crate::recording::{Recording, Step};
use crate::refusal::Refusal;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use systems::rabbitmq::{
    Acknowledging, Answer, Arguments, BasicConsume, BasicPublish, Bind, Broker, Delivery,
    ExchangeDeclare, Method, Offset, Properties, QueueDeclare, Request, Settings, value,
};
use systems::{Caller, Instant, Out, Server, Span};

/// The channel that every client uses.
const CHANNEL: u16 = 1;

/// The longest wait: a year.
const MAX_WAIT_MS: u64 = 366 * 86_400_000;

/// A client: its connection, if it has one, and what it has seen.
#[derive(Clone, Debug, Default)]
struct Client {
    number: u8,
    connections: u16,
    is_open: bool,
    confirms: bool,
    /// The deliveries since the last drain, with their bodies.
    inbox: Vec<(String, Value)>,
    cancelled: Vec<Value>,
    /// The tags of all deliveries of a body.
    tags: BTreeMap<String, Vec<u64>>,
    /// Names of consumers by their tags, where they have some.
    subs: BTreeMap<String, Option<String>>,
    latest_sub: Option<String>,
}

impl Client {
    const fn caller(&self) -> Caller {
        Caller {
            client: self.number,
            connection: self.connections,
        }
    }

    fn got(&mut self, delivery: &Delivery) {
        let tags = self.tags.entry(delivery.message.body.to_string());
        tags.or_default().push(delivery.delivery_tag);
    }
}

/// The session.
#[derive(Debug)]
pub struct Session {
    broker: Broker,
    now: Instant,
    clients: BTreeMap<String, Client>,
}

impl Session {
    /// A fresh broker at virtual time 0, of the version the recording is of.
    ///
    /// # Errors
    /// A version or a setting that the model does not know.
    pub fn begin(recording: &Recording) -> Result<Box<dyn Player>, Refusal> {
        let mut settings = Settings::default();
        let refused = |refused: systems::setting::Refused| Refusal::new(refused.to_string());
        let version = recording.system.split(' ').nth(1).unwrap_or_default();
        settings.set("version", &json!(version)).map_err(refused)?;
        for (name, value) in &recording.broker {
            settings.set(name, value).map_err(refused)?;
        }
        Ok(Box::new(Session::of(settings)))
    }

    /// A fresh broker with these settings.
    pub fn of(settings: Settings) -> Session {
        Session {
            broker: Broker::new(settings),
            now: Instant(0),
            clients: BTreeMap::new(),
        }
    }

    /// The broker.
    pub const fn broker(&self) -> &Broker {
        &self.broker
    }

    /// Passes on what the broker says; answers to `asker` are returned, deliveries are kept.
    fn absorb(&mut self, out: Out<Broker>, asker: Option<Caller>) -> Vec<Answer> {
        let mut answers = Vec::new();
        for (to, reply) in out.to {
            let mut clients = self.clients.values_mut();
            let Some(client) = clients.find(|one| one.caller() == to) else {
                continue;
            };
            match &reply.answer {
                Answer::BasicDeliver {
                    consumer_tag,
                    delivery,
                } => {
                    client.got(delivery);
                    let sub = client.subs.get(&**consumer_tag).cloned().flatten();
                    let told = answer::delivery(delivery, sub.as_deref());
                    let body = delivery.message.body.to_string();
                    client.inbox.push((body, Value::Object(told)));
                    continue;
                }
                Answer::BasicCancel { consumer_tag } => {
                    let sub = client.subs.get(&**consumer_tag).cloned().flatten();
                    let sub = sub.unwrap_or_else(|| consumer_tag.to_string());
                    client.cancelled.push(json!(sub));
                    continue;
                }
                Answer::BasicGetOk { delivery, .. } => client.got(delivery),
                Answer::ChannelClose(_) => {
                    client.is_open = false;
                    client.confirms = false;
                    let method = Method::ChannelCloseOk;
                    let channel = reply.channel;
                    let request = Request { channel, method };
                    // Nothing comes back.
                    self.broker
                        .handle(self.now, to, request, &mut Out::default());
                    let client = self.clients.values_mut().find(|one| one.caller() == to);
                    if let (Some(client), true) = (client, asker != Some(to)) {
                        client.latest_sub = None;
                    }
                }
                Answer::ConnectionClose(_) => {
                    client.is_open = false;
                    client.confirms = false;
                }
                _ => {}
            }
            if asker == Some(to) {
                answers.push(reply.answer);
            }
        }
        answers
    }

    fn client(&mut self, name: &str) -> Result<&mut Client, Refusal> {
        let many = || Refusal::new("a session has at most 255 clients");
        let number = u8::try_from(self.clients.len()).map_err(|_| many())?;
        let client = self.clients.entry(name.to_owned());
        Ok(client.or_insert_with(|| Client {
            number,
            ..Client::default()
        }))
    }

    /// One method of a client, whose channel is opened when it is not.
    fn ask(&mut self, name: &str, method: Method) -> Result<Vec<Answer>, Refusal> {
        let client = self.client(name)?;
        if !client.is_open {
            client.is_open = true;
            client.connections = client.connections.saturating_add(1);
            self.send(name, Method::ChannelOpen)?;
        }
        self.send(name, method)
    }

    fn send(&mut self, name: &str, method: Method) -> Result<Vec<Answer>, Refusal> {
        let caller = self.client(name)?.caller();
        let mut out = Out::default();
        let channel = CHANNEL;
        let request = Request { channel, method };
        self.broker.handle(self.now, caller, request, &mut out);
        Ok(self.absorb(out, Some(caller)))
    }

    /// One method, and what comes of it: an error, or what `read` makes of an answer.
    fn call(
        &mut self,
        name: &str,
        method: Method,
        read: impl Fn(&Answer) -> Option<Value>,
    ) -> Result<Value, Refusal> {
        let answers = self.ask(name, method)?;
        for one in &answers {
            match one {
                Answer::ChannelClose(exception) | Answer::ConnectionClose(exception) => {
                    return Ok(answer::error(exception));
                }
                one => {
                    if let Some(value) = read(one) {
                        return Ok(value);
                    }
                }
            }
        }
        Ok(json!({}))
    }

    fn fire_until(&mut self, end: Instant) {
        while let Some((at, due)) = self.broker.next_due().filter(|(at, _)| *at <= end) {
            self.now = self.now.max(at);
            let mut out = Out::default();
            self.broker.fire(self.now, due, &mut out);
            self.absorb(out, None);
        }
    }

    fn declare(&mut self, declare: Declare) -> Result<Value, Refusal> {
        match declare {
            Declare::Queue(queue) => {
                let client = queue.client.clone();
                let method = Method::QueueDeclare(queue_declare(*queue));
                self.call(&client, method, declared)
            }
            Declare::Exchange(one) => {
                let method = Method::ExchangeDeclare(ExchangeDeclare {
                    exchange: one.name.into(),
                    kind: one.exchange_type.into(),
                    passive: one.passive,
                    durable: one.durable,
                    auto_delete: one.auto_delete,
                    internal: one.internal,
                    alternate_exchange: one.alternate_exchange.map(Into::into),
                });
                self.call(&one.client, method, |_| None)
            }
        }
    }

    fn bind(&mut self, one: Binding, is_bind: bool) -> Result<Value, Refusal> {
        let mut arguments = value::table(&Value::Object(one.match_headers));
        if let Some(x_match) = &one.x_match {
            arguments.insert("x-match".into(), value::Value::of_json(x_match));
        }
        let is_queue = one.queue.is_some();
        let (Some(destination), false) = (
            one.queue.or(one.to_exchange.clone()),
            is_queue && one.to_exchange.is_some(),
        ) else {
            let cause = "a binding leads to one of `queue` and `to_exchange`";
            return Err(Refusal::new(cause));
        };
        let bind = Bind {
            destination: destination.into(),
            source: one.exchange.into(),
            routing_key: one.key.into(),
            arguments,
        };
        let method = match (is_bind, is_queue) {
            (true, true) => Method::QueueBind(bind),
            (true, false) => Method::ExchangeBind(bind),
            (false, true) => Method::QueueUnbind(bind),
            (false, false) => Method::ExchangeUnbind(bind),
        };
        self.call(&one.client, method, |_| None)
    }

    fn delete(&mut self, delete: Delete) -> Result<Value, Refusal> {
        match delete {
            Delete::Queue {
                name,
                if_unused,
                if_empty,
                client,
            } => {
                let method = Method::QueueDelete {
                    queue: name.into(),
                    if_unused,
                    if_empty,
                };
                self.call(&client, method, |answer| match answer {
                    Answer::QueueDeleteOk { message_count } => {
                        Some(json!({"deleted": message_count}))
                    }
                    _ => None,
                })
            }
            Delete::Exchange {
                name,
                if_unused,
                client,
            } => {
                let method = Method::ExchangeDelete {
                    exchange: name.into(),
                    if_unused,
                };
                self.call(&client, method, |_| None)
            }
        }
    }

    fn publish(&mut self, publish: Publish) -> Result<Value, Refusal> {
        let name = &publish.client;
        if !self.client(name)?.confirms {
            self.ask(name, Method::ConfirmSelect)?;
            self.client(name)?.confirms = true;
        }
        let message = BasicPublish {
            mandatory: publish.mandatory,
            properties: Properties {
                headers: value::table(&Value::Object(publish.headers)),
                priority: publish.priority,
                expiration: publish.ttl_ms,
                ..Properties::default()
            },
            ..BasicPublish::new(publish.exchange, publish.key, publish.msg)
        };
        self.call(name, Method::BasicPublish(message), |answer| match answer {
            Answer::BasicReturn { reason, .. } => Some(json!({
                "result": "returned",
                "code": reason.code.number(),
                "name": reason.code.name(),
            })),
            Answer::Confirmed { .. } => Some(json!({"result": "confirmed"})),
            Answer::Refused { .. } => Some(json!({"result": "rejected"})),
            _ => None,
        })
    }

    fn subscribe(&mut self, one: Subscribe) -> Result<Value, Refusal> {
        for (prefetch, global) in [(one.prefetch, false), (one.global_prefetch, true)] {
            if let Some(prefetch_count) = prefetch {
                let method = Method::BasicQos {
                    prefetch_count,
                    global,
                };
                self.ask(&one.client, method)?;
            }
        }
        let offset = match &one.offset {
            None => Offset::Next,
            Some(Value::String(word)) => match word.as_str() {
                "first" => Offset::First,
                "last" => Offset::Last,
                "next" => Offset::Next,
                other => {
                    let known = ["first", "last", "next"];
                    return Err(Refusal::unknown("offset", other, &known));
                }
            },
            Some(number) => match number.as_u64() {
                Some(number) => Offset::At(number),
                None => return Err(Refusal::new(format!("{number} is no offset"))),
            },
        };
        // The session names the consumer itself, so that it knows it before the first delivery.
        let client = self.client(&one.client)?;
        let tag = match &one.sub {
            Some(sub) => sub.clone(),
            None => format!("ctag{}.{}", client.number, client.subs.len()),
        };
        client.subs.insert(tag.clone(), one.sub.clone());
        client.latest_sub = Some(tag.clone());
        let method = Method::BasicConsume(BasicConsume {
            acknowledging: acknowledging(one.ack),
            exclusive: one.exclusive,
            priority: one.priority,
            offset,
            ..BasicConsume::new(one.queue, tag)
        });
        self.call(&one.client, method, |_| None)
    }

    fn unsubscribe(&mut self, name: &str, sub: Option<String>) -> Result<Value, Refusal> {
        let latest = self.client(name)?.latest_sub.clone();
        let Some(tag) = sub.or(latest) else {
            return Err(Refusal::new(format!("`{name}` has no subscription")));
        };
        let consumer_tag = tag.into();
        self.call(name, Method::BasicCancel { consumer_tag }, |_| None)
    }

    /// The delivery tag that a settling step means.
    fn tag(&mut self, settle: &Settle) -> Result<u64, Refusal> {
        let tags = self.client(&settle.client)?.tags.get(&settle.msg);
        let tags = tags.map(Vec::as_slice).unwrap_or_default();
        let tag = match settle.delivery {
            Some(number) => number.checked_sub(1).and_then(|at| tags.get(at)),
            None => tags.last(),
        };
        tag.copied().ok_or_else(|| {
            Refusal::new(format!(
                "`{}` has had no such delivery of {}",
                settle.client, settle.msg
            ))
        })
    }

    fn drain(&mut self, names: &[String], merge: bool) -> Result<Value, Refusal> {
        let mut deliveries = Map::new();
        let mut merged = Vec::new();
        let mut cancelled = Map::new();
        for name in names {
            let client = self.client(name)?;
            let (bodies, told): (Vec<_>, Vec<_>) = client.inbox.drain(..).unzip();
            merged.extend(bodies);
            deliveries.insert(name.clone(), Value::Array(told));
            let gone = std::mem::take(&mut client.cancelled);
            if !gone.is_empty() {
                cancelled.insert(name.clone(), Value::Array(gone));
            }
        }
        merged.sort();
        let mut all = match merge {
            true => json!({"merged": merged}),
            false => json!({"deliveries": deliveries}),
        };
        if !cancelled.is_empty() {
            all["cancelled"] = Value::Object(cancelled);
        }
        Ok(all)
    }

    fn crash(&mut self, name: &str) -> Result<Value, Refusal> {
        let client = self.client(name)?;
        let caller = client.caller();
        client.is_open = false;
        client.confirms = false;
        let mut out = Out::default();
        self.broker.disconnect(self.now, caller, &mut out);
        self.absorb(out, None);
        Ok(json!({}))
    }

    fn answer(&mut self, op: Op) -> Result<Value, Refusal> {
        match op {
            Op::Declare(declare) => self.declare(declare),
            Op::Bind(binding) => self.bind(binding, true),
            Op::Unbind(binding) => self.bind(binding, false),
            Op::Delete(delete) => self.delete(delete),
            Op::Publish(publish) => self.publish(publish),
            Op::Get { queue, client, ack } => {
                let method = Method::BasicGet {
                    queue: queue.into(),
                    acknowledging: acknowledging(ack),
                };
                self.call(&client, method, |answer| match answer {
                    Answer::BasicGetEmpty => Some(json!({"empty": true})),
                    Answer::BasicGetOk {
                        delivery,
                        message_count,
                    } => {
                        let mut told = answer::delivery(delivery, None);
                        told.insert("remaining".to_owned(), json!(message_count));
                        Some(Value::Object(told))
                    }
                    _ => None,
                })
            }
            Op::Subscribe(subscribe) => self.subscribe(subscribe),
            Op::Unsubscribe { client, sub } => self.unsubscribe(&client, sub),
            Op::Ack(settle) => {
                let method = Method::BasicAck {
                    delivery_tag: self.tag(&settle)?,
                    multiple: settle.multiple,
                };
                self.call(&settle.client, method, |_| None)
            }
            Op::Nack(settle) => {
                let method = Method::BasicNack {
                    delivery_tag: self.tag(&settle)?,
                    multiple: settle.multiple,
                    requeue: settle.requeue.unwrap_or(true),
                };
                self.call(&settle.client, method, |_| None)
            }
            Op::Reject(settle) => {
                let method = Method::BasicReject {
                    delivery_tag: self.tag(&settle)?,
                    requeue: settle.requeue.unwrap_or(true),
                };
                self.call(&settle.client, method, |_| None)
            }
            Op::Recover { client } => {
                let requeue = true;
                self.call(&client, Method::BasicRecover { requeue }, |_| None)
            }
            Op::Purge { queue, client } => {
                let queue = queue.into();
                let method = Method::QueuePurge { queue };
                self.call(&client, method, |answer| match answer {
                    Answer::QueuePurgeOk { message_count } => {
                        Some(json!({"purged": message_count}))
                    }
                    _ => None,
                })
            }
            Op::Depth { queue, client } => {
                let mut declare = QueueDeclare::new(queue);
                declare.passive = true;
                self.call(&client, Method::QueueDeclare(declare), declared)
            }
            Op::Crash { client } => self.crash(&client),
            Op::Drain { clients, merge } => self.drain(&clients, merge),
            Op::Wait { ms } if ms > MAX_WAIT_MS => Err(Refusal::new(format!(
                "a wait of {ms} ms is longer than {MAX_WAIT_MS} ms"
            ))),
            Op::Wait { ms } => {
                let end = self.now + Span::from_ms(ms);
                self.fire_until(end);
                self.now = end;
                Ok(json!({}))
            }
        }
    }
}

fn declared(answer: &Answer) -> Option<Value> {
    match answer {
        Answer::QueueDeclareOk {
            message_count,
            consumer_count,
            ..
        } => Some(json!({"ready": message_count, "consumers": consumer_count})),
        _ => None,
    }
}

const fn acknowledging(ack: Ack) -> Acknowledging {
    match ack {
        Ack::Manual => Acknowledging::Manual,
        Ack::Auto => Acknowledging::Automatic,
    }
}

fn queue_declare(queue: DeclareQueue) -> QueueDeclare {
    QueueDeclare {
        queue: queue.name.into(),
        passive: queue.passive,
        durable: queue.durable,
        exclusive: queue.exclusive,
        auto_delete: queue.auto_delete,
        arguments: Arguments {
            message_ttl: queue.message_ttl_ms,
            expires: queue.expires_ms,
            max_length: queue.max_length,
            max_length_bytes: queue.max_length_bytes,
            overflow: queue.overflow.map(Into::into),
            dead_letter_exchange: queue.dead_letter_exchange.map(Into::into),
            dead_letter_routing_key: queue.dead_letter_routing_key.map(Into::into),
            max_priority: queue.max_priority,
            queue_type: queue.queue_type.map(Into::into),
            delivery_limit: queue.delivery_limit,
            single_active_consumer: queue.single_active_consumer,
            consumer_timeout: None,
        },
    }
}

impl Player for Session {
    fn play(&mut self, step: &Step) -> Result<Value, Refusal> {
        let answer = self.answer(step.read()?)?;
        self.fire_until(self.now);
        Ok(answer)
    }
}
