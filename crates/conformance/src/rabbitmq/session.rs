//! A recording's session: a broker at a virtual time, and its clients, each with a channel on a
//! connection of its own.

#[cfg(test)]
mod tests;

use super::answer;
use super::ops::{Op, Settle};
use super::requests::{acknowledging, declared};
use crate::player::Player;
use crate::recording::{Recording, Step};
use crate::refusal::Refusal;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use systems::rabbitmq::{Answer, Broker, Delivery, Method, QueueDeclare, Request, Settings};
use systems::{Caller, Instant, Out, Server, Span};

/// The channel that every client uses.
const CHANNEL: u16 = 1;

/// The longest wait: a year.
const MAX_WAIT_MS: u64 = 366 * 86_400_000;

/// A client: its connection, if it has one, and what it has seen.
#[derive(Clone, Debug, Default)]
pub(super) struct Client {
    pub(super) number: u8,
    connections: u16,
    is_open: bool,
    pub(super) confirms: bool,
    /// The deliveries since the last drain, with their bodies.
    inbox: Vec<(String, Value)>,
    cancelled: Vec<Value>,
    /// The tags of all deliveries of a body.
    tags: BTreeMap<String, Vec<u64>>,
    /// Names of consumers by their tags, where they have some.
    pub(super) subs: BTreeMap<String, Option<String>>,
    pub(super) latest_sub: Option<String>,
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
            match &*reply.answer {
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
                    let method = Box::new(method);
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
                answers.push(*reply.answer);
            }
        }
        answers
    }

    pub(super) fn client(&mut self, name: &str) -> Result<&mut Client, Refusal> {
        let many = || Refusal::new("a session has at most 255 clients");
        let number = u8::try_from(self.clients.len()).map_err(|_| many())?;
        let client = self.clients.entry(name.to_owned());
        Ok(client.or_insert_with(|| Client {
            number,
            ..Client::default()
        }))
    }

    /// One method of a client, whose channel is opened when it is not.
    pub(super) fn ask(&mut self, name: &str, method: Method) -> Result<Vec<Answer>, Refusal> {
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
        let method = Box::new(method);
        let request = Request { channel, method };
        self.broker.handle(self.now, caller, request, &mut out);
        Ok(self.absorb(out, Some(caller)))
    }

    /// One method, and what comes of it: an error, or what `read` makes of an answer.
    pub(super) fn call(
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

impl Player for Session {
    fn play(&mut self, step: &Step) -> Result<Value, Refusal> {
        let answer = self.answer(step.read()?)?;
        self.fire_until(self.now);
        Ok(answer)
    }
}
