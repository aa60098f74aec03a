//! Delivering: how it went, and what comes next.
//!
//! S45. A delivery that fails with a server-side error is tried again as the delivery policy says;
//! one that fails with a client-side error is not. After that the message goes to the
//! subscription's own dead-letter queue, or is lost for this endpoint if there is none. Source: SNS
//! developer guide, "Amazon SNS dead-letter queues". Shown by: the test
//! `a_client_side_error_is_not_tried_again`, the test `after_the_last_attempt_it_is_a_dead_letter`,
//! the test `without_a_dead_letter_queue_it_is_lost`.
//!
//! S46. A dead letter is what would have been delivered, with the attributes `RequestID`, `ErrorCode`
//! and `ErrorMessage`. Source: AWS compute blog, "Designing durable serverless apps with DLQs for
//! Amazon SNS, Amazon SQS, AWS Lambda". Shown by: the test
//! `after_the_last_attempt_it_is_a_dead_letter`.
//!
//! Simplified: a dead letter that the dead-letter queue does not take is lost at once.

use crate::sns::delivery::{Delivery, DeliveryId, Failure, Parcel, Purpose, Side};
use crate::sns::delivery_policy::RetryPolicy;
use crate::sns::envelope;
use crate::sns::fact::Fact;
use crate::sns::outbox::{Lane, State};
use crate::sns::subscription::Endpoint;
use crate::sns::topics::Topics;
use explore::time::{Instant, Span};
use std::sync::Arc;

/// Something that is due by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Due {
    /// A failed delivery is tried again.
    Retry(DeliveryId),
    /// An endpoint has not answered.
    TimeOut(DeliveryId),
}

impl Topics {
    /// The endpoint has taken a delivery. Gives what can be delivered now: the next of its group.
    pub fn delivered(
        &mut self,
        now: Instant,
        id: DeliveryId,
        facts: &mut Vec<Fact>,
    ) -> Vec<Delivery> {
        let Some(delivery) = self.handed(id) else {
            return Vec::new();
        };
        if delivery.purpose == Purpose::Notification {
            facts.push(Fact::Delivered {
                record: delivery.parcel.record,
                endpoint: delivery.endpoint.name().clone(),
                attempts: delivery.attempt,
            });
        }
        self.done(now, id, facts)
    }

    /// The endpoint has not taken a delivery. Gives what is to be delivered now: the next attempt if
    /// it comes without delay, the dead letter if it was the last, and then the next of its group.
    pub fn failed(
        &mut self,
        now: Instant,
        id: DeliveryId,
        failure: &Failure,
        facts: &mut Vec<Fact>,
    ) -> Vec<Delivery> {
        let Some(delivery) = self.handed(id).cloned() else {
            return Vec::new();
        };
        let (record, endpoint) = (delivery.parcel.record, delivery.endpoint.name().clone());
        facts.push(Fact::DeliveryFailed {
            record,
            endpoint: endpoint.clone(),
            attempt: delivery.attempt,
            code: failure.code.clone(),
        });
        let of = self.subscription(&delivery.subscription);
        let policy = of.map(|(topic, subscription)| topic.retry_policy(subscription));
        let queue = of.and_then(|(_, subscription)| {
            let policy = subscription.settings.redrive_policy.as_ref();
            policy.map(|policy| policy.says.clone())
        });
        // The attempt that failed has as its number that of the retry to come.
        let delay = match (delivery.purpose, failure.side) {
            (Purpose::Notification, Side::Server) => policy
                .as_ref()
                .and_then(|policy: &RetryPolicy| policy.delay(delivery.attempt)),
            _ => None,
        };
        match (delay, queue) {
            (Some(Span(0)), _) => {
                let again = self.outbox.again(now, id);
                again
                    .into_iter()
                    .inspect(|one| attempted(one, facts))
                    .collect()
            }
            (Some(delay), _) => {
                facts.push(Fact::WillRetry {
                    record,
                    endpoint,
                    after_ms: delay.0 / 1000,
                });
                self.outbox.wait(id, now + delay);
                Vec::new()
            }
            (None, Some(queue)) if delivery.purpose == Purpose::Notification => {
                facts.push(Fact::DeadLettered {
                    record,
                    endpoint,
                    queue: queue.clone(),
                });
                let mut next = self.done(now, id, facts);
                let mut parcel = delivery.parcel;
                parcel.attributes.extend(envelope::error_attributes(
                    &parcel.message_id,
                    &failure.code,
                    &failure.message,
                ));
                let endpoint = Endpoint::Sqs(queue);
                let (topic, subscription) = (&delivery.topic, &delivery.subscription);
                let letter = first(topic, subscription, endpoint, Purpose::DeadLetter, parcel);
                let mut all: Vec<Delivery> =
                    self.send(now, letter, None, facts).into_iter().collect();
                all.append(&mut next);
                all
            }
            (None, _) => {
                if delivery.purpose != Purpose::SubscriptionConfirmation {
                    facts.push(Fact::Discarded { record, endpoint });
                }
                self.done(now, id, facts)
            }
        }
    }

