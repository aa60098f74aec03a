//! The names, numbers and times of a group.

use super::{Generation, Group, Member, MemberId, State};
use crate::visit::{Counter, Visit, Visitor};

/// Generations of the group whose part is visited; 0 is before the first.
pub const GENERATION: Counter = Counter {
    kind: "generation",
    scope: 0,
};

/// The kind of the numbers in member ids; their scope is the client.
pub const MEMBER_ID: &str = "member id";

fn visit_member_id(client: u8, nth: &mut u16, visitor: &mut impl Visitor) {
    let counter = Counter {
        kind: MEMBER_ID,
        scope: client.into(),
    };
    let mut number = u64::from(*nth);
    visitor.counter(counter, &mut number);
    // Numbering anew makes numbers smaller, never larger.
    *nth = u16::try_from(number).unwrap_or(u16::MAX);
}

impl Visit for Generation {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        let mut number = u64::from(self.0);
        visitor.counter(GENERATION, &mut number);
        self.0 = u32::try_from(number).unwrap_or(u32::MAX);
    }
}

impl Visit for MemberId {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        visit_member_id(self.client, &mut self.nth, visitor);
        visitor.client(&mut self.client);
    }
}

impl Visit for Member {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        self.id.visit(visitor);
        self.subscription.generation.visit(visitor);
        self.session_ends.visit(visitor);
        self.joining.visit(visitor);
        self.syncing.visit(visitor);
    }
}

impl Visit for Group {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        if let State::PreparingRebalance { until, .. } = &mut self.state {
            until.visit(visitor);
        }
        self.generation.visit(visitor);
        self.leader.visit(visitor);
        self.members.visit(visitor);
        for (id, until) in &mut self.pending {
            id.visit(visitor);
            until.visit(visitor);
        }
        self.sync_ends.visit(visitor);
        self.emptied.visit(visitor);
        for (client, nth) in &mut self.ids_given {
            visit_member_id(*client, nth, visitor);
            visitor.client(client);
        }
    }
}
