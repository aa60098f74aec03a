//! How the broker refuses: AMQP reply codes with their names and texts.

use explore::Weigh;
use std::sync::Arc;

/// A reply code of AMQP 0-9-1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Weigh)]
pub enum ReplyCode {
    /// 200: a farewell without a reason.
    ReplySuccess,
    /// 312: a mandatory message had no queue to go to.
    NoRoute,
    /// 320: an operator closed the connection.
    ConnectionForced,
    /// 403: a reserved name, or a queue that an exclusive consumer uses.
    AccessRefused,
    /// 404: no such queue or exchange.
    NotFound,
    /// 405: another connection's exclusive queue.
    ResourceLocked,
    /// 406: something is other than the client believes: arguments, delivery tags, emptiness.
    PreconditionFailed,
    /// 503: a method with values that cannot be.
    CommandInvalid,
    /// 504: a channel that is not open, or open already.
    ChannelError,
    /// 530: what the client must not do here.
    NotAllowed,
    /// 540: what this kind of queue does not do.
    NotImplemented,
}

impl ReplyCode {
    /// Its number.
    pub const fn number(self) -> u16 {
        match self {
            ReplyCode::ReplySuccess => 200,
            ReplyCode::NoRoute => 312,
            ReplyCode::ConnectionForced => 320,
            ReplyCode::AccessRefused => 403,
            ReplyCode::NotFound => 404,
            ReplyCode::ResourceLocked => 405,
            ReplyCode::PreconditionFailed => 406,
            ReplyCode::CommandInvalid => 503,
            ReplyCode::ChannelError => 504,
            ReplyCode::NotAllowed => 530,
            ReplyCode::NotImplemented => 540,
        }
    }

    /// Its name, as reply texts begin.
    pub const fn name(self) -> &'static str {
        match self {
            ReplyCode::ReplySuccess => "REPLY_SUCCESS",
            ReplyCode::NoRoute => "NO_ROUTE",
            ReplyCode::ConnectionForced => "CONNECTION_FORCED",
            ReplyCode::AccessRefused => "ACCESS_REFUSED",
            ReplyCode::NotFound => "NOT_FOUND",
            ReplyCode::ResourceLocked => "RESOURCE_LOCKED",
            ReplyCode::PreconditionFailed => "PRECONDITION_FAILED",
            ReplyCode::CommandInvalid => "COMMAND_INVALID",
            ReplyCode::ChannelError => "CHANNEL_ERROR",
            ReplyCode::NotAllowed => "NOT_ALLOWED",
            ReplyCode::NotImplemented => "NOT_IMPLEMENTED",
        }
    }

    /// What it closes.
    pub const fn closes(self) -> Closes {
        match self.number() {
            311..=313 | 403..=406 => Closes::Channel,
            _ => Closes::Connection,
        }
    }
}

/// What an error ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Weigh)]
pub enum Closes {
    /// The channel; the connection and its other channels go on.
    Channel,
    /// The connection with all its channels.
    Connection,
}

/// An error with its text.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Exception {
    /// Its code.
    pub code: ReplyCode,
    /// What is told: the code's name and the cause, as in `NOT_FOUND - no queue 'q' in vhost '/'`.
    pub text: Arc<str>,
}

impl Exception {
    /// An error with its cause; the name of the code is put before it.
    pub fn new(code: ReplyCode, cause: impl AsRef<str>) -> Exception {
        let cause = cause.as_ref();
        Exception {
            code,
            text: format!("{} - {cause}", code.name()).into(),
        }
    }

    /// 406 with its cause.
    pub fn precondition(cause: impl AsRef<str>) -> Exception {
        Exception::new(ReplyCode::PreconditionFailed, cause)
    }

    /// 404 for a queue.
    pub fn no_queue(name: &str) -> Exception {
        Exception::new(ReplyCode::NotFound, format!("no {}", queue(name)))
    }

    /// 404 for an exchange.
    pub fn no_exchange(name: &str) -> Exception {
        Exception::new(ReplyCode::NotFound, format!("no {}", exchange(name)))
    }

    /// 406 for an argument with a value that it cannot have.
    pub fn argument(name: &str, of: &str, why: impl AsRef<str>) -> Exception {
        let why = why.as_ref();
        Exception::precondition(format!("invalid arg '{name}' for {}: {why}", queue(of)))
    }
}

/// How a text names a queue.
pub fn queue(name: &str) -> String {
    format!("queue '{name}' in vhost '/'")
}

/// How a text names an exchange.
pub fn exchange(name: &str) -> String {
    format!("exchange '{name}' in vhost '/'")
}
