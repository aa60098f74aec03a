//! Publishing: routing, confirms and returns; and dead letters, which the broker publishes itself.
//!
//! M40. Under `confirm.select` every publish is confirmed (`basic.ack`), also one that no queue takes;
//! it is refused (`basic.nack`) where any of its queues refuses it. Source: documentation, "Consumer
//! Acknowledgements and Publisher Confirms". Shown by: rabbitmq-mandatory-return,
//! rabbitmq-maxlen-reject-publish, the test `one_queue_that_refuses_makes_a_nack`.
//!
//! M41. A `mandatory` message without a queue comes back (`basic.return`, 312 NO_ROUTE) before it is
//! confirmed; without the flag it is lost in silence. Source: documentation, "Publishers", "Unroutable
//! Messages". Shown by: rabbitmq-mandatory-return, rabbitmq-topic-one-copy.
//!
//! M42. Publishing to an exchange that is not there is an error 404, to an internal one 403. Source:
//! documentation, "Publishers"; AMQP 0-9-1, basic.publish. Shown by: rabbitmq-declare-errors, the test
//! `errors_have_the_words`.
//!
//! M43. A dead letter goes by the dead-letter exchange as it is when the message dies; where that is
//! not there, or the queue has none, the message is gone. Source: documentation, "Dead Letter
//! Exchanges". Shown by: rabbitmq-dlx-without-args, rabbitmq-dlx-keeps-key.
//!
//! Simplified: confirms come at once, for a queue on one node has written when it answers. Dead
//! letters of quorum queues are passed on at most once, as their default strategy does.

use super::connection::Owner;
use super::fact::Fact;
use super::message::{Message, Reason};
use super::method::{Answer, BasicPublish};
use super::queue::Entry;
use super::queue::arguments::{MOST_MS, Overflow, QueueType};
use super::reply_code::{self, Exception, ReplyCode};
use super::work::{Work, client};
use crate::WHOLE;
use crate::party::ClientId;
use std::sync::Arc;

/// What a queue makes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Taken,
    Refused,
}

