//! Errors, with the codes and words of the service.

use super::shard::ShardId;
use std::fmt;
use std::sync::Arc;

/// Why a request was refused. Each carries the service's message.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Error {
    /// A member of the request is out of its bounds or of the wrong form.
    Validation(Arc<str>),
    /// The request makes no sense for this stream, shard or iterator.
    InvalidArgument(Arc<str>),
    /// There is no such stream, shard or consumer.
    ResourceNotFound(Arc<str>),
    /// The name is taken, or the stream is being changed.
    ResourceInUse(Arc<str>),
    /// The account or the stream may not have more of these.
    LimitExceeded(Arc<str>),
    /// The iterator is older than five minutes: ask for a new one after the last record handled.
    ExpiredIterator(Arc<str>),
    /// The shard has had its share for this second: try again later.
    ProvisionedThroughputExceeded(Arc<str>),
}

impl Error {
    /// The code, as in the service's answers.
    pub const fn code(&self) -> &'static str {
        match self {
            Error::Validation(_) => "ValidationException",
            Error::InvalidArgument(_) => "InvalidArgumentException",
            Error::ResourceNotFound(_) => "ResourceNotFoundException",
            Error::ResourceInUse(_) => "ResourceInUseException",
            Error::LimitExceeded(_) => "LimitExceededException",
            Error::ExpiredIterator(_) => "ExpiredIteratorException",
            Error::ProvisionedThroughputExceeded(_) => "ProvisionedThroughputExceededException",
        }
    }

    /// The message.
    pub fn words(&self) -> &str {
        match self {
            Error::Validation(words)
            | Error::InvalidArgument(words)
            | Error::ResourceNotFound(words)
            | Error::ResourceInUse(words)
            | Error::LimitExceeded(words)
            | Error::ExpiredIterator(words)
            | Error::ProvisionedThroughputExceeded(words) => words,
        }
    }

    /// One member of a request that breaks a constraint.
    pub(super) fn member(value: &str, member: &str, constraint: &str) -> Error {
        let words = format!(
            "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: Member must {constraint}"
        );
        Error::Validation(words.into())
    }

    pub(super) fn invalid(words: String) -> Error {
        Error::InvalidArgument(words.into())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.code(), self.words())
    }
}

impl std::error::Error for Error {}

/// A stream of an account, as errors name it.
#[derive(Clone, Copy)]
pub(super) struct Named<'a> {
    pub stream: &'a str,
    pub account: &'a str,
}

impl fmt::Display for Named<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "stream {} under account {}", self.stream, self.account)
    }
}

impl Named<'_> {
    pub fn no_stream(self) -> Error {
        let Named { stream, account } = self;
        Error::ResourceNotFound(
            format!("Stream {stream} under account {account} not found.").into(),
        )
    }

    pub fn no_shard(self, shard: ShardId) -> Error {
        Error::ResourceNotFound(format!("Could not find shard {shard} in {self}.").into())
    }

    pub fn no_shard_to_read(self, shard: ShardId) -> Error {
        Error::ResourceNotFound(format!("Shard {shard} in {self} does not exist").into())
    }

    pub fn not_active(self, status: &str) -> Error {
        let Named { stream, account } = self;
        let words = format!(
            "Stream {stream} under account {account} not ACTIVE, instead in state {status}"
        );
        Error::ResourceInUse(words.into())
    }

    pub fn taken(self) -> Error {
        let Named { stream, account } = self;
        let words = format!("Stream {stream} under account {account} already exists.");
        Error::ResourceInUse(words.into())
    }

    pub fn closed(self, shard: ShardId) -> Error {
        Error::invalid(format!(
            "Shard {shard} in {self} has already been merged or split, and thus is not eligible for merging or splitting."
        ))
    }

    pub fn rate_exceeded(self, shard: ShardId) -> Error {
        let words = format!("Rate exceeded for shard {shard} in {self}.");
        Error::ProvisionedThroughputExceeded(words.into())
    }

    pub fn no_consumer(self, consumer: &str) -> Error {
        let words = format!("Consumer {consumer} of {self} not found.");
        Error::ResourceNotFound(words.into())
    }
}
