//! Custody on RabbitMQ: the copy of a message in the queue of a subscription.

use super::Custody;
use super::queue::{Copy, custody};
use crate::cast::{Cast, ClientId, ProducerAction, RecordId};
use crate::fact::{Fact, Leg, process, rabbitmq};
use crate::trace::{FactId, Trace};
use std::sync::Arc;
use systems::broker::OutboxPlan;
use systems::kafka::GroupId;

/// Where a record is for the subscription with this queue, of all its copies: in which queue each is, in
/// whose hands, and whether it died in that of the subscription. One that is ready counts before one that is
/// with a client.
pub fn find<'a>(
    own: Option<&str>,
    copies: impl Iterator<Item = (&'a str, Option<ClientId>, bool)>,
) -> Copy {
    let mut found = Copy::Gone;
    for (queue, by, died_in_own) in copies {
        found = match (Some(queue) == own, by, found) {
            (true, None, _) => return Copy::Own(None),
            (true, Some(by), Copy::Own(Some(other))) => Copy::Own(Some(by.min(other))),
            (true, Some(by), _) => Copy::Own(Some(by)),
            (false, _, Copy::Gone) if died_in_own => Copy::Elsewhere,
            (false, ..) => found,
        };
    }
    found
}

/// A copy as the facts told of it.
struct Told {
    record: RecordId,
    queue: Arc<str>,
    /// With whom it is.
    by: Option<ClientId>,
    /// The queues it died in.
    died_in: Vec<Arc<str>>,
}

/// What the facts of a trace have told of queues.
#[derive(Default)]
pub struct Reader {
    copies: Vec<Told>,
    /// Dead letters on their way: which, to which queue, and where it died.
    letters: Vec<(RecordId, Arc<str>, Vec<Arc<str>>)>,
    /// What a queue has just refused: it dies there without having been in it.
    refused: Option<(RecordId, Arc<str>)>,
    /// What producers believe to be stored.
    known: Vec<(ClientId, RecordId)>,
    /// What was published and has not arrived, by the fact that told of it.
    under_way: Vec<(FactId, ClientId, RecordId)>,
}

impl Reader {
    /// Reads the next fact. Says whether it may have moved a record.
    pub fn read(&mut self, at: FactId, trace: &Trace) -> bool {
        let Some(entry) = trace.get(at) else {
            return false;
        };
        match &entry.fact {
            Fact::Rabbitmq(fact) => self.read_own(at, entry.cause.0, fact, trace.cast()),
            Fact::Process(process::Fact::ProducerCrashed { producer, .. }) => {
                self.under_way.retain(|(_, by, _)| by != producer);
                let plan = trace.cast().producer(*producer);
                if plan.again {
                    let sends = |record| plan.program.contains(&ProducerAction::Send(record));
                    self.known
                        .retain(|(by, record)| by != producer || !sends(*record));
                }
                true
            }
            Fact::Process(process::Fact::Crashed { consumer, .. }) => {
                let gone = ClientId::from(*consumer);
                self.under_way.retain(|(_, by, _)| *by != gone);
                true
            }
            _ => false,
        }
    }

