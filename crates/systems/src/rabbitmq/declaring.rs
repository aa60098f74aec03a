//! Exchanges, queues and bindings: declaring and deleting them.
//!
//! M36. Declaring what is there already with the same properties does nothing; with others it is an
//! error 406. A passive declaration only asks, and is an error 404 where nothing is there. Source:
//! AMQP 0-9-1, queue.declare and exchange.declare. Shown by: rabbitmq-declare-errors.
//!
//! M37. Names that begin with `amq.` are the broker's; the default exchange can be neither bound to
//! nor deleted, system exchanges not deleted (403). Source: documentation, "Queues", "Queue Names".
//! Shown by: rabbitmq-default-exchange, the test `errors_have_the_words`.
//!
//! M38. An exclusive queue is there for its connection alone: others get 405 RESOURCE_LOCKED. It goes
//! with the connection. Source: documentation, "Queues", "Exclusive Queues". Shown by: the test
//! `an_exclusive_queue_goes_with_its_connection`.
//!
//! M39. With a deleted queue its messages go, without dead-lettering; its consumers get
//! `basic.cancel`. Deleting what is not there is no error; with `if-unused` or `if-empty` it is
//! refused where that does not hold (406). Source: documentation, "Consumer Cancel Notification",
//! "Queues". Shown by: the test `a_deleted_queue_cancels_its_consumers`.

use super::connection::Owner;
use super::exchange::{Exchange, Kind};
use super::fact::Fact;
use super::method::{Answer, ExchangeDeclare, QueueDeclare};
use super::queue::Queue;
use super::queue::arguments::{QueueType, inequivalent};
use super::reply_code::{self, Exception, ReplyCode};
use super::work::{Work, client};
use explore::seed::Seed;
use serde_json::Value;
use std::sync::Arc;