    /// What is due by itself, and when, the earliest first.
    pub fn upcoming(&self) -> impl Iterator<Item = (Instant, Due)> {
        self.outbox.dues().map(|(at, outgoing)| {
            let id = outgoing.delivery.id;
            match outgoing.state {
                State::Handed(_) => (at, Due::TimeOut(id)),
                State::Waiting(_) | State::Behind => (at, Due::Retry(id)),
            }
        })
    }

    /// Does what was due. Gives what is to be delivered now.
    pub fn do_due(&mut self, now: Instant, due: Due, facts: &mut Vec<Fact>) -> Vec<Delivery> {
        let state = |id| self.outbox.get(id).map(|outgoing| outgoing.state);
        match due {
            Due::Retry(id) => match state(id) {
                Some(State::Waiting(until)) if until <= now => {
                    let again = self.outbox.again(now, id);
                    again
                        .into_iter()
                        .inspect(|one| attempted(one, facts))
                        .collect()
                }
                _ => Vec::new(),
            },
            Due::TimeOut(id) => match state(id) {
                Some(State::Handed(by)) if by <= now => {
                    let failure =
                        Failure::server("Timeout", "The endpoint did not answer in time.");
                    self.failed(now, id, &failure, facts)
                }
                _ => Vec::new(),
            },
        }
    }

    /// A delivery that an endpoint has.
    pub(super) fn handed(&self, id: DeliveryId) -> Option<&Delivery> {
        let outgoing = self.outbox.get(id)?;
        matches!(outgoing.state, State::Handed(_)).then_some(&outgoing.delivery)
    }

    /// Sends a delivery on its way; gives it back if it is handed over now.
    pub(super) fn send(
        &mut self,
        now: Instant,
        delivery: Delivery,
        lane: Option<Lane>,
        facts: &mut Vec<Fact>,
    ) -> Option<Delivery> {
        let group = lane.as_ref().map(|(_, group)| group.clone());
        let (record, endpoint) = (delivery.parcel.record, delivery.endpoint.name().clone());
        let handed = self.outbox.send(now, delivery, lane);
        match (&handed, group) {
            (Some(delivery), _) => attempted(delivery, facts),
            (None, Some(group)) => facts.push(Fact::HeldBack {
                record,
                endpoint,
                group,
            }),
            (None, None) => {}
        }
        handed
    }

    fn done(&mut self, now: Instant, id: DeliveryId, facts: &mut Vec<Fact>) -> Vec<Delivery> {
        let next = self.outbox.done(now, id);
        next.into_iter()
            .inspect(|one| attempted(one, facts))
            .collect()
    }
}

fn attempted(delivery: &Delivery, facts: &mut Vec<Fact>) {
    facts.push(Fact::Attempted {
        record: delivery.parcel.record,
        endpoint: delivery.endpoint.name().clone(),
        attempt: delivery.attempt,
    });
}

/// The first attempt of a delivery, before it has its number.
pub(super) fn first(
    topic: &Arc<str>,
    subscription: &Arc<str>,
    endpoint: Endpoint,
    purpose: Purpose,
    parcel: Parcel,
) -> Delivery {
    Delivery {
        id: DeliveryId(0),
        purpose,
        topic: topic.clone(),
        subscription: subscription.clone(),
        endpoint,
        attempt: 1,
        parcel,
    }
}
