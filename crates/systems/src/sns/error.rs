//! How Amazon SNS refuses: codes and words.
//!
//! Simplified: the words of a few refusals are documented nowhere and are own ones: of a message
//! attribute that is no number, of a filter policy too many, of the attributes of a topic.

use crate::sns::filter_policy::error::PolicyError;
use std::fmt;
use std::sync::Arc;

/// Where a subscription's attributes are given; the words of a refusal tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Call {
    /// `Subscribe`
    Subscribe,
    /// `SetSubscriptionAttributes`
    SetAttributes,
}

impl Call {
    const fn prefix(self) -> &'static str {
        match self {
            Call::Subscribe => "Invalid parameter: Attributes Reason: ",
            Call::SetAttributes => "Invalid parameter: ",
        }
    }
}

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SnsError {
    /// There is no such topic.
    NoTopic,
    /// There is no such subscription.
    NoSubscription,
    /// A topic cannot be called so.
    TopicName,
    /// A FIFO topic cannot be called so.
    FifoTopicName,
    /// The topic exists, with other attributes.
    TopicExists,
    /// A topic has no such attribute, or it cannot be this.
    TopicAttribute(Arc<str>),
    /// There is no such protocol.
    Protocol(Arc<str>),
    /// The protocol cannot be used with a FIFO topic.
    FifoProtocol(Arc<str>),
    /// The endpoint is none of its protocol.
    Endpoint,
    /// The endpoint is not the ARN of a queue.
    QueueArn,
    /// The endpoint is not the ARN of a function.
    FunctionArn,
    /// A FIFO queue is subscribed to a standard topic.
    FifoQueueOfStandardTopic,
    /// The endpoint is subscribed, with other attributes.
    SubscriptionExists,
    /// A subscription has no such attribute.
    AttributeName(Call),
    /// The filter policy is refused.
    FilterPolicy(Call, PolicyError),
    /// The topic has as many filter policies as it can have.
    FilterPolicyLimit,
    /// There is no such scope.
    FilterPolicyScope(Call, Arc<str>),
    /// Neither true nor false.
    RawMessageDelivery(Call, Arc<str>),
    /// This protocol has no raw delivery.
    RawProtocol(Call, Arc<str>),
    /// The redrive policy is no JSON.
    RedrivePolicyJson(Call),
    /// The redrive policy names no queue.
    RedrivePolicyArn(Call),
    /// A FIFO queue on a FIFO topic has a standard queue as its dead-letter queue.
    RedrivePolicyFifo(Call),
    /// The delivery policy is refused.
    DeliveryPolicy(Call, Arc<str>),
    /// The token confirms nothing.
    Token,
    /// There is nothing in the message.
    EmptyMessage,
    /// The message with its attributes has more than 256 KiB.
    MessageTooLong,
    /// The subject is empty, or longer than 100 characters.
    Subject,
    /// A FIFO topic needs a message group.
    NoGroup,
    /// A FIFO topic without content-based deduplication needs a deduplication id.
    NoDeduplicationId,
    /// A standard topic takes no deduplication id.
    DeduplicationId,
    /// The body is no JSON object though it should hold a body for each protocol.
    StructureJson,
    /// There is no body for the other protocols.
    StructureDefault,
    /// The message attribute has no value.
    EmptyAttribute(Arc<str>, &'static str),
    /// The name of a message attribute begins with a dot.
    AttributeBegins,
    /// The name of a message attribute ends with a dot.
    AttributeEnds,
    /// The name of a message attribute has two dots beside each other.
    AttributeDots,
    /// The name of a message attribute has a character that it cannot have.
    AttributeLetter(char),
    /// A message attribute of type `Number` is none.
    NotANumber(Arc<str>),
    /// A batch of nothing.
    EmptyBatch,
    /// A batch of more than ten.
    TooManyEntries,
    /// Two entries of a batch have the same id.
    EntryIdsNotDistinct,
    /// A batch with more than 256 KiB.
    BatchTooLong,
    /// An id of a batch entry has characters that it cannot have.
    EntryId(Arc<str>),
}

impl SnsError {
    /// The error code.
    pub const fn code(&self) -> &'static str {
        match self {
            SnsError::NoTopic | SnsError::NoSubscription => "NotFound",
            SnsError::EmptyAttribute(..)
            | SnsError::NotANumber(_)
            | SnsError::AttributeBegins
            | SnsError::AttributeEnds
            | SnsError::AttributeDots
            | SnsError::AttributeLetter(_) => "ParameterValueInvalid",
            SnsError::FilterPolicyLimit => "FilterPolicyLimitExceeded",
            SnsError::EmptyBatch => "EmptyBatchRequest",
            SnsError::TooManyEntries => "TooManyEntriesInBatchRequest",
            SnsError::EntryIdsNotDistinct => "BatchEntryIdsNotDistinct",
            SnsError::BatchTooLong => "BatchRequestTooLong",
            SnsError::EntryId(_) => "InvalidBatchEntryId",
            _ => "InvalidParameter",
        }
    }
}

