//! Attributes of queues.
//!
//! Q29. Attributes have the service's names, defaults and bounds: VisibilityTimeout 30 (0 to 43200),
//! DelaySeconds 0 (to 900), ReceiveMessageWaitTimeSeconds 0 (to 20), MessageRetentionPeriod 345600
//! (60 to 1209600), MaximumMessageSize 1048576 (from 1024). Another value is `InvalidAttributeValue`,
//! another name `InvalidAttributeName`. Source: SQS API reference, "SetQueueAttributes". Shown by: the
//! test `attributes_have_the_service_s_bounds`.
//!
//! Q30. `FifoQueue` can be set only when the queue is made, and only for a name that ends in `.fifo`;
//! the attributes of FIFO queues are unknown to standard queues. Source: SQS API reference,
//! "CreateQueue". Shown by: the test `attributes_have_the_service_s_bounds`.
//!
//! Simplified: MaximumMessageSize has been at most 1 MiB since August 2025; before that it was at
//! most, and by default, 262144.
//!
//! Left out: encryption, access policies, tags. Their attributes are unknown here.

use super::arn;
use super::error::{Code, Error};
use crate::setting::Setting;
use explore::Weigh;
use serde_json::{Value, json};
use std::sync::Arc;

/// `RedrivePolicy`: where messages go that are received too often.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct RedrivePolicy {
    /// `deadLetterTargetArn`: the dead-letter queue.
    pub dead_letter_target: Arc<str>,
    /// `maxReceiveCount`: how often a message can be received, 1 to 1000.
    pub max_receive_count: u32,
}

impl RedrivePolicy {
    /// Messages of a queue with this policy go to the queue of this name.
    pub fn to(dead_letter_queue: &str, max_receive_count: u32) -> RedrivePolicy {
        RedrivePolicy {
            dead_letter_target: arn::arn(dead_letter_queue),
            max_receive_count,
        }
    }
}

impl Setting for RedrivePolicy {
    fn read(value: &Value) -> Result<Self, String> {
        let expected = "expected an object with deadLetterTargetArn and maxReceiveCount";
        let target = value.get("deadLetterTargetArn").and_then(Value::as_str);
        let count = value.get("maxReceiveCount").and_then(number);
        let (Some(target), Some(count)) = (target, count) else {
            return Err(expected.to_owned());
        };
        let max_receive_count = u32::try_from(count)
            .ok()
            .filter(|count| (1..=1000).contains(count))
            .ok_or_else(|| {
                format!("Invalid value for maxReceiveCount: {count}, valid values are from 1 to 1000 both inclusive.")
            })?;
        Ok(RedrivePolicy {
            dead_letter_target: target.into(),
            max_receive_count,
        })
    }
    fn write(&self) -> Value {
        json!({"deadLetterTargetArn": &*self.dead_letter_target, "maxReceiveCount": self.max_receive_count})
    }
}

/// A number, also one that is written as a text.
fn number(value: &Value) -> Option<i64> {
    value
        .as_i64()
        .or_else(|| value.as_str().and_then(|text| text.parse().ok()))
}

/// `RedriveAllowPolicy`: which queues may use this one as their dead-letter queue.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub enum RedriveAllowPolicy {
    /// `allowAll`: any.
    AllowAll,
    /// `denyAll`: none.
    DenyAll,
    /// `byQueue`: these, by their ARN.
    ByQueue(Vec<Arc<str>>),
}

impl RedriveAllowPolicy {
    /// Whether the queue with this ARN may.
    pub fn allows(&self, arn: &str) -> bool {
        match self {
            RedriveAllowPolicy::AllowAll => true,
            RedriveAllowPolicy::DenyAll => false,
            RedriveAllowPolicy::ByQueue(sources) => sources.iter().any(|source| **source == *arn),
        }
    }
}

impl Setting for RedriveAllowPolicy {
    fn read(value: &Value) -> Result<Self, String> {
        let sources = value.get("sourceQueueArns").and_then(Value::as_array);
        match (value.get("redrivePermission").and_then(Value::as_str), sources) {
            (Some("allowAll"), None) => Ok(RedriveAllowPolicy::AllowAll),
            (Some("denyAll"), None) => Ok(RedriveAllowPolicy::DenyAll),
            (Some("byQueue"), Some(sources)) if (1..=10).contains(&sources.len()) => {
                let sources = sources.iter().map(<Arc<str>>::read).collect::<Result<_, _>>()?;
                Ok(RedriveAllowPolicy::ByQueue(sources))
            }
            _ => Err(
                "expected redrivePermission allowAll, denyAll, or byQueue with 1 to 10 sourceQueueArns"
                    .to_owned(),
            ),
        }
    }
    fn write(&self) -> Value {
        match self {
            RedriveAllowPolicy::AllowAll => json!({"redrivePermission": "allowAll"}),
            RedriveAllowPolicy::DenyAll => json!({"redrivePermission": "denyAll"}),
            RedriveAllowPolicy::ByQueue(sources) => {
                let sources: Vec<&str> = sources.iter().map(|arn| &**arn).collect();
                json!({"redrivePermission": "byQueue", "sourceQueueArns": sources})
            }
        }
    }
}

/// `DeduplicationScope`: where a deduplication id counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Weigh)]
pub enum DeduplicationScope {
    /// In the whole queue.
    Queue,
    /// In its message group only.
    MessageGroup,
}

impl Setting for DeduplicationScope {
    fn read(value: &Value) -> Result<Self, String> {
        match value.as_str() {
            Some("queue") => Ok(DeduplicationScope::Queue),
            Some("messageGroup") => Ok(DeduplicationScope::MessageGroup),
            _ => Err("expected queue or messageGroup".to_owned()),
        }
    }
    fn write(&self) -> Value {
        json!(match self {
            DeduplicationScope::Queue => "queue",
            DeduplicationScope::MessageGroup => "messageGroup",
        })
    }
}

