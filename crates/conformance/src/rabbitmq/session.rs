//! A recording's session: a broker at a virtual time, and its clients, each with a channel on a
//! connection of its own.

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

#[cfg(test)]
mod tests {
    use super::*;

    fn played(steps: &Value, version: &str) -> Vec<Value> {
        let observed = steps.as_array().map_or(0, Vec::len);
        let recording = json!({
            "id": "rabbitmq-x", "system": format!("rabbitmq {version}"), "steps": steps,
            "observed": vec![json!({}); observed],
        });
        let recording = Recording::read("x.json", &recording).expect("a recording");
        let mut player = Session::begin(&recording).expect("the version is known");
        let steps = recording.steps.iter();
        steps
            .map(|step| match player.play(step) {
                Ok(answer) => answer,
                Err(refusal) => json!({"refusal": refusal.cause}),
            })
            .collect()
    }

    #[test]
    fn every_word_of_the_page_is_played() {
        let steps = json!([
            {"op": "declare", "kind": "exchange", "name": "rest", "type": "fanout"},
            {"op": "declare", "kind": "exchange", "name": "e", "type": "headers", "internal": true, "auto_delete": true, "alternate_exchange": "rest"},
            {"op": "declare", "kind": "exchange", "name": "in", "type": "fanout"},
            {"op": "declare", "kind": "queue", "name": "q", "expires_ms": 5000, "max_length_bytes": 10, "durable": false},
            {"op": "declare", "kind": "queue", "name": "own", "exclusive": true, "client": "c1"},
            {"op": "bind", "exchange": "in", "key": "", "to_exchange": "e"},
            {"op": "bind", "exchange": "e", "key": "", "queue": "q", "match_headers": {"a": 1}},
            {"op": "bind", "exchange": "rest", "key": "", "queue": "own"},
            {"op": "bind", "exchange": "rest", "key": "", "queue": "own", "client": "c1"},
            {"op": "publish", "exchange": "in", "key": "", "msg": "m", "headers": {"a": 1}},
            {"op": "publish", "exchange": "in", "key": "", "msg": "n", "headers": {"a": 2}, "mandatory": true},
            {"op": "publish", "exchange": "e", "key": "", "msg": "o"},
            {"op": "get", "queue": "own", "client": "c1", "ack": "auto"},
            {"op": "subscribe", "client": "c2", "queue": "q", "prefetch": 1, "global_prefetch": 3, "sub": "s", "priority": 2},
            {"op": "drain", "clients": ["c2"], "merge": true},
            {"op": "recover", "client": "c2"},
            {"op": "drain", "clients": ["c2"]},
            {"op": "ack", "client": "c2", "msg": "m", "delivery": 2},
            {"op": "subscribe", "client": "c2", "queue": "q", "sub": "t", "ack": "auto", "exclusive": false},
            {"op": "unsubscribe", "client": "c2", "sub": "t"},
            {"op": "delete", "kind": "queue", "name": "q", "if_unused": true},
            {"op": "delete", "kind": "queue", "name": "q", "if_empty": true},
            {"op": "drain", "clients": ["c2"]},
            {"op": "crash", "client": "c1"},
            {"op": "depth", "queue": "own"},
            {"op": "publish", "exchange": "", "key": "q", "msg": "m", "colour": 1},
            {"op": "declare", "kind": "queue", "name": "q", "type": "topic"}
        ]);
        let answers = played(&steps, "3.10.8");
        let error = |code: u16, name: &str| json!({"error": {"code": code, "name": name}});
        let m = |redelivered: bool| json!({"msg": "m", "redelivered": redelivered, "exchange": "in", "key": "", "headers": {"a": 1}, "sub": "s"});
        assert_eq!(answers[7], error(405, "RESOURCE_LOCKED"));
        assert_eq!(answers[10], json!({"result": "confirmed"}));
        assert_eq!(answers[11], error(403, "ACCESS_REFUSED"));
        assert_eq!(answers[12]["msg"], "n");
        assert_eq!(answers[14], json!({"merged": ["m"]}));
        assert_eq!(answers[16], json!({"deliveries": {"c2": [m(true)]}}));
        assert_eq!(answers[20], error(406, "PRECONDITION_FAILED"));
        assert_eq!(answers[21], json!({"deleted": 0}));
        assert_eq!(
            answers[22],
            json!({"deliveries": {"c2": []}, "cancelled": {"c2": ["s"]}})
        );
        assert_eq!(answers[24], error(404, "NOT_FOUND"));
        for refused in &answers[25..] {
            assert!(refused["refusal"].is_string(), "{refused}");
        }
        for fine in [&answers[..7], &answers[17..20]].concat() {
            assert!(
                fine.get("refusal").is_none() && fine.get("error").is_none(),
                "{fine}"
            );
        }
    }

    #[test]
    fn a_stream_is_read_from_an_offset() {
        let steps = json!([
            {"op": "declare", "kind": "queue", "name": "s", "queue_type": "stream"},
            {"op": "publish", "exchange": "", "key": "s", "msg": "a"},
            {"op": "publish", "exchange": "", "key": "s", "msg": "b"},
            {"op": "subscribe", "client": "c1", "queue": "s", "prefetch": 10, "offset": 1},
            {"op": "subscribe", "client": "c2", "queue": "s", "prefetch": 10, "offset": "first"},
            {"op": "drain", "clients": ["c1", "c2"]},
            {"op": "get", "queue": "s"}
        ]);
        let answers = played(&steps, "3.10.8");
        let got = |msg: &str, offset: u64| json!({"msg": msg, "redelivered": false, "exchange": "", "key": "s", "offset": offset});
        assert_eq!(
            answers[5],
            json!({"deliveries": {"c1": [got("b", 1)], "c2": [got("a", 0), got("b", 1)]}})
        );
        assert_eq!(answers[6]["error"]["code"], 540);
    }
}
