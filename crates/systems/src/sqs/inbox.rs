//! A consumer of an Amazon SQS queue: what a worker does with the AWS SDK beside its handler.
//!
//! # Rules
//! 1. A worker receives, handles, deletes. `ReceiveMessage` waits up to `WaitTimeSeconds` for a message
//!    (long polling), and is made again when it came back empty. Source: SQS developer guide, "Amazon SQS
//!    short and long polling". Shown by: the test `a_queue_is_worked_off_and_is_empty_then`.
//! 2. A message is deleted with the receipt handle of its latest receive, one by one when its work is
//!    done, or a batch at once (`DeleteMessageBatch`), which a request takes ten of. Source: SQS API
//!    reference, "DeleteMessage", "DeleteMessageBatch". Shown by: the test
//!    `a_crash_between_the_mail_and_the_delete_mails_twice`.
//! 3. A receive that is not deleted in time is received again, by anybody. Who needs longer asks for
//!    more: a worker with a heartbeat sets the visibility time-out of all it holds anew
//!    (`ChangeMessageVisibilityBatch`), as long as it lives. Source: SQS developer guide, "Amazon SQS
//!    visibility timeout". Shown by: the test `a_heartbeat_keeps_what_is_slowly_worked_on`.
//! 4. A message whose handling failed is left alone, and comes again when its visibility time-out is over; or
//!    the worker sets that time-out to the wait before the next try (`ChangeMessageVisibility`, in whole
//!    seconds). There is no way to refuse one: how often it is tried is counted by the queue, in its
//!    `RedrivePolicy`. Source: SQS developer guide, "Amazon SQS visibility timeout", "Using dead-letter queues
//!    in Amazon SQS". Shown by: the test `a_worker_that_leaves_a_poison_message_goes_on`, the test
//!    `a_back_off_is_a_visibility_time_out`.
//! 5. Requests are HTTP requests of their own: there is no session, and a crash of the worker changes
//!    nothing in the queue. Source: SQS API reference, "Making Query API requests". Shown by: the test
//!    `a_crash_between_the_mail_and_the_delete_mails_twice`.
//!
//! Left out: several receives at a time, a buffer of the client in front of the handler, retries of the
//! SDK, `ReceiveRequestAttemptId`.

use super::worker::{Deletes, Failure};
use super::{Fact, Receipt, ReceiptHandle, Receive, Reply, Request, Sqs, Worker};
use crate::library::inbox::{GiveBack, Heard, Taken};
use crate::library::{self, Context, Place};
use crate::party::ConsumerId;
use crate::visit::{Visit, Visitor};
use explore::Weigh;
use explore::time::{Instant, Span};
use std::sync::Arc;

/// A worker's settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The queue it receives from.
    pub queue: Arc<str>,
    /// How it receives and deletes.
    pub worker: Worker,
    /// The queue's visibility time-out in seconds: for how long a heartbeat asks, where the worker has
    /// none of its own.
    pub queue_timeout: u32,
}

impl Plan {
    /// For how many seconds what it receives is hidden from others.
    fn timeout(&self) -> u32 {
        match self.worker.visibility_timeout {
            0 => self.queue_timeout,
            own => own,
        }
    }

    fn heartbeat(&self) -> Option<Span> {
        let seconds = self.worker.heartbeat_seconds;
        (seconds > 0).then(|| Span::from_ms(u64::from(seconds) * 1_000))
    }
}

/// What is to be answered.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
enum Asked {
    Delete(Vec<Receipt>),
    MoreTime,
}

/// What the worker remembers. A crash forgets it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Weigh)]
pub struct Inbox {
    receiving: bool,
    /// What it has received and not deleted.
    holds: Vec<Receipt>,
    /// The requests beside a receive that have no answer yet, the oldest first.
    asked: Vec<Asked>,
    heartbeat_due: Option<Instant>,
}

/// A call of the worker's library.
type Step<'a> = Context<'a, Sqs, Plan>;

