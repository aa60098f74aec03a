//! A recording's session: one broker at a virtual time, and its clients.

mod client;

use super::ops::{self, Op, Stage, Which};
use crate::player::Player;
use crate::recording::{Recording, Step};
use crate::refusal::Refusal;
use client::Client;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use systems::mqtt::{
    Ack, Broker, Connect, Publish, Qos, ReasonCode, Reply, Request, RetainHandling, Settings,
    Subscription, Version, Will,
};
use systems::{Caller, Instant, Out, Server, Span};

/// Settings that recordings may have and that change nothing here: nobody logs in, nothing is kept
/// on a disk, and `$SYS` is not published.
const WITHOUT_EFFECT: [&str; 5] = [
    "allow_anonymous",
    "persistence",
    "sys_interval",
    "listener",
    "log_type",
];

/// The session.
pub struct Session {
    broker: Broker,
    now: Instant,
    clients: BTreeMap<String, Client>,
}

fn qos(number: u8) -> Result<Qos, Refusal> {
    Qos::of(number).ok_or_else(|| Refusal::new(format!("there is no QoS {number}")))
}

fn version(number: u8) -> Result<Version, Refusal> {
    match number {
        4 => Ok(Version::V311),
        5 => Ok(Version::V5),
        other => Err(Refusal::new(format!(
            "the version {other} is unknown, known are: 4, 5"
        ))),
    }
}

impl Session {
    /// A fresh broker at virtual time 0, set as the recording says.
    ///
    /// # Errors
    /// A setting that the model does not know.
    pub fn begin(recording: &Recording) -> Result<Box<dyn Player>, Refusal> {
        let mut settings = Settings::default();
        let mut set = |name: &str, value: &Value| {
            let set = settings.set(name, value);
            set.map_err(|refused| Refusal::new(refused.to_string()))
        };
        if let Some((_, version)) = recording.system.split_once(' ') {
            set("version", &Value::from(version))?;
        }
        for (name, value) in &recording.broker {
            if !WITHOUT_EFFECT.contains(&name.as_str()) {
                set(name, value)?;
            }
        }
        Ok(Box::new(Session {
            broker: Broker::new(settings, 0),
            now: Instant(0),
            clients: BTreeMap::new(),
        }))
    }

    fn client(&mut self, name: &str) -> Result<&mut Client, Refusal> {
        let number = u8::try_from(self.clients.len());
        if !self.clients.contains_key(name) {
            let number = number.map_err(|_| Refusal::new("there are too many clients"))?;
            self.clients.insert(name.to_owned(), Client::new(number));
        }
        self.clients
            .get_mut(name)
            .ok_or_else(|| Refusal::new(format!("there is no client `{name}`")))
    }

    /// Where the client is connected; a client that is not is a mistake of the recording.
    fn caller(&mut self, name: &str) -> Result<Caller, Refusal> {
        let client = self.client(name)?;
        let caller = client.caller();
        caller.ok_or_else(|| Refusal::new(format!("`{name}` has never connected")))
    }

    /// Sends a request, and what clients say to what comes of it, until nobody has more to say. What
    /// is no delivery comes back, when it is for the one who asked.
    fn ask(&mut self, caller: Caller, request: Request) -> Vec<Reply> {
        let mut out = Out::default();
        self.broker.handle(self.now, caller, request, &mut out);
        self.settle(out, Some(caller))
    }

    fn settle(&mut self, mut out: Out<Broker>, asker: Option<Caller>) -> Vec<Reply> {
        let mut answers = Vec::new();
        while !out.to.is_empty() {
            let mut next = Out::default();
            for (to, reply) in out.to {
                let mut clients = self.clients.values_mut();
                let Some(client) = clients.find(|client| client.is(to)) else {
                    continue;
                };
                if let Some(request) = client.take(to, &reply) {
                    self.broker.handle(self.now, to, request, &mut next);
                }
                if asker == Some(to) {
                    answers.push(reply);
                }
            }
            out = next;
        }
        answers
    }

