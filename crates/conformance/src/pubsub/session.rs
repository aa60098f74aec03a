//! A recording's session: one project at a virtual time, its streams and its endpoints.

mod messages;
mod resources;

use super::ops::{Fields, Op, Sent};
use crate::player::Player;
use crate::recording::{Order, Recording, Step};
use crate::refusal::Refusal;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use systems::pubsub::{AckId, Error, Pubsub, Reply, Request, SeekTarget};
use systems::{Caller, Instant, Out, Server, Span};

/// The one who makes everything, publishes and pulls.
const OPERATOR: Caller = Caller {
    client: 0,
    connection: 1,
};

/// The longest wait, 40 days.
const MAX_WAIT_MS: u64 = 40 * 86_400_000;

/// A stream or an endpoint.
struct Client {
    name: String,
    caller: Caller,
    /// What an endpoint answers, the last one for ever.
    answers: Vec<u16>,
    /// What came since somebody looked.
    came: Vec<Value>,
}

/// The session.
pub struct Session {
    pubsub: Pubsub,
    now: Instant,
    clients: Vec<Client>,
    /// The deliveries of each message, by subscription and body.
    deliveries: BTreeMap<(String, String), Vec<AckId>>,
    connections: u16,
}

/// What came of a step: an answer, or the service's refusal.
type Answer = Result<Value, Error>;

impl Session {
    /// An empty project at virtual time 0.
    ///
    /// # Errors
    /// A setting or a feature; there are none.
    pub fn begin(recording: &Recording) -> Result<Box<dyn Player>, Refusal> {
        let mut words = recording.broker.keys().chain(recording.features.keys());
        if let Some(word) = words.next() {
            return Err(Refusal::unknown("setting", word, &[]));
        }
        Ok(Box::new(Session {
            pubsub: Pubsub::new("project"),
            now: Instant(0),
            clients: Vec::new(),
            deliveries: BTreeMap::new(),
            connections: 1,
        }))
    }

    fn ask(&mut self, from: Caller, request: Request) -> Result<Option<Reply>, Error> {
        let mut out = Out::default();
        self.pubsub.handle(self.now, from, request, &mut out);
        match self.deliver(out, from) {
            Some(Reply::Refused { error, .. }) => Err(error),
            reply => Ok(reply),
        }
    }

    fn done(&mut self, request: Request) -> Answer {
        self.ask(OPERATOR, request).map(|_| json!({}))
    }

    /// The next connection of a client of its own.
    fn connect(&mut self, name: &str, answers: Vec<u16>) -> Result<Caller, Refusal> {
        self.connections = self
            .connections
            .checked_add(1)
            .ok_or_else(|| Refusal::new("a session has at most 65534 clients"))?;
        let caller = Caller {
            client: 1,
            connection: self.connections,
        };
        // A name that comes again keeps what the earlier one got.
        let came = match self.clients.iter().position(|client| client.name == name) {
            Some(at) => self.clients.remove(at).came,
            None => Vec::new(),
        };
        self.clients.push(Client {
            name: name.to_owned(),
            caller,
            answers,
            came,
        });
        Ok(caller)
    }

    fn client(&mut self, name: &str) -> Result<&mut Client, Refusal> {
        let known: Vec<String> = self.clients.iter().map(|one| one.name.clone()).collect();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let client = self.clients.iter_mut().find(|client| client.name == name);
        client.ok_or_else(|| Refusal::unknown("client", name, &known))
    }

    /// Lets time pass: whatever is due on the way happens.
    fn wait(&mut self, ms: u64) -> Result<(), Refusal> {
        if ms > MAX_WAIT_MS {
            return Err(Refusal::new(format!(
                "a wait of {ms} ms is longer than {MAX_WAIT_MS} ms"
            )));
        }
        let end = self.now + Span::from_ms(ms);
        while let Some((at, due)) = self.pubsub.next_due().filter(|(at, _)| *at <= end) {
            self.now = at.max(self.now);
            let mut out = Out::default();
            self.pubsub.fire(self.now, due, &mut out);
            self.deliver(out, OPERATOR);
        }
        self.now = end;
        Ok(())
    }

