//! Pushes to an endpoint, and the pause after one that fails.
//!
//! # Rules
//! P34. A push subscription sends every message to its endpoint, of one ordering key one at a time. The
//! answers 102, 200, 201, 202 and 204 acknowledge; every other answer, none before the acknowledgement
//! deadline, and an endpoint that is not there bring the message again. Nobody can pull from it. Source:
//! "Push subscriptions". Shown by: the test `a_push_is_acknowledged_by_its_answer`.
//!
//! P35. Push back-off: after a failed push the whole subscription pushes nothing for 100 ms, then twice as
//! long each time, up to 60 s; then one message at a time until one succeeds. Source: "Push subscriptions",
//! push back-off. Shown by: the test `push_backs_off_and_recovers`.
//!
//! P36. Without its endpoint a push subscription is a pull subscription with what was not acknowledged, and
//! the other way round. Source: ModifyPushConfig method. Shown by: pubsub-push-to-pull.
//!
//! Simplified: the number of pushes at a time is not limited while they succeed, where the real service begins
//! slowly.

use super::failing::{doubled, one_more};
use super::{Holder, Standing, Subscription, Work};
use crate::party::Caller;
use crate::pubsub::fact::Fact;
use crate::pubsub::message::AckId;
use crate::pubsub::request::Reply;
use explore::time::{Instant, Span};
use std::sync::Arc;

/// Whether an endpoint's answer acknowledges.
pub const fn is_success(status: u16) -> bool {
    matches!(status, 102 | 200 | 201 | 202 | 204)
}

impl Subscription {
    fn is_pushing(&self) -> bool {
        self.in_flight.iter().any(|(_, id)| {
            matches!(
                self.entries.get(id).map(|entry| entry.standing),
                Some(Standing::InFlight {
                    holder: Holder::Endpoint(_),
                    ..
                })
            )
        })
    }

    pub(super) fn can_push(&self, now: Instant) -> bool {
        self.backoff.until.is_none_or(|until| until <= now)
            && (self.backoff.failures == 0 || !self.is_pushing())
    }

    pub(super) fn push(&mut self, endpoint: &Arc<str>, work: &mut Work<'_>) {
        let server = work.endpoints.iter().find(|(name, _)| name == endpoint);
        let server = server.map(|(_, caller)| *caller);
        while let Some(id) = self
            .ready
            .first()
            .copied()
            .filter(|_| self.can_push(work.now))
        {
            let to = server.unwrap_or(Caller {
                client: 0,
                connection: 0,
            });
            let seconds = self.settings.ack_deadline_seconds;
            let Some(message) = self.give(id, seconds, Holder::Endpoint(to), work) else {
                break;
            };
            if server.is_none() {
                self.push_failed(id, None, work);
                continue;
            }
            let push = Reply::Push {
                endpoint: Arc::clone(endpoint),
                subscription: Arc::clone(&self.name),
                message: Box::new(message),
            };
            work.out.reply(to, push);
        }
    }

    /// An endpoint answered.
    pub fn push_answered(&mut self, id: AckId, status: u16, work: &mut Work<'_>) {
        let entry = self.entries.get(id.message);
        let is_pushed = entry.is_some_and(|entry| {
            let standing = entry.standing;
            let to_endpoint = matches!(
                standing,
                Standing::InFlight {
                    holder: Holder::Endpoint(_),
                    ..
                }
            );
            to_endpoint && entry.delivery == Some(id.delivery)
        });
        if !is_pushed {
            return;
        }
        if is_success(status) {
            self.backoff = super::Backoff::default();
            self.used(work.now);
            self.acknowledge_entry(id.message, work);
        } else {
            self.push_failed(id.message, Some(status), work);
        }
    }

    /// A push failed.
    pub(super) fn push_failed(&mut self, id: u64, status: Option<u16>, work: &mut Work<'_>) {
        let backoff = &mut self.backoff;
        // Pushes that were under way when one failed tell nothing new.
        if backoff.until.is_none_or(|until| until <= work.now) {
            backoff.failures = one_more(backoff.failures);
            let ms = doubled(100, backoff.failures, 60_000);
            backoff.until = Some(work.now + Span::from_ms(ms));
        }
        let until = backoff.until.unwrap_or(work.now);
        work.out.tell(Fact::PushFailed {
            record: self.entries.get(id).and_then(|entry| entry.message.record),
            subscription: Arc::clone(&self.name),
            status,
            backoff_ms: until.since(work.now).0 / 1000,
        });
        self.fail(id, work);
    }

    /// The endpoint changed: pushing begins anew.
    pub fn forget_backoff(&mut self) {
        self.backoff = super::Backoff::default();
    }

    /// The pause after a failed push is over.
    pub fn end_backoff(&mut self, until: Instant) {
        if self.backoff.until == Some(until) {
            self.backoff.until = None;
        }
    }
}
