//! Deliveries that are not done: handed to an endpoint, waiting for a retry, or behind an earlier
//! message of their group.
//!
//! S38. To one subscription of a FIFO topic the messages of a group are delivered one after the
//! other; while one is tried again, the later ones wait. Other groups, and other subscriptions, go on.
//! Source: SNS developer guide, "Message delivery for FIFO topics". Shown by: the test
//! `a_group_waits_for_its_first_message`.
//!
//! S39. An endpoint that has not answered after 15 seconds counts as failed with a server-side
//! error. Source: SNS developer guide, "Make sure your endpoint is ready to process Amazon SNS
//! messages". Shown by: the test `an_endpoint_that_does_not_answer_has_failed`.
//!
//! Simplified: the 15 seconds are documented for HTTP and HTTPS; here queues and functions have them
//! too.

use crate::numbered::Numbered;
use crate::sns::delivery::{Delivery, DeliveryId};
use crate::visit::{Visit, Visitor};
use explore::time::{Instant, Span};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// How long an endpoint has to answer.
pub const ANSWER_TIME: Span = Span::from_ms(15_000);

/// A subscription's ARN and a message group: within them the order is kept.
pub type Lane = (Arc<str>, Arc<str>);

/// Where a delivery is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// The endpoint has it, and has to answer by then.
    Handed(Instant),
    /// It will be tried again at this instant.
    Waiting(Instant),
    /// It is behind an earlier message of its group.
    Behind,
}

impl State {
    const fn due(self) -> Option<Instant> {
        match self {
            State::Handed(at) | State::Waiting(at) => Some(at),
            State::Behind => None,
        }
    }
}

/// A delivery that is not done.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Outgoing {
    /// The last attempt, or the first if there has been none.
    pub delivery: Delivery,
    /// Where it is.
    pub state: State,
    /// Within what the order is kept, on FIFO topics.
    pub lane: Option<Lane>,
}

/// All deliveries that are not done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Outbox {
    last: DeliveryId,
    /// By their numbers.
    outgoing: Numbered<Outgoing>,
    /// When which of them is due.
    due: BTreeSet<(Instant, DeliveryId)>,
    /// The deliveries of each group in their order; only the first is on its way.
    lanes: BTreeMap<Lane, VecDeque<DeliveryId>>,
}

impl Outbox {
    /// Takes a delivery; gives it back, with its number, if it can be handed over now.
    pub fn send(
        &mut self,
        now: Instant,
        mut delivery: Delivery,
        lane: Option<Lane>,
    ) -> Option<Delivery> {
        self.last = DeliveryId(self.last.0.saturating_add(1));
        let id = self.last;
        delivery.id = id;
        let is_first = match &lane {
            None => true,
            Some(lane) => {
                let before = self.lanes.entry(lane.clone()).or_default();
                before.push_back(id);
                before.len() == 1
            }
        };
        let outgoing = Outgoing {
            delivery,
            state: State::Behind,
            lane,
        };
        self.outgoing.insert(id.0, outgoing);
        if is_first {
            self.hand_over(now, id)
        } else {
            None
        }
    }

    /// The delivery of this number, if it is not done.
    pub fn get(&self, id: DeliveryId) -> Option<&Outgoing> {
        self.outgoing.get(id.0)
    }

    /// All deliveries that are not done, in the order in which they came to be.
    pub fn iter(&self) -> impl Iterator<Item = &Outgoing> {
        self.outgoing.values()
    }

    /// Lets a delivery wait for its next attempt.
    pub fn wait(&mut self, id: DeliveryId, until: Instant) {
        self.set(id, State::Waiting(until));
    }

    /// The next attempt of a delivery.
    pub fn again(&mut self, now: Instant, id: DeliveryId) -> Option<Delivery> {
        let outgoing = self.outgoing.get_mut(id.0)?;
        outgoing.delivery.attempt = outgoing.delivery.attempt.saturating_add(1);
        self.hand_over(now, id)
    }

    /// Takes a delivery out that is done, and gives the next one of its group.
    pub fn done(&mut self, now: Instant, id: DeliveryId) -> Option<Delivery> {
        let outgoing = self.remove(id)?;
        let lane = outgoing.lane?;
        let behind = self.lanes.get_mut(&lane)?;
        if behind.front() == Some(&id) {
            behind.pop_front();
        }
        match behind.front().copied() {
            Some(next) => self.hand_over(now, next),
            None => {
                self.lanes.remove(&lane);
                None
            }
        }
    }

    /// Takes out all deliveries of a subscription.
    pub fn forget(&mut self, subscription: &str) {
        let of = |outgoing: &&Outgoing| *outgoing.delivery.subscription == *subscription;
        let ids: Vec<DeliveryId> = self.iter().filter(of).map(|out| out.delivery.id).collect();
        for id in ids {
            self.remove(id);
        }
        self.lanes.retain(|(of, _), _| **of != *subscription);
    }

    /// What is due when, the earliest first.
    pub fn dues(&self) -> impl Iterator<Item = (Instant, &Outgoing)> {
        let find = |(at, id): &(Instant, DeliveryId)| Some((*at, self.outgoing.get(id.0)?));
        self.due.iter().filter_map(find)
    }

    fn remove(&mut self, id: DeliveryId) -> Option<Outgoing> {
        let outgoing = self.outgoing.remove(id.0)?;
        if let Some(at) = outgoing.state.due() {
            self.due.remove(&(at, id));
        }
        Some(outgoing)
    }

    fn hand_over(&mut self, now: Instant, id: DeliveryId) -> Option<Delivery> {
        self.set(id, State::Handed(now + ANSWER_TIME));
        let outgoing = self.outgoing.get(id.0)?;
        Some(outgoing.delivery.clone())
    }

    fn set(&mut self, id: DeliveryId, state: State) {
        if let Some(outgoing) = self.outgoing.get_mut(id.0) {
            if let Some(at) = outgoing.state.due() {
                self.due.remove(&(at, id));
            }
            outgoing.state = state;
            if let Some(at) = state.due() {
                self.due.insert((at, id));
            }
        }
    }
}

impl Visit for Outbox {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        self.last.visit(visitor);
        let mut names = BTreeMap::new();
        self.due.clear();
        for (old, mut outgoing) in std::mem::take(&mut self.outgoing).into_things() {
            outgoing.delivery.visit(visitor);
            match &mut outgoing.state {
                State::Handed(at) | State::Waiting(at) => at.visit(visitor),
                State::Behind => {}
            }
            let new = outgoing.delivery.id;
            names.insert(DeliveryId(old), new);
            self.due.extend(outgoing.state.due().map(|at| (at, new)));
            self.outgoing.insert(new.0, outgoing);
        }
        for id in self.lanes.values_mut().flatten() {
            *id = names.get(id).copied().unwrap_or(*id);
        }
    }
}
