//! Receiving, and long polling.
//!
//! Q6. A received message is hidden from every other receive for its visibility time-out: that of the
//! receive, or else the queue's; at exactly its end the message is visible again, to the same client
//! too. A changed time-out of the queue holds for receives from then on. Source: SQS developer guide,
//! "Amazon SQS visibility timeout". Shown by: sqs-visibility, sqs-alter-visibility, sqs_scenarios
//! (c:standard-visibility), the test `a_held_message_comes_back_to_its_holder`.
//!
//! Q7. A receive gives 1 to 10 messages and never waits for more than one: it waits only while there
//! is none, at most WaitTimeSeconds (0 to 20) of the receive, or else of the queue. Whatever makes a
//! message visible wakes the receive that has waited longest: a send, the end of a delay or of a
//! visibility time-out, a change of visibility to 0, a delete that frees a message group. Source: SQS
//! developer guide, "Amazon SQS short and long polling". Shown by: sqs-long-poll-wakes,
//! sqs-long-poll-queue-default, the test `whatever_makes_a_message_visible_wakes_one_waiting_receive`.
//!
//! Q8. A receive counts: ApproximateReceiveCount grows by one, ApproximateFirstReceiveTimestamp stays
//! that of the first. Source: SQS API reference, "ReceiveMessage". Shown by: sqs-receive-times.
//!
//! Q9. With 120,000 messages in flight a standard queue refuses a receive that does not wait
//! (`OverLimit`), and one that waits gets nothing; a FIFO queue gives nothing in either case. Source: SQS
//! developer guide, "Amazon SQS message quotas" and "Amazon SQS FIFO queue quotas". Shown by: the test
//! `too_many_messages_in_flight_are_a_limit`.
//!
//! Q10. FIFO: a receive gives the messages of a message group in the order in which they were sent.
//! While one of a group is in flight nothing more of that group is given out; other groups go on. Of
//! several of one group in flight all must be deleted, or be visible again, before the group goes on.
//! Source: SQS developer guide, "FIFO queue delivery logic". Shown by: sqs-fifo-order-group-block,
//! sqs-fifo-visibility-expiry-single, sqs_scenarios (q:group-blocks), the test
//! `a_group_waits_for_all_of_its_messages_in_flight`.
//!
//! Q11. FIFO: a receive of several takes as many as it can of the group whose turn it is, then of the
//! next, and gives them in the order in which they were sent. Source: as Q10. Shown by:
//! sqs-fifo-batch-same-group.
//!
//! Q12. FIFO: a receive repeated within five minutes with the same attempt id gives the same messages
//! with the same handles again, hides them anew and counts nothing, as long as none of them was
//! deleted, changed or visible since; else it is a new receive. Source: SQS API reference,
//! "ReceiveMessage". Shown by: sqs-fifo-attempt-id, the test
//! `a_receive_repeated_with_its_attempt_id_gives_the_same_again`.
//!
//! Q13. A message that is older than MessageRetentionPeriod is lost, wherever it is. The age of a
//! standard queue's message counts from its first send, also in a dead-letter queue; a FIFO
//! dead-letter queue counts from the move. Source: SQS developer guide, "Using dead-letter queues".
//! Shown by: the test `a_dead_letter_keeps_its_age_on_standard_queues`.
//!
//! Simplified: a message is lost at the very end of the retention period; the real service may take
//! some minutes more. The real FIFO queue looks for free groups among the first 120,000 messages only.

use super::arn;
use super::deduplication::WINDOW;
use super::error::{Code, Error};
use super::message::Place;
use super::queue::{Poll, Queue, Taken};
use super::receipt::Receipt;
use super::reply::Reply;
use super::{Answer, Due, Fact, QueueId, Receive, Sqs};
use crate::party::{Caller, ClientId};
use crate::server::Out;
use explore::time::{Instant, Span};
use std::collections::VecDeque;

/// How many messages of a queue can be in flight, standard or FIFO.
pub const MOST_IN_FLIGHT: u64 = 120_000;
/// The longest visibility time-out in seconds: 12 hours.
pub(super) const MOST_VISIBILITY: i64 = 43_200;

/// A number of a request, if it is between these bounds.
fn bounded(
    given: Option<i64>,
    parameter: &str,
    bounds: std::ops::RangeInclusive<i64>,
    reason: &str,
) -> Result<Option<u64>, Error> {
    match given {
        Some(given) if !bounds.contains(&given) => Err(Error::invalid(given, parameter, reason)),
        given => Ok(given.and_then(|given| u64::try_from(given).ok())),
    }
}

