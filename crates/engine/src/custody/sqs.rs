//! Custody on Amazon SQS: the copy of a message that the queue of a subscription was sent.

use super::Custody;
pub use super::queue::{Copy, custody};
use crate::cast::{Cast, ClientId, ProducerAction, RecordId};
use crate::fact::{Fact, process, sqs};
use crate::trace::{FactId, Trace};
use std::sync::Arc;
use systems::kafka::GroupId;

/// A copy as the facts told of it.
struct Told {
    record: RecordId,
    /// The subscription whose queue it was sent to.
    of: GroupId,
    /// The queue it is in.
    queue: Arc<str>,
    /// Who received it, until its visibility time-out ends.
    by: Option<ClientId>,
}

/// What the facts of a trace have told of queues.
#[derive(Default)]
pub struct Reader {
    /// What was sent to the queues of subscriptions.
    sent: Vec<(RecordId, GroupId)>,
    copies: Vec<Told>,
    /// What producers know to be stored.
    known: Vec<(ClientId, RecordId)>,
}

impl Reader {
    /// Reads the next fact. Says whether it may have moved a record.
    pub fn read(&mut self, at: FactId, trace: &Trace) -> bool {
        let cast = trace.cast();
        let fact = match trace.get(at).map(|entry| &entry.fact) {
            Some(Fact::Sqs(fact)) => fact,
            Some(Fact::Process(process::Fact::ProducerCrashed { producer, .. })) => {
                let plan = cast.producer(*producer);
                if plan.again {
                    let sends = |record| plan.program.contains(&ProducerAction::Send(record));
                    self.known
                        .retain(|(by, record)| by != producer || !sends(*record));
                }
                return plan.again;
            }
            _ => return false,
        };
        match fact {
            sqs::Fact::Sent {
                record: Some(record),
                queue,
                ..
            } => {
                if let Some(of) = cast.group_of_queue(queue) {
                    self.sent.push((*record, of));
                    self.copies.push(Told {
                        record: *record,
                        of,
                        queue: Arc::clone(queue),
                        by: None,
                    });
                }
            }
            sqs::Fact::Received {
                record: Some(record),
                queue,
                by,
                ..
            } => self.change(*record, queue, None, |copy| copy.by = Some(*by)),
            sqs::Fact::VisibilityEnded {
                record: Some(record),
                queue,
                held_by,
            } => self.change(*record, queue, Some(*held_by), |copy| copy.by = None),
            sqs::Fact::VisibilityChanged {
                record: Some(record),
                queue,
                timeout: 0,
            } => self.change(*record, queue, None, |copy| copy.by = None),
            sqs::Fact::MovedToDeadLetterQueue {
                record: Some(record),
                queue: from,
                dead_letter_queue: to,
                ..
            }
            | sqs::Fact::Redriven {
                record: Some(record),
                dead_letter_queue: from,
                queue: to,
            } => self.change(*record, from, None, |copy| {
                copy.queue = Arc::clone(to);
                copy.by = None;
            }),
            sqs::Fact::Deleted {
                record: Some(record),
                queue,
                by,
            } => self.remove(*record, queue, Some(*by)),
            sqs::Fact::Expired {
                record: Some(record),
                queue,
            } => self.remove(*record, queue, None),
            sqs::Fact::SendAcknowledged { by, record } => self.known.push((*by, *record)),
            sqs::Fact::Purged { queue, .. } | sqs::Fact::QueueDeleted { queue, .. } => {
                self.copies.retain(|copy| copy.queue != *queue);
            }
            _ => return false,
        }
        true
    }

    /// The copy that a fact tells of: that of this client, if there is one, among those in the queue.
    fn find(&self, record: RecordId, queue: &str, by: Option<ClientId>) -> Option<usize> {
        let is_it = |copy: &Told| copy.record == record && *copy.queue == *queue;
        let of_client = |copy: &Told| is_it(copy) && (by.is_none() || copy.by == by);
        let mut copies = self.copies.iter();
        let exact = copies.position(of_client);
        exact.or_else(|| self.copies.iter().position(is_it))
    }

    fn change(
        &mut self,
        record: RecordId,
        queue: &str,
        by: Option<ClientId>,
        change: impl FnOnce(&mut Told),
    ) {
        if let Some(at) = self.find(record, queue, by) {
            change(&mut self.copies[at]);
        }
    }

    fn remove(&mut self, record: RecordId, queue: &str, by: Option<ClientId>) {
        if let Some(at) = self.find(record, queue, by) {
            self.copies.remove(at);
        }
    }

    /// Where a record is, for one subscription.
    pub fn custody(&self, record: RecordId, of: GroupId, cast: &Cast) -> Custody {
        if !self.sent.contains(&(record, of)) {
            return Custody::Nowhere;
        }
        let mut copies = self.copies.iter();
        let copy = copies.find(|copy| (copy.record, copy.of) == (record, of));
        let copy = match copy {
            Some(copy) if cast.queue_of(of) == Some(&*copy.queue) => Copy::Own(copy.by),
            Some(_) => Copy::Elsewhere,
            None => Copy::Gone,
        };
        let plan = &cast.records[record.at()];
        custody(
            copy,
            plan,
            !plan.sent || self.known.iter().any(|(_, one)| *one == record),
        )
    }
}
