//! What happens to messages on their way, whichever system they belong to.

use crate::cast::{ClientId, ConsumerId, RecordId};
use systems::fact::Leg;

systems::facts! {
    /// A message to or from a service got lost.
    Headline MessageLost "message_lost" {
        /// Whose call.
        consumer: ConsumerId,
        /// Which record it is about.
        record: RecordId,
        /// What got lost.
        what: Leg,
    }
    /// A request to a service is on its way twice.
    Headline MessageDoubled "message_doubled" {
        /// Whose call.
        consumer: ConsumerId,
        /// Which record it is about.
        record: RecordId,
    }
    /// An answer came to a process that is no more.
    Detail Dropped "answer_dropped" {
        /// To whom it went.
        client: ClientId,
    }
}