impl fmt::Display for SnsError {
    /// The message that comes with the code.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SnsError::NoTopic => out.write_str("Topic does not exist"),
            SnsError::NoSubscription => out.write_str("Subscription does not exist"),
            SnsError::TopicName => out.write_str("Invalid parameter: Topic Name"),
            SnsError::FifoTopicName => out.write_str(
                "Invalid parameter: Fifo Topic names must end with .fifo and must be made up of only uppercase and lowercase ASCII letters, numbers, underscores, and hyphens, and must be between 1 and 256 characters long.",
            ),
            SnsError::TopicExists => out.write_str(
                "Invalid parameter: Attributes Reason: Topic already exists with different attributes",
            ),
            SnsError::TopicAttribute(what) => {
                write!(out, "Invalid parameter: Attributes Reason: {what}")
            }
            SnsError::Protocol(name) => write!(
                out,
                "Invalid parameter: Amazon SNS does not support this protocol string: {name}"
            ),
            SnsError::FifoProtocol(name) => {
                write!(out, "Invalid parameter: Invalid protocol type: {name}")
            }
            SnsError::Endpoint => {
                out.write_str("Invalid parameter: Endpoint must match the specified protocol")
            }
            SnsError::QueueArn => out.write_str("Invalid parameter: SQS endpoint ARN"),
            SnsError::FunctionArn => out.write_str("Invalid parameter: Lambda endpoint ARN"),
            SnsError::FifoQueueOfStandardTopic => out.write_str(
                "Invalid parameter: Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics",
            ),
            SnsError::SubscriptionExists => out.write_str(
                "Invalid parameter: Attributes Reason: Subscription already exists with different attributes",
            ),
            SnsError::AttributeName(call) => write!(out, "{}AttributeName", call.prefix()),
            SnsError::FilterPolicy(call, reason) => write!(out, "{}{reason}", call.prefix()),
            SnsError::FilterPolicyScope(call, value) => write!(
                out,
                "{}FilterPolicyScope: Invalid value [{value}]. Please use either MessageBody or MessageAttributes",
                call.prefix()
            ),
            SnsError::RawMessageDelivery(call, value) => write!(
                out,
                "{}RawMessageDelivery: Invalid value [{value}]. Must be true or false.",
                call.prefix()
            ),
            SnsError::RawProtocol(call, name) => write!(
                out,
                "{}Delivery protocol [{name}] does not support raw message delivery.",
                call.prefix()
            ),
            SnsError::RedrivePolicyJson(call) => {
                write!(out, "{}RedrivePolicy: failed to parse JSON.", call.prefix())
            }
            SnsError::RedrivePolicyArn(call) => write!(
                out,
                "{}RedrivePolicy: deadLetterTargetArn is an invalid arn",
                call.prefix()
            ),
            SnsError::RedrivePolicyFifo(call) => write!(
                out,
                "{}RedrivePolicy: must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic.",
                call.prefix()
            ),
            SnsError::DeliveryPolicy(call, reason) => {
                write!(out, "{}DeliveryPolicy: {reason}", call.prefix())
            }
            SnsError::Token => out.write_str("Invalid parameter: Token"),
            SnsError::EmptyMessage => out.write_str("Invalid parameter: Empty message"),
            SnsError::MessageTooLong => out.write_str("Invalid parameter: Message too long"),
            SnsError::Subject => out.write_str("Invalid parameter: Subject"),
            SnsError::NoGroup => out.write_str(
                "Invalid parameter: The MessageGroupId parameter is required for FIFO topics",
            ),
            SnsError::NoDeduplicationId => out.write_str(
                "Invalid parameter: The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
            ),
            SnsError::DeduplicationId => out.write_str(
                "Invalid parameter: MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type",
            ),
            SnsError::StructureJson => out.write_str(
                "Invalid parameter: Message Structure - JSON message body failed to parse",
            ),
            SnsError::StructureDefault => out.write_str(
                "Invalid parameter: Message Structure - No default entry in JSON message body",
            ),
            SnsError::EmptyAttribute(name, data_type) => write!(
                out,
                "The message attribute '{name}' must contain non-empty message attribute value for message attribute type '{data_type}'."
            ),
            SnsError::AttributeBegins => out.write_str(
                "Invalid message attribute name starting with character '.' was found.",
            ),
            SnsError::AttributeEnds => out.write_str(
                "Invalid message attribute name ending with character '.' was found.",
            ),
            SnsError::AttributeDots => out.write_str(
                "Message attribute name can not have successive '.' character.",
            ),
            SnsError::AttributeLetter(letter) => write!(
                out,
                "Invalid non-alphanumeric character '#x{:X}' was found in the message attribute name. Can only include alphanumeric characters, hyphens, underscores, or dots.",
                u32::from(*letter)
            ),
            SnsError::FilterPolicyLimit => out.write_str("Filter policy limit exceeded"),
            SnsError::NotANumber(name) => write!(
                out,
                "Could not cast message attribute '{name}' value to number."
            ),
            SnsError::EmptyBatch => {
                out.write_str("The batch request doesn't contain any entries.")
            }
            SnsError::TooManyEntries => {
                out.write_str("The batch request contains more entries than permissible.")
            }
            SnsError::EntryIdsNotDistinct => {
                out.write_str("Two or more batch entries in the request have the same Id.")
            }
            SnsError::BatchTooLong => {
                out.write_str("The length of all the batch messages put together is more than the limit.")
            }
            SnsError::EntryId(id) => write!(
                out,
                "The Id of a batch entry in the batch request contains an impermissible character: {id}"
            ),
        }
    }
}

impl std::error::Error for SnsError {}
