//! The broker as those who explore it see it: the numbers in it that only grow.

use super::{Broker, Connections, Queues};
use crate::parts::Grows;
use crate::visit::{Visit, Visitor};

/// One scope: deliveries of one channel come from several queues, and a channel counts them together.
impl Grows for Broker {
    fn scopes(&self) -> u8 {
        1
    }

    fn is_within(&self, _: u8, _: u8) -> bool {
        true
    }

    fn grown(&self, _: u8) -> u64 {
        let queues = self.queues.peek().by_name.values();
        let channels = self.connections.peek().channels();
        let positions: u64 = queues.map(|queue| queue.position).sum();
        let given = channels.map(|(_, one)| one.delivery_tag + one.confirms.unwrap_or(0));
        positions + given.sum::<u64>()
    }

    fn look_at(&self, _: u8, visitor: &mut impl Visitor) {
        Queues::clone(&self.queues).visit(visitor);
        Connections::clone(&self.connections).visit(visitor);
    }

    fn visit_scope(&mut self, _: u8, visitor: &mut impl Visitor) {
        self.queues.visit(visitor);
        self.connections.visit(visitor);
    }

    fn touch(&self) {
        self.exchanges.touch();
        self.queues.touch();
        self.connections.touch();
    }
}