    fn wait(&mut self, ms: u64) {
        let end = self.now + Span::from_ms(ms);
        while let Some((at, due)) = self.broker.next_due()
            && at <= end
        {
            self.now = self.now.max(at);
            let mut out = Out::default();
            self.broker.fire(self.now, due, &mut out);
            self.settle(out, None);
        }
        self.now = end;
    }

    fn connect(&mut self, op: ops::Connect) -> Result<Value, Refusal> {
        let will = match op.will {
            None => None,
            Some(will) => Some(Will {
                topic: will.topic.into(),
                payload: will.msg.into(),
                qos: qos(will.qos)?,
                retain: will.retain,
                delay_interval: will.delay_s,
                message_expiry_interval: None,
                properties: Default::default(),
                record: None,
            }),
        };
        let connect = Connect {
            version: version(op.version)?,
            client_id: op.client.as_str().into(),
            clean_start: op.clean,
            // The recorder's clients are never silent for too long.
            keep_alive: 0,
            will,
            session_expiry_interval: op.session_expiry_s,
            receive_maximum: op.receive_max,
        };
        let caller = self.client(&op.client)?.connect(op.ack.is_some());
        let answers = self.ask(caller, Request::Connect(Box::new(connect)));
        let accepted = answers.iter().find_map(|reply| match reply {
            Reply::Connack(connack) if !connack.reason.is_failure() => Some(connack),
            _ => None,
        });
        Ok(match accepted {
            Some(connack) => json!({"session_present": connack.session_present}),
            None => json!({"closed": true}),
        })
    }

    fn subscribe(&mut self, op: ops::Subscribe) -> Result<Value, Refusal> {
        let subscription = Subscription {
            filter: op.filter.into(),
            qos: qos(op.qos)?,
            no_local: op.no_local,
            retain_as_published: op.retain_as_published,
            retain_handling: match op.retain_handling {
                0 => RetainHandling::Always,
                1 => RetainHandling::IfNew,
                2 => RetainHandling::Never,
                other => {
                    return Err(Refusal::new(format!("there is no retain handling {other}")));
                }
            },
        };
        let caller = self.caller(&op.client)?;
        let request = Request::Subscribe {
            packet_id: self.client(&op.client)?.next_packet_id(),
            subscriptions: vec![subscription],
            identifier: op.subscription_id,
        };
        let answers = self.ask(caller, request);
        let granted = answers.iter().find_map(|reply| match reply {
            Reply::Suback { reasons, .. } => reasons.first(),
            _ => None,
        });
        Ok(match granted {
            Some(reason) => json!({"granted": reason.code()}),
            None => json!({"closed": true}),
        })
    }

    fn publish(&mut self, op: ops::Publish) -> Result<Value, Refusal> {
        let qos = qos(op.qos)?;
        let caller = self.caller(&op.client)?;
        let packet_id = match qos {
            Qos::AtMostOnce => None,
            _ => Some(match op.packet_id {
                Some(id) => id,
                None => self.client(&op.client)?.next_packet_id(),
            }),
        };
        let publish = Publish {
            topic: op.topic.into(),
            payload: op.msg.into(),
            qos,
            retain: op.retain,
            dup: op.dup,
            packet_id,
            message_expiry_interval: op.expiry_s,
            ..Publish::default()
        };
        let mut answers = self.ask(caller, Request::Publish(publish));
        let is_pubrec = |reply: &Reply| match reply {
            Reply::Pubrec(ack) => Some(*ack).filter(|ack| !ack.reason.is_failure()),
            _ => None,
        };
        if let Some(ack) = answers
            .iter()
            .find_map(is_pubrec)
            .filter(|_| !op.hold_release)
        {
            answers.extend(self.ask(caller, Request::Pubrel(Ack::of(ack.packet_id))));
        }
        Ok(told(&answers))
    }

