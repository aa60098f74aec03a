//! One queue: its attributes, its messages, and who waits for some.

use super::attributes::QueueAttributes;
use super::deduplication::{self, Deduplication};
use super::error::Error;
use super::message::{Message, MessageId, Place, Received};
use super::moving::MoveTask;
use super::receipt::{QueueId, Receipt, ReceiptHandle};
use super::store::Store;
use super::{arn, error};
use crate::party::Caller;
use crate::visit::{Visit, Visitor};
use explore::Weigh;
use explore::time::{Instant, Span};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Whether the queue is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Weigh)]
pub enum Life {
    /// It is.
    Exists,
    /// It was deleted then; its place is kept for a queue of the same name.
    Deleted(Instant),
}

/// A receive that waits for messages (long polling).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Poll {
    /// Who waits.
    pub caller: Caller,
    /// Until when.
    pub until: Instant,
    /// For how many messages at most.
    pub most: usize,
    /// For how long they will be hidden.
    pub visibility: Span,
    /// The receive's attempt id.
    pub attempt: Option<Arc<str>>,
}

/// A receive that named an attempt id, as it was answered.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Attempt {
    /// When.
    pub at: Instant,
    /// What it gave.
    pub receipts: Vec<Receipt>,
}

/// A queue.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Queue {
    /// Its place among the queues of the account.
    pub id: QueueId,
    /// Its name.
    pub name: Arc<str>,
    /// Whether it is there.
    pub life: Life,
    /// Its attributes.
    pub attributes: QueueAttributes,
    /// When it was made.
    pub created: Instant,
    /// When its attributes were set last.
    pub modified: Instant,
    /// Its messages.
    pub store: Store,
    /// What it remembers of the messages of five minutes.
    pub deduplication: Deduplication,
    /// The receives that wait, in the order in which they came.
    pub polls: VecDeque<Poll>,
    /// The receives of the last five minutes that named an attempt id.
    pub attempts: BTreeMap<Arc<str>, Attempt>,
    /// When it was purged last.
    pub purged: Option<Instant>,
    /// The tasks that move or moved its messages elsewhere, the newest first.
    pub tasks: VecDeque<MoveTask>,
    /// The number of its latest receive.
    receipts: u64,
    /// The number of the latest message that got its id here.
    message_ids: u64,
}

/// What a receive came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// What the client gets.
    pub messages: Vec<Received>,
    /// Which of them came from another queue, by their places in the list.
    pub sources: Vec<(usize, QueueId)>,
    /// What has been received too often, and was taken out instead.
    pub dead: Vec<Message>,
}

impl Queue {
    /// An empty queue.
    pub fn new(id: QueueId, name: Arc<str>, attributes: QueueAttributes, now: Instant) -> Queue {
        Queue {
            id,
            name,
            life: Life::Exists,
            created: now,
            modified: now,
            store: Store::new(attributes.fifo_queue),
            attributes,
            deduplication: Deduplication::default(),
            polls: VecDeque::new(),
            attempts: BTreeMap::new(),
            purged: None,
            tasks: VecDeque::new(),
            receipts: 0,
            message_ids: 0,
        }
    }

    /// Whether it is a FIFO queue.
    pub fn is_fifo(&self) -> bool {
        self.attributes.fifo_queue
    }

    /// How far the numbers have grown that it gives: receives, ids and places of messages.
    pub fn grown(&self) -> u64 {
        self.receipts + self.message_ids + self.store.last()
    }

    /// Its ARN.
    pub fn arn(&self) -> Arc<str> {
        arn::arn(&self.name)
    }

    /// The id of the next message that gets its id here.
    pub fn next_message_id(&mut self) -> MessageId {
        self.message_ids = self.message_ids.saturating_add(1);
        MessageId {
            queue: self.id,
            number: self.message_ids,
        }
    }

    /// Becomes a new queue of the same name, after it was deleted.
    pub fn begin_again(&mut self, attributes: QueueAttributes, now: Instant) {
        let (receipts, message_ids) = (self.receipts, self.message_ids);
        let last = self.store.last();
        *self = Queue::new(self.id, Arc::clone(&self.name), attributes, now);
        (self.receipts, self.message_ids) = (receipts, message_ids);
        self.store.begin_after(last);
    }

