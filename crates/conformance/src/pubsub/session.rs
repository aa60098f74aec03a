//! A recording's session: one project at a virtual time, its streams and its endpoints.

use super::ops::{Declared, Fields, Op, Sent};
use crate::player::Player;
use crate::recording::{Order, Recording, Step};
use crate::refusal::Refusal;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use systems::pubsub::{
    AckId, Description, Error, Pubsub, PubsubMessage, ReceivedMessage, Reply, Request, SeekTarget,
    Settings,
};
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

    /// Brings what was sent to where it goes, and what endpoints answer back; gives the answer to `from`.
    fn deliver(&mut self, out: Out<Pubsub>, from: Caller) -> Option<Reply> {
        let mut answer = None;
        let mut sent: Vec<(Caller, Reply)> = out.to;
        while !sent.is_empty() {
            let mut answers = Vec::new();
            for (to, reply) in std::mem::take(&mut sent) {
                match reply {
                    Reply::Streamed {
                        subscription,
                        messages,
                    } => {
                        for message in &messages {
                            let told = self.note(&subscription, message);
                            if let Some(client) = self.client_at(to) {
                                client.came.push(Value::Object(told));
                            }
                        }
                    }
                    Reply::Push {
                        subscription,
                        message,
                        ..
                    } => {
                        let mut told = self.note(&subscription, &message);
                        if let Some(client) = self.client_at(to) {
                            let status = match client.answers.len() {
                                0 | 1 => client.answers.first().copied().unwrap_or(200),
                                _ => client.answers.remove(0),
                            };
                            told.insert("answered".to_owned(), status.into());
                            client.came.push(Value::Object(told));
                            let ack_id = message.ack_id;
                            let answer = Request::PushAnswer {
                                subscription,
                                ack_id,
                                status,
                            };
                            answers.push((to, answer));
                        }
                    }
                    Reply::StreamEnded { .. } => {}
                    reply if to == from && answer.is_none() => answer = Some(reply),
                    _ => {}
                }
            }
            for (from, request) in answers {
                let mut out = Out::default();
                self.pubsub.handle(self.now, from, request, &mut out);
                sent.extend(out.to);
            }
        }
        answer
    }

    fn client_at(&mut self, caller: Caller) -> Option<&mut Client> {
        self.clients
            .iter_mut()
            .find(|client| client.caller == caller)
    }

    /// Notes a delivery, and tells it.
    fn note(&mut self, subscription: &str, received: &ReceivedMessage) -> Map<String, Value> {
        let message = &received.message;
        let key = (subscription.to_owned(), message.data.to_string());
        self.deliveries
            .entry(key)
            .or_default()
            .push(received.ack_id);
        let mut told = Map::new();
        told.insert("msg".to_owned(), (*message.data).into());
        if !message.attributes.is_empty() {
            let attributes = message.attributes.iter().map(|(name, value)| {
                let value = match &**name {
                    "CloudPubSubDeadLetterSourceTopicPublishTime" => "<time>",
                    "CloudPubSubDeadLetterSourceSubscriptionProject" => "<project>",
                    _ => value,
                };
                (name.to_string(), Value::from(value))
            });
            told.insert("attributes".to_owned(), Value::Object(attributes.collect()));
        }
        if !message.ordering_key.is_empty() {
            told.insert("ordering_key".to_owned(), (*message.ordering_key).into());
        }
        if let Some(attempt) = received.delivery_attempt {
            told.insert("attempt".to_owned(), attempt.into());
        }
        told
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

    fn declare(&mut self, declared: Declared) -> Result<Answer, Refusal> {
        Ok(match declared {
            Declared::Topic { name, retention_ms } => {
                let message_retention_duration = retention_ms.map(seconds).transpose()?;
                self.done(Request::CreateTopic {
                    topic: name.into(),
                    message_retention_duration,
                })
            }
            Declared::Subscription {
                name,
                topic,
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
                let settings = settings(fields, Settings::default())?;
                self.done(Request::CreateSubscription {
                    subscription: name.into(),
                    topic: topic.into(),
                    settings: Box::new(settings),
                })
            }
            Declared::Snapshot { name, subscription } => self.done(Request::CreateSnapshot {
                snapshot: name.into(),
                subscription: subscription.into(),
            }),
            Declared::Endpoint { name, answers } => {
                let caller = self.connect(&name, answers)?;
                let endpoint = name.into();
                self.ask(caller, Request::Serve { endpoint })
                    .map(|_| json!({}))
            }
        })
    }

    fn alter(&mut self, subscription: &str, fields: Fields) -> Result<Answer, Refusal> {
        let present = match self.describe_subscription(subscription) {
            Ok(present) => present,
            Err(error) => return Ok(Err(error)),
        };
        let settings = settings(fields, present.settings)?;
        Ok(self.done(Request::UpdateSubscription {
            subscription: subscription.into(),
            settings: Box::new(settings),
        }))
    }

    fn describe_subscription(&mut self, name: &str) -> Result<Description, Error> {
        let subscription = name.into();
        match self.ask(OPERATOR, Request::GetSubscription { subscription })? {
            Some(Reply::Subscription(description)) => Ok(*description),
            _ => Err(Error::not_found(name)),
        }
    }

    fn describe(&mut self, kind: &str, name: &str) -> Result<Answer, Refusal> {
        match kind {
            "topic" => {
                let topic = name.into();
                let reply = self.ask(OPERATOR, Request::ListTopicSubscriptions { topic });
                Ok(reply.map(|reply| match reply {
                    Some(Reply::Subscriptions(names)) => {
                        let names = names.iter().map(|name| Value::from(&**name));
                        json!({"subscriptions": names.collect::<Vec<_>>()})
                    }
                    _ => json!({}),
                }))
            }
            "subscription" => Ok(self.describe_subscription(name).map(|one| {
                let settings = &one.settings;
                let mut told = json!({
                    "topic": &*one.topic,
                    "ack_deadline_ms": u64::from(settings.ack_deadline_seconds) * 1000,
                    "retention_ms": u64::from(settings.message_retention_duration) * 1000,
                });
                if settings.enable_message_ordering {
                    told["ordering"] = true.into();
                }
                if let Some(filter) = &settings.filter {
                    told["filter"] = (**filter).into();
                }
                if let Some(topic) = &settings.dead_letter_topic {
                    let max_attempts = settings.max_delivery_attempts;
                    told["dead_letter"] = json!({"topic": &**topic, "max_attempts": max_attempts});
                }
                if settings.retain_acked_messages {
                    told["retain_acked"] = true.into();
                }
                if settings.enable_exactly_once_delivery {
                    told["exactly_once"] = true.into();
                }
                told
            })),
            other => Err(Refusal::unknown("kind", other, &["topic", "subscription"])),
        }
    }

    fn publish(&mut self, topic: &str, messages: Vec<Sent>) -> Answer {
        let messages = messages.into_iter().map(|sent| PubsubMessage {
            data: sent.msg.into(),
            attributes: sent
                .attributes
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
            ordering_key: sent.ordering_key.into(),
            record: None,
        });
        let messages = messages.collect();
        self.done(Request::Publish {
            topic: topic.into(),
            messages,
        })
    }

    fn pull(&mut self, subscription: &str, max: u32, order: Order) -> Answer {
        let reply = self.ask(
            OPERATOR,
            Request::Pull {
                subscription: subscription.into(),
                max_messages: max,
                return_immediately: true,
            },
        )?;
        let messages = match reply {
            Some(Reply::Received { messages, .. }) => messages,
            _ => Vec::new(),
        };
        let told: Vec<Value> = messages
            .iter()
            .map(|message| Value::Object(self.note(subscription, message)))
            .collect();
        Ok(match order {
            Order::Count => json!({"count": told.len()}),
            Order::Any | Order::Exact => json!({"messages": told}),
        })
    }

    fn drain(&mut self, clients: &[String], merge: bool) -> Result<Value, Refusal> {
        let mut deliveries = Map::new();
        for name in clients {
            let came = std::mem::take(&mut self.client(name)?.came);
            deliveries.insert(name.clone(), came.into());
        }
        if !merge {
            return Ok(json!({"deliveries": deliveries}));
        }
        let all = deliveries.values().filter_map(Value::as_array).flatten();
        let mut bodies: Vec<&str> = all.filter_map(|one| one["msg"].as_str()).collect();
        bodies.sort_unstable();
        Ok(json!({"merged": bodies}))
    }

    /// The ids of deliveries; one that there was not is an id that was never given out.
    fn ids(
        &self,
        subscription: &str,
        messages: impl Iterator<Item = String>,
        delivery: Option<usize>,
    ) -> Vec<AckId> {
        let id = |message: String| {
            let all = self.deliveries.get(&(subscription.to_owned(), message));
            let found = all.and_then(|all| match delivery {
                None => all.last(),
                Some(at) => all.get(at.checked_sub(1)?),
            });
            found.copied().unwrap_or(AckId {
                subscription: 0,
                message: 0,
                delivery: 0,
                record: None,
            })
        };
        messages.map(id).collect()
    }

    fn settle(
        &mut self,
        subscription: &str,
        messages: Vec<String>,
        delivery: Option<usize>,
        ack_deadline_seconds: Option<u32>,
    ) -> Answer {
        let ack_ids = self.ids(subscription, messages.into_iter(), delivery);
        let subscription = subscription.into();
        self.done(match ack_deadline_seconds {
            None => Request::Acknowledge {
                subscription,
                ack_ids,
            },
            Some(ack_deadline_seconds) => Request::ModifyAckDeadline {
                subscription,
                ack_ids,
                ack_deadline_seconds,
            },
        })
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
        Ok(seconds) if ms % 1000 == 0 => Ok(seconds),
        _ => Err(Refusal::new(format!("{ms} ms are not whole seconds"))),
    }
}

