//! Requests to pull consumers.
//!
//! # Rules
//! N28. A request to a pull consumer asks for a batch and waits at the server until it is filled or
//! expires with status 408. With `no_wait` it is answered with 404 when nothing is there. Requests
//! take turns, a message each; one whose inbox nobody listens to is dropped. More than `max_waiting`
//! requests are refused with 409. Source: NATS docs, "Consumers", pull. Shown by:
//! nats-js-max-ack-pending, the test `waiting_pulls_take_turns_and_are_limited`.

use super::consumer::Waiting;
use super::log::Stored;
use super::message::Pull;
use super::work::Work;
use crate::party::Caller;
use explore::time::Span;
use std::sync::Arc;

impl Work<'_> {
    /// Whether somebody would take a message now. Requests that ended are dropped.
    pub(super) fn has_taker(&mut self, name: &Arc<str>, consumer: &Arc<str>) -> bool {
        let now = self.now;
        let Some(one) = self
            .streams
            .get_mut(name)
            .and_then(|one| one.consumers.get_mut(consumer))
        else {
            return false;
        };
        if let Some(subject) = &one.config.deliver_subject {
            return self
                .core
                .interest()
                .has(subject, one.config.deliver_group.as_ref());
        }
        let core = &*self.core;
        one.waiting
            .retain(|pull| core.interest().has(&pull.inbox, None));
        one.waiting
            .iter()
            .any(|pull| pull.expires.is_none_or(|at| at > now))
    }

    /// Where the next message goes.
    pub(super) fn taker(
        &mut self,
        name: &Arc<str>,
        consumer: &Arc<str>,
        stored: &Stored,
    ) -> Option<Arc<str>> {
        let now = self.now;
        let size = stored.message.size() + stored.message.subject.len() as u64;
        let one = self.consumer(name, consumer)?;
        if let Some(subject) = &one.config.deliver_subject {
            return Some(subject.clone());
        }
        let mut pull = one.waiting.pop_front()?;
        if pull.expires.is_some_and(|at| at <= now) {
            self.status(consumer, &pull.inbox, 408, "Request Timeout");
            return None;
        }
        if pull.bytes.is_some_and(|bytes| bytes < size) {
            self.status(consumer, &pull.inbox, 409, "Message Size Exceeds MaxBytes");
            return None;
        }
        pull.bytes = pull.bytes.map(|bytes| bytes - size);
        pull.left = pull.left.saturating_sub(1);
        pull.given += 1;
        let inbox = pull.inbox.clone();
        if pull.left > 0 {
            one.waiting.push_back(pull);
        }
        Some(inbox)
    }

    /// Ends requests that do not wait and have got something.
    pub(super) fn end_one_shots(&mut self, name: &Arc<str>, consumer: &Arc<str>) {
        let Some(one) = self.consumer(name, consumer) else {
            return;
        };
        let mut ended: Vec<Waiting> = Vec::new();
        one.waiting.retain(|pull| {
            let ends = pull.no_wait && pull.given > 0;
            if ends {
                ended.push(pull.clone());
            }
            !ends
        });
        for pull in ended {
            self.status(consumer, &pull.inbox, 408, "Request Timeout");
        }
    }

    /// Ends requests whose time is over.
    pub(super) fn expire_pulls(&mut self, name: &Arc<str>, consumer: &Arc<str>) {
        let now = self.now;
        let Some(one) = self.consumer(name, consumer) else {
            return;
        };
        let mut ended: Vec<Waiting> = Vec::new();
        one.waiting.retain(|pull| {
            let ends = pull.expires.is_some_and(|at| at <= now);
            if ends {
                ended.push(pull.clone());
            }
            !ends
        });
        if !ended.is_empty() {
            one.used = now;
        }
        for pull in ended {
            self.status(consumer, &pull.inbox, 408, "Request Timeout");
        }
    }

    /// Takes a request for messages.
    pub(super) fn pull(
        &mut self,
        from: Caller,
        name: &Arc<str>,
        consumer: &Arc<str>,
        inbox: Arc<str>,
        pull: Pull,
    ) {
        let now = self.now;
        let Some(one) = self.consumer(name, consumer) else {
            self.no_responders(from, "$JS.API.CONSUMER.MSG.NEXT", &inbox);
            return;
        };
        if one.config.deliver_subject.is_some() {
            self.status(consumer, &inbox, 409, "Consumer is push based");
            return;
        }
        one.used = now;
        let max_waiting = usize::try_from(one.config.max_waiting).unwrap_or(512);
        if one.waiting.len() >= max_waiting {
            self.has_taker(name, consumer);
        }
        let Some(one) = self.consumer(name, consumer) else {
            return;
        };
        if one.waiting.len() >= max_waiting {
            self.status(consumer, &inbox, 409, "Exceeded MaxWaiting");
            return;
        }
        if pull.no_wait {
            let there = one.unseen() + one.ready_again();
            let asked: u64 = one
                .waiting
                .iter()
                .fold(0, |sum, one| sum.saturating_add(one.left));
            if there == 0 && pull.expires.is_none() {
                self.status(consumer, &inbox, 404, "No Messages");
                return;
            }
            if there > 0 && there < asked {
                self.status(consumer, &inbox, 408, "Requests Pending");
                return;
            }
        }
        one.waiting.push_back(Waiting {
            inbox,
            left: pull.batch.max(1),
            given: 0,
            no_wait: pull.no_wait,
            expires: pull
                .expires
                .filter(|span| *span != Span(0))
                .map(|span| now + span),
            bytes: pull.max_bytes.filter(|bytes| *bytes > 0),
        });
        self.signals.add(name, consumer);
    }
}
