//! Acknowledgements, longer deadlines and nacks.
//!
//! # Rules
//! P25. An acknowledgement id names one delivery, and only the latest of a message counts: with an earlier
//! one nothing changes, and that is no error. After the deadline the latest id still acknowledges, until the
//! message is delivered again. Source: Acknowledge method. Shown by: pubsub-late-ack-old-id, the test
//! `an_acknowledgement_after_the_deadline_counts_until_the_next_delivery`, the test
//! `what_is_acknowledged_stays_away_and_keys_keep_their_order`.
//!
//! P26. A second acknowledgement, and a nack after it, are no errors and change nothing. Source: Acknowledge
//! method. Shown by: the test `a_second_acknowledgement_changes_nothing`.
//!
//! P27. A new deadline counts from now, so it may be earlier or later than the old one; it is 0 to 600 s, and
//! 0 gives the message back at once (a nack). Source: ModifyAckDeadline method. Shown by: pubsub-extend,
//! pubsub-nack.
//!
//! P28. On a subscription with exactly-once delivery an id is good for its delivery only, up to its
//! deadline: an acknowledgement or a deadline with any other is `INVALID_ARGUMENT`, and names those ids with
//! `PERMANENT_FAILURE_INVALID_ACK_ID`; the others of the request take effect. Source: "Exactly-once
//! delivery". Shown by: pubsub-exactly-once-in-flight, the test
//! `exactly_once_refuses_outdated_acknowledgements`.
//!
//! P29. An id that was never given out, and an id of another subscription, are `INVALID_ARGUMENT`, and so is a
//! request without ids. Source: Acknowledge method and the service's answers. Shown by: the test
//! `made_up_acknowledgement_ids_are_refused`.
//!
//! Left out: exactly-once failures that pass by themselves (`TRANSIENT_FAILURE_…`).
//!
//! Simplified: with exactly-once delivery, acknowledging an acknowledged message again is no error, with
//! whichever of its ids.

use super::{Holder, Standing, Subscription, Work};
use crate::party::Caller;
use crate::pubsub::error::Error;
use crate::pubsub::fact::Fact;
use crate::pubsub::message::AckId;
use std::sync::Arc;

/// What an id is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Worth {
    /// The message is in flight with it.
    InFlight,
    /// It is the latest, but its message is no longer in flight.
    Latest,
    /// The message was acknowledged.
    Acknowledged,
    /// There was a later delivery, or the id counts no more.
    Outdated,
}

impl Subscription {
    /// Whether these ids are this subscription's, and were given out.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT`.
    pub fn check_ids(&self, ids: &[AckId]) -> Result<(), Error> {
        if ids.is_empty() {
            return Err(Error::invalid("No ack ids specified."));
        }
        for id in ids {
            if id.subscription != self.number {
                return Err(Error::foreign_ack_id(&self.name));
            }
            if id.delivery == 0 || id.delivery > self.last_delivery {
                return Err(Error::no_ack_id(*id));
            }
        }
        Ok(())
    }

    fn worth(&self, id: AckId) -> Worth {
        let Some(entry) = self.entries.get(id.message) else {
            return Worth::Acknowledged;
        };
        match entry.standing {
            _ if entry.delivery != Some(id.delivery) => Worth::Outdated,
            Standing::InFlight { .. } => Worth::InFlight,
            Standing::Ahead => Worth::Acknowledged,
            _ if self.settings.enable_exactly_once_delivery => Worth::Outdated,
            Standing::Waiting | Standing::Delayed { .. } if self.is_first_of_key(id.message) => {
                Worth::Latest
            }
            Standing::Waiting | Standing::Delayed { .. } => Worth::Outdated,
        }
    }

    fn outdated(&self, id: AckId, invalid: &mut Vec<AckId>, work: &mut Work<'_>) {
        work.out.tell(Fact::AckIdOutdated {
            record: id.record,
            subscription: Arc::clone(&self.name),
        });
        if self.settings.enable_exactly_once_delivery {
            invalid.push(id);
        }
    }

    /// Acknowledges; gives the ids that an exactly-once subscription refuses.
    pub fn acknowledge(&mut self, ids: &[AckId], work: &mut Work<'_>) -> Vec<AckId> {
        let mut invalid = Vec::new();
        for id in ids {
            match self.worth(*id) {
                Worth::InFlight | Worth::Latest => self.acknowledge_entry(id.message, work),
                Worth::Acknowledged => {}
                Worth::Outdated => self.outdated(*id, &mut invalid, work),
            }
        }
        invalid
    }

    /// Moves deadlines; gives the ids that an exactly-once subscription refuses.
    pub fn modify(
        &mut self,
        ids: &[AckId],
        seconds: u32,
        from: Caller,
        work: &mut Work<'_>,
    ) -> Vec<AckId> {
        let mut invalid = Vec::new();
        for id in ids {
            match self.worth(*id) {
                Worth::InFlight if seconds == 0 => {
                    work.out.tell(Fact::Nacked {
                        record: id.record,
                        subscription: Arc::clone(&self.name),
                    });
                    self.fail(id.message, work);
                }
                Worth::InFlight | Worth::Latest if seconds > 0 => {
                    work.out.tell(Fact::DeadlineModified {
                        record: id.record,
                        subscription: Arc::clone(&self.name),
                        seconds,
                    });
                    self.extend(id.message, work.now, seconds, Holder::Pull(from));
                }
                Worth::InFlight | Worth::Latest | Worth::Acknowledged => {}
                Worth::Outdated => self.outdated(*id, &mut invalid, work),
            }
        }
        invalid
    }
}
