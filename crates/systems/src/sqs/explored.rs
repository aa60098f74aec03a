//! The queues as those who explore them see them: the numbers in them that only grow.

use super::Sqs;
use super::queue::Queue;
use crate::parts::Grows;
use crate::visit::{Visit, Visitor};

/// One scope: a message that is moved keeps its id, so the numbers of one queue stand in others.
impl Grows for Sqs {
    fn scopes(&self) -> u8 {
        1
    }

    fn is_within(&self, _: u8, _: u8) -> bool {
        true
    }

    fn grown(&self, _: u8) -> u64 {
        self.queues.iter().map(|slot| slot.peek().grown()).sum()
    }

    fn look_at(&self, _: u8, visitor: &mut impl Visitor) {
        for slot in &self.queues {
            Queue::clone(slot).visit(visitor);
        }
    }

    fn visit_scope(&mut self, _: u8, visitor: &mut impl Visitor) {
        for slot in &mut self.queues {
            slot.visit(visitor);
        }
    }

    fn touch(&self) {
        self.queues.iter().for_each(explore::slot::Slot::touch);
    }
}
