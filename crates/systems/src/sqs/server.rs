//! Amazon SQS as a server of a scene: requests come in, what is due is announced and done.

use super::{Due, Fact, ReceiptHandle, Reply, Request, Sqs};
use crate::WHOLE;
use crate::party::{Caller, ClientId};
use crate::record::RecordId;
use crate::server::{Holder, Out, Server, Wait};
use explore::time::Instant;
use std::collections::VecDeque;

/// What a request that is one message is about.
fn record_of(request: &Request) -> Option<RecordId> {
    match request {
        Request::SendMessage { message, .. } => message.record,
        Request::DeleteMessage { handle, .. } | Request::ChangeMessageVisibility { handle, .. } => {
            match handle {
                ReceiptHandle::Issued(receipt) => receipt.record,
                ReceiptHandle::Text(_) => None,
            }
        }
        _ => None,
    }
}

impl Server for Sqs {
    type Request = Request;
    type Reply = Reply;
    type Due = Due;
    type Fact = Fact;

    fn handle(&mut self, now: Instant, from: Caller, request: Request, out: &mut Out<Self>) {
        let record = record_of(&request);
        let mut touched = VecDeque::new();
        match self.answer(now, from, request, &mut touched, out) {
            Ok(Some(reply)) => out.reply(from, reply),
            Ok(None) => {}
            Err(error) => {
                Sqs::tell_refused(from, record, &error, out);
                out.reply(from, Reply::Refused(error));
            }
        }
        self.serve(now, touched, out);
    }

    fn dues(&self, _party: u8, each: &mut dyn FnMut(Instant, Due)) {
        for queue in self.queues() {
            for (until, sequence, by) in queue.store.ends_of_visibility() {
                if let Some(receipt) = queue.latest_receipt(sequence) {
                    each(until, Due::VisibilityEnds { receipt, by });
                }
            }
            for (until, sequence) in queue.store.ends_of_delays() {
                let queue = queue.id;
                each(until, Due::DelayEnds { queue, sequence });
            }
            queue.other_dues(each);
        }
    }

    fn next_due(&self) -> Option<(Instant, Due)> {
        let mut first: Option<(Instant, Due)> = None;
        let mut offer = |at: Instant, due: Due| {
            if first.as_ref().is_none_or(|(earliest, _)| at < *earliest) {
                first = Some((at, due));
            }
        };
        for queue in self.queues() {
            if let Some((until, sequence, by)) = queue.store.ends_of_visibility().next()
                && let Some(receipt) = queue.latest_receipt(sequence)
            {
                offer(until, Due::VisibilityEnds { receipt, by });
            }
            if let Some((until, sequence)) = queue.store.ends_of_delays().next() {
                let queue = queue.id;
                offer(until, Due::DelayEnds { queue, sequence });
            }
            queue.other_dues(&mut offer);
        }
        first
    }

    fn fire(&mut self, now: Instant, due: Due, out: &mut Out<Self>) {
        let mut touched = VecDeque::new();
        match due {
            Due::VisibilityEnds { receipt, .. } => {
                touched.extend(self.end_visibility(receipt, out));
            }
            Due::DelayEnds { queue, sequence } => {
                touched.extend(self.end_delay(queue, sequence, out));
            }
            Due::Expires { queue, sequence } => {
                self.expire(queue, sequence, out);
                // A message in flight that is lost frees its group.
                touched.push_back(queue);
            }
            Due::WaitEnds {
                queue,
                caller,
                until,
            } => self.end_wait(queue, caller, until, out),
            Due::Moves { queue } if WHOLE => touched.extend(self.go_on_moving(now, queue, out)),
            // Nobody has had messages moved.
            Due::Moves { .. } => {}
        }
        self.serve(now, touched, out);
    }

    fn disconnect(&mut self, _now: Instant, gone: Caller, _out: &mut Out<Self>) {
        for queue in &mut self.queues {
            if queue.polls.iter().any(|poll| poll.caller == gone) {
                queue.polls.retain(|poll| poll.caller != gone);
            }
        }
    }

    fn waits_for(&self, due: &Due) -> Wait {
        match due {
            Due::VisibilityEnds { receipt, by } => Wait::Work(Holder {
                client: ClientId(by.client),
                holds: Some((receipt.queue.receipts(), receipt.number)),
            }),
            _ => Wait::Nobody,
        }
    }
}
