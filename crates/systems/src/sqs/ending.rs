//! What ends by itself: visibility time-outs, delays, retention periods, waits.

use super::message::Place;
use super::queue::Poll;
use super::receipt::Receipt;
use super::reply::Reply;
use super::{Fact, QueueId, Sqs};
use crate::party::{Caller, ClientId};
use crate::server::Out;
use explore::time::Instant;

impl Sqs {
    /// A visibility time-out is over: the message can be received again.
    pub(super) fn end_visibility(
        &mut self,
        receipt: Receipt,
        out: &mut Out<Self>,
    ) -> Option<QueueId> {
        let queue = self.get(receipt.queue)?;
        let message = queue.store.get(receipt.sequence)?;
        let Place::InFlight { by, .. } = message.place else {
            return None;
        };
        if message.latest_receipt != Some(receipt.number) {
            return None;
        }
        out.tell(Fact::VisibilityEnded {
            record: message.record,
            queue: queue.name.clone(),
            held_by: ClientId(by.client),
        });
        let queue = self.get_mut(receipt.queue).ok()?;
        queue.store.put(receipt.sequence, Place::Visible);
        Some(receipt.queue)
    }

    /// A delay is over.
    pub(super) fn end_delay(
        &mut self,
        id: QueueId,
        sequence: u64,
        out: &mut Out<Self>,
    ) -> Option<QueueId> {
        let queue = self.get_mut(id).ok()?;
        let message = queue.store.get(sequence)?;
        if !matches!(message.place, Place::Delayed { .. }) {
            return None;
        }
        out.tell(Fact::DelayEnded {
            record: message.record,
            queue: queue.name.clone(),
        });
        queue.store.put(sequence, Place::Visible);
        Some(id)
    }

    /// A message is older than the retention period.
    pub(super) fn expire(&mut self, id: QueueId, sequence: u64, out: &mut Out<Self>) {
        if let Ok(queue) = self.get_mut(id)
            && let Some(message) = queue.store.remove(sequence)
        {
            queue.forget_attempts(sequence);
            out.tell(Fact::Expired {
                record: message.record,
                queue: queue.name.clone(),
            });
        }
    }

    /// A receive has waited long enough.
    pub(super) fn end_wait(
        &mut self,
        id: QueueId,
        caller: Caller,
        until: Instant,
        out: &mut Out<Self>,
    ) {
        let Ok(queue) = self.get_mut(id) else { return };
        let is_it = |poll: &Poll| poll.caller == caller && poll.until == until;
        if let Some(at) = queue.polls.iter().position(is_it) {
            queue.polls.remove(at);
            let name = queue.name.clone();
            out.tell(Fact::ReceivedNothing {
                queue: name,
                by: ClientId(caller.client),
            });
            out.reply(caller, Reply::Messages(Vec::new()));
        }
    }
}
