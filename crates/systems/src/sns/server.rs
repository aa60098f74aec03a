//! Amazon SNS as a server of a scene.
//!
//! S50. Endpoints are processes of the scene: a connection says for which endpoint it stands, is
//! handed what is to be delivered there, and answers how it went. To an endpoint for which nobody
//! stands a delivery fails at once: for a queue as one that does not exist, otherwise with a
//! server-side error. Source: SNS developer guide, "Message delivery retries". Shown by: the test
//! `a_connection_stands_for_an_endpoint`.
//!
//! S51. An answer to an earlier attempt than the last, or from anybody else, changes nothing.
//! Source: SNS developer guide, "Message delivery retries". Shown by: the test
//! `a_late_answer_changes_nothing`.

use crate::party::{Caller, ClientId};
use crate::server::{Out, Server, Wait};
use crate::sns::delivery::{Delivery, DeliveryId, Failure};
use crate::sns::error::SnsError;
use crate::sns::fact::Fact;
use crate::sns::outbox::{Outbox, State};
use crate::sns::request::{Answer, Named, Reply, Request};
use crate::sns::subscription::Endpoint;
use crate::sns::topics::{Catalogue, Due, Topics};
use crate::visit::{Visit, Visitor};
use explore::time::Instant;
use std::collections::{BTreeMap, VecDeque};

crate::parts! {
    /// A part of an account.
    pub enum Part of Topics {
        catalogue: Catalogue(Catalogue),
        outbox: Outbox(Outbox),
        attendants: Attendants(Attendants),
    }
}

/// Which connections stand for which endpoints.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Attendants(BTreeMap<Endpoint, Caller>);

impl Visit for Attendants {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        for caller in self.0.values_mut() {
            caller.visit(visitor);
        }
    }
}

fn pairs(named: &Named) -> Vec<(&str, &str)> {
    named
        .iter()
        .map(|(name, value)| (&**name, &**value))
        .collect()
}

impl Topics {
    /// Hands deliveries to the connections that stand for their endpoints. Where nobody does, the
    /// attempt has failed.
    fn hand_out(&mut self, now: Instant, deliveries: Vec<Delivery>, out: &mut Out<Self>) {
        let mut left = VecDeque::from(deliveries);
        while let Some(delivery) = left.pop_front() {
            if let Some(caller) = self.attendants.0.get(&delivery.endpoint) {
                let caller = *caller;
                out.reply(caller, Reply::Deliver(delivery));
                continue;
            }
            let failure = match delivery.endpoint {
                Endpoint::Sqs(_) => Failure::no_queue(),
                _ => Failure::server("ConnectionRefused", "The endpoint cannot be reached."),
            };
            left.extend(self.failed(now, delivery.id, &failure, &mut out.facts));
        }
    }

    /// Nobody stands for some endpoints any more: what they had has failed.
    fn leave(&mut self, now: Instant, gone: impl Fn(&Endpoint) -> bool, out: &mut Out<Self>) {
        let had: Vec<DeliveryId> = self
            .outbox
            .iter()
            .filter(|one| matches!(one.state, State::Handed(_)) && gone(&one.delivery.endpoint))
            .map(|one| one.delivery.id)
            .collect();
        for id in had {
            let failure = Failure::server("ConnectionReset", "The connection was lost.");
            let next = self.failed(now, id, &failure, &mut out.facts);
            self.hand_out(now, next, out);
        }
    }

    fn attend(&mut self, now: Instant, from: Caller, endpoint: Endpoint, out: &mut Out<Self>) {
        let before = self.attendants.0.get(&endpoint).copied();
        if before == Some(from) {
            return;
        }
        self.attendants.0.insert(endpoint.clone(), from);
        if before.is_some() {
            self.leave(now, |gone| *gone == endpoint, out);
        }
    }

    fn answer(
        &mut self,
        now: Instant,
        from: Caller,
        (id, attempt): (DeliveryId, u32),
        answer: &Answer,
        out: &mut Out<Self>,
    ) {
        let is_awaited = self.handed(id).is_some_and(|delivery| {
            delivery.attempt == attempt && self.attendants.0.get(&delivery.endpoint) == Some(&from)
        });
        if !is_awaited {
            return;
        }
        let next = match answer {
            Answer::Taken { .. } => self.delivered(now, id, &mut out.facts),
            Answer::Failed(failure) => self.failed(now, id, failure, &mut out.facts),
        };
        self.hand_out(now, next, out);
    }