impl Work<'_> {
    pub(super) fn declare_exchange(
        &mut self,
        declare: &ExchangeDeclare,
    ) -> Result<Answer, Exception> {
        let name = &declare.exchange;
        if declare.passive {
            return match self.exchanges.by_name.contains_key(name) {
                true => Ok(Answer::ExchangeDeclareOk),
                false => Err(Exception::no_exchange(name)),
            };
        }
        let Some(kind) = Kind::of(&declare.kind) else {
            let cause = format!("unknown exchange type '{}'", declare.kind);
            return Err(Exception::new(ReplyCode::CommandInvalid, cause));
        };
        if name.is_empty() {
            return Err(default_exchange());
        }
        let wanted = Exchange {
            durable: declare.durable,
            auto_delete: declare.auto_delete,
            internal: declare.internal,
            alternate_exchange: declare.alternate_exchange.clone(),
            ..Exchange::new(kind)
        };
        if let Some(is) = self.exchanges.by_name.get(name) {
            same_exchange(name, &wanted, is)?;
            return Ok(Answer::ExchangeDeclareOk);
        }
        if name.starts_with("amq.") {
            return Err(reserved("exchange", name));
        }
        self.exchanges.by_name.insert(name.clone(), wanted);
        self.tell(Fact::ExchangeDeclared {
            exchange: name.clone(),
        });
        Ok(Answer::ExchangeDeclareOk)
    }

    pub(super) fn delete_exchange(
        &mut self,
        name: &str,
        if_unused: bool,
    ) -> Result<Answer, Exception> {
        if name.is_empty() {
            return Err(default_exchange());
        }
        if name.starts_with("amq.") {
            let exchange = reply_code::exchange(name);
            let cause = format!("deletion of system {exchange} not allowed");
            return Err(Exception::new(ReplyCode::AccessRefused, cause));
        }
        let exchange = self.exchanges.by_name.get(name);
        if if_unused && exchange.is_some_and(|exchange| !exchange.bindings().is_empty()) {
            let exchange = reply_code::exchange(name);
            return Err(Exception::precondition(format!("{exchange} in use")));
        }
        if exchange.is_some() {
            let gone = self.exchanges.delete(name);
            self.exchanges_gone(gone);
        }
        Ok(Answer::ExchangeDeleteOk)
    }

    pub(super) fn exchanges_gone(&mut self, gone: Vec<Arc<str>>) {
        for exchange in gone {
            self.tell(Fact::ExchangeDeleted { exchange });
        }
    }

    /// A queue that this connection may use.
    pub(super) fn known_queue(&mut self, owner: Owner, name: &str) -> Result<(), Exception> {
        match self.queues.by_name.get(name) {
            None => Err(Exception::no_queue(name)),
            Some(queue) if queue.exclusive.is_some_and(|its| its != owner.caller) => {
                Err(locked(name))
            }
            Some(_) => Ok(()),
        }
    }

    pub(super) fn declare_queue(
        &mut self,
        owner: Owner,
        declare: QueueDeclare,
    ) -> Result<Answer, Exception> {
        let mut name = declare.queue.clone();
        if declare.passive {
            self.known_queue(owner, &name)?;
            return self.declared(name);
        }
        if name.is_empty() {
            name = self.made_up("amq.gen-");
        } else if self.queues.by_name.contains_key(&name) {
            self.same_queue(owner, &declare)?;
            return self.declared(name);
        } else if name.starts_with("amq.") {
            return Err(reserved("queue", &name));
        }
        declare.arguments.validate(&name)?;
        if declare.arguments.queue_type() != QueueType::Classic {
            for (is_wrong, property) in [
                (!declare.durable, "durable"),
                (declare.exclusive, "exclusive-owner"),
                (declare.auto_delete, "auto-delete"),
            ] {
                if is_wrong {
                    let queue = reply_code::queue(&name);
                    let cause = format!("invalid property '{property}' for {queue}");
                    return Err(Exception::precondition(cause));
                }
            }
        }
        let mut queue = Queue::new(name.clone(), declare.arguments);
        queue.durable = declare.durable;
        queue.auto_delete = declare.auto_delete;
        queue.exclusive = declare.exclusive.then_some(owner.caller);
        self.queues.by_name.insert(name.clone(), queue);
        self.tell(Fact::QueueDeclared {
            queue: name.clone(),
        });
        self.declared(name)
    }

    /// What is told of a queue that is there; asking counts as use.
    fn declared(&mut self, queue: Arc<str>) -> Result<Answer, Exception> {
        let now = self.now;
        let Some(is) = self.queues.by_name.get_mut(&queue) else {
            return Err(Exception::no_queue(&queue));
        };
        is.used(now);
        Ok(Answer::QueueDeclareOk {
            message_count: is.message_count(),
            consumer_count: is.consumers.len() as u64,
            queue,
        })
    }

    /// Whether a queue that is there is what somebody declares.
    fn same_queue(&self, owner: Owner, declare: &QueueDeclare) -> Result<(), Exception> {
        let name = &*declare.queue;
        let Some(is) = self.queues.by_name.get(name) else {
            return Ok(());
        };
        let of = reply_code::queue(name);
        let differs = |what: &str, received: bool, current: bool| match received == current {
            true => Ok(()),
            false => {
                let (received, current) = (Value::from(received), Value::from(current));
                Err(inequivalent(what, &of, &Some(received), &Some(current)))
            }
        };
        if is.exclusive.is_some_and(|its| its != owner.caller)
            || declare.exclusive != is.exclusive.is_some()
        {
            return Err(locked(name));
        }
        differs("durable", declare.durable, is.durable)?;
        differs("auto_delete", declare.auto_delete, is.auto_delete)?;
        declare.arguments.must_be(&is.arguments, name)
    }

    /// A name that the broker makes up: the same in every run.
    pub(super) fn made_up(&mut self, prefix: &str) -> Arc<str> {
        let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        self.queues.named = self.queues.named.saturating_add(1);
        let mut seed = Seed::new(self.queues.named);
        let mut bits = [seed.draw(), seed.draw()];
        let mut name = prefix.to_owned();
        for at in 0..22 {
            let half = &mut bits[usize::from(at > 10)];
            let letter = letters.get((*half & 63) as usize).copied();
            name.push(char::from(letter.unwrap_or(b'-')));
            *half = half.rotate_right(6);
        }
        name.into()
    }

    pub(super) fn purge(&mut self, owner: Owner, name: &str) -> Result<Answer, Exception> {
        self.known_queue(owner, name)?;
        let Some(queue) = self.queues.by_name.get_mut(name) else {
            return Err(Exception::no_queue(name));
        };
        if queue.queue_type() == QueueType::Stream {
            let cause = format!("purge not supported by stream {}", reply_code::queue(name));
            return Err(Exception::new(ReplyCode::NotImplemented, cause));
        }
        let message_count = queue.message_count();
        queue.ready.clear();
        queue.ready_bytes = 0;
        queue.watch_limit();
        let queue = queue.name.clone();
        self.tell(Fact::QueuePurged {
            queue,
            messages: message_count,
        });
        Ok(Answer::QueuePurgeOk { message_count })
    }

    pub(super) fn delete_asked(
        &mut self,
        owner: Owner,
        name: &str,
        (if_unused, if_empty): (bool, bool),
    ) -> Result<Answer, Exception> {
        let Some(queue) = self.queues.by_name.get(name) else {
            return Ok(Answer::QueueDeleteOk { message_count: 0 });
        };
        if queue.exclusive.is_some_and(|its| its != owner.caller) {
            return Err(locked(name));
        }
        let told = reply_code::queue(name);
        if queue.queue_type() == QueueType::Quorum && (if_unused || if_empty) {
            let flag = if if_unused { "if-unused" } else { "if-empty" };
            return Err(Exception::new(
                ReplyCode::NotImplemented,
                format!(
                    "cannot delete {told}. queue.delete operations with {flag} flag set are not \
                     supported by quorum queues"
                ),
            ));
        }
        if if_unused && !queue.consumers.is_empty() {
            return Err(Exception::precondition(format!("{told} in use")));
        }
        if if_empty && queue.message_count() > 0 {
            return Err(Exception::precondition(format!("{told} not empty")));
        }
        let message_count = queue.message_count();
        self.delete_queue(name);
        Ok(Answer::QueueDeleteOk { message_count })
    }

    /// Away with a queue: its messages, its bindings, its consumers.
    pub(super) fn delete_queue(&mut self, name: &str) {
        let Some(mut queue) = self.queues.by_name.remove(name) else {
            return;
        };
        self.connections.queue_gone(name);
        let gone = self.exchanges.queue_gone(&queue.name);
        self.tell(Fact::QueueDeleted {
            queue: queue.name.clone(),
            messages: (queue.message_count()).saturating_add(queue.held.len() as u64),
        });
        self.exchanges_gone(gone);
        let (consumers, _) = queue.consumers.remove(|_| true);
        for consumer in consumers {
            self.tell(Fact::ConsumerCancelled {
                queue: queue.name.clone(),
                client: client(consumer.owner.caller),
                consumer_tag: consumer.tag.clone(),
            });
            let consumer_tag = consumer.tag;
            self.reply(consumer.owner, Answer::BasicCancel { consumer_tag });
        }
    }
}