fn settings(fields: Fields, present: Settings) -> Result<Settings, Refusal> {
    let in_seconds = |given: Option<u64>, present: u32| match given {
        Some(ms) => seconds(ms),
        None => Ok(present),
    };
    let mut settings = Settings {
        ack_deadline_seconds: in_seconds(fields.ack_deadline_ms, present.ack_deadline_seconds)?,
        message_retention_duration: in_seconds(
            fields.retention_ms,
            present.message_retention_duration,
        )?,
        retain_acked_messages: fields.retain_acked.unwrap_or(present.retain_acked_messages),
        enable_message_ordering: fields.ordering.unwrap_or(present.enable_message_ordering),
        enable_exactly_once_delivery: fields
            .exactly_once
            .unwrap_or(present.enable_exactly_once_delivery),
        filter: fields
            .filter
            .or(present.filter.as_deref().map(str::to_owned))
            .map(Into::into),
        push_endpoint: fields
            .push
            .or(present.push_endpoint.as_deref().map(str::to_owned))
            .filter(|endpoint| !endpoint.is_empty())
            .map(Into::into),
        ..present
    };
    match fields.dead_letter {
        super::ops::Given::LeftOut => {}
        super::ops::Given::Null => settings.dead_letter_topic = None,
        super::ops::Given::Value(policy) => {
            settings.dead_letter_topic = Some(policy.topic.into());
            settings.max_delivery_attempts = policy.max_attempts;
        }
    }
    match fields.retry {
        super::ops::Given::LeftOut => {}
        super::ops::Given::Null => settings.minimum_backoff = None,
        super::ops::Given::Value(policy) => {
            settings.minimum_backoff = Some(seconds(policy.min_ms)?);
            settings.maximum_backoff = seconds(policy.max_ms)?;
        }
    }
    Ok(settings)
}