    fn ack(
        &mut self,
        client: &str,
        msg: &str,
        delivery: Option<usize>,
        stage: Option<Stage>,
    ) -> Result<Value, Refusal> {
        let caller = self.caller(client)?;
        let known = self.client(client)?.delivered(msg, delivery);
        let Some((packet_id, qos)) = known else {
            return Err(Refusal::new(format!(
                "`{client}` has no delivery of `{msg}` to acknowledge"
            )));
        };
        let ack = Ack::of(packet_id);
        let request = match (qos, stage) {
            (Qos::ExactlyOnce, Some(Stage::Complete)) => Request::Pubcomp(ack),
            (Qos::ExactlyOnce, _) => Request::Pubrec(ack),
            _ => Request::Puback(ack),
        };
        self.ask(caller, request);
        Ok(json!({}))
    }

    fn drain(&mut self, clients: &[String], merge: bool) -> Result<Value, Refusal> {
        let mut deliveries = Map::new();
        let mut merged = Vec::new();
        for name in clients {
            let came = self.client(name)?.drain();
            if merge {
                let bodies = came.iter().filter_map(|one| one["msg"].as_str());
                merged.extend(bodies.map(str::to_owned));
            } else {
                deliveries.insert(name.clone(), Value::from(came));
            }
        }
        merged.sort();
        Ok(match merge {
            true => json!({"merged": merged}),
            false => json!({"deliveries": deliveries}),
        })
    }

    fn answer(&mut self, op: Op) -> Result<Value, Refusal> {
        match op {
            Op::Connect(op) => self.connect(op),
            Op::Subscribe(op) => self.subscribe(op),
            Op::Publish(op) => self.publish(op),
            Op::Disconnect { client, reason } => {
                let reason = match reason {
                    0 => ReasonCode::Success,
                    4 => ReasonCode::DisconnectWithWill,
                    other if other >= 0x80 => ReasonCode::UnspecifiedError,
                    other => {
                        return Err(Refusal::new(format!("DISCONNECT has no reason {other}")));
                    }
                };
                let caller = self.caller(&client)?;
                let request = Request::Disconnect {
                    reason,
                    session_expiry_interval: None,
                };
                self.ask(caller, request);
                Ok(json!({}))
            }
            Op::Crash { client } => {
                let caller = self.caller(&client)?;
                self.client(&client)?.lose(caller);
                let mut out = Out::default();
                self.broker.disconnect(self.now, caller, &mut out);
                self.settle(out, None);
                Ok(json!({}))
            }
            Op::Unsubscribe { client, filter } => {
                let caller = self.caller(&client)?;
                let request = Request::Unsubscribe {
                    packet_id: self.client(&client)?.next_packet_id(),
                    filters: vec![filter.into()],
                };
                self.ask(caller, request);
                Ok(json!({}))
            }
            Op::Release { client, packet_id } => {
                let caller = self.caller(&client)?;
                let answers = self.ask(caller, Request::Pubrel(Ack::of(packet_id)));
                Ok(told(&answers))
            }
            Op::Ack {
                client,
                msg,
                delivery,
                stage,
            } => self.ack(&client, &msg, delivery, stage),
            Op::Alive { client, connection } => {
                let client = self.client(&client)?;
                Ok(json!({"alive": match connection {
                    Some(Which::Old) => client.is_old_alive(),
                    None => client.is_alive(),
                }}))
            }
            Op::Drain { clients, merge } => self.drain(&clients, merge),
            Op::Wait { ms } => {
                self.wait(ms);
                Ok(json!({}))
            }
        }
    }
}

/// The last acknowledgement that a publisher got.
fn told(answers: &[Reply]) -> Value {
    let word = |reply: &Reply| match reply {
        Reply::Puback(_) => Some("puback"),
        Reply::Pubrec(_) => Some("pubrec"),
        Reply::Pubcomp(_) => Some("pubcomp"),
        _ => None,
    };
    if let Some(word) = answers.iter().rev().find_map(word) {
        return json!({"reply": word});
    }
    match answers.contains(&Reply::Closed) {
        true => json!({"closed": true}),
        false => json!({}),
    }
}

impl Player for Session {
    fn play(&mut self, step: &Step) -> Result<Value, Refusal> {
        let op = step.read()?;
        self.answer(op)
    }
}
