//! The broker as a [`Server`]: what the world around it needs to know.

use super::group::visit::MEMBER_ID;
use super::group::{self, MemberId};
use super::housekeeping::Upkeep;
use super::transaction::{self, TransactionalId};
use super::{Broker, Caller, Fact, GroupId, Out, Partition, Request, Response};
use crate::party::ClientId;
use crate::server::{About, Holder, Server, Wait, Wire};
use crate::visit::Counter;
use explore::time::Instant;

/// What the broker will do by itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Due {
    /// A group coordinator's patience ends.
    Group(GroupId, group::Deadline),
    /// The coordinator of transactions writes markers, or its patience ends.
    Transaction(TransactionalId, transaction::Deadline),
    /// A log is looked after.
    Log(Partition, Upkeep),
}

impl Server for Broker {
    type Request = Request;
    type Reply = Response;
    type Due = Due;
    type Fact = Fact;

    fn handle(&mut self, now: Instant, from: Caller, request: Request, out: &mut Out) {
        Broker::handle(self, now, from, request, out);
    }

    /// Each group's coordinator, then the coordinator of transactions, then whoever looks after the logs.
    fn parties(&self) -> u8 {
        self.group_count() as u8 + 2
    }

    fn dues(&self, party: u8, each: &mut dyn FnMut(Instant, Due)) {
        if usize::from(party) < self.group_count() {
            let group = GroupId(party);
            let own = self.group_deadlines(group);
            own.for_each(|(at, deadline)| each(at, Due::Group(group, deadline)));
        } else if usize::from(party) == self.group_count() {
            let own = self.transaction_deadlines();
            own.for_each(|(at, id, deadline)| each(at, Due::Transaction(id, deadline)));
        } else {
            let own = self.upkeep();
            own.for_each(|(at, partition, upkeep)| each(at, Due::Log(partition, upkeep)));
        }
    }

    /// As it is worked out of all of them, in the same order, without handing any of them on.
    fn next_due(&self) -> Option<(Instant, Due)> {
        let of_groups = self.deadlines().min_by_key(|(at, ..)| *at);
        let of_groups = of_groups.map(|(at, group, deadline)| (at, Due::Group(group, deadline)));
        let of_transactions = self.transaction_deadlines().min_by_key(|(at, ..)| *at);
        let of_transactions =
            of_transactions.map(|(at, id, deadline)| (at, Due::Transaction(id, deadline)));
        let of_logs = self.upkeep().min_by_key(|(at, ..)| *at);
        let of_logs = of_logs.map(|(at, partition, upkeep)| (at, Due::Log(partition, upkeep)));
        // Of several at one instant the first of these.
        let all = [of_groups, of_transactions, of_logs].into_iter().flatten();
        all.min_by_key(|(at, _)| *at)
    }

    fn fire(&mut self, now: Instant, due: Due, out: &mut Out) {
        match due {
            Due::Group(group, deadline) => self.expire(now, group, deadline, out),
            Due::Transaction(id, deadline) => self.expire_transaction(now, id, deadline, out),
            Due::Log(partition, upkeep) => self.look_after(now, partition, upkeep, out),
        }
    }

    fn disconnect(&mut self, _: Instant, gone: Caller, _: &mut Out) {
        self.forget_fetches_of(gone);
    }

    fn waits_for(&self, due: &Due) -> Wait {
        match due {
            Due::Group(_, group::Deadline::Session(member) | group::Deadline::Pending(member)) => {
                Wait::Life(holder(*member))
            }
            Due::Group(_, group::Deadline::Rebalance | group::Deadline::Sync)
            | Due::Transaction(..)
            | Due::Log(..) => Wait::Nobody,
        }
    }
}

/// Who keeps a member id alive.
fn holder(member: MemberId) -> Holder {
    let counter = Counter {
        kind: MEMBER_ID,
        scope: member.client.into(),
    };
    Holder {
        client: ClientId(member.client),
        holds: Some((counter, member.nth.into())),
    }
}

impl Wire for Request {
    fn is_upkeep(&self) -> bool {
        matches!(self, Request::Heartbeat { .. })
    }

    /// Only what a producer asks: everything else travels on a connection whose loss the scene tells
    /// as a crash.
    fn can_be_lost(&self) -> bool {
        matches!(self, Request::Producer(_))
    }

    fn about(&self) -> About {
        match self {
            Request::OffsetCommit { .. } => About::Settling(Vec::new()),
            _ => About::Nothing,
        }
    }
}

impl Wire for Response {
    fn is_upkeep(&self) -> bool {
        matches!(self, Response::HeartbeatAnswered(Ok(())))
    }

    fn can_be_lost(&self) -> bool {
        matches!(self, Response::Producer(_))
    }

    fn about(&self) -> About {
        match self {
            Response::Fetched(pieces) => {
                let pieces = pieces
                    .iter()
                    .filter_map(|(_, _, piece)| piece.as_ref().ok());
                let records = pieces.flat_map(|piece| &piece.records);
                About::Records(records.map(|placed| placed.record).collect())
            }
            Response::CommitAnswered(_) => About::Settling(Vec::new()),
            _ => About::Nothing,
        }
    }
}