impl Step<'_> {
    fn ask(&mut self, operation: &str, request: Request) {
        self.out.tell(Fact::Called {
            by: self.by,
            operation: operation.into(),
        });
        self.out.send(request);
    }
}

impl library::Inbox for Inbox {
    type Of = Sqs;
    type Plan = Plan;
    type Receipt = Receipt;

    fn new(_: &Plan) -> Self {
        Inbox::default()
    }

    /// Receives, unless a receive is under way (rule 1), or the worker waits before the next.
    fn take(&mut self, waits: bool, step: &mut Step) -> Heard<Receipt> {
        if !waits && !std::mem::replace(&mut self.receiving, true) {
            let receive = Receive {
                max_number_of_messages: Some(step.plan.worker.max_number_of_messages.into()),
                visibility_timeout: match step.plan.worker.visibility_timeout {
                    0 => None,
                    seconds => Some(seconds.into()),
                },
                wait_time_seconds: Some(step.plan.worker.wait_time_seconds.into()),
                receive_request_attempt_id: None,
            };
            let queue = Arc::clone(&step.plan.queue);
            step.ask("ReceiveMessage", Request::ReceiveMessage { queue, receive });
        }
        Heard::Nothing
    }

    /// The queue answered.
    fn hear(&mut self, reply: Reply, step: &mut Step) -> Heard<Receipt> {
        match reply {
            Reply::Messages(messages) => {
                self.receiving = false;
                if messages.is_empty() {
                    return Heard::Nothing;
                }
                let records: Vec<_> = messages.iter().filter_map(|one| one.record).collect();
                step.out.tell(Fact::Returned {
                    consumer: ConsumerId(step.by.0),
                    records,
                });
                self.holds.extend(messages.iter().map(|one| one.receipt));
                if self.heartbeat_due.is_none() {
                    self.heartbeat_due = step.plan.heartbeat().map(|every| step.now + every);
                }
                let taken = messages.iter().filter_map(|one| {
                    Some(Taken {
                        record: one.record?,
                        place: None,
                        attempt: one.receive_count,
                        redelivered: false,
                        receipt: Some(one.receipt),
                    })
                });
                Heard::Took(taken.collect())
            }
            // A receive is refused only where the scene names what is not there; others have been asked for.
            Reply::Refused(_) if self.asked.is_empty() => {
                self.receiving = false;
                Heard::LookAgain(Span::from_ms(1_000))
            }
            Reply::Refused(_) => self.answered(|_| true),
            Reply::Batch(batch) => {
                let failed: Vec<_> = batch.failed.iter().map(|(id, _)| Arc::clone(id)).collect();
                self.answered(|at| failed.iter().any(|id| **id == at.to_string()))
            }
            Reply::Sent(_) | Reply::SentBatch(_) => Heard::Stored(true),
            _ => self.answered(|_| false),
        }
    }

    /// Deletes messages (rule 2).
    fn settle(&mut self, receipts: &[Receipt], step: &mut Step) -> Option<bool> {
        self.let_go(receipts);
        let queue = Arc::clone(&step.plan.queue);
        match receipts {
            [] => return Some(true),
            [receipt] => {
                let handle = ReceiptHandle::Issued(*receipt);
                step.ask("DeleteMessage", Request::DeleteMessage { queue, handle });
            }
            receipts => {
                let entries = numbered(receipts, ReceiptHandle::Issued).collect();
                let request = Request::DeleteMessageBatch { queue, entries };
                step.ask("DeleteMessageBatch", request);
            }
        }
        self.asked.push(Asked::Delete(receipts.to_vec()));
        None
    }

    /// Deletes one message, where the handler says so (rule 2).
    fn settle_one(
        &mut self,
        _: Option<Place>,
        receipt: Option<Receipt>,
        step: &mut Step,
    ) -> Option<bool> {
        let settled = self.settle(receipt.as_slice(), step);
        // There was nothing to delete.
        settled.map(|_| false)
    }

