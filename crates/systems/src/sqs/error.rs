//! Refusals, with the service's codes and words.

use super::receipt::ReceiptHandle;
use crate::visit::{Visit, Visitor};
use std::sync::Arc;

/// Why a request, or an entry of a batch, was refused.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Error {
    /// Which.
    pub code: Code,
    /// The service's words.
    pub message: Arc<str>,
    /// The receipt handle that the words quote: its number is one that only grows.
    handle: Option<ReceiptHandle>,
}

impl Error {
    /// An error in these words.
    pub fn new(code: Code, message: impl Into<Arc<str>>) -> Error {
        Error {
            code,
            message: message.into(),
            handle: None,
        }
    }

    /// The same about a receipt handle, which the words quote.
    fn about(self, handle: &ReceiptHandle) -> Error {
        Error {
            handle: Some(handle.clone()),
            ..self
        }
    }

    /// `Value … for parameter ReceiptHandle is invalid. Reason: …`
    pub fn invalid_handle(handle: &ReceiptHandle, reason: &str) -> Error {
        Error::invalid(handle, "ReceiptHandle", reason).about(handle)
    }

    /// `Value … for parameter … is invalid. Reason: …`
    pub fn invalid(value: impl std::fmt::Display, parameter: &str, reason: &str) -> Error {
        let message =
            format!("Value {value} for parameter {parameter} is invalid. Reason: {reason}");
        Error::new(Code::InvalidParameterValue, message)
    }

    /// `The request must contain the parameter ….`
    pub fn missing(parameter: &str) -> Error {
        let message = format!("The request must contain the parameter {parameter}.");
        Error::new(Code::MissingParameter, message)
    }

    /// There is no such queue.
    pub fn no_queue() -> Error {
        let message = "The specified queue does not exist.";
        Error::new(Code::NonExistentQueue, message)
    }

    /// The receipt handle was not given by this queue.
    pub fn bad_handle(handle: &ReceiptHandle) -> Error {
        let message =
            format!("The input receipt handle \"{handle}\" is not a valid receipt handle.");
        Error::new(Code::ReceiptHandleIsInvalid, message).about(handle)
    }
}

impl Visit for Error {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        if let Some(handle) = &mut self.handle {
            let before = handle.to_string();
            handle.visit(visitor);
            self.message = self.message.replace(&before, &handle.to_string()).into();
        }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}: {}", self.code.name(), self.message)
    }
}

impl std::error::Error for Error {}

macro_rules! codes {
    ($( $(#[$doc:meta])* $code:ident $prefix:literal; )*) => {
        /// The codes of errors.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $( $(#[$doc])* $code ),* }

        impl Code {
            /// The code as the service writes it.
            pub const fn code(self) -> &'static str {
                match self { $( Code::$code => concat!($prefix, stringify!($code)) ),* }
            }

            /// The code without its prefix.
            pub const fn name(self) -> &'static str {
                match self { $( Code::$code => stringify!($code) ),* }
            }
        }
    };
}

codes! {
    /// Two entries of a batch have one id.
    BatchEntryIdsNotDistinct "AWS.SimpleQueueService.";
    /// The entries of a batch are too long together.
    BatchRequestTooLong "AWS.SimpleQueueService.";
    /// A batch without entries.
    EmptyBatchRequest "AWS.SimpleQueueService.";
    /// No such attribute of queues.
    InvalidAttributeName "";
    /// An attribute cannot have this value.
    InvalidAttributeValue "";
    /// The id of an entry of a batch is malformed.
    InvalidBatchEntryId "AWS.SimpleQueueService.";
    /// The body has characters that cannot be sent.
    InvalidMessageContents "";
    /// A parameter cannot have this value.
    InvalidParameterValue "";
    /// The message can be received: it is not hidden by a receive.
    MessageNotInflight "AWS.SimpleQueueService.";
    /// A parameter that is needed was left out.
    MissingParameter "";
    /// No queue of this name.
    NonExistentQueue "AWS.SimpleQueueService.";
    /// Too many messages are in flight.
    OverLimit "";
    /// A queue was purged less than a minute ago.
    PurgeQueueInProgress "AWS.SimpleQueueService.";
    /// There is a queue of this name with other attributes.
    QueueAlreadyExists "";
    /// A queue of this name was deleted less than a minute ago.
    QueueDeletedRecently "AWS.SimpleQueueService.";
    /// The receipt handle was not given by this queue.
    ReceiptHandleIsInvalid "";
    /// A message move task names something that is not there.
    ResourceNotFoundException "";
    /// More than ten entries in a batch.
    TooManyEntriesInBatchRequest "AWS.SimpleQueueService.";
    /// Not possible in this state.
    UnsupportedOperation "AWS.SimpleQueueService.";
}
