//! Deliveries and acknowledgements.
//!
//! # Rules
//! N28. A request to a pull consumer asks for a batch and waits at the server until it is filled or
//! expires with status 408. With `no_wait` it is answered with 404 when nothing is there. Requests
//! take turns, a message each; one whose inbox nobody listens to is dropped. More than `max_waiting`
//! requests are refused with 409. Source: NATS docs, "Consumers", pull. Shown by:
//! nats-js-max-ack-pending, the test `waiting_pulls_take_turns_and_are_limited`.
//!
//! N29. A push consumer delivers to its deliver subject while somebody is subscribed to it; with a
//! deliver group, somebody of that queue group. Source: NATS docs, "Consumers", push. Shown by:
//! nats-js-push.
//!
//! N30. The reply subject of a delivery is where it is acknowledged. It holds how often the message
//! was delivered, its sequence in the stream, the consumer's sequence, when it was stored and how many
//! are still to come. Source: NATS docs, "JetStream wire API Reference". Shown by: nats-js-ack-wait,
//! the test `an_ack_subject_reads_back`.
//!
//! N31. `-NAK` makes a message ready again at once, or after its delay; `+WPI` begins the ack wait
//! anew; `+TERM` ends deliveries like an acknowledgement, with an advisory. An acknowledgement with a
//! reply subject is confirmed. Source: NATS docs, "Consumers", acknowledgements. Shown by:
//! nats-js-nak, nats-js-nak-delay, nats-js-term, the test `progress_begins_the_ack_wait_anew`.
//!
//! N32. With a back-off list the delay of a NAK is lengthened by what the entry of this delivery is
//! longer than the first one. Source: nats-server 2.9 and later, as observed. Shown by: the test
//! `a_delayed_nak_with_backoff_comes_later`.
//!
//! N33. `headers_only` leaves the body out and gives its size in the header `Nats-Msg-Size`. Source:
//! NATS docs, "Consumers", HeadersOnly. Shown by: nats-js-headers-only.
//!
//! N34. The original replay keeps the pauses between messages until it has caught up. Source: NATS
//! docs, "Consumers", ReplayPolicy. Shown by: the test `the_original_replay_keeps_the_pauses`.
//!
//! Left out: `+NXT`, idle heartbeats, priority groups.

use super::Fact;
use super::consumer::{AckPolicy, Consumer, Next, Waiting};
use super::log::Stored;
use super::message::{AckKind, AckReply, From, Message, Pull, ReplyTo};
use super::stream::Retention;
use super::work::Work;
use crate::party::Caller;
use explore::time::Span;
use std::sync::Arc;

const ADVISORY: &str = "$JS.EVENT.ADVISORY.CONSUMER";