/// So many seconds.
pub(super) fn seconds(count: u64) -> Span {
    Span::from_ms(count.saturating_mul(1000))
}

impl Queue {
    /// The handle of a message's latest receive.
    pub(super) fn latest_receipt(&self, sequence: u64) -> Option<Receipt> {
        let message = self.store.get(sequence)?;
        Some(Receipt {
            queue: self.id,
            sequence,
            number: message.latest_receipt?,
            record: message.record,
        })
    }

    /// What the queue does by itself, ends of visibility time-outs and delays excepted.
    pub(super) fn other_dues(&self, each: &mut dyn FnMut(Instant, Due)) {
        let queue = self.id;
        if let Some((sent, sequence)) = self.store.oldest() {
            each(sent + self.kept(), Due::Expires { queue, sequence });
        }
        for poll in &self.polls {
            let (caller, until) = (poll.caller, poll.until);
            let due = Due::WaitEnds {
                queue,
                caller,
                until,
            };
            each(until, due);
        }
        if let Some(next) = self.tasks.front().and_then(super::moving::MoveTask::next) {
            each(next, Due::Moves { queue });
        }
    }

    /// How long it keeps a message from its sending on.
    pub fn kept(&self) -> Span {
        seconds(u64::from(self.attributes.message_retention_period))
    }

    /// How many messages more can be in flight.
    fn room(&self) -> usize {
        let room = MOST_IN_FLIGHT.saturating_sub(self.store.in_flight());
        usize::try_from(room).unwrap_or(usize::MAX)
    }

    /// The receipts of an earlier receive that is repeated, if nothing has happened to its messages.
    fn repeated(&mut self, now: Instant, attempt: &str) -> Option<Vec<Receipt>> {
        self.attempts
            .retain(|_, answered| now < answered.at + WINDOW);
        let receipts = &self.attempts.get(attempt)?.receipts;
        let is_held = |receipt: &Receipt| {
            let message = self.store.get(receipt.sequence);
            message.is_some_and(|message| {
                message.latest_receipt == Some(receipt.number)
                    && matches!(message.place, Place::InFlight { .. })
            })
        };
        receipts.iter().all(is_held).then(|| receipts.clone())
    }

    /// A message was deleted or given another visibility: no receive can be repeated that gave it.
    pub(super) fn forget_attempts(&mut self, sequence: u64) {
        if !self.attempts.is_empty() {
            let gave = |receipt: &Receipt| receipt.sequence == sequence;
            self.attempts
                .retain(|_, answered| !answered.receipts.iter().any(gave));
        }
    }
}

impl Sqs {
    pub(super) fn receive(
        &mut self,
        now: Instant,
        from: Caller,
        id: QueueId,
        receive: Receive,
        touched: &mut VecDeque<QueueId>,
        out: &mut Out<Self>,
    ) -> Answer {
        let most = bounded(
            receive.max_number_of_messages,
            "MaxNumberOfMessages",
            1..=10,
            "Must be between 1 and 10, if provided.",
        )?;
        let visibility = bounded(
            receive.visibility_timeout,
            "VisibilityTimeout",
            0..=MOST_VISIBILITY,
            "Must be between 0 and 43200, if provided.",
        )?;
        let wait = bounded(
            receive.wait_time_seconds,
            "WaitTimeSeconds",
            0..=20,
            "Must be >= 0 and <= 20, if provided.",
        )?;
        let queue = self.get_mut(id)?;
        let attributes = &queue.attributes;
        let visibility = visibility.unwrap_or_else(|| attributes.visibility_timeout.into());
        let wait = wait.unwrap_or_else(|| attributes.receive_message_wait_time_seconds.into());
        let attempt = receive
            .receive_request_attempt_id
            .filter(|_| queue.is_fifo());
        let poll = Poll {
            caller: from,
            until: now + seconds(wait),
            most: most.unwrap_or(1) as usize,
            visibility: seconds(visibility),
            attempt,
        };
        if let Some(attempt) = &poll.attempt
            && let Some(receipts) = queue.repeated(now, attempt)
        {
            return Ok(Some(self.repeat(now, id, &poll, &receipts)));
        }
        if queue.room() == 0 && !queue.is_fifo() && wait == 0 {
            let message = "The maximum number of in flight messages is reached.";
            return Err(Error::new(Code::OverLimit, message));
        }
        let reply = self.take(now, id, &poll, touched, out);
        let by = ClientId(from.client);
        match reply {
            Reply::Messages(messages) if messages.is_empty() && wait > 0 => {
                let queue = self.get_mut(id)?;
                queue.polls.push_back(poll);
                let queue = self.name(id);
                out.tell(Fact::WaitsForMessages { queue, by });
                Ok(None)
            }
            reply => {
                if reply == Reply::Messages(Vec::new()) {
                    let queue = self.name(id);
                    out.tell(Fact::ReceivedNothing { queue, by });
                }
                Ok(Some(reply))
            }
        }
    }

