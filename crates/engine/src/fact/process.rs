//! What happens to a process and the program in it, whichever system it talks to.

use crate::cast::{ClientId, ConsumerId, RecordId};
use crate::handler::Value;

systems::facts! {
    /// A process began. The first is number 1; a restart is the next.
    Headline Started "started" {
        /// Who.
        consumer: ConsumerId,
        /// The how-manieth process of that name.
        process: u16,
    }
    /// A process died, and everything it only remembered is gone.
    Headline Crashed "crashed" {
        /// Who.
        consumer: ConsumerId,
        /// What it had polled and not finished.
        in_hand: Vec<RecordId>,
    }
    /// A handler wrote a line to its log.
    Detail Logged "logged" {
        /// Whose handler.
        consumer: ConsumerId,
        /// The line.
        text: Value,
    }
    /// A handler wants a message again later.
    Headline PutBack "put_back" {
        /// Whose handler.
        consumer: ConsumerId,
        /// Which record.
        record: RecordId,
        /// The how-manieth time it had been tried.
        attempt: u32,
    }
    /// A handler failed: an uncaught exception.
    Headline HandlerFailed "handler_failed" {
        /// Whose handler.
        consumer: ConsumerId,
        /// With which record.
        record: RecordId,
        /// In which line of its code, from 1; 0 when it is not known.
        code_line: u32,
        /// What it said.
        text: Value,
    }
    /// A consumer goes on without a record that it could not handle: no attempt is left.
    Headline MovedOn "moved_on" {
        /// Who.
        consumer: ConsumerId,
        /// Without which record.
        record: RecordId,
    }
    /// No answer came in time.
    Headline GaveUp "gave_up" {
        /// Who waited.
        consumer: ConsumerId,
        /// Which record it is about.
        record: RecordId,
    }
    /// A consumer's handler is through with a record.
    Detail Handled "handled" {
        /// Who.
        consumer: ConsumerId,
        /// Which record.
        record: RecordId,
    }
    /// A process stands still.
    Headline Froze "froze" {
        /// Who.
        client: ClientId,
    }
    /// A process that stood still goes on.
    Headline Thawed "thawed" {
        /// Who.
        client: ClientId,
    }
    /// A producer's process began. The first is number 1; a restart is the next.
    Headline ProducerStarted "producer_started" {
        /// Who.
        producer: ClientId,
        /// The how-manieth process of that name.
        process: u16,
    }
    /// A producer's process died.
    Headline ProducerCrashed "producer_crashed" {
        /// Who.
        producer: ClientId,
        /// What it had sent without hearing that it is stored.
        unacknowledged: Vec<RecordId>,
    }
    /// A call of a producer threw.
    Headline Threw "threw" {
        /// Whose.
        producer: ClientId,
        /// What: the exception's class.
        exception: Value,
    }
    /// A producer's program is over.
    Detail ProgramOver "program_over" {
        /// Whose.
        producer: ClientId,
    }
}
