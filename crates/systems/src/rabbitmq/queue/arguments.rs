//! What queues are declared with: the `x-` arguments, which of them a type of queue takes, and what
//! they can be.
//!
//! M29. Declaring a queue again with other properties or arguments is an error 406 that names the
//! argument, both values, and which of them is there. Source: documentation, "Queues", "Declaration
//! and Property Equivalence". Shown by: rabbitmq-declare-errors, the test `errors_have_the_words`.
//!
//! M30. A type of queue refuses arguments that only other types have (406): `x-max-priority` is
//! classic, `x-delivery-limit` is quorum. Quorum queues and streams are durable, and neither exclusive
//! nor auto-delete. Source: documentation, "Quorum Queues", "Feature Matrix"; `rabbit_queue_type`. Shown
//! by: the test `errors_have_the_words`.
//!
//! M31. Times and lengths are not negative, `x-expires` is not 0, `x-max-priority` is at most 255, and
//! a dead-letter routing key needs a dead-letter exchange. Source: `rabbit_amqqueue`. Shown by: the
//! test `errors_have_the_words`.

use crate::rabbitmq::reply_code::Exception;
use crate::rabbitmq::settings::Version;
use std::sync::Arc;

crate::settings! {
    /// The arguments of a queue.
    #[derive(explore::Weigh)]
    pub struct Arguments {
        /// How many milliseconds a message may stay.
        "x-message-ttl" message_ttl: Option<i64> = None;
        /// After how many milliseconds without use the queue is deleted.
        "x-expires" expires: Option<i64> = None;
        /// How many messages may be ready.
        "x-max-length" max_length: Option<i64> = None;
        /// How many bytes of bodies may be ready.
        "x-max-length-bytes" max_length_bytes: Option<i64> = None;
        /// What happens over the limit: `drop-head`, `reject-publish` or `reject-publish-dlx`.
        "x-overflow" overflow: Option<Arc<str>> = None;
        /// To which exchange dead messages are published.
        "x-dead-letter-exchange" dead_letter_exchange: Option<Arc<str>> = None;
        /// With which routing key; without one, with their own.
        "x-dead-letter-routing-key" dead_letter_routing_key: Option<Arc<str>> = None;
        /// The highest priority that is kept apart.
        "x-max-priority" max_priority: Option<i64> = None;
        /// `classic` (default), `quorum` or `stream`.
        "x-queue-type" queue_type: Option<Arc<str>> = None;
        /// How often a message may come back before it is given up; negative for no limit.
        "x-delivery-limit" delivery_limit: Option<i64> = None;
        /// Whether one consumer gets everything while the others stand by.
        "x-single-active-consumer" single_active_consumer: Option<bool> = None;
        /// After how many milliseconds without an acknowledgement a delivery has timed out.
        "x-consumer-timeout" consumer_timeout: Option<i64> = None;
    }
}

/// A type of queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum QueueType {
    /// On one node, with priorities.
    #[default]
    Classic,
    /// Replicated, with a limit of deliveries.
    Quorum,
    /// An append-only log that consuming does not empty.
    Stream,
}

impl QueueType {
    /// Its name in `x-queue-type`.
    pub const fn name(self) -> &'static str {
        match self {
            QueueType::Classic => "classic",
            QueueType::Quorum => "quorum",
            QueueType::Stream => "stream",
        }
    }
}

/// What happens to a message that goes over the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Overflow {
    /// The head makes room.
    DropHead,
    /// The new one is refused.
    RejectPublish,
    /// The new one is refused and dead-lettered.
    RejectPublishDlx,
}

impl Arguments {
    /// The type of the queue.
    pub fn queue_type(&self) -> QueueType {
        match self.queue_type.as_deref() {
            Some("quorum") => QueueType::Quorum,
            Some("stream") => QueueType::Stream,
            _ => QueueType::Classic,
        }
    }

    /// What happens over the limit.
    pub fn overflow(&self) -> Overflow {
        match (self.overflow.as_deref(), self.queue_type()) {
            (Some("reject-publish"), _) => Overflow::RejectPublish,
            (Some("reject-publish-dlx"), QueueType::Classic) => Overflow::RejectPublishDlx,
            _ => Overflow::DropHead,
        }
    }

    /// The queue's TTL in milliseconds.
    pub fn ttl(&self) -> Option<u64> {
        number(self.message_ttl)
    }

    /// How long it may be unused, in milliseconds.
    pub fn unused_for(&self) -> Option<u64> {
        number(self.expires)
    }

    /// How many messages may be ready.
    pub fn most_messages(&self) -> Option<u64> {
        number(self.max_length)
    }

    /// How many bytes may be ready.
    pub fn most_bytes(&self) -> Option<u64> {
        number(self.max_length_bytes)
    }

    /// The highest priority that counts; 0 where none does.
    pub fn most_priority(&self) -> u8 {
        let most = number(self.max_priority).unwrap_or(0);
        u8::try_from(most).unwrap_or(u8::MAX)
    }

    /// How often a message may come back; nothing where that has no limit.
    pub fn delivery_limit(&self, version: Version) -> Option<u32> {
        if self.queue_type() != QueueType::Quorum {
            return None;
        }
        match self.delivery_limit {
            Some(limit) => u64::try_from(limit)
                .ok()
                .map(|limit| u32::try_from(limit).unwrap_or(u32::MAX)),
            None if version >= Version::V4_0 => Some(20),
            None => None,
        }
    }