impl Work<'_> {
    pub(super) fn publish(&mut self, owner: Owner, publish: BasicPublish) -> Result<(), Exception> {
        match self.exchanges.by_name.get(&publish.exchange) {
            None => return Err(Exception::no_exchange(&publish.exchange)),
            Some(exchange) if exchange.internal => {
                let exchange = reply_code::exchange(&publish.exchange);
                let cause = format!("cannot publish to internal {exchange}");
                return Err(Exception::new(ReplyCode::AccessRefused, cause));
            }
            Some(_) => {}
        }
        let expiration = publish.properties.expiration;
        if let Some(ms) = expiration.filter(|ms| *ms > MOST_MS as u64) {
            return Err(Exception::precondition(format!(
                "invalid expiration '{ms}': {{value_too_big,{ms}}}"
            )));
        }
        let message = Message::published(
            publish.record,
            publish.exchange,
            publish.routing_key,
            publish.properties,
            publish.body,
            self.settings.version,
        )
        .map_err(|header| {
            let cause = format!("invalid message: {{unacceptable_type_in_header,\"{header}\"}}");
            Exception::precondition(cause)
        })?;
        let message = Arc::new(message);
        let queues = self.route(&message);
        let (record, exchange) = (message.record, message.exchange.clone());
        if queues.is_empty() {
            let key = message.routing_key();
            self.tell(Fact::Unroutable {
                record,
                exchange,
                key,
            });
            if publish.mandatory {
                let client = client(owner.caller);
                self.tell(Fact::Returned { record, client });
                let reason = Exception {
                    code: ReplyCode::NoRoute,
                    text: ReplyCode::NoRoute.name().into(),
                };
                self.reply(owner, Answer::BasicReturn { reason, message });
            }
            self.confirm(owner, record, Verdict::Taken);
            return Ok(());
        }
        self.tell(Fact::Routed {
            record,
            exchange,
            queues: queues.clone(),
        });
        let mut verdict = Verdict::Taken;
        for queue in &queues {
            if self.enqueue(queue, message.clone(), Some(owner)) == Verdict::Refused {
                verdict = Verdict::Refused;
            }
        }
        self.confirm(owner, record, verdict);
        Ok(())
    }

    /// The queues a message goes to.
    fn route(&self, message: &Message) -> Vec<Arc<str>> {
        let routed = self.exchanges.route(&message.exchange, message);
        let queues = routed.into_iter();
        queues
            .filter(|queue| self.queues.by_name.contains_key(queue))
            .collect()
    }

    fn confirm(&mut self, owner: Owner, record: Option<crate::RecordId>, verdict: Verdict) {
        let Some(channel) = self.connections.channel_mut(owner) else {
            return;
        };
        let Some(last) = &mut channel.confirms else {
            return;
        };
        *last = last.saturating_add(1);
        let delivery_tag = *last;
        let client = client(owner.caller);
        match verdict {
            Verdict::Taken => {
                self.tell(Fact::Confirmed { record, client });
                self.reply(owner, Answer::Confirmed { delivery_tag });
            }
            Verdict::Refused => {
                self.tell(Fact::Nacked { record, client });
                self.reply(owner, Answer::Refused { delivery_tag });
            }
        }
    }

    /// Puts a message into a queue, which hands it on, makes room for it or refuses it.
    pub(super) fn enqueue(
        &mut self,
        name: &str,
        message: Arc<Message>,
        publisher: Option<Owner>,
    ) -> Verdict {
        let (now, version) = (self.now, self.settings.version);
        let record = message.record;
        let Some(queue) = self.queues.by_name.get_mut(name) else {
            return Verdict::Taken;
        };
        let queue_name = queue.name.clone();
        if WHOLE && queue.queue_type() == QueueType::Stream {
            queue.log.push(message);
            self.tell(Fact::Enqueued {
                record,
                queue: queue_name,
            });
            self.run(name);
            return Verdict::Taken;
        }
        if let Some(overflow) = queue.refuses(&message, publisher) {
            let entry = queue.entry(now, message);
            self.tell(Fact::PublishRejected {
                record,
                queue: queue_name,
            });
            if overflow == Overflow::RejectPublishDlx {
                self.die(name, &entry, Reason::Maxlen, None);
            }
            return Verdict::Refused;
        }
        let place = queue.last_place(&message, version);
        let entry = queue.entry(now, message);
        queue.put(place, entry);
        self.tell(Fact::Enqueued {
            record,
            queue: queue_name,
        });
        self.run(name);
        self.drop_heads(name);
        self.expire(name);
        Verdict::Taken
    }

    /// Drops heads until the limits are kept.
    pub(super) fn drop_heads(&mut self, name: &str) {
        let version = self.settings.version;
        while let Some(queue) = self.queues.by_name.get_mut(name) {
            let head = queue.must_drop_head().then(|| queue.take(version));
            let Some((_, entry)) = head.flatten() else {
                return queue.watch_limit();
            };
            self.die(name, &entry, Reason::Maxlen, None);
        }
    }

    /// Away with heads whose time is over.
    pub(super) fn expire(&mut self, name: &str) {
        let (now, version) = (self.now, self.settings.version);
        while let Some(queue) = self.queues.by_name.get_mut(name)
            && queue.next_expiry(version).is_some_and(|at| at <= now)
            && let Some((_, entry)) = queue.take(version)
        {
            self.die(name, &entry, Reason::Expired, None);
        }
    }

    /// A message dies in a queue, or with the client that had it: it is published to the dead-letter
    /// exchange, or gone.
    pub(super) fn die(
        &mut self,
        name: &str,
        entry: &Entry,
        reason: Reason,
        client: Option<ClientId>,
    ) {
        let version = self.settings.version;
        let record = entry.message.record;
        let Some(queue) = self.queues.by_name.get(name) else {
            return;
        };
        let queue_name = queue.name.clone();
        let key = queue.arguments.dead_letter_routing_key.clone();
        let exchange = queue.arguments.dead_letter_exchange.clone();
        let exchange = exchange.filter(|one| self.exchanges.by_name.contains_key(one));
        let Some(exchange) = exchange else {
            self.tell(Fact::Dropped {
                record,
                queue: queue_name,
                reason: reason.name().into(),
                client,
            });
            return;
        };
        let letter = entry
            .message
            .died(queue_name.clone(), reason, exchange, key, version);
        let letter = Arc::new(letter);
        let routed = self.route(&letter);
        let is_cycle = |queue: &Arc<str>| {
            reason != Reason::Rejected && letter.deaths().is_automatic_cycle(queue)
        };
        let (cycles, queues): (Vec<_>, Vec<_>) = routed.into_iter().partition(is_cycle);
        self.tell(Fact::DeadLettered {
            record,
            queue: queue_name,
            reason: reason.name().into(),
            queues: queues.clone(),
            client,
        });
        for queue in cycles {
            self.tell(Fact::CycleBroken { record, queue });
        }
        for queue in queues {
            self.letters.push_back((queue, letter.clone()));
        }
    }
}
