//! Who held which message of a queue when: from its delivery to its acknowledgement, or until the queue has it
//! back.

use crate::stage::figure::Seen;
use crate::stage::figure::leases::{Event, Happening, Leases, Noun};
use engine::systems::rabbitmq::Fact;
use engine::{Cast, Instant, RecordId};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How long a story lasts at least that is drawn to scale.
const SHORTEST: Instant = Instant(1_000_000);

/// The deliveries of a story, counted while its facts are read in order.
pub struct Deliveries<'a> {
    cast: &'a Cast,
    /// How often a queue has delivered a message.
    counts: BTreeMap<(Arc<str>, RecordId), u32>,
}

impl<'a> Deliveries<'a> {
    /// Before the first fact.
    pub fn new(cast: &'a Cast) -> Self {
        Deliveries {
            cast,
            counts: BTreeMap::new(),
        }
    }

    /// What the next fact means for deliveries; nothing where it means none. What counts as acknowledged when it
    /// is sent is held by nobody.
    pub fn happening(
        &mut self,
        at: Instant,
        position: Option<usize>,
        fact: &Fact,
    ) -> Option<Happening> {
        let (queue, event) = match fact {
            Fact::Delivered {
                record: Some(record),
                queue,
                client,
                redelivered: _,
                auto_ack: false,
            } => {
                let count = self.counts.entry((Arc::clone(queue), *record)).or_default();
                *count += 1;
                let (who, record, nth) = (*client, *record, *count);
                (Arc::clone(queue), Event::Leased { who, record, nth })
            }
            Fact::GivenBack {
                consumer,
                record,
                requeue: _,
            } => {
                let plan = self.cast.consumers.get(consumer.at())?;
                (plan.queue()?.into(), Event::GivenBack(*record))
            }
            Fact::Acknowledged {
                record: Some(record),
                queue,
                client: _,
            } => (Arc::clone(queue), Event::Settled(*record)),
            // One that was given back has ended already.
            Fact::Requeued {
                record: Some(record),
                queue,
                client: _,
            } => (Arc::clone(queue), Event::Over(*record)),
            _ => return None,
        };
        Some(Happening {
            at,
            position,
            queue: Some(queue),
            event,
        })
    }
}

/// Who held messages of this queue when.
pub fn leases(queue: &str, seen: &Seen<'_>, story: &[Happening]) -> Option<Leases> {
    let here = |happening: &&Happening| happening.queue.as_ref().is_none_or(|of| **of == *queue);
    let story: Vec<Happening> = story.iter().filter(here).cloned().collect();
    // What is over within a moment has no bars to be seen.
    story.iter().find(|happening| happening.at >= SHORTEST)?;
    // A delivery has no end of its own.
    Leases::of(&story, (queue, Noun::Delivery), seen, &|_| None)
}
