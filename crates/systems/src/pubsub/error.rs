//! What Pub/Sub answers when it refuses: a gRPC status code and Google's words.

use super::message::AckId;
use std::sync::Arc;

/// The gRPC status codes that Pub/Sub answers with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    /// A field of the request cannot be as it is, whatever the state of the project.
    InvalidArgument,
    /// The topic, subscription or snapshot does not exist.
    NotFound,
    /// The name is taken.
    AlreadyExists,
    /// The request is well formed, but the resource is in no state for it.
    FailedPrecondition,
    /// A number lies outside the range it can have.
    OutOfRange,
    /// A quota of the project is used up.
    ResourceExhausted,
}

impl Code {
    /// The code's name as gRPC writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Code::InvalidArgument => "INVALID_ARGUMENT",
            Code::NotFound => "NOT_FOUND",
            Code::AlreadyExists => "ALREADY_EXISTS",
            Code::FailedPrecondition => "FAILED_PRECONDITION",
            Code::OutOfRange => "OUT_OF_RANGE",
            Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        }
    }
}

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Error {
    /// The status code.
    pub code: Code,
    /// What stands beside it.
    pub message: Arc<str>,
    /// On an exactly-once subscription: the ids of the request that were refused with
    /// `PERMANENT_FAILURE_INVALID_ACK_ID`; all others of the request took effect.
    pub invalid_ack_ids: Vec<AckId>,
}

impl Error {
    /// A refusal in these words.
    pub fn new(code: Code, message: impl Into<Arc<str>>) -> Error {
        Error {
            code,
            message: message.into(),
            invalid_ack_ids: Vec::new(),
        }
    }

    /// A field of the request cannot be as it is.
    pub fn invalid(message: impl Into<Arc<str>>) -> Error {
        Error::new(Code::InvalidArgument, message)
    }

    /// A number of the request is too large.
    pub fn too_large(what: &str, value: u64, most: u64) -> Error {
        Error::invalid(format!(
            "The value for {value} is too large. You passed {what} in the request, but the maximum value is {most}."
        ))
    }

    /// A number of the request is too small.
    pub fn too_small(what: &str, value: u64, least: u64) -> Error {
        Error::invalid(format!(
            "The value for {value} is too small. You passed {what} in the request, but the minimum value is {least}."
        ))
    }

    /// There is no topic, subscription or snapshot of this name.
    pub fn not_found(resource: &str) -> Error {
        let message = format!("Resource not found (resource={resource}).");
        Error::new(Code::NotFound, message)
    }

    /// There is one of this name already.
    pub fn already_exists(resource: &str) -> Error {
        let message = format!("Resource already exists in the project (resource={resource}).");
        Error::new(Code::AlreadyExists, message)
    }

    /// The subscription was detached from its topic.
    pub fn detached(subscription: &str) -> Error {
        let message = format!("Subscription is detached (resource={subscription}).");
        Error::new(Code::FailedPrecondition, message)
    }

    /// A pull from a push subscription.
    pub fn not_pull() -> Error {
        let message = "This method is not supported for this subscription type.";
        Error::new(Code::FailedPrecondition, message)
    }

    /// An ack id that was never given out.
    pub fn no_ack_id(id: AckId) -> Error {
        Error::invalid(format!(
            "You have passed an invalid ack ID to the service (ack_id={id})."
        ))
    }

    /// An ack id of another subscription.
    pub fn foreign_ack_id(subscription: &str) -> Error {
        Error::invalid(format!(
            "You have passed a subscription that does not belong to the given ack ID (resource={subscription})."
        ))
    }

    /// Ack ids that an exactly-once subscription no longer takes.
    pub fn expired_ack_ids(ids: Vec<AckId>) -> Error {
        let message = "Some acknowledgement ids in the request were invalid. This could be because \
                       the acknowledgement ids have expired or the acknowledgement ids were malformed.";
        Error {
            invalid_ack_ids: ids,
            ..Error::invalid(message)
        }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}: {}", self.code.name(), self.message)
    }
}

impl std::error::Error for Error {}