    fn read_own(
        &mut self,
        at: FactId,
        cause: Option<FactId>,
        fact: &rabbitmq::Fact,
        cast: &Cast,
    ) -> bool {
        use rabbitmq::Fact as Told;
        match fact {
            Told::MethodSent {
                by,
                method,
                record: Some(record),
            } if &**method == "basic.publish" => {
                self.under_way.push((at, *by, *record));
                if let Some(OutboxPlan::Rabbitmq(plan)) = cast.outbox_of(*by)
                    && !plan.publisher.confirms
                {
                    self.known.push((*by, *record));
                }
            }
            Told::PublishConfirmed { by, record } => self.known.push((*by, *record)),
            Told::PublishLost {
                what: Leg::Request, ..
            }
            | Told::Routed { .. }
            | Told::Unroutable { .. } => self.arrived(cause),
            Told::Enqueued {
                record: Some(record),
                queue,
            } => {
                let died_in = self.letter(*record, queue).unwrap_or_default();
                self.add(*record, queue, died_in);
            }
            Told::PublishRejected {
                record: Some(record),
                queue,
            } => {
                self.letter(*record, queue);
                self.refused = Some((*record, Arc::clone(queue)));
            }
            Told::Delivered {
                record: Some(record),
                queue,
                client,
                auto_ack,
                ..
            } => match (self.position(*record, queue, None), auto_ack) {
                (Some(at), true) => drop(self.copies.remove(at)),
                (Some(at), false) => self.copies[at].by = Some(*client),
                (None, _) => {}
            },
            Told::Acknowledged {
                record: Some(record),
                queue,
                client,
            } => drop(self.take(*record, queue, Some(*client))),
            Told::Requeued {
                record: Some(record),
                queue,
                client,
            } => {
                if let Some(at) = self.position(*record, queue, Some(*client)) {
                    self.copies[at].by = None;
                }
            }
            Told::DeadLettered {
                record: Some(record),
                queue,
                queues,
                client,
                ..
            } => {
                let mut died_in = self.dies(*record, queue, *client);
                died_in.push(Arc::clone(queue));
                for to in queues {
                    let letter = (*record, Arc::clone(to), died_in.clone());
                    self.letters.push(letter);
                }
            }
            Told::Dropped {
                record: Some(record),
                queue,
                client,
                ..
            } => drop(self.dies(*record, queue, *client)),
            Told::QueuePurged { queue, .. } => {
                self.copies
                    .retain(|copy| copy.queue != *queue || copy.by.is_some());
            }
            Told::QueueDeleted { queue, .. } => self.copies.retain(|copy| copy.queue != *queue),
            _ => return false,
        }
        true
    }

    fn add(&mut self, record: RecordId, queue: &Arc<str>, died_in: Vec<Arc<str>>) {
        self.copies.push(Told {
            record,
            queue: Arc::clone(queue),
            by: None,
            died_in,
        });
    }

    /// What was published has arrived, or got lost: the fact's cause tells of the publish.
    fn arrived(&mut self, cause: Option<FactId>) {
        self.under_way.retain(|(at, ..)| Some(*at) != cause);
    }

    /// A dead letter that was on its way to a queue has come to it.
    fn letter(&mut self, record: RecordId, queue: &str) -> Option<Vec<Arc<str>>> {
        let mut letters = self.letters.iter();
        let at = letters.position(|(own, to, _)| *own == record && **to == *queue)?;
        Some(self.letters.remove(at).2)
    }

    /// A copy dies: where it had died before.
    fn dies(&mut self, record: RecordId, queue: &str, by: Option<ClientId>) -> Vec<Arc<str>> {
        let refused = self.refused.take();
        if refused.is_some_and(|(own, at)| own == record && *at == *queue) {
            return Vec::new();
        }
        let copy = self.take(record, queue, by);
        copy.map_or_else(Vec::new, |copy| copy.died_in)
    }

    fn position(&self, record: RecordId, queue: &str, by: Option<ClientId>) -> Option<usize> {
        let mut copies = self.copies.iter();
        copies.position(|copy| copy.record == record && *copy.queue == *queue && copy.by == by)
    }

    fn take(&mut self, record: RecordId, queue: &str, by: Option<ClientId>) -> Option<Told> {
        let at = self.position(record, queue, by)?;
        Some(self.copies.remove(at))
    }

    /// Where a record is, for one subscription.
    pub fn custody(&self, record: RecordId, of: GroupId, cast: &Cast) -> Custody {
        let own = cast.queue_of(of);
        let copies = self.copies.iter().filter(|copy| copy.record == record);
        let copy = find(
            own,
            copies.map(|copy| {
                let mut died_in = copy.died_in.iter();
                let is_own = died_in.any(|queue| Some(&**queue) == own);
                (&*copy.queue, copy.by, is_own)
            }),
        );
        let plan = &cast.records[record.at()];
        let is_under_way = self.under_way.iter().any(|(_, _, own)| *own == record);
        let known = !plan.sent || self.known.iter().any(|(_, one)| *one == record) && !is_under_way;
        custody(copy, plan, known)
    }
}