    /// Leaves a message whose handling failed, if the worker is set so and has not deleted it (rule 4).
    fn give_back(&mut self, receipt: Option<Receipt>, how: GiveBack, step: &mut Step) -> bool {
        let failure = step.plan.worker.failure;
        let Some(receipt) = receipt.filter(|one| self.holds.contains(one)) else {
            return false;
        };
        if failure == Failure::Raise {
            return false;
        }
        self.let_go(&[receipt]);
        let record = receipt.record;
        step.out.tell(Fact::MessageLeft {
            consumer: ConsumerId(step.by.0),
            record,
        });
        if let (Failure::ChangeVisibility, GiveBack::AsSet(span) | GiveBack::Again(span)) =
            (failure, how)
        {
            let queue = Arc::clone(&step.plan.queue);
            let request = Request::ChangeMessageVisibility {
                queue,
                handle: ReceiptHandle::Issued(receipt),
                visibility_timeout: span.0.div_ceil(1_000_000) as i64,
            };
            step.ask("ChangeMessageVisibility", request);
            self.asked.push(Asked::MoreTime);
        }
        true
    }

    fn settles_by_name(&self) -> bool {
        true
    }

    fn settles_each(plan: &Plan) -> bool {
        plan.worker.deletes == Deletes::Each
    }

    /// When it asks for more time next.
    fn heartbeat_due(&self) -> Option<Instant> {
        self.heartbeat_due
    }

    /// Asks for more time for all it holds (rule 3).
    fn heartbeat(&mut self, step: &mut Step) {
        self.heartbeat_due = None;
        let Some(every) = step.plan.heartbeat().filter(|_| !self.holds.is_empty()) else {
            return;
        };
        let seconds = step.plan.timeout();
        self.heartbeat_due = Some(step.now + every);
        let queue = Arc::clone(&step.plan.queue);
        let entries = numbered(&self.holds, ReceiptHandle::Issued)
            .map(|(id, handle)| (id, handle, seconds.into()))
            .collect();
        let request = Request::ChangeMessageVisibilityBatch { queue, entries };
        step.ask("ChangeMessageVisibilityBatch", request);
        self.asked.push(Asked::MoreTime);
    }
}

impl Inbox {
    /// The oldest request that had no answer has one, which refuses some of its entries.
    fn answered(&mut self, is_refused: impl Fn(usize) -> bool) -> Heard<Receipt> {
        if self.asked.is_empty() {
            return Heard::Nothing;
        }
        match self.asked.remove(0) {
            Asked::Delete(receipts) => {
                let entries = receipts.iter().enumerate();
                let refused = entries.filter(|(at, _)| is_refused(*at));
                let refused: Vec<Receipt> = refused.map(|(_, receipt)| *receipt).collect();
                match refused.len() {
                    0 => Heard::Settled(true),
                    count if count == receipts.len() => Heard::Settled(false),
                    _ => Heard::SettledWithout(refused),
                }
            }
            Asked::MoreTime => Heard::Nothing,
        }
    }

    /// It holds these no longer, and asks for no more time for them.
    fn let_go(&mut self, receipts: &[Receipt]) {
        self.holds.retain(|held| !receipts.contains(held));
        if self.holds.is_empty() {
            self.heartbeat_due = None;
        }
    }

    /// Whether it holds what this receive has given.
    pub fn holds(&self, number: u64) -> bool {
        self.holds.iter().any(|held| held.number == number)
    }
}

/// The entries of a batch, each with its number as its id.
fn numbered<T>(
    receipts: &[Receipt],
    entry: impl Fn(Receipt) -> T,
) -> impl Iterator<Item = (Arc<str>, T)> {
    let numbered = receipts.iter().enumerate();
    numbered.map(move |(at, receipt)| (at.to_string().into(), entry(*receipt)))
}

impl Visit for Inbox {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        self.holds.visit(visitor);
        for asked in &mut self.asked {
            if let Asked::Delete(receipts) = asked {
                receipts.visit(visitor);
            }
        }
        self.heartbeat_due.visit(visitor);
    }
}