    fn answer(&mut self, op: Op, order: Order) -> Result<Answer, Refusal> {
        let named = |msg: Option<String>, msgs: Option<Vec<String>>| {
            msg.into_iter().chain(msgs.into_iter().flatten()).collect()
        };
        Ok(match op {
            Op::Alter {
                subscription,
                ack_deadline_ms,
                ordering,
                filter,
                dead_letter,
                retention_ms,
                retain_acked,
                exactly_once,
                push,
                retry,
            } => {
                let fields = Fields {
                    ack_deadline_ms,
                    ordering,
                    filter,
                    dead_letter,
                    retention_ms,
                    retain_acked,
                    exactly_once,
                    push,
                    retry,
                };
                self.alter(&subscription, fields)?
            }
            Op::Publish {
                topic,
                msg,
                attributes,
                ordering_key,
                batch,
            } => {
                let one = Sent {
                    msg,
                    attributes,
                    ordering_key,
                };
                self.publish(&topic, batch.unwrap_or_else(|| vec![one]))
            }
            Op::Pull { subscription, max } => self.pull(&subscription, max, order),
            Op::Subscribe {
                client,
                subscription,
                ack_deadline_ms,
            } => {
                let caller = self.connect(&client, Vec::new())?;
                let request = Request::StreamingPull {
                    subscription: subscription.into(),
                    stream_ack_deadline_seconds: seconds(ack_deadline_ms)?,
                    max_outstanding_messages: 0,
                    max_outstanding_bytes: 0,
                };
                self.ask(caller, request).map(|_| json!({}))
            }
            Op::Drain { clients, merge } => Ok(self.drain(&clients, merge)?),
            Op::Ack {
                subscription,
                msg,
                msgs,
                delivery,
            } => self.settle(&subscription, named(msg, msgs), delivery, None),
            Op::Nack {
                subscription,
                msg,
                msgs,
                delivery,
            } => self.settle(&subscription, named(msg, msgs), delivery, Some(0)),
            Op::Extend {
                subscription,
                msg,
                msgs,
                delivery,
                ms,
            } => self.settle(
                &subscription,
                named(msg, msgs),
                delivery,
                Some(seconds(ms)?),
            ),
            Op::Seek {
                subscription,
                time_ms,
                snapshot,
            } => {
                let to = match (time_ms, snapshot) {
                    (Some(ms), None) => SeekTarget::Time(ms),
                    (None, Some(snapshot)) => SeekTarget::Snapshot(snapshot.into()),
                    _ => return Err(Refusal::new("a seek names a time or a snapshot")),
                };
                let subscription = subscription.into();
                self.done(Request::Seek { subscription, to })
            }
            Op::Detach { subscription } => self.done(Request::DetachSubscription {
                subscription: subscription.into(),
            }),
            Op::Delete { kind, name } => {
                let name = name.into();
                self.done(match kind.as_str() {
                    "topic" => Request::DeleteTopic { topic: name },
                    "subscription" => Request::DeleteSubscription { subscription: name },
                    "snapshot" => Request::DeleteSnapshot { snapshot: name },
                    other => {
                        let known = ["topic", "subscription", "snapshot"];
                        return Err(Refusal::unknown("kind", other, &known));
                    }
                })
            }
            Op::Describe { kind, name } => self.describe(&kind, &name)?,
            Op::Crash { client } => {
                let gone = self.client(&client)?.caller;
                let mut out = Out::default();
                self.pubsub.disconnect(self.now, gone, &mut out);
                self.deliver(out, OPERATOR);
                Ok(json!({}))
            }
            Op::Wait { ms } => {
                self.wait(ms)?;
                Ok(json!({}))
            }
        })
    }
}

impl Player for Session {
    fn play(&mut self, step: &Step) -> Result<Value, Refusal> {
        let answer = if step.op == "declare" {
            let mut fields = step.fields.clone();
            fields.remove("op");
            let declared = serde_json::from_value(Value::Object(fields))?;
            self.declare(declared)?
        } else {
            self.answer(step.read()?, step.order)?
        };
        Ok(answer.unwrap_or_else(|error| json!({"error": {"name": error.code.name()}})))
    }
}

/// Pub/Sub counts in seconds.
fn seconds(ms: u64) -> Result<u32, Refusal> {
    match u32::try_from(ms / 1000) {
        Ok(seconds) if ms.is_multiple_of(1000) => Ok(seconds),
        _ => Err(Refusal::new(format!("{ms} ms are not whole seconds"))),
    }
}
