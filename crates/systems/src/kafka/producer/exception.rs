//! What the Java client throws, by class.

use crate::kafka::Error;
use explore::Weigh;

/// What a call throws: a class of the Java client, and the class of its cause. What `send` tells by its
/// future counts as thrown; the `ExecutionException` around it is left away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Exception {
    /// Its class.
    pub class: &'static str,
    /// Its cause's class.
    pub cause: Option<&'static str>,
}

/// A call that may not be made now.
pub(super) const ILLEGAL: Exception = Exception::of("IllegalStateException");

/// Nothing came of it in time.
pub(super) const TIMEOUT: Exception = Exception::of("TimeoutException");

impl Exception {
    pub(super) const fn of(class: &'static str) -> Self {
        Exception { class, cause: None }
    }

    pub(super) const fn caused_by(self, cause: Exception) -> Self {
        Exception {
            class: self.class,
            cause: Some(cause.class),
        }
    }

    /// What the client makes of an error of the broker. Source: `Errors`.
    pub const fn of_error(error: Error) -> Self {
        Exception::of(match error {
            Error::MessageTooLarge => "RecordTooLargeException",
            Error::RecordListTooLarge => "RecordBatchTooLargeException",
            Error::UnknownTopicOrPartition => "UnknownTopicOrPartitionException",
            Error::InvalidTopic => "InvalidTopicException",
            Error::InvalidTimestamp => "InvalidTimestampException",
            Error::InvalidRecord => "InvalidRecordException",
            Error::OutOfOrderSequenceNumber => "OutOfOrderSequenceException",
            Error::InvalidProducerEpoch => "InvalidProducerEpochException",
            Error::InvalidTxnState => "InvalidTxnStateException",
            Error::InvalidProducerIdMapping => "InvalidPidMappingException",
            Error::InvalidTransactionTimeout => "InvalidTxnTimeoutException",
            Error::ConcurrentTransactions => "ConcurrentTransactionsException",
            Error::ProducerFenced => "ProducerFencedException",
            Error::TransactionAbortable => "TransactionAbortableException",
            Error::UnknownMemberId | Error::IllegalGeneration => "CommitFailedException",
            _ => "KafkaException",
        })
    }

    /// What `send` throws when a batch was refused so. The client writes again to a partition that its
    /// leader does not know, until `delivery.timeout.ms` is over. Source: `Sender.canRetry`,
    /// `Sender.sendProducerData`.
    pub(super) const fn of_batch(error: Error) -> Self {
        match error {
            Error::UnknownTopicOrPartition => TIMEOUT,
            error => Exception::of_error(error),
        }
    }

    /// Whether it is a `RetriableException`: trying again could have helped.
    fn is_retriable(self) -> bool {
        ["TimeoutException", "UnknownTopicOrPartitionException"].contains(&self.class)
    }

    /// Whether a producer that was thrown this can only be closed.
    pub(super) fn is_fatal(self) -> bool {
        ["ProducerFencedException", "InvalidPidMappingException"].contains(&self.class)
    }

    /// As which error of its transaction a producer remembers it (rule 11 of [`super`]).
    pub(super) fn remembered(self) -> Self {
        if self.is_retriable() || self.class == "InvalidTxnStateException" {
            Exception::of("TransactionAbortableException").caused_by(self)
        } else {
            self
        }
    }

    /// What later calls throw because of it (rule 6 of [`super`]).
    pub(super) fn again(self) -> Self {
        if ["ProducerFencedException", "InvalidProducerEpochException"].contains(&self.class) {
            self
        } else {
            Exception::of("KafkaException").caused_by(self)
        }
    }
}