    /// Whether one consumer is active and the others stand by.
    pub fn is_single_active(&self) -> bool {
        self.single_active_consumer == Some(true)
    }

    /// The queue's own acknowledgement timeout in milliseconds.
    pub fn timeout(&self) -> Option<u64> {
        number(self.consumer_timeout)
    }

    /// Whether a queue of this name may have these arguments.
    ///
    /// # Errors
    /// 406, with the argument and what is wrong.
    pub fn validate(&self, queue: &str) -> Result<(), Exception> {
        if let Some(name) = self.queue_type.as_deref()
            && !["classic", "quorum", "stream"].contains(&name)
        {
            let why = format!("unsupported queue type '{name}'");
            return Err(Exception::argument("x-queue-type", queue, why));
        }
        let queue_type = self.queue_type();
        for row in Self::ROWS {
            let is_set = self.get(row.name).is_some_and(|value| !value.is_null());
            if is_set && !is_taken(row.name, queue_type) {
                return Err(Exception::precondition(format!(
                    "invalid arg '{}' for {} of queue type rabbit_{}_queue",
                    row.name,
                    super::super::reply_code::queue(queue),
                    queue_type.name()
                )));
            }
        }
        for (name, value) in [
            ("x-message-ttl", self.message_ttl),
            ("x-expires", self.expires),
            ("x-max-length", self.max_length),
            ("x-max-length-bytes", self.max_length_bytes),
            ("x-max-priority", self.max_priority),
            ("x-consumer-timeout", self.consumer_timeout),
        ] {
            let wrong = |why: String| Err(Exception::argument(name, queue, why));
            match (name, value) {
                (_, Some(value @ ..0)) => return wrong(format!("{{value_negative,{value}}}")),
                ("x-expires", Some(0)) => return wrong("{value_zero,0}".to_owned()),
                ("x-max-priority", Some(value @ 256..)) => {
                    return wrong(format!("{{max_value_exceeded,{value}}}"));
                }
                ("x-message-ttl" | "x-expires", Some(value)) if value > MOST_MS => {
                    return wrong(format!("{{value_too_big,{value}}}"));
                }
                _ => {}
            }
        }
        let overflow = self.overflow.as_deref();
        let known = ["drop-head", "reject-publish", "reject-publish-dlx"];
        if overflow.is_some_and(|overflow| !known.contains(&overflow)) {
            return Err(Exception::argument("x-overflow", queue, "invalid_overflow"));
        }
        if self.dead_letter_routing_key.is_some() && self.dead_letter_exchange.is_none() {
            let why = "routing_key_but_no_dlx_defined";
            return Err(Exception::argument("x-dead-letter-routing-key", queue, why));
        }
        Ok(())
    }

    /// Whether these are the arguments of a queue that is there.
    ///
    /// # Errors
    /// 406, with the first argument that differs.
    pub fn must_be(&self, is: &Arguments, queue: &str) -> Result<(), Exception> {
        for row in Self::ROWS {
            // A queue without a type is a classic one.
            if row.name == "x-queue-type" && self.queue_type() == is.queue_type() {
                continue;
            }
            let (received, current) = (self.get(row.name), is.get(row.name));
            if received != current {
                let queue = super::super::reply_code::queue(queue);
                return Err(inequivalent(row.name, &queue, &received, &current));
            }
        }
        Ok(())
    }
}

/// The longest time a timer runs: 2^32 - 1 milliseconds.
pub const MOST_MS: i64 = 4_294_967_295;

fn number(value: Option<i64>) -> Option<u64> {
    value.and_then(|value| u64::try_from(value).ok())
}

/// Whether a type of queue takes an argument.
fn is_taken(name: &str, queue_type: QueueType) -> bool {
    match (name, queue_type) {
        ("x-queue-type" | "x-max-length-bytes", _) => true,
        (_, QueueType::Stream) => false,
        ("x-max-priority", queue_type) => queue_type == QueueType::Classic,
        ("x-delivery-limit", queue_type) => queue_type == QueueType::Quorum,
        _ => true,
    }
}

/// 406 for a property that is declared anew with another value.
pub fn inequivalent(
    name: &str,
    of: &str,
    received: &Option<serde_json::Value>,
    current: &Option<serde_json::Value>,
) -> Exception {
    use serde_json::Value;
    let told = |value: &Option<Value>| match value {
        None | Some(Value::Null) => "none".to_owned(),
        Some(Value::String(text)) => format!("the value '{text}' of type 'longstr'"),
        Some(Value::Bool(truth)) => format!("the value '{truth}' of type 'bool'"),
        Some(value) => format!("the value '{value}' of type 'signedint'"),
    };
    let bare = |value: &Option<Value>| match value {
        Some(Value::String(text)) => Some(text.clone()),
        None | Some(Value::Null) => None,
        Some(value) => Some(value.to_string()),
    };
    let what = format!("inequivalent arg '{name}' for {of}: received");
    match (bare(received), bare(current)) {
        (Some(received), Some(current)) => {
            Exception::precondition(format!("{what} '{received}' but current is '{current}'"))
        }
        _ => Exception::precondition(format!(
            "{what} {} but current is {}",
            told(received),
            told(current)
        )),
    }
}