    /// Does what a request of the API asks for: the reply, and what is to be delivered after it.
    fn ask(
        &mut self,
        now: Instant,
        request: &Request,
        facts: &mut Vec<Fact>,
    ) -> Result<(Reply, Vec<Delivery>), SnsError> {
        let reply = match request {
            Request::CreateTopic { name, attributes } => {
                Reply::TopicArn(self.create_topic(name, &pairs(attributes), facts)?)
            }
            Request::DeleteTopic { topic } => {
                self.delete_topic(topic, facts);
                Reply::Done
            }
            Request::SetTopicAttributes { topic, name, value } => {
                self.set_topic_attribute(topic, name, value)?;
                Reply::Done
            }
            Request::Subscribe {
                topic,
                protocol,
                endpoint,
                attributes,
            } => {
                let attributes = pairs(attributes);
                let made = self.subscribe(now, topic, protocol, endpoint, &attributes, facts)?;
                return Ok((Reply::SubscriptionArn(made.told), made.deliveries));
            }
            Request::ConfirmSubscription { topic, token } => {
                Reply::SubscriptionArn(self.confirm_subscription(topic, token, facts)?)
            }
            Request::Unsubscribe { subscription } => {
                self.unsubscribe(subscription, facts);
                Reply::Done
            }
            Request::SetSubscriptionAttributes {
                subscription,
                name,
                value,
            } => {
                self.set_subscription_attribute(now, subscription, name, value, facts)?;
                Reply::Done
            }
            Request::ListTopics => Reply::Topics(self.list_topics()),
            Request::GetTopicAttributes { topic } => {
                Reply::Attributes(self.topic_attributes(topic)?)
            }
            Request::GetSubscriptionAttributes { subscription } => {
                Reply::Attributes(self.subscription_attributes(subscription)?)
            }
            Request::ListSubscriptionsByTopic { topic } => {
                Reply::Subscriptions(self.list_subscriptions_by_topic(topic)?)
            }
            Request::Publish { topic, message } => {
                let published = self.publish(now, topic, message, facts)?;
                let reply = Reply::Published {
                    message_id: published.message_id,
                    sequence_number: published.sequence_number,
                };
                return Ok((reply, published.deliveries));
            }
            Request::PublishBatch { topic, entries } => {
                let batch = self.publish_batch(now, topic, entries, facts)?;
                let successful = batch.successful.into_iter();
                let reply = Reply::Batch {
                    successful: successful.map(|(id, one)| (id, one.message_id)).collect(),
                    failed: batch.failed,
                };
                return Ok((reply, batch.deliveries));
            }
            // These are no requests of the API and have no reply.
            Request::Attend { .. } | Request::Answer { .. } => Reply::Done,
        };
        Ok((reply, Vec::new()))
    }
}

impl Server for Topics {
    type Request = Request;
    type Reply = Reply;
    type Due = Due;
    type Fact = Fact;

    fn handle(&mut self, now: Instant, from: Caller, request: Request, out: &mut Out<Self>) {
        match request {
            Request::Attend { endpoint } => self.attend(now, from, endpoint, out),
            Request::Answer {
                delivery,
                attempt,
                answer,
            } => self.answer(now, from, (delivery, attempt), &answer, out),
            request => match self.ask(now, &request, &mut out.facts) {
                Ok((reply, deliveries)) => {
                    out.reply(from, reply);
                    self.hand_out(now, deliveries, out);
                }
                Err(error) => {
                    out.tell(Fact::Refused {
                        code: error.code().into(),
                    });
                    out.reply(from, Reply::Refused(error));
                }
            },
        }
    }

    fn dues(&self, _party: u8, each: &mut dyn FnMut(Instant, Due)) {
        self.upcoming().for_each(|(at, due)| each(at, due));
    }

    fn fire(&mut self, now: Instant, due: Due, out: &mut Out<Self>) {
        let deliveries = self.do_due(now, due, &mut out.facts);
        self.hand_out(now, deliveries, out);
    }

    fn disconnect(&mut self, now: Instant, gone: Caller, out: &mut Out<Self>) {
        let of = self.attendants.0.iter();
        let endpoints: Vec<Endpoint> = of
            .filter(|(_, caller)| **caller == gone)
            .map(|(endpoint, _)| endpoint.clone())
            .collect();
        if endpoints.is_empty() {
            return;
        }
        self.attendants.0.retain(|_, caller| *caller != gone);
        self.leave(now, |endpoint| endpoints.contains(endpoint), out);
    }

    fn waits_for(&self, due: &Due) -> Wait {
        let holder = |id: DeliveryId| {
            let delivery = self.handed(id)?;
            let caller = self.attendants.0.get(&delivery.endpoint)?;
            Some(crate::server::Holder {
                client: ClientId(caller.client),
                holds: Some((DeliveryId::COUNTER, id.0)),
            })
        };
        match due {
            Due::Retry(_) => Wait::Nobody,
            Due::TimeOut(id) => holder(*id).map_or(Wait::Nobody, Wait::Work),
        }
    }
}