crate::settings! {
    /// The attributes of a queue.
    #[derive(explore::Weigh)]
    pub struct QueueAttributes {
        /// For how many seconds a received message is hidden from everybody.
        "VisibilityTimeout" visibility_timeout: u32 = 30, 0..=43_200;
        /// For how many seconds a sent message cannot be received.
        "DelaySeconds" delay_seconds: u32 = 0, 0..=900;
        /// How many seconds a receive that finds nothing waits for a message.
        "ReceiveMessageWaitTimeSeconds" receive_message_wait_time_seconds: u32 = 0, 0..=20;
        /// After how many seconds a message that nobody has deleted is lost.
        "MessageRetentionPeriod" message_retention_period: u32 = 345_600, 60..=1_209_600;
        /// How many bytes a message can have, its attributes included.
        "MaximumMessageSize" maximum_message_size: u32 = 1_048_576, 1_024..=1_048_576;
        /// Where messages go that are received too often.
        "RedrivePolicy" redrive_policy: Option<RedrivePolicy> = None;
        /// Which queues may use this one as their dead-letter queue; left out, all may.
        "RedriveAllowPolicy" redrive_allow_policy: Option<RedriveAllowPolicy> = None;
        /// Whether the order within each message group is kept, and duplicates are not stored.
        "FifoQueue" fifo_queue: bool = false;
        /// Whether a message without a deduplication id gets the SHA-256 of its body as one.
        "ContentBasedDeduplication" content_based_deduplication: bool = false;
        /// Whether a deduplication id counts in the whole queue or in its message group only.
        "DeduplicationScope" deduplication_scope: DeduplicationScope = DeduplicationScope::Queue;
    }
}

/// What a request calls an attribute, and sets it to; both are texts.
pub type Given = (Arc<str>, Arc<str>);

/// The attributes that only FIFO queues have.
const OF_FIFO: [&str; 3] = [
    "FifoQueue",
    "ContentBasedDeduplication",
    "DeduplicationScope",
];

impl QueueAttributes {
    /// Sets the attributes a request gives, in their order.
    ///
    /// # Errors
    /// A name or a value that the service does not know.
    pub fn set_given(&mut self, given: &[Given]) -> Result<(), Error> {
        for (name, value) in given {
            let unknown = || {
                let message = format!("Unknown Attribute {name}.");
                Error::new(Code::InvalidAttributeName, message)
            };
            if !QueueAttributes::ROWS.iter().any(|row| *row.name == **name) {
                return Err(unknown());
            }
            let is_of_fifo = OF_FIFO.contains(&&**name);
            if is_of_fifo && !self.fifo_queue && &**name != "FifoQueue" {
                return Err(unknown());
            }
            let read = match &**value {
                "" => Value::Null,
                text => serde_json::from_str(text).unwrap_or_else(|_| json!(text)),
            };
            self.set(name, &read).map_err(|_| match &**name {
                "RedrivePolicy" => {
                    let why = RedrivePolicy::read(&read).err().unwrap_or_default();
                    Error::invalid(value, name, &why)
                }
                "RedriveAllowPolicy" => {
                    let why = RedriveAllowPolicy::read(&read).err().unwrap_or_default();
                    Error::invalid(value, name, &why)
                }
                _ => {
                    let message = format!("Invalid value for the parameter {name}.");
                    Error::new(Code::InvalidAttributeValue, message)
                }
            })?;
        }
        Ok(())
    }

    /// The attributes of a new queue. `FifoQueue` comes before what depends on it.
    ///
    /// # Errors
    /// As [`set_given`](QueueAttributes::set_given); a name and a kind that do not go together.
    pub fn of_new(name: &str, given: &[Given]) -> Result<QueueAttributes, Error> {
        let mut attributes = QueueAttributes::default();
        let is_fifo = |(name, _): &&Given| &**name == "FifoQueue";
        if let Some(fifo) = given.iter().find(is_fifo) {
            attributes.set_given(std::slice::from_ref(fifo))?;
            if !attributes.fifo_queue {
                return Err(Error::new(
                    Code::InvalidAttributeName,
                    "Unknown Attribute FifoQueue.",
                ));
            }
        }
        check_name(name, attributes.fifo_queue)?;
        attributes.set_given(given)?;
        Ok(attributes)
    }

    /// An attribute as the service writes it: a text. Nothing, where it is not set, or not an
    /// attribute of this kind of queue.
    pub fn written(&self, name: &str) -> Option<Arc<str>> {
        if OF_FIFO.contains(&name) && !self.fifo_queue {
            return None;
        }
        match self.get(name)? {
            Value::Null => None,
            Value::String(text) => Some(text.into()),
            other => Some(other.to_string().into()),
        }
    }
}

/// Whether a queue can have this name.
fn check_name(name: &str, is_fifo: bool) -> Result<(), Error> {
    let stem = if is_fifo {
        name.strip_suffix(".fifo")
    } else {
        Some(name)
    };
    let is_plain = |letter: u8| letter.is_ascii_alphanumeric() || matches!(letter, b'-' | b'_');
    let is_good = stem.is_some_and(|stem| !stem.is_empty() && stem.bytes().all(is_plain));
    if is_good && name.len() <= 80 {
        return Ok(());
    }
    let message = match is_fifo {
        true => {
            "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length"
        }
        false => {
            "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"
        }
    };
    Err(Error::new(Code::InvalidParameterValue, message))
}