impl Work<'_> {
    fn consumer(&mut self, stream: &str, name: &str) -> Option<&mut Consumer> {
        self.streams.get_mut(stream)?.consumers.get_mut(name)
    }

    /// Delivers until nothing more is to be delivered now.
    pub(super) fn settle(&mut self) {
        while let Some((stream, consumer)) = self.signals.pop_first() {
            self.deliver(&stream, &consumer);
        }
    }

    fn deliver(&mut self, name: &str, consumer: &str) {
        while self.has_taker(name, consumer) {
            let now = self.now;
            let Some(stream) = self.streams.get_mut(name) else {
                return;
            };
            let Some(one) = stream.consumers.get_mut(consumer) else {
                return;
            };
            match one.next(now, &stream.log) {
                Next::UsedUp(seq) => self.used_up(name, consumer, seq),
                Next::Full | Next::NotYet => return,
                Next::Nothing => {
                    self.end_one_shots(name, consumer);
                    return;
                }
                next @ (Next::Again(seq) | Next::New(seq)) => {
                    let Some(stored) = stream.log.get(seq).cloned() else {
                        return;
                    };
                    let Some(inbox) = self.taker(name, consumer, &stored) else {
                        continue;
                    };
                    self.hand_out(name, consumer, next, &stored, &inbox);
                }
            }
        }
    }

    /// Whether somebody would take a message now. Requests that ended are dropped.
    fn has_taker(&mut self, name: &str, consumer: &str) -> bool {
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
                .has_interest(subject, one.config.deliver_group.as_ref());
        }
        let core = &*self.core;
        one.waiting
            .retain(|pull| core.has_interest(&pull.inbox, None));
        one.waiting
            .iter()
            .any(|pull| pull.expires.is_none_or(|at| at > now))
    }

    /// Where the next message goes.
    fn taker(&mut self, name: &str, consumer: &str, stored: &Stored) -> Option<Arc<str>> {
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

    fn hand_out(&mut self, name: &str, consumer: &str, next: Next, stored: &Stored, inbox: &str) {
        let now = self.now;
        let holder = self.core.listener(inbox);
        let Some(one) = self.consumer(name, consumer) else {
            return;
        };
        let (consumer_seq, deliveries) = one.deliver(now, next, stored.at, holder);
        let reply = AckReply {
            stream: name.into(),
            consumer: consumer.into(),
            deliveries,
            stream_seq: stored.seq,
            consumer_seq,
            stored: stored.at,
            pending: one.unseen(),
            record: stored.message.record,
        };
        let is_done = one.config.ack == AckPolicy::None;
        let mut message = stored.message.clone();
        if one.config.headers_only {
            let size = message.payload.len().to_string();
            message = message.with("Nats-Msg-Size", &size);
            message.payload = "".into();
        }
        self.out.tell(Fact::Delivered {
            record: stored.message.record,
            stream: name.into(),
            consumer: consumer.into(),
            seq: stored.seq,
            deliveries,
        });
        self.route(None, inbox, &message, Some(&ReplyTo::Ack(reply)));
        if is_done {
            self.settled(name, consumer, stored.seq);
        }
    }

    /// Ends requests that do not wait and have got something.
    fn end_one_shots(&mut self, name: &str, consumer: &str) {
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
    pub(super) fn expire_pulls(&mut self, name: &str, consumer: &str) {
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

    /// Gives up a message that was delivered as often as it may be.
    fn used_up(&mut self, name: &str, consumer: &str, seq: u64) {
        let Some(one) = self.consumer(name, consumer) else {
            return;
        };
        let deliveries = one.give_up(seq);
        self.out.tell(Fact::MaxDeliveries {
            consumer: consumer.into(),
            seq,
            deliveries,
        });
        let body = serde_json::json!({
            "type": "io.nats.jetstream.advisory.v1.max_deliver",
            "stream": name, "consumer": consumer, "stream_seq": seq, "deliveries": deliveries,
        });
        self.advise("MAX_DELIVERIES", name, consumer, &body);
    }

    fn advise(&mut self, kind: &str, name: &str, consumer: &str, body: &serde_json::Value) {
        let subject = format!("{ADVISORY}.{kind}.{name}.{consumer}");
        self.publish(None, Message::new(&subject, &body.to_string()), None);
    }

    /// Makes ready again what was not acknowledged in time.
    pub(super) fn redeliver(&mut self, name: &str, consumer: &str) {
        let (now, release) = (self.now, self.settings.release);
        let Some(one) = self.consumer(name, consumer) else {
            return;
        };
        let (again, used_up) = one.overdue(now, release);
        for seq in again {
            self.out.tell(Fact::AckWaitOver {
                consumer: consumer.into(),
                seq,
            });
        }
        for seq in used_up {
            self.used_up(name, consumer, seq);
        }
        self.signals.insert((name.into(), consumer.into()));
    }

    /// Takes a request for messages.
    pub(super) fn pull(
        &mut self,
        from: Caller,
        name: &str,
        consumer: &str,
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
        self.signals.insert((name.into(), consumer.into()));
    }

    /// Takes an acknowledgement.
    pub(super) fn ack(
        &mut self,
        from: From,
        to: &AckReply,
        kind: AckKind,
        reply: Option<Arc<str>>,
    ) {
        let (now, name, consumer) = (self.now, &*to.stream, &*to.consumer);
        let (seq, consumer_seq) = (to.stream_seq, to.consumer_seq);
        let known = self
            .consumer(name, consumer)
            .filter(|one| one.config.ack != AckPolicy::None);
        let Some(one) = known else {
            if let (Some(from), Some(inbox)) = (from, &reply) {
                self.no_responders(from, "$JS.ACK", inbox);
            }
            return;
        };
        match kind {
            AckKind::Ack | AckKind::Term => {
                let is_term = kind == AckKind::Term;
                if let Some(range) = one.acked(seq, consumer_seq) {
                    self.out.tell(match is_term {
                        true => Fact::Terminated {
                            consumer: consumer.into(),
                            seq,
                        },
                        false => Fact::Acked {
                            record: to.record,
                            consumer: consumer.into(),
                            seq,
                        },
                    });
                    let stream = self.streams.get(name);
                    let removes =
                        |one: &&super::stream::Stream| one.config.retention != Retention::Limits;
                    let done: Vec<u64> = match stream.filter(removes) {
                        Some(stream) => {
                            let log = stream.log.from(*range.start());
                            let within = log.take_while(|stored| stored.seq <= *range.end());
                            within.map(|stored| stored.seq).collect()
                        }
                        None => Vec::new(),
                    };
                    for seq in done {
                        self.settled(name, consumer, seq);
                    }
                }
                if is_term {
                    let body = serde_json::json!({
                        "type": "io.nats.jetstream.advisory.v1.terminated",
                        "stream": name, "consumer": consumer, "consumer_seq": consumer_seq,
                        "stream_seq": seq, "deliveries": to.deliveries,
                    });
                    self.advise("MSG_TERMINATED", name, consumer, &body);
                }
            }
            AckKind::Nak(delay) => {
                if one.naked(now, seq, consumer_seq, delay) {
                    self.out.tell(Fact::Naked {
                        consumer: consumer.into(),
                        seq,
                        delay_ms: delay.unwrap_or_default().0 / 1000,
                    });
                    let body = serde_json::json!({
                        "type": "io.nats.jetstream.advisory.v1.nak",
                        "stream": name, "consumer": consumer, "consumer_seq": consumer_seq,
                        "stream_seq": seq, "deliveries": to.deliveries,
                    });
                    self.advise("MSG_NAKED", name, consumer, &body);
                }
            }
            AckKind::InProgress => {
                if one.is_pending(seq) {
                    one.in_progress(now, seq);
                    self.out.tell(Fact::InProgress {
                        consumer: consumer.into(),
                        seq,
                    });
                }
            }
        }
        if let Some(reply) = reply {
            self.route(None, &reply, &Message::new(&reply, ""), None);
        }
        self.signals.insert((name.into(), consumer.into()));
    }
}
