//! What in a subscription is only a name, a number or a time.

use super::{Holder, Standing, Subscription};
use crate::pubsub::message::{MESSAGE_IDS, deliveries_of};
use crate::visit::{Visit, Visitor};
use explore::time::Instant;
use std::collections::BTreeSet;
use std::sync::Arc;

impl Visit for Standing {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        match self {
            Standing::Waiting | Standing::Ahead => {}
            Standing::Delayed { until } => until.visit(visitor),
            Standing::InFlight { until, holder } => {
                until.visit(visitor);
                match holder {
                    Holder::Pull(caller) | Holder::Stream(caller) | Holder::Endpoint(caller) => {
                        caller.visit(visitor);
                    }
                }
            }
        }
    }
}

fn visit_ids(ids: &mut BTreeSet<u64>, visitor: &mut impl Visitor) {
    let visited = |mut id: u64| {
        visitor.counter(MESSAGE_IDS, &mut id);
        id
    };
    *ids = std::mem::take(ids).into_iter().map(visited).collect();
}

fn visit_times(times: &mut BTreeSet<(Instant, u64)>, visitor: &mut impl Visitor) {
    let visited = |(mut at, mut id): (Instant, u64)| {
        at.visit(visitor);
        visitor.counter(MESSAGE_IDS, &mut id);
        (at, id)
    };
    *times = std::mem::take(times).into_iter().map(visited).collect();
}

impl Visit for Subscription {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        let deliveries = deliveries_of(self.number);
        visitor.counter(deliveries, &mut self.last_delivery);
        for all in [&mut self.entries, &mut self.acknowledged] {
            for (mut id, mut entry) in std::mem::take(all).into_things() {
                visitor.counter(MESSAGE_IDS, &mut id);
                Arc::make_mut(&mut entry.message).visit(visitor);
                entry.standing.visit(visitor);
                if let Some(delivery) = &mut entry.delivery {
                    visitor.counter(deliveries, delivery);
                }
                all.insert(id, entry);
            }
        }
        visit_ids(&mut self.ready, visitor);
        let leases = self.in_flight.iter().map(|(mut until, mut id)| {
            until.visit(visitor);
            visitor.counter(MESSAGE_IDS, &mut id);
            (until, id)
        });
        self.in_flight = leases.collect();
        visit_times(&mut self.delayed, visitor);
        for line in self.lines.values_mut() {
            let ids = line.members.iter_mut().chain(line.outstanding.iter_mut());
            ids.for_each(|id| visitor.counter(MESSAGE_IDS, id));
            line.holder.visit(visitor);
        }
        for stream in self.streams.iter_mut() {
            visit_ids(&mut stream.next, visitor);
            stream.caller.visit(visitor);
        }
        for pull in &mut self.pulls {
            pull.until.visit(visitor);
            pull.caller.visit(visitor);
        }
        self.backoff.until.visit(visitor);
    }
}