    /// Gives the messages of an earlier receive again.
    fn repeat(&mut self, now: Instant, id: QueueId, poll: &Poll, receipts: &[Receipt]) -> Reply {
        let Ok(queue) = self.get_mut(id) else {
            return Reply::Messages(Vec::new());
        };
        let mut taken = Taken::default();
        for receipt in receipts {
            let since = match queue
                .store
                .get(receipt.sequence)
                .map(|message| message.place)
            {
                Some(Place::InFlight { since, .. }) => since,
                _ => now,
            };
            let place = Place::InFlight {
                until: now + poll.visibility,
                since,
                by: poll.caller,
            };
            queue.store.put(receipt.sequence, place);
            let message = queue.store.get(receipt.sequence);
            if let Some(source) = message.and_then(|message| message.source) {
                taken.sources.push((taken.messages.len(), source));
            }
            taken.messages.extend(queue.received(receipt.sequence));
        }
        self.name_sources(&mut taken);
        Reply::Messages(taken.messages)
    }

    /// Says of messages that came from another queue, from which.
    fn name_sources(&self, taken: &mut Taken) {
        for (at, source) in &taken.sources {
            // Names never change: looking for one depends on no state.
            let named = self.queues.get(source.at());
            if let Some(message) = taken.messages.get_mut(*at) {
                message.source = named.map(|queue| arn::arn(&queue.peek().name));
            }
        }
    }

    /// Gives out messages; those received too often go to the dead-letter queue instead.
    fn take(
        &mut self,
        now: Instant,
        id: QueueId,
        poll: &Poll,
        touched: &mut VecDeque<QueueId>,
        out: &mut Out<Self>,
    ) -> Reply {
        let dead_letter_queue = self.dead_letter_queue(id);
        let Ok(queue) = self.get_mut(id) else {
            return Reply::Messages(Vec::new());
        };
        let name = queue.name.clone();
        let poll = Poll {
            most: poll.most.min(queue.room()),
            ..poll.clone()
        };
        let limit = dead_letter_queue.map(|(_, limit)| limit);
        let mut taken = queue.take(now, &poll, limit);
        self.name_sources(&mut taken);
        if let Some((dead_letter_queue, _)) = dead_letter_queue
            && !taken.dead.is_empty()
        {
            self.bury(now, id, dead_letter_queue, taken.dead, out);
            touched.push_back(dead_letter_queue);
        }
        for message in &taken.messages {
            out.tell(Fact::Received {
                record: message.record,
                queue: name.clone(),
                by: ClientId(poll.caller.client),
                receive_count: message.receive_count,
            });
        }
        Reply::Messages(taken.messages)
    }

    /// Gives waiting receives of these queues, and of those where dead letters arrive, what has become
    /// visible.
    pub(super) fn serve(
        &mut self,
        now: Instant,
        mut touched: VecDeque<QueueId>,
        out: &mut Out<Self>,
    ) {
        // Queues can be each other's dead-letter queue: this ends all the same.
        let mut left = self.queues.len() * 2 + 2;
        while let Some(id) = touched.pop_front() {
            if left == 0 {
                return;
            }
            left -= 1;
            while let Some(poll) = self.ready_poll(id) {
                match self.take(now, id, &poll, &mut touched, out) {
                    Reply::Messages(messages) if messages.is_empty() => break,
                    reply => out.reply(poll.caller, reply),
                }
                if let Ok(queue) = self.get_mut(id) {
                    queue.polls.pop_front();
                }
            }
        }
    }

    /// The receive that has waited longest, if there is something for it.
    fn ready_poll(&self, id: QueueId) -> Option<Poll> {
        let queue = self.get(id)?;
        let poll = queue.polls.front()?;
        queue.store.first()?;
        Some(poll.clone())
    }
}