    /// Gives out up to so many messages. Those that have been received `limit` times already are
    /// taken out instead.
    pub fn take(&mut self, now: Instant, poll: &Poll, limit: Option<u32>) -> Taken {
        let mut taken = Taken::default();
        let mut sequences = Vec::new();
        while sequences.len() < poll.most {
            let is_given =
                |message: &Message| limit.is_none_or(|limit| message.receive_count < limit);
            let begin = sequences.len();
            let left = poll.most - begin;
            self.store
                .first_of_one_group(left, is_given, &mut sequences);
            if sequences.len() == begin {
                break;
            }
            // Those that are given stay in the list.
            let mut end = begin;
            for at in begin..sequences.len() {
                let sequence = sequences[at];
                if !self.store.get(sequence).is_some_and(is_given) {
                    taken.dead.extend(self.store.remove(sequence));
                } else {
                    let place = Place::InFlight {
                        until: now + poll.visibility,
                        since: now,
                        by: poll.caller,
                    };
                    self.store.put(sequence, place);
                    sequences[end] = sequence;
                    end += 1;
                }
            }
            sequences.truncate(end);
        }
        tiny_sort::unstable::sort(&mut sequences);
        for sequence in sequences {
            self.receipts = self.receipts.saturating_add(1);
            let number = self.receipts;
            self.store.change(sequence, |message| {
                message.receive_count = message.receive_count.saturating_add(1);
                message.first_received.get_or_insert(now);
                message.latest_receipt = Some(number);
            });
            if poll.visibility == Span(0) {
                self.store.put(sequence, Place::Visible);
            }
            if let Some(source) = self.store.get(sequence).and_then(|message| message.source) {
                taken.sources.push((taken.messages.len(), source));
            }
            taken.messages.extend(self.received(sequence));
        }
        if let Some(attempt) = &poll.attempt
            && !taken.messages.is_empty()
        {
            let receipts = taken
                .messages
                .iter()
                .map(|message| message.receipt)
                .collect();
            let answered = Attempt { at: now, receipts };
            self.attempts.insert(Arc::clone(attempt), answered);
        }
        taken
    }

    /// What a receive tells of a message, but for the queue that it came from: only the account knows
    /// the names of others.
    pub fn received(&self, sequence: u64) -> Option<Received> {
        let message = self.store.get(sequence)?;
        Some(Received {
            message_id: message.id,
            receipt: Receipt {
                queue: self.id,
                sequence,
                number: message.latest_receipt?,
                record: message.record,
            },
            body: Arc::clone(&message.body),
            attributes: message.attributes.clone(),
            group: message.group.clone(),
            deduplication_id: message.deduplication_id.clone(),
            sequence_number: self.is_fifo().then_some(sequence),
            sent: message.sent,
            first_received: message.first_received?,
            receive_count: message.receive_count,
            source: None,
            record: message.record,
        })
    }

    /// The receipt behind a handle, if it is one that this queue has given.
    ///
    /// # Errors
    /// It is not.
    pub fn receipt(&self, handle: &ReceiptHandle) -> Result<Receipt, Error> {
        match handle {
            ReceiptHandle::Issued(receipt)
                if receipt.queue == self.id
                    && receipt.number <= self.receipts
                    && receipt.sequence <= self.store.last() =>
            {
                Ok(*receipt)
            }
            _ => Err(error::Error::bad_handle(handle)),
        }
    }
}

impl Visit for Queue {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        let id = self.id;
        if let Life::Deleted(at) = &mut self.life {
            at.visit(visitor);
        }
        self.created.visit(visitor);
        self.modified.visit(visitor);
        self.purged.visit(visitor);
        let kept = self.kept();
        self.store.visit_in(id, kept, visitor);
        deduplication::visit_in(&mut self.deduplication, id, visitor);
        for poll in &mut self.polls {
            poll.until.visit(visitor);
            poll.caller.visit(visitor);
        }
        for attempt in self.attempts.values_mut() {
            visitor.since(&mut attempt.at, deduplication::WINDOW);
            attempt.receipts.visit(visitor);
        }
        self.tasks
            .iter_mut()
            .for_each(|task| task.visit_in(id, visitor));
        visitor.counter(id.receipts(), &mut self.receipts);
        visitor.counter(id.message_ids(), &mut self.message_ids);
    }
}