pub(super) fn default_exchange() -> Exception {
    let cause = "operation not permitted on the default exchange";
    Exception::new(ReplyCode::AccessRefused, cause)
}

fn reserved(what: &str, name: &str) -> Exception {
    let cause = format!("{what} name '{name}' contains reserved prefix 'amq.*'");
    Exception::new(ReplyCode::AccessRefused, cause)
}

fn locked(name: &str) -> Exception {
    let queue = reply_code::queue(name);
    Exception::new(
        ReplyCode::ResourceLocked,
        format!(
            "cannot obtain exclusive access to locked {queue}. It could be originally declared on \
             another connection or the exclusive property value does not match that of the original \
             declaration."
        ),
    )
}

/// Whether an exchange that is there is what somebody declares.
fn same_exchange(name: &str, wanted: &Exchange, is: &Exchange) -> Result<(), Exception> {
    let of = reply_code::exchange(name);
    let text = |text: &str| Some(Value::from(text));
    let truth = |truth: bool| Some(Value::from(truth));
    let alternate = |exchange: &Exchange| {
        let name = exchange.alternate_exchange.as_deref();
        name.map(Value::from)
    };
    for (what, received, current) in [
        ("type", text(wanted.kind.name()), text(is.kind.name())),
        ("durable", truth(wanted.durable), truth(is.durable)),
        (
            "auto_delete",
            truth(wanted.auto_delete),
            truth(is.auto_delete),
        ),
        ("internal", truth(wanted.internal), truth(is.internal)),
        ("alternate-exchange", alternate(wanted), alternate(is)),
    ] {
        if received != current {
            return Err(inequivalent(what, &of, &received, &current));
        }
    }
    Ok(())
}
