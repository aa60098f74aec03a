//! The names, numbers and times of a group.

use super::{Group, Member, State};
use crate::visit::{Visit, Visitor};

impl Visit for Member {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        self.id.visit(visitor);
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
        visitor.generation(&mut self.generation);
        self.leader.visit(visitor);
        self.members.visit(visitor);
        for (id, until) in &mut self.pending {
            id.visit(visitor);
            until.visit(visitor);
        }
        self.sync_ends.visit(visitor);
        for (client, nth) in &mut self.ids_given {
            visitor.nth(*client, nth);
            visitor.client(client);
        }
    }
}
