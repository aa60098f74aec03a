//! What in a world is only a name, a number or a time: process numbers, member ids, generations,
//! due times. Somebody who compares worlds, or renames their consumers, visits them all.

use crate::broker::kafka::Caller;
use crate::broker::kafka::group::{Generation, MemberId};
use crate::cast::ConsumerId;
use crate::time::Instant;

/// Looks at names, numbers and times, and may change them.
pub(crate) trait Visitor {
    /// A point of time.
    fn instant(&mut self, _: &mut Instant) {}
    /// The number of a process, and so of its connections.
    fn process(&mut self, _of: u8, _number: &mut u16) {}
    /// The how-manieth member id of a client.
    fn nth(&mut self, _of: u8, _nth: &mut u16) {}
    /// A generation of the group whose part is visited.
    fn generation(&mut self, _generation: &mut Generation) {}
    /// A client. Visited after the numbers that belong to it.
    fn client(&mut self, _: &mut u8) {}
}

/// Something that has names, numbers or times in it.
pub(crate) trait Visit {
    /// Shows all of them.
    fn visit(&mut self, visitor: &mut impl Visitor);
}

impl Visit for MemberId {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        visitor.nth(self.client, &mut self.nth);
        visitor.client(&mut self.client);
    }
}

impl Visit for Caller {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        visitor.process(self.client, &mut self.connection);
        visitor.client(&mut self.client);
    }
}

impl Visit for ConsumerId {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        visitor.client(&mut self.0);
    }
}

impl Visit for Instant {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        visitor.instant(self);
    }
}

impl<T: Visit> Visit for Option<T> {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        if let Some(inner) = self {
            inner.visit(visitor);
        }
    }
}

impl<T: Visit> Visit for Vec<T> {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        for inner in self {
            inner.visit(visitor);
        }
    }
}

/// A pair of which only the first has anything to visit.
impl<T: Visit, U> Visit for (T, U) {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        self.0.visit(visitor);
    }
}
