//! Messages: published, given out, settled, told.

use super::{Answer, Client, OPERATOR, Session};
use crate::pubsub::ops::Sent;
use crate::recording::Order;
use crate::refusal::Refusal;
use serde_json::{Map, Value, json};
use systems::pubsub::{AckId, Pubsub, PubsubMessage, ReceivedMessage, Reply, Request};
use systems::{Caller, Out, Server};

impl Session {
    /// Brings what was sent to where it goes, and what endpoints answer back; gives the answer to `from`.
    pub(super) fn deliver(&mut self, out: Out<Pubsub>, from: Caller) -> Option<Reply> {
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

    pub(super) fn client_at(&mut self, caller: Caller) -> Option<&mut Client> {
        self.clients
            .iter_mut()
            .find(|client| client.caller == caller)
    }

    /// Notes a delivery, and tells it.
    pub(super) fn note(
        &mut self,
        subscription: &str,
        received: &ReceivedMessage,
    ) -> Map<String, Value> {
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

    pub(super) fn publish(&mut self, topic: &str, messages: Vec<Sent>) -> Answer {
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

    pub(super) fn pull(&mut self, subscription: &str, max: u32, order: Order) -> Answer {
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

    pub(super) fn drain(&mut self, clients: &[String], merge: bool) -> Result<Value, Refusal> {
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
    pub(super) fn ids(
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

    pub(super) fn settle(
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
}
