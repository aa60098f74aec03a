//! Deliveries and acknowledgements.
//!
//! # Rules
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
use super::consumer::{AckPolicy, Consumer, Next};
use super::log::Stored;
use super::message::{AckKind, AckReply, From, Message, ReplyTo};
use super::stream::Retention;
use super::work::Work;
use std::sync::Arc;

const ADVISORY: &str = "$JS.EVENT.ADVISORY.CONSUMER";

impl Work<'_> {
    pub(super) fn consumer(&mut self, stream: &str, name: &str) -> Option<&mut Consumer> {
        self.streams.get_mut(stream)?.consumers.get_mut(name)
    }

    /// Delivers until nothing more is to be delivered now.
    pub(super) fn settle(&mut self) {
        while let Some((stream, consumer)) = self.signals.pop_first() {
            self.deliver(&stream, &consumer);
        }
    }

    fn deliver(&mut self, name: &Arc<str>, consumer: &Arc<str>) {
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
                    self.hand_out(name, consumer, next, stored, &inbox);
                }
            }
        }
    }

    fn hand_out(
        &mut self,
        name: &Arc<str>,
        consumer: &Arc<str>,
        next: Next,
        stored: Stored,
        inbox: &str,
    ) {
        let now = self.now;
        let holder = self.core.interest().listener(inbox);
        let Some(one) = self.consumer(name, consumer) else {
            return;
        };
        let (consumer_seq, deliveries) = one.deliver(now, next, stored.at, holder);
        let reply = AckReply {
            stream: name.clone(),
            consumer: consumer.clone(),
            deliveries,
            stream_seq: stored.seq,
            consumer_seq,
            stored: stored.at,
            pending: one.unseen(),
            record: stored.message.record,
        };
        let is_done = one.config.ack == AckPolicy::None;
        let mut message = stored.message;
        if one.config.headers_only {
            let size = message.payload.len().to_string();
            message = message.with("Nats-Msg-Size", &size);
            message.payload = "".into();
        }
        self.out.tell(Fact::Delivered {
            record: message.record,
            stream: name.clone(),
            consumer: consumer.clone(),
            seq: stored.seq,
            deliveries,
        });
        self.route(None, inbox, &message, Some(&ReplyTo::Ack(reply)));
        if is_done {
            self.settled(name, consumer, stored.seq);
        }
    }

    /// Gives up a message that was delivered as often as it may be.
    fn used_up(&mut self, name: &Arc<str>, consumer: &Arc<str>, seq: u64) {
        let Some(one) = self.consumer(name, consumer) else {
            return;
        };
        let deliveries = one.give_up(seq);
        self.out.tell(Fact::MaxDeliveries {
            consumer: consumer.clone(),
            seq,
            deliveries,
        });
        let body = serde_json::json!({
            "type": "io.nats.jetstream.advisory.v1.max_deliver",
            "stream": name, "consumer": consumer, "stream_seq": seq, "deliveries": deliveries,
        });
        self.advise("MAX_DELIVERIES", name, consumer, &body);
    }

    fn advise(
        &mut self,
        kind: &str,
        name: &Arc<str>,
        consumer: &Arc<str>,
        body: &serde_json::Value,
    ) {
        let subject = format!("{ADVISORY}.{kind}.{name}.{consumer}");
        self.publish(None, Message::new(&subject, &body.to_string()), None);
    }

    /// Makes ready again what was not acknowledged in time.
    pub(super) fn redeliver(&mut self, name: &Arc<str>, consumer: &Arc<str>) {
        let (now, release) = (self.now, self.settings.release);
        let Some(one) = self.consumer(name, consumer) else {
            return;
        };
        let (again, used_up) = one.overdue(now, release);
        for seq in again {
            self.out.tell(Fact::AckWaitOver {
                consumer: consumer.clone(),
                seq,
            });
        }
        for seq in used_up {
            self.used_up(name, consumer, seq);
        }
        self.signals.add(name, consumer);
    }

    /// Takes an acknowledgement.
    pub(super) fn ack(
        &mut self,
        from: From,
        to: &AckReply,
        kind: AckKind,
        reply: Option<Arc<str>>,
    ) {
        let (now, name, consumer) = (self.now, &to.stream, &to.consumer);
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
        let may_deliver = one.may_deliver();
        match kind {
            AckKind::Ack | AckKind::Term => {
                let is_term = kind == AckKind::Term;
                if let Some(range) = one.acked(seq, consumer_seq) {
                    self.out.tell(match is_term {
                        true => Fact::Terminated {
                            consumer: consumer.clone(),
                            seq,
                        },
                        false => Fact::Acked {
                            record: to.record,
                            consumer: consumer.clone(),
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
                        consumer: consumer.clone(),
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
                        consumer: consumer.clone(),
                        seq,
                    });
                }
            }
        }
        if let Some(reply) = reply {
            self.route(None, &reply, &Message::new(&reply, ""), None);
        }
        if may_deliver {
            self.signals.add(name, consumer);
        }
    }
}
